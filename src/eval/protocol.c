#include "eval/protocol.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eval/spread.h"

int contestants_train(const struct lineup_validation *v, const struct histories *all,
                      const struct histories *timeline, const struct eval_options *o,
                      struct pool *pool, struct contestants *ret, struct mq_error *err)
{
    struct train_watch watch = {.progress = o->progress, .ctx = o->progress_ctx};
    struct lineup_search_options search = {
        .seed = o->seed, .seconds = o->search_seconds, .watch = watch};
    int rc = lineup_search(v, &search, pool, &ret->choice, err);
    if (rc == 0)
        rc = lineup_train(&(struct lineup_rows){.h = all, .timeline = timeline},
                          &ret->choice.settings, pool, watch, &ret->lineup, err);
    return rc;
}

void contestants_release(struct contestants *c)
{
    lineup_release(&c->lineup);
}

/* ---------------------------------------------------------------- lists */

int file_failed(FILE *f, const char *path, struct mq_error *err)
{
    if (!f)
        return mq_fail_errno(err, errno, "%s: cannot be written", path);
    bool failed = ferror(f) != 0;
    if (fclose(f) != 0 || failed)
        return mq_fail_errno(err, errno, "%s: could not be written whole", path);
    return 0;
}

/* Lines "viewer, rank from 1, title, score", tab-separated. */
static int lists_write(const char *path, const struct answers *a, const struct questions *asked,
                       const struct id_book *book, struct mq_error *err)
{
    FILE *f = fopen(path, "we");
    for (size_t i = 0; f && i < a->n; i++) {
        struct str viewer = intern_name(book->viewers, asked->list[i].viewer);
        for (size_t k = 0; k < a->depth; k++) {
            uint32_t title = a->list[i * a->depth + k];
            if (title == ID_NONE)
                break;
            struct str name = intern_name(book->titles, title);
            fprintf(f, "%.*s\t%zu\t%.*s\t%.9g\n", STR_ARG(viewer), k + 1, STR_ARG(name),
                    (double)a->score[i * a->depth + k]);
        }
    }
    return file_failed(f, path, err);
}

static int write_published(const struct contestants *c, const struct mix *mix,
                           const struct questions *asked, const char *path,
                           const struct id_book *book, struct pool *pool, struct mq_error *err)
{
    struct contestant_mixes one = {mix, 1, NULL};
    struct answers a;
    int rc = answers_rank(&c->lineup.e, asked->list, asked->n, &one, ANSWERS_DEPTH, pool, &a, err);
    if (rc)
        return rc;
    rc = lists_write(path, &a, asked, book, err);
    answers_release(&a);
    return rc;
}

/* ---------------------------------------------------------------- figures */

static const char *const metric_names[] = {
    [ASKED_RECALL20] = "recall@20", [ASKED_RECALL50] = "recall@50", [ASKED_NDCG100] = "ndcg@100",
    [ASKED_HR10] = "hr@10",         [ASKED_NDCG10] = "ndcg@10",
};

static const double *values_of(const struct answers *a, enum asked_metric metric, size_t model)
{
    const double *const all[] = {[ASKED_RECALL20] = a->recall20,
                                 [ASKED_RECALL50] = a->recall50,
                                 [ASKED_NDCG100] = a->ndcg100,
                                 [ASKED_HR10] = a->hr10,
                                 [ASKED_NDCG10] = a->ndcg10};
    return all[metric] + model * a->n;
}

/* The models that this run has, in the order of the report. */
static size_t models_of(const struct contestants *c, enum lineup_model *ret)
{
    size_t n = 0;
    for (unsigned m = 0; m < LINEUP_MODELS; m++) {
        if (m == LINEUP_EASE && c->lineup.e.ease.n == 0)
            continue;
        if (m == LINEUP_SEQUENCE && !c->choice.settings.ordered)
            continue;
        ret[n++] = (enum lineup_model)m;
    }
    return n;
}

/* Metrics of one model beside popularity's (the first) and item_knn's (the second). */
static int add_metrics(const struct answers *a, size_t model, const struct asked_metrics *metrics,
                       const struct questions *asked, uint64_t seed, struct report_metric *list,
                       size_t *n, struct mq_error *err)
{
    int rc = 0;
    for (size_t k = 0; rc == 0 && k < metrics->n; k++) {
        struct report_sample s = {
            .values = values_of(a, metrics->list[k], model),
            .popularity = model > 0 ? values_of(a, metrics->list[k], 0) : NULL,
            .second = model > 1 ? values_of(a, metrics->list[k], 1) : NULL,
            .questions = asked->list,
            .n = asked->n,
        };
        rc = report_add(list, n, metric_names[metrics->list[k]], &s, seed, err);
    }
    return rc;
}

static int judge_sampled(const struct contestants *c, const struct questions *asked,
                         const struct asked_metrics *metrics, const struct eval_options *o,
                         const struct id_book *book, struct pool *pool, struct eval_report *ret,
                         struct mq_error *err)
{
    enum lineup_model model[LINEUP_MODELS];
    struct mix mix[LINEUP_MODELS];
    size_t n = models_of(c, model);
    struct answers a = {0};
    char path[4096];
    for (size_t m = 0; m < n; m++)
        mix[m] = c->choice.sampled_mix[model[m]];
    struct contestant_mixes mixes = {mix, n, NULL};
    int rc = answers_rank(&c->lineup.e, asked->list, asked->n, &mixes, 0, pool, &a, err);
    for (size_t m = 0; rc == 0 && m < n; m++)
        rc = add_metrics(&a, m, metrics, asked, o->seed, ret->model[m].sampled,
                         &ret->model[m].n_sampled, err);
    ret->published_sampled = lineup_model_name(c->choice.best_sampled);
    if (rc == 0 && o->lists) {
        snprintf(path, sizeof(path), "%s.sampled", o->lists);
        rc = write_published(c, &c->choice.sampled_mix[c->choice.best_sampled], asked, path, book,
                             pool, err);
    }
    answers_release(&a);
    return rc;
}

int contestants_judge(const struct contestants *c, const struct questions *asked,
                      const struct questions *sampled, const struct asked_metrics *metrics,
                      const struct eval_options *o, const struct id_book *book, struct pool *pool,
                      struct eval_report *ret, struct mq_error *err)
{
    enum lineup_model model[LINEUP_MODELS];
    struct mix mix[LINEUP_MODELS];
    size_t n = models_of(c, model);
    struct answers a = {0};
    if (asked->n == 0)
        return mq_fail(err, MQ_INVALID, "test: no viewer has both a history and a title to find");
    for (size_t m = 0; m < n; m++)
        mix[m] = c->choice.mix[model[m]];
    struct contestant_mixes mixes = {mix, n, NULL};
    int rc = answers_rank(&c->lineup.e, asked->list, asked->n, &mixes, SPREAD_DEPTH, pool, &a, err);
    ret->judged = (uint32_t)asked->n;
    ret->n_models = n;
    ret->published = lineup_model_name(c->choice.best);
    ret->complete = c->choice.complete;
    for (size_t m = 0; rc == 0 && m < n; m++) {
        struct report_model *to = &ret->model[m];
        to->name = lineup_model_name(model[m]);
        if (model[m] != LINEUP_POPULARITY)
            lineup_describe(&c->choice, model[m], to->settings, sizeof(to->settings));
        rc = add_metrics(&a, m, metrics, asked, o->seed, to->metric, &to->n_metrics, err);
        if (rc == 0)
            rc = spread_measure(&a, m, asked, &c->lineup.m, &to->spread, err);
    }
    if (rc == 0 && o->lists)
        rc = write_published(c, &c->choice.mix[c->choice.best], asked, o->lists, book, pool, err);
    if (rc == 0 && sampled && sampled->n > 0)
        rc = judge_sampled(c, sampled, metrics, o, book, pool, ret, err);
    answers_release(&a);
    return rc;
}

int matrix_of_ones(const struct triples *t, const struct id_book *book, struct csr *ret,
                   struct mq_error *err)
{
    int rc = triples_to_csr(t, intern_count(book->viewers), intern_count(book->titles), INT64_MIN,
                            INT64_MAX, ret, err);
    for (uint64_t i = 0; rc == 0 && i < csr_nnz(ret); i++)
        ret->value[i] = 1;
    return rc;
}
