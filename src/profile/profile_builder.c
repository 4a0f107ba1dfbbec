#include "profile/profile_builder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

int profile_builder_new(struct viewer_id viewer, struct profile_builder **ret, struct mq_error *err)
{
    struct profile_builder *b = calloc(1, sizeof(*b));
    if (!b)
        return mq_fail(err, MQ_NO_MEMORY, "profile: viewer %u: free memory and try again",
                       viewer.v);
    b->viewer = viewer;
    b->offset_min = OFFSET_NONE;
    *ret = b;
    return 0;
}

void profile_builder_free(struct profile_builder *b)
{
    if (!b)
        return;
    title_states_release(&b->titles);
    free(b->sessions);
    free(b->habits);
    free(b);
}

size_t profile_builder_memory(const struct profile_builder *b)
{
    size_t blocks = 1 + (b->titles.v != NULL) + (b->titles.spans != NULL) + (b->sessions != NULL) +
                    (b->habits != NULL);
    return sizeof(*b) + title_states_memory(&b->titles) + b->cap_sessions * sizeof(*b->sessions) +
           b->n_habits * sizeof(*b->habits) + blocks * BLOCK_OVERHEAD;
}

uint32_t profile_seconds(int64_t at_ms)
{
    int64_t s = at_ms / 1000;
    return s <= 0 ? 0 : s < UINT32_MAX ? (uint32_t)s : UINT32_MAX;
}

static int no_memory(const struct profile_builder *b, struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "profile: viewer %u: free memory and try again", b->viewer.v);
}

/* The habits are few for most viewers, and 50 at most: no need for a table. */
static int count_cell(struct profile_builder *b, unsigned cell, struct mq_error *err)
{
    unsigned i = 0;
    while (i < b->n_habits && b->habits[i] >> HABIT_BITS != cell)
        i++;
    if (i == b->n_habits) {
        uint32_t *habits = realloc(b->habits, (i + 1) * sizeof(*habits));
        if (!habits)
            return no_memory(b, err);
        b->habits = habits;
        b->habits[b->n_habits++] = cell << HABIT_BITS;
    }
    if ((b->habits[i] + 1) >> HABIT_BITS == cell)
        b->habits[i]++;
    return 0;
}

static int count_habit(struct profile_builder *b, const struct event *e, struct mq_error *err)
{
    unsigned device = e->context.device < DEVICES ? e->context.device : DEVICE_OTHER;
    unsigned daypart = (unsigned)daypart_at(e->at_ms, b->offset_min);
    int rc = count_cell(b, daypart * DEVICES + device, err);
    if (rc == 0 && weekend_at(e->at_ms, b->offset_min))
        rc = count_cell(b, HABIT_WEEKEND + daypart, err);
    return rc;
}

static uint32_t session_key(struct str session)
{
    if (session.n == 0)
        return 0;
    uint32_t h = (uint32_t)hash_str(session, 0);
    return h ? h : 1;
}

static bool is_over(const struct open_session *s, int64_t now_ms)
{
    return now_ms - s->machine.t > SESSION_SILENCE_MS;
}

static void drop_session(struct profile_builder *b, unsigned i)
{
    b->n_sessions--;
    memmove(b->sessions + i, b->sessions + i + 1, (b->n_sessions - i) * sizeof(*b->sessions));
}

/* Sessions that are over go; of PROFILE_SESSIONS_MAX the one silent longest goes too. */
static void make_room(struct profile_builder *b, int64_t now_ms)
{
    for (unsigned i = b->n_sessions; i-- > 0;)
        if (is_over(&b->sessions[i], now_ms))
            drop_session(b, i);
    if (b->n_sessions < PROFILE_SESSIONS_MAX)
        return;
    unsigned oldest = 0;
    for (unsigned i = 1; i < b->n_sessions; i++)
        if (b->sessions[i].machine.t < b->sessions[oldest].machine.t)
            oldest = i;
    drop_session(b, oldest);
}

/* The event's session, opened when it is not followed; NULL without memory. */
static struct open_session *session_of(struct profile_builder *b, const struct event *e,
                                       int64_t runtime_ms)
{
    uint32_t key = session_key(e->session);
    for (unsigned i = 0; i < b->n_sessions; i++) {
        struct open_session *s = &b->sessions[i];
        if (s->title != e->title_id.v || s->key != key)
            continue;
        if (session_goes_on(&s->machine, e))
            return s;
        drop_session(b, i);
        break;
    }
    make_room(b, e->at_ms);
    if (b->n_sessions == b->cap_sessions) {
        struct open_session *v = realloc(b->sessions, (b->cap_sessions + 1u) * sizeof(*v));
        if (!v)
            return NULL;
        b->sessions = v;
        b->cap_sessions++;
    }
    struct open_session *s = &b->sessions[b->n_sessions++];
    *s = (struct open_session){.title = e->title_id.v, .key = key};
    session_init(&s->machine, runtime_ms, session_start_plays(e->source));
    return s;
}

/* Jumps over a recap or an intro (out of the first tenth) and into the credits (the last tenth, or as far as
 * there is) say nothing of the title; nor do jumps ahead where no runtime tells what they are. */
static void count_jump(struct title_state *s, int64_t from, int64_t jump)
{
    int64_t runtime_ms = s->runtime_min * INT64_C(60000);
    if (jump < 0) {
        if (s->rewinds < UINT8_MAX)
            s->rewinds++;
    } else if (jump > 0) {
        bool recap = from < runtime_ms / 10;
        bool credits = jump > runtime_ms || from + jump >= runtime_ms / 10 * 9;
        if (!recap && !credits && s->skips < UINT8_MAX)
            s->skips++;
    }
}

static void open_sitting(struct title_state *s, const struct event *e)
{
    if (s->sessions == 0) {
        s->device = e->context.device < DEVICES ? e->context.device : DEVICE_OTHER;
        if (e->autoplay == 1)
            s->flags |= SIGNAL_AUTOPLAY;
        else if (s->chosen_s == 0)
            s->chosen_s = profile_seconds(e->at_ms);
    }
    if (s->sessions < UINT16_MAX)
        s->sessions++;
}

/* Finished: it says so, nine tenths of it were seen, or it was played to there with half of it seen
 * (recap and introduction skipped, left at the credits). */
static void note_finish(struct profile_builder *b, struct title_state *s, const struct event *e,
                        const struct session_step *step)
{
    uint64_t runtime_ms = s->runtime_min * UINT64_C(60000);
    bool whole = runtime_ms && (uint64_t)s->content_ms * 10 >= runtime_ms * 9;
    bool credits = runtime_ms && step->from < step->to &&
                   (uint64_t)step->to * 10 >= runtime_ms * 9 &&
                   (uint64_t)s->content_ms * 2 >= runtime_ms;
    if (e->kind == EVENT_COMPLETE || whole || credits)
        s->flags |= SIGNAL_FINISHED | SIGNAL_PLAYED;
    if (whole) {
        s->flags |= TITLE_STATE_WHOLE;
        title_states_forget_spans(&b->titles, s);
    }
}

static int take_playback(struct profile_builder *b, struct title_state *s, const struct event *e,
                         const struct catalogue *c, struct mq_error *err)
{
    if (c && s->title < c->n_titles) {
        s->runtime_min = c->titles[s->title].runtime_min;
        s->kind = c->titles[s->title].kind;
    }
    struct open_session *session = session_of(b, e, s->runtime_min * INT64_C(60000));
    if (!session)
        return no_memory(b, err);
    struct session_step step;
    enum attention attention = attention_feed(&b->attention, &session->attention, e);
    session_feed(&session->machine, e, &step);
    if (!step.taken)
        return 0;
    s->last_s = profile_seconds(e->at_ms);
    s->position_s = profile_seconds(session->machine.pos);
    if (step.opened) {
        open_sitting(s, e);
        int rc = count_habit(b, e, err);
        if (rc)
            return rc;
    }
    count_jump(s, session->machine.pos - step.jump, step.jump);
    int rc = title_states_play(&b->titles, s, step.from, step.to, attention_weight(attention), err);
    if (rc)
        return rc;
    if (s->content_ms)
        s->flags |= SIGNAL_PLAYED;
    note_finish(b, s, e, &step);
    return 0;
}

/* Ratings, thumbs and marks. A later good word takes a hiding back. */
static void take_word(struct title_state *s, const struct event *e)
{
    s->last_s = profile_seconds(e->at_ms);
    if (e->kind == EVENT_RATING && e->scale > 0 && e->value > 0) {
        float share = roundf(e->value / e->scale * 200.0f);
        s->rating = share < 1.0f ? 1 : share > 200.0f ? 200 : (uint8_t)share;
        s->flags |= SIGNAL_PLAYED; /* who rates has seen it, here or elsewhere */
        if (s->sessions == 0 && s->chosen_s == 0 && event_chooses(e)) {
            s->chosen_s = profile_seconds(e->at_ms);
            s->device = e->context.device < DEVICES ? e->context.device : DEVICE_OTHER;
        }
    } else if (e->kind == EVENT_THUMB && !isnan(e->value)) {
        s->thumb = e->value < 0 ? -1 : e->value >= 2 ? 2 : e->value > 0 ? 1 : 0;
        if (s->thumb > 0)
            s->flags &= (uint8_t)~SIGNAL_HIDDEN;
    } else if (e->kind == EVENT_LIST_ADD) {
        s->flags = (uint8_t)((s->flags | SIGNAL_LISTED) & ~SIGNAL_HIDDEN);
    } else if (e->kind == EVENT_LIST_REMOVE) {
        s->flags &= (uint8_t)~SIGNAL_LISTED;
    } else if (e->kind == EVENT_HIDE) {
        s->flags |= SIGNAL_HIDDEN;
    }
}

/* The title was never there; what is done with it from now on counts again. */
static void remove_title(struct profile_builder *b, uint32_t title)
{
    title_states_remove(&b->titles, title);
    for (unsigned i = b->n_sessions; i-- > 0;)
        if (b->sessions[i].title == title)
            drop_session(b, i);
}

static bool touches_a_signal(const struct event *e)
{
    bool word = e->kind == EVENT_RATING || e->kind == EVENT_THUMB || e->kind == EVENT_LIST_ADD ||
                e->kind == EVENT_LIST_REMOVE || e->kind == EVENT_HIDE;
    return e->title_id.v != ID_NONE && (word || event_kind_is_playback(e->kind));
}

int profile_feed(struct profile_builder *b, const struct event *e, const struct catalogue *c,
                 struct mq_error *err)
{
    if (b->events && (e->at_ms < b->last_ms || (e->at_ms == b->last_ms && e->seq < b->last_seq)))
        return PROFILE_LATE;
    if (e->context.offset_min != OFFSET_NONE)
        b->offset_min = e->context.offset_min;
    if (e->context.country)
        b->country = e->context.country;
    b->consent = event_consent(e, b->consent);
    if (event_order_of(e) == ORDER_REMOVE_TITLE)
        remove_title(b, e->title_id.v);
    if (touches_a_signal(e)) {
        struct title_state *s = title_states_at(&b->titles, e->title_id.v, PROFILE_TITLES_MAX);
        if (!s)
            return no_memory(b, err);
        if (event_kind_is_playback(e->kind)) {
            int rc = take_playback(b, s, e, c, err);
            if (rc)
                return rc;
        } else {
            take_word(s, e);
        }
    }
    if (!event_kind_is_playback(e->kind) || e->title_id.v == ID_NONE)
        attention_feed(&b->attention, NULL, e);
    if (b->events++ == 0)
        b->first_ms = e->at_ms;
    b->last_ms = e->at_ms;
    b->last_seq = e->seq;
    b->seq = e->seq > b->seq ? e->seq : b->seq;
    return 0;
}
