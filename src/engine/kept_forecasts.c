#include "engine/kept_forecasts.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/error.h"

enum { ARENA_FIRST = 1 << 16 };
#define ANSWER_MAX ((size_t)256 << 20)

struct kept_forecasts {
    pthread_mutex_t lock;
    struct kept_forecast *list[KEPT_FORECASTS]; /* (n) asked for last first */
    size_t n, bytes;
    uint64_t forgotten;
};

struct kept_forecast *kept_forecast_new(void)
{
    struct kept_forecast *f = calloc(1, sizeof(*f));
    if (f && arena_init(&f->arena, ARENA_FIRST, ANSWER_MAX) != 0) {
        free(f);
        return NULL;
    }
    if (f)
        atomic_store(&f->references, 1);
    return f;
}

void kept_forecast_release(struct kept_forecast *f)
{
    if (!f || atomic_fetch_sub(&f->references, 1) != 1)
        return;
    arena_release(&f->arena);
    free(f);
}

int kept_forecasts_new(struct kept_forecasts **ret, struct mq_error *err)
{
    struct kept_forecasts *k = calloc(1, sizeof(*k));
    if (!k)
        return mq_fail(err, MQ_NO_MEMORY, "forecasts: no memory");
    pthread_mutex_init(&k->lock, NULL);
    *ret = k;
    return 0;
}

/* Under the lock: the last `n` go. */
static void shorten(struct kept_forecasts *k, size_t n)
{
    while (n-- > 0 && k->n > 0) {
        struct kept_forecast *f = k->list[--k->n];
        k->bytes -= f->arena.total;
        kept_forecast_release(f);
    }
}

void kept_forecasts_free(struct kept_forecasts *k)
{
    if (!k)
        return;
    shorten(k, k->n);
    pthread_mutex_destroy(&k->lock);
    free(k);
}

struct kept_forecast *kept_forecasts_find(struct kept_forecasts *k, const struct forecast_key *key)
{
    struct kept_forecast *found = NULL;
    pthread_mutex_lock(&k->lock);
    for (size_t i = 0; i < k->n && !found; i++) {
        if (memcmp(&k->list[i]->key, key, sizeof(*key)) != 0)
            continue;
        found = k->list[i];
        memmove(&k->list[1], &k->list[0], i * sizeof(k->list[0]));
        k->list[0] = found;
        atomic_fetch_add(&found->references, 1);
    }
    pthread_mutex_unlock(&k->lock);
    return found;
}

void kept_forecasts_keep(struct kept_forecasts *k, struct kept_forecast *f)
{
    pthread_mutex_lock(&k->lock);
    bool there = false;
    for (size_t i = 0; i < k->n; i++)
        there = there || memcmp(&k->list[i]->key, &f->key, sizeof(f->key)) == 0;
    if (!there && f->key.forgotten == k->forgotten && f->arena.total <= KEPT_FORECAST_BYTES) {
        while (k->n == KEPT_FORECASTS || k->bytes + f->arena.total > KEPT_FORECAST_BYTES)
            shorten(k, 1);
        memmove(&k->list[1], &k->list[0], k->n * sizeof(k->list[0]));
        k->list[0] = f;
        k->n++;
        k->bytes += f->arena.total;
        atomic_fetch_add(&f->references, 1);
    }
    pthread_mutex_unlock(&k->lock);
}

void kept_forecasts_forget(struct kept_forecasts *k)
{
    pthread_mutex_lock(&k->lock);
    shorten(k, k->n);
    k->forgotten++;
    pthread_mutex_unlock(&k->lock);
}

uint64_t kept_forecasts_forgotten(struct kept_forecasts *k)
{
    pthread_mutex_lock(&k->lock);
    uint64_t n = k->forgotten;
    pthread_mutex_unlock(&k->lock);
    return n;
}
