/* epoch.h - when may an old version be freed? Readers take no lock: each has a slot that says "inside
 * since epoch e" or "outside"; a writer that replaced a pointer waits, or defers the free, until
 * every reader has been outside since (quiescent-state reclamation).
 *
 * The shared pointer is an _Atomic one, loaded by atomic_load and replaced by atomic_store or
 * atomic_exchange: their order (sequentially consistent, the default) is part of the proof. */
#ifndef MQ_BASE_EPOCH_H
#define MQ_BASE_EPOCH_H

#include <stdatomic.h>
#include <stdint.h>

#include "error.h"

/* EPOCH_DEFERRED frees may be pending at once. */
enum { EPOCH_READERS = 128, EPOCH_DEFERRED = 1 << 20 };

struct epoch; /* shared; heap */

int epoch_new(struct epoch **ret, struct mq_error *err);
/* Runs what is deferred. No reader may be inside. */
void epoch_free(struct epoch *e);

/* A slot of one thread at a time; MQ_BUSY when EPOCH_READERS are taken. */
int epoch_join(struct epoch *e, unsigned *ret_slot, struct mq_error *err);
void epoch_leave_for_good(struct epoch *e, unsigned slot);

/* Between enter and exit every pointer loaded from a shared atomic stays valid. Wait-free. Not nested. */
void epoch_enter(struct epoch *e, unsigned slot);
void epoch_exit(struct epoch *e, unsigned slot);

/* After the pointer was replaced: call free_it(p) once all readers inside now are out. Thread-safe;
 * runs ripe ones of earlier calls. Does not block on readers, unless EPOCH_DEFERRED are pending or memory
 * ran out: then it waits as epoch_wait does and frees at once. Not from inside. */
void epoch_defer(struct epoch *e, void (*free_it)(void *p), void *p);
/* Run what is ripe. */
void epoch_collect(struct epoch *e);
/* Wait until all readers inside at the call are out (publishing a model). Not from inside. */
void epoch_wait(struct epoch *e);

#endif
