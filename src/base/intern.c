/* intern.c - names and dense ids.
 *
 * names    append-only blocks of records {u16 length, bytes}; a record never moves
 * entries  entries[id / CHUNK][id % CHUNK] is the record of an id, NULL when erased; chunks never move
 * table    open addressing, linear probing. A cell is 0 or tag << id_bits | (id + 1): the tag, bits of
 *          the hash that did not choose the cell, spares most look-ups at other names' bytes
 *
 * One writer publishes in this order: record, entry, count, cell. Readers go the other way. A grown
 * table is a new one; the old ones stay until intern_free, since a reader may still be probing there.
 * Erasing leaves the cell, which then leads to an entry that is NULL and matches nothing; the next
 * table goes without such cells.
 *
 * The cost of a name besides its bytes: 2 or 3 (length, alignment) + 8 (entry) + 10 to 20 (tables, old
 * ones included: each is half its successor). With erasing, old tables of equal size add at most 4 / 0.16
 * = 25 bytes for every name added since. */
#include "base/intern.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/hash.h"

enum {
    CHUNK_BITS = 14,
    CHUNK = 1 << CHUNK_BITS,
    CHUNKS = INTERN_MAX / CHUNK,
    FIRST_TABLE_BITS = 6,
    FIRST_BLOCK = 4 * 1024,
    LAST_BLOCK = 256 * 1024, /* holds the longest record */
};

/* Bytes are read and erased one by one as relaxed atomics: a look-up may compare with a name that is
 * being erased. */
typedef _Atomic(unsigned char) name_byte;

struct record {
    uint16_t n;
    name_byte bytes[];
};

_Static_assert(sizeof(name_byte) == 1, "names are read as plain bytes by intern_name");

typedef _Atomic(struct record *) entry;

struct table {
    struct table *older;
    unsigned bits;    /* 2^bits cells */
    unsigned id_bits; /* of a cell, for id + 1 */
    _Atomic(uint32_t) cells[];
};

struct block {
    struct block *older;
    char bytes[];
};

struct intern {
    _Atomic(struct table *) table;
    _Atomic(uint32_t) count;
    _Atomic(size_t) memory;
    /* The writer's own. */
    size_t cells_used;
    struct block *block;
    size_t block_size, block_used;
    /* Pages of it come into being when ids reach them. */
    _Atomic(entry *) chunks[CHUNKS];
};

static void account(struct intern *t, size_t bytes)
{
    atomic_fetch_add_explicit(&t->memory, bytes, memory_order_relaxed);
}

static struct table *new_table(struct intern *t, unsigned bits, unsigned id_bits)
{
    size_t size = sizeof(struct table) + (sizeof(uint32_t) << bits);
    struct table *table = calloc(1, size);
    if (table) {
        table->bits = bits;
        table->id_bits = id_bits;
        account(t, size);
    }
    return table;
}

int intern_new(struct intern **ret, struct mq_error *err)
{
    struct intern *t = calloc(1, sizeof(*t));
    struct table *table = t ? new_table(t, FIRST_TABLE_BITS, FIRST_TABLE_BITS) : NULL;
    if (!table) {
        free(t);
        return mq_fail(err, MQ_NO_MEMORY, "no memory for a table of names");
    }
    account(t, sizeof(*t));
    atomic_store_explicit(&t->table, table, memory_order_release);
    *ret = t;
    return 0;
}

void intern_free(struct intern *t)
{
    if (!t)
        return;
    struct table *table = atomic_load(&t->table);
    while (table) {
        struct table *older = table->older;
        free(table);
        table = older;
    }
    while (t->block) {
        struct block *older = t->block->older;
        free(t->block);
        t->block = older;
    }
    for (size_t i = 0; i < CHUNKS && i * CHUNK < atomic_load(&t->count); i++)
        free(atomic_load(&t->chunks[i]));
    free(t);
}

/* The record of an id, NULL when there is none (any more). */
static struct record *record_of(const struct intern *t, uint32_t id)
{
    if (id >= INTERN_MAX)
        return NULL;
    entry *chunk = atomic_load_explicit(&t->chunks[id >> CHUNK_BITS], memory_order_acquire);
    return chunk ? atomic_load_explicit(&chunk[id % CHUNK], memory_order_acquire) : NULL;
}

static bool same_name(const struct record *r, struct str name)
{
    if (r->n != name.n)
        return false;
    for (size_t i = 0; i < name.n; i++) {
        if (atomic_load_explicit(&r->bytes[i], memory_order_relaxed) != (unsigned char)name.p[i])
            return false;
    }
    return true;
}

/* For those who know that nobody erases it. */
static struct str text_of(const struct record *r)
{
    return (struct str){(const char *)r + offsetof(struct record, bytes), r->n};
}

static uint32_t tag_of(const struct table *table, uint64_t hash)
{
    return (uint32_t)(hash >> 32) >> table->id_bits;
}

static uint32_t find_hashed(const struct intern *t, struct str name, uint64_t hash)
{
    const struct table *table = atomic_load_explicit(&t->table, memory_order_acquire);
    uint32_t mask = (UINT32_C(1) << table->bits) - 1;
    uint32_t id_mask = (UINT32_C(1) << table->id_bits) - 1;
    uint32_t tag = tag_of(table, hash);
    for (uint32_t i = (uint32_t)hash & mask;; i = (i + 1) & mask) {
        uint32_t cell = atomic_load_explicit(&table->cells[i], memory_order_acquire);
        if (cell == 0)
            return INTERN_NONE;
        if (cell >> table->id_bits != tag)
            continue;
        uint32_t id = (cell & id_mask) - 1;
        const struct record *r = record_of(t, id);
        if (r && same_name(r, name))
            return id;
    }
}

uint32_t intern_find(const struct intern *t, struct str name)
{
    return find_hashed(t, name, hash_str(name, 0));
}

struct str intern_name(const struct intern *t, uint32_t id)
{
    const struct record *r = record_of(t, id);
    return r ? text_of(r) : STR("");
}

uint32_t intern_count(const struct intern *t)
{
    return atomic_load_explicit(&t->count, memory_order_acquire);
}

size_t intern_memory(const struct intern *t)
{
    return atomic_load_explicit(&t->memory, memory_order_relaxed);
}

/* False when the cell was there already: an erased id that got its old name back. */
static bool place(struct table *table, uint32_t id, uint64_t hash)
{
    uint32_t mask = (UINT32_C(1) << table->bits) - 1;
    uint32_t cell = tag_of(table, hash) << table->id_bits | (id + 1);
    for (uint32_t i = (uint32_t)hash & mask;; i = (i + 1) & mask) {
        uint32_t there = atomic_load_explicit(&table->cells[i], memory_order_relaxed);
        if (there == cell)
            return false;
        if (there == 0) {
            atomic_store_explicit(&table->cells[i], cell, memory_order_release);
            return true;
        }
    }
}

/* The record a cell of the table leads to; NULL for an empty cell or an erased name. */
static const struct record *record_in(const struct intern *t, const struct table *table, size_t i,
                                      uint32_t *ret_id)
{
    uint32_t cell = atomic_load_explicit(&table->cells[i], memory_order_relaxed);
    if (cell == 0)
        return NULL;
    *ret_id = (cell & ((UINT32_C(1) << table->id_bits) - 1)) - 1;
    return record_of(t, *ret_id);
}

/* A table of at most 4/5 full cells: the least that leaves room for `more` names. */
static unsigned bits_for(size_t names)
{
    unsigned bits = FIRST_TABLE_BITS;
    while (names > ((size_t)4 << bits) / 5)
        bits++;
    return bits;
}

/* What is left of `old` goes into a new table, which becomes the one in use. The cost is that of the
 * cells, not of all ids ever given. */
static bool replace_table(struct intern *t, struct table *old, unsigned bits, unsigned id_bits)
{
    struct table *table = new_table(t, bits, id_bits);
    if (!table)
        return false;
    t->cells_used = 0;
    for (size_t i = 0; i < (size_t)1 << old->bits; i++) {
        uint32_t id;
        const struct record *r = record_in(t, old, i, &id);
        if (r)
            t->cells_used += place(table, id, hash_str(text_of(r), 0));
    }
    table->older = old;
    atomic_store_explicit(&t->table, table, memory_order_release);
    return true;
}

/* Room for one more cell, that of `id`. */
static bool ready_table(struct intern *t, uint32_t id)
{
    struct table *old = atomic_load_explicit(&t->table, memory_order_relaxed);
    bool full = t->cells_used + 1 > ((size_t)4 << old->bits) / 5;
    unsigned id_bits = old->id_bits;
    while (id + 1 >= UINT32_C(1) << id_bits)
        id_bits++;
    if (!full && id_bits == old->id_bits)
        return true;

    size_t live = 0;
    for (size_t i = 0; full && i < (size_t)1 << old->bits; i++) {
        uint32_t any;
        live += record_in(t, old, i, &any) != NULL;
    }
    /* Twice as large, unless many cells lead to erased names. */
    unsigned bits = full ? bits_for(live + live / 4 + 1) : old->bits;
    return replace_table(t, old, bits, id_bits > bits ? id_bits : bits);
}

static entry *ready_entry(struct intern *t, uint32_t id)
{
    _Atomic(entry *) *at = &t->chunks[id >> CHUNK_BITS];
    entry *chunk = atomic_load_explicit(at, memory_order_relaxed);
    if (!chunk) {
        chunk = calloc(CHUNK, sizeof(*chunk));
        if (!chunk)
            return NULL;
        account(t, CHUNK * sizeof(*chunk));
        atomic_store_explicit(at, chunk, memory_order_release);
    }
    return &chunk[id % CHUNK];
}

/* A record with the name, unpublished. */
static struct record *write_record(struct intern *t, struct str name)
{
    size_t size = (sizeof(struct record) + name.n + 1) & ~(size_t)1;
    if (!t->block || size > t->block_size - t->block_used) {
        size_t next = t->block ? 2 * t->block_size : FIRST_BLOCK;
        if (next > LAST_BLOCK || size > next)
            next = LAST_BLOCK;
        struct block *block = malloc(sizeof(*block) + next);
        if (!block)
            return NULL;
        account(t, sizeof(*block) + next);
        block->older = t->block;
        t->block = block;
        t->block_size = next;
        t->block_used = 0;
    }
    struct record *r = (struct record *)(void *)(t->block->bytes + t->block_used);
    t->block_used += size;
    r->n = (uint16_t)name.n;
    for (size_t i = 0; i < name.n; i++)
        atomic_store_explicit(&r->bytes[i], (unsigned char)name.p[i], memory_order_relaxed);
    return r;
}

static int check_name(struct str name, struct mq_error *err)
{
    if (name.n > INTERN_NAME_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "name too long: %zu bytes: at most %d", name.n,
                       INTERN_NAME_MAX);
    return 0;
}

/* `id` has no name; nothing visible changes on failure. */
static int publish(struct intern *t, uint32_t id, struct str name, uint64_t hash,
                   struct mq_error *err)
{
    entry *at = NULL;
    struct record *r = NULL;
    if (id < INTERN_MAX && ready_table(t, id) && (at = ready_entry(t, id)) != NULL)
        r = write_record(t, name);
    if (!r)
        return mq_fail(err, MQ_NO_MEMORY, "no room for a name: number %u: at most %d", id,
                       INTERN_MAX);
    atomic_store_explicit(at, r, memory_order_release);
    if (id >= intern_count(t))
        atomic_store_explicit(&t->count, id + 1, memory_order_release);
    t->cells_used += place(atomic_load_explicit(&t->table, memory_order_relaxed), id, hash);
    return 0;
}

int intern_add(struct intern *t, struct str name, uint32_t *ret_id, bool *ret_new,
               struct mq_error *err)
{
    uint64_t hash = hash_str(name, 0);
    uint32_t id = find_hashed(t, name, hash);
    bool is_new = id == INTERN_NONE;
    if (is_new) {
        id = intern_count(t);
        int rc = check_name(name, err);
        if (rc == 0)
            rc = publish(t, id, name, hash, err);
        if (rc != 0)
            return rc;
    }
    *ret_id = id;
    if (ret_new)
        *ret_new = is_new;
    return 0;
}

int intern_put(struct intern *t, uint32_t id, struct str name, struct mq_error *err)
{
    int rc = check_name(name, err);
    if (rc != 0)
        return rc;
    uint64_t hash = hash_str(name, 0);
    uint32_t known = find_hashed(t, name, hash);
    if (known == id)
        return 0;
    if (known != INTERN_NONE || record_of(t, id))
        return mq_fail(err, MQ_CONFLICT, "number or name is taken: %u, \"%.*s\"", id,
                       STR_ARG(name));
    return publish(t, id, name, hash, err);
}

void intern_erase(struct intern *t, uint32_t id)
{
    struct record *r = record_of(t, id);
    if (!r)
        return;
    entry *chunk = atomic_load_explicit(&t->chunks[id >> CHUNK_BITS], memory_order_relaxed);
    atomic_store_explicit(&chunk[id % CHUNK], NULL, memory_order_release);
    for (size_t i = 0; i < r->n; i++)
        atomic_store_explicit(&r->bytes[i], 0, memory_order_relaxed);
}
