#include "audience/communities.h"

#include <math.h>
#include <stdlib.h>

#include "audience/communities_inside.h"
#include "catalogue/catalogue.h"

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

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "communities: no memory");
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

/* f->centre from the best ones, moved to where these rows are. */
static int follow_centres(struct finding *f, const struct tastes *t, uint32_t k)
{
    uint32_t n = draw_sample(f, t);
    memcpy(f->centre, f->best, k * t->stride * sizeof(*f->centre));
    return kmeans_refine(t->rows, t->stride, f->pick, n, k, COMMUNITY_ROUNDS, f->pool, f->centre,
                         f->err);
}

/* On the early vectors with the chosen number: how good it is. */
static int measure(struct finding *f, uint32_t k, struct communities *out)
{
    struct names_tried tried;
    int rc = follow_centres(f, &f->early, k);
    if (rc)
        return rc;
    k = assign_groups(f, &f->early, k);
    rc = held_out_likelihood(f->sets, &f->early, f->group, k, &out->likelihood, f->err);
    if (rc == 0)
        rc = stability(f, &f->early, k, &out->stability);
    if (rc == 0)
        rc = other_partition(f, k, false, &out->likelihood_cells);
    if (rc == 0)
        rc = other_partition(f, k, true, &out->likelihood_random);
    if (rc == 0)
        rc = try_names(f->sets, f->catalogue, &f->early, f->group, k, f->rng, &tried, f->err);
    if (rc)
        return rc;
    out->name_found = tried.found;
    out->name_trials = tried.trials;
    out->names_among = tried.among;
    out->names_decoys = tried.decoys;
    return 0;
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
    struct naming naming;
    int rc = follow_centres(f, &f->all, k);
    if (rc)
        return rc;
    c->n = assign_groups(f, &f->all, k);
    for (uint32_t g = 0; g < c->n; g++) {
        c->v[g].members = roaring_bitmap_create();
        if (!c->v[g].members)
            return no_memory(f->err);
    }
    for (uint32_t i = 0; i < f->all.n; i++)
        roaring_bitmap_add(c->v[f->group[i]].members, f->all.viewer[i]);
    rc = naming_init(f->sets, f->catalogue, &f->all, &naming, f->err);
    if (rc == 0)
        rc = name_groups(&naming, f->group, c->n, c->v, f->err);
    naming_release(&naming);
    if (rc)
        return rc;
    keep_numbers(f->question->previous, c);
    qsort(c->v, c->n, sizeof(c->v[0]), by_id);
    return 0;
}

static int find(struct finding *f, const struct model *m, struct communities *c)
{
    uint32_t k = 0;
    int rc = tastes_init(f->sets, m, TASTES_INNER, COMMUNITY_SAMPLE, f->pool, &f->inner, f->err);
    if (rc == 0)
        rc = tastes_init(f->sets, m, TASTES_EARLY, UINT32_MAX, f->pool, &f->early, f->err);
    if (rc == 0)
        rc = tastes_init(f->sets, m, TASTES_ALL, UINT32_MAX, f->pool, &f->all, f->err);
    if (rc)
        return rc;
    size_t n = (size_t)f->early.n + 1;
    size_t centres = COMMUNITIES_MAX * m->stride;
    f->pick = calloc(COMMUNITY_SAMPLE, sizeof(*f->pick));
    f->resample = calloc(COMMUNITY_SAMPLE, sizeof(*f->resample));
    f->centre = calloc(centres, sizeof(*f->centre));
    f->other = calloc(centres, sizeof(*f->other));
    f->best = calloc(centres, sizeof(*f->best));
    f->group = calloc(n, 1);
    f->again = calloc(n, 1);
    if (!f->pick || !f->resample || !f->centre || !f->other || !f->best || !f->group || !f->again)
        return no_memory(f->err);
    rc = choose_number(f, &k);
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
    tastes_release(&f.inner);
    tastes_release(&f.early);
    tastes_release(&f.all);
    free(f.pick);
    free(f.resample);
    free(f.centre);
    free(f.other);
    free(f.best);
    free(f.group);
    free(f.again);
    if (rc) {
        communities_free(out);
        return rc;
    }
    *ret = out;
    return 0;
}
