#include "eval/shadow.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/ranking_metrics.h"

enum { K_MAX = 1000, K_USUAL = 10, NEW_DAYS = 30 };
static const double head_share = 0.1; /* of the titles that anybody liked */
#define DAY_MS INT64_C(86400000)

/* One number per compared viewer. */
enum {
    RECALL_OURS,
    RECALL_THEIRS,
    NDCG_OURS,
    NDCG_THEIRS,
    POPULARITY_OURS,
    POPULARITY_THEIRS,
    FRESH_OURS,
    FRESH_THEIRS,
    COLUMNS
};

struct shadow {
    struct shadow_options o;
    struct csr before, chosen; /* viewers x titles: liked before, and in the time asked about */
    uint32_t n_viewers, n_titles;
    uint32_t *likers;   /* (n_titles) before */
    int64_t *first_ms;  /* (n_titles) */
    uint32_t head_from; /* as many likers make a title popular */
    uint8_t *shown;     /* (n_titles) bit per side */
    double *column[COLUMNS];
    struct shadow_report report;
    double sums[SHADOW_SIDES]
               [6]; /* fresh, unknown, seen, popularity: over titles; titles; places */
    double overlap;
};

static int check(struct shadow_options *o, struct mq_error *err)
{
    o->k = o->k ? o->k : K_USUAL;
    o->new_days = o->new_days ? o->new_days : NEW_DAYS;
    if (o->k > K_MAX)
        return mq_fail(err, MQ_INVALID, "k: %u: at most %d", o->k, K_MAX);
    if (o->from_ms >= o->to_ms)
        return mq_fail(err, MQ_INVALID, "from: must lie before to");
    return 0;
}

static int descending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? 1 : x > y ? -1 : 0;
}

/* The likers of the least popular title of the head. */
static int find_head(struct shadow *s, struct mq_error *err)
{
    uint32_t *sorted = malloc((s->n_titles + 1) * sizeof(*sorted));
    if (!sorted)
        return mq_fail(err, MQ_NO_MEMORY, "shadow: no memory");
    memcpy(sorted, s->likers, s->n_titles * sizeof(*sorted));
    qsort(sorted, s->n_titles, sizeof(*sorted), descending);
    uint32_t n = 0;
    while (n < s->n_titles && sorted[n] > 0)
        n++;
    uint32_t head = (uint32_t)ceil(head_share * n);
    s->head_from = head > 0 ? sorted[head - 1] : UINT32_MAX;
    free(sorted);
    return 0;
}

static int count_titles(struct shadow *s, const struct triples *t, struct mq_error *err)
{
    s->likers = calloc(s->n_titles + 1, sizeof(*s->likers));
    s->first_ms = calloc(s->n_titles + 1, sizeof(*s->first_ms));
    s->shown = calloc(s->n_titles + 1, 1);
    if (!s->likers || !s->first_ms || !s->shown)
        return mq_fail(err, MQ_NO_MEMORY, "shadow: no memory");
    for (uint32_t i = 0; i < s->n_titles; i++)
        s->first_ms[i] = INT64_MAX;
    for (size_t i = 0; i < t->n; i++) {
        uint32_t title = t->title[i];
        if (t->at_ms[i] < s->first_ms[title])
            s->first_ms[title] = t->at_ms[i];
        s->likers[title] += t->at_ms[i] < s->o.from_ms;
    }
    return find_head(s, err);
}

int shadow_new(const struct triples *likings, uint32_t n_viewers, const struct shadow_options *o,
               struct shadow **ret, struct mq_error *err)
{
    struct shadow *s = calloc(1, sizeof(*s));
    if (!s)
        return mq_fail(err, MQ_NO_MEMORY, "shadow: no memory");
    s->o = *o;
    s->n_viewers = n_viewers;
    for (size_t i = 0; i < likings->n; i++)
        s->n_titles = likings->title[i] >= s->n_titles ? likings->title[i] + 1 : s->n_titles;
    int rc = check(&s->o, err);
    if (rc == 0)
        rc = triples_to_csr(likings, n_viewers, s->n_titles, INT64_MIN, s->o.from_ms, &s->before,
                            err);
    if (rc == 0)
        rc = triples_to_csr(likings, n_viewers, s->n_titles, s->o.from_ms, s->o.to_ms, &s->chosen,
                            err);
    if (rc == 0)
        rc = count_titles(s, likings, err);
    for (int c = 0; rc == 0 && c < COLUMNS; c++)
        if (!(s->column[c] = calloc((size_t)n_viewers + 1, sizeof(double))))
            rc = mq_fail(err, MQ_NO_MEMORY, "shadow: no memory");
    s->report.k = s->o.k;
    s->report.seed = s->o.seed;
    s->report.from_ms = s->o.from_ms;
    s->report.to_ms = s->o.to_ms;
    if (rc)
        shadow_free(s);
    else
        *ret = s;
    return rc;
}

void shadow_free(struct shadow *s)
{
    if (!s)
        return;
    csr_release(&s->before);
    csr_release(&s->chosen);
    free(s->likers);
    free(s->first_ms);
    free(s->shown);
    for (int c = 0; c < COLUMNS; c++)
        free(s->column[c]);
    free(s);
}

bool shadow_wants(const struct shadow *s, uint32_t viewer)
{
    return viewer < s->n_viewers && csr_row(&s->chosen, viewer).n > 0;
}

void shadow_pass(struct shadow *s, bool has_list)
{
    if (has_list)
        s->report.without_choice++;
    else
        s->report.without_list++;
}

static bool has(struct csr_row row, uint32_t title)
{
    for (size_t i = 0; i < row.n; i++)
        if (row.col[i] == title)
            return true;
    return false;
}

static bool in_list(const uint32_t *list, size_t n, uint32_t title)
{
    for (size_t i = 0; i < n; i++)
        if (list[i] == title)
            return true;
    return false;
}

static bool is_new(const struct shadow *s, uint32_t title)
{
    return title < s->n_titles && s->first_ms[title] != INT64_MAX &&
           s->first_ms[title] >= s->o.from_ms - s->o.new_days * DAY_MS;
}

static enum shadow_class class_of(const struct shadow *s, uint32_t title)
{
    if (is_new(s, title))
        return SHADOW_NEW;
    return s->likers[title] >= s->head_from ? SHADOW_HEAD : SHADOW_TAIL;
}

/* One side's list of one viewer into the sums, and its figures into the columns. */
static void judge(struct shadow *s, uint32_t viewer, enum shadow_side side, const uint32_t *list,
                  size_t n)
{
    bool hit[K_MAX];
    struct csr_row before = csr_row(&s->before, viewer), chosen = csr_row(&s->chosen, viewer);
    double fresh = 0, popularity = 0, *sum = s->sums[side];
    size_t at = s->report.viewers;
    for (size_t i = 0; i < n; i++) {
        uint32_t t = list[i], likers = t < s->n_titles ? s->likers[t] : 0;
        hit[i] = has(chosen, t);
        fresh += is_new(s, t);
        popularity += (double)likers / (s->n_viewers ? s->n_viewers : 1);
        sum[1] += likers == 0;
        sum[2] += has(before, t);
        if (t < s->n_titles)
            s->shown[t] |= (uint8_t)(1u << side);
    }
    sum[0] += fresh;
    sum[3] += popularity;
    sum[4] += (double)n;
    s->column[RECALL_OURS + side][at] = recall_at(hit, n, chosen.n, s->o.k);
    s->column[NDCG_OURS + side][at] = ndcg_at(hit, n, chosen.n, s->o.k);
    s->column[POPULARITY_OURS + side][at] = n ? popularity / (double)n : 0;
    s->column[FRESH_OURS + side][at] = n ? fresh / (double)n : 0;
}

int shadow_add(struct shadow *s, uint32_t viewer, const uint32_t *ours, size_t n_ours,
               const uint32_t *theirs, size_t n_theirs, struct mq_error *err)
{
    if (!shadow_wants(s, viewer) || s->report.viewers >= s->n_viewers)
        return mq_fail(err, MQ_BUG, "shadow: a viewer without a choice");
    size_t a = n_ours < s->o.k ? n_ours : s->o.k, b = n_theirs < s->o.k ? n_theirs : s->o.k;
    struct csr_row chosen = csr_row(&s->chosen, viewer);
    judge(s, viewer, SHADOW_OURS, ours, a);
    judge(s, viewer, SHADOW_THEIRS, theirs, b);
    for (size_t i = 0; i < a; i++)
        s->overlap += in_list(theirs, b, ours[i]);
    for (size_t i = 0; i < chosen.n; i++) {
        uint32_t t = chosen.col[i];
        bool we = in_list(ours, a, t), they = in_list(theirs, b, t);
        enum shadow_class c = class_of(s, t);
        s->report.both[c] += we && they;
        s->report.only[SHADOW_OURS][c] += we && !they;
        s->report.only[SHADOW_THEIRS][c] += they && !we;
        s->report.neither[c] += !we && !they;
    }
    s->report.viewers++;
    return 0;
}

static double mean(const double *v, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += v[i];
    return n ? sum / (double)n : NAN;
}

int shadow_conclude(struct shadow *s, struct shadow_report *ret, struct mq_error *err)
{
    struct shadow_report *r = &s->report;
    struct interval *const differences[] = {&r->recall, &r->ndcg, &r->popularity, &r->fresh};
    size_t n = r->viewers;
    int rc = 0;
    for (int side = 0; side < SHADOW_SIDES; side++) {
        const double *sum = s->sums[side];
        struct shadow_figures *f = &r->side[side];
        *f = (struct shadow_figures){.recall = mean(s->column[RECALL_OURS + side], n),
                                     .ndcg = mean(s->column[NDCG_OURS + side], n),
                                     .fresh = sum[0] / sum[4],
                                     .unknown = sum[1] / sum[4],
                                     .seen = sum[2] / sum[4],
                                     .popularity = sum[3] / sum[4],
                                     .filled = sum[4] / ((double)n * s->o.k)};
        for (uint32_t t = 0; t < s->n_titles; t++)
            f->distinct += s->shown[t] >> side & 1;
    }
    for (int d = 0; d < 4 && rc == 0; d++)
        rc = bootstrap_paired(s->column[2 * d], s->column[2 * d + 1], n, s->o.seed, differences[d],
                              err);
    r->overlap = n ? s->overlap / ((double)n * s->o.k) : NAN;
    if (rc == 0)
        *ret = *r;
    return rc;
}
