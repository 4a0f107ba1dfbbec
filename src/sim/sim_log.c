#include "sim/sim_log.h"

#include <math.h>
#include <stdlib.h>

static bool grow(void **p, uint32_t *cap, uint32_t need, uint32_t max, size_t size)
{
    if (need <= *cap)
        return true;
    if (need > max)
        return false;
    uint32_t to = *cap ? *cap * 2 : 32;
    while (to < need)
        to *= 2;
    void *grown = realloc(*p, to * size);
    if (!grown)
        return false;
    *p = grown;
    *cap = to;
    return true;
}

struct sim_moment *log_add(struct sim_log *l, enum event_kind kind, int64_t at_ms, uint32_t title)
{
    void *moments = l->moments;
    if (!grow(&moments, &l->cap, l->n + 1, LOG_EVENTS_MAX, sizeof(*l->moments))) {
        l->failed = true;
        return NULL;
    }
    l->moments = moments;
    struct sim_moment *m = &l->moments[l->n++];
    *m = (struct sim_moment){.at_ms = at_ms,
                             .title = title,
                             .position_ms = UINT32_MAX,
                             .from_ms = UINT32_MAX,
                             .value = NAN,
                             .kind = (uint8_t)kind,
                             .autoplay = -1};
    return m;
}

struct sim_item *log_items(struct sim_log *l, uint32_t n)
{
    void *items = l->items;
    if (!grow(&items, &l->cap_items, l->n_items + n, LOG_ITEMS_MAX, sizeof(*l->items))) {
        l->failed = true;
        return NULL;
    }
    l->items = items;
    l->n_items += n;
    return l->items + l->n_items - n;
}

void log_reset(struct sim_log *l)
{
    l->n = l->n_items = l->at = 0;
    l->failed = false;
}

void log_free(struct sim_log *l)
{
    if (!l)
        return;
    free(l->moments);
    free(l->items);
    free(l);
}
