#include "recommend/shelf.h"
#include "recommend/order.h"

const char *shelf_word(enum shelf_kind k)
{
    static const char *const words[SHELF_KINDS] = {
#define SHELF_WORD(code, word) [code] = (word),
        SHELF_TABLE(SHELF_WORD)
#undef SHELF_WORD
    };
    return words[k];
}

void shelf_make(struct recommender *r, struct shelf *s)
{
    static void (*const lists[SHELF_KINDS])(struct recommender *, struct shelf *) = {
        [SHELF_CONTINUE] = resume_list, [SHELF_TOP] = top_list,   [SHELF_BECAUSE] = because_list,
        [SHELF_POPULAR] = popular_list, [SHELF_NEW] = fresh_list, [SHELF_PERSON] = people_list,
        [SHELF_GENRE] = genre_list,     [SHELF_MOOD] = mood_list, [SHELF_RISING] = rising_list,
    };
    s->list = NULL;
    s->order = NULL;
    s->n = s->n_evidence = s->n_behind = 0;
    s->by_score = s->by_order = false;
    lists[s->kind](r, s);
}

bool shelf_open(struct recommender *r, struct shelf *s, size_t most)
{
    s->n = 0;
    s->list = ARENA_ARRAY(&r->arena, most, struct topk_item);
    return s->list != NULL;
}

static bool before(struct topk_item a, struct topk_item b)
{
    return a.score > b.score || (a.score == b.score && a.index < b.index);
}

void shelf_insert(struct shelf *s, size_t most, uint32_t title, float score)
{
    struct topk_item item = {title, score};
    size_t at = s->n;
    if (at == most) {
        if (!before(item, s->list[at - 1]))
            return;
        at--;
    } else {
        s->n++;
    }
    for (; at > 0 && before(item, s->list[at - 1]); at--)
        s->list[at] = s->list[at - 1];
    s->list[at] = item;
}

/* Rows whose reasons name evidence keep the titles that compete with those shown; the others as many as
 * are left when earlier rows have taken the best. */
static size_t usual_depth(const struct recommender *r, const struct shelf *s)
{
    size_t columns = r->ask && r->ask->columns ? r->ask->columns : COLUMNS_USUAL;
    size_t depth = 4 * columns;
    if (s->kind == SHELF_TOP)
        depth = depth > DEPTH ? depth : DEPTH;
    else if (s->personal)
        depth = depth > DEPTH * 2 / 3 ? depth : DEPTH * 2 / 3;
    return depth;
}

size_t shelf_depth(const struct recommender *r, const struct shelf *s, size_t most)
{
    size_t depth = r->depth ? r->depth : usual_depth(r, s);
    return depth < most ? depth : most;
}

void shelf_select(struct recommender *r, struct shelf *s, const float *score, const uint64_t *skip)
{
    size_t most = shelf_depth(r, s, r->n_titles);
    if (most == 0 || !shelf_open(r, s, most))
        return;
    s->by_score = score == r->score;
    if (!shelf_reordered(r, s)) {
        s->n = score == r->trend && skip == r->seen
                   ? order_lately(r, most, s->list)
                   : topk_select(score, r->n_titles, skip, most, s->list);
        return;
    }
    size_t n = 0;
    if (s->by_score && r->has_order) {
        n = order_select(r, skip, most, s->list);
    } else {
        for (uint32_t t = 0; t < r->n_titles; t++)
            r->boosted[t] = filters_boosted(r, t, score[t]);
        n = topk_select(r->boosted, r->n_titles, skip, most, s->list);
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t title = s->list[i].index;
        s->n = i;
        shelf_insert(s, most, title, score[title]);
    }
}

bool shelf_reordered(const struct recommender *r, const struct shelf *s)
{
    return r->has_boost || s->by_order || (s->by_score && r->has_order);
}

float shelf_value(const struct recommender *r, const struct shelf *s, size_t i)
{
    const struct topk_item *c = &s->list[i];
    return s->by_order || (s->by_score && r->has_order) ? r->ordered[c->index]
                                                        : filters_boosted(r, c->index, c->score);
}

/* Boosts and moments move titles within what is nearly in order. */
void shelf_order(const struct recommender *r, const struct shelf *s, uint32_t *ret)
{
    bool other = shelf_reordered(r, s);
    float *value = r->boosted; /* by place; what was selected by it is selected */
    for (size_t i = 0; i < s->n; i++) {
        size_t at = i;
        if (other)
            value[i] = shelf_value(r, s, i);
        for (; other && at > 0 && value[ret[at - 1]] < value[i]; at--)
            ret[at] = ret[at - 1];
        ret[at] = (uint32_t)i;
    }
}
