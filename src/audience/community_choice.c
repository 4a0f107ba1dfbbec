/* community_choice.c - what groups are called by, chosen together so that names can be told apart. */
#include <math.h>
#include <stdlib.h>

#include "audience/communities_inside.h"

enum { ROUNDS = 4, SHOWN = 10 };

struct choice {
    struct candidates *group;
    uint32_t k;
    unsigned n[COMMUNITIES_MAX]; /* top titles */
    double *tells; /* (k, candidates, k, top) of each candidate, of each group's titles */
    double *sum;   /* (k, k, top) of what each group is called by */
};

static double *tells_of(const struct choice *x, uint32_t g, unsigned candidate)
{
    return x->tells + ((size_t)g * COMMUNITY_CANDIDATES + candidate) * x->k * COMMUNITY_TOP;
}

static double *sum_of(const struct choice *x, uint32_t g)
{
    return x->sum + (size_t)g * x->k * COMMUNITY_TOP;
}

/* Log of the chance (normal, its deviates taken at .7: these titles made the groups) that a handful of a group's titles (n)
 * fit its own name better than another; by what the two tell of each. */
static double told_from(const double *mine, const double *other, unsigned n)
{
    double sum = 0;
    double squares = 0;
    if (n < 3)
        return 0;
    for (unsigned i = 0; i < n; i++) {
        double d = mine[i] - other[i];
        sum += d;
        squares += d * d;
    }
    double mean = sum / n;
    double variance = squares / n - mean * mean + 0.25;
    return log(0.5 * erfc(-mean * sqrt(SHOWN / variance) * M_SQRT1_2 * 0.7) + 1e-9);
}

static double told_apart(const struct choice *x, uint32_t g)
{
    const double *mine = sum_of(x, g) + (size_t)g * COMMUNITY_TOP;
    double sum = 0;
    for (uint32_t h = 0; h < x->k; h++) {
        if (h == g)
            continue;
        size_t of_h = (size_t)h * COMMUNITY_TOP;
        sum += told_from(mine, sum_of(x, h) + (size_t)g * COMMUNITY_TOP, x->n[g]);
        sum += told_from(sum_of(x, h) + of_h, sum_of(x, g) + of_h, x->n[h]);
    }
    return sum;
}

static void add(const struct choice *x, uint32_t g, unsigned candidate, double sign)
{
    double *sum = sum_of(x, g);
    const double *tells = tells_of(x, g, candidate);
    for (size_t i = 0; i < (size_t)x->k * COMMUNITY_TOP; i++)
        sum[i] += sign * tells[i];
}

/* The best exchange of one trait for another of its kind. */
static bool exchange(const struct choice *x, uint32_t g)
{
    struct candidates *c = &x->group[g];
    double best = told_apart(x, g) + 0.02 /* less is noise */;
    unsigned out = 0;
    unsigned in = 0;
    bool any = false;
    for (unsigned i = 0; i < c->n; i++) {
        for (unsigned j = 0; j < c->n; j++) {
            if (!(c->chosen >> i & 1) || c->chosen >> j & 1 || c->v[i].kind != c->v[j].kind)
                continue;
            add(x, g, i, -1);
            add(x, g, j, 1);
            double score = told_apart(x, g);
            add(x, g, j, -1);
            add(x, g, i, 1);
            if (score <= best)
                continue;
            best = score;
            out = i;
            in = j;
            any = true;
        }
    }
    if (any) {
        add(x, g, out, -1);
        add(x, g, in, 1);
        c->chosen = (c->chosen & ~(1u << out)) | 1u << in;
    }
    return any;
}

static void tell(const struct catalogue *c, struct choice *x, uint32_t (*top)[COMMUNITY_TOP])
{
    for (uint32_t g = 0; g < x->k; g++) {
        for (unsigned i = 0; i < x->group[g].n; i++) {
            double *tells = tells_of(x, g, i);
            for (uint32_t h = 0; h < x->k; h++)
                for (unsigned t = 0; t < x->n[h]; t++)
                    tells[(size_t)h * COMMUNITY_TOP + t] =
                        trait_tells(c, &x->group[g].v[i], top[h][t]);
            if (x->group[g].chosen >> i & 1)
                add(x, g, i, 1);
        }
    }
}

int choose_together(const struct catalogue *c, const struct title_likes *likes,
                    struct candidates *group, uint32_t k, struct mq_error *err)
{
    struct choice x = {.group = group, .k = k};
    uint32_t top[COMMUNITIES_MAX][COMMUNITY_TOP];
    int rc = 0;
    x.tells = calloc((size_t)k * k * COMMUNITY_CANDIDATES * COMMUNITY_TOP, sizeof(*x.tells));
    x.sum = calloc((size_t)k * k * COMMUNITY_TOP, sizeof(*x.sum));
    if (!x.tells || !x.sum)
        rc = mq_fail(err, MQ_NO_MEMORY, "communities: no memory for names");
    for (uint32_t g = 0; rc == 0 && g < k; g++)
        rc = top_titles(likes, g, top[g], &x.n[g], err);
    if (rc == 0)
        tell(c, &x, top);
    for (int round = 0; rc == 0 && round < ROUNDS; round++) {
        bool any = false;
        for (uint32_t g = 0; g < k; g++)
            any = exchange(&x, g) || any;
        if (!any)
            break;
    }
    free(x.tells);
    free(x.sum);
    return rc;
}
