/* byte_ring.h - a bounded queue of byte records: many threads put, one takes; nobody waits and nothing is allocated.
 *
 * A record is refused when there is no room for it: the caller counts it. Records come out in the order in which their
 * room was taken. */
#ifndef MQ_BASE_BYTE_RING_H
#define MQ_BASE_BYTE_RING_H

#include "base/error.h"
#include "base/str.h"

struct byte_ring;

/* size: a power of two, at least 4,096 bytes; a record takes its length and 8 to 15 bytes more. MQ_INVALID, MQ_NO_MEMORY. */
int byte_ring_new(size_t size, struct byte_ring **ret, struct mq_error *err);
void byte_ring_free(struct byte_ring *r);

/* Any thread. False: no room, or longer than an eighth of the ring. */
bool byte_ring_put(struct byte_ring *r, struct str record);

/* One thread at a time. False: nothing there (yet). The record stays until byte_ring_drop. */
bool byte_ring_peek(struct byte_ring *r, struct str *ret);
void byte_ring_drop(struct byte_ring *r);

#endif
