/* community_trial.c - whether a group's name would be picked by titles that its members like. */
#include <math.h>
#include <stdlib.h>

#include "audience/communities_inside.h"

enum { SHOWN = 10, TRIALS = 50 };

struct top {
    double score;
    uint32_t title;
};

static int by_score(const void *x, const void *y)
{
    const struct top *a = x;
    const struct top *b = y;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    return (a->title > b->title) - (a->title < b->title);
}

double trait_tells(const struct catalogue *c, const struct trait *t, uint32_t title)
{
    double with = t->common * t->lift < 0.99 ? t->common * t->lift : 0.99;
    return title_has_trait(c, title, t) ? log(t->lift) : log((1 - with) / (1 - t->common));
}

/* How much more the titles have of a name's traits than titles that are liked usually do. */
static double fits(const struct catalogue *c, const struct community *name, const uint32_t *titles,
                   unsigned n)
{
    double sum = 0;
    for (unsigned i = 0; i < name->n_traits; i++)
        for (unsigned k = 0; k < n; k++)
            sum += trait_tells(c, &name->traits[i], titles[k]);
    return sum;
}

int likes_by_title(const struct viewer_sets *s, const struct tastes *t, const uint8_t *group,
                   uint32_t k, bool held_out, struct title_likes *ret, struct mq_error *err)
{
    struct title_likes x = {.k = k, .n = (size_t)s->n_titles + 1};
    x.likes = calloc((k + (size_t)1) * x.n, sizeof(*x.likes));
    if (!x.likes)
        return mq_fail(err, MQ_NO_MEMORY, "communities: no memory for names");
    for (uint32_t i = 0; i < t->n; i++) {
        const struct set_viewer *p = s->viewers[t->viewer[i]];
        for (uint32_t e = 0; e < p->n; e++) {
            const struct set_entry *l = &p->entries[e];
            if (held_out ? !is_held_out(t, i, l) : !is_known(t, i, l))
                continue;
            x.likes[group[i] * x.n + l->title]++;
            x.likes[k * x.n + l->title]++;
            x.total[group[i]]++;
            x.total[k]++;
        }
    }
    *ret = x;
    return 0;
}

int top_titles(const struct title_likes *x, uint32_t g, uint32_t *ret, unsigned *ret_n,
               struct mq_error *err)
{
    unsigned n = 0;
    double share = x->total[x->k] > 0 ? x->total[g] / x->total[x->k] : 0;
    struct top *room = calloc(x->n, sizeof(*room));
    *ret_n = 0;
    if (!room)
        return mq_fail(err, MQ_NO_MEMORY, "communities: no memory for names");
    for (uint32_t t = 0; share > 0 && t < x->n; t++) {
        double here = x->likes[g * x->n + t];
        double expected = x->likes[x->k * x->n + t] * share;
        if (here >= 3 && here > expected)
            room[n++] = (struct top){(here - expected) / sqrt(expected + 1), t};
    }
    if (n > 0)
        qsort(room, n, sizeof(*room), by_score);
    n = n < COMMUNITY_TOP ? n : COMMUNITY_TOP;
    for (unsigned i = 0; i < n; i++)
        ret[i] = room[i].title;
    free(room);
    *ret_n = n;
    return 0;
}

struct trying {
    struct naming naming;
    const uint8_t *group;
    uint32_t k;
    struct community names[COMMUNITIES_MAX];
    struct decoys decoys;
    struct rng *rng;
};

/* ---------------------------------------------------------------- trials */

static bool one_trial(struct trying *x, uint32_t g, uint32_t *titles, unsigned n)
{
    uint32_t others[COMMUNITIES_MAX + DECOYS_MAX];
    uint32_t n_others = 0;
    const struct catalogue *c = x->naming.catalogue;
    for (uint32_t i = 0; i < x->k; i++) {
        if (i != g)
            others[n_others++] = i;
    }
    rng_shuffle_u32(x->rng, others, n_others);
    for (uint32_t i = 0; i < x->decoys.n; i++)
        others[n_others + i] = COMMUNITIES_MAX + i;
    rng_shuffle_u32(x->rng, others + n_others, x->decoys.n);
    n_others += x->decoys.n;
    rng_shuffle_u32(x->rng, titles, n);
    n = n < SHOWN ? n : SHOWN;
    double mine = fits(c, &x->names[g], titles, n);
    bool first = true;
    for (uint32_t i = 0; i < n_others && i < NAMES_AMONG - 1; i++) {
        const struct community *other = others[i] < COMMUNITIES_MAX
                                            ? &x->names[others[i]]
                                            : decoy_of(&x->decoys, g, others[i] - COMMUNITIES_MAX);
        first = first && mine > fits(c, other, titles, n);
    }
    return first;
}

static int try_all(struct trying *x, struct names_tried *ret, struct mq_error *err)
{
    struct title_likes held_out;
    unsigned found = 0;
    int rc = likes_by_title(x->naming.sets, x->naming.tastes, x->group, x->k, true, &held_out, err);
    if (rc)
        return rc;
    for (uint32_t g = 0; rc == 0 && g < x->k; g++) {
        uint32_t titles[COMMUNITY_TOP];
        unsigned n;
        rc = top_titles(&held_out, g, titles, &n, err);
        if (rc || n < 3)
            continue;
        for (int i = 0; i < TRIALS; i++)
            found += one_trial(x, g, titles, n);
        ret->trials += TRIALS;
    }
    free(held_out.likes);
    ret->decoys = x->k < NAMES_AMONG ? NAMES_AMONG - x->k : 0;
    ret->among = NAMES_AMONG;
    ret->found = ret->trials > 0 ? (double)found / ret->trials : NAN;
    return rc;
}

int try_names(const struct viewer_sets *s, const struct catalogue *c, const struct tastes *t,
              const uint8_t *group, uint32_t k, struct rng *rng, struct names_tried *ret,
              struct mq_error *err)
{
    struct trying x = {.group = group, .k = k, .rng = rng};
    *ret = (struct names_tried){.found = NAN};
    int rc = naming_init(s, c, t, &x.naming, err);
    if (rc == 0)
        rc = name_groups(&x.naming, group, k, x.names, err);
    if (rc == 0)
        rc = decoys_init(&x.naming, group, k, DECOYS_MAX, rng, &x.decoys, err);
    if (rc == 0)
        rc = try_all(&x, ret, err);
    naming_release(&x.naming);
    decoys_release(&x.decoys);
    return rc;
}
