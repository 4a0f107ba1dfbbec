/* store_pending.c - names that one write brings with it. Their ids are settled before the write, from the number
 * of ids given; readers get to know them only after it, so that a failed write leaves no trace. */
#include <stdlib.h>

#include "store/store_inside.h"

enum { FIRST_HEADS = 64 };

void pending_start(struct pending *p, const struct store *s)
{
    p->n = 0;
    if (p->heads)
        memset(p->heads, 0, p->n_heads * sizeof(*p->heads));
    for (int k = 0; k < NAME_KINDS; k++)
        p->counts[k] = intern_count(s->names[k]);
}

void pending_release(struct pending *p)
{
    free(p->p);
    free(p->heads);
    *p = (struct pending){0};
}

static uint32_t *head_of(const struct pending *p, enum name_kind kind, struct str name)
{
    return &p->heads[hash_str(name, kind) & (p->n_heads - 1)];
}

static struct pending_name *find(const struct pending *p, enum name_kind kind, struct str name)
{
    if (p->n == 0)
        return NULL;
    for (uint32_t i = *head_of(p, kind, name); i > 0; i = p->p[i - 1].next) {
        struct pending_name *at = &p->p[i - 1];
        if (at->kind == kind && str_eq(at->name, name))
            return at;
    }
    return NULL;
}

static int grow(struct pending *p, struct mq_error *err)
{
    size_t cap = p->cap ? 2 * p->cap : FIRST_HEADS;
    struct pending_name *names = realloc(p->p, cap * sizeof(*names));
    if (names)
        p->p = names;
    uint32_t *heads = calloc(cap, sizeof(*heads));
    if (!names || !heads) {
        free(heads);
        return mq_fail(err, MQ_NO_MEMORY, "new names: %zu: no memory", p->n);
    }
    free(p->heads);
    p->heads = heads;
    p->n_heads = p->cap = cap;
    for (size_t i = 0; i < p->n; i++) {
        uint32_t *head = head_of(p, p->p[i].kind, p->p[i].name);
        p->p[i].next = *head;
        *head = (uint32_t)i + 1;
    }
    return 0;
}

static int add(struct pending *p, struct pending_name name, struct mq_error *err)
{
    if (name.name.n > INTERN_NAME_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "name: %zu bytes: at most %d", name.name.n,
                       INTERN_NAME_MAX);
    if (!name.respelt && p->counts[name.kind] >= INTERN_MAX)
        return mq_fail(err, MQ_NO_MEMORY, "name: %.*s: the number of names is at its maximum %d",
                       STR_ARG(name.name), INTERN_MAX);
    int rc = p->n == p->cap ? grow(p, err) : 0;
    if (rc)
        return rc;
    if (!name.respelt)
        name.id = p->counts[name.kind]++;
    uint32_t *head = head_of(p, name.kind, name.name);
    name.next = *head;
    p->p[p->n++] = name;
    *head = (uint32_t)p->n;
    return 0;
}

int pending_id(struct pending *p, const struct store *s, enum name_kind kind, struct str name,
               uint32_t *ret_id, bool *ret_new, struct mq_error *err)
{
    uint32_t id = intern_find(s->names[kind], name);
    if (ret_new)
        *ret_new = id == INTERN_NONE;
    if (id == INTERN_NONE) {
        const struct pending_name *known = find(p, kind, name);
        int rc =
            known ? 0 : add(p, (struct pending_name){.name = name, .kind = (uint8_t)kind}, err);
        if (rc)
            return rc;
        id = known ? known->id : p->p[p->n - 1].id;
    }
    *ret_id = id;
    return 0;
}

/* The latest spelling counts. */
int pending_person(struct pending *p, const struct store *s, struct str key, struct str spelling,
                   uint32_t *ret_id, struct mq_error *err)
{
    struct str name = key.n > 0 ? key : spelling;
    uint32_t id = intern_find(s->names[NAME_PERSON], name);
    struct pending_name *at = find(p, NAME_PERSON, name);
    bool named = key.n > 0 && spelling.n > 0;
    int rc = 0;
    if (at) {
        if (named)
            at->spelling = spelling;
    } else if (id == INTERN_NONE) {
        rc = add(p,
                 (struct pending_name){
                     .name = name, .spelling = named ? spelling : STR_NONE, .kind = NAME_PERSON},
                 err);
    } else if (named && !str_eq(names_person(s, (struct person_id){id}), spelling)) {
        rc = add(
            p,
            (struct pending_name){
                .name = name, .spelling = spelling, .id = id, .kind = NAME_PERSON, .respelt = true},
            err);
    }
    if (rc)
        return rc;
    *ret_id = at ? at->id : id != INTERN_NONE ? id : p->p[p->n - 1].id;
    return 0;
}

int pending_write(const struct pending *p, const struct store *s, rocksdb_writebatch_t *batch,
                  struct buf *scratch, struct mq_error *err)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct pending_name *name = &p->p[i];
        char key[KEY_NAME];
        key_name(key, name->kind, name->id);
        buf_reset(scratch);
        names_encode(name->kind, name->id, name->name, name->spelling, scratch);
        if (scratch->failed)
            return mq_fail(err, MQ_NO_MEMORY, "new names: no memory for a row");
        rocksdb_writebatch_put_cf(batch, s->live->cf[FAMILY_NAMES], key, sizeof(key), scratch->p,
                                  scratch->n);
    }
    return 0;
}

int pending_settle(const struct pending *p, struct store *s, struct mq_error *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < p->n; i++) {
        const struct pending_name *name = &p->p[i];
        if (name->spelling.n > 0)
            rc = spellings_put(s->spellings, name->id, name->spelling, err);
        if (rc == 0 && !name->respelt) {
            rc = intern_put(s->names[name->kind], name->id, name->name, err);
            atomic_fetch_add(&s->live_names[name->kind], 1);
        }
    }
    if (rc) /* on disk, but not in memory: only a restart brings them together */
        atomic_store(&s->failed, MQ_CORRUPT);
    return rc;
}
