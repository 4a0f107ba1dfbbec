#include "eval/context_habits.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "context: no memory: give the process more");
}

static double weight_of(float count)
{
    return 1 + log((double)count > 1 ? (double)count : 1);
}

/* ------------------------------------------------------------------ counting */

void habits_release(struct habits *c)
{
    csr_release(&c->own);
    free(c->title);
    for (size_t k = 0; k < CONTEXT_COLUMNS; k++) {
        free(c->level[k]);
        free(c->title_level[k]);
        free(c->code[k]);
    }
    triples_release(&c->rows);
    free(c->start);
    ials_release(&c->taste);
    *c = (struct habits){0};
}

static int counts_memory(struct habits *c, size_t rows, struct mq_error *err)
{
    c->title = calloc((size_t)c->n_titles + 1, sizeof(float));
    c->start = calloc((size_t)c->n_viewers + 2, sizeof(uint32_t));
    bool fine = c->title && c->start;
    for (size_t k = 0; k < c->t->n_columns; k++) {
        size_t levels = c->t->levels[k] + 1;
        c->code[k] = calloc(rows + 1, sizeof(uint32_t));
        c->level[k] = calloc(levels, sizeof(float));
        if (c->use[k])
            c->title_level[k] = calloc(levels * c->n_titles + 1, sizeof(float));
        fine &= c->code[k] && c->level[k] && (!c->use[k] || c->title_level[k]);
    }
    return fine ? 0 : no_memory(err);
}

static void count_rows(struct habits *c, uint32_t *const *code, const uint8_t *learn)
{
    const struct triples *all = &c->t->rows;
    size_t at = 0;
    for (size_t i = 0; i < all->n; i++) {
        if (!learn[i])
            continue;
        float w = c->rows.weight[at];
        c->title[all->title[i]] += w;
        c->total += (double)w;
        for (size_t k = 0; k < c->t->n_columns; k++) {
            uint32_t v = code[k][i];
            c->code[k][at] = v;
            if (c->use[k]) {
                c->level[k][v] += w;
                c->title_level[k][(size_t)v * c->n_titles + all->title[i]] += w;
            }
        }
        at++;
    }
}

/* Rows of one viewer stand together: an order by viewer, applied to rows and codes. */
static int sort_by_viewer(struct habits *c, struct mq_error *err)
{
    size_t n = c->rows.n;
    struct triples sorted = {0};
    uint32_t *order = calloc(n + 1, sizeof(*order));
    uint32_t *moved = calloc(n + 1, sizeof(*moved));
    int rc = order && moved ? 0 : no_memory(err);
    for (size_t i = 0; rc == 0 && i < n; i++)
        c->start[c->rows.viewer[i] + 2]++;
    for (uint32_t v = 0; rc == 0 && v < c->n_viewers; v++)
        c->start[v + 2] += c->start[v + 1];
    for (size_t i = 0; rc == 0 && i < n; i++)
        order[c->start[c->rows.viewer[i] + 1]++] = (uint32_t)i;
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = triples_add(&sorted, c->rows.viewer[order[i]], c->rows.title[order[i]],
                         c->rows.weight[order[i]], 0, err);
    for (size_t k = 0; rc == 0 && k < c->t->n_columns; k++) {
        for (size_t i = 0; i < n; i++)
            moved[i] = c->code[k][order[i]];
        memcpy(c->code[k], moved, n * sizeof(*moved));
    }
    free(order);
    free(moved);
    if (rc) {
        triples_release(&sorted);
        return rc;
    }
    triples_release(&c->rows);
    c->rows = sorted;
    return 0;
}

int habits_init(struct habits *c, const struct context_table *t, const bool *use,
                uint32_t *const *code, const uint8_t *learn, uint64_t seed, struct pool *pool,
                struct mq_error *err)
{
    struct ials_settings settings = {.seed = seed};
    struct train_watch quiet = {0};
    int rc = 0;
    *c = (struct habits){.t = t,
                         .use = use,
                         .n_titles = intern_count(t->book.titles),
                         .n_viewers = intern_count(t->book.viewers)};
    for (size_t i = 0; rc == 0 && i < t->rows.n; i++) {
        if (learn[i])
            rc = triples_add(&c->rows, t->rows.viewer[i], t->rows.title[i],
                             (float)weight_of(t->rows.weight[i]), 0, err);
    }
    if (rc == 0 && c->rows.n == 0)
        rc = mq_fail(err, MQ_INVALID, "context: too few viewers and contexts to hold some out");
    if (rc == 0)
        rc = counts_memory(c, c->rows.n, err);
    if (rc)
        return rc;
    count_rows(c, code, learn);
    rc = sort_by_viewer(c, err);
    if (rc == 0)
        rc =
            triples_to_csr(&c->rows, c->n_viewers, c->n_titles, INT64_MIN, INT64_MAX, &c->own, err);
    if (rc == 0)
        rc = ials_train(&c->own, &settings, pool, quiet, &c->taste, err);
    return rc;
}

/* ------------------------------------------------------------------ scores */

void habits_base(const struct habits *c, const struct habit_knobs *k, uint32_t viewer, float *base,
                 float *p)
{
    const float *x = c->taste.viewers + (size_t)viewer * c->taste.stride;
    struct csr_row row = csr_row(&c->own, viewer);
    double sum = 0;
    double own = 0;
    for (uint32_t i = 0; i < c->n_titles; i++) {
        const float *y = c->taste.titles + (size_t)i * c->taste.stride;
        float dot = 0;
        for (uint32_t d = 0; d < c->taste.stride; d++)
            dot += x[d] * y[d];
        p[i] = (float)exp(k->power * log((double)c->title[i] + 0.1) + k->taste * (double)dot);
        sum += (double)p[i];
    }
    for (size_t n = 0; n < row.n; n++)
        own += (double)row.value[n];
    double share = k->pull / (own + k->pull) / sum;
    for (uint32_t i = 0; i < c->n_titles; i++)
        p[i] *= (float)share;
    for (size_t n = 0; n < row.n; n++)
        p[row.col[n]] += (float)((double)row.value[n] / (own + k->pull));
    for (uint32_t i = 0; i < c->n_titles; i++)
        base[i] = logf(p[i]);
}

void habits_column(const struct habits *c, const struct habit_knobs *k, uint32_t viewer,
                   size_t column, uint32_t v, const float *p, float *seen, float *ret)
{
    const float *level = c->title_level[column] + (size_t)v * c->n_titles;
    double share = (double)c->level[column][v] / c->total;
    double own = 0;
    for (uint32_t r = c->start[viewer]; r < c->start[viewer + 1]; r++) {
        if (c->code[column][r] == v) {
            seen[c->rows.title[r]] += c->rows.weight[r];
            own += (double)c->rows.weight[r];
        }
    }
    for (uint32_t i = 0; i < c->n_titles; i++) {
        double lift = ((double)level[i] + k->all) / ((double)c->title[i] * share + k->all);
        double q = ((double)seen[i] + k->own * (double)p[i] * lift) / (own + k->own);
        ret[i] = (float)log(q / (double)p[i]);
    }
    for (uint32_t r = c->start[viewer]; r < c->start[viewer + 1]; r++)
        seen[c->rows.title[r]] = 0;
}
