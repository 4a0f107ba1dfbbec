#include "experiment/exposure.h"

#include <math.h>

struct cells {
    double n[2], began[2]; /* unseen, seen */
    double weight;
};

static unsigned seen_of(const struct exposure *x)
{
    return (x->flags & EXPOSURE_SEEN) != 0;
}

static double began_of(const struct exposure *x)
{
    return (x->flags & EXPOSURE_BEGAN) != 0;
}

static double sum_up(const struct exposure *x, size_t n, unsigned group, struct cells *of)
{
    double all = 0;
    for (size_t i = 0; i < n; i++) {
        if (!(x[i].groups >> group & 1))
            continue;
        struct cells *c = &of[x[i].title];
        c->n[seen_of(&x[i])]++;
        c->began[seen_of(&x[i])] += began_of(&x[i]);
    }
    for (size_t t = 0; t < EXPOSURE_TITLES_MAX; t++) {
        struct cells *c = &of[t];
        c->weight = c->n[0] > 0 && c->n[1] > 0 ? c->n[0] * c->n[1] / (c->n[0] + c->n[1]) : 0;
        all += c->weight;
    }
    return all;
}

/* What the viewer at hand adds. */
struct person {
    double influence;
    bool kinds[2];
};

static void end_person(struct person *p, double *variance, struct exposure_effect *ret)
{
    *variance += p->influence * p->influence;
    ret->viewers_unseen += p->kinds[0];
    ret->viewers_seen += p->kinds[1];
    *p = (struct person){0};
}

void exposure_measure(const struct exposure *x, size_t n, unsigned group,
                      struct exposure_effect *ret)
{
    struct cells of[EXPOSURE_TITLES_MAX] = {{{0}, {0}, 0}};
    struct exposure_effect out = {.seen = NAN, .unseen = NAN, .difference = NAN};
    struct person person = {0};
    double all = sum_up(x, n, group, of);
    double share[2] = {0, 0};
    double variance = 0;
    for (size_t t = 0; t < EXPOSURE_TITLES_MAX && all > 0; t++) {
        for (int k = 0; k < 2 && of[t].weight > 0; k++)
            share[k] += of[t].weight / all * of[t].began[k] / of[t].n[k];
    }
    for (size_t i = 0; i < n && all > 0; i++) {
        const struct cells *c = &of[x[i].title];
        unsigned k = seen_of(&x[i]);
        if (i > 0 && x[i].viewer != x[i - 1].viewer)
            end_person(&person, &variance, &out);
        if (!(x[i].groups >> group & 1) || c->weight == 0)
            continue;
        double left = (began_of(&x[i]) - c->began[k] / c->n[k]) / c->n[k];
        person.influence += c->weight / all * (k ? left : -left);
        person.kinds[k] = true;
        out.n++;
    }
    if (all > 0) {
        end_person(&person, &variance, &out);
        out.seen = share[1];
        out.unseen = share[0];
        out.difference = share[1] - share[0];
    }
    out.standard_error = all > 0 ? sqrt(variance) : NAN;
    *ret = out;
}
