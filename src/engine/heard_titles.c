#include "engine/heard_titles.h"

#include <stdlib.h>

#include "base/hash.h"
#include "store/store.h"

enum { SEEN = 8192, ARENA_BLOCK = 1 << 16, RECORD_MAX = 1 << 16, TITLES_MAX = 1024, HEAD = 16 };
static const size_t waiting_max = (size_t)1 << 20, arena_most = (size_t)64 << 20;

struct heard_titles {
    pthread_mutex_t lock;
    /* u64le length of the id, u64le of the record, id, record (catalogue/title.h) */
    struct buf waiting;
    uint64_t seen[SEEN]; /* hashes of what was heard lately, each in its place */
};

int heard_titles_new(struct heard_titles **ret, struct mq_error *err)
{
    struct heard_titles *h = calloc(1, sizeof(*h));
    if (!h)
        return mq_fail(err, MQ_NO_MEMORY, "titles: no memory for what is heard");
    pthread_mutex_init(&h->lock, NULL);
    buf_init(&h->waiting, waiting_max);
    *ret = h;
    return 0;
}

void heard_titles_free(struct heard_titles *h)
{
    if (!h)
        return;
    buf_release(&h->waiting);
    pthread_mutex_destroy(&h->lock);
    free(h);
}

static void take_hint(void *ctx, uint32_t arg)
{
    (void)arg;
    heard_titles_take(ctx);
}

/* Whole or not at all. */
static bool append(struct buf *b, struct str id, struct str record)
{
    if (b->n + HEAD + id.n + record.n > waiting_max)
        return false;
    size_t before = b->n;
    buf_add_u64le(b, id.n);
    buf_add_u64le(b, record.n);
    buf_add_str(b, id);
    buf_add_str(b, record);
    if (b->failed) {
        b->n = before;
        b->failed = false;
        return false;
    }
    return true;
}

void engine_heard_title(struct mq_engine *e, const struct title *t)
{
    struct heard_titles *h = e->heard;
    struct mq_error ignored;
    struct buf record;
    if (t->id.n == 0 || t->name.n == 0 || title_check(t, &ignored) != 0)
        return;
    buf_init(&record, RECORD_MAX);
    title_encode(t, &record);
    uint64_t hash = hash_str(buf_str(&record), hash_str(t->id, 0)) | 1;
    bool added = false;
    pthread_mutex_lock(&h->lock);
    if (!record.failed && h->seen[hash % SEEN] != hash &&
        (added = append(&h->waiting, t->id, buf_str(&record))))
        h->seen[hash % SEEN] = hash;
    pthread_mutex_unlock(&h->lock);
    buf_release(&record);
    if (added)
        committer_hint(e->committer, take_hint, e, 0);
}

/* The stored facts laid over the heard ones. */
static int complete(const struct mq_engine *e, const struct title *heard, struct arena *arena,
                    struct title *ret)
{
    struct mq_error ignored;
    struct title stored;
    uint32_t id = intern_find(store_names(e->store, NAME_TITLE), heard->id);
    int rc = MQ_NOT_FOUND;
    if (id != INTERN_NONE)
        rc = store_get_title(e->store, (struct title_id){id}, 0, arena, &stored, &ignored);
    if (rc == 0)
        title_merge(heard, &stored, ret);
    else
        *ret = *heard;
    return rc == MQ_NOT_FOUND ? 0 : rc;
}

static struct title *find_among(struct title *titles, size_t n, struct str id)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(titles[i].id, id))
            return &titles[i];
    return NULL;
}

/* Of one title twice: what was heard first is laid over what came later, as stored facts are. */
static size_t read_waiting(const struct mq_engine *e, struct str *rest, struct arena *arena,
                           struct title *titles)
{
    struct mq_error ignored;
    size_t n = 0;
    while (rest->n > HEAD && n < TITLES_MAX) {
        struct cursor c = cursor_over(rest->p, HEAD);
        struct str id = {rest->p + HEAD, cursor_u64le(&c)};
        struct str record = {id.p + id.n, cursor_u64le(&c)};
        struct title heard, *before = find_among(titles, n, id);
        rest->p = record.p + record.n;
        rest->n -= HEAD + id.n + record.n;
        if (title_decode(record, arena, &heard, &ignored) != 0)
            continue;
        heard.id = id;
        if (before) {
            struct title both;
            title_merge(&heard, before, &both);
            *before = both;
        } else {
            n += complete(e, &heard, arena, &titles[n]) == 0;
        }
    }
    return n;
}

static size_t put_waiting(struct mq_engine *e, struct str waiting, struct arena *arena)
{
    struct mq_error ignored;
    struct title *titles = ARENA_ARRAY(arena, TITLES_MAX, struct title);
    size_t all = 0;
    while (titles && waiting.n > HEAD) {
        size_t changed = 0, n = read_waiting(e, &waiting, arena, titles);
        if (n > 0 && store_put_titles(e->store, titles, n, &changed, &ignored) == 0)
            all += changed;
    }
    return all;
}

void heard_titles_take(struct mq_engine *e)
{
    struct heard_titles *h = e->heard;
    struct mq_error ignored;
    struct arena arena;
    struct buf taken;
    pthread_mutex_lock(&h->lock);
    taken = h->waiting;
    buf_init(&h->waiting, waiting_max);
    pthread_mutex_unlock(&h->lock);
    if (taken.n > 0 && arena_init(&arena, ARENA_BLOCK, arena_most) == 0) {
        if (put_waiting(e, buf_str(&taken), &arena) > 0) {
            e->catalogue_behind = true; /* should memory be short: with the next events */
            (void)engine_refresh_catalogue(e, &ignored);
        }
        arena_release(&arena);
    }
    buf_release(&taken);
}
