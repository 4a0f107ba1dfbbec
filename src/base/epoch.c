/* epoch.c - quiescent-state reclamation.
 *
 * `now` counts up with every deferred free. A reader writes the `now` it saw into its slot before it
 * loads a shared pointer. What is deferred carries the count before its own increment (its tag): a
 * reader whose slot holds more than the tag entered after the pointer was replaced. The reader's store
 * and its load of the pointer, and the writer's replacement and its scan of the slots, are all
 * sequentially consistent: either the scan sees the reader, or the reader sees the new pointer. */
#include "base/epoch.h"

#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

enum { CACHE_LINE = 64, FIRST_RING = 64, SPINS = 100 };

/* One reader's mark on its own cache line; 0 is outside. */
struct slot {
    _Alignas(CACHE_LINE) _Atomic(uint64_t) since;
};

struct deferred {
    uint64_t tag;
    void (*free_it)(void *p);
    void *p;
};

struct epoch {
    struct slot slots[EPOCH_READERS];
    _Alignas(CACHE_LINE) _Atomic(uint64_t) now;
    _Alignas(CACHE_LINE) pthread_mutex_t lock; /* guards all that follows */
    bool taken[EPOCH_READERS];
    unsigned high; /* slots from here on were never taken */
    /* What is deferred, a ring in the order of tags. */
    struct deferred *ring;
    size_t cap, first, n;
};

int epoch_new(struct epoch **ret, struct mq_error *err)
{
    struct epoch *e = aligned_alloc(CACHE_LINE, sizeof(*e));
    struct deferred *ring = malloc(FIRST_RING * sizeof(*ring));
    if (!e || !ring) {
        free(e);
        free(ring);
        return mq_fail(err, MQ_NO_MEMORY, "no memory for reader slots");
    }
    *e = (struct epoch){.now = 1, .ring = ring, .cap = FIRST_RING};
    pthread_mutex_init(&e->lock, NULL);
    *ret = e;
    return 0;
}

/* Under the lock: the oldest mark of a reader inside, UINT64_MAX when there is none. */
static uint64_t oldest_reader(struct epoch *e)
{
    uint64_t oldest = UINT64_MAX;
    for (unsigned i = 0; i < e->high; i++) {
        uint64_t since = atomic_load(&e->slots[i].since);
        if (since != 0 && since < oldest)
            oldest = since;
    }
    return oldest;
}

/* Takes the first one that is ripe out of the ring. Callbacks run outside of the lock: they may defer
 * in turn. */
static bool take_ripe(struct epoch *e, uint64_t oldest, struct deferred *ret)
{
    bool ripe = e->n > 0 && e->ring[e->first].tag < oldest;
    if (ripe) {
        *ret = e->ring[e->first];
        e->first = (e->first + 1) % e->cap;
        e->n--;
    }
    return ripe;
}

void epoch_collect(struct epoch *e)
{
    enum { BATCH = 32 };
    struct deferred ripe[BATCH];
    size_t n;
    do {
        n = 0;
        pthread_mutex_lock(&e->lock);
        uint64_t oldest = e->n > 0 ? oldest_reader(e) : 0;
        while (n < BATCH && take_ripe(e, oldest, &ripe[n]))
            n++;
        pthread_mutex_unlock(&e->lock);
        for (size_t i = 0; i < n; i++)
            ripe[i].free_it(ripe[i].p);
    } while (n == BATCH);
}

void epoch_free(struct epoch *e)
{
    if (!e)
        return;
    for (unsigned i = 0; i < e->high; i++)
        assert(atomic_load(&e->slots[i].since) == 0);
    epoch_collect(e);
    assert(e->n == 0);
    pthread_mutex_destroy(&e->lock);
    free(e->ring);
    free(e);
}

int epoch_join(struct epoch *e, unsigned *ret_slot, struct mq_error *err)
{
    unsigned slot = 0;
    pthread_mutex_lock(&e->lock);
    while (slot < EPOCH_READERS && e->taken[slot])
        slot++;
    if (slot < EPOCH_READERS) {
        e->taken[slot] = true;
        if (e->high <= slot)
            e->high = slot + 1;
    }
    pthread_mutex_unlock(&e->lock);
    if (slot == EPOCH_READERS)
        return mq_fail(err, MQ_BUSY, "too many reading threads: %d: start fewer", EPOCH_READERS);
    *ret_slot = slot;
    return 0;
}

void epoch_leave_for_good(struct epoch *e, unsigned slot)
{
    assert(slot < EPOCH_READERS && atomic_load(&e->slots[slot].since) == 0);
    pthread_mutex_lock(&e->lock);
    e->taken[slot] = false;
    pthread_mutex_unlock(&e->lock);
}

void epoch_enter(struct epoch *e, unsigned slot)
{
    uint64_t now = atomic_load_explicit(&e->now, memory_order_acquire);
    atomic_store(&e->slots[slot].since, now);
}

void epoch_exit(struct epoch *e, unsigned slot)
{
    atomic_store_explicit(&e->slots[slot].since, 0, memory_order_release);
}

static bool grow_ring(struct epoch *e)
{
    if (e->cap >= EPOCH_DEFERRED)
        return false;
    struct deferred *ring = malloc(2 * e->cap * sizeof(*ring));
    if (!ring)
        return false;
    for (size_t i = 0; i < e->n; i++)
        ring[i] = e->ring[(e->first + i) % e->cap];
    free(e->ring);
    e->ring = ring;
    e->cap *= 2;
    e->first = 0;
    return true;
}

void epoch_defer(struct epoch *e, void (*free_it)(void *p), void *p)
{
    pthread_mutex_lock(&e->lock);
    bool room = e->n < e->cap || grow_ring(e);
    if (room) {
        uint64_t tag = atomic_fetch_add(&e->now, 1);
        e->ring[(e->first + e->n) % e->cap] = (struct deferred){tag, free_it, p};
        e->n++;
    }
    pthread_mutex_unlock(&e->lock);
    if (!room) {
        epoch_wait(e);
        free_it(p);
    }
    epoch_collect(e);
}

/* Readers are inside for milliseconds at most: spin a little, then sleep. */
static void pause_round(unsigned round)
{
    if (round < SPINS)
        sched_yield();
    else
        nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
}

void epoch_wait(struct epoch *e)
{
    pthread_mutex_lock(&e->lock);
    uint64_t tag = atomic_fetch_add(&e->now, 1);
    unsigned high = e->high;
    pthread_mutex_unlock(&e->lock);
    for (unsigned i = 0; i < high; i++) {
        for (unsigned round = 0;; round++) {
            uint64_t since = atomic_load(&e->slots[i].since);
            if (since == 0 || since > tag)
                break;
            pause_round(round);
        }
    }
}
