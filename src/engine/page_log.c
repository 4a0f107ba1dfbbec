/* page_log.c - a record in the ring: u8 what · u32 viewer · u64 at_ms · u64 id, and behind it the page's bytes.
 *
 * Whoever holds `lock` may take records out and use the store. Counts are read without it: each slot's words are
 * atomic, and its version is odd while they change. */
#include "engine/page_log.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/byte_ring.h"
#include "base/hash.h"
#include "base/thread.h"

enum {
    RING_BYTES = 4 << 20,
    HEAD = 21,
    BATCH = 256,
    BATCH_BYTES = 1 << 20,
    SLOTS = 1 << 15, /* viewers whose counts are kept: 18 MiB when all are used */
    WORDS = sizeof(struct shown_counts) / 8,
    PAUSE_MS = 20, /* records of this long are written as one */
    ARENA_BLOCK = 64 * 1024,
    ARENA_MAX = 4 << 20,
};
_Static_assert(sizeof(struct shown_counts) % 8 == 0, "counts are copied as words");
enum what { NOTE_PAGE = 1, NOTE_LOAD = 2 };

struct slot {
    _Atomic(uint64_t) version; /* odd: changes */
    _Atomic(uint32_t) viewer;  /* ID_NONE: nobody */
    _Atomic(uint64_t) words[WORDS];
};

struct page_log {
    char *dir;
    const struct store *store;
    struct byte_ring *ring;
    sem_t work;
    atomic_bool asked, closing;
    _Atomic(uint64_t) written, dropped;
    pthread_t thread;
    bool running;
    struct slot *slots; /* (SLOTS) */
    pthread_mutex_t lock;
    struct shown_store *shown; /* NULL: nothing was noted ever, or it can't be opened */
    int failed;                /* why it can't; then nothing is written */
    struct mq_error why;
    struct buf bytes; /* of a batch */
    struct arena arena;
    struct shown_bytes batch[BATCH];
};

/* ---------------------------------------------------------------- counts */

static struct slot *slot_of(const struct page_log *l, uint32_t viewer)
{
    return &l->slots[hash_mix(viewer, 0) % SLOTS];
}

/* Each load is ordered before the next, so that the version is read last. */
bool page_log_counts(struct page_log *l, struct viewer_id viewer, struct shown_counts *ret)
{
    struct slot *s = slot_of(l, viewer.v);
    uint64_t words[WORDS];
    uint64_t version = atomic_load_explicit(&s->version, memory_order_acquire);
    bool theirs = atomic_load_explicit(&s->viewer, memory_order_acquire) == viewer.v;
    for (size_t i = 0; theirs && i < WORDS; i++)
        words[i] = atomic_load_explicit(&s->words[i], memory_order_acquire);
    if (theirs && version % 2 == 0 && version > 0 &&
        atomic_load_explicit(&s->version, memory_order_acquire) == version) {
        memcpy(ret, words, sizeof(*ret));
        return true;
    }
    if (!theirs) {
        char note[HEAD];
        struct buf b;
        buf_over(&b, note, sizeof(note));
        buf_add_u8(&b, NOTE_LOAD);
        buf_add_u32(&b, viewer.v);
        buf_add_u64le(&b, 0);
        buf_add_u64le(&b, 0);
        if (byte_ring_put(l->ring, buf_str(&b)) && !atomic_exchange(&l->asked, true))
            sem_post(&l->work);
    }
    return false;
}

/* Under the lock. */
static void slot_put(struct slot *s, uint32_t viewer, const struct shown_counts *c)
{
    uint64_t words[WORDS];
    uint64_t version = atomic_load_explicit(&s->version, memory_order_relaxed);
    memcpy(words, c, sizeof(words));
    atomic_store_explicit(&s->version, version + 1, memory_order_relaxed);
    atomic_store_explicit(&s->viewer, viewer, memory_order_release);
    for (size_t i = 0; i < WORDS; i++)
        atomic_store_explicit(&s->words[i], words[i], memory_order_release);
    atomic_store_explicit(&s->version, version + 2, memory_order_release);
}

static void slot_get(struct slot *s, struct shown_counts *ret)
{
    uint64_t words[WORDS] = {0};
    for (size_t i = 0; i < WORDS; i++)
        words[i] = atomic_load_explicit(&s->words[i], memory_order_relaxed);
    memcpy(ret, words, sizeof(*ret));
}

struct counting {
    struct arena *arena;
    struct shown_counts counts;
};

static int count_page(void *ctx, const struct shown_bytes *page)
{
    struct counting *x = ctx;
    struct shown_page p;
    struct mq_error err;
    arena_reset(x->arena);
    if (shown_page_decode(page->bytes, page->viewer, page->at_ms, x->arena, &p, &err) == 0)
        shown_counts_add(&x->counts, &p);
    return 0;
}

static void load_counts(struct page_log *l, uint32_t viewer)
{
    struct counting x = {.arena = &l->arena};
    struct mq_error err;
    if (l->shown &&
        shown_store_viewer(l->shown, (struct viewer_id){viewer}, 0, 0, count_page, &x, &err) != 0)
        return;
    slot_put(slot_of(l, viewer), viewer, &x.counts);
}

static void count_noted(struct page_log *l, const struct shown_bytes *page)
{
    struct slot *s = slot_of(l, page->viewer.v);
    struct counting x = {.arena = &l->arena};
    if (atomic_load_explicit(&s->viewer, memory_order_relaxed) != page->viewer.v)
        return;
    slot_get(s, &x.counts);
    count_page(&x, page);
    slot_put(s, page->viewer.v, &x.counts);
}

static void forget_counts(struct page_log *l, uint32_t viewer)
{
    struct slot *s = slot_of(l, viewer);
    if (atomic_load_explicit(&s->viewer, memory_order_relaxed) == viewer)
        slot_put(s, ID_NONE, &(struct shown_counts){0});
}

/* ---------------------------------------------------------------- noting and writing */

void page_log_note(struct page_log *l, const struct shown_page *page, struct buf *scratch)
{
    buf_reset(scratch);
    buf_add_u8(scratch, NOTE_PAGE);
    buf_add_u32(scratch, page->viewer.v);
    buf_add_u64le(scratch, (uint64_t)page->at_ms);
    buf_add_u64le(scratch, page->id.hi);
    shown_page_encode(page, scratch);
    if (scratch->failed || !byte_ring_put(l->ring, buf_str(scratch))) {
        atomic_fetch_add_explicit(&l->dropped, 1, memory_order_relaxed);
        return;
    }
    if (!atomic_exchange(&l->asked, true))
        sem_post(&l->work);
}

/* An id whose name is gone was erased: what still comes of it is not written. */
static bool erased(const struct page_log *l, uint32_t viewer)
{
    return viewer != ID_NONE && intern_name(store_names(l->store, NAME_VIEWER), viewer).n == 0;
}

/* Takes records out; returns how many pages wait in l->batch. */
static size_t take_batch(struct page_log *l, bool *ret_more)
{
    size_t n = 0, place[BATCH];
    struct str record;
    buf_reset(&l->bytes);
    *ret_more = false;
    while (byte_ring_peek(l->ring, &record)) {
        if (n == BATCH || l->bytes.n > BATCH_BYTES - PAGE_LOG_SCRATCH) {
            *ret_more = true;
            break;
        }
        struct cursor c = cursor_over(record.p, record.n);
        uint8_t what = cursor_u8(&c);
        uint32_t viewer = cursor_u32(&c);
        int64_t at_ms = (int64_t)cursor_u64le(&c);
        uint64_t id = cursor_u64le(&c);
        if (what == NOTE_LOAD && !erased(l, viewer))
            load_counts(l, viewer);
        if (what == NOTE_PAGE && !erased(l, viewer)) {
            place[n] = l->bytes.n;
            buf_add(&l->bytes, c.p, cursor_left(&c));
            l->batch[n++] = (struct shown_bytes){
                .viewer = {viewer}, .at_ms = at_ms, .id = id, .bytes = {NULL, cursor_left(&c)}};
        }
        byte_ring_drop(l->ring);
    }
    for (size_t i = 0; i < n; i++)
        l->batch[i].bytes.p = l->bytes.p + place[i];
    return n;
}

static int open_shown(struct page_log *l, bool create, struct mq_error *err)
{
    if (l->failed) {
        if (err)
            *err = l->why;
        return l->failed;
    }
    if (l->shown)
        return 0;
    l->failed = shown_store_open(l->dir, create, &l->shown, &l->why);
    if (l->failed && err)
        *err = l->why;
    return l->failed;
}

/* Under the lock. */
static int drain(struct page_log *l, struct mq_error *err)
{
    bool more = true;
    int first = 0;
    while (more) {
        struct mq_error again;
        size_t n = take_batch(l, &more);
        if (n == 0)
            continue;
        int rc = l->bytes.failed
                     ? mq_fail(first ? &again : err, MQ_NO_MEMORY, "shown pages: no memory")
                     : open_shown(l, true, first ? &again : err);
        if (rc == 0)
            rc = shown_store_add(l->shown, l->batch, n, first ? &again : err);
        atomic_fetch_add_explicit(rc ? &l->dropped : &l->written, n, memory_order_relaxed);
        for (size_t i = 0; rc == 0 && i < n; i++)
            count_noted(l, &l->batch[i]);
        first = first ? first : rc;
    }
    return first;
}

static void *write_behind(void *ctx)
{
    struct page_log *l = ctx;
    thread_is("page-log", THREAD_AS_IT_IS);
    const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000 * 1000};
    while (!atomic_load(&l->closing)) {
        while (sem_wait(&l->work) != 0)
            ;
        if (!atomic_load(&l->closing))
            nanosleep(&pause, NULL);
        atomic_store(&l->asked, false);
        struct mq_error err;
        pthread_mutex_lock(&l->lock);
        (void)drain(l, &err); /* what could not be written was counted */
        pthread_mutex_unlock(&l->lock);
    }
    return NULL;
}

/* ---------------------------------------------------------------- its life */

int page_log_new(const char *dir, const struct store *store, struct page_log **ret,
                 struct mq_error *err)
{
    struct page_log *l = calloc(1, sizeof(*l));
    if (!l)
        return mq_fail(err, MQ_NO_MEMORY, "shown pages: no memory");
    l->store = store;
    l->dir = strdup(dir);
    l->slots = calloc(SLOTS, sizeof(*l->slots));
    buf_init(&l->bytes, BATCH_BYTES);
    pthread_mutex_init(&l->lock, NULL);
    sem_init(&l->work, 0, 0);
    bool ready = arena_init(&l->arena, ARENA_BLOCK, ARENA_MAX) == 0;
    int rc = l->dir && l->slots && ready ? byte_ring_new(RING_BYTES, &l->ring, err)
                                         : mq_fail(err, MQ_NO_MEMORY, "shown pages: no memory");
    if (rc == 0 && pthread_create(&l->thread, NULL, write_behind, l) != 0)
        rc = mq_fail(err, MQ_NO_MEMORY, "shown pages: no thread");
    l->running = rc == 0;
    if (rc) {
        page_log_free(l);
        return rc;
    }
    pthread_mutex_lock(&l->lock);
    (void)open_shown(l, false, NULL); /* asked for, it says why */
    pthread_mutex_unlock(&l->lock);
    *ret = l;
    return 0;
}

void page_log_free(struct page_log *l)
{
    if (!l)
        return;
    if (l->running) {
        atomic_store(&l->closing, true);
        sem_post(&l->work);
        pthread_join(l->thread, NULL);
        struct mq_error err;
        (void)drain(l, &err);
    }
    shown_store_close(l->shown);
    byte_ring_free(l->ring);
    buf_release(&l->bytes);
    arena_release(&l->arena);
    sem_destroy(&l->work);
    pthread_mutex_destroy(&l->lock);
    free(l->slots);
    free(l->dir);
    free(l);
}

int page_log_flush(struct page_log *l, struct mq_error *err)
{
    pthread_mutex_lock(&l->lock);
    int rc = drain(l, err);
    if (rc == 0)
        rc = open_shown(l, false, err);
    pthread_mutex_unlock(&l->lock);
    return rc;
}

/* The store is closed only with the log, so visits need no lock. */
int page_log_reading(struct page_log *l, const struct shown_store **ret, struct mq_error *err)
{
    int rc = page_log_flush(l, err);
    pthread_mutex_lock(&l->lock);
    *ret = l->shown;
    pthread_mutex_unlock(&l->lock);
    return rc;
}

int page_log_viewer(struct page_log *l, struct viewer_id viewer, shown_visit *visit, void *ctx,
                    struct mq_error *err)
{
    const struct shown_store *shown;
    int rc = page_log_reading(l, &shown, err);
    return rc || !shown ? rc : shown_store_viewer(shown, viewer, 0, 0, visit, ctx, err);
}

int page_log_all(struct page_log *l, shown_visit *visit, void *ctx, struct mq_error *err)
{
    const struct shown_store *shown;
    int rc = page_log_reading(l, &shown, err);
    return rc || !shown ? rc : shown_store_all(shown, visit, ctx, err);
}

int page_log_erase(struct page_log *l, const uint32_t *ids, size_t n, bool compact,
                   uint64_t *ret_removed, uint64_t *ret_left, struct mq_error *err)
{
    *ret_removed = *ret_left = 0;
    pthread_mutex_lock(&l->lock);
    int rc = drain(l, err);
    if (rc == 0)
        rc = open_shown(l, false, err);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        uint64_t removed = 0, left = 0;
        bool last = compact && i + 1 == n;
        forget_counts(l, ids[i]);
        if (l->shown)
            rc =
                shown_store_erase(l->shown, (struct viewer_id){ids[i]}, last, &removed, &left, err);
        *ret_removed += removed;
        *ret_left += left;
    }
    pthread_mutex_unlock(&l->lock);
    return rc;
}

int page_log_expire(struct page_log *l, int64_t before_ms, uint64_t *ret_removed,
                    struct mq_error *err)
{
    *ret_removed = 0;
    pthread_mutex_lock(&l->lock);
    int rc = drain(l, err);
    if (rc == 0)
        rc = open_shown(l, false, err);
    if (rc == 0 && l->shown)
        rc = shown_store_expire(l->shown, before_ms, ret_removed, err);
    for (uint32_t i = 0; rc == 0 && *ret_removed > 0 && i < SLOTS; i++)
        if (atomic_load_explicit(&l->slots[i].version, memory_order_relaxed) > 0)
            slot_put(&l->slots[i], ID_NONE, &(struct shown_counts){0}); /* read again when asked */
    pthread_mutex_unlock(&l->lock);
    return rc;
}

int page_log_backup(struct page_log *l, const char *to, struct mq_error *err)
{
    const struct shown_store *shown;
    int rc = page_log_reading(l, &shown, err);
    return rc ? rc : shown_store_backup(shown, to, err);
}

struct page_log_figures page_log_figures(const struct page_log *l)
{
    return (struct page_log_figures){
        .written = atomic_load_explicit(&l->written, memory_order_relaxed),
        .dropped = atomic_load_explicit(&l->dropped, memory_order_relaxed),
    };
}
