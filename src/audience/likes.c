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

struct trading {
    uint32_t *only, *mixed, *a, *b; /* room for the longest two rows */
};

/* Deal what one of two rows alone has. Both stay ascending. */
static void trade(struct likes *l, uint32_t r, uint32_t q, struct trading *x, struct rng *rng)
{
    uint32_t *p = l->title + l->row[r];
    uint32_t *o = l->title + l->row[q];
    uint64_t np = l->row[r + 1] - l->row[r];
    uint64_t no = l->row[q + 1] - l->row[q];
    uint64_t n_only = 0;
    uint64_t p_only = 0;
    for (uint64_t i = 0, k = 0; i < np || k < no;) {
        uint32_t here = i < np ? p[i] : UINT32_MAX;
        uint32_t there = k < no ? o[k] : UINT32_MAX;
        i += here <= there;
        k += there <= here;
        if (here == there)
            continue;
        x->only[n_only++] = here < there ? here : there;
        p_only += here < there;
    }
    if (p_only == 0 || p_only == n_only)
        return;
    /* The first row gets p_only of them: selection sampling keeps the order. */
    uint64_t left = p_only;
    uint64_t a = 0;
    uint64_t b = 0;
    for (uint64_t i = 0; i < n_only; i++) {
        bool first = rng_below(rng, n_only - i) < left;
        left -= first;
        if (first)
            x->a[a++] = x->only[i];
        else
            x->b[b++] = x->only[i];
    }
    /* What both have stays; merge it with what was dealt. */
    uint64_t n_both = 0;
    for (uint64_t i = 0, k = 0; i < np && k < no;) {
        uint32_t here = p[i];
        uint32_t there = o[k];
        if (here == there)
            x->mixed[n_both++] = here;
        i += here <= there;
        k += there <= here;
    }
    for (uint64_t i = 0, m = 0, d = 0; i < np; i++)
        p[i] = m < n_both && (d == a || x->mixed[m] < x->a[d]) ? x->mixed[m++] : x->a[d++];
    for (uint64_t i = 0, m = 0, d = 0; i < no; i++)
        o[i] = m < n_both && (d == b || x->mixed[m] < x->b[d]) ? x->mixed[m++] : x->b[d++];
}

int likes_shuffle(struct likes *l, uint64_t trades, struct rng *rng, struct mq_error *err)
{
    uint64_t longest = 1;
    for (uint32_t r = 0; r < l->n; r++) {
        uint64_t n = l->row[r + 1] - l->row[r];
        longest = n > longest ? n : longest;
    }
    uint32_t *room = calloc(longest * 8, sizeof(*room));
    if (!room)
        return mq_fail(err, MQ_NO_MEMORY, "likes: no memory for shuffling");
    struct trading x = {room, room + 2 * longest, room + 4 * longest, room + 6 * longest};
    for (uint64_t i = 0; i < trades && l->n > 1; i++) {
        uint32_t r = (uint32_t)rng_below(rng, l->n);
        uint32_t q = (uint32_t)rng_below(rng, l->n - 1);
        trade(l, r, q + (q >= r), &x, rng);
    }
    free(room);
    return make_columns(l) == 0 ? 0 : mq_fail(err, MQ_NO_MEMORY, "likes: no memory");
}
