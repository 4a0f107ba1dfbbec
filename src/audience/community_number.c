/* community_number.c - how many communities, and where: decided before the newest fifth of likes is looked at. */
#include <math.h>
#include <stdlib.h>

#include "audience/communities_inside.h"

enum { TRIES = 4, RESAMPLES = 4 };
/* Partitions that agree less than this with those of resampled viewers, and those whose names are picked more rarely, are
 * passed over if there are others. */
static const double stable = 0.5;
static const double told_apart = 0.85;

uint32_t draw_sample(struct finding *f, const struct tastes *t)
{
    uint32_t n = t->n < COMMUNITY_SAMPLE ? t->n : COMMUNITY_SAMPLE;
    for (uint32_t i = 0; i < n; i++)
        f->pick[i] = t->n <= COMMUNITY_SAMPLE ? i : (uint32_t)rng_below(f->rng, t->n);
    return n;
}

uint32_t assign_groups(struct finding *f, const struct tastes *t, uint32_t k)
{
    unsigned floor = f->question->floor > COMMUNITY_LIKES ? f->question->floor : COMMUNITY_LIKES;
    /* of a part of the viewers, as many fewer */
    double least = (double)floor * t->n / f->early.n;
    for (;;) {
        uint32_t size[COMMUNITIES_MAX] = {0};
        uint32_t small = 0;
        kmeans_assign(t->rows, t->n, t->stride, f->centre, k, f->pool, f->group);
        for (uint32_t i = 0; i < t->n; i++)
            size[f->group[i]]++;
        for (uint32_t g = 1; g < k; g++)
            small = size[g] < size[small] ? g : small;
        if (size[small] >= least || k == 1)
            return k;
        k--;
        memmove(f->centre + small * t->stride, f->centre + (small + 1) * t->stride,
                (k - small) * t->stride * sizeof(*f->centre));
    }
}

int stability(struct finding *f, const struct tastes *t, uint32_t k, double *ret)
{
    double sum = 0;
    uint32_t n = draw_sample(f, t);
    for (int b = 0; b < RESAMPLES; b++) {
        for (uint32_t i = 0; i < n; i++)
            f->resample[i] = f->pick[rng_below(f->rng, n)];
        int rc = kmeans(t->rows, t->stride, f->resample, n, k, COMMUNITY_ROUNDS, TRIES, f->rng,
                        f->pool, f->other, f->err);
        if (rc)
            return rc;
        kmeans_assign(t->rows, t->n, t->stride, f->other, k, f->pool, f->again);
        sum += adjusted_rand(f->group, f->again, t->n);
    }
    *ret = sum / RESAMPLES;
    return 0;
}

/* A partition, and its figures on what is held out of the inner part. */
struct trial {
    uint32_t k;
    float *centre; /* (k, stride) */
    double likelihood, stability;
    double gain; /* of likelihood over that by everybody's popularity */
    struct names_tried names;
};

static int judge(struct finding *f, double everybody, struct trial *x)
{
    const struct tastes *t = &f->inner;
    int rc = held_out_likelihood(f->sets, t, f->group, x->k, &x->likelihood, f->err);
    x->gain = x->likelihood - everybody;
    if (rc == 0)
        rc = stability(f, t, x->k, &x->stability);
    if (rc == 0)
        rc = try_names(f->sets, f->catalogue, t, f->group, x->k, f->rng, &x->names, f->err);
    return rc;
}

static int try_number(struct finding *f, uint32_t k, double everybody, struct trial *ret)
{
    const struct tastes *t = &f->inner;
    uint32_t n = draw_sample(f, t);
    int rc = kmeans(t->rows, t->stride, f->pick, n, k, COMMUNITY_ROUNDS, TRIES, f->rng, f->pool,
                    f->centre, f->err);
    if (rc)
        return rc;
    ret->k = assign_groups(f, t, k);
    if (ret->k < 2)
        return 0;
    ret->centre = calloc(ret->k * t->stride, sizeof(*ret->centre));
    if (!ret->centre)
        return mq_fail(f->err, MQ_NO_MEMORY, "communities: no memory");
    memcpy(ret->centre, f->centre, ret->k * t->stride * sizeof(*ret->centre));
    return judge(f, everybody, ret);
}

/* 3: stable, foretells, and its names can be told apart; 2: without the last; 1: stable; 0: not even that. */
static int class_of(const struct trial *x, double best_gain)
{
    if (x->stability < stable)
        return 0;
    if (isnan(x->gain) || x->gain < best_gain / 2)
        return 1;
    return x->names.found >= told_apart ? 3 : 2;
}

static bool is_better(const struct trial *x, const struct trial *than, double best_gain)
{
    int a = class_of(x, best_gain);
    int b = class_of(than, best_gain);
    if (a != b)
        return a > b;
    /* Without held-out likes (all at one time) the more stable one. */
    if (a < 2)
        return x->stability > than->stability;
    return a == 2 ? x->names.found > than->names.found : x->gain > than->gain;
}

static const struct trial *best_of(const struct trial *x, unsigned n)
{
    double best_gain = 0;
    const struct trial *best = NULL;
    for (unsigned i = 0; i < n; i++) {
        if (x[i].k > 1 && x[i].stability >= stable && x[i].gain > best_gain)
            best_gain = x[i].gain;
    }
    for (unsigned i = 0; i < n; i++) {
        if (x[i].k > 1 && (!best || is_better(&x[i], best, best_gain)))
            best = &x[i];
    }
    return best;
}

enum { NUMBERS = 11 };

static int try_numbers(struct finding *f, struct trial *ret)
{
    static const uint32_t numbers[NUMBERS] = {2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24};
    const struct communities_question *q = f->question;
    double everybody;
    memset(f->group, 0, f->inner.n);
    int rc = held_out_likelihood(f->sets, &f->inner, f->group, 1, &everybody, f->err);
    for (unsigned i = 0; rc == 0 && i < NUMBERS; i++) {
        if (q->progress && !q->progress(q->progress_ctx, "communities", i, NUMBERS))
            return mq_fail(f->err, MQ_CANCELLED, "communities: stopped");
        if ((uint64_t)numbers[i] * (q->floor + 1) * 2 > f->early.n)
            break;
        rc = try_number(f, numbers[i], everybody, &ret[i]);
    }
    return rc;
}

int choose_number(struct finding *f, uint32_t *ret_k)
{
    struct trial x[NUMBERS] = {0};
    int rc = try_numbers(f, x);
    const struct trial *best = rc == 0 ? best_of(x, NUMBERS) : NULL;
    if (best) {
        *ret_k = best->k;
        memcpy(f->best, best->centre, best->k * f->inner.stride * sizeof(*f->best));
    } else if (rc == 0) {
        rc = mq_fail(f->err, MQ_INVALID,
                     "communities: %u viewers with %d likes: too few for two groups of %u",
                     f->early.n, COMMUNITY_LIKES, f->question->floor);
    }
    for (unsigned i = 0; i < NUMBERS; i++)
        free(x[i].centre);
    return rc;
}
