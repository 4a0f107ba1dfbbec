/* profile.c - snapshots: made from a builder, read by anyone. */
#include "profile/profile.h"

#include <stdlib.h>

#include "profile/profile_builder.h"

const struct title_signal *profile_signal(const struct profile *p, struct title_id title)
{
    uint32_t lo = 0, hi = p->n;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (p->signals[mid].title.v < title.v)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < p->n && p->signals[lo].title.v == title.v ? &p->signals[lo] : NULL;
}

/* As of the viewer's newest event, not of a clock. */
static bool abandoned(const struct title_state *s, uint32_t now_s)
{
    return s->sessions > 0 && s->runtime_min > 0 && !(s->flags & SIGNAL_FINISHED) &&
           (uint64_t)s->content_ms * 5 < (uint64_t)s->runtime_min * 60000 &&
           now_s - s->last_s > PROFILE_ABANDONED_S;
}

/* *ret is zeroed, padding included: equal states give equal bytes. */
static void fill(const struct title_state *s, uint32_t now_s, const struct engagement_weights *w,
                 struct title_signal *ret)
{
    ret->title.v = s->title;
    ret->last_s = s->last_s;
    ret->chosen_s = s->chosen_s;
    ret->played_s = s->played_ms / 1000;
    ret->content_s = s->content_ms / 1000;
    ret->attended_ms = s->attended_ms;
    ret->position_s = s->position_s;
    ret->sessions = s->sessions;
    ret->rating = s->rating;
    ret->thumb = s->thumb;
    ret->runtime_min = s->runtime_min;
    ret->device = s->device;
    ret->rewinds = s->rewinds;
    ret->skips = s->skips;
    ret->kind = s->kind;
    ret->flags = s->flags & (SIGNAL_PLAYED | SIGNAL_FINISHED | SIGNAL_LISTED | SIGNAL_HIDDEN |
                             SIGNAL_AUTOPLAY);
    if (abandoned(s, now_s))
        ret->flags |= SIGNAL_ABANDONED;
    engagement_set(ret, s->runtime_min * UINT32_C(60), w);
}

bool profile_builder_signal(const struct profile_builder *b, struct title_id title,
                            const struct engagement_weights *weights, struct title_signal *ret)
{
    const struct title_state *s = title_states_find(&b->titles, title.v);
    if (!s)
        return false;
    *ret = (struct title_signal){0};
    fill(s, profile_seconds(b->last_ms), weights, ret);
    return true;
}

int profile_snapshot(const struct profile_builder *b, const struct engagement_weights *weights,
                     struct profile **ret, struct mq_error *err)
{
    uint32_t n = b->titles.n;
    size_t tail = profile_tail_bytes(b);
    struct profile *p = calloc(1, sizeof(*p) + n * sizeof(p->signals[0]) + tail);
    if (!p)
        return mq_fail(err, MQ_NO_MEMORY, "profile: %u titles: free memory and try again", n);
    p->viewer = b->viewer;
    p->seq = b->seq;
    p->events = b->events;
    p->first_ms = b->first_ms;
    p->last_ms = b->last_ms;
    p->country = b->country;
    p->offset_min = b->offset_min;
    p->consent = b->consent;
    for (unsigned i = 0; i < b->n_habits; i++) {
        uint32_t cell = b->habits[i] >> HABIT_BITS;
        uint32_t count = b->habits[i] & ((UINT32_C(1) << HABIT_BITS) - 1);
        uint16_t *to = cell < HABIT_WEEKEND ? &p->habits[cell / DEVICES][cell % DEVICES]
                                            : &p->weekend[cell - HABIT_WEEKEND];
        *to = count < UINT16_MAX ? (uint16_t)count : UINT16_MAX;
    }
    p->n = n;
    p->tail = (uint32_t)tail;
    uint32_t now_s = profile_seconds(b->last_ms);
    for (uint32_t i = 0; i < n; i++)
        fill(&b->titles.v[i], now_s, weights, &p->signals[i]);
    profile_tail_write(b, (uint8_t *)(p->signals + n));
    *ret = p;
    return 0;
}

void profile_free(struct profile *p)
{
    free(p);
}

size_t profile_memory(const struct profile *p)
{
    return sizeof(*p) + p->n * sizeof(p->signals[0]) + p->tail + BLOCK_OVERHEAD;
}
