/* strategy_slate.c - a slate, from its text to the answer: forecasts, joint draws, the choice. */
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "engine/strategy_fits.h"
#include "strategy/forecast.h"
#include "strategy/forecast_sizes.h"
#include "strategy/slate.h"
#include "wire/slate_json.h"

enum { ARENA_FIRST = 1 << 16, DRAWS = 16, SAMPLE = 250 };
#define ANSWER_MAX ((size_t)512 << 20)
/* Of the variance of a forecast's error: what titles of one genre have in common. A convention, not a measurement. */
#define GENRE_SHARE 0.3
static const double z90 = 1.2815515655446004; /* P90 of a normal */

struct job {
    const struct mq_slate_request *q;
    struct slate_request slate;
    struct kept_fit *fit;
    const struct strategy_data *d; /* the fit's */
    struct pool *pool;
    struct arena *arena;
    struct title *titles;
    struct forecast_size *size;
    struct forecast_who who;
    float *chance, *weight; /* (n, cells), (cells) */
    double *cost;
    uint32_t *groups;
    struct slate_limit limits[SLATE_RULES_MAX];
    struct slate_task task;
    struct slate_choice choice;
    struct mq_slate out;
    struct mq_error *err;
};

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "slate: no memory");
}

static int forecast_all(struct job *j)
{
    uint32_t n = (uint32_t)j->slate.n;
    int rc = 0;
    j->titles = ARENA_ARRAY(j->arena, n, struct title);
    j->size = ARENA_ARRAY(j->arena, n, struct forecast_size);
    double *unpromoted = ARENA_ARRAY(j->arena, n, double);
    j->who.step = j->d->n_viewers / SAMPLE + 1;
    j->who.viewers = (j->d->n_viewers + j->who.step - 1) / j->who.step;
    j->who.ret = ARENA_ARRAY(j->arena, (size_t)n * j->who.viewers + 1, float);
    if (!j->titles || !j->size || !unpromoted || !j->who.ret)
        return no_memory(j->err);
    for (uint32_t i = 0; i < n && rc == 0; i++) {
        struct forecast_cast cast;
        unpromoted[i] = j->slate.concepts[i].unpromoted;
        rc = forecast_people(j->d, &j->slate.concepts[i].title, j->arena, &cast, j->err);
        if (rc == 0)
            j->titles[i] = cast.title;
    }
    return rc ? rc
              : forecast_sizes(j->fit->fit, j->titles, unpromoted, n, j->pool, j->arena, j->size,
                               &j->who, j->err);
}

/* ---------------------------------------------------------------- joint draws */

/* One shock for each first genre, by its name alone. */
static double genre_shock(const struct job *j, uint32_t concept, uint64_t draw)
{
    const struct title *t = &j->titles[concept];
    struct rng r;
    uint64_t genre = 0;
    for (size_t i = 0; t->n_genres > 0 && i < t->genres[0].n; i++)
        genre = genre * 131 + (unsigned char)t->genres[0].p[i];
    rng_seed_stream(&r, (j->q->seed ? j->q->seed : 1) * 1000003 + draw, genre);
    return rng_normal(&r);
}

/* Times its P50. */
static double draw_size(const struct job *j, uint32_t i, uint64_t draw)
{
    const struct mq_interval *v = &j->size[i].viewers_90d;
    struct rng own;
    rng_seed_stream(&own, (j->q->seed ? j->q->seed : 1) + 1 + i, draw);
    double z =
        sqrt(GENRE_SHARE) * genre_shock(j, i, draw) + sqrt(1 - GENRE_SHARE) * rng_normal(&own);
    double side = z > 0 ? log(v->p90 / v->p50) : log(v->p50 / v->p10);
    return exp(z * side / z90);
}

static int draw_all(struct job *j)
{
    uint32_t viewers = j->who.viewers;
    uint32_t cells = viewers * DRAWS;
    j->chance = ARENA_ARRAY(j->arena, j->slate.n * cells + 1, float);
    j->weight = ARENA_ARRAY(j->arena, cells + 1, float);
    if (!j->chance || !j->weight)
        return no_memory(j->err);
    for (uint32_t c = 0; c < cells; c++)
        j->weight[c] = (float)j->d->n_viewers / (float)cells;
    for (uint32_t i = 0; i < j->slate.n; i++) {
        for (uint32_t d = 0; d < DRAWS && !j->size[i].refused; d++) {
            float by = (float)draw_size(j, i, d);
            for (uint32_t u = 0; u < viewers; u++)
                j->chance[(size_t)i * cells + d * viewers + u] =
                    fminf(1, by * j->who.ret[(size_t)i * viewers + u]);
        }
    }
    j->task.cells = cells;
    return 0;
}

/* ---------------------------------------------------------------- the choice */

static bool is_of(const struct title *t, const struct slate_rule *r)
{
    bool found = r->language && str_eq_nocase(t->language, r->value);
    for (uint16_t g = 0; g < t->n_genres && !r->language; g++)
        found = found || str_eq_nocase(t->genres[g], r->value);
    return found;
}

static int choose(struct job *j)
{
    uint32_t n = (uint32_t)j->slate.n;
    j->cost = ARENA_ARRAY(j->arena, n, double);
    j->groups = ARENA_ARRAY(j->arena, n, uint32_t);
    if (!j->cost || !j->groups)
        return no_memory(j->err);
    for (uint32_t i = 0; i < n; i++) {
        j->cost[i] = j->slate.concepts[i].cost;
        for (uint32_t r = 0; r < j->slate.n_rules; r++)
            j->groups[i] |= (uint32_t)is_of(&j->titles[i], &j->slate.rules[r]) << r;
    }
    for (uint32_t r = 0; r < j->slate.n_rules; r++)
        j->limits[r] = (struct slate_limit){r, j->slate.rules[r].n, j->slate.rules[r].at_most};
    j->task.n = n;
    j->task.cost = j->cost;
    j->task.groups = j->groups;
    j->task.chance = j->chance;
    j->task.weight = j->weight;
    j->task.budget = j->slate.budget;
    j->task.limits = j->limits;
    j->task.n_limits = (uint32_t)j->slate.n_rules;
    return slate_choose(&j->task, &j->choice, j->err);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* What the choice reaches in each draw. */
static struct mq_interval spread(const struct job *j)
{
    double reached[DRAWS] = {0};
    uint32_t viewers = j->who.viewers;
    for (uint32_t c = 0; c < j->task.cells; c++) {
        float none = 1;
        for (uint32_t i = 0; i < j->task.n; i++) {
            if (j->choice.chosen[i])
                none *= 1 - j->chance[(size_t)i * j->task.cells + c];
        }
        reached[c / viewers] += (double)(j->weight[c] * (1 - none)) * DRAWS;
    }
    qsort(reached, DRAWS, sizeof(reached[0]), by_size);
    return (struct mq_interval){reached[DRAWS / 10], reached[DRAWS / 2],
                                reached[DRAWS - 1 - DRAWS / 10]};
}

static const char *text_of(struct arena *arena, struct str s)
{
    char *p = arena_alloc(arena, s.n + 1);
    if (p && s.n)
        memcpy(p, s.p, s.n);
    return p ? p : "";
}

static int tell(struct job *j)
{
    struct mq_slate_item *items = ARENA_ARRAY(j->arena, j->slate.n, struct mq_slate_item);
    if (!items)
        return no_memory(j->err);
    for (uint32_t i = 0; i < j->slate.n; i++) {
        const struct forecast_size *f = &j->size[i];
        items[i] =
            (struct mq_slate_item){.name = text_of(j->arena, j->titles[i].name),
                                   .cost = j->cost[i],
                                   .chosen = j->choice.chosen[i],
                                   .adds = j->choice.adds[i],
                                   .forecast = {f->viewers_28d, f->viewers_90d, f->viewers_all,
                                                f->hours_per_viewer, f->support, f->refused}};
    }
    j->out = (struct mq_slate){.items = items,
                               .n = j->slate.n,
                               .budget = j->slate.budget,
                               .spent = j->choice.spent,
                               .viewers = spread(j),
                               .mean = j->choice.reached,
                               .exact = j->choice.exact,
                               .bound = j->choice.bound,
                               .draws = DRAWS,
                               .memory = j->arena};
    return 0;
}

static int answer(struct job *j, struct mq_engine *e)
{
    const struct mq_slate_request *q = j->q;
    int rc = slate_json_parse((struct str){q->slate, q->n}, j->arena, &j->slate, j->err);
    if (rc == 0)
        rc = pool_new(q->threads ? q->threads : e->options.threads, &j->pool, j->err);
    if (rc == 0)
        rc = strategy_fit(e,
                          &(struct fit_question){.as_of_ms = q->as_of_ms,
                                                 .seed = q->seed,
                                                 .who = true,
                                                 .threads = q->threads,
                                                 .progress = q->progress,
                                                 .progress_ctx = q->progress_ctx},
                          &j->fit, j->err);
    if (rc == 0) {
        j->d = j->fit->fit->d;
        rc = forecast_all(j);
    }
    if (rc == 0)
        rc = draw_all(j);
    if (rc == 0)
        rc = choose(j);
    return rc ? rc : tell(j);
}

int mq_strategy_slate(struct mq_engine *e, const struct mq_slate_request *q, struct mq_slate *ret,
                      struct mq_error *err)
{
    struct job *j = calloc(1, sizeof(*j));
    struct arena *arena = calloc(1, sizeof(*arena));
    if (!j || !arena || arena_init(arena, ARENA_FIRST, ANSWER_MAX) != 0) {
        free(j);
        free(arena);
        return no_memory(err);
    }
    *j = (struct job){.q = q, .arena = arena, .err = err};
    int rc = answer(j, e);
    kept_fit_release(j->fit);
    pool_free(j->pool);
    if (rc) {
        arena_release(arena);
        free(arena);
    } else {
        *ret = j->out;
    }
    free(j);
    return rc;
}

void mq_slate_release(struct mq_slate *s)
{
    if (!s->memory)
        return;
    arena_release(s->memory);
    free(s->memory);
    s->memory = NULL;
}
