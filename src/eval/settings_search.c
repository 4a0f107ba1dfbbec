#include "eval/settings_search.h"

#include <math.h>

#include "base/clock.h"

static const double default_seconds = 480;

struct search {
    const struct validation *v;
    const struct eval_options *o;
    struct pool *pool;
    int64_t deadline_ns;
    struct search_result best;
};

static double mean(const double *v, uint32_t n)
{
    double sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += v[i];
    return sum / (double)n;
}

static int judge(const struct search *s, const struct scorer *scorer, double *ret,
                 struct mq_error *err)
{
    struct ranking r;
    int rc = ranking_run(scorer, &s->v->cases, s->pool, &r, err);
    if (rc)
        return rc;
    *ret = mean(s->v->by_ndcg100 ? r.ndcg100 : r.ndcg10, r.n);
    ranking_release(&r);
    return 0;
}

static bool out_of_time(const struct search *s)
{
    return clock_mono_ns() > s->deadline_ns;
}

/* Try one candidate; settings that cannot be solved, or shrink every factor to nothing, are passed over. */
static int try_settings(struct search *s, const struct ials_settings *ials, struct mq_error *err)
{
    struct train_settings settings = {.ials = *ials, .no_neighbours = true};
    struct train_watch quiet = {0};
    struct model m;
    if (out_of_time(s)) {
        s->best.complete = false;
        return 0;
    }
    if (s->o->progress &&
        !s->o->progress(s->o->progress_ctx, "choosing settings", s->best.tried, 0))
        return mq_fail(err, MQ_CANCELLED, "evaluate: stopped");
    int rc = train_model(s->v->fit, &settings, s->pool, quiet, &m, err);
    if (rc == MQ_SINGULAR || rc == MQ_INVALID)
        return 0;
    if (rc)
        return rc;
    struct scorer scorer = {SCORE_TASTE, &m};
    struct scorer popularity = {SCORE_POPULARITY, &m};
    double score = 0;
    rc = judge(s, &scorer, &score, err);
    if (rc == 0 && s->best.tried == 0)
        rc = judge(s, &popularity, &s->best.popularity, err);
    if (rc == 0) {
        s->best.tried++;
        if (s->best.tried == 1 || score > s->best.score) {
            s->best.score = score;
            s->best.ials = m.settings;
        }
    }
    train_release(&m);
    return rc;
}

/* All products of regularisation and unobserved weight with these factors. */
static int try_grid(struct search *s, struct ials_settings from, const double *reg, size_t n_reg,
                    const double *weight, size_t n_weight, struct mq_error *err)
{
    for (size_t i = 0; i < n_reg; i++) {
        for (size_t k = 0; k < n_weight; k++) {
            struct ials_settings c = from;
            c.regularisation = (float)(from.regularisation * reg[i]);
            c.unobserved = (float)(from.unobserved * weight[k]);
            int rc = try_settings(s, &c, err);
            if (rc)
                return rc;
        }
    }
    return 0;
}

int settings_search(const struct validation *v, const struct eval_options *o, struct pool *pool,
                    struct search_result *ret, struct mq_error *err)
{
    static const double coarse_reg[] = {0.25, 1, 4, 16};
    static const double coarse_weight[] = {0.125, 0.5, 2, 8};
    static const double fine[] = {0.5, 0.7071, 1.4142, 2};
    static const double one[] = {1};
    static const unsigned ranks[] = {32, 96, 160};
    double seconds = o->search_seconds > 0 ? o->search_seconds : default_seconds;
    struct search s = {.v = v, .o = o, .pool = pool, .best = {.complete = true}};
    s.deadline_ns = clock_mono_ns() + (int64_t)(seconds * 1e9);
    struct ials_settings start = {.seed = o->seed};
    ials_defaults(v->fit, &start);
    int rc = try_grid(&s, start, coarse_reg, 4, coarse_weight, 4, err);
    if (rc == 0)
        rc = try_grid(&s, s.best.ials, fine, 4, one, 1, err);
    if (rc == 0)
        rc = try_grid(&s, s.best.ials, one, 1, fine, 4, err);
    for (size_t i = 0; rc == 0 && i < sizeof(ranks) / sizeof(ranks[0]); i++) {
        struct ials_settings c = s.best.ials;
        c.rank = ranks[i];
        rc = try_settings(&s, &c, err);
    }
    if (rc == 0) {
        struct ials_settings c = s.best.ials;
        c.epochs *= 2;
        rc = try_settings(&s, &c, err);
    }
    if (rc == 0)
        rc = try_grid(&s, s.best.ials, fine + 1, 2, fine + 1, 2, err);
    if (rc == 0 && s.best.tried == 0)
        rc = mq_fail(err, MQ_INVALID, "settings: none could be trained in time: raise the budget");
    if (rc == 0)
        *ret = s.best;
    return rc;
}
