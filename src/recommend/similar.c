/* similar.c - titles like one title: chosen by the same viewers, or where no model knows it, made by the
 * same people in the same genres. */
#include "recommend/home.h"

enum { SIMILAR_USUAL = 20, PEOPLE_NAMED = 2, GENRES_NAMED = 3, TITLES_EACH = 200 };

static void by_neighbours(struct recommender *r, uint32_t title, struct shelf *s, size_t most)
{
    const struct model *m = r->w->model;
    const uint32_t *other = m->neighbours + (size_t)title * m->n_neighbours;
    for (size_t i = 0; i < m->n_neighbours; i++) {
        if (other[i] < r->n_titles && other[i] != title && title_free(r, other[i]))
            shelf_insert(s, most, other[i], m->similarity[(size_t)title * m->n_neighbours + i]);
    }
}

static float genres_alike(uint64_t a, uint64_t b)
{
    int all = __builtin_popcountll(a | b);
    return all ? (float)__builtin_popcountll(a & b) / (float)all : 0;
}

/* Who wrote what they directed stands among its credits twice. */
static bool named_before(const struct catalogue *c, const struct title_row *row, uint32_t i)
{
    for (uint32_t k = 0; k < i; k++) {
        if (c->credits[row->first_credit + k].person.v ==
            c->credits[row->first_credit + i].person.v)
            return true;
    }
    return false;
}

/* Jaccard of the genres, and half a point for each person in common. */
static void by_content(struct recommender *r, uint32_t title, struct shelf *s, size_t most)
{
    const struct catalogue *c = r->w->catalogue;
    const struct title_row *row = &c->titles[title];
    for (uint32_t t = 0; t < r->n_titles; t++)
        r->taste[t] = genres_alike(row->genres, c->titles[t].genres);
    for (uint32_t i = 0; i < row->n_credits; i++) {
        const struct person_row *p = &c->people[c->credits[row->first_credit + i].person.v];
        if (named_before(c, row, i))
            continue;
        for (uint32_t k = 0; k < p->n_titles && k < TITLES_EACH; k++)
            r->taste[c->person_titles[p->first_title + k].v] += 0.5f;
    }
    memcpy(r->skip, r->seen, r->words * sizeof(uint64_t));
    bit_set(r->skip, title);
    r->depth = most;
    shelf_select(r, s, r->taste, r->skip);
    while (s->n > 0 && s->list[s->n - 1].score <= 0)
        s->n--;
}

static bool has_person(const struct catalogue *c, const struct title_row *row, uint32_t person)
{
    for (uint32_t i = 0; i < row->n_credits; i++) {
        if (c->credits[row->first_credit + i].person.v == person)
            return true;
    }
    return false;
}

/* "Zodiac: David Fincher; Crime, Thriller". */
static const char *shared_text(struct recommender *r, uint32_t a, uint32_t b, bool by_model)
{
    const struct catalogue *c = r->w->catalogue;
    const struct title_row *x = &c->titles[a], *y = &c->titles[b];
    struct words w;
    size_t people = 0, genres = 0;
    uint32_t last = ID_NONE;
    words_init(&w);
    buf_add_z(&w.b, by_model ? "Chosen by the same viewers as " : "Like ");
    words_name(&w, x->name);
    for (uint32_t i = 0; i < x->n_credits && people < PEOPLE_NAMED; i++) {
        uint32_t p = c->credits[x->first_credit + i].person.v;
        if (p == last || !has_person(c, y, p))
            continue;
        last = p;
        buf_add_z(&w.b, people++ ? " and " : "; both with ");
        words_name(&w, c->people[p].name);
    }
    for (uint64_t g = x->genres & y->genres; g && genres < GENRES_NAMED; g &= g - 1) {
        buf_add_z(&w.b, genres++ ? ", " : "; both ");
        words_name(&w, c->genres[__builtin_ctzll(g)]);
    }
    return words_keep(r, &w);
}

int recommend_similar(struct recommender *r, const struct world *w, const struct ask *ask,
                      struct title_id title, struct mq_list *ret, struct mq_error *err)
{
    struct shelf s = {.kind = SHELF_BECAUSE, .key = title.v};
    if (ask->n > RECOMMEND_LIST_MAX)
        return mq_fail(err, MQ_INVALID, "n: %u: at most %d", ask->n, RECOMMEND_LIST_MAX);
    if (title.v >= w->catalogue->n_titles || w->catalogue->titles[title.v].id.n == 0)
        return mq_fail(err, MQ_NOT_FOUND, "title: number %u: no such title", title.v);
    if (ask->rules && ask->rules->n_of[RULE_PIN] > 0)
        return mq_fail(err, MQ_INVALID,
                       "pin: where titles are given or likened: is not taken: leave it out");
    int rc = recommender_begin_world(r, w, err);
    if (rc)
        return rc;
    r->has_trend = false; /* no counters were read */
    r->ask = ask;
    r->context = (struct context){.offset_min = OFFSET_NONE, .country = ask->context.country};
    filters_apply(r, NULL);
    size_t wanted = ask->n ? ask->n : SIMILAR_USUAL;
    bool by_model = !bit_get(r->d->unknown, title.v);
    size_t most = w->model && w->model->n_neighbours > wanted ? w->model->n_neighbours : wanted;
    if (!shelf_open(r, &s, most))
        return mq_fail(err, MQ_NO_MEMORY, "answer: no memory");
    if (by_model)
        by_neighbours(r, title.v, &s, most);
    if (s.n == 0) {
        by_content(r, title.v, &s, wanted);
        by_model = false;
    }
    size_t n = s.n < wanted ? s.n : wanted;
    uint32_t *at = ARENA_ARRAY(&r->arena, s.n, uint32_t);
    struct mq_item *items = ARENA_ARRAY(&r->arena, s.n, struct mq_item);
    struct placed *placed = ARENA_ARRAY(&r->arena, s.n, struct placed);
    const struct mq_evidence *evidence = evidence_named(r, &title, NULL, 1);
    if (!items || !placed || !evidence || !at)
        return mq_fail(err, MQ_NO_MEMORY, "answer: no memory");
    shelf_order(r, &s, at);
    for (size_t i = 0; i < n; i++) {
        uint32_t t = s.list[at[i]].index;
        item_fill(r, t, (double)filters_boosted(r, t, s.list[at[i]].score), &items[i]);
        items[i].reason.kind = MQ_REASON_SIMILAR;
        items[i].reason.text = shared_text(r, title.v, t, by_model);
        items[i].reason.evidence = evidence;
        items[i].reason.n_evidence = 1;
        placed[i].title = t;
    }
    const struct placed *rows[1] = {placed};
    *ret = (struct mq_list){
        .viewer = "",
        .model = w->model ? w->model->facts.version : 0,
        .items = items,
        .n_items = n,
        .filters = filters_report(r),
    };
    answer_id(r, 's', rows, &n, 1, ret->recommendation_id);
    return 0;
}
