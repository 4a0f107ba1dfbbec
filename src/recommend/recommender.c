#include "recommend/recommender.h"

#include <stdlib.h>

#include "base/large.h"
#include "recommend/digest.h"
#include "recommend/filters.h"
#include "recommend/moment.h"
#include "recommend/taste.h"

/* An answer of the largest size fits the first block, so that no request allocates. */
static const size_t answer_block = (size_t)4 << 20;
static const size_t answer_max = (size_t)64 << 20;

int recommender_new(struct recommender **ret, struct mq_error *err)
{
    struct recommender *r = calloc(1, sizeof(*r));
    if (!r || arena_init(&r->arena, answer_block, answer_max) != 0) {
        free(r);
        return mq_fail(err, MQ_NO_MEMORY, "recommender: no memory");
    }
    *ret = r;
    return 0;
}

void recommender_free(struct recommender *r)
{
    if (!r)
        return;
    arena_release(&r->arena);
    ensemble_scratch_free(r->ensemble_scratch);
    free(r->block);
    free(r);
}

/* Lays arrays side by side, each aligned to 64 bytes: first over nothing to find the size, then over
 * the memory. */
struct layout {
    char *base;
    size_t at;
};

static void *place(struct layout *l, size_t n, size_t size)
{
    void *p = l->base ? l->base + l->at : NULL;
    l->at += (n * size + 63) & ~(size_t)63;
    return p;
}

static void lay_out(struct recommender *r, struct layout *l, size_t titles, size_t stride,
                    size_t scratch)
{
    size_t words = (titles + 63) / 64;
    struct digest *d = &r->digest;
    d->undescribed = place(l, words, sizeof(uint64_t));
    d->unknown = place(l, words, sizeof(uint64_t));
    d->mood_genres = place(l, titles, sizeof(uint64_t));
    d->windowed = place(l, words, sizeof(uint64_t));
    d->genre = place(l, CATALOGUE_GENRES_MAX * words, sizeof(uint64_t));
    for (size_t k = 0; k < FRESH_KINDS; k++)
        d->fresh[k] = place(l, words, sizeof(uint64_t));
    d->release_day = place(l, titles, sizeof(int32_t));
    d->year = place(l, titles, sizeof(int16_t));
    d->runtime_min = place(l, titles, sizeof(uint16_t));
    d->content_title = place(l, CONTENT_MAX, sizeof(struct topk_item));
    d->content = place(l, CONTENT_MAX * stride, sizeof(float));
    d->genre_mean = place(l, CATALOGUE_GENRES_MAX * stride, sizeof(float));
    r->taste = place(l, titles, sizeof(float));
    r->score = place(l, titles, sizeof(float));
    r->content_score = place(l, CONTENT_MAX, sizeof(float));
    r->trend = place(l, titles, sizeof(float));
    r->chosen = place(l, titles, sizeof(uint32_t));
    r->seen = place(l, words, sizeof(uint64_t));
    r->barred = place(l, words, sizeof(uint64_t));
    r->base = place(l, words, sizeof(uint64_t));
    r->left = place(l, words, sizeof(uint64_t));
    r->boost = place(l, titles, sizeof(float));
    r->boosted = place(l, titles, sizeof(float));
    r->ordered = place(l, titles, sizeof(float));
    r->ranked = place(l, RANKED, sizeof(struct topk_item));
    r->lately = place(l, LATELY_KEPT, sizeof(struct topk_item));
    r->rule_memory = place(l, RULE_CACHE, sizeof(*r->rule_memory));
    for (size_t i = 0; i < RULE_CACHE; i++) {
        uint64_t *bits = place(l, words, sizeof(uint64_t));
        if (l->base)
            r->rule_memory[i].bits = bits;
    }
    r->skip = place(l, words, sizeof(uint64_t));
    r->claimed = place(l, words, sizeof(uint64_t));
    r->rows_of = place(l, titles, sizeof(uint16_t));
    r->items = place(l, PROFILE_TITLES_MAX, sizeof(*r->items));
    r->key = place(l, PROFILE_TITLES_MAX, sizeof(uint64_t));
    r->history = place(l, PROFILE_TITLES_MAX, sizeof(uint32_t));
    r->scratch = place(l, scratch, sizeof(float));
    r->x = place(l, stride, sizeof(float));
    r->inverse = place(l, stride * stride, sizeof(float));
    r->liked = place(l, LIKED_MAX, sizeof(*r->liked));
    r->people = place(l, PEOPLE_SLOTS, sizeof(*r->people));
    r->people_used = place(l, PEOPLE_MAX, sizeof(uint32_t));
    r->witnesses.title = place(l, WITNESSES_HEARD, sizeof(uint32_t));
    r->witnesses.weight = place(l, WITNESSES_HEARD, sizeof(float));
    r->witnesses.z = place(l, WITNESSES_HEARD * stride, sizeof(float));
    r->witnesses.leverage = place(l, WITNESSES_HEARD, sizeof(float));
    r->witnesses.coefficient = place(l, WITNESSES_HEARD, sizeof(float));
    r->witnesses.together = place(l, WITNESSES_HEARD * WITNESSES_HEARD, sizeof(float));
    r->witnesses.shift = place(l, stride, sizeof(float));
    r->field = place(l, DEPTH * stride, sizeof(float));
    r->effect = place(l, (size_t)WITNESSES_MAX * DEPTH, sizeof(float));
    r->loss = place(l, (size_t)WITNESSES_HEARD * DEPTH, sizeof(float));
    r->lost = place(l, DEPTH, sizeof(uint32_t));
    r->row_scratch = place(l, WITNESSES_HEARD, sizeof(float));
}

int recommender_fit(struct recommender *r, uint32_t n_titles, uint32_t rank, struct mq_error *err)
{
    size_t stride = ((size_t)rank + 15) & ~(size_t)15;
    if (n_titles <= r->cap_titles && stride <= r->cap_stride && r->block)
        return 0;
    if (rank > MODEL_RANK_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "rank: %u: at most %d", rank, MODEL_RANK_MAX);
    size_t titles = n_titles > r->cap_titles ? n_titles : r->cap_titles;
    stride = stride > r->cap_stride ? stride : r->cap_stride;
    stride = stride ? stride : 16;
    struct model shape = {.rank = (uint32_t)stride, .stride = (uint32_t)stride};
    size_t scratch = fold_in_scratch(&shape, PROFILE_TITLES_MAX);
    struct ensemble largest = {.n_titles = (uint32_t)titles, .taste = &shape};
    struct ensemble_scratch *ensemble;
    struct recommender sized = {0};
    struct layout size = {0};
    lay_out(&sized, &size, titles, stride, scratch);
    void *block = large_alloc(size.at);
    if (!block)
        return mq_fail(err, MQ_NO_MEMORY, "recommender: %zu titles: no memory", titles);
    int rc = ensemble_scratch_new(&largest, PROFILE_TITLES_MAX, &ensemble, err);
    if (rc) {
        free(block);
        return rc;
    }
    ensemble_scratch_free(r->ensemble_scratch);
    r->ensemble_scratch = ensemble;
    memset(block, 0, size.at);
    free(r->block);
    r->block = block;
    r->prepared = NULL;
    r->digest = (struct digest){0};
    struct layout l = {.base = block};
    lay_out(r, &l, titles, stride, scratch);
    r->cap_titles = (uint32_t)titles;
    r->cap_stride = (uint32_t)stride;
    return 0;
}

/* A model may know titles that the catalogue has not. */
static int fit_world(struct recommender *r, const struct world *w, struct mq_error *err)
{
    uint32_t n = w->catalogue->n_titles;
    if (w->model && w->model->n_titles > n)
        n = w->model->n_titles;
    return recommender_fit(r, n, w->model ? w->model->stride : 16, err);
}

/* ------------------------------------------------------------------ a request */

int recommender_begin_world(struct recommender *r, const struct world *w, struct mq_error *err)
{
    int rc = fit_world(r, w, err);
    if (rc)
        return rc;
    arena_reset(&r->arena);
    digest_refresh(&r->digest, w, r->taste);
    r->w = w;
    r->ask = NULL;
    r->profile = NULL;
    r->d = &r->digest;
    r->math = math_kernels();
    r->n_titles = w->catalogue->n_titles;
    r->words = ((size_t)r->n_titles + 63) / 64;
    r->n_items = r->n_liked = r->witnesses.n = r->n_lost = r->n_field = 0;
    r->n_steps = r->n_pins = 0;
    r->has_taste = r->has_boost = r->has_order = false;
    r->n_ranked = r->n_lately = 0;
    r->ranked_first = false;
    r->moment = (struct moment){.on = false};
    r->usual = (struct order_usual){.known = false};
    r->depth = 0;
    return 0;
}

static int check_limits(const struct ask *ask, struct mq_error *err)
{
    if (ask->rows > RECOMMEND_ROWS_MAX)
        return mq_fail(err, MQ_INVALID, "rows: %u: at most %d", ask->rows, RECOMMEND_ROWS_MAX);
    if (ask->columns > RECOMMEND_COLUMNS_MAX)
        return mq_fail(err, MQ_INVALID, "columns: %u: at most %d", ask->columns,
                       RECOMMEND_COLUMNS_MAX);
    if (ask->n > RECOMMEND_LIST_MAX)
        return mq_fail(err, MQ_INVALID, "n: %u: at most %d", ask->n, RECOMMEND_LIST_MAX);
    return 0;
}

static struct context context_of(const struct ask *ask)
{
    const struct context none = {.offset_min = OFFSET_NONE};
    return ask->no_context ? none : ask->context;
}

/* Live counts; on an archive that stands still, the training's popularity takes their place. */
static void read_trend(struct recommender *r, const struct world *w, const struct ask *ask)
{
    struct context context = context_of(ask);
    uint32_t n_titles = w->catalogue->n_titles;
    trend_read(w->trend, ask->at_ms, &context, n_titles, r->trend, r->chosen);
    struct rising_now *region = &r->rising[RISING_REGION], *country = &r->rising[RISING_COUNTRY];
    bool there = !ask->no_rows;
    region->n = there && context.region.n > 0 ? trend_rising(w->trend, ask->at_ms, context.country,
                                                             context.region, region->title)
                                              : 0;
    country->n =
        there ? trend_rising(w->trend, ask->at_ms, context.country, (struct str){0}, country->title)
              : 0;
    r->has_trend = false;
    for (uint32_t t = 0; t < n_titles && !r->has_trend; t++)
        r->has_trend = r->trend[t] > 0;
    const struct model *m = w->model;
    if (r->has_trend || !m)
        return;
    uint32_t n = m->n_titles < n_titles ? m->n_titles : n_titles;
    memcpy(r->trend, m->popularity, n * sizeof(float));
}

int recommend_prepare(struct recommender *r, const struct world *w, const struct ask *ask,
                      struct mq_error *err)
{
    int rc = fit_world(r, w, err);
    if (rc)
        return rc;
    read_trend(r, w, ask);
    r->prepared = ask;
    return 0;
}

int recommender_begin(struct recommender *r, const struct world *w, const struct ask *ask,
                      struct mq_error *err)
{
    int rc = check_limits(ask, err);
    if (!rc)
        rc = recommender_begin_world(r, w, err);
    if (rc)
        return rc;
    r->ask = ask;
    r->profile = ask->no_profiling ? NULL : ask->profile;
    r->context = context_of(ask);
    filters_apply(r, NULL);
    if (r->prepared != ask)
        read_trend(r, w, ask);
    rc = taste_begin(r, err);
    return rc ? rc : moment_begin(r, err);
}
