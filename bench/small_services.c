/* small_services.c - what is a small service's model worth, as it is served?
 *
 *     build/bench/bench_small_services SHARE DATA...      data folders; of each the newest SHARE of its likings is asked about
 *
 * STEPS times trained as `train` does (train/blend_fit.h) on what came before, each model is asked for the next likings of
 * viewers with anything liked before: NDCG@10 over the whole catalogue less what the viewer knows. Beside it popularity, and iALS as it is usual.
 * A line a service, and all of them together: 95 %, bootstrap over viewers with all their questions. */
#include <stdio.h>
#include <stdlib.h>

#include "engine/log_scan.h"
#include "support/check.h"
#include "train/answers.h"
#include "train/blend_fit.h"
#include "train/questions.h"
#include "train/time_validation.h"
#include "train/train.h"

enum { VIEWERS_MAX = 1 << 16, RIVALS = 2, SEED = 1, STEPS = 3 };

/* Sums of each viewer. */
struct sums {
    size_t n;
    double own[VIEWERS_MAX], rival[RIVALS][VIEWERS_MAX], asked[VIEWERS_MAX];
};

/* Rows before the cut that `m` has now. */
static void rows_kept(const struct triples *t, const struct moments *m, struct triples *ret)
{
    for (size_t i = 0; i < t->n; i++)
        if (m->keep[i])
            assert_ok(
                triples_add(ret, t->viewer[i], t->title[i], t->weight[i], t->at_ms[i], &test_err));
}

/* NDCG@10 of each question into the viewers' sums. */
static void add(const struct answers *a, size_t model, const struct questions *q, size_t from,
                double *to)
{
    for (size_t i = 0; i < q->n; i++)
        to[from + q->list[i].viewer] += a->ndcg10[model * a->n + i];
}

static void judge(const struct model *m, const struct questions *q, struct pool *pool,
                  struct sums *s)
{
    struct ensemble e = ensemble_of(m);
    struct mix mix[2] = {ensemble_mix(m), lineup_alone(LINEUP_POPULARITY)};
    struct mix ials[1] = {lineup_alone(LINEUP_IALS)};
    struct answers a;
    assert_ok(answers_rank(&e, q->list, q->n, &(struct contestant_mixes){mix, 2, NULL}, 0, pool, &a,
                           &test_err));
    add(&a, 0, q, s->n, s->own);
    add(&a, 1, q, s->n, s->rival[0]);
    answers_release(&a);
    assert_ok(answers_rank(&e, q->list, q->n, &(struct contestant_mixes){ials, 1, NULL}, 0, pool,
                           &a, &test_err));
    add(&a, 0, q, s->n, s->rival[1]);
    answers_release(&a);
    for (size_t i = 0; i < q->n; i++)
        s->asked[s->n + q->list[i].viewer] += 1;
}

/* Viewers from..n with a question. */
static void print(const char *name, const struct sums *s, size_t from, const char *more)
{
    static double own[VIEWERS_MAX], rival[VIEWERS_MAX], asked[VIEWERS_MAX];
    struct interval i;
    size_t n = 0;
    for (int k = -1; k < RIVALS; k++) {
        n = 0;
        double sum = 0;
        for (size_t v = from; v < s->n; v++) {
            if (s->asked[v] == 0)
                continue;
            own[n] = s->own[v];
            rival[n] = k >= 0 ? s->rival[k][v] : 0;
            asked[n++] = s->asked[v];
            sum += s->asked[v];
        }
        assert_ok(
            bootstrap_ratio(own, k >= 0 ? rival : NULL, asked, n, false, SEED, &i, &test_err));
        if (k < 0)
            printf("%-26s %5.0f asked of %4zu: %.4f", name, sum, n, i.mean);
        else
            printf("  %s %+.4f [%+.4f, %+.4f]", k == 0 ? "popularity" : "iALS", i.mean, i.low,
                   i.high);
    }
    printf("  %s\n", more);
}

struct service {
    struct mq_engine *engine;
    struct catalogue *catalogue;
    struct log_rows rows;
    struct histories all;
    struct moments moments;
    uint32_t titles;
};

static void open_service(const char *dir, struct service *v)
{
    struct mq_options options = {.must_exist = true};
    *v = (struct service){.titles = 0};
    assert_ok(mq_engine_open(dir, &options, &v->engine, &test_err));
    assert_ok(catalogue_from_store(v->engine->store, 0, &v->catalogue, &test_err));
    log_rows_init(&v->rows, v->catalogue, engine_engagement(v->engine));
    assert_ok(log_scan(v->engine, NULL, NULL, &v->rows, &test_err));
    v->titles = intern_count(store_names(v->engine->store, NAME_TITLE));
    assert_ok(
        histories_from(&v->rows.triples, NULL, v->rows.n_viewers, v->titles, &v->all, &test_err));
    assert_ok(moments_init(&v->rows.triples, v->rows.n_viewers, &v->moments, &test_err));
}

static void close_service(struct service *v)
{
    moments_release(&v->moments);
    histories_release(&v->all);
    log_rows_release(&v->rows);
    catalogue_free(v->catalogue);
    mq_engine_close(v->engine);
}

/* Those of the next rows alone: from `from` up to `to` in the order of time. */
static void keep_asked(struct questions *q, int64_t from_ms, int64_t to_ms)
{
    size_t n = 0;
    for (size_t i = 0; i < q->n; i++)
        if (q->list[i].now_ms >= from_ms && q->list[i].now_ms < to_ms)
            q->list[n++] = q->list[i];
    q->n = n;
}

static void step(struct service *v, double from, double to, struct pool *pool, struct sums *s,
                 struct blend_found *found)
{
    const struct triples *t = &v->rows.triples;
    size_t cut = (size_t)((double)t->n * from), end = (size_t)((double)t->n * to);
    struct triples before = {0};
    struct questions q = {0};
    struct events_asked counted;
    struct model model;
    struct blend_fit_options o = {.seed = SEED, .catalogue = v->catalogue};
    moments_cut(t, v->rows.n_viewers, &v->moments, cut);
    rows_kept(t, &v->moments, &before);
    assert_ok(blend_fit(&before, v->rows.n_viewers, v->titles, &o, pool, &model, found, &test_err));
    assert_ok(questions_of_events(&v->all, v->moments.before, 1, 0, &q, &counted, &test_err));
    keep_asked(&q, t->at_ms[v->moments.order[cut]],
               end < t->n ? t->at_ms[v->moments.order[end]] : INT64_MAX);
    assert_ok(questions_weigh(&q, t, v->rows.n_viewers, &test_err));
    judge(&model, &q, pool, s);
    train_release(&model);
    questions_release(&q);
    triples_release(&before);
}

static void measure(const char *dir, double share, struct pool *pool, struct sums *s)
{
    struct service v;
    struct blend_found found;
    char more[128] = "questions:";
    size_t from = s->n;
    open_service(dir, &v);
    assert_true(s->n + v.rows.n_viewers <= VIEWERS_MAX);
    for (int k = 0; k < STEPS; k++) {
        step(&v, 1 - share * (STEPS - k) / STEPS, 1 - share * (STEPS - k - 1) / STEPS, pool, s,
             &found);
        size_t n = strlen(more);
        snprintf(more + n, sizeof(more) - n, " %zu %s", found.choice.questions,
                 lineup_model_name(found.published));
    }
    s->n += v.rows.n_viewers;
    const char *name = strrchr(dir, '/');
    print(name ? name + 1 : dir, s, from, more);
    close_service(&v);
}

int main(int argc, char **argv)
{
    static struct sums s;
    struct pool *pool;
    char *end = NULL;
    double share = argc > 2 ? strtod(argv[1], &end) : 0;
    if (!(share > 0 && share < 1) || *end) {
        fprintf(stderr, "usage: %s SHARE DATA...\n", argv[0]);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    assert_ok(pool_new(1, &pool, &test_err));
    for (int i = 2; i < argc; i++)
        measure(argv[i], share, pool, &s);
    print("together", &s, 0, "");
    pool_free(pool);
    return 0;
}
