#include "audience/communities.h"

#include <math.h>
#include <stdlib.h>

#include "audience/communities_inside.h"
#include "catalogue/catalogue.h"

enum {
    SAMPLE = 20000, /* viewers that centres are made from while choosing */
    ROUNDS = 25,
    RESAMPLES = 4,
};
/* Numbers of communities whose partitions agree less than this are passed over, if any agrees more. */
static const double stable = 0.5;

void communities_free(struct communities *c)
{
    if (!c)
        return;
    for (uint32_t i = 0; i < c->n; i++) {
        if (c->v[i].members)
            roaring_bitmap_free(c->v[i].members);
    }
    free(c);
}

void communities_forget(struct communities *c, uint32_t viewer)
{
    for (uint32_t i = 0; c && i < c->n; i++)
        roaring_bitmap_remove(c->v[i].members, viewer);
}

const struct community *communities_named(const struct communities *c, struct str name)
{
    char wanted[COMMUNITY_NAME_MAX];
    char text[COMMUNITY_NAME_MAX];
    uint64_t id;
    bool numbered = str_to_u64(name, &id);
    size_t n = name_normalise(name, wanted, sizeof(wanted));
    for (uint32_t i = 0; c && i < c->n; i++) {
        size_t m = name_normalise(str_of(c->v[i].name), text, sizeof(text));
        if ((numbered && c->v[i].id == id) || (n > 0 && n == m && memcmp(wanted, text, n) == 0))
            return &c->v[i];
    }
    return NULL;
}

struct finding {
    const struct viewer_sets *sets;
    const struct catalogue *catalogue;
    const struct communities_question *question;
    struct pool *pool;
    struct tastes early, all;
    uint32_t *pick, *resample; /* (sample) */
    uint32_t sample;
    float *centre, *other;  /* (COMMUNITIES_MAX, stride) */
    uint8_t *group, *again; /* (n) */
    struct rng *rng;
    struct mq_error *err;
};

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "communities: no memory");
}

/* Groups below the floor go, their members to the nearest that is left. Returns how many are left. */
static uint32_t drop_small(const struct finding *f, const struct tastes *t, uint32_t k,
                           float *centre, uint8_t *group)
{
    unsigned least = f->question->floor > COMMUNITY_LIKES ? f->question->floor : COMMUNITY_LIKES;
    for (;;) {
        uint32_t size[COMMUNITIES_MAX] = {0};
        uint32_t small = 0;
        kmeans_assign(t->rows, t->n, t->stride, centre, k, f->pool, group);
        for (uint32_t i = 0; i < t->n; i++)
            size[group[i]]++;
        for (uint32_t g = 1; g < k; g++)
            small = size[g] < size[small] ? g : small;
        if (size[small] >= least || k == 1)
            return k;
        k--;
        memmove(centre + small * t->stride, centre + (small + 1) * t->stride,
                (k - small) * t->stride * sizeof(*centre));
    }
}

static void draw_sample(struct finding *f, const struct tastes *t)
{
    f->sample = t->n < SAMPLE ? t->n : SAMPLE;
    for (uint32_t i = 0; i < f->sample; i++)
        f->pick[i] = t->n <= SAMPLE ? i : (uint32_t)rng_below(f->rng, t->n);
}

static int stability(struct finding *f, uint32_t k, double *ret)
{
    double sum = 0;
    for (int b = 0; b < RESAMPLES; b++) {
        for (uint32_t i = 0; i < f->sample; i++)
            f->resample[i] = f->pick[rng_below(f->rng, f->sample)];
        int rc = kmeans(f->early.rows, f->early.stride, f->resample, f->sample, k, ROUNDS, f->rng,
                        f->pool, f->other, f->err);
        if (rc)
            return rc;
        kmeans_assign(f->early.rows, f->early.n, f->early.stride, f->other, k, f->pool, f->again);
        sum += adjusted_rand(f->group, f->again, f->early.n);
    }
    *ret = sum / RESAMPLES;
    return 0;
}

/* Try each number; the best is in *ret_k with its figures in `out`. */
static int choose_number(struct finding *f, uint32_t *ret_k, struct communities *out)
{
    static const uint32_t numbers[] = {2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24};
    enum { NUMBERS = sizeof(numbers) / sizeof(numbers[0]) };
    double best = -INFINITY;
    bool best_stable = false;
    *ret_k = 0;
    for (unsigned i = 0; i < NUMBERS; i++) {
        uint32_t k = numbers[i];
        double likelihood;
        double agreement;
        const struct communities_question *q = f->question;
        if (q->progress && !q->progress(q->progress_ctx, "communities", i, NUMBERS))
            return mq_fail(f->err, MQ_CANCELLED, "communities: stopped");
        if ((uint64_t)k * (q->floor + 1) * 2 > f->early.n)
            break;
        int rc = kmeans(f->early.rows, f->early.stride, f->pick, f->sample, k, ROUNDS, f->rng,
                        f->pool, f->centre, f->err);
        if (rc)
            return rc;
        kmeans_assign(f->early.rows, f->early.n, f->early.stride, f->centre, k, f->pool, f->group);
        rc = held_out_likelihood(f->sets, &f->early, f->group, k, &likelihood, f->err);
        if (rc == 0)
            rc = stability(f, k, &agreement);
        if (rc)
            return rc;
        bool is_stable = agreement >= stable;
        /* Without held-out likes (all at one time) the more stable one. */
        double score = isnan(likelihood) || !is_stable ? agreement : likelihood;
        if (*ret_k != 0 && (best_stable > is_stable || (best_stable == is_stable && score <= best)))
            continue;
        best = score;
        best_stable = is_stable;
        *ret_k = k;
        out->stability = agreement;
    }
    if (*ret_k == 0)
        return mq_fail(f->err, MQ_INVALID,
                       "communities: %u viewers with %d likes: too few for two groups of %u",
                       f->early.n, COMMUNITY_LIKES, f->question->floor);
    return 0;
}

/* ---------------------------------------------------------------- against other partitions */

struct ordered {
    uint64_t key;
    uint32_t at;
};

static int by_key(const void *x, const void *y)
{
    const struct ordered *a = x;
    const struct ordered *b = y;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return (a->at > b->at) - (a->at < b->at);
}

/* Groups of the same sizes along an order: by country and device, or random. */
static int other_partition(struct finding *f, uint32_t k, bool random, double *ret)
{
    uint32_t size[KMEANS_MAX] = {0};
    struct ordered *v = calloc((size_t)f->early.n + 1, sizeof(*v));
    if (!v)
        return no_memory(f->err);
    for (uint32_t i = 0; i < f->early.n; i++) {
        const struct set_viewer *p = f->sets->viewers[f->early.viewer[i]];
        uint64_t shuffled = rng_u64(f->rng) >> 24;
        uint64_t cell = (uint64_t)p->country << 8 | p->devices;
        size[f->group[i]]++;
        v[i] = (struct ordered){(random ? 0 : cell << 40) | shuffled, i};
    }
    qsort(v, f->early.n, sizeof(*v), by_key);
    uint32_t at = 0;
    for (uint32_t g = 0; g < k; g++)
        for (uint32_t i = 0; i < size[g]; i++)
            f->again[v[at++].at] = (uint8_t)g;
    free(v);
    return held_out_likelihood(f->sets, &f->early, f->again, k, ret, f->err);
}

/* On the early vectors with the chosen number: how good it is. */
static int measure(struct finding *f, uint32_t k, struct communities *out)
{
    int rc = kmeans(f->early.rows, f->early.stride, f->pick, f->sample, k, ROUNDS, f->rng, f->pool,
                    f->centre, f->err);
    if (rc)
        return rc;
    k = drop_small(f, &f->early, k, f->centre, f->group);
    rc = held_out_likelihood(f->sets, &f->early, f->group, k, &out->likelihood, f->err);
    if (rc == 0)
        rc = other_partition(f, k, false, &out->likelihood_cells);
    if (rc == 0)
        rc = other_partition(f, k, true, &out->likelihood_random);
    if (rc == 0)
        rc = try_names(f->sets, f->catalogue, &f->early, f->group, k, f->rng, out, f->err);
    return rc;
}

/* ---------------------------------------------------------------- numbers that stay */

/* The new ones take the numbers of those whose members they have; others get new numbers. */
static void keep_numbers(const struct communities *previous, struct communities *c)
{
    double gain[COMMUNITIES_MAX * COMMUNITIES_MAX] = {0};
    uint32_t column[COMMUNITIES_MAX];
    uint32_t k = c->n;
    c->next_id = previous ? previous->next_id : 1;
    if (previous && previous->n > k)
        k = previous->n;
    for (uint32_t i = 0; previous && i < c->n; i++)
        for (uint32_t j = 0; j < previous->n; j++)
            gain[i * k + j] =
                (double)roaring_bitmap_and_cardinality(c->v[i].members, previous->v[j].members);
    if (previous)
        assign_best(gain, k, column);
    for (uint32_t i = 0; i < c->n; i++) {
        bool known = previous && column[i] < previous->n && gain[i * k + column[i]] > 0;
        c->v[i].id = known ? previous->v[column[i]].id : c->next_id++;
    }
}

static int by_id(const void *x, const void *y)
{
    const struct community *a = x;
    const struct community *b = y;
    return (a->id > b->id) - (a->id < b->id);
}

static int settle(struct finding *f, uint32_t k, struct communities *c)
{
    draw_sample(f, &f->all);
    int rc = kmeans(f->all.rows, f->all.stride, f->pick, f->sample, k, ROUNDS, f->rng, f->pool,
                    f->centre, f->err);
    if (rc)
        return rc;
    c->n = drop_small(f, &f->all, k, f->centre, f->group);
    for (uint32_t g = 0; g < c->n; g++) {
        c->v[g].members = roaring_bitmap_create();
        if (!c->v[g].members)
            return no_memory(f->err);
    }
    for (uint32_t i = 0; i < f->all.n; i++)
        roaring_bitmap_add(c->v[f->group[i]].members, f->all.viewer[i]);
    rc = name_groups(f->sets, f->catalogue, &f->all, f->group, c->n, c->v, f->err);
    if (rc)
        return rc;
    keep_numbers(f->question->previous, c);
    qsort(c->v, c->n, sizeof(c->v[0]), by_id);
    return 0;
}

static int find(struct finding *f, const struct model *m, struct communities *c)
{
    uint32_t k = 0;
    int rc = tastes_init(f->sets, m, false, f->pool, &f->early, f->err);
    if (rc == 0)
        rc = tastes_init(f->sets, m, true, f->pool, &f->all, f->err);
    if (rc)
        return rc;
    size_t n = (size_t)f->early.n + 1;
    f->pick = calloc(SAMPLE, sizeof(*f->pick));
    f->resample = calloc(SAMPLE, sizeof(*f->resample));
    f->centre = calloc(COMMUNITIES_MAX * m->stride, sizeof(*f->centre));
    f->other = calloc(COMMUNITIES_MAX * m->stride, sizeof(*f->other));
    f->group = calloc(n, 1);
    f->again = calloc(n, 1);
    if (!f->pick || !f->resample || !f->centre || !f->other || !f->group || !f->again)
        return no_memory(f->err);
    draw_sample(f, &f->early);
    rc = choose_number(f, &k, c);
    if (rc == 0)
        rc = measure(f, k, c);
    return rc ? rc : settle(f, k, c);
}

int communities_find(const struct viewer_sets *s, const struct catalogue *c, const struct model *m,
                     const struct communities_question *q, struct pool *pool,
                     struct communities **ret, struct mq_error *err)
{
    if (!m || m->rank == 0)
        return mq_fail(err, MQ_NO_MODEL, "communities: no model with factors is live: train first");
    struct rng rng;
    struct finding f = {
        .sets = s, .catalogue = c, .question = q, .pool = pool, .rng = &rng, .err = err};
    struct communities *out = calloc(1, sizeof(*out));
    if (!out)
        return no_memory(err);
    rng_seed(&rng, q->seed);
    out->model_version = m->facts.version;
    out->sets_version = s->version;
    int rc = find(&f, m, out);
    tastes_release(&f.early);
    tastes_release(&f.all);
    free(f.pick);
    free(f.resample);
    free(f.centre);
    free(f.other);
    free(f.group);
    free(f.again);
    if (rc) {
        communities_free(out);
        return rc;
    }
    *ret = out;
    return 0;
}
