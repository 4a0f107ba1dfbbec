/* list.c - flat lists: the best titles for a viewer, and given titles in the viewer's order. */
#include "recommend/home.h"
#include "recommend/taste.h"

enum { LIST_USUAL = 20 };

/* Titles by popularity fill up what taste leaves: the model knows few titles, or none. */
static bool fill_up(struct recommender *r, const struct shelf *taste, size_t wanted,
                    struct shelf *ret)
{
    memcpy(r->skip, r->seen, r->words * sizeof(uint64_t));
    for (size_t i = 0; i < taste->n; i++)
        bit_set(r->skip, taste->list[i].index);
    r->depth = wanted - taste->n;
    *ret = (struct shelf){.kind = SHELF_POPULAR};
    shelf_select(r, ret, r->trend, r->skip);
    return ret->n == 0 || ret->list;
}

/* Items i of *answer from the shelf's places at[]. */
static void put(struct recommender *r, const struct shelf *s, const uint32_t *at, size_t n,
                struct mq_item *items, struct placed *placed)
{
    for (size_t i = 0; i < n; i++) {
        item_fill(r, s->list[at[i]].index, (double)s->list[at[i]].score, &items[i]);
        placed[i].title = s->list[at[i]].index;
    }
    reasons_fill(r, s, at, items, placed, n);
}

static int finish(struct recommender *r, char kind, struct mq_item *items, struct placed *placed,
                  size_t n, struct mq_list *ret)
{
    const struct placed *rows[1] = {placed};
    const struct ask *ask = r->ask;
    *ret = (struct mq_list){
        .viewer = ask && ask->viewer ? ask->viewer : "",
        .at_ms = ask ? ask->at_ms : 0,
        .model = r->w->model ? r->w->model->facts.version : 0,
        .log_seq = ask ? ask->log_seq : 0,
        .items = items,
        .n_items = n,
    };
    answer_id(r, kind, rows, &n, 1, ret->recommendation_id);
    return 0;
}

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "answer: no memory");
}

int recommend_list(struct recommender *r, const struct world *w, const struct ask *ask,
                   struct mq_list *ret, struct mq_error *err)
{
    struct shelf taste = {.kind = SHELF_TOP}, popular = {0};
    int rc = recommender_begin(r, w, ask, err);
    if (rc)
        return rc;
    size_t wanted = ask->n ? ask->n : LIST_USUAL;
    r->depth = wanted > DEPTH ? wanted : DEPTH;
    shelf_make(r, &taste);
    taste.n = taste.n < wanted && !r->has_taste ? 0 : taste.n;
    size_t n_taste = taste.n < wanted ? taste.n : wanted;
    struct shelf shown = taste;
    shown.n = n_taste;
    if (n_taste < wanted && !fill_up(r, &shown, wanted, &popular))
        return no_memory(err);
    struct mq_item *items = ARENA_ARRAY(&r->arena, wanted, struct mq_item);
    struct placed *placed = ARENA_ARRAY(&r->arena, wanted, struct placed);
    uint32_t *at = ARENA_ARRAY(&r->arena, wanted, uint32_t);
    if (!items || !placed || !at)
        return no_memory(err);
    for (size_t i = 0; i < wanted; i++)
        at[i] = (uint32_t)i;
    evidence_begin(r);
    if (n_taste > 0)
        put(r, &taste, at, n_taste, items, placed);
    if (popular.n > 0)
        put(r, &popular, at, popular.n, items + n_taste, placed + n_taste);
    return finish(r, 'l', items, placed, n_taste + popular.n, ret);
}

/* Known titles by taste, or all by popularity; behind them what the model does not know, as given. */
int recommend_rank(struct recommender *r, const struct world *w, const struct ask *ask,
                   const struct title_id *titles, size_t n, struct mq_list *ret,
                   struct mq_error *err)
{
    struct shelf known = {.kind = SHELF_TOP}, rest = {.kind = SHELF_POPULAR};
    if (n > RECOMMEND_LIST_MAX)
        return mq_fail(err, MQ_INVALID, "titles: %zu: at most %d", n, RECOMMEND_LIST_MAX);
    int rc = recommender_begin(r, w, ask, err);
    if (rc)
        return rc;
    struct mq_item *items = ARENA_ARRAY(&r->arena, n, struct mq_item);
    struct placed *placed = ARENA_ARRAY(&r->arena, n, struct placed);
    uint32_t *at = ARENA_ARRAY(&r->arena, n, uint32_t);
    if (!shelf_open(r, &known, n ? n : 1) || !shelf_open(r, &rest, n ? n : 1) || !items ||
        !placed || !at)
        return no_memory(err);
    memset(r->claimed, 0, r->words * sizeof(uint64_t));
    for (size_t i = 0; i < n; i++) {
        uint32_t t = titles[i].v;
        at[i] = (uint32_t)i;
        if (t >= r->n_titles || title_row(r, t)->id.n == 0 || bit_get(r->claimed, t))
            continue; /* no such title, or given twice */
        bit_set(r->claimed, t);
        if (r->has_taste && title_known(r, t))
            shelf_insert(&known, n, t, r->score[t]);
        else
            shelf_insert(&rest, n, t, r->trend[t]);
    }
    evidence_begin(r);
    if (known.n > 0)
        put(r, &known, at, known.n, items, placed);
    if (rest.n > 0)
        put(r, &rest, at, rest.n, items + known.n, placed + known.n);
    return finish(r, 'r', items, placed, known.n + rest.n, ret);
}
