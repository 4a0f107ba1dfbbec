#include "strategy/slate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct search {
    const struct slate_task *t;
    float *left;  /* (n + 1, cells) chance times weight of not being reached, by depth */
    double *gain; /* (n) */
    uint32_t *order;
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

/* With and without the most worthwhile that is left. */
static void branch(struct search *s, uint32_t depth, double reached, double budget)
{
    struct priced list[SLATE_MAX];
    const struct slate_task *t = s->t;
    const float *left = s->left + (size_t)depth * t->cells;
    note(s, reached);
    if (!can_complete(s))
        return;
    uint32_t n = price(s, left, budget, list);
    double bound = reached + most_more(list, n, budget);
    if (n == 0 || (s->found && bound <= s->best_reach * (1 + 1e-9)))
        return;
    if (++s->nodes > SLATE_NODES) {
        s->out_of_nodes = true;
        s->open_bound = fmax(s->open_bound, bound);
        return;
    }
    uint32_t i = list[0].i;
    s->now[i] = true;
    take(t, left, i, s->left + (size_t)(depth + 1) * t->cells);
    branch(s, depth + 1, reached + list[0].gain, budget - t->cost[i]);
    s->now[i] = false;
    s->shut[i] = true;
    memmove(s->left + (size_t)(depth + 1) * t->cells, left, t->cells * sizeof(*left));
    branch(s, depth + 1, reached, budget);
    s->shut[i] = false;
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
    uint32_t levels = t->n <= SLATE_EXACT ? t->n + 2 : 2;
    if (s)
        s->left = calloc((size_t)levels * t->cells + 1, sizeof(*s->left));
    if (!s || !s->left) {
        free(s);
        return mq_fail(err, MQ_NO_MEMORY, "slate: no memory");
    }
    s->t = t;
    greedy(s);
    memset(s->now, 0, sizeof(s->now));
    double greedy_bound = s->open_bound;
    bool exact = t->n <= SLATE_EXACT;
    if (exact) {
        s->nodes = 0;
        s->open_bound = 0;
        memcpy(s->left, t->weight, t->cells * sizeof(*s->left));
        branch(s, 0, 0, t->budget);
    }
    s->open_bound = fmin(greedy_bound, exact ? fmax(s->open_bound, s->best_reach) : greedy_bound);
    int rc = s->found ? 0
                      : mq_fail(err, MQ_INVALID,
                                "slate: no set keeps the limits within the budget: raise the "
                                "budget or loosen at_least and at_most");
    if (rc == 0)
        conclude(s, exact && !s->out_of_nodes, ret);
    free(s->left);
    free(s);
    return rc;
}
