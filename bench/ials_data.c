#include "ials_data.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "math/kernels.h"
#include "math/topk.h"

enum { DEPTH = 50, JUDGED = 5000, TASTES_OF_VIEWER = 4, DRAWS_MAX = 40 };

/* ------------------------------------------------------------------ making it */

/* Cumulative weights of titles in each taste: Zipf times a log-normal of the taste's own. */
static float *taste_tables(uint32_t cols, uint64_t seed)
{
    float *table = malloc((size_t)PLANTED * cols * sizeof *table);

    for (size_t t = 0; table && t < PLANTED; t++) {
        struct rng rng;
        double sum = 0;
        rng_seed_stream(&rng, seed, t);
        for (uint32_t i = 0; i < cols; i++) {
            sum += pow(i + 10.0, -0.9) * exp(1.3 * rng_normal(&rng));
            table[t * cols + i] = (float)sum;
        }
    }
    return table;
}

static uint32_t draw_title(const float *table, uint32_t cols, struct rng *rng)
{
    float at = (float)(rng_double(rng) * (double)table[cols - 1]);
    uint32_t low = 0, high = cols - 1;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (table[middle] <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* How many each viewer watches: log-normal (median about half the mean, as on MovieLens), scaled to nnz. */
static uint32_t *degrees(uint32_t rows, uint32_t cols, uint64_t nnz, uint64_t seed)
{
    uint32_t *degree = malloc(rows * sizeof *degree);
    double mean = (double)nnz / rows, sigma = 1.1;

    for (uint32_t u = 0; degree && u < rows; u++) {
        struct rng rng;
        rng_seed_stream(&rng, seed ^ 0x5eed, u);
        double d = mean * exp(sigma * rng_normal(&rng) - sigma * sigma / 2);
        degree[u] = (uint32_t)fmin(fmax(d, 3), cols / 4.0 + 1);
    }
    return degree;
}

struct triples {
    uint32_t *row, *col;
    float *one;
    size_t n;
};

static void draw_viewer(const float *tables, uint32_t cols, uint32_t u, uint32_t degree,
                        uint64_t seed, uint32_t *seen, struct triples *train,
                        struct triples *held_out)
{
    struct rng rng;
    uint64_t taste[TASTES_OF_VIEWER];
    uint32_t got = 0;

    rng_seed_stream(&rng, seed + 1, u);
    for (size_t t = 0; t < TASTES_OF_VIEWER; t++)
        taste[t] = rng_below(&rng, PLANTED);
    for (uint32_t tries = 0; got < degree && tries < degree * DRAWS_MAX; tries++) {
        /* The first taste counts for half of what is watched. */
        uint64_t t = taste[rng_below(&rng, 2) ? 0 : rng_below(&rng, TASTES_OF_VIEWER)];
        uint32_t i = draw_title(tables + t * cols, cols, &rng);
        if (seen[i] == u + 1)
            continue;
        seen[i] = u + 1;
        struct triples *to = rng_below(&rng, 10) == 0 ? held_out : train;
        to->row[to->n] = u;
        to->col[to->n++] = i;
        got++;
    }
}

static struct triples triples_new(size_t max)
{
    struct triples t = {malloc(max * 4), malloc(max * 4), malloc(max * 4), 0};

    for (size_t k = 0; t.one && k < max; k++)
        t.one[k] = 1;
    return t;
}

static int triples_finish(struct triples *t, uint32_t rows, uint32_t cols, struct csr *ret)
{
    int rc = csr_from_triples(rows, cols, t->row, t->col, t->one, t->n, ret, NULL);

    free(t->row);
    free(t->col);
    free(t->one);
    return rc;
}

int ials_data_make(uint32_t rows, uint32_t cols, uint64_t nnz, uint64_t seed, struct ials_data *ret)
{
    float *tables = taste_tables(cols, seed);
    uint32_t *degree = degrees(rows, cols, nnz * 10 / 9, seed), *seen = calloc(cols, sizeof *seen);
    size_t total = 0;

    if (!tables || !degree || !seen)
        return -1;
    for (uint32_t u = 0; u < rows; u++)
        total += degree[u];
    struct triples train = triples_new(total + 1), held_out = triples_new(total + 1);
    if (!train.one || !held_out.one)
        return -1;
    for (uint32_t u = 0; u < rows; u++)
        draw_viewer(tables, cols, u, degree[u], seed, seen, &train, &held_out);
    free(tables);
    free(degree);
    free(seen);
    int rc = triples_finish(&train, rows, cols, &ret->train);
    return rc ? rc : triples_finish(&held_out, rows, cols, &ret->held_out);
}

/* ------------------------------------------------------------------ keeping it */

static int transfer(const char *dir, const char *name, void *p, size_t bytes, int writing)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, writing ? "wb" : "rb");
    if (!f)
        return -1;
    size_t n = writing ? fwrite(p, 1, bytes, f) : fread(p, 1, bytes, f);
    return fclose(f) == 0 && n == bytes ? 0 : -1;
}

static int transfer_matrix(const char *dir, const char *what, struct csr *m, int writing)
{
    char name[64];

    snprintf(name, sizeof name, "%s.start", what);
    if (transfer(dir, name, m->start, ((size_t)m->rows + 1) * 8, writing))
        return -1;
    if (!writing) {
        m->col = malloc(csr_nnz(m) * 4 + 4);
        m->value = malloc(csr_nnz(m) * 4 + 4);
        if (!m->col || !m->value)
            return -1;
        for (uint64_t k = 0; k < csr_nnz(m); k++)
            m->value[k] = 1;
    }
    snprintf(name, sizeof name, "%s.col", what);
    return transfer(dir, name, m->col, csr_nnz(m) * 4, writing);
}

int ials_data_write(const struct ials_data *d, const char *dir)
{
    struct ials_data copy = *d;
    char shape[64] = {0};

    snprintf(shape, sizeof shape, "%u %u\n", d->train.rows, d->train.cols);
    return transfer(dir, "shape", shape, sizeof shape, 1) ||
                   transfer_matrix(dir, "train", &copy.train, 1) ||
                   transfer_matrix(dir, "held_out", &copy.held_out, 1)
               ? -1
               : 0;
}

int ials_data_read(const char *dir, struct ials_data *ret)
{
    char shape[64];
    uint32_t rows, cols;

    if (transfer(dir, "shape", shape, sizeof shape, 0))
        return -1;
    shape[sizeof shape - 1] = 0;
    if (sscanf(shape, "%u %u", &rows, &cols) != 2)
        return -1;
    ret->train = (struct csr){.rows = rows, .cols = cols, .start = malloc(((size_t)rows + 1) * 8)};
    ret->held_out =
        (struct csr){.rows = rows, .cols = cols, .start = malloc(((size_t)rows + 1) * 8)};
    if (!ret->train.start || !ret->held_out.start)
        return -1;
    return transfer_matrix(dir, "train", &ret->train, 0) ||
                   transfer_matrix(dir, "held_out", &ret->held_out, 0)
               ? -1
               : 0;
}

void ials_data_release(struct ials_data *d)
{
    csr_release(&d->train);
    csr_release(&d->held_out);
}

/* ------------------------------------------------------------------ judging */

static void judge_viewer(const struct ials_data *d, uint32_t u, const struct topk_item *best,
                         size_t n, uint8_t *wanted, struct ials_quality *sum)
{
    struct csr_row target = csr_row(&d->held_out, u);
    double gain = 0, ideal = 0, hits = 0;
    size_t possible = target.n < DEPTH ? target.n : DEPTH;

    for (size_t k = 0; k < target.n; k++)
        wanted[target.col[k]] = 1;
    for (size_t k = 0; k < n; k++) {
        gain += wanted[best[k].index] / log2((double)k + 2);
        hits += wanted[best[k].index];
    }
    for (size_t k = 0; k < possible; k++)
        ideal += 1 / log2((double)k + 2);
    for (size_t k = 0; k < target.n; k++)
        wanted[target.col[k]] = 0;
    sum->ndcg += gain / ideal;
    sum->recall += hits / (double)possible;
}

struct ials_quality ials_quality(const struct ials_data *d, const float *viewers,
                                 const float *titles, size_t stride)
{
    uint32_t rows = d->train.rows, cols = d->train.cols, step = rows / JUDGED ? rows / JUDGED : 1;
    float *score = malloc(cols * sizeof *score);
    uint64_t *skip = calloc(cols / 64 + 1, sizeof *skip);
    uint8_t *wanted = calloc(cols, 1);
    struct topk_item best[DEPTH];
    struct ials_quality sum = {0, 0};
    size_t judged = 0;

    if (!score || !skip || !wanted)
        abort();
    for (uint32_t u = 0; u < rows; u += step) {
        struct csr_row seen = csr_row(&d->train, u);
        if (csr_row(&d->held_out, u).n == 0)
            continue;
        math_kernels()->dots(titles, cols, stride, viewers + u * stride, score);
        for (size_t k = 0; k < seen.n; k++)
            skip[seen.col[k] / 64] |= 1ull << seen.col[k] % 64;
        judge_viewer(d, u, best, topk_select(score, cols, skip, DEPTH, best), wanted, &sum);
        for (size_t k = 0; k < seen.n; k++)
            skip[seen.col[k] / 64] = 0;
        judged++;
    }
    free(score);
    free(skip);
    free(wanted);
    return (struct ials_quality){sum.ndcg / (double)judged, sum.recall / (double)judged};
}
