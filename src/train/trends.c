#include "train/trends.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/lately.h"

static const double part_of_span[RECENT_SPEEDS] = {1.0 / 4, 1.0 / 32, 1.0 / 256};

struct entry {
    int64_t at_ms;
    uint32_t title;
};

static int earlier(const void *a, const void *b)
{
    int64_t x = ((const struct entry *)a)->at_ms;
    int64_t y = ((const struct entry *)b)->at_ms;
    return (x > y) - (x < y);
}

/* Decayed counts are kept as of their own last change: value * 2^((changed - at) / half_life) at any later time. */
struct counting {
    const struct entry *sorted;
    size_t n;
    uint32_t titles;
    double half_life[RECENT_SPEEDS]; /* ms */
    float *value[RECENT_SPEEDS];     /* (titles) */
    int64_t *changed;                /* (titles) */
    float *count;                    /* (titles) */
};

static void count_one(struct counting *c, const struct entry *e)
{
    uint32_t t = e->title;
    for (size_t s = 0; s < RECENT_SPEEDS; s++) {
        double past = (double)e->at_ms - (double)c->changed[t];
        c->value[s][t] = 1 + c->value[s][t] * (float)exp2(-past / c->half_life[s]);
    }
    c->changed[t] = e->at_ms;
    c->count[t] += 1;
}

static void note(const struct counting *c, int64_t at_ms, float *const recent[RECENT_SPEEDS],
                 float *total)
{
    for (uint32_t t = 0; t < c->titles; t++) {
        double past = (double)at_ms - (double)c->changed[t];
        total[t] = c->count[t];
        for (size_t s = 0; s < RECENT_SPEEDS; s++)
            recent[s][t] =
                c->count[t] > 0 ? log1pf(c->value[s][t] * (float)exp2(-past / c->half_life[s])) : 0;
    }
}

static void run(struct counting *c, uint32_t moments, int64_t *at_ms,
                float *const recent[RECENT_SPEEDS], float *total)
{
    size_t done = 0;
    for (uint32_t m = 0; m < moments; m++) {
        /* The last moment knows everything. */
        size_t upto = m + 1 == moments ? c->n : c->n * (m + 1) / moments;
        float *rows[RECENT_SPEEDS];
        at_ms[m] = upto < c->n ? c->sorted[upto].at_ms : c->sorted[c->n - 1].at_ms + 1;
        while (done < c->n && c->sorted[done].at_ms < at_ms[m])
            count_one(c, &c->sorted[done++]);
        for (size_t s = 0; s < RECENT_SPEEDS; s++)
            rows[s] = recent[s] + (size_t)m * c->titles;
        note(c, at_ms[m], rows, total + (size_t)m * c->titles);
    }
}

/* When the first came to each title, and how new that makes it at the last moment. */
static bool date(const struct counting *c, struct trends *ret)
{
    int64_t *first = malloc((c->titles + 1) * sizeof(*first));
    ret->first_ms = first;
    for (uint32_t i = 0; first && i < c->titles; i++)
        first[i] = INT64_MAX;
    for (size_t k = c->n; first && k-- > 0;)
        first[c->sorted[k].title] = c->sorted[k].at_ms;
    bool fine = first != NULL;
    for (size_t s = 0; fine && s < RECENT_SPEEDS; s++) {
        float *fresh = malloc((c->titles + 1) * sizeof(*fresh));
        ret->fresh[s] = fresh;
        if (fresh)
            lately_new(ret, s, ret->at_ms[ret->moments - 1], c->titles, fresh);
        fine = fresh != NULL;
    }
    return fine;
}

/* What came, and when, for whoever asks between two moments. */
static bool keep(const struct counting *c, struct trends *ret)
{
    uint32_t *came = malloc((c->n + 1) * sizeof(*came));
    int64_t *came_ms = malloc((c->n + 1) * sizeof(*came_ms));
    ret->came = came;
    ret->came_ms = came_ms;
    if (!came || !came_ms)
        return false;
    for (size_t k = 0; k < c->n; k++) {
        came[k] = c->sorted[k].title;
        came_ms[k] = c->sorted[k].at_ms;
    }
    ret->n_came = c->n;
    return true;
}

static struct entry *sorted_entries(const struct histories *h, size_t n)
{
    struct entry *e = malloc((n + 1) * sizeof(*e));
    for (size_t k = 0; e && k < n; k++)
        e[k] = (struct entry){h->at_ms[k], h->title[k]};
    if (e)
        qsort(e, n, sizeof(*e), earlier);
    return e;
}

int trends_count(const struct histories *h, struct trends *ret, struct mq_error *err)
{
    size_t n = (size_t)histories_entries(h);
    uint32_t most = h->titles > 0 ? TRENDS_CELLS / h->titles : 1;
    uint32_t moments = most < 1 ? 1 : most > TRENDS_MOMENTS ? TRENDS_MOMENTS : most;
    *ret = (struct trends){0};
    if (n == 0 || h->titles == 0)
        return 0;
    struct entry *sorted = sorted_entries(h, n);
    struct counting c = {.sorted = sorted, .n = n, .titles = h->titles};
    float *recent[RECENT_SPEEDS];
    bool fine = sorted != NULL;
    double span = sorted ? (double)sorted[n - 1].at_ms - (double)sorted[0].at_ms : 0;
    for (size_t s = 0; s < RECENT_SPEEDS; s++) {
        c.half_life[s] = fmax(span * part_of_span[s], 1);
        ret->half_life_ms[s] = c.half_life[s];
        c.value[s] = calloc(h->titles, sizeof(float));
        recent[s] = calloc((size_t)moments * h->titles, sizeof(float));
        ret->recent[s] = recent[s];
        fine = fine && c.value[s] && recent[s];
    }
    c.changed = calloc(h->titles, sizeof(*c.changed));
    c.count = calloc(h->titles, sizeof(*c.count));
    float *total = calloc((size_t)moments * h->titles, sizeof(float));
    int64_t *at_ms = calloc(moments, sizeof(*at_ms));
    ret->total = total;
    ret->at_ms = at_ms;
    fine = fine && c.changed && c.count && total && at_ms;
    if (fine) {
        ret->moments = moments;
        run(&c, moments, at_ms, recent, total);
        fine = date(&c, ret) && (n > TRENDS_KEPT || keep(&c, ret));
    }
    for (size_t s = 0; s < RECENT_SPEEDS; s++)
        free(c.value[s]);
    free(c.changed);
    free(c.count);
    free(sorted);
    if (fine)
        return 0;
    trends_release(ret);
    return mq_fail(err, MQ_NO_MEMORY, "trends: %u titles: no memory", h->titles);
}

void trends_forget(struct trends *t)
{
    free((void *)(uintptr_t)t->came);
    free((void *)(uintptr_t)t->came_ms);
    free((void *)(uintptr_t)t->first_ms);
    t->first_ms = NULL;
    t->came = NULL;
    t->came_ms = NULL;
    t->n_came = 0;
}

void trends_release(struct trends *t)
{
    free((void *)(uintptr_t)t->at_ms);
    for (size_t s = 0; s < RECENT_SPEEDS; s++)
        free((void *)(uintptr_t)t->recent[s]), free((void *)(uintptr_t)t->fresh[s]);
    free((void *)(uintptr_t)t->total);
    trends_forget(t);
    *t = (struct trends){0};
}
