/* byte_ring.c - places are taken by moving `head` on; a record is there once its header says so. What was taken out is
 * zeroed before its place is given back, so that a header is 0 until its record is whole. */
#include "base/byte_ring.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { HEADER = 8, LEAST = 4096, LARGEST_SHARE = 8, CACHE_LINE = 64 };
/* Of a header: the length, and what it is. */
#define RECORD (UINT64_C(1) << 32)
#define PADDING (UINT64_C(2) << 32)
#define LENGTH UINT64_C(0xffffffff)

struct byte_ring {
    size_t size;
    char *bytes;
    _Alignas(CACHE_LINE) _Atomic(uint64_t) head; /* bytes ever taken */
    _Alignas(CACHE_LINE) _Atomic(uint64_t) tail; /* bytes ever given back */
};

int byte_ring_new(size_t size, struct byte_ring **ret, struct mq_error *err)
{
    if (size < LEAST || (size & (size - 1)) != 0 || size > LENGTH)
        return mq_fail(err, MQ_INVALID, "ring: %zu bytes: must be a power of two from %d", size,
                       LEAST);
    struct byte_ring *r = aligned_alloc(CACHE_LINE, sizeof(*r));
    char *bytes = calloc(1, size);
    if (!r || !bytes) {
        free(r);
        free(bytes);
        return mq_fail(err, MQ_NO_MEMORY, "ring: %zu bytes: no memory", size);
    }
    r->size = size;
    r->bytes = bytes;
    atomic_init(&r->head, 0);
    atomic_init(&r->tail, 0);
    *ret = r;
    return 0;
}

void byte_ring_free(struct byte_ring *r)
{
    if (!r)
        return;
    free(r->bytes);
    free(r);
}

static _Atomic(uint64_t) *header_at(const struct byte_ring *r, uint64_t place)
{
    return (_Atomic(uint64_t) *)(void *)(r->bytes + (place & (r->size - 1)));
}

static size_t room_of(size_t n)
{
    return (HEADER + n + 7) & ~(size_t)7;
}

bool byte_ring_put(struct byte_ring *r, struct str record)
{
    if (record.n > r->size / LARGEST_SHARE)
        return false;
    size_t need = room_of(record.n), padding = 0;
    uint64_t head = atomic_load_explicit(&r->head, memory_order_relaxed);
    do {
        uint64_t tail = atomic_load_explicit(&r->tail, memory_order_acquire);
        size_t to_end = r->size - (size_t)(head & (r->size - 1));
        padding = need > to_end ? to_end : 0;
        if (head + padding + need - tail > r->size)
            return false;
    } while (!atomic_compare_exchange_weak_explicit(&r->head, &head, head + padding + need,
                                                    memory_order_relaxed, memory_order_relaxed));
    if (padding > 0)
        atomic_store_explicit(header_at(r, head), PADDING | padding, memory_order_release);
    uint64_t at = head + padding;
    if (record.n > 0)
        memcpy(r->bytes + (at & (r->size - 1)) + HEADER, record.p, record.n);
    atomic_store_explicit(header_at(r, at), RECORD | record.n, memory_order_release);
    return true;
}

static void give_back(struct byte_ring *r, uint64_t tail, size_t n)
{
    memset(r->bytes + (tail & (r->size - 1)), 0, n);
    atomic_store_explicit(&r->tail, tail + n, memory_order_release);
}

bool byte_ring_peek(struct byte_ring *r, struct str *ret)
{
    for (;;) {
        uint64_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
        uint64_t header = atomic_load_explicit(header_at(r, tail), memory_order_acquire);
        if (header == 0)
            return false;
        if ((header & PADDING) == 0) {
            *ret =
                (struct str){r->bytes + (tail & (r->size - 1)) + HEADER, (size_t)(header & LENGTH)};
            return true;
        }
        give_back(r, tail, (size_t)(header & LENGTH));
    }
}

void byte_ring_drop(struct byte_ring *r)
{
    uint64_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);
    uint64_t header = atomic_load_explicit(header_at(r, tail), memory_order_acquire);
    give_back(r, tail, room_of((size_t)(header & LENGTH)));
}
