#include "eval/policy_value.h"

#include <math.h>
#include <stdlib.h>

#include "math/bootstrap.h"

#define SHRINK 20.0 /* choices that the slot's mean counts as, beside an item's own */
enum { HALVES = 2, DIGITS = 6 };

/* Per slot and item, (slots, items) row-major. */
struct tables {
    uint32_t n_items, n_slots;
    double *share;                   /* of the target's choices in the slot */
    double *sum[HALVES], *n[HALVES]; /* rewards and choices in the log, by half of its viewers */
    double slot_sum[HALVES][CHOICE_SLOTS_MAX], slot_n[HALVES][CHOICE_SLOTS_MAX];
};

static unsigned half_of(const struct choice_row *r)
{
    return (unsigned)(r->viewer * UINT64_C(0x9e3779b97f4a7c15) >> 63);
}

static void tables_release(struct tables *t)
{
    free(t->share);
    for (int h = 0; h < HALVES; h++) {
        free(t->sum[h]);
        free(t->n[h]);
    }
}

static int tables_build(const struct choice_log *logged, const struct choice_log *target,
                        uint32_t n_items, struct tables *t, struct mq_error *err)
{
    *t = (struct tables){.n_items = n_items, .n_slots = logged->n_slots};
    size_t cells = (size_t)n_items * t->n_slots;
    double total[CHOICE_SLOTS_MAX] = {0};

    t->share = calloc(cells, sizeof(double));
    bool ok = t->share != NULL;
    for (int h = 0; h < HALVES; h++) {
        t->sum[h] = calloc(cells, sizeof(double));
        t->n[h] = calloc(cells, sizeof(double));
        ok = ok && t->sum[h] && t->n[h];
    }
    if (!ok)
        return mq_fail(err, MQ_NO_MEMORY, "policy: no memory for %zu cells", cells);
    for (size_t i = 0; i < target->n; i++) {
        const struct choice_row *r = &target->rows[i];
        if (r->slot >= t->n_slots)
            continue;
        t->share[(size_t)r->slot * n_items + r->item]++;
        total[r->slot]++;
    }
    for (size_t c = 0; c < cells; c++)
        t->share[c] = total[c / n_items] > 0 ? t->share[c] / total[c / n_items] : 0;
    for (size_t i = 0; i < logged->n; i++) {
        const struct choice_row *r = &logged->rows[i];
        unsigned h = half_of(r);
        size_t c = (size_t)r->slot * n_items + r->item;
        t->sum[h][c] += (double)r->reward;
        t->n[h][c]++;
        t->slot_sum[h][r->slot] += (double)r->reward;
        t->slot_n[h][r->slot]++;
    }
    return 0;
}

/* The reward to expect of an item in a slot, from half h of the viewers. */
static double expected(const struct tables *t, unsigned h, uint32_t slot, uint32_t item)
{
    double n = t->slot_n[h][slot], mean = n > 0 ? t->slot_sum[h][slot] / n : 0;
    size_t c = (size_t)slot * t->n_items + item;

    return (t->sum[h][c] + SHRINK * mean) / (t->n[h][c] + SHRINK);
}

/* Choices of the log with the target's chances; only those of `slot`, or all with CHOICE_SLOTS_MAX. */
static size_t gather(const struct choice_log *logged, const struct tables *t, uint32_t slot,
                     const double *target_mean[HALVES], struct choice *out)
{
    size_t n = 0;

    for (size_t i = 0; i < logged->n; i++) {
        const struct choice_row *r = &logged->rows[i];
        if (slot < CHOICE_SLOTS_MAX && r->slot != slot)
            continue;
        unsigned other = half_of(r) ^ 1;
        out[n++] = (struct choice){.viewer = r->viewer,
                                   .page = r->page,
                                   .reward = (double)r->reward,
                                   .logged = (double)r->propensity,
                                   .target = t->share[(size_t)r->slot * t->n_items + r->item],
                                   .model_logged = expected(t, other, r->slot, r->item),
                                   .model_target = target_mean[other][r->slot]};
    }
    return n;
}

/* What the target earned itself, clustered by nothing: its rows are the units. */
static int earned(const struct choice_log *target, uint32_t slot, struct policy_estimates *ret,
                  struct mq_error *err)
{
    double *values = calloc(target->n, sizeof(double));
    struct interval i;
    size_t n = 0;

    if (!values)
        return mq_fail(err, MQ_NO_MEMORY, "policy: no memory for %zu choices", target->n);
    for (size_t k = 0; k < target->n; k++) {
        if (slot == CHOICE_SLOTS_MAX || target->rows[k].slot == slot)
            values[n++] = (double)target->rows[k].reward;
    }
    int rc = bootstrap_paired(values, NULL, n, 1, &i, err);
    free(values);
    if (rc)
        return rc;
    ret->target_value = i.mean;
    ret->target_low = i.low;
    ret->target_high = i.high;
    ret->target_choices = n;
    return 0;
}

static int estimate(const struct choice_log *logged, const struct choice_log *target,
                    const struct tables *t, uint32_t slot, const double *target_mean[HALVES],
                    struct choice *choices, struct policy_estimates *ret, struct mq_error *err)
{
    size_t n = gather(logged, t, slot, target_mean, choices);
    int rc = off_policy_estimate(choices, n, OFF_POLICY_SNIPS, &ret->snips, err);

    if (rc == 0)
        rc = off_policy_estimate(choices, n, OFF_POLICY_DR, &ret->dr, err);
    return rc ? rc : earned(target, slot, ret, err);
}

int policy_value(const struct choice_log *logged, const struct choice_log *target, uint32_t n_items,
                 struct policy_value *ret, struct mq_error *err)
{
    struct policy_value v = {.n_slots = logged->n_slots, .n_items = n_items};
    struct tables t;
    double mean[HALVES][CHOICE_SLOTS_MAX] = {{0}};
    const double *target_mean[HALVES] = {mean[0], mean[1]};
    struct choice *choices = calloc(logged->n, sizeof(*choices));
    int rc = choices ? tables_build(logged, target, n_items, &t, err)
                     : mq_fail(err, MQ_NO_MEMORY, "policy: no memory for %zu choices", logged->n);

    if (!choices)
        return rc;
    for (unsigned h = 0; rc == 0 && h < HALVES; h++)
        for (uint32_t s = 0; s < t.n_slots; s++)
            for (uint32_t i = 0; i < n_items; i++)
                mean[h][s] += t.share[(size_t)s * n_items + i] * expected(&t, h, s, i);
    if (rc == 0)
        rc = estimate(logged, target, &t, CHOICE_SLOTS_MAX, target_mean, choices, &v.all, err);
    for (uint32_t s = 0; rc == 0 && s < v.n_slots; s++)
        rc = estimate(logged, target, &t, s, target_mean, choices, &v.slot[s], err);
    tables_release(&t);
    free(choices);
    if (rc == 0)
        *ret = v;
    return rc;
}

static void write_estimate(struct json *j, const char *name, const struct off_policy *p)
{
    json_key(j, str_of(name));
    json_object(j);
    json_kv_double(j, "value", p->value, DIGITS);
    json_kv_double(j, "value_low", p->low, DIGITS);
    json_kv_double(j, "value_high", p->high, DIGITS);
    json_kv_bool(j, "refused", p->refused);
    if (p->refused)
        json_kv_z(j, "why", p->why);
    json_object_end(j);
}

static void write_estimates(struct json *j, const struct policy_estimates *e)
{
    json_kv_u64(j, "choices", e->snips.choices);
    json_kv_u64(j, "viewers", e->snips.viewers);
    json_kv_double(j, "effective_sample_size", e->snips.effective, DIGITS);
    json_kv_double(j, "mean_weight", e->snips.mean_weight, DIGITS);
    json_kv_double(j, "largest_share", e->snips.largest_share, DIGITS);
    json_kv_double(j, "logged_value", e->snips.logged_value, DIGITS);
    write_estimate(j, "snips", &e->snips);
    write_estimate(j, "dr", &e->dr);
    json_key(j, STR("target_earned"));
    json_object(j);
    json_kv_u64(j, "choices", e->target_choices);
    json_kv_double(j, "value", e->target_value, DIGITS);
    json_kv_double(j, "value_low", e->target_low, DIGITS);
    json_kv_double(j, "value_high", e->target_high, DIGITS);
    json_object_end(j);
}

void policy_value_write(struct json *j, const struct policy_value *v)
{
    json_object(j);
    json_kv_z(j, "protocol", "off-policy");
    json_kv_u64(j, "items", v->n_items);
    json_key(j, STR("all"));
    json_object(j);
    write_estimates(j, &v->all);
    json_object_end(j);
    json_key(j, STR("slots"));
    json_array(j);
    for (uint32_t s = 0; s < v->n_slots; s++) {
        json_object(j);
        json_kv_u64(j, "slot", s);
        write_estimates(j, &v->slot[s]);
        json_object_end(j);
    }
    json_array_end(j);
    json_object_end(j);
}
