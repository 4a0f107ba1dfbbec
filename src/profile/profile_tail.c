/* profile_tail.c - what a builder knows and the signals do not say, kept behind them in a snapshot: so that a
 * million viewers at rest cost one block each, and none of them a builder.
 *
 * u64 last_seq; i64 the last act, a word with whether there was one (bit 8) and the chain of autoplayed titles; a word per title; the titles' stretches; the sessions that may still go on. The word, from
 * bit 0: ms beyond whole seconds played (10 bits), the same of content (10), how many stretches (8), bit 31
 * TITLE_STATE_WHOLE. Never leaves the process: byte order and alignment are the machine's. */
#include <stdlib.h>
#include <string.h>

#include "profile/profile_builder.h"

enum { HEAD_BYTES = 8 + 8 + 4 };

static uint32_t word_of(const struct title_state *s)
{
    return s->played_ms % 1000 | s->content_ms % 1000 << 10 | (uint32_t)s->n_spans << 20 |
           (s->flags & TITLE_STATE_WHOLE ? UINT32_C(1) << 31 : 0);
}

static uint32_t spans_in(uint32_t word)
{
    return word >> 20 & 255;
}

static void read_title(const struct title_signal *s, uint32_t word, struct title_state *ret)
{
    *ret = (struct title_state){
        .title = s->title.v,
        .last_s = s->last_s,
        .chosen_s = s->chosen_s,
        .played_ms = s->played_s * 1000 + (word & 1023),
        .content_ms = s->content_s * 1000 + (word >> 10 & 1023),
        .attended_ms = s->attended_ms,
        .position_s = s->position_s,
        .sessions = s->sessions,
        .runtime_min = s->runtime_min,
        .rating = s->rating,
        .thumb = s->thumb,
        .flags = (uint8_t)((s->flags & ~SIGNAL_ABANDONED) | (word >> 31 ? TITLE_STATE_WHOLE : 0)),
        .n_spans = (uint8_t)spans_in(word),
        .device = s->device,
        .rewinds = s->rewinds,
        .skips = s->skips,
        .kind = s->kind,
    };
}

/* No later event can belong to a session that is silent for so long: nothing is lost without it. */
static bool may_go_on(const struct profile_builder *b, const struct open_session *s)
{
    return b->last_ms - s->machine.t <= SESSION_SILENCE_MS;
}

size_t profile_tail_bytes(const struct profile_builder *b)
{
    size_t n =
        HEAD_BYTES + b->titles.n * sizeof(uint32_t) + b->titles.n_spans * sizeof(struct small_span);
    for (unsigned i = 0; i < b->n_sessions; i++)
        n += may_go_on(b, &b->sessions[i]) ? sizeof(struct open_session) : 0;
    return n;
}

static uint8_t *put(uint8_t *at, const void *p, size_t n)
{
    if (n)
        memcpy(at, p, n);
    return at + n;
}

void profile_tail_write(const struct profile_builder *b, uint8_t *at)
{
    uint32_t acted = (uint32_t)b->attention.acted << 8 | b->attention.chain;
    at = put(at, &b->last_seq, sizeof(b->last_seq));
    at = put(at, &b->attention.acted_ms, sizeof(b->attention.acted_ms));
    at = put(at, &acted, sizeof(acted));
    for (uint32_t i = 0; i < b->titles.n; i++) {
        uint32_t word = word_of(&b->titles.v[i]);
        at = put(at, &word, sizeof(word));
    }
    at = put(at, b->titles.spans, b->titles.n_spans * sizeof(struct small_span));
    for (unsigned i = 0; i < b->n_sessions; i++)
        if (may_go_on(b, &b->sessions[i]))
            at = put(at, &b->sessions[i], sizeof(struct open_session));
}

static const uint8_t *take(const uint8_t *at, void *p, size_t n)
{
    if (n)
        memcpy(p, at, n);
    return at + n;
}

/* NULL for no elements as well as without memory. */
static void *list_of(size_t n, size_t size)
{
    return n ? malloc(n * size) : NULL;
}

static uint32_t habit_of(const struct profile *p, unsigned cell)
{
    return cell < HABIT_WEEKEND ? p->habits[cell / DEVICES][cell % DEVICES]
                                : p->weekend[cell - HABIT_WEEKEND];
}

static bool read_habits(struct profile_builder *b, const struct profile *p)
{
    unsigned n = 0;
    for (unsigned i = 0; i < HABIT_CELLS; i++)
        n += habit_of(p, i) > 0;
    b->habits = list_of(n, sizeof(*b->habits));
    if (n && !b->habits)
        return false;
    for (unsigned i = 0; i < HABIT_CELLS; i++) {
        uint32_t count = habit_of(p, i);
        if (count)
            b->habits[b->n_habits++] = i << HABIT_BITS | count;
    }
    return true;
}

static bool read_tail(struct profile_builder *b, const struct profile *p)
{
    const uint8_t *at = (const uint8_t *)(p->signals + p->n), *end = at + p->tail;
    uint32_t acted;
    at = take(at, &b->last_seq, sizeof(b->last_seq));
    at = take(at, &b->attention.acted_ms, sizeof(b->attention.acted_ms));
    at = take(at, &acted, sizeof(acted));
    b->attention.acted = acted >> 8;
    b->attention.chain = (uint8_t)acted;
    struct title_states *t = &b->titles;
    t->v = list_of(p->n, sizeof(*t->v));
    if (p->n && !t->v)
        return false;
    t->n = t->cap = p->n;
    for (uint32_t i = 0; i < p->n; i++) {
        uint32_t word;
        at = take(at, &word, sizeof(word));
        read_title(&p->signals[i], word, &t->v[i]);
        t->n_spans += spans_in(word);
    }
    t->spans = list_of(t->n_spans, sizeof(*t->spans));
    t->cap_spans = t->n_spans;
    if (t->n_spans && !t->spans)
        return false;
    at = take(at, t->spans, t->n_spans * sizeof(*t->spans));
    size_t left = (size_t)(end - at);
    b->sessions = list_of(left, 1);
    b->n_sessions = b->cap_sessions = (uint8_t)(left / sizeof(*b->sessions));
    if (left && !b->sessions)
        return false;
    take(at, b->sessions, left);
    return true;
}

int profile_builder_resume(const struct profile *p, struct profile_builder **ret,
                           struct mq_error *err)
{
    struct profile_builder *b;
    int rc = profile_builder_new(p->viewer, &b, err);
    if (rc)
        return rc;
    b->seq = p->seq;
    b->events = p->events;
    b->first_ms = p->first_ms;
    b->last_ms = p->last_ms;
    b->country = p->country;
    b->offset_min = p->offset_min;
    b->consent = p->consent;
    if (!read_habits(b, p) || !read_tail(b, p)) {
        profile_builder_free(b);
        return mq_fail(err, MQ_NO_MEMORY, "profile: viewer %u: free memory and try again",
                       p->viewer.v);
    }
    *ret = b;
    return 0;
}
