#include "recommend/taste.h"

#include "recommend/scores.h"

/* The LIKED_MAX surest likes, in order, equal ones by title: `at` places in the profile, in its order, `sure` how sure. */
static void keep_liked(struct recommender *r, const struct profile *p, const uint32_t *at,
                       const float *sure, size_t n)
{
    struct topk_item best[LIKED_MAX];
    r->n_liked = topk_select(sure, n, NULL, LIKED_MAX, best);
    for (size_t i = 0; i < r->n_liked; i++) {
        const struct title_signal *s = &p->signals[at[best[i].index]];
        r->liked[i] = (struct liked){s->title, s->preference, s->confidence, s->last_s,
                                     title_known(r, s->title.v)};
    }
}

/* preference > 0: target 1; < 0: target 0; weight = confidence. */
static void collect(struct recommender *r, const struct profile *p)
{
    uint32_t *at = r->history; /* scratch until the history is put in order */
    float *sure = r->scratch;  /* of the fold-in, which has three places for each title */
    size_t n = 0;
    for (uint32_t i = 0; i < p->n && i < PROFILE_TITLES_MAX; i++) {
        const struct title_signal *s = &p->signals[i];
        if (s->preference == 0.0f || !(s->confidence > 0) || s->title.v >= r->n_titles)
            continue;
        bool known = title_known(r, s->title.v);
        if (known)
            r->items[r->n_items++] =
                (struct fold_in_item){s->title, s->preference > 0 ? 1.0f : 0.0f, s->confidence};
        if (s->preference > 0) {
            at[n] = i;
            sure[n++] = s->preference * s->confidence;
        }
        r->has_taste |= known && s->preference > 0;
    }
    keep_liked(r, p, at, sure, n);
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
