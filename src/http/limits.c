#include "http/limits.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/hash.h"

/* Callers are remembered in sets of WAYS; in a full set the one longest not seen is forgotten, which gives
 * it a full bucket the next time. */
enum { SETS = 1024, WAYS = 8, SECONDS = 2 };

struct bucket {
    uint64_t caller; /* hash; 0: free */
    double tokens;
    int64_t seen_ns;
};

struct limits {
    double rate;   /* tokens a second */
    double most;   /* in a full bucket: one at least, or nobody ever got through */
    uint64_t seed; /* so that nobody can aim at a set */
    pthread_mutex_t lock;
    struct bucket buckets[SETS][WAYS];
};

int limits_new(double rate, struct limits **ret, struct mq_error *err)
{
    *ret = NULL;
    if (!(rate > 0))
        return 0;
    struct limits *l = calloc(1, sizeof(*l));
    if (!l)
        return mq_fail(err, MQ_NO_MEMORY, "limits: no memory");
    l->rate = rate;
    l->most = fmax(1, rate * SECONDS);
    l->seed = (uint64_t)(uintptr_t)l;
    pthread_mutex_init(&l->lock, NULL);
    *ret = l;
    return 0;
}

void limits_free(struct limits *l)
{
    if (!l)
        return;
    pthread_mutex_destroy(&l->lock);
    free(l);
}

static struct bucket *find(struct limits *l, uint64_t caller, int64_t now_ns)
{
    struct bucket *set = l->buckets[caller % SETS];
    struct bucket *oldest = &set[0];
    for (int i = 0; i < WAYS; i++) {
        if (set[i].caller == caller)
            return &set[i];
        if (set[i].seen_ns < oldest->seen_ns)
            oldest = &set[i];
    }
    *oldest = (struct bucket){caller, l->most, now_ns};
    return oldest;
}

int limits_take(struct limits *l, struct str caller, double cost, int64_t now_ns)
{
    if (!l || cost <= 0)
        return 0;
    uint64_t hash = hash_str(caller, l->seed) | 1;
    pthread_mutex_lock(&l->lock);
    struct bucket *b = find(l, hash, now_ns);
    b->tokens += l->rate * (double)(now_ns - b->seen_ns) / 1e9;
    b->seen_ns = now_ns;
    b->tokens = fmin(b->tokens, l->most);
    int wait = 0;
    /* Half a unit: tokens are sums of rounded steps. */
    if (b->tokens >= fmin(cost, 0.5))
        b->tokens -= cost;
    else
        wait = (int)fmin(3600, ceil((1 - b->tokens) / l->rate));
    pthread_mutex_unlock(&l->lock);
    return wait;
}
