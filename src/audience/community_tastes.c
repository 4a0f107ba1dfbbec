/* community_tastes.c - viewers as directions in the model's space, and what was held out of them. */
#include <math.h>
#include <stdlib.h>

#include "audience/communities_inside.h"
#include "model/fold_in.h"

void tastes_release(struct tastes *t)
{
    free(t->viewer);
    free(t->rows);
    free(t->cut);
    free(t->end);
    *t = (struct tastes){0};
}

struct folding {
    const struct viewer_sets *sets;
    const struct model *model;
    struct tastes *out;
    enum tastes_part part;
    float **scratch;             /* by worker */
    struct fold_in_item **items; /* by worker */
    uint32_t longest;
};

static int compare_u32(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* The time from which a viewer's likes before `end` are the newest fifth (more where several share it, none where all
 * do). */
static uint32_t cut_of(const struct set_viewer *p, uint32_t end, uint32_t *room)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->n; i++) {
        if (is_like(&p->entries[i]) && p->entries[i].last_s < end)
            room[n++] = p->entries[i].last_s;
    }
    if (n == 0)
        return end;
    qsort(room, n, sizeof(*room), compare_u32);
    uint32_t at = room[n - 1 - (n - 1) / 5];
    return at > room[0] ? at : end;
}

static void fold_one(const struct folding *f, uint32_t row, size_t worker)
{
    const struct set_viewer *p = f->sets->viewers[f->out->viewer[row]];
    struct fold_in_item *items = f->items[worker];
    float *x = f->out->rows + row * f->out->stride;
    uint32_t n = 0;
    /* The items' memory serves for the times first. */
    uint32_t cut = UINT32_MAX;
    f->out->end[row] = cut;
    for (enum tastes_part k = TASTES_ALL; k < f->part; k++) {
        f->out->end[row] = cut;
        cut = cut_of(p, cut, (uint32_t *)(void *)items);
    }
    f->out->cut[row] = cut;
    for (uint32_t i = 0; i < p->n; i++) {
        const struct set_entry *e = &p->entries[i];
        if (e->confidence == 0 || e->last_s >= cut)
            continue;
        items[n++] = (struct fold_in_item){
            {e->title}, e->preference > 0 ? 1.0f : 0.0f, (float)e->confidence / 20.0f};
    }
    struct mq_error err;
    double length = 0;
    if (fold_in(f->model, items, n, f->scratch[worker], x, NULL, &err) != 0)
        memset(x, 0, f->out->stride * sizeof(*x));
    for (size_t d = 0; d < f->out->stride; d++)
        length += (double)x[d] * x[d];
    for (size_t d = 0; d < f->out->stride && length > 0; d++)
        x[d] *= (float)(1 / sqrt(length));
}

static void fold_part(void *ctx, size_t from, size_t to, size_t worker)
{
    for (size_t i = from; i < to; i++)
        fold_one(ctx, (uint32_t)i, worker);
}

static int fold_all(struct folding *f, struct pool *pool)
{
    size_t threads = pool_threads(pool);
    size_t floats = (fold_in_scratch(f->model, f->longest) + 15) / 16 * 16;
    f->scratch = calloc(threads, sizeof(*f->scratch));
    f->items = calloc(threads, sizeof(*f->items));
    bool ok = f->scratch && f->items;
    for (size_t i = 0; ok && i < threads; i++) {
        f->scratch[i] = aligned_alloc(64, floats * sizeof(float));
        f->items[i] = calloc((size_t)f->longest + 1, sizeof(**f->items));
        ok = f->scratch[i] && f->items[i];
    }
    if (ok)
        pool_for(pool, f->out->n, 64, fold_part, f);
    for (size_t i = 0; i < threads; i++) {
        if (f->scratch)
            free(f->scratch[i]);
        if (f->items)
            free(f->items[i]);
    }
    free(f->scratch);
    free(f->items);
    return ok ? 0 : MQ_NO_MEMORY;
}

int tastes_init(const struct viewer_sets *s, const struct model *m, enum tastes_part part,
                uint32_t most, struct pool *pool, struct tastes *ret, struct mq_error *err)
{
    struct tastes t = {.stride = m->stride};
    struct folding f = {.sets = s, .model = m, .out = &t, .part = part};
    uint32_t n = 0;
    t.viewer = calloc((size_t)s->n_present + 1, sizeof(*t.viewer));
    if (!t.viewer)
        return mq_fail(err, MQ_NO_MEMORY, "communities: no memory");
    for (uint32_t v = 0; v < s->n_viewers; v++) {
        const struct set_viewer *p = s->viewers[v];
        if (p && p->likes >= COMMUNITY_LIKES)
            t.viewer[n++] = v;
    }
    t.n = n < most ? n : most;
    for (uint32_t i = 0; i < t.n; i++) {
        t.viewer[i] = t.viewer[(uint64_t)i * n / t.n];
        uint32_t events = s->viewers[t.viewer[i]]->n;
        f.longest = events > f.longest ? events : f.longest;
    }
    t.rows = aligned_alloc(64, ((size_t)t.n + 1) * t.stride * sizeof(*t.rows));
    t.cut = calloc((size_t)t.n + 1, sizeof(*t.cut));
    t.end = calloc((size_t)t.n + 1, sizeof(*t.end));
    if (!t.rows || !t.cut || !t.end || fold_all(&f, pool) != 0) {
        tastes_release(&t);
        return mq_fail(err, MQ_NO_MEMORY, "communities: %u viewers: no memory", n);
    }
    *ret = t;
    return 0;
}

int held_out_likelihood(const struct viewer_sets *s, const struct tastes *t, const uint8_t *group,
                        uint32_t k, double *ret, struct mq_error *err)
{
    /* Likes of everybody's popularity that each group is given beforehand. */
    static const double prior = 500;
    size_t n_titles = s->n_titles;
    double *count = calloc((k + (size_t)1) * n_titles + 1, sizeof(*count));
    double total[KMEANS_MAX + 1] = {0};
    double sum = 0;
    double n = 0;
    if (!count)
        return mq_fail(err, MQ_NO_MEMORY, "communities: no memory");
    double *everybody = count + k * n_titles;
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < t->n; i++) {
            const struct set_viewer *p = s->viewers[t->viewer[i]];
            uint32_t g = group[i];
            for (uint32_t e = 0; e < p->n; e++) {
                uint32_t title = p->entries[e].title;
                if (pass == 0 ? !is_known(t, i, &p->entries[e])
                              : !is_held_out(t, i, &p->entries[e]))
                    continue;
                if (pass == 0) {
                    count[g * n_titles + title]++;
                    everybody[title]++;
                    total[g]++;
                    total[k]++;
                    continue;
                }
                double base = (everybody[title] + 0.5) / (total[k] + 0.5 * (double)n_titles);
                sum += log((count[g * n_titles + title] + prior * base) / (total[g] + prior));
                n++;
            }
        }
    }
    free(count);
    *ret = n > 0 ? sum / n : NAN;
    return 0;
}
