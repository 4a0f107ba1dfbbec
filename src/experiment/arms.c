#include "experiment/arms.h"

#include <math.h>

#include "base/hash.h"

static bool name_is_plain(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '_' || c == '.'))
            return false;
    }
    return s.n > 0 && s.n <= EXPERIMENT_NAME_MAX;
}

int arms_check(const struct arms *a, struct mq_error *err)
{
    if (!name_is_plain(a->name))
        return mq_fail(err, MQ_INVALID,
                       "experiment: %.*s: a name has 1 to %d letters, digits, '-', '_' and '.'",
                       STR_ARG(a->name), EXPERIMENT_NAME_MAX);
    if (!(a->traffic > 0 && a->traffic <= 1))
        return mq_fail(err, MQ_INVALID, "traffic: %g: give a share above 0, at most 1", a->traffic);
    if (a->n < 2 || a->n > EXPERIMENT_ARMS_MAX)
        return mq_fail(err, MQ_INVALID, "arms: %zu: give 2 to %d", a->n, EXPERIMENT_ARMS_MAX);
    for (size_t i = 0; i < a->n; i++) {
        if (!(a->weight[i] > 0 && isfinite(a->weight[i])))
            return mq_fail(err, MQ_INVALID, "weight of arm %zu: %g: give a number above 0", i,
                           a->weight[i]);
    }
    return 0;
}

/* Uniform in [0, 1), by viewer and purpose. */
static double uniform_of(struct str name, struct str viewer, uint64_t purpose)
{
    return (double)(hash_str(viewer, hash_str(name, purpose)) >> 11) * 0x1p-53;
}

int arm_of(const struct arms *a, struct str viewer)
{
    double total = 0, at;

    if (uniform_of(a->name, viewer, 1) >= a->traffic)
        return ARM_NONE;
    for (size_t i = 0; i < a->n; i++)
        total += a->weight[i];
    at = uniform_of(a->name, viewer, 2) * total;
    for (size_t i = 0; i + 1 < a->n; i++) {
        if (at < a->weight[i])
            return (int)i;
        at -= a->weight[i];
    }
    return (int)a->n - 1;
}
