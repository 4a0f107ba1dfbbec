/* list.c - flat lists: the best titles for a viewer, and given titles in the viewer's order. */
#include "recommend/home.h"
#include "recommend/pins.h"
#include "recommend/ranker.h"
#include "recommend/scores.h"

enum { LIST_USUAL = 20 };

/* Places of the list, best first: as the generators have it, and where the second stage applies as that has it. ret_value (s->n) is
 * what each is shown with by place of the list; NULL: its score. False without memory. */
static bool order(struct recommender *r, const struct shelf *s, uint32_t *at, float **ret_value)
{
    *ret_value = NULL;
    shelf_order(r, s, at);
    if (s->kind != SHELF_TOP || s->n == 0 || !ranker_applies(r))
        return true;
    *ret_value = ARENA_ARRAY(&r->arena, s->n, float);
    if (*ret_value)
        ranker_order(r, s->list, at, s->n, *ret_value);
    return *ret_value;
}

/* The places without titles that are pinned elsewhere; at most `most`. NULL without memory. */
static uint32_t *choose(struct recommender *r, const struct shelf *s, size_t most, size_t *ret_n,
                        float **ret_value)
{
    uint32_t *at = ARENA_ARRAY(&r->arena, s->n, uint32_t);
    *ret_n = 0;
    if (!at || !order(r, s, at, ret_value))
        return NULL;
    for (size_t i = 0; i < s->n && *ret_n < most; i++) {
        if (!bit_get(r->claimed, s->list[at[i]].index))
            at[(*ret_n)++] = at[i];
    }
    return at;
}

/* Titles by popularity fill up what taste leaves: the model knows few titles, or none. */
static bool fill_up(struct recommender *r, const struct shelf *taste, const uint32_t *at, size_t n,
                    size_t wanted, struct shelf *ret)
{
    for (size_t w = 0; w < r->words; w++)
        r->skip[w] = r->seen[w] | r->claimed[w];
    for (size_t i = 0; i < n; i++)
        bit_set(r->skip, taste->list[at[i]].index);
    r->depth = wanted - n;
    *ret = (struct shelf){.kind = SHELF_POPULAR};
    shelf_select(r, ret, r->trend, r->skip);
    return ret->n == 0 || ret->list;
}

/* Items i of *answer from the shelf's places at[]. */
static void put(struct recommender *r, const struct shelf *s, const uint32_t *at,
                const float *value, size_t n, struct mq_item *items, struct placed *placed)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t title = s->list[at[i]].index;
        float score = value ? value[at[i]] : shelf_value(r, s, at[i]);
        item_fill(r, title, (double)score, &items[i]);
        placed[i].title = title;
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
        .filters = filters_report(r),
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
    size_t n_taste = 0, n_popular = 0;
    int rc = recommender_begin(r, w, ask, err);
    if (rc)
        return rc;
    memset(r->claimed, 0, r->words * sizeof(uint64_t));
    rc = pins_resolve(r, err);
    if (rc)
        return rc;
    size_t wanted = ask->n ? ask->n : LIST_USUAL, pins = pins_in_row(r, 0);
    size_t room = wanted > pins ? wanted - pins : 0;
    r->depth = wanted > DEPTH ? wanted : DEPTH;
    shelf_make(r, &taste);
    taste.n = taste.n < wanted && !r->has_taste ? 0 : taste.n;
    float *value = NULL, *none = NULL;
    uint32_t *at = choose(r, &taste, room, &n_taste, &value), *behind = NULL;
    struct mq_item *items = ARENA_ARRAY(&r->arena, wanted + pins, struct mq_item);
    struct placed *placed = ARENA_ARRAY(&r->arena, wanted + pins, struct placed);
    if (!items || !placed || !at ||
        (n_taste < room && !fill_up(r, &taste, at, n_taste, room, &popular)))
        return no_memory(err);
    behind = choose(r, &popular, room - n_taste, &n_popular, &none);
    if (!behind)
        return no_memory(err);
    evidence_begin(r);
    if (n_taste > 0)
        put(r, &taste, at, value, n_taste, items, placed);
    if (n_popular > 0)
        put(r, &popular, behind, NULL, n_popular, items + n_taste, placed + n_taste);
    size_t n = pins_splice(r, 0, items, placed, n_taste + n_popular);
    return finish(r, 'l', items, placed, n < wanted ? n : wanted, ret);
}

static int no_pins(const struct ask *ask, struct mq_error *err)
{
    if (!ask->rules || ask->rules->n_of[RULE_PIN] == 0)
        return 0;
    return mq_fail(err, MQ_INVALID,
                   "pin: where titles are given or likened: is not taken: leave it out");
}

/* The given titles that the filters let through, each once, as candidates. */
static void collect_given(struct recommender *r, const struct title_id *titles, size_t n,
                          struct shelf *known, struct shelf *rest)
{
    memset(r->claimed, 0, r->words * sizeof(uint64_t));
    for (size_t i = 0; i < n; i++) {
        if (titles[i].v < r->n_titles && title_row(r, titles[i].v)->id.n > 0)
            bit_set(r->claimed, titles[i].v);
    }
    filters_apply(r, r->claimed);
    for (size_t i = 0; i < n; i++) {
        uint32_t t = titles[i].v;
        if (t >= r->n_titles || !bit_get(r->claimed, t) || !bit_get(r->left, t))
            continue; /* no such title, given before, or left out */
        r->claimed[t / 64] &= ~(UINT64_C(1) << (t % 64));
        if (r->has_taste && title_known(r, t))
            shelf_insert(known, n, t, r->score[t]);
        else
            shelf_insert(rest, n, t, r->trend[t]);
    }
}

/* Known titles by taste, or all by popularity; behind them what the model does not know, by popularity. */
int recommend_rank(struct recommender *r, const struct world *w, const struct ask *ask,
                   const struct title_id *titles, size_t n, struct mq_list *ret,
                   struct mq_error *err)
{
    struct shelf known = {.kind = SHELF_TOP}, rest = {.kind = SHELF_POPULAR};
    if (n > RECOMMEND_LIST_MAX)
        return mq_fail(err, MQ_INVALID, "titles: %zu: at most %d", n, RECOMMEND_LIST_MAX);
    int rc = no_pins(ask, err);
    if (rc == 0)
        rc = recommender_begin(r, w, ask, err);
    if (rc)
        return rc;
    struct mq_item *items = ARENA_ARRAY(&r->arena, n, struct mq_item);
    struct placed *placed = ARENA_ARRAY(&r->arena, n, struct placed);
    uint32_t *at = ARENA_ARRAY(&r->arena, n, uint32_t);
    if (!shelf_open(r, &known, n ? n : 1) || !shelf_open(r, &rest, n ? n : 1) || !items ||
        !placed || !at)
        return no_memory(err);
    collect_given(r, titles, n, &known, &rest);
    known.by_score = true;
    evidence_begin(r);
    float *value = NULL;
    if (!order(r, &known, at, &value))
        return no_memory(err);
    if (known.n > 0)
        put(r, &known, at, value, known.n, items, placed);
    shelf_order(r, &rest, at);
    if (rest.n > 0)
        put(r, &rest, at, NULL, rest.n, items + known.n, placed + known.n);
    return finish(r, 'r', items, placed, known.n + rest.n, ret);
}
