#include "train/catalogue_content.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/intern.h"
#include "math/topk.h"
#include "train/content.h"

enum kind { GENRES, PEOPLE, TIME, PLACE, TAGS, KINDS };
enum { ACTORS = 8, YEARS_TOGETHER = 5 };

/* Features of all kinds as (title, feature) pairs. */
struct facts {
    uint32_t *title[KINDS], *feature[KINDS];
    size_t n[KINDS], cap[KINDS];
    uint32_t features[KINDS];
    struct intern *tags, *places;
};

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "content: no memory: give the process more");
}

static void facts_release(struct facts *f)
{
    for (int k = 0; k < KINDS; k++) {
        free(f->title[k]);
        free(f->feature[k]);
    }
    intern_free(f->tags);
    intern_free(f->places);
}

static int add(struct facts *f, enum kind k, uint32_t title, uint32_t feature, struct mq_error *err)
{
    if (f->n[k] == f->cap[k]) {
        size_t cap = f->cap[k] ? 2 * f->cap[k] : 4096;
        uint32_t *t = realloc(f->title[k], cap * sizeof(*t));
        if (t)
            f->title[k] = t;
        uint32_t *p = realloc(f->feature[k], cap * sizeof(*p));
        if (p)
            f->feature[k] = p;
        if (!t || !p)
            return no_memory(err);
        f->cap[k] = cap;
    }
    f->title[k][f->n[k]] = title;
    f->feature[k][f->n[k]++] = feature;
    f->features[k] = feature >= f->features[k] ? feature + 1 : f->features[k];
    return 0;
}

static int add_word(struct facts *f, enum kind k, struct intern *names, uint32_t title,
                    struct str word, struct mq_error *err)
{
    uint32_t id;
    if (word.n == 0)
        return 0;
    int rc = intern_add(names, word, &id, NULL, err);
    return rc ? rc : add(f, k, title, id, err);
}

static int add_people(struct facts *f, const struct catalogue *c, uint32_t t, struct mq_error *err)
{
    const struct title_row *row = &c->titles[t];
    uint32_t actors = 0;
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < row->n_credits; i++) {
        const struct credit_row *credit = &c->credits[row->first_credit + i];
        if (credit->role == ROLE_PRODUCER || (credit->role == ROLE_ACTOR && actors++ >= ACTORS))
            continue;
        rc = add(f, PEOPLE, t, credit->person.v, err);
    }
    return rc;
}

static int add_title(struct facts *f, const struct catalogue *c, uint32_t t, struct mq_error *err)
{
    const struct title_row *row = &c->titles[t];
    char country[8] = "c:";
    int rc = add_people(f, c, t, err);
    for (uint64_t g = row->genres; rc == 0 && g; g &= g - 1)
        rc = add(f, GENRES, t, (uint32_t)__builtin_ctzll(g), err);
    if (rc == 0 && row->year > 0)
        rc = add(f, TIME, t, (uint32_t)row->year / YEARS_TOGETHER, err);
    if (row->country)
        country_text(row->country, country + 2);
    if (rc == 0 && row->country)
        rc = add_word(f, PLACE, f->places, t, str_of(country), err);
    if (rc == 0)
        rc = add_word(f, PLACE, f->places, t, row->language, err);
    for (uint16_t i = 0; rc == 0 && i < row->n_tags; i++)
        rc = add_word(f, TAGS, f->tags, t, row->tags[i], err);
    return rc;
}

/* (titles, features) of ones; a person in two roles counts once. */
static int matrix_of(const struct facts *f, enum kind k, uint32_t titles, struct csr *ret,
                     struct mq_error *err)
{
    float *ones = malloc((f->n[k] + 1) * sizeof(*ones));
    if (!ones)
        return no_memory(err);
    for (size_t i = 0; i < f->n[k]; i++)
        ones[i] = 1;
    int rc = csr_from_triples(titles, f->features[k] ? f->features[k] : 1, f->title[k],
                              f->feature[k], ones, f->n[k], ret, err);
    for (uint64_t i = 0; rc == 0 && i < csr_nnz(ret); i++)
        ret->value[i] = 1;
    free(ones);
    return rc;
}

struct placing {
    const struct catalogue *c;
    struct model *m;
    struct csr kinds[KINDS];
    float *learnt;    /* (titles) popularity of those that are learnt from, else 0 */
    uint32_t *wanted; /* (n_wanted) titles to be placed */
    size_t n_wanted;
    uint32_t *tried; /* (n_tried) some watched ones, to choose the ridge by */
    size_t n_tried;
    float *y; /* (n_wanted or n_tried, stride) */
};

static void placing_release(struct placing *p)
{
    for (int k = 0; k < KINDS; k++)
        csr_release(&p->kinds[k]);
    free(p->learnt);
    free(p->wanted);
    free(p->tried);
    free(p->y);
}

/* Of the most watched titles every tenth is left out to try ridges on. */
static int choose_titles(struct placing *p, struct mq_error *err)
{
    enum { TENTH = 10 };
    const struct model *m = p->m;
    uint32_t n = m->n_titles;
    struct topk_item *best = malloc(((size_t)CONTENT_LEARNT_MAX + 1) * sizeof(*best));
    float *watched = malloc(((size_t)n + 1) * sizeof(*watched));
    p->learnt = calloc((size_t)n + 1, sizeof(*p->learnt));
    p->wanted = malloc(((size_t)n + 1) * sizeof(*p->wanted));
    p->tried = malloc(((size_t)CONTENT_LEARNT_MAX + 1) * sizeof(*p->tried));
    int rc = best && watched && p->learnt && p->wanted && p->tried ? 0 : no_memory(err);
    for (uint32_t t = 0; rc == 0 && t < n; t++) {
        bool described = t < p->c->n_titles && p->c->titles[t].described;
        watched[t] = described && m->popularity[t] > 0 ? m->popularity[t] : NAN;
        if (described && m->popularity[t] < CONTENT_OUT)
            p->wanted[p->n_wanted++] = t;
    }
    size_t found = rc == 0 ? topk_select(watched, n, NULL, CONTENT_LEARNT_MAX, best) : 0;
    for (size_t k = 0; k < found; k++) {
        p->learnt[best[k].index] = best[k].score;
        if (k % TENTH == TENTH - 1)
            p->tried[p->n_tried++] = best[k].index;
    }
    free(best);
    free(watched);
    size_t rows = p->n_wanted > p->n_tried ? p->n_wanted : p->n_tried;
    p->y = malloc((rows * m->stride + 1) * sizeof(*p->y));
    return rc || p->y ? rc : no_memory(err);
}

static int place(const struct placing *p, double ridge, const uint32_t *titles, size_t n,
                 struct pool *pool, struct mq_error *err)
{
    const struct csr *kinds[KINDS];
    for (int k = 0; k < KINDS; k++)
        kinds[k] = &p->kinds[k];
    struct content_input in = {.kinds = kinds,
                               .n_kinds = KINDS,
                               .factors = p->m->factors,
                               .stride = p->m->stride,
                               .popularity = p->learnt,
                               .ridge = ridge};
    return content_place(&in, titles, n, pool, p->y, err);
}

/* Squared distance of the placed from their own factors, each by its viewers. */
static double error_of(const struct placing *p)
{
    size_t stride = p->m->stride;
    double sum = 0;
    for (size_t i = 0; i < p->n_tried; i++) {
        const float *own = p->m->factors + (size_t)p->tried[i] * stride;
        double square = 0;
        for (size_t c = 0; c < stride; c++) {
            double d = (double)own[c] - (double)p->y[i * stride + c];
            square += d * d;
        }
        sum += square * (double)p->m->popularity[p->tried[i]];
    }
    return sum;
}

static int choose_ridge(struct placing *p, struct pool *pool, double *ret, struct mq_error *err)
{
    static const double ridges[] = {0.3, 1, 3, 10};
    double least = INFINITY;
    int rc = 0;
    *ret = 3;
    for (size_t i = 0; i < p->n_tried; i++)
        p->learnt[p->tried[i]] = 0;
    for (size_t r = 0; rc == 0 && p->n_tried > 0 && r < sizeof(ridges) / sizeof(ridges[0]); r++) {
        rc = place(p, ridges[r], p->tried, p->n_tried, pool, err);
        double e = rc == 0 ? error_of(p) : INFINITY;
        if (e < least) {
            least = e;
            *ret = ridges[r];
        }
    }
    for (size_t i = 0; i < p->n_tried; i++)
        p->learnt[p->tried[i]] = p->m->popularity[p->tried[i]];
    return rc;
}

/* y' = y n / CONTENT_OUT + content (1 - n / CONTENT_OUT): the factor of few viewers is itself near 0. */
static void blend_in(const struct placing *p)
{
    float *factors = (float *)(uintptr_t)p->m->factors; /* ours: not mapped */
    size_t stride = p->m->stride;
    for (size_t i = 0; i < p->n_wanted; i++) {
        float own = p->m->popularity[p->wanted[i]] / CONTENT_OUT;
        float *to = factors + (size_t)p->wanted[i] * stride;
        for (size_t c = 0; c < stride; c++)
            to[c] = own * to[c] + (1 - own) * p->y[i * stride + c];
    }
}

int catalogue_content_place(const struct catalogue *c, struct pool *pool, struct model *m,
                            struct mq_error *err)
{
    struct facts f = {.n = {0}};
    struct placing p = {.c = c, .m = m};
    uint32_t titles = m->n_titles < c->n_titles ? m->n_titles : c->n_titles;
    double ridge = 0;
    int rc = intern_new(&f.tags, err);
    if (rc == 0)
        rc = intern_new(&f.places, err);
    for (uint32_t t = 0; rc == 0 && t < titles; t++)
        if (c->titles[t].described)
            rc = add_title(&f, c, t, err);
    for (int k = 0; rc == 0 && k < KINDS; k++)
        rc = matrix_of(&f, (enum kind)k, m->n_titles, &p.kinds[k], err);
    if (rc == 0)
        rc = choose_titles(&p, err);
    bool learnt = rc == 0 && p.n_wanted > 0 && m->rank > 0 && p.n_tried > 0;
    if (learnt)
        rc = choose_ridge(&p, pool, &ridge, err);
    if (rc == 0 && learnt)
        rc = place(&p, ridge, p.wanted, p.n_wanted, pool, err);
    if (rc == 0 && learnt)
        blend_in(&p);
    placing_release(&p);
    facts_release(&f);
    return rc;
}
