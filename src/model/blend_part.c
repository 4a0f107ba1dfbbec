#include "model/blend_part.h"

#include <math.h>
#include <string.h>

/* Order of the sections. Of each kind of links: start, columns, values. */
enum {
    AT_HEAD,
    AT_POPULARITY,
    AT_LINKS,
    AT_FROM_SCALE = AT_LINKS + 3 * BLEND_LINKS,
    AT_TO_SCALE = AT_FROM_SCALE + TRANSITION_KINDS,
    AT_MOMENTS = AT_TO_SCALE + TRANSITION_KINDS,
    AT_RECENT = AT_MOMENTS + 1,
    AT_TOTAL = AT_RECENT + RECENT_SPEEDS,
    AT_FRESH,
};
_Static_assert(AT_FRESH + RECENT_SPEEDS == BLEND_SECTIONS, "one number a section");

/* The head: weights, then facts. */
enum {
    HEAD_LAMBDA = 40,
    HEAD_SHRINK,
    HEAD_NEIGHBOURS,
    HEAD_PUBLISHED,
    HEAD_SCORED,
    HEAD_NDCG = 48,
};
_Static_assert((int)INGREDIENTS <= (int)HEAD_LAMBDA && HEAD_NDCG + BLEND_SCORED <= BLEND_HEAD,
               "the head has room");

static const struct links *links_of(const struct blend_part *b, size_t k)
{
    return k == 0 ? &b->ease : k == 1 ? &b->knn : &b->follows[k - 2];
}

struct blend_shape blend_shape_of(const struct blend_part *b)
{
    struct blend_shape s = {
        .n = b->n, .moments = b->trends.moments, .fresh = b->n > 0 && b->trends.fresh[0] != NULL};
    for (size_t k = 0; b->n > 0 && k < BLEND_LINKS; k++)
        s.links[k] = links_of(b, k)->n > 0 ? links_of(b, k)->start[b->n] : 0;
    return s;
}

void blend_put_shape(const struct blend_shape *s, struct buf *out)
{
    buf_add_u32(out, s->n);
    buf_add_u32(out, s->moments);
    for (size_t k = 0; k < BLEND_LINKS; k++)
        buf_add_u64le(out, s->links[k]);
}

struct blend_shape blend_get_shape(struct cursor *c)
{
    struct blend_shape s = {.n = cursor_u32(c), .moments = cursor_u32(c)};
    for (size_t k = 0; k < BLEND_LINKS; k++)
        s.links[k] = cursor_u64le(c);
    return s;
}

bool blend_shape_fits(const struct blend_shape *s, uint32_t n_titles)
{
    bool fine = s->n == 0 || s->n == n_titles;
    fine &= s->moments <= 1 ||
            (s->moments <= BLEND_MOMENTS_MAX && (uint64_t)s->moments * s->n <= BLEND_CELLS_MAX);
    fine &= s->n > 0 || s->moments == 0;
    fine &= s->fresh == 0 || (s->fresh == 1 && s->moments > 0);
    for (size_t k = 0; k < BLEND_LINKS; k++)
        fine &= s->links[k] <= (uint64_t)s->n * BLEND_ROW_MAX;
    return fine;
}

void blend_sizes(const struct blend_shape *s, uint64_t ret[BLEND_SECTIONS])
{
    uint64_t n = s->n;
    uint64_t floats = n * sizeof(float);
    memset(ret, 0, BLEND_SECTIONS * sizeof(*ret));
    if (n == 0)
        return;
    ret[AT_HEAD] = BLEND_HEAD * sizeof(double);
    ret[AT_POPULARITY] = floats;
    for (size_t k = 0; k < BLEND_LINKS; k++) {
        if (s->links[k] == 0)
            continue;
        ret[AT_LINKS + 3 * k] = (n + 1) * sizeof(uint64_t);
        ret[AT_LINKS + 3 * k + 1] = s->links[k] * sizeof(uint32_t);
        ret[AT_LINKS + 3 * k + 2] = s->links[k] * sizeof(float);
    }
    for (size_t k = 0; k < TRANSITION_KINDS; k++)
        if (s->links[2 + k] > 0)
            ret[AT_FROM_SCALE + k] = ret[AT_TO_SCALE + k] = floats;
    if (s->moments == 0)
        return;
    ret[AT_MOMENTS] = s->moments * sizeof(int64_t);
    for (size_t k = 0; k < RECENT_SPEEDS; k++)
        ret[AT_RECENT + k] = floats;
    ret[AT_TOTAL] = s->moments * floats;
    for (size_t k = 0; k < RECENT_SPEEDS; k++)
        ret[AT_FRESH + k] = s->fresh * floats;
}

static void put_head(const struct blend_part *b, double head[BLEND_HEAD])
{
    const struct blend_facts *f = &b->facts;
    memset(head, 0, BLEND_HEAD * sizeof(*head));
    for (size_t i = 0; i < INGREDIENTS; i++)
        head[i] = (double)b->mix.weight[i];
    head[HEAD_LAMBDA] = f->ease_lambda;
    head[HEAD_SHRINK] = f->shrink;
    head[HEAD_NEIGHBOURS] = f->neighbours;
    head[HEAD_PUBLISHED] = f->published;
    head[HEAD_SCORED] = f->n_scored;
    for (size_t m = 0; m < BLEND_SCORED; m++)
        head[HEAD_NDCG + m] = isnan(f->ndcg[m]) ? -1 : f->ndcg[m];
}

/* A count out of any double. */
static uint32_t count_of(double v, uint32_t most)
{
    return v >= 0 && v <= (double)most ? (uint32_t)v : 0;
}

/* Beyond it a sum of a few would pass what a float holds. */
static bool weight_fine(double w)
{
    return fabs(w) < 1e30;
}

static void get_head(const double *head, struct blend_part *b)
{
    struct blend_facts *f = &b->facts;
    for (size_t i = 0; i < INGREDIENTS; i++)
        b->mix.weight[i] = weight_fine(head[i]) ? (float)head[i] : NAN;
    f->ease_lambda = head[HEAD_LAMBDA];
    f->shrink = head[HEAD_SHRINK];
    f->neighbours = count_of(head[HEAD_NEIGHBOURS], UINT32_MAX);
    f->n_scored = count_of(head[HEAD_SCORED], BLEND_SCORED);
    f->published = count_of(head[HEAD_PUBLISHED], BLEND_SCORED - 1);
    for (size_t m = 0; m < BLEND_SCORED; m++)
        f->ndcg[m] = head[HEAD_NDCG + m] >= 0 ? head[HEAD_NDCG + m] : NAN;
}

const void *blend_section_of(const struct blend_part *b, size_t i, double head[BLEND_HEAD])
{
    size_t last = b->trends.moments > 0 ? b->trends.moments - 1 - b->trends.recent_from : 0;
    if (i == AT_HEAD) {
        put_head(b, head);
        return head;
    }
    if (i == AT_POPULARITY)
        return b->popularity;
    if (i < AT_FROM_SCALE) {
        const struct links *l = links_of(b, (i - AT_LINKS) / 3);
        const void *const parts[] = {l->start, l->col, l->value};
        return parts[(i - AT_LINKS) % 3];
    }
    if (i < AT_TO_SCALE)
        return b->from_scale[i - AT_FROM_SCALE];
    if (i < AT_MOMENTS)
        return b->to_scale[i - AT_TO_SCALE];
    if (i == AT_MOMENTS)
        return b->trends.at_ms;
    if (i < AT_TOTAL)
        return b->trends.recent[i - AT_RECENT] ? b->trends.recent[i - AT_RECENT] + last * b->n
                                               : NULL;
    return i == AT_TOTAL ? b->trends.total : b->trends.fresh[i - AT_FRESH];
}

bool blend_place(const struct blend_shape *s, const void *const p[BLEND_SECTIONS],
                 struct blend_part *ret)
{
    struct blend_part b = {.n = s->n};
    *ret = b;
    if (s->n == 0)
        return true;
    get_head(p[AT_HEAD], &b);
    b.popularity = p[AT_POPULARITY];
    struct links *const links[BLEND_LINKS] = {&b.ease, &b.knn, &b.follows[0], &b.follows[1]};
    for (size_t k = 0; k < BLEND_LINKS; k++) {
        const uint64_t *start = p[AT_LINKS + 3 * k];
        if (s->links[k] == 0)
            continue;
        if (start[s->n] != s->links[k])
            return false;
        *links[k] = (struct links){.n = s->n,
                                   .start = start,
                                   .col = p[AT_LINKS + 3 * k + 1],
                                   .value = p[AT_LINKS + 3 * k + 2]};
    }
    for (size_t k = 0; k < TRANSITION_KINDS; k++) {
        b.from_scale[k] = s->links[2 + k] > 0 ? p[AT_FROM_SCALE + k] : NULL;
        b.to_scale[k] = s->links[2 + k] > 0 ? p[AT_TO_SCALE + k] : NULL;
    }
    if (s->moments > 0) {
        b.trends.moments = s->moments;
        b.trends.recent_from = s->moments - 1;
        b.trends.at_ms = p[AT_MOMENTS];
        for (size_t k = 0; k < RECENT_SPEEDS; k++) {
            b.trends.recent[k] = p[AT_RECENT + k];
            b.trends.fresh[k] = s->fresh ? p[AT_FRESH + k] : NULL;
        }
        b.trends.total = p[AT_TOTAL];
    }
    *ret = b;
    return true;
}

/* ---------------------------------------------------------------- is it sound? */

static bool finite_all(const float *v, uint64_t n)
{
    bool fine = true;
    for (uint64_t i = 0; i < n; i++)
        fine &= isfinite(v[i]) != 0;
    return fine;
}

static bool links_fine(const struct links *l)
{
    bool fine = true;
    if (l->n == 0)
        return true;
    if (l->dense || l->start[0] != 0)
        return false;
    for (uint32_t i = 0; i < l->n; i++)
        fine &= l->start[i] <= l->start[i + 1];
    if (!fine)
        return false;
    for (uint64_t k = 0; k < l->start[l->n]; k++)
        fine &= l->col[k] < l->n;
    return fine && finite_all(l->value, l->start[l->n]);
}

static bool trends_fine(const struct blend_part *b)
{
    const struct trends *t = &b->trends;
    bool fine = true;
    if (t->moments == 0)
        return true;
    if (t->recent_from >= t->moments)
        return false;
    for (uint32_t s = 1; s < t->moments; s++)
        fine &= t->at_ms[s - 1] <= t->at_ms[s];
    for (size_t k = 0; k < RECENT_SPEEDS; k++) {
        fine &= finite_all(t->recent[k], (uint64_t)(t->moments - t->recent_from) * b->n);
        fine &= !t->fresh[k] || finite_all(t->fresh[k], b->n);
    }
    return fine && finite_all(t->total, (uint64_t)t->moments * b->n);
}

const char *blend_fault(const struct blend_part *b)
{
    if (b->n == 0)
        return NULL;
    bool fine = isfinite(b->facts.ease_lambda) && isfinite(b->facts.shrink);
    for (size_t i = 0; i < INGREDIENTS; i++)
        fine &= weight_fine((double)b->mix.weight[i]);
    if (!fine)
        return "of the blend: a weight or a setting is not finite, or a weight past 1e30";
    for (size_t k = 0; k < BLEND_LINKS; k++)
        if (!links_fine(links_of(b, k)))
            return "of the blend: links are out of order, name no title, or are not finite";
    for (size_t k = 0; k < TRANSITION_KINDS; k++)
        if (b->follows[k].n > 0 &&
            (!finite_all(b->from_scale[k], b->n) || !finite_all(b->to_scale[k], b->n)))
            return "of the blend: a scale is not finite";
    if (!finite_all(b->popularity, b->n) || !trends_fine(b))
        return "of the blend: popularity is not finite, or its moments are out of order";
    return NULL;
}
