#include "model/lately.h"

#include <math.h>
#include <string.h>

#include "math/curves.h"
#include "model/ensemble_inside.h"

const float *lately_noted(const struct trends *t, size_t speed, int64_t now_ms, uint32_t n_titles)
{
    uint32_t at = moment_at(t, now_ms);
    if (at == t->moments || !t->recent[speed])
        return NULL;
    size_t row = at > t->recent_from ? at - t->recent_from : 0;
    return t->recent[speed] + row * n_titles;
}

/* The first entry from ms on. */
static size_t first_from(const struct trends *t, int64_t ms)
{
    size_t low = 0;
    size_t high = t->n_came;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (t->came_ms[middle] < ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void lately_exact(const struct trends *t, size_t speed, int64_t now_ms, uint32_t n_titles,
                  float *to)
{
    uint32_t at = moment_at(t, now_ms);
    double half_life = t->half_life_ms[speed];
    size_t k = 0;
    memset(to, 0, n_titles * sizeof(*to));
    if (at < t->moments) {
        const float *noted = lately_noted(t, speed, now_ms, n_titles);
        float left = (float)exp2(-((double)now_ms - (double)t->at_ms[at]) / half_life);
        for (uint32_t i = 0; noted && i < n_titles; i++)
            to[i] = noted[i] > 0 ? expm1f(noted[i]) * left : 0;
        k = first_from(t, t->at_ms[at]);
    }
    for (; k < t->n_came && t->came_ms[k] < now_ms; k++)
        if (t->came[k] < n_titles)
            to[t->came[k]] += (float)exp2(-((double)now_ms - (double)t->came_ms[k]) / half_life);
    curves_log1p(to, NULL, to, n_titles);
}

void lately_new(const struct trends *t, size_t speed, int64_t now_ms, uint32_t n_titles, float *to)
{
    double half_life = t->half_life_ms[speed];
    for (uint32_t i = 0; i < n_titles; i++) {
        double age = (double)now_ms - (double)t->first_ms[i];
        to[i] = age > 0 ? (float)exp2(-age / half_life) : 0;
    }
}
