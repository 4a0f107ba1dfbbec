#include "strategy/launch_sizes.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "math/quantile.h"

enum { NEAR_DAYS = 30, TAIL_DAYS = 14, JUDGED_LEAST = 10, JUDGED_MOST = 300, MISSES_PRIOR = 6 };
static const int64_t day_ms = 86400000;
static const double slope_usual[LAUNCH_SAID] = {0.35, 0.35};
static const double slope_prior[LAUNCH_SAID] = {31, 31}; /* sums of squares: 0.7^2 / 0.125^2 */
static const double error_prior = 0.8, freedom_prior = 4;
static const double z80 = 1.2815515655446004; /* P90 of a normal */

/* One launch as the regression sees it. */
struct launch {
    uint32_t row;
    int age; /* days seen, at most LAUNCH_DAYS */
    struct launch_said said;
    double y, w; /* log share in 28 days, weight */
};

struct sample {
    struct launch *list; /* (n) */
    uint32_t *found;     /* (n, LAUNCH_DAYS + 1) viewers by the end of each day */
    uint32_t n;
    double
        growth[LAUNCH_DAYS + 1]; /* viewers of an average launch by day, over those of the first */
};

double student_quantile(double z, double freedom)
{
    double z2 = z * z;
    double a = z * (z2 + 1) / 4;
    double b = z * ((5 * z2 + 16) * z2 + 3) / 96;
    double c = z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384;
    return z + (a + (b + c / freedom) / freedom) / freedom;
}

static bool is_launch(const struct strategy_data *d, const struct strategy_title *t)
{
    if (t->audience == 0 || t->release_day == TITLE_NO_DATE ||
        t->release_day <= d->first_ms / day_ms)
        return false;
    return llabs(t->first_ms / day_ms - t->release_day) <= NEAR_DAYS &&
           d->last_ms - t->first_ms >= LAUNCH_SEEN * day_ms;
}

static void count_by_day(const struct strategy_data *d, const struct launch *l, uint32_t *found)
{
    int64_t from = d->titles[l->row].first_ms;
    for (uint64_t m = d->start[l->row]; m < d->start[l->row + 1]; m++) {
        int64_t day = (d->met[m].at_ms - from) / day_ms;
        if (day < LAUNCH_DAYS)
            found[day + 1]++;
    }
    for (int k = 1; k <= LAUNCH_DAYS; k++)
        found[k] += found[k - 1];
}

static int collect(const struct strategy_data *d, const uint32_t *train,
                   const struct launch_said *said, uint32_t n, struct sample *s,
                   struct mq_error *err)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < n; i++)
        s->n += is_launch(d, &d->titles[train[i]]);
    s->list = calloc((size_t)s->n + 1, sizeof(*s->list));
    s->found = calloc((size_t)s->n * (LAUNCH_DAYS + 1) + 1, sizeof(*s->found));
    if (!s->list || !s->found)
        return mq_fail(err, MQ_NO_MEMORY, "launches: no memory");
    for (uint32_t i = 0; i < n; i++) {
        const struct strategy_title *t = &d->titles[train[i]];
        int64_t age = (d->last_ms - t->first_ms) / day_ms;
        if (!is_launch(d, t))
            continue;
        struct launch *l = &s->list[at];
        *l = (struct launch){
            .row = train[i], .age = age < LAUNCH_DAYS ? (int)age : LAUNCH_DAYS, .said = said[i]};
        count_by_day(d, l, s->found + (size_t)at++ * (LAUNCH_DAYS + 1));
    }
    return 0;
}

/* The chain ladder. */
static void grow(struct sample *s)
{
    double tail = 0;
    s->growth[1] = 1;
    for (int k = 2; k <= LAUNCH_DAYS; k++) {
        double before = 0;
        double after = 0;
        uint32_t seen = 0;
        for (uint32_t i = 0; i < s->n; i++) {
            const uint32_t *found = s->found + (size_t)i * (LAUNCH_DAYS + 1);
            if (s->list[i].age < k)
                continue;
            before += found[k - 1];
            after += found[k];
            seen++;
        }
        if (seen >= LAUNCH_LEAST && before > 0) {
            int back = k > TAIL_DAYS ? k - TAIL_DAYS : 1;
            s->growth[k] = s->growth[k - 1] * after / before;
            tail = (s->growth[k] - s->growth[back]) / (k - back);
        } else {
            s->growth[k] = s->growth[k - 1] + tail;
        }
    }
}

/* Shares of those who were there; launches before which nobody was are dropped. */
static void take_shares(const struct strategy_data *d, struct sample *s, struct launch_sizes *ret)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < s->n; i++) {
        struct launch l = s->list[i];
        int age = l.age < LAUNCH_WEEKS4 ? l.age : LAUNCH_WEEKS4;
        double found = s->found[(size_t)i * (LAUNCH_DAYS + 1) + (size_t)age];
        uint32_t there = active_viewers_before(&d->active, d->titles[l.row].first_ms);
        if (there == 0)
            continue;
        double seen = s->growth[age] / s->growth[LAUNCH_WEEKS4];
        l.y = log(found / seen / there);
        l.w = seen;
        ret->censored += age < LAUNCH_WEEKS4;
        s->list[kept++] = l;
    }
    s->n = kept;
    ret->launches = kept;
}

/* The inverse of a symmetric positive definite matrix of two rows, in place. */
static void invert(double m[LAUNCH_SAID][LAUNCH_SAID])
{
    static_assert(LAUNCH_SAID == 2, "two rows");
    double det = m[0][0] * m[1][1] - m[0][1] * m[1][0];
    double first = m[0][0];
    m[0][0] = m[1][1] / det;
    m[1][1] = first / det;
    m[0][1] = m[1][0] = -m[0][1] / det;
}

static void means(const struct sample *s, uint32_t skip, struct launch_sizes *r)
{
    r->weight = r->level = 0;
    memset(r->mean, 0, sizeof(r->mean));
    for (uint32_t i = 0; i < s->n; i++) {
        const struct launch *l = &s->list[i];
        double w = i == skip ? 0 : l->w;
        r->weight += w;
        r->level += w * l->y;
        for (int k = 0; k < LAUNCH_SAID; k++)
            r->mean[k] += w * l->said.x[k];
    }
    r->level /= r->weight;
    for (int k = 0; k < LAUNCH_SAID; k++)
        r->mean[k] /= r->weight;
}

static double middle_share(const struct launch_sizes *r, struct launch_said said)
{
    double middle = r->level;
    for (int k = 0; k < LAUNCH_SAID; k++)
        middle += r->slope[k] * (said.x[k] - r->mean[k]);
    return middle;
}

/* The regression, `skip` left out (UINT32_MAX: none). A slope is not below 0: what is said to draw more never draws less. */
static void regress(const struct sample *s, uint32_t skip, struct launch_sizes *r)
{
    double to[LAUNCH_SAID];
    double errors = 0;
    means(s, skip, r);
    for (int k = 0; k < LAUNCH_SAID; k++) {
        for (int j = 0; j < LAUNCH_SAID; j++)
            r->spread[k][j] = k == j ? slope_prior[k] : 0;
        to[k] = slope_prior[k] * slope_usual[k];
    }
    for (uint32_t i = 0; i < s->n; i++) {
        const struct launch *l = &s->list[i];
        for (int k = 0; i != skip && k < LAUNCH_SAID; k++) {
            double off = l->w * (l->said.x[k] - r->mean[k]);
            for (int j = 0; j < LAUNCH_SAID; j++)
                r->spread[k][j] += off * (l->said.x[j] - r->mean[j]);
            to[k] += off * (l->y - r->level);
        }
    }
    invert(r->spread);
    for (int k = 0; k < LAUNCH_SAID; k++) {
        r->slope[k] = 0;
        for (int j = 0; j < LAUNCH_SAID; j++)
            r->slope[k] += r->spread[k][j] * to[j];
        r->slope[k] = fmax(0, r->slope[k]);
    }
    for (uint32_t i = 0; i < s->n; i++) {
        double e = s->list[i].y - middle_share(r, s->list[i].said);
        errors += i == skip ? 0 : s->list[i].w * e * e;
    }
    r->freedom = freedom_prior + fmax(0, r->weight - 2);
    r->variance = (freedom_prior * error_prior * error_prior + errors) / r->freedom;
}

/* Log share in 28 days: the middle and half of P10 to P90. */
static void share_of(const struct launch_sizes *r, struct launch_said said, double *ret_middle,
                     double *ret_half)
{
    double away = 0;
    for (int k = 0; k < LAUNCH_SAID; k++)
        for (int j = 0; j < LAUNCH_SAID; j++)
            away += (said.x[k] - r->mean[k]) * r->spread[k][j] * (said.x[j] - r->mean[j]);
    *ret_middle = middle_share(r, said);
    *ret_half = student_quantile(z80, r->freedom) * sqrt(r->variance * (1 + 1 / r->weight + away));
}

/* How much of the interval of Student's t holds four in five: the jackknife's quantile (of n the 0.8 (n + 1)-th, between two of them in
 * proportion), drawn towards 1 with the weight of MISSES_PRIOR launches. miss (n) ascending; `skip` is left out (UINT32_MAX: none). */
static double width_for(const double *miss, uint32_t n, uint32_t skip)
{
    uint32_t left = skip < n ? n - 1 : n;
    double at = 0.8 * (left + 1) - 1;
    uint32_t k = (uint32_t)at;
    uint32_t next = k + 1 < left ? k + 1 : left - 1;
    double low = miss[k + (skip <= k)];
    double m = fmax(low + (at - k) * (miss[next + (skip <= next)] - low), 1e-3);
    return exp(log(m) * left / (left + MISSES_PRIOR));
}

/* What the others give each launch, against what came: `wide` and `inside`. Large errors are rare and far larger than the rest, so that
 * their square makes most intervals too wide. */
static void judge(const struct sample *s, struct launch_sizes *ret)
{
    double miss[JUDGED_MOST] = {0};
    uint32_t inside = 0;
    if (s->n < JUDGED_LEAST)
        return;
    uint32_t judged = s->n < JUDGED_MOST ? s->n : JUDGED_MOST;
    for (uint32_t k = 0; k < judged; k++) {
        const struct launch *l = &s->list[(uint64_t)k * s->n / judged];
        struct launch_sizes r;
        double middle, half;
        regress(s, (uint32_t)(l - s->list), &r);
        share_of(&r, l->said, &middle, &half);
        miss[k] = sqrt(l->w) * fabs(l->y - middle) / half;
    }
    qsort(miss, judged, sizeof(*miss), by_double);
    for (uint32_t k = 0; k < judged; k++)
        inside += miss[k] <= width_for(miss, judged, k);
    ret->inside = (double)inside / judged;
    ret->wide = width_for(miss, judged, UINT32_MAX);
}

/* The middle of what is listed (n), or NaN of nothing. */
static double middle_of(double *v, uint32_t n)
{
    if (n == 0)
        return NAN;
    qsort(v, n, sizeof(*v), by_double);
    return quantile_of(v, n, 0.5);
}

static int placements(const struct strategy_data *d, const struct sample *s,
                      struct launch_sizes *ret, struct mq_error *err)
{
    double *v = calloc((size_t)d->n_titles + 1, sizeof(*v));
    if (!v)
        return mq_fail(err, MQ_NO_MEMORY, "launches: no memory");
    double span = fmax(1, (double)(d->last_ms - d->first_ms) / (double)day_ms / LAUNCH_WEEKS4);
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->n; i++) {
        const struct strategy_title *t = &d->titles[s->list[i].row];
        if (s->list[i].age >= LAUNCH_WEEKS4)
            v[n++] = t->shown_new / (double)active_viewers_before(&d->active, t->first_ms);
    }
    ret->placed_launch = middle_of(v, n);
    n = 0;
    for (uint32_t t = 0; t < d->n_titles; t++) {
        if (d->titles[t].audience > 0 && !is_launch(d, &d->titles[t]))
            v[n++] = d->titles[t].shown / span / ret->active;
    }
    ret->placed_other = middle_of(v, n);
    free(v);
    return 0;
}

static void grow_on(const struct strategy_data *d, const struct sample *s, struct launch_sizes *r)
{
    double span = (double)(d->last_ms - d->first_ms) / (double)day_ms;
    double four = s->growth[LAUNCH_WEEKS4];
    double quarter = s->growth[LAUNCH_DAYS];
    double pace = (quarter - s->growth[LAUNCH_DAYS - LAUNCH_WEEKS4]) / LAUNCH_WEEKS4;
    r->log_growth[LAUNCH_28] = 0;
    r->log_growth[LAUNCH_90] = log(quarter / four);
    r->log_growth[LAUNCH_LOG] = log(fmax(quarter, quarter + pace * (span - LAUNCH_DAYS)) / four);
}

int launch_sizes_fit(const struct strategy_data *d, const uint32_t *train,
                     const struct launch_said *said, uint32_t n, struct launch_sizes *ret,
                     struct mq_error *err)
{
    struct sample s = {0};
    struct launch_sizes r = {.wide = 1, .inside = NAN, .placed_launch = NAN, .placed_other = NAN};
    int rc = collect(d, train, said, n, &s, err);
    if (rc == 0 && s.n >= LAUNCH_LEAST) {
        grow(&s);
        take_shares(d, &s, &r);
        r.active = active_viewers_before(&d->active, d->last_ms + day_ms);
    }
    if (rc == 0 && r.launches >= LAUNCH_LEAST) {
        r.viewers = fmax(r.active, d->n_viewers);
        regress(&s, UINT32_MAX, &r);
        grow_on(d, &s, &r);
        judge(&s, &r);
        if (d->pages > 0)
            rc = placements(d, &s, &r, err);
    }
    free(s.list);
    free(s.found);
    if (rc == 0)
        *ret = r;
    return rc;
}

struct launch_size launch_size_of(const struct launch_sizes *s, struct launch_said said,
                                  enum launch_horizon at)
{
    double middle, half;
    share_of(s, said, &middle, &half);
    half *= s->wide;
    middle += log(s->active) + s->log_growth[at];
    double most = at == LAUNCH_28 ? log(s->active) : log(s->viewers);
    return (struct launch_size){fmin(middle - half, most), fmin(middle, most),
                                fmin(middle + half, most)};
}
