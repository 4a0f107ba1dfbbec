#include "audience/likes.h"

#include <stdlib.h>

void likes_release(struct likes *l)
{
    free(l->row);
    free(l->title);
    free(l->column);
    free(l->rank);
    *l = (struct likes){0};
}

/* Columns from rows: ranks come in ascending order. */
static int make_columns(struct likes *l)
{
    uint64_t *at = calloc((size_t)l->n_titles + 1, sizeof(*at));
    if (!at)
        return MQ_NO_MEMORY;
    memset(l->column, 0, ((size_t)l->n_titles + 1) * sizeof(*l->column));
    for (uint64_t i = 0; i < l->row[l->n]; i++)
        l->column[l->title[i] + 1]++;
    for (uint32_t t = 0; t < l->n_titles; t++) {
        l->column[t + 1] += l->column[t];
        at[t] = l->column[t];
    }
    for (uint32_t r = 0; r < l->n; r++) {
        for (uint64_t i = l->row[r]; i < l->row[r + 1]; i++)
            l->rank[at[l->title[i]]++] = r;
    }
    free(at);
    return 0;
}

int likes_init(const struct viewer_sets *sets, const struct strata *s, struct likes *ret,
               struct mq_error *err)
{
    struct likes l = {.n = s->n, .n_titles = sets->n_titles};
    uint64_t total = 0;
    for (uint32_t r = 0; r < s->n; r++)
        total += sets->viewers[s->viewer[r]]->likes;
    l.row = calloc((size_t)l.n + 1, sizeof(*l.row));
    l.title = calloc(total + 1, sizeof(*l.title));
    l.column = calloc((size_t)l.n_titles + 1, sizeof(*l.column));
    l.rank = calloc(total + 1, sizeof(*l.rank));
    if (!l.row || !l.title || !l.column || !l.rank) {
        likes_release(&l);
        return mq_fail(err, MQ_NO_MEMORY, "likes: %llu: no memory", (unsigned long long)total);
    }
    uint64_t at = 0;
    for (uint32_t r = 0; r < s->n; r++) {
        const struct set_viewer *p = sets->viewers[s->viewer[r]];
        l.row[r] = at;
        for (uint32_t i = 0; i < p->n; i++) {
            if (p->entries[i].signals >> AUDIENCE_LIKED & 1)
                l.title[at++] = p->entries[i].title;
        }
    }
    l.row[l.n] = at;
    if (make_columns(&l) != 0) {
        likes_release(&l);
        return mq_fail(err, MQ_NO_MEMORY, "likes: no memory");
    }
    *ret = l;
    return 0;
}

/* Scratch of one worker: room for the longest two rows each. */
struct trading {
    uint32_t *only, *both, *a, *b;
};

/* What one of two ascending rows alone has, and what both have; returns how many the first has alone. No branch depends on the
 * titles: they can't be foreseen. */
static uint64_t tell_apart(const uint32_t *p, uint64_t np, const uint32_t *o, uint64_t no,
                           struct trading *x, uint64_t *ret_only, uint64_t *ret_both)
{
    uint64_t n_only = 0;
    uint64_t n_both = 0;
    uint64_t p_only = 0;
    uint64_t i = 0;
    uint64_t k = 0;
    while (i < np && k < no) {
        uint32_t here = p[i];
        uint32_t there = o[k];
        x->only[n_only] = here < there ? here : there;
        x->both[n_both] = here;
        n_only += here != there;
        n_both += here == there;
        p_only += here < there;
        i += here <= there;
        k += there <= here;
    }
    p_only += np - i;
    while (i < np)
        x->only[n_only++] = p[i++];
    while (k < no)
        x->only[n_only++] = o[k++];
    *ret_only = n_only;
    *ret_both = n_both;
    return p_only;
}

/* The first gets p_only of them: selection sampling keeps the order. A chance is off by less than 2^-32. */
static void deal(struct trading *x, uint64_t n_only, uint64_t p_only, struct rng *rng)
{
    uint64_t left = p_only;
    uint64_t a = 0;
    uint64_t b = 0;
    for (uint64_t i = 0; i < n_only; i++) {
        uint64_t at = (rng_u64(rng) >> 32) * (n_only - i) >> 32;
        uint64_t first = at < left;
        x->a[a] = x->only[i];
        x->b[b] = x->only[i];
        left -= first;
        a += first;
        b += 1 - first;
    }
}

static void merge(const uint32_t *x, uint64_t nx, const uint32_t *y, uint64_t ny, uint32_t *to)
{
    uint64_t i = 0;
    uint64_t k = 0;
    while (i < nx && k < ny) {
        uint32_t here = x[i];
        uint32_t there = y[k];
        *to++ = here < there ? here : there;
        i += here < there;
        k += there < here;
    }
    while (i < nx)
        *to++ = x[i++];
    while (k < ny)
        *to++ = y[k++];
}

/* Deal what one of two rows alone has. Both stay ascending. */
static void trade(struct likes *l, uint32_t r, uint32_t q, struct trading *x, struct rng *rng)
{
    uint32_t *p = l->title + l->row[r];
    uint32_t *o = l->title + l->row[q];
    uint64_t np = l->row[r + 1] - l->row[r];
    uint64_t no = l->row[q + 1] - l->row[q];
    uint64_t n_only = 0;
    uint64_t n_both = 0;
    uint64_t p_only = tell_apart(p, np, o, no, x, &n_only, &n_both);
    if (p_only == 0 || p_only == n_only)
        return;
    deal(x, n_only, p_only, rng);
    merge(x->both, n_both, x->a, p_only, p);
    merge(x->both, n_both, x->b, n_only - p_only, o);
}

struct shuffling {
    struct likes *likes;
    struct trading *of_worker;
    const uint32_t *order; /* neighbours trade */
    uint64_t seed;
};

static void trade_pairs(void *ctx, size_t from, size_t to, size_t worker)
{
    const struct shuffling *s = ctx;
    for (size_t i = from; i < to; i++) {
        struct rng rng;
        rng_seed_stream(&rng, s->seed, i);
        trade(s->likes, s->order[2 * i], s->order[2 * i + 1], &s->of_worker[worker], &rng);
    }
}

static int make_tables(struct shuffling *s, size_t threads, uint32_t *room, size_t longest)
{
    s->of_worker = calloc(threads, sizeof(*s->of_worker));
    for (size_t i = 0; s->of_worker && i < threads; i++) {
        uint32_t *own = room + i * longest * 8;
        s->of_worker[i] =
            (struct trading){own, own + 2 * longest, own + 4 * longest, own + 6 * longest};
    }
    return s->of_worker ? 0 : MQ_NO_MEMORY;
}

int likes_shuffle(struct likes *l, uint64_t trades, struct rng *rng, struct pool *pool,
                  struct mq_error *err)
{
    size_t longest = 1;
    size_t threads = pool_threads(pool);
    size_t pairs = l->n / 2;
    for (uint32_t r = 0; r < l->n; r++) {
        uint64_t n = l->row[r + 1] - l->row[r];
        longest = n > longest ? n : longest;
    }
    uint32_t *order = calloc((size_t)l->n + 1, sizeof(*order));
    uint32_t *room = calloc(threads * longest * 8, sizeof(*room));
    struct shuffling s = {.likes = l, .order = order};
    int rc = order && room ? make_tables(&s, threads, room, longest) : MQ_NO_MEMORY;
    for (uint32_t r = 0; rc == 0 && r < l->n; r++)
        order[r] = r;
    for (uint64_t done = 0; rc == 0 && pairs > 0 && done < trades; done += pairs) {
        rng_shuffle_u32(rng, order, l->n);
        s.seed = rng_u64(rng);
        pool_for(pool, pairs, 256, trade_pairs, &s);
    }
    if (rc == 0)
        rc = make_columns(l);
    free(s.of_worker);
    free(room);
    free(order);
    return rc == 0 ? 0 : mq_fail(err, MQ_NO_MEMORY, "likes: no memory for shuffling");
}
