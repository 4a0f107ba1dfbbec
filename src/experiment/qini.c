#include "experiment/qini.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double z95 = 1.959964;

static int by_score(const void *x, const void *y)
{
    const struct qini_group *a = x;
    const struct qini_group *b = y;
    return (a->score < b->score) - (a->score > b->score);
}

static bool is_sound(const struct qini_group *g)
{
    return isfinite(g->score) && isfinite(g->difference) && isfinite(g->standard_error) &&
           isfinite(g->viewers) && g->viewers > 0 && g->standard_error >= 0;
}

int qini_measure(const struct qini_group *groups, size_t n, struct qini *ret, struct mq_error *err)
{
    struct qini_group sorted[QINI_GROUPS_MAX];
    struct qini q = {.n = 0};
    double all = 0, passed = 0, gain = 0, variance = 0, area_variance = 0;
    if (n < 2 || n > QINI_GROUPS_MAX)
        return mq_fail(err, MQ_INVALID, "qini: %zu groups: give 2 to %d", n, QINI_GROUPS_MAX);
    for (size_t i = 0; i < n; i++) {
        if (!is_sound(&groups[i]))
            return mq_fail(err, MQ_INVALID, "qini: group %zu: a figure that cannot be", i);
        all += groups[i].viewers;
    }
    memcpy(sorted, groups, n * sizeof(*groups));
    qsort(sorted, n, sizeof(*sorted), by_score);
    for (size_t i = 0; i < n;) {
        size_t end = i;
        double viewers = 0;
        for (; end < n && sorted[end].score == sorted[i].score; end++)
            viewers += sorted[end].viewers;
        double middle = (passed + viewers / 2) / all;
        for (; i < end; i++) {
            double share = sorted[i].viewers / all;
            double weight = share * (0.5 - middle);
            double se = sorted[i].standard_error;
            gain += share * sorted[i].difference;
            variance += share * share * se * se;
            q.area += weight * sorted[i].difference;
            area_variance += weight * weight * se * se;
        }
        passed += viewers;
        double half = z95 * sqrt(variance);
        q.point[q.n++] = (struct qini_point){passed / all, gain, gain - half, gain + half};
    }
    q.low = q.area - z95 * sqrt(area_variance);
    q.high = q.area + z95 * sqrt(area_variance);
    *ret = q;
    return 0;
}
