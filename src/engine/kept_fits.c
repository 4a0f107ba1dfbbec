#include "engine/kept_fits.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { MAKING_MAX = 8 }; /* at once; more are made without others waiting for them */

struct kept_fits {
    pthread_mutex_t lock;
    pthread_cond_t ended;
    struct kept_fit *list[KEPT_FITS]; /* (n) asked for last first */
    struct fit_key making[MAKING_MAX];
    size_t n, n_making;
    uint64_t forgotten;
};

struct kept_fit *kept_fit_new(struct forecast_fit *fit)
{
    struct kept_fit *f = calloc(1, sizeof(*f));
    if (!f) {
        forecast_fit_free(fit);
        return NULL;
    }
    f->fit = fit;
    atomic_store(&f->references, 1);
    return f;
}

void kept_fit_release(struct kept_fit *f)
{
    if (!f || atomic_fetch_sub(&f->references, 1) != 1)
        return;
    forecast_fit_free(f->fit);
    free(f);
}

int kept_fits_new(struct kept_fits **ret, struct mq_error *err)
{
    struct kept_fits *k = calloc(1, sizeof(*k));
    if (!k)
        return mq_fail(err, MQ_NO_MEMORY, "forecasts: no memory");
    pthread_mutex_init(&k->lock, NULL);
    pthread_cond_init(&k->ended, NULL);
    *ret = k;
    return 0;
}

/* What went, to be released after the lock is: large ones take milliseconds. */
struct gone {
    struct kept_fit *list[KEPT_FITS];
    size_t n;
};

static void release_all(struct gone *g)
{
    while (g->n > 0)
        kept_fit_release(g->list[--g->n]);
}

/* Under the lock: entry `i` goes. */
static void drop(struct kept_fits *k, size_t i, struct gone *g)
{
    g->list[g->n++] = k->list[i];
    memmove(&k->list[i], &k->list[i + 1], (k->n - i - 1) * sizeof(k->list[0]));
    k->n--;
}

void kept_fits_free(struct kept_fits *k)
{
    if (!k)
        return;
    while (k->n > 0)
        kept_fit_release(k->list[--k->n]);
    pthread_cond_destroy(&k->ended);
    pthread_mutex_destroy(&k->lock);
    free(k);
}

static bool same(const struct fit_key *a, const struct fit_key *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

static bool does(const struct kept_fit *f, const struct fit_wish *w)
{
    return same(&f->key, &w->key) && (f->fit->has_who || !w->who) &&
           (w->log_seq == 0 || (f->log_seq == w->log_seq && f->communities == w->communities));
}

/* Under the lock. */
static struct kept_fit *find(struct kept_fits *k, const struct fit_wish *w)
{
    struct kept_fit *found = NULL;
    for (size_t i = 0; i < k->n && !found; i++) {
        if (!does(k->list[i], w))
            continue;
        found = k->list[i];
        memmove(&k->list[1], &k->list[0], i * sizeof(k->list[0]));
        k->list[0] = found;
        atomic_fetch_add(&found->references, 1);
    }
    return found;
}

struct kept_fit *kept_fits_find(struct kept_fits *k, const struct fit_wish *w)
{
    pthread_mutex_lock(&k->lock);
    struct kept_fit *found = find(k, w);
    pthread_mutex_unlock(&k->lock);
    return found;
}

/* Under the lock: its place among those that are being made; n_making: nowhere. */
static size_t place_of(const struct kept_fits *k, const struct fit_key *key)
{
    size_t i = 0;
    while (i < k->n_making && !same(&k->making[i], key))
        i++;
    return i;
}

struct kept_fit *kept_fits_begin(struct kept_fits *k, const struct fit_wish *w)
{
    pthread_mutex_lock(&k->lock);
    struct kept_fit *found = find(k, w);
    while (!found && place_of(k, &w->key) < k->n_making) {
        pthread_cond_wait(&k->ended, &k->lock);
        found = find(k, w);
    }
    if (!found && k->n_making < MAKING_MAX)
        k->making[k->n_making++] = w->key;
    pthread_mutex_unlock(&k->lock);
    return found;
}

/* Under the lock: those of its key go, and as many others as make room. */
static void keep(struct kept_fits *k, struct kept_fit *f, struct gone *g)
{
    size_t bytes = forecast_fit_bytes(f->fit);
    for (size_t i = k->n; i-- > 0;) {
        if (same(&k->list[i]->key, &f->key))
            drop(k, i, g);
    }
    for (size_t i = 0; i < k->n; i++)
        bytes += forecast_fit_bytes(k->list[i]->fit);
    while (k->n == KEPT_FITS || (k->n > 0 && bytes > KEPT_FITS_BYTES)) {
        bytes -= forecast_fit_bytes(k->list[k->n - 1]->fit);
        drop(k, k->n - 1, g);
    }
    memmove(&k->list[1], &k->list[0], k->n * sizeof(k->list[0]));
    k->list[0] = f;
    k->n++;
    atomic_fetch_add(&f->references, 1);
}

void kept_fits_end(struct kept_fits *k, const struct fit_key *key, struct kept_fit *f)
{
    struct gone gone = {.n = 0};
    pthread_mutex_lock(&k->lock);
    size_t i = place_of(k, key);
    if (i < k->n_making)
        k->making[i] = k->making[--k->n_making];
    if (f && f->forgotten == k->forgotten && forecast_fit_bytes(f->fit) <= KEPT_FITS_BYTES)
        keep(k, f, &gone);
    pthread_cond_broadcast(&k->ended);
    pthread_mutex_unlock(&k->lock);
    release_all(&gone);
}

void kept_fits_forget(struct kept_fits *k)
{
    struct gone gone = {.n = 0};
    pthread_mutex_lock(&k->lock);
    while (k->n > 0)
        drop(k, k->n - 1, &gone);
    k->forgotten++;
    pthread_mutex_unlock(&k->lock);
    release_all(&gone);
}

uint64_t kept_fits_forgotten(struct kept_fits *k)
{
    pthread_mutex_lock(&k->lock);
    uint64_t n = k->forgotten;
    pthread_mutex_unlock(&k->lock);
    return n;
}

size_t kept_fits_count(struct kept_fits *k, size_t *ret_bytes)
{
    size_t bytes = 0;
    pthread_mutex_lock(&k->lock);
    size_t n = k->n;
    for (size_t i = 0; i < n; i++)
        bytes += forecast_fit_bytes(k->list[i]->fit);
    pthread_mutex_unlock(&k->lock);
    if (ret_bytes)
        *ret_bytes = bytes;
    return n;
}
