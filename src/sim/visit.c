/* visit.c - a session from the home page to the end: choose or go on, watch, say what one thinks, watch more. */
#include "sim/visit.h"
#include "sim/staying.h"

#include <math.h>

enum {
    PLAYS_MAX = 5,   /* of one title in a row */
    CHOICES_MAX = 5, /* times the mean */
    SAY_AFTER_MS = 5 * 60000
};
#define RESUME_SHARE 0.7       /* go on with something, when there is something */
#define NEXT_EPISODE_SHARE 0.5 /* right away, times liking */
#define STAR_NOISE 0.6

static void forget_resume(struct viewer_state *s, unsigned at)
{
    s->n_resume--;
    for (unsigned i = at; i < s->n_resume; i++)
        s->resume[i] = s->resume[i + 1];
}

/* The oldest one gives way. */
static void remember(struct viewer_state *s, struct viewer_resume what)
{
    if (s->n_resume == VIEWER_RESUME_MAX)
        forget_resume(s, 0);
    s->resume[s->n_resume++] = what;
}

static struct viewer_resume take_resume(struct viewer_state *s, uint32_t title)
{
    struct viewer_resume found = {.title = title};
    for (unsigned i = 0; i < s->n_resume; i++) {
        if (s->resume[i].title == title) {
            found = s->resume[i];
            forget_resume(s, i);
            break;
        }
    }
    return found;
}

/* Stars: 1 + 4 * liking of (preference + the viewer's leniency + noise), rounded. Those who liked a title are
 * likelier to say so: what is rated is no fair sample. */
static void rate(struct visit *v, uint32_t title)
{
    struct rng *r = &v->state->rng;
    double preference = viewer_preference(v->world, v->traits, title), liked = sigmoid(preference);
    double felt = preference + (double)v->traits->star_bias + STAR_NOISE * rng_normal(r);
    bool stars = rng_double(r) < (double)v->traits->star_share * (0.2 + 0.8 * liked);
    bool thumb = rng_double(r) < (double)v->traits->thumb_share && fabs(felt) > 0.7;
    if (!stars && !thumb)
        return;
    visit_wait(v, 2 + 8 * rng_exp(r));
    struct sim_moment *m = log_add(v->log, stars ? EVENT_RATING : EVENT_THUMB, v->now_ms, title);
    if (!m)
        return;
    if (stars)
        m->value = (float)(1 + lround(4 * sigmoid(felt)));
    else
        m->value = felt < 0 ? -1 : felt > 2.5 ? 2 : 1;
}

static uint16_t episodes_of(struct visit *v, const struct viewer_resume *before)
{
    return before->episodes_left ? before->episodes_left
                                 : (uint16_t)(4 + rng_below(&v->state->rng, 9));
}

/* What stays of a play for later days. Returns whether a next episode may follow at once. */
static bool keep_place(struct visit *v, uint32_t title, const struct viewer_resume *before,
                       const struct outcome *o)
{
    struct rng *r = &v->state->rng;
    bool series = v->world->titles[title].record.kind == TITLE_SERIES;
    double liked = sigmoid(viewer_preference(v->world, v->traits, title));
    if (o->how == PLAYED_INTERRUPTED) {
        if (rng_double(r) < 0.25 + 0.7 * liked)
            remember(v->state,
                     (struct viewer_resume){title, o->position_ms, before->episodes_left});
        return false;
    }
    if (o->how == PLAYED_TO_END && series) {
        uint16_t left = (uint16_t)(episodes_of(v, before) - 1);
        if (left > 0 && rng_double(r) < 0.4 + 0.6 * liked) {
            remember(v->state, (struct viewer_resume){title, 0, left});
            return true;
        }
    }
    viewer_saw(v->state, title);
    return false;
}

static bool plays_by_itself(enum device d)
{
    return d == DEVICE_TV || d == DEVICE_SET_TOP || d == DEVICE_CONSOLE || d == DEVICE_CAST;
}

/* Plays, and episodes after it. Returns what came of the last one. */
static enum played watch(struct visit *v, uint32_t title, uint32_t recommendation)
{
    struct rng *r = &v->state->rng;
    bool autoplay = false;
    struct outcome o = {.how = PLAYED_INTERRUPTED};
    for (int i = 0; i < PLAYS_MAX && !v->log->failed; i++) {
        struct viewer_resume before = take_resume(v->state, title);
        visit_play(v, title, before.position_ms, recommendation, autoplay, &o);
        if (o.played_ms > SAY_AFTER_MS && o.how != PLAYED_INTERRUPTED)
            rate(v, title);
        bool next = keep_place(v, title, &before, &o);
        double liked = sigmoid(viewer_preference(v->world, v->traits, title));
        staying_felt(v->state, o.how == PLAYED_BORED ? liked / 2 : liked);
        if (!next || rng_double(r) > NEXT_EPISODE_SHARE * liked)
            break;
        autoplay = plays_by_itself(v->device) && rng_double(r) < 0.7;
        recommendation = 0;
        visit_wait(v, autoplay ? 10 : 5 + 20 * rng_exp(r));
    }
    return o.how;
}

/* To another choice: the number that a session is good for is geometric; what was given up need not count. */
static bool goes_on(struct visit *v, enum played how)
{
    const struct sim_settings *s = &v->world->settings;
    double ends = 1 / s->choices;
    if (how == PLAYED_BORED)
        ends *= 1 - s->sampling;
    return rng_double(&v->state->rng) < 1 - ends;
}

static void begin(struct visit *v, int64_t at_ms)
{
    int offset = place_offset_min(v->traits->place, at_ms);
    v->now_ms = at_ms;
    v->daypart = daypart_at(at_ms, (int16_t)offset);
    v->weekend = weekend_at(at_ms, (int16_t)offset);
    v->device = viewer_device(v->traits, v->daypart, &v->state->rng);
    v->mood = mood_begin(v->world, v->traits, v->state, at_ms, v->daypart);
    v->log->offset_min = (int16_t)offset;
    v->log->device = (uint8_t)v->device;
}

void visit_run(struct visit *v, int64_t at_ms)
{
    struct viewer_state *s = v->state;
    int most = (int)(CHOICES_MAX * v->world->settings.choices);
    begin(v, at_ms);
    for (int i = 0; i < most && !v->log->failed; i++) {
        uint32_t title, recommendation = 0;
        if (s->n_resume > 0 && i == 0 && rng_double(&s->rng) < RESUME_SHARE)
            title = s->resume[s->n_resume - 1].title;
        else
            title = visit_choose(v, &recommendation);
        if (title == ID_NONE) {
            if (i == 0)
                staying_felt(s, PLEASED_BY_NOTHING);
            break;
        }
        enum played how = watch(v, title, recommendation);
        if (!goes_on(v, how))
            break;
        visit_wait(v, 10 + 30 * rng_exp(&s->rng));
    }
    staying_decide(v->world, s);
    s->free_ms = v->now_ms;
}
