#include "train/pearson.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Sums over the common viewers of two titles, x of the first, y of the second. */
struct common {
    float n, x, y, xx, yy, xy;
};

struct neighbour {
    float similarity, deviation;
    uint32_t title;
};

struct worker {
    struct common *common;       /* (titles) */
    struct neighbour *neighbour; /* (most ratings of a viewer) */
};

struct job {
    const struct csr *ratings;
    struct csr viewers_of;
    const struct biases *biases;
    const struct triples *cases;
    const struct pearson_settings *settings;
    size_t n_settings;
    uint32_t *start, *order; /* cases by title */
    struct worker *worker;
    size_t n_workers;
    float *ret;
};

static void correlate(const struct job *j, uint32_t title, struct common *common)
{
    struct csr_row viewers = csr_row(&j->viewers_of, title);
    memset(common, 0, j->ratings->cols * sizeof(*common));
    for (size_t v = 0; v < viewers.n; v++) {
        struct csr_row row = csr_row(j->ratings, viewers.col[v]);
        float x = viewers.value[v];
        for (size_t k = 0; k < row.n; k++) {
            struct common *c = &common[row.col[k]];
            float y = row.value[k];
            c->n += 1;
            c->x += x;
            c->y += y;
            c->xx += x * x;
            c->yy += y * y;
            c->xy += x * y;
        }
    }
}

static double pearson(const struct common *c)
{
    double n = (double)c->n;
    double x = n * (double)c->xx - (double)c->x * (double)c->x;
    double y = n * (double)c->yy - (double)c->y * (double)c->y;
    double xy = n * (double)c->xy - (double)c->x * (double)c->y;
    return x > 1e-6 && y > 1e-6 ? xy / sqrt(x * y) : 0;
}

/* The most similar first; equal ones by title. */
static int by_similarity(const void *a, const void *b)
{
    const struct neighbour *x = a;
    const struct neighbour *y = b;
    if (x->similarity != y->similarity)
        return x->similarity < y->similarity ? 1 : -1;
    return (x->title > y->title) - (x->title < y->title);
}

static size_t find_neighbours(const struct job *j, uint32_t viewer, uint32_t title, float shrink,
                              const struct worker *w)
{
    struct csr_row row = csr_row(j->ratings, viewer);
    size_t n = 0;
    for (size_t k = 0; k < row.n; k++) {
        uint32_t other = row.col[k];
        const struct common *c = &w->common[other];
        double s = other == title ? 0 : pearson(c) * (double)c->n / (double)(c->n + shrink);
        if (!(s > 0))
            continue;
        double deviation = (double)row.value[k] - biases_of(j->biases, viewer, other);
        w->neighbour[n++] = (struct neighbour){(float)s, (float)deviation, other};
    }
    qsort(w->neighbour, n, sizeof(*w->neighbour), by_similarity);
    return n;
}

static float predict(const struct worker *w, size_t n, uint32_t neighbours, double base)
{
    double sum = 0;
    double weight = 0;
    for (size_t k = 0; k < n && k < neighbours; k++) {
        sum += (double)w->neighbour[k].similarity * (double)w->neighbour[k].deviation;
        weight += (double)w->neighbour[k].similarity;
    }
    return (float)(base + (weight > 0 ? sum / weight : 0));
}

static void predict_titles(void *ctx, size_t from, size_t to, size_t worker)
{
    struct job *j = ctx;
    struct worker *w = &j->worker[worker];
    for (size_t title = from; title < to; title++) {
        if (j->start[title] == j->start[title + 1])
            continue;
        correlate(j, (uint32_t)title, w->common);
        for (uint32_t k = j->start[title]; k < j->start[title + 1]; k++) {
            uint32_t i = j->order[k];
            uint32_t viewer = j->cases->viewer[i];
            double base = biases_of(j->biases, viewer, (uint32_t)title);
            size_t n = 0;
            for (size_t s = 0; s < j->n_settings; s++) {
                float shrink = j->settings[s].shrink;
                if (s == 0 || shrink != j->settings[s - 1].shrink)
                    n = find_neighbours(j, viewer, (uint32_t)title, shrink, w);
                j->ret[s * j->cases->n + i] = predict(w, n, j->settings[s].neighbours, base);
            }
        }
    }
}

static int prepare(struct job *j, size_t threads, struct mq_error *err)
{
    uint32_t titles = j->ratings->cols;
    size_t most = 0;
    for (uint32_t v = 0; v < j->ratings->rows; v++) {
        size_t n = csr_row(j->ratings, v).n;
        most = n > most ? n : most;
    }
    j->start = calloc((size_t)titles + 2, sizeof(uint32_t));
    j->order = calloc(j->cases->n + 1, sizeof(uint32_t));
    j->worker = calloc(threads, sizeof(*j->worker));
    bool fine = j->start && j->order && j->worker;
    for (; fine && j->n_workers < threads; j->n_workers++) {
        struct worker *w = &j->worker[j->n_workers];
        w->common = calloc((size_t)titles + 1, sizeof(*w->common));
        w->neighbour = calloc(most + 1, sizeof(*w->neighbour));
        fine = w->common && w->neighbour;
    }
    if (!fine)
        return mq_fail(err, MQ_NO_MEMORY, "neighbours: no memory: give the process more");
    for (size_t i = 0; i < j->cases->n; i++)
        j->start[j->cases->title[i] + 2]++;
    for (uint32_t t = 0; t < titles; t++)
        j->start[t + 2] += j->start[t + 1];
    for (size_t i = 0; i < j->cases->n; i++)
        j->order[j->start[j->cases->title[i] + 1]++] = (uint32_t)i;
    return csr_transpose(j->ratings, &j->viewers_of, err);
}

int pearson_predict(const struct csr *ratings, const struct biases *b, const struct triples *cases,
                    const struct pearson_settings *settings, size_t n_settings, struct pool *pool,
                    float *ret, struct mq_error *err)
{
    struct job j = {.ratings = ratings,
                    .biases = b,
                    .cases = cases,
                    .settings = settings,
                    .n_settings = n_settings,
                    .ret = ret};
    enum { PART = 8 };
    int rc = prepare(&j, pool_threads(pool), err);
    if (rc == 0)
        pool_for(pool, ratings->cols, PART, predict_titles, &j);
    for (size_t k = 0; k < pool_threads(pool) && j.worker; k++) {
        free(j.worker[k].common);
        free(j.worker[k].neighbour);
    }
    free(j.worker);
    free(j.start);
    free(j.order);
    csr_release(&j.viewers_of);
    return rc;
}
