#include "train/rating_check.h"

#include <math.h>
#include <stdlib.h>

#include "base/hash.h"
#include "model/rate.h"

enum { HELD_OUT_OF = 10 };

/* One that was held out and could be predicted. */
struct asked {
    uint32_t viewer;
    bool inside;
    double actual, expected, of_title;
};

struct checking {
    const struct triples *ratings;
    uint64_t seed;
    struct csr rows;     /* viewers x titles: stars */
    struct triples kept; /* what the fit sees */
    double *sum;         /* (2 titles): what is kept of each, summed and counted */
    struct rated *known; /* (titles): a viewer's */
    struct asked *asked; /* (RATING_CHECK_MOST) */
    size_t n_asked;
    double *of_viewer; /* (2 RATING_CHECK_MOST): sums and counts of a bin's viewers */
};

static void release(struct checking *k)
{
    csr_release(&k->rows);
    triples_release(&k->kept);
    free(k->sum);
    free(k->known);
    free(k->asked);
    free(k->of_viewer);
}

static bool held(const struct checking *k, uint32_t viewer, uint32_t title)
{
    uint32_t key[2] = {viewer, title};
    return hash64(key, sizeof(key), k->seed ^ UINT64_C(0x72617465)) % HELD_OUT_OF == 0;
}

static int take(struct checking *k, struct mq_error *err)
{
    const struct triples *t = k->ratings;
    uint32_t viewers = 0;
    uint32_t titles = 0;
    for (size_t i = 0; i < t->n; i++) {
        if (!isfinite(t->weight[i]))
            return mq_fail(err, MQ_INVALID, "ratings: row %zu is no number", i);
        viewers = t->viewer[i] >= viewers ? t->viewer[i] + 1 : viewers;
        titles = t->title[i] >= titles ? t->title[i] + 1 : titles;
    }
    k->sum = calloc(2 * (size_t)titles + 1, sizeof(*k->sum));
    k->known = calloc((size_t)titles + 1, sizeof(*k->known));
    k->asked = calloc(RATING_CHECK_MOST, sizeof(*k->asked));
    k->of_viewer = calloc((size_t)2 * RATING_CHECK_MOST, sizeof(*k->of_viewer));
    if (!k->sum || !k->known || !k->asked || !k->of_viewer)
        return mq_fail(err, MQ_NO_MEMORY, "ratings: no memory to check them");
    int rc = triples_to_csr(t, viewers, titles, INT64_MIN, INT64_MAX, &k->rows, err);
    for (size_t i = 0; rc == 0 && i < t->n; i++) {
        if (held(k, t->viewer[i], t->title[i]))
            continue;
        k->sum[2 * (size_t)t->title[i]] += (double)t->weight[i];
        k->sum[2 * (size_t)t->title[i] + 1] += 1;
        rc = triples_add(&k->kept, t->viewer[i], t->title[i], t->weight[i], t->at_ms[i], err);
    }
    return rc;
}

/* All that was held out of a viewer's, from the others. */
static void ask_viewer(struct checking *k, const struct rating_part *p, uint32_t viewer)
{
    size_t n = 0;
    struct csr_row row = csr_row(&k->rows, viewer);
    for (size_t i = 0; i < row.n; i++)
        if (!held(k, viewer, row.col[i]))
            k->known[n++] = (struct rated){{row.col[i]}, row.value[i]};
    for (size_t i = 0; i < row.n && k->n_asked < RATING_CHECK_MOST; i++) {
        struct rating_forecast f;
        uint32_t title = row.col[i];
        if (!held(k, viewer, title) || !rate_forecast(p, k->known, n, (struct title_id){title}, &f))
            continue;
        double stars = (double)row.value[i];
        k->asked[k->n_asked++] = (struct asked){
            .viewer = viewer,
            .inside = stars >= f.low && stars <= f.high,
            .actual = stars,
            .expected = f.expected,
            .of_title = k->sum[2 * (size_t)title] / k->sum[2 * (size_t)title + 1],
        };
    }
}

/* Viewers in an order that is drawn, so that those asked about are no first ones. */
static int ask(struct checking *k, const struct rating_part *p, struct train_watch watch,
               struct mq_error *err)
{
    enum { EVERY = 64 };
    uint32_t n = k->rows.rows;
    uint64_t step = 0x9e3779b1U; /* a prime: all residues are met */
    uint64_t at = k->seed % n;
    if (n % step == 0)
        step = 1;
    for (uint32_t i = 0; i < n && k->n_asked < RATING_CHECK_MOST; i++) {
        at = (at + step) % n;
        ask_viewer(k, p, (uint32_t)at);
        if (i % EVERY == 0 && watch.progress &&
            !watch.progress(watch.ctx, "predicting ratings", k->n_asked, RATING_CHECK_MOST))
            return mq_fail(err, MQ_CANCELLED, "ratings: stopped");
    }
    return 0;
}

static int by_expected(const void *a, const void *b)
{
    const struct asked *x = a;
    const struct asked *y = b;
    if (x->expected != y->expected)
        return x->expected < y->expected ? -1 : 1;
    if (x->viewer != y->viewer)
        return x->viewer < y->viewer ? -1 : 1;
    return (x->actual > y->actual) - (x->actual < y->actual);
}

static int by_viewer(const void *a, const void *b)
{
    const struct asked *x = a;
    const struct asked *y = b;
    return (x->viewer > y->viewer) - (x->viewer < y->viewer);
}

/* The bin's rows come back in order of viewer. */
static int make_bin(struct checking *k, struct asked *a, size_t n, struct rating_bin *ret,
                    struct mq_error *err)
{
    double *sum = k->of_viewer;
    double *count = sum + RATING_CHECK_MOST;
    size_t viewers = 0;
    *ret = (struct rating_bin){.n = (uint32_t)n};
    qsort(a, n, sizeof(*a), by_viewer);
    for (size_t i = 0; i < n; i++) {
        ret->predicted += a[i].expected / (double)n;
        if (i == 0 || a[i].viewer != a[i - 1].viewer) {
            sum[viewers] = 0;
            count[viewers++] = 0;
        }
        sum[viewers - 1] += a[i].actual;
        count[viewers - 1] += 1;
    }
    return bootstrap_ratio(sum, NULL, count, viewers, false, k->seed, &ret->actual, err);
}

static int conclude(struct checking *k, struct rating_check *ret, struct mq_error *err)
{
    double squares = 0;
    double of_titles = 0;
    size_t n = k->n_asked;
    size_t bins = n / RATING_CHECK_BIN_LEAST < RATING_CHECK_BINS ? n / RATING_CHECK_BIN_LEAST
                                                                 : RATING_CHECK_BINS;
    int rc = 0;
    *ret = (struct rating_check){
        .ratings = k->ratings->n, .asked = n, .rmse = NAN, .mean_rmse = NAN, .inside = NAN};
    qsort(k->asked, n, sizeof(*k->asked), by_viewer);
    for (size_t i = 0; i < n; i++)
        ret->viewers += i == 0 || k->asked[i].viewer != k->asked[i - 1].viewer;
    if (bins == 0)
        return 0;
    ret->inside = 0;
    for (size_t i = 0; i < n; i++) {
        const struct asked *a = &k->asked[i];
        squares += (a->actual - a->expected) * (a->actual - a->expected);
        of_titles += (a->actual - a->of_title) * (a->actual - a->of_title);
        ret->inside += a->inside ? 1.0 / (double)n : 0;
    }
    ret->rmse = sqrt(squares / (double)n);
    ret->mean_rmse = sqrt(of_titles / (double)n);
    qsort(k->asked, n, sizeof(*k->asked), by_expected);
    for (size_t b = 0; rc == 0 && b < bins; b++) {
        size_t from = b * n / bins;
        rc = make_bin(k, k->asked + from, (b + 1) * n / bins - from, &ret->bin[b], err);
    }
    ret->n_bins = bins;
    return rc;
}

int rating_check(const struct triples *ratings, uint64_t seed, struct pool *pool,
                 struct train_watch watch, struct rating_check *ret, struct mq_error *err)
{
    struct checking k = {.ratings = ratings, .seed = seed};
    struct rating_part part = {0};
    struct rating_check out = {.ratings = ratings->n, .rmse = NAN, .mean_rmse = NAN, .inside = NAN};
    int rc = 0;
    if (ratings->n >= RATINGS_LEAST) {
        rc = take(&k, err);
        if (rc == 0)
            rc = rating_fit(&k.kept, seed, pool, watch, &part, err);
        if (rc == 0 && part.n > 0) {
            rc = ask(&k, &part, watch, err);
            if (rc == 0)
                rc = conclude(&k, &out, err);
        }
        rating_part_release(&part);
        release(&k);
    }
    if (rc == 0)
        *ret = out;
    return rc;
}
