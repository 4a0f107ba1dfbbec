#include "recommend/small_world.h"

#include <math.h>

#include "base/rng.h"
#include "math/topk.h"
#include "support/check.h"
#include "train/ials.h"
#include "train/neighbours.h"

enum { GENRES = SMALL_WORLD_GENRES, NEW_TITLES = 20, PER_VIEWER = 40 };

static const char *const genre_names[GENRES] = {"Drama",   "Comedy", "Thriller", "Crime",
                                                "Horror",  "Action", "Romance",  "Western",
                                                "Fantasy", "War",    "Music",    "Mystery"};

/* ------------------------------------------------------------------ titles */

static void add_people(struct catalogue_builder *b, uint32_t n)
{
    for (uint32_t p = 0; p < n; p++) {
        char name[32];
        snprintf(name, sizeof(name), "Person %u", p);
        assert_ok(catalogue_add_person(b, (struct person_id){p}, str_of(name), &test_err));
    }
}

static void add_title(struct small_world *w, struct catalogue_builder *b, uint32_t t,
                      struct rng *rng)
{
    uint32_t directors = w->size.titles / 8 + GENRES, actors = w->size.titles / 5 + GENRES;
    char id[32], name[64];
    struct title title;
    unsigned g[2] = {(unsigned)rng_below(rng, GENRES), (unsigned)rng_below(rng, GENRES)};
    struct str genres[2] = {str_of(genre_names[g[0]]), str_of(genre_names[g[1]])};
    struct credit credits[5];
    float *taste = w->taste_of_title + (size_t)t * GENRES;
    for (int k = 0; k < GENRES; k++)
        taste[k] = 0.25f * (float)rng_normal(rng);
    taste[g[0]] += 1.0f;
    taste[g[1]] += 0.6f;
    w->weight[t] = (float)(-1.0 * log(1 + (double)rng_below(rng, w->size.titles)) + 6);
    /* Each person keeps to one genre: numbers equal to it modulo GENRES. */
    credits[0] = (struct credit){
        .person_id = {(uint32_t)(rng_below(rng, directors / GENRES) * GENRES + g[0])},
        .role = ROLE_DIRECTOR,
        .billing = 1};
    for (uint16_t i = 1; i < 5; i++)
        credits[i] = (struct credit){
            .person_id = {(uint32_t)(directors + rng_below(rng, actors / GENRES) * GENRES +
                                     g[i % 2])},
            .role = ROLE_ACTOR,
            .billing = i};
    title_init(&title);
    snprintf(id, sizeof(id), "t%u", t);
    snprintf(name, sizeof(name), "Title %u", t);
    title.id = str_of(id);
    title.name = str_of(name);
    title.title_id.v = t;
    title.genres = genres;
    title.n_genres = g[0] == g[1] ? 1 : 2;
    title.credits = credits;
    title.n_credits = 5;
    title.has_credits = true;
    title.runtime_min = 100;
    title.kind = TITLE_FILM;
    bool fresh = t + NEW_TITLES >= w->size.titles || t % 97 == 0;
    title.year = fresh ? 2026 : (int16_t)(1980 + t % 45);
    if (t == SMALL_WORLD_UNDESCRIBED) {
        assert_ok(catalogue_add_id(b, title.title_id, title.id, &test_err));
        return;
    }
    title.release_day = fresh ? (int32_t)(SMALL_WORLD_NOW / 86400000 - 1 - t % 80) : TITLE_NO_DATE;
    assert_ok(catalogue_add(b, &title, &test_err));
}

static void make_catalogue(struct small_world *w)
{
    struct catalogue_builder *b;
    struct rng rng;
    rng_seed(&rng, w->size.seed);
    assert_ok(catalogue_builder_new(&b, &test_err));
    add_people(b, w->size.titles / 8 + w->size.titles / 5 + 4 * GENRES);
    for (uint32_t t = 0; t < w->size.titles; t++)
        add_title(w, b, t, &rng);
    assert_ok(catalogue_build(b, 1, &w->catalogue, &test_err));
    catalogue_builder_free(b);
}

/* ------------------------------------------------------------------ viewers */

struct taste {
    float genre[GENRES];
};

static struct taste draw_taste(struct rng *rng)
{
    struct taste t;
    for (int k = 0; k < GENRES; k++)
        t.genre[k] = 0.3f * (float)rng_normal(rng);
    t.genre[rng_below(rng, GENRES)] += 2.5f;
    t.genre[rng_below(rng, GENRES)] += 1.8f;
    return t;
}

static float liking(const struct small_world *w, const struct taste *t, uint32_t title)
{
    float sum = 0;
    for (int k = 0; k < GENRES; k++)
        sum += t->genre[k] * w->taste_of_title[(size_t)title * GENRES + (size_t)k];
    return sum;
}

/* Which n titles, ascending: by Gumbel top-k over popularity and liking, among `known` titles. */
static uint32_t draw_titles(const struct small_world *w, const struct taste *taste, struct rng *rng,
                            uint32_t n, uint32_t *ret)
{
    uint32_t known = w->size.titles - NEW_TITLES;
    float *score = malloc(known * sizeof(*score));
    struct topk_item *best = malloc(n * sizeof(*best));
    assert_non_null(score);
    assert_non_null(best);
    for (uint32_t t = 0; t < known; t++)
        score[t] = w->weight[t] + 1.5f * liking(w, taste, t) -
                   (float)log(-log(rng_double(rng) + 1e-12) + 1e-12);
    uint32_t chosen = (uint32_t)topk_select(score, known, NULL, n, best);
    memset(score, 0, known * sizeof(*score));
    for (uint32_t i = 0; i < chosen; i++)
        score[best[i].index] = 1;
    for (uint32_t t = 0, at = 0; t < known; t++) {
        if (score[t] > 0)
            ret[at++] = t;
    }
    free(score);
    free(best);
    return chosen;
}

struct profile *small_world_profile(const struct small_world *w, uint64_t seed, uint32_t n)
{
    struct rng rng;
    rng_seed_stream(&rng, seed, 77);
    struct taste taste = draw_taste(&rng);
    uint32_t *titles = malloc((n + 2) * sizeof(*titles));
    struct profile *p = calloc(1, sizeof(*p) + (n + 2) * sizeof(struct title_signal));
    assert_non_null(titles);
    assert_non_null(p);
    p->n = draw_titles(w, &taste, &rng, n + 2, titles);
    p->events = p->n;
    p->offset_min = OFFSET_NONE;
    for (uint32_t i = 0; i < p->n; i++) {
        struct title_signal *s = &p->signals[i];
        s->title.v = titles[i];
        s->last_s =
            (uint32_t)(SMALL_WORLD_NOW / 1000 - 3600 - (int64_t)rng_below(&rng, 200 * 86400));
        s->flags = SIGNAL_PLAYED | SIGNAL_FINISHED;
        s->played_s = s->content_s = s->position_s = 5900;
        s->chosen_s = s->last_s - 5900;
        s->sessions = 1;
        s->preference = 0.2f + 0.8f * (float)rng_double(&rng);
        s->confidence = 0.5f + (float)rng_double(&rng);
        if (rng_below(&rng, 8) == 0) {
            s->preference = -0.5f;
            s->flags = SIGNAL_PLAYED | SIGNAL_ABANDONED;
        }
    }
    if (n >= 5) {
        struct title_signal *progress = &p->signals[1], *hidden = &p->signals[3];
        progress->flags = SIGNAL_PLAYED;
        progress->content_s = progress->position_s = 3000;
        hidden->flags = SIGNAL_HIDDEN;
        hidden->preference = -1;
    }
    free(titles);
    return p;
}

/* ------------------------------------------------------------------ counts and model */

static void feed_trend(struct small_world *w, uint32_t viewer, uint32_t title, struct rng *rng)
{
    struct event e;
    event_init(&e);
    e.kind = EVENT_START;
    e.viewer_id.v = viewer;
    e.title_id.v = title;
    e.at_ms = SMALL_WORLD_NOW - (int64_t)rng_below(rng, UINT64_C(20) * 86400000);
    e.context.country = rng_below(rng, 2) ? ('G' << 8 | 'B') : ('F' << 8 | 'R');
    e.context.device = rng_below(rng, 2) ? DEVICE_TV : DEVICE_PHONE;
    e.context.offset_min = 0;
    e.seq = (uint64_t)viewer * PER_VIEWER + 1;
    assert_ok(trend_feed(w->trend, &e, &test_err));
}

static void make_history(struct small_world *w, struct csr *ret)
{
    size_t n = 0, most = (size_t)w->size.viewers * PER_VIEWER;
    uint32_t *row = malloc(most * sizeof(*row)), *col = malloc(most * sizeof(*col));
    float *value = malloc(most * sizeof(*value));
    uint32_t titles[PER_VIEWER];
    assert_true(row && col && value);
    assert_ok(trend_new(&w->trend, &test_err));
    for (uint32_t v = 0; v < w->size.viewers; v++) {
        struct rng rng;
        rng_seed_stream(&rng, w->size.seed, v + 1);
        struct taste taste = draw_taste(&rng);
        uint32_t k =
            draw_titles(w, &taste, &rng, 10 + (uint32_t)rng_below(&rng, PER_VIEWER - 10), titles);
        for (uint32_t i = 0; i < k; i++, n++) {
            row[n] = v;
            col[n] = titles[i];
            value[n] = 1;
            feed_trend(w, v, titles[i], &rng);
        }
    }
    assert_ok(
        csr_from_triples(w->size.viewers, w->size.titles, row, col, value, n, ret, &test_err));
    free(row);
    free(col);
    free(value);
}

static void *copied(const void *from, size_t bytes)
{
    void *p = aligned_alloc(64, (bytes + 63) & ~(size_t)63);
    assert_non_null(p);
    memcpy(p, from, bytes);
    return p;
}

static void make_model(struct small_world *w, const struct csr *m)
{
    struct pool *pool;
    struct ials fit;
    struct ials_settings settings = {.rank = w->size.rank,
                                     .epochs = 6,
                                     .unobserved = 0.1f,
                                     .regularisation = 0.003f,
                                     .frequency_power = 1,
                                     .deviation = 0.1f,
                                     .seed = w->size.seed};
    uint32_t n = w->size.titles;
    assert_ok(pool_new(1, &pool, &test_err));
    assert_ok(ials_train(m, &settings, pool, (struct train_watch){0}, &fit, &test_err));
    struct model *model = calloc(1, sizeof(*model));
    float *popularity = calloc(n, sizeof(float));
    uint32_t *ids = malloc((size_t)n * MODEL_NEIGHBOURS * sizeof(*ids));
    float *similarity = malloc((size_t)n * MODEL_NEIGHBOURS * sizeof(*similarity));
    assert_true(model && popularity && ids && similarity);
    for (uint64_t i = 0; i < csr_nnz(m); i++)
        popularity[m->col[i]] += 1;
    assert_ok(neighbours_find(m, NULL, fit.stride, MODEL_NEIGHBOURS, pool, (struct train_watch){0},
                              ids, similarity, &test_err));
    *model = (struct model){
        .facts.version = 3,
        .settings = fit.settings,
        .n_titles = n,
        .n_active = fit.n_active,
        .rank = w->size.rank,
        .stride = fit.stride,
        .n_neighbours = MODEL_NEIGHBOURS,
        .factors = copied(fit.titles, (size_t)n * fit.stride * sizeof(float)),
        .gram = copied(fit.gram, (size_t)fit.stride * fit.stride * sizeof(float)),
        .popularity = popularity,
        .neighbours = ids,
        .similarity = similarity,
    };
    w->model = model;
    ials_release(&fit);
    pool_free(pool);
}

void small_world_make(struct small_world *w, struct small_world_size size)
{
    struct csr history;
    *w = (struct small_world){.size = size};
    w->taste_of_title = malloc((size_t)size.titles * GENRES * sizeof(float));
    w->weight = malloc(size.titles * sizeof(float));
    assert_true(w->taste_of_title && w->weight);
    make_catalogue(w);
    make_history(w, &history);
    make_model(w, &history);
    csr_release(&history);
    w->world = (struct world){.model = w->model, .catalogue = w->catalogue, .trend = w->trend};
}

static float *drawn(struct rng *rng, size_t n, float most)
{
    float *v = malloc((n + 1) * sizeof(*v));
    assert_non_null(v);
    for (size_t i = 0; i < n; i++)
        v[i] = most * (float)rng_double(rng);
    return v;
}

static struct links drawn_links(struct rng *rng, uint32_t n, uint32_t links, float most)
{
    uint64_t *start = malloc(((size_t)n + 1) * sizeof(*start));
    uint32_t *col = malloc(((size_t)n * links + 1) * sizeof(*col));
    assert_true(start && col);
    for (uint32_t i = 0; i <= n; i++)
        start[i] = (uint64_t)i * links;
    /* Popular titles, which have small numbers here, are linked more often. */
    for (size_t k = 0; k < (size_t)n * links; k++)
        col[k] = (uint32_t)rng_below(rng, 1 + rng_below(rng, n));
    return (struct links){
        .n = n, .start = start, .col = col, .value = drawn(rng, (size_t)n * links, most)};
}

void small_world_blend(struct small_world *w, uint32_t links)
{
    enum { MOMENTS = 16 };
    static const float weight[INGREDIENTS] = {
        [INGREDIENT_POPULARITY] = 0.2F,    [INGREDIENT_RECENT_SLOW] = 0.1F,
        [INGREDIENT_RECENT_MIDDLE] = 0.1F, [INGREDIENT_RECENT_FAST] = 0.1F,
        [INGREDIENT_SINCE] = 0.1F,         [INGREDIENT_TASTE] = 6,
        [INGREDIENT_EASE] = 0.5F,          [INGREDIENT_EASE_LONG] = 0.5F,
        [INGREDIENT_EASE_MIDDLE] = 0.5F,   [INGREDIENT_EASE_SHORT] = 0.5F,
        [INGREDIENT_KNN] = 0.5F,           [INGREDIENT_NEAR_CHANCE] = 1,
        [INGREDIENT_NEAR_COSINE] = 1,      [INGREDIENT_NEAR_CHANCE_WIDE] = 1,
        [INGREDIENT_NEAR_COSINE_WIDE] = 1, [INGREDIENT_FAR_CHANCE] = 1,
        [INGREDIENT_FAR_COSINE] = 1,       [INGREDIENT_FAR_CHANCE_WIDE] = 1,
        [INGREDIENT_FAR_COSINE_WIDE] = 1,  [INGREDIENT_NEW_SLOW] = 0.1F,
        [INGREDIENT_NEW_MIDDLE] = 0.1F,    [INGREDIENT_NEW_FAST] = 0.1F,
    };
    uint32_t n = w->model->n_titles;
    struct rng rng;
    rng_seed(&rng, w->size.seed);
    struct blend_part b = {.n = n, .popularity = drawn(&rng, n, 1)};
    memcpy(b.mix.weight, weight, sizeof(weight));
    b.ease = drawn_links(&rng, n, links, 0.3F);
    b.knn = drawn_links(&rng, n, links, 0.3F);
    for (size_t k = 0; k < TRANSITION_KINDS; k++) {
        b.follows[k] = drawn_links(&rng, n, links, 0.05F);
        b.from_scale[k] = drawn(&rng, n, 1);
        b.to_scale[k] = drawn(&rng, n, 1);
    }
    int64_t *at = malloc(MOMENTS * sizeof(*at));
    assert_non_null(at);
    for (int64_t s = 0; s < MOMENTS; s++)
        at[s] = SMALL_WORLD_NOW - (MOMENTS - s) * INT64_C(86400000);
    b.trends = (struct trends){.moments = MOMENTS, .at_ms = at};
    for (size_t k = 0; k < RECENT_SPEEDS; k++)
        b.trends.recent[k] = drawn(&rng, (size_t)MOMENTS * n, 1);
    b.trends.total = drawn(&rng, (size_t)MOMENTS * n, 1);
    for (size_t k = 0; k < RECENT_SPEEDS; k++)
        b.trends.fresh[k] = drawn(&rng, n, 1);
    w->model->blend = b;
}

/* Our own arrays, which the model only reads. */
static void free_const(const void *p)
{
    void *mine;
    memcpy(&mine, &p, sizeof(mine));
    free(mine);
}

static void release_blend(struct blend_part *b)
{
    links_release(&b->ease);
    links_release(&b->knn);
    for (size_t k = 0; k < TRANSITION_KINDS; k++) {
        links_release(&b->follows[k]);
        free_const(b->from_scale[k]);
        free_const(b->to_scale[k]);
    }
    for (size_t k = 0; k < RECENT_SPEEDS; k++)
        free_const(b->trends.recent[k]), free_const(b->trends.fresh[k]);
    free_const(b->trends.total);
    free_const(b->trends.at_ms);
    free_const(b->popularity);
}

void small_world_release(struct small_world *w)
{
    free_const(w->model->factors);
    free_const(w->model->gram);
    free_const(w->model->popularity);
    free_const(w->model->neighbours);
    free_const(w->model->similarity);
    release_blend(&w->model->blend);
    free(w->model);
    catalogue_free(w->catalogue);
    trend_free(w->trend);
    free(w->taste_of_title);
    free(w->weight);
}
