#include "strategy/slate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct search {
    const struct slate_task *t;
    float *left;    /* (cells) weight of not being reached */
    float *rate;    /* (n, cells) -ln(1 - chance) */
    float *scratch; /* (3, cells) */
    bool now[SLATE_MAX], best[SLATE_MAX], shut[SLATE_MAX];
    double best_reach, open_bound; /* the highest bound of what was not looked at */
    bool found, out_of_nodes;
    uint64_t nodes;
};

static double gain_of(const struct slate_task *t, const float *left, uint32_t i)
{
    const float *p = t->chance + (size_t)i * t->cells;
    double sum = 0;
    for (uint32_t c = 0; c < t->cells; c++)
        sum += (double)(left[c] * p[c]);
    return sum;
}

static void take(const struct slate_task *t, const float *left, uint32_t i, float *ret)
{
    const float *p = t->chance + (size_t)i * t->cells;
    for (uint32_t c = 0; c < t->cells; c++)
        ret[c] = left[c] * (1 - p[c]);
}

double slate_reach(const struct slate_task *t, const bool *chosen, float *scratch)
{
    double reached = 0;
    memcpy(scratch, t->weight, t->cells * sizeof(*scratch));
    for (uint32_t i = 0; i < t->n; i++) {
        if (!chosen[i])
            continue;
        reached += gain_of(t, scratch, i);
        take(t, scratch, i, scratch);
    }
    return reached;
}

static uint32_t in_group(const struct slate_task *t, const bool *chosen, uint32_t bit)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->n; i++)
        n += chosen[i] && (t->groups[i] >> bit & 1);
    return n;
}

/* Whether `i` may be added without passing a limit. */
static bool may_add(const struct slate_task *t, const bool *chosen, uint32_t i)
{
    for (uint32_t l = 0; l < t->n_limits; l++) {
        const struct slate_limit *x = &t->limits[l];
        if (x->at_most && (t->groups[i] >> x->bit & 1) && in_group(t, chosen, x->bit) >= x->n)
            return false;
    }
    return true;
}

static bool is_complete(const struct slate_task *t, const bool *chosen)
{
    for (uint32_t l = 0; l < t->n_limits; l++) {
        if (!t->limits[l].at_most && in_group(t, chosen, t->limits[l].bit) < t->limits[l].n)
            return false;
    }
    return true;
}

/* Whether what is neither chosen nor shut could still fill each "at least". */
static bool can_complete(const struct search *s)
{
    const struct slate_task *t = s->t;
    for (uint32_t l = 0; l < t->n_limits; l++) {
        const struct slate_limit *x = &t->limits[l];
        uint32_t n = 0;
        for (uint32_t i = 0; i < t->n; i++)
            n += (s->now[i] || !s->shut[i]) && (t->groups[i] >> x->bit & 1);
        if (!x->at_most && n < x->n)
            return false;
    }
    return true;
}

struct priced {
    double gain, cost;
    uint32_t i;
};

static int by_worth(const void *a, const void *b)
{
    const struct priced *x = a;
    const struct priced *y = b;
    double p = x->gain * y->cost;
    double q = y->gain * x->cost;
    if (p != q)
        return p > q ? -1 : 1;
    if (x->gain != y->gain)
        return x->gain > y->gain ? -1 : 1;
    return (x->i > y->i) - (x->i < y->i);
}

/* Gains of what may still come, the most for its cost first. */
static uint32_t price(const struct search *s, const float *left, double budget, struct priced *list)
{
    const struct slate_task *t = s->t;
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->n; i++) {
        if (s->now[i] || s->shut[i] || t->cost[i] > budget || !may_add(t, s->now, i))
            continue;
        list[n++] = (struct priced){gain_of(t, left, i), t->cost[i], i};
    }
    if (n > 1)
        qsort(list, n, sizeof(*list), by_worth);
    return n;
}

/* The fractional knapsack. */
static double most_more(const struct priced *list, uint32_t n, double budget)
{
    double sum = 0;
    for (uint32_t k = 0; k < n && budget >= 0; k++) {
        double share = list[k].cost > budget ? budget / list[k].cost : 1;
        sum += share * list[k].gain;
        budget -= list[k].cost;
    }
    return sum;
}

static void note(struct search *s, double reached)
{
    if (!is_complete(s->t, s->now) || (s->found && reached <= s->best_reach))
        return;
    memcpy(s->best, s->now, sizeof(s->best));
    s->best_reach = reached;
    s->found = true;
}

/* ---------------------------------------------------------------- the relaxation
 *
 * With a = -ln(1 - p), what x in {0, 1}^n reaches is sum_c w_c (1 - exp(-(Ax)_c)): concave in x in [0, 1]^n too. At any x the
 * value there and the best first-order gain over the knapsack are a bound (Frank, Wolfe 1956). */

enum { STEPS = 60, HALVINGS = 12 };

struct relaxed {
    double x[SLATE_MAX], y[SLATE_MAX];
    double gain[SLATE_MAX];
};

/* e_c = w_c exp(-(Ax)_c); returns the value at x. */
static double value_at(const struct search *s, const float *ax, float *e)
{
    const struct slate_task *t = s->t;
    double sum = 0;
    for (uint32_t c = 0; c < t->cells; c++) {
        e[c] = t->weight[c] * expf(-ax[c]);
        sum += (double)(t->weight[c] - e[c]);
    }
    return sum;
}

static void add_scaled(const struct search *s, uint32_t i, float by, float *to)
{
    const float *a = s->rate + (size_t)i * s->t->cells;
    for (uint32_t c = 0; c < s->t->cells; c++)
        to[c] += by * a[c];
}

/* The knapsack of the gains: y, and the most that x could still gain. */
static double towards(const struct search *s, const float *e, double budget, struct relaxed *r)
{
    struct priced list[SLATE_MAX];
    const struct slate_task *t = s->t;
    uint32_t n = 0;
    double more = 0;
    for (uint32_t i = 0; i < t->n; i++) {
        r->y[i] = s->now[i];
        if (s->now[i] || s->shut[i] || t->cost[i] > budget || !may_add(t, s->now, i))
            continue;
        const float *a = s->rate + (size_t)i * t->cells;
        double g = 0;
        for (uint32_t c = 0; c < t->cells; c++)
            g += (double)(e[c] * a[c]);
        r->gain[i] = g;
        list[n++] = (struct priced){g, t->cost[i], i};
    }
    if (n > 1)
        qsort(list, n, sizeof(*list), by_worth);
    for (uint32_t k = 0; k < n && budget > 0; k++) {
        r->y[list[k].i] = list[k].cost > budget ? budget / list[k].cost : 1;
        budget -= list[k].cost;
    }
    for (uint32_t k = 0; k < n; k++)
        more += list[k].gain * (r->y[list[k].i] - r->x[list[k].i]);
    return more;
}

/* How far to go along d: where the slope turns. */
static float step_along(const struct search *s, const float *e, const float *ad)
{
    float low = 0;
    float high = 1;
    for (int k = 0; k < HALVINGS; k++) {
        float mid = (low + high) / 2;
        double slope = 0;
        for (uint32_t c = 0; c < s->t->cells; c++)
            slope += (double)(e[c] * expf(-mid * ad[c]) * ad[c]);
        if (slope > 0)
            low = mid;
        else
            high = mid;
    }
    return high > 0.999F ? 1 : low;
}

/* No set that keeps what is chosen and leaves out what is shut reaches more. *r is near the best of the relaxation. */
static double relax(const struct search *s, double budget, struct relaxed *r)
{
    const struct slate_task *t = s->t;
    float *ax = s->scratch;
    float *e = ax + t->cells;
    float *ad = e + t->cells;
    double bound = INFINITY;
    memset(ax, 0, t->cells * sizeof(*ax));
    for (uint32_t i = 0; i < t->n; i++) {
        r->x[i] = s->now[i];
        if (s->now[i])
            add_scaled(s, i, 1, ax);
    }
    for (int step = 0; step < STEPS; step++) {
        double value = value_at(s, ax, e);
        double more = towards(s, e, budget, r);
        bound = fmin(bound, value + more);
        if ((s->found && bound <= s->best_reach * (1 + SLATE_TOLERANCE)) || more < 1e-7 * value)
            break;
        memset(ad, 0, t->cells * sizeof(*ad));
        for (uint32_t i = 0; i < t->n; i++) {
            if (r->y[i] != r->x[i])
                add_scaled(s, i, (float)(r->y[i] - r->x[i]), ad);
        }
        float by = step_along(s, e, ad);
        for (uint32_t i = 0; i < t->n; i++)
            r->x[i] += (double)by * (r->y[i] - r->x[i]);
        for (uint32_t c = 0; c < t->cells; c++)
            ax[c] += by * ad[c];
    }
    return bound;
}

/* A whole set near x: the largest shares first. */
static void round_off(struct search *s, const struct relaxed *r)
{
    bool kept[SLATE_MAX];
    const struct slate_task *t = s->t;
    double budget = t->budget;
    memcpy(kept, s->now, sizeof(kept));
    for (uint32_t i = 0; i < t->n; i++)
        budget -= s->now[i] ? t->cost[i] : 0;
    for (;;) {
        uint32_t best = t->n;
        for (uint32_t i = 0; i < t->n; i++) {
            if (!s->now[i] && !s->shut[i] && r->x[i] > 0.01 && t->cost[i] <= budget &&
                may_add(t, s->now, i) && (best == t->n || r->x[i] > r->x[best]))
                best = i;
        }
        if (best == t->n)
            break;
        s->now[best] = true;
        budget -= t->cost[best];
    }
    note(s, slate_reach(t, s->now, s->scratch));
    memcpy(s->now, kept, sizeof(kept));
}

/* With and without the concept that the relaxation is least sure of. */
static void branch(struct search *s, double budget)
{
    struct relaxed r = {0};
    const struct slate_task *t = s->t;
    if (!can_complete(s))
        return;
    if (++s->nodes > SLATE_NODES) {
        s->out_of_nodes = true;
        s->open_bound = INFINITY;
        return;
    }
    double bound = relax(s, budget, &r);
    if (s->found && bound <= s->best_reach * (1 + SLATE_TOLERANCE))
        return;
    round_off(s, &r);
    uint32_t pick = t->n;
    for (uint32_t i = 0; i < t->n; i++) {
        bool open = !s->now[i] && !s->shut[i] && t->cost[i] <= budget && may_add(t, s->now, i);
        if (open && (pick == t->n || fabs(r.x[i] - 0.5) < fabs(r.x[pick] - 0.5)))
            pick = i;
    }
    if (pick == t->n)
        return;
    bool first = r.x[pick] >= 0.5;
    for (int way = 0; way < 2; way++) {
        bool in = way == 0 ? first : !first;
        *(in ? &s->now[pick] : &s->shut[pick]) = true;
        branch(s, in ? budget - t->cost[pick] : budget);
        *(in ? &s->now[pick] : &s->shut[pick]) = false;
    }
}

/* What any set reaches is at most what this one does and the single gains of all others that the whole budget would buy
 * (Nemhauser, Wolsey, Fisher 1978). */
static double bound_from(const struct search *s, double reached)
{
    struct priced list[SLATE_MAX];
    const struct slate_task *t = s->t;
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->n; i++) {
        if (!s->now[i] && t->cost[i] <= t->budget)
            list[n++] = (struct priced){gain_of(t, s->left, i), t->cost[i], i};
    }
    if (n > 1)
        qsort(list, n, sizeof(*list), by_worth);
    return reached + most_more(list, n, t->budget);
}

/* What "at least" asks for first, then the most for its cost, until nothing fits. */
static void greedy(struct search *s)
{
    struct priced list[SLATE_MAX];
    const struct slate_task *t = s->t;
    double budget = t->budget;
    double reached = 0;
    s->open_bound = INFINITY;
    memcpy(s->left, t->weight, t->cells * sizeof(*s->left));
    for (uint32_t n; (n = price(s, s->left, budget, list)) > 0;) {
        uint32_t pick = 0;
        for (uint32_t k = 0; k < n && !is_complete(t, s->now); k++) {
            bool fills = false;
            for (uint32_t l = 0; l < t->n_limits; l++) {
                const struct slate_limit *x = &t->limits[l];
                fills = fills || (!x->at_most && (t->groups[list[k].i] >> x->bit & 1) &&
                                  in_group(t, s->now, x->bit) < x->n);
            }
            if (fills) {
                pick = k;
                break;
            }
        }
        s->open_bound = fmin(s->open_bound, bound_from(s, reached));
        uint32_t i = list[pick].i;
        reached += list[pick].gain;
        budget -= t->cost[i];
        take(t, s->left, i, s->left);
        s->now[i] = true;
    }
    s->open_bound = fmin(s->open_bound, bound_from(s, reached));
    note(s, reached);
}

static void conclude(struct search *s, bool exact, struct slate_choice *ret)
{
    const struct slate_task *t = s->t;
    struct slate_choice out = {.reached = s->best_reach, .exact = exact, .nodes = s->nodes};
    bool other[SLATE_MAX];
    out.bound = exact ? out.reached : fmax(out.reached, s->open_bound);
    for (uint32_t i = 0; i < t->n; i++) {
        memcpy(other, s->best, sizeof(other));
        other[i] = !other[i];
        out.chosen[i] = s->best[i];
        out.adds[i] = fabs(out.reached - slate_reach(t, other, s->left));
        out.spent += s->best[i] ? t->cost[i] : 0;
    }
    *ret = out;
}

int slate_choose(const struct slate_task *t, struct slate_choice *ret, struct mq_error *err)
{
    struct search *s = calloc(1, sizeof(*s));
    bool exact = t->n <= SLATE_EXACT;
    if (s) {
        s->left = calloc((size_t)t->cells + 1, sizeof(*s->left));
        s->scratch = calloc((size_t)t->cells * 3 + 1, sizeof(*s->scratch));
        s->rate = calloc(exact ? (size_t)t->n * t->cells + 1 : 1, sizeof(*s->rate));
    }
    int rc =
        s && s->left && s->scratch && s->rate ? 0 : mq_fail(err, MQ_NO_MEMORY, "slate: no memory");
    if (rc == 0) {
        s->t = t;
        for (size_t k = 0; exact && k < (size_t)t->n * t->cells; k++)
            s->rate[k] = -logf(1 - fminf(t->chance[k], 0.9999F));
        greedy(s);
        double greedy_bound = s->open_bound;
        memset(s->now, 0, sizeof(s->now));
        if (exact) {
            s->nodes = 0;
            branch(s, t->budget);
        }
        s->open_bound = greedy_bound;
        if (!s->found)
            rc = mq_fail(err, MQ_INVALID,
                         "slate: no set keeps the limits within the budget: raise the budget or "
                         "loosen at_least and at_most");
        else
            conclude(s, exact && !s->out_of_nodes, ret);
    }
    if (s) {
        free(s->left);
        free(s->scratch);
        free(s->rate);
    }
    free(s);
    return rc;
}
