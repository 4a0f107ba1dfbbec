#include "audience/strata.h"

#include <stdlib.h>

#include "math/bits.h"

void strata_free(struct strata *s)
{
    if (!s)
        return;
    free(s->rank);
    free(s->viewer);
    free(s->stratum);
    free(s->first);
    free(s->last_s);
    free(s->since);
    free(s);
}

/* Counting sort by likes; dense ids stay in order among equals. */
static int sort_viewers(const struct viewer_sets *sets, struct strata *s)
{
    uint32_t most = 0;
    for (uint32_t v = 0; v < sets->n_viewers; v++) {
        s->rank[v] = ID_NONE;
        if (sets->viewers[v] && sets->viewers[v]->likes > most)
            most = sets->viewers[v]->likes;
    }
    uint32_t *at = calloc((size_t)most + 2, sizeof(*at));
    if (!at)
        return MQ_NO_MEMORY;
    for (uint32_t v = 0; v < sets->n_viewers; v++) {
        if (sets->viewers[v])
            at[sets->viewers[v]->likes + 1]++;
    }
    for (uint32_t i = 1; i <= most; i++)
        at[i] += at[i - 1];
    for (uint32_t v = 0; v < sets->n_viewers; v++) {
        if (!sets->viewers[v])
            continue;
        uint32_t r = at[sets->viewers[v]->likes]++;
        s->rank[v] = r;
        s->viewer[r] = v;
        s->last_s[r] = sets->viewers[v]->last_s;
    }
    free(at);
    return 0;
}

static void cut(struct strata *s)
{
    for (uint32_t j = 0; j <= s->k; j++) /* the first rank r with r k / n >= j */
        s->first[j] = (uint32_t)(((uint64_t)j * s->n + s->k - 1) / s->k);
    for (uint32_t j = 0; j < s->k; j++) {
        for (uint32_t r = s->first[j]; r < s->first[j + 1]; r++)
            s->stratum[s->viewer[r]] = (uint16_t)j;
    }
}

/* An entry tells when its viewer last did something with the title; the earliest of these stands for the day it came. */
static void date_titles(const struct viewer_sets *sets, uint32_t *since)
{
    for (uint32_t t = 0; t < sets->n_titles; t++)
        since[t] = UINT32_MAX;
    for (uint32_t v = 0; v < sets->n_viewers; v++) {
        const struct set_viewer *p = sets->viewers[v];
        for (uint32_t i = 0; p && i < p->n; i++) {
            if (p->entries[i].last_s < since[p->entries[i].title])
                since[p->entries[i].title] = p->entries[i].last_s;
        }
    }
}

int strata_new(const struct viewer_sets *sets, uint32_t k, struct strata **ret,
               struct mq_error *err)
{
    if (k == 0 || k > STRATA_MAX)
        return mq_fail(err, MQ_INVALID, "strata: %u: give 1 to %d", k, STRATA_MAX);
    struct strata *s = calloc(1, sizeof(*s));
    if (!s)
        return mq_fail(err, MQ_NO_MEMORY, "strata: no memory");
    s->n = sets->n_present;
    s->k = k;
    s->rank = calloc((size_t)sets->n_viewers + 1, sizeof(*s->rank));
    s->viewer = calloc((size_t)s->n + 1, sizeof(*s->viewer));
    s->stratum = calloc((size_t)sets->n_viewers + 1, sizeof(*s->stratum));
    s->first = calloc((size_t)k + 1, sizeof(*s->first));
    s->last_s = calloc((size_t)s->n + 1, sizeof(*s->last_s));
    s->since = calloc((size_t)sets->n_titles + 1, sizeof(*s->since));
    if (!s->rank || !s->viewer || !s->stratum || !s->first || !s->last_s || !s->since ||
        sort_viewers(sets, s) != 0) {
        strata_free(s);
        return mq_fail(err, MQ_NO_MEMORY, "strata: no memory");
    }
    cut(s);
    date_titles(sets, s->since);
    *ret = s;
    return 0;
}

void strata_lay_out(const struct strata *s, const uint64_t *by_id, uint64_t *by_rank)
{
    for (uint32_t from = 0; from < s->n; from += 64) {
        uint32_t n = s->n - from < 64 ? s->n - from : 64;
        const uint32_t *viewer = s->viewer + from;
        uint64_t word = 0;
        for (uint32_t i = 0; i < n; i++)
            word |= (uint64_t)bits_get(by_id, viewer[i]) << i;
        by_rank[from / 64] = word;
    }
}

void strata_tables(const struct strata *s, const uint64_t *a, const uint64_t *b,
                   const uint64_t *within, struct stratum *ret)
{
    for (uint32_t j = 0; j < s->k; j++) {
        uint32_t from = s->first[j];
        uint32_t to = s->first[j + 1];
        ret[j] = (struct stratum){.both = bits_count_both(a, b, from, to),
                                  .a = bits_count(a, from, to),
                                  .b = bits_count(b, from, to),
                                  .n = within ? bits_count(within, from, to) : to - from};
    }
}
