#include "recommend/taste.h"

#include "recommend/scores.h"

/* The surest likes come first; equal ones by title. */
static bool surer(const struct liked *a, const struct liked *b)
{
    float x = a->preference * a->weight, y = b->preference * b->weight;
    return x > y || (x == y && a->title.v < b->title.v);
}

/* The LIKED_MAX surest ones, in order. Histories are short beside LIKED_MAX nearly always. */
static void keep_liked(struct recommender *r, struct liked l)
{
    size_t at = r->n_liked;
    if (at == LIKED_MAX) {
        if (!surer(&l, &r->liked[at - 1]))
            return;
        at--;
    } else {
        r->n_liked++;
    }
    for (; at > 0 && surer(&l, &r->liked[at - 1]); at--)
        r->liked[at] = r->liked[at - 1];
    r->liked[at] = l;
}

/* preference > 0: target 1; < 0: target 0; weight = confidence. */
static void collect(struct recommender *r, const struct profile *p)
{
    for (uint32_t i = 0; i < p->n && i < PROFILE_TITLES_MAX; i++) {
        const struct title_signal *s = &p->signals[i];
        if (s->preference == 0.0f || !(s->confidence > 0) || s->title.v >= r->n_titles)
            continue;
        bool known = title_known(r, s->title.v);
        if (known)
            r->items[r->n_items++] =
                (struct fold_in_item){s->title, s->preference > 0 ? 1.0f : 0.0f, s->confidence};
        if (s->preference > 0)
            keep_liked(r, (struct liked){s->title, s->preference, s->confidence, s->last_s, known});
        r->has_taste |= known && s->preference > 0;
    }
}

int taste_begin(struct recommender *r, struct mq_error *err)
{
    const struct model *m = r->w->model;
    if (r->profile)
        collect(r, r->profile);
    if (!r->has_taste)
        return 0;
    int rc = fold_in(m, r->items, r->n_items, r->scratch, r->x, r->inverse, err);
    if (rc)
        return rc;
    return scores_begin(r, err);
}
