/* store_spellings.c - how persons are spelt whose key is not their name. Read by any thread without a lock,
 * set by one; a spelling that was replaced stays until the end, since a reader may still hold it. */
#include <stdlib.h>

#include "store/store_inside.h"

enum { CHUNK = 1 << 14, CHUNKS = INTERN_MAX / CHUNK };

struct spelling {
    struct spelling *older; /* of all, in the order they were set */
    uint32_t n;
    char text[];
};

struct spellings {
    struct spelling *newest;
    _Atomic(_Atomic(struct spelling *) *) chunks[CHUNKS];
};

int spellings_new(struct spellings **ret, struct mq_error *err)
{
    *ret = calloc(1, sizeof(**ret));
    return *ret ? 0 : mq_fail(err, MQ_NO_MEMORY, "persons' names: no memory");
}

void spellings_free(struct spellings *t)
{
    if (!t)
        return;
    while (t->newest) {
        struct spelling *older = t->newest->older;
        free(t->newest);
        t->newest = older;
    }
    for (int i = 0; i < CHUNKS; i++)
        free(atomic_load(&t->chunks[i]));
    free(t);
}

struct str spellings_get(const struct spellings *t, uint32_t id)
{
    if (id >= INTERN_MAX)
        return STR_NONE;
    _Atomic(struct spelling *) *chunk =
        atomic_load_explicit(&t->chunks[id / CHUNK], memory_order_acquire);
    const struct spelling *p =
        chunk ? atomic_load_explicit(&chunk[id % CHUNK], memory_order_acquire) : NULL;
    return p ? (struct str){p->text, p->n} : STR_NONE;
}

int spellings_put(struct spellings *t, uint32_t id, struct str spelling, struct mq_error *err)
{
    if (id >= INTERN_MAX)
        return mq_fail(err, MQ_NO_MEMORY, "person %u: at most %d", id, INTERN_MAX);
    struct spelling *p = malloc(sizeof(*p) + spelling.n);
    _Atomic(struct spelling *) *chunk = atomic_load(&t->chunks[id / CHUNK]);
    if (p && !chunk) {
        chunk = calloc(CHUNK, sizeof(*chunk));
        atomic_store_explicit(&t->chunks[id / CHUNK], chunk, memory_order_release);
    }
    if (!p || !chunk) {
        free(p);
        return mq_fail(err, MQ_NO_MEMORY, "person %u: no memory for the name", id);
    }
    p->n = (uint32_t)spelling.n;
    memcpy(p->text, spelling.p, spelling.n);
    p->older = t->newest;
    t->newest = p;
    atomic_store_explicit(&chunk[id % CHUNK], p, memory_order_release);
    return 0;
}
