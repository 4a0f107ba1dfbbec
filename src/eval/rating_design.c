#include "eval/rating_design.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_PER_STRETCH = 500, STRETCHES_MAX = 400, SEASONS_MAX = 20, ROWS_PER_SEASON = 4000 };
#define DAY_MS INT64_C(86400000)

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "ratings: no memory: give the process more");
}

static int add_block(struct rating_design *d, bool bias_only, struct mq_error *err)
{
    size_t b = d->data.n_blocks;
    d->of_row[b] = calloc((size_t)d->data.rows + 1, sizeof(uint32_t));
    d->of_case[b] = calloc((size_t)d->data.cases + 1, sizeof(uint32_t));
    if (!d->of_row[b] || !d->of_case[b])
        return no_memory(err);
    d->data.block[b] = (struct gibbs_block){
        .of_row = d->of_row[b], .of_case = d->of_case[b], .bias_only = bias_only};
    d->data.n_blocks++;
    return 0;
}

/* Rows by viewer, each viewer's in the order of the file. */
static int order_rows(struct rating_design *d, const struct triples *train, uint32_t n_viewers,
                      struct mq_error *err)
{
    uint32_t *at = calloc((size_t)n_viewers + 1, sizeof(*at));
    d->order = calloc(train->n + 1, sizeof(*d->order));
    d->target = calloc(train->n + 1, sizeof(*d->target));
    if (!at || !d->order || !d->target) {
        free(at);
        return no_memory(err);
    }
    for (size_t i = 0; i < train->n; i++)
        at[train->viewer[i] + 1]++;
    for (uint32_t v = 0; v < n_viewers; v++)
        at[v + 1] += at[v];
    for (size_t i = 0; i < train->n; i++)
        d->order[at[train->viewer[i]]++] = (uint32_t)i;
    for (size_t i = 0; i < train->n; i++)
        d->target[i] = train->weight[d->order[i]];
    free(at);
    return 0;
}

static void fill(struct rating_design *d, size_t block, const struct triples *train,
                 const struct triples *cases, const uint32_t *of_train, const uint32_t *of_cases,
                 uint32_t n)
{
    for (size_t i = 0; i < train->n; i++)
        d->of_row[block][i] = of_train[d->order[i]];
    for (size_t i = 0; i < cases->n; i++)
        d->of_case[block][i] = of_cases[i];
    d->data.block[block].n = n;
}

static void add_set(struct rating_design *d, size_t block, const struct csr *set)
{
    struct gibbs_block *b = &d->data.block[block];
    if (csr_nnz(set) > 0)
        b->sets[b->n_sets++] = set;
}

static int add_who_and_what(struct rating_design *d, const struct triples *train,
                            const struct triples *cases, const struct id_book *book,
                            const struct title_facts *facts, struct mq_error *err)
{
    uint32_t n_viewers = intern_count(book->viewers);
    uint32_t n_titles = intern_count(book->titles);
    int rc = add_block(d, false, err);
    if (rc == 0)
        rc = add_block(d, false, err);
    if (rc == 0)
        rc = triples_to_csr(train, n_viewers, n_titles, INT64_MIN, INT64_MAX, &d->titles_of, err);
    if (rc == 0)
        rc = csr_transpose(&d->titles_of, &d->viewers_of, err);
    for (int k = 0; rc == 0 && facts && k < TITLE_FACTS; k++)
        rc = title_facts_matrix(facts, (enum title_fact)k, n_titles, &d->facts[k], err);
    if (rc)
        return rc;
    fill(d, 0, train, cases, train->viewer, cases->viewer, n_viewers);
    fill(d, 1, train, cases, train->title, cases->title, n_titles);
    add_set(d, 0, &d->titles_of);
    add_set(d, 1, &d->viewers_of);
    for (int k = 0; facts && k < TITLE_FACTS; k++)
        add_set(d, 1, &d->facts[k]);
    return 0;
}

/* ------------------------------------------------------------------ time */

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* `n` stretches with as many training rows each; what lies outside belongs to the first or last. */
static uint32_t stretch_of(const int64_t *ends, uint32_t n, int64_t at)
{
    uint32_t low = 0;
    uint32_t high = n - 1;
    while (low < high) {
        uint32_t mid = (low + high) / 2;
        if (at < ends[mid])
            high = mid;
        else
            low = mid + 1;
    }
    return low;
}

struct numbering {
    uint32_t *train, *cases;
};

static void stretches(const struct triples *train, const struct triples *cases,
                      const int64_t *sorted, uint32_t n, int64_t *ends, struct numbering *ret)
{
    for (uint32_t k = 0; k < n; k++)
        ends[k] = sorted[(size_t)((double)(k + 1) / n * (double)(train->n - 1))];
    for (size_t i = 0; i < train->n; i++)
        ret->train[i] = stretch_of(ends, n, train->at_ms[i]);
    for (size_t i = 0; i < cases->n; i++)
        ret->cases[i] = stretch_of(ends, n, cases->at_ms[i]);
}

/* A number for each (a, b) that occurs. */
static int number_pair(struct intern *seen, uint32_t a, int64_t b, uint32_t *ret,
                       struct mq_error *err)
{
    struct {
        int64_t b;
        uint32_t a, zero;
    } key = {b, a, 0};
    return intern_add(seen, (struct str){(const char *)&key, sizeof(key)}, ret, NULL, err);
}

static int number_pairs(const struct triples *t, const uint32_t *a, const uint32_t *stretch,
                        struct intern *seen, uint32_t *ret, struct mq_error *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < t->n; i++) {
        int64_t b = stretch ? (int64_t)stretch[i] : t->at_ms[i] / DAY_MS;
        rc = number_pair(seen, a[i], b, &ret[i], err);
    }
    return rc;
}

static int add_pairs(struct rating_design *d, const struct triples *train,
                     const struct triples *cases, bool of_titles, const struct numbering *stretch,
                     struct numbering *scratch, struct mq_error *err)
{
    struct intern *seen = NULL;
    size_t block = d->data.n_blocks;
    int rc = intern_new(&seen, err);
    if (rc == 0)
        rc = add_block(d, true, err);
    if (rc == 0)
        rc = number_pairs(train, of_titles ? train->title : train->viewer,
                          of_titles ? stretch->train : NULL, seen, scratch->train, err);
    if (rc == 0)
        rc = number_pairs(cases, of_titles ? cases->title : cases->viewer,
                          of_titles ? stretch->cases : NULL, seen, scratch->cases, err);
    if (rc == 0)
        fill(d, block, train, cases, scratch->train, scratch->cases, intern_count(seen));
    intern_free(seen);
    return rc;
}

static uint32_t count_of(size_t rows, size_t per, uint32_t most)
{
    size_t n = rows / per + 1;
    return n < most ? (uint32_t)n : most;
}

static int add_when(struct rating_design *d, const struct triples *train,
                    const struct triples *cases, struct mq_error *err)
{
    int64_t *sorted = calloc(train->n + 1, sizeof(*sorted));
    int64_t ends[STRETCHES_MAX];
    struct numbering at = {calloc(train->n + 1, sizeof(uint32_t)),
                           calloc(cases->n + 1, sizeof(uint32_t))};
    struct numbering scratch = {calloc(train->n + 1, sizeof(uint32_t)),
                                calloc(cases->n + 1, sizeof(uint32_t))};
    int rc = sorted && at.train && at.cases && scratch.train && scratch.cases ? 0 : no_memory(err);
    if (rc == 0) {
        memcpy(sorted, train->at_ms, train->n * sizeof(*sorted));
        qsort(sorted, train->n, sizeof(*sorted), by_number);
        rc = add_block(d, false, err);
    }
    if (rc == 0) {
        uint32_t n = count_of(train->n, ROWS_PER_STRETCH, STRETCHES_MAX);
        stretches(train, cases, sorted, n, ends, &at);
        fill(d, 2, train, cases, at.train, at.cases, n);
        rc = add_pairs(d, train, cases, false, &at, &scratch, err);
    }
    if (rc == 0) {
        stretches(train, cases, sorted, count_of(train->n, ROWS_PER_SEASON, SEASONS_MAX), ends,
                  &at);
        rc = add_pairs(d, train, cases, true, &at, &scratch, err);
    }
    free(sorted);
    free(at.train);
    free(at.cases);
    free(scratch.train);
    free(scratch.cases);
    return rc;
}

int rating_design_init(struct rating_design *d, const struct triples *train,
                       const struct triples *cases, const struct id_book *book, bool timed,
                       const struct title_facts *facts, struct mq_error *err)
{
    *d = (struct rating_design){0};
    if (train->n > UINT32_MAX || cases->n > UINT32_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "ratings: %zu rows: at most 2^32", train->n);
    d->data.rows = (uint32_t)train->n;
    d->data.cases = (uint32_t)cases->n;
    int rc = order_rows(d, train, intern_count(book->viewers), err);
    d->data.target = d->target;
    if (rc == 0)
        rc = add_who_and_what(d, train, cases, book, facts, err);
    if (rc == 0 && timed)
        rc = add_when(d, train, cases, err);
    if (rc)
        rating_design_release(d);
    return rc;
}

void rating_design_release(struct rating_design *d)
{
    free(d->order);
    free(d->target);
    for (size_t b = 0; b < GIBBS_BLOCKS; b++) {
        free(d->of_row[b]);
        free(d->of_case[b]);
    }
    csr_release(&d->titles_of);
    csr_release(&d->viewers_of);
    for (int k = 0; k < TITLE_FACTS; k++)
        csr_release(&d->facts[k]);
    *d = (struct rating_design){0};
}
