/* trend_tables.h - what a struct trend holds; for trend.c (the writer) and trend_read.c (the readers). */
#ifndef MQ_PROFILE_TREND_TABLES_H
#define MQ_PROFILE_TREND_TABLES_H

#include "profile/trend.h"
#include "profile/trend_table.h"

enum { TREND_COUNTRIES = 64 }; /* with a table of their own; the others share one */
#define TREND_WEEK_MS INT64_C(604800000)
#define TREND_NO_WEEK INT64_MIN

struct trend {
    /* Odd while counts move between slots or tables; a reader that saw it change reads again. */
    _Atomic uint64_t version;
    _Atomic int64_t newest;                                   /* week, or TREND_NO_WEEK */
    _Atomic uint16_t codes[TREND_COUNTRIES];                  /* 0 = free; no order, no gaps */
    _Atomic(struct trend_table *) countries[TREND_COUNTRIES]; /* made when first seen */
    struct trend_table elsewhere;
    struct trend_table overall;
    struct trend_table dayparts[DAYPARTS]; /* not [DAYPART_NONE] */
    struct trend_table devices[DEVICES];   /* not [DEVICE_NONE] */
    struct rising *rising;                 /* NULL: not watched */
};

/* Weeks since 1970-01-01, a Thursday. */
static inline int64_t trend_week(int64_t at_ms)
{
    return at_ms >= 0 ? at_ms / TREND_WEEK_MS : -1 - (-1 - at_ms) / TREND_WEEK_MS;
}

/* The table of a country (not 0): its own, or the one for all others. */
static inline const struct trend_table *trend_country(const struct trend *t, country_code code)
{
    for (unsigned i = 0; i < TREND_COUNTRIES; i++)
        if (atomic_load_explicit(&t->codes[i], memory_order_acquire) == code)
            return atomic_load_explicit(&t->countries[i], memory_order_acquire);
    return &t->elsewhere;
}

/* All sums anew: a week began, or (`moved`) counts came to titles that had none. */
void trend_sum_all(struct trend *t, bool moved);

/* Which of two countries keeps its own table when there are too many: the smaller rank. A fixed order
 * (inhabitants, roughly), so that the outcome does not depend on which was seen first. */
unsigned trend_country_rank(country_code code);

#endif
