#include "train/answers.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "math/ranking_metrics.h"
#include "math/topk.h"

enum { QUESTIONS_AT_ONCE = 8 };

struct worker {
    struct ensemble_scratch *scratch;
    float *score;           /* (titles) */
    uint64_t *skip;         /* bit per title, all 0 between questions */
    struct topk_item *best; /* (ranked) */
    bool *hit;              /* (ranked) */
};

struct job {
    const struct ensemble *e;
    const struct question *questions;
    const struct contestant_mixes *mixes;
    struct answers *out;
    struct worker *workers;
    size_t ranked; /* most titles that are ranked for a question */
    atomic_int failed;
};

static bool is_target(const struct question *q, uint32_t title)
{
    for (size_t k = 0; k < q->n_targets; k++)
        if (q->targets[k] == title)
            return true;
    return false;
}

static int best_first(const void *a, const void *b)
{
    const struct topk_item *x = a;
    const struct topk_item *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static size_t rank_among(const struct question *q, struct worker *w)
{
    size_t n = 0;
    for (size_t k = 0; k < q->n_targets; k++)
        w->best[n++] = (struct topk_item){q->targets[k], w->score[q->targets[k]]};
    for (size_t k = 0; k < q->n_among; k++)
        w->best[n++] = (struct topk_item){q->among[k], w->score[q->among[k]]};
    qsort(w->best, n, sizeof(*w->best), best_first);
    return n;
}

static size_t rank_all(const struct job *job, const struct question *q, struct worker *w)
{
    uint32_t titles = job->e->n_titles;
    for (size_t k = 0; k < q->n_history; k++)
        if (q->history[k] < titles)
            w->skip[q->history[k] / 64] |= UINT64_C(1) << (q->history[k] % 64);
    size_t n = topk_select(w->score, titles, w->skip, ANSWERS_DEPTH, w->best);
    for (size_t k = 0; k < q->n_history; k++)
        if (q->history[k] < titles)
            w->skip[q->history[k] / 64] = 0;
    return n;
}

static void note(const struct job *job, size_t model, size_t i, struct worker *w, size_t n)
{
    struct answers *out = job->out;
    const struct question *q = &job->questions[i];
    size_t at = model * out->n + i;
    for (size_t k = 0; k < n; k++)
        w->hit[k] = is_target(q, w->best[k].index);
    out->recall20[at] = recall_at(w->hit, n, q->n_targets, 20);
    out->recall50[at] = recall_at(w->hit, n, q->n_targets, 50);
    out->ndcg100[at] = ndcg_at(w->hit, n, q->n_targets, 100);
    out->hr10[at] = hit_rate_at(w->hit, n, 10);
    out->ndcg10[at] = ndcg_at(w->hit, n, q->n_targets, 10);
    for (size_t k = 0; out->list && k < out->depth; k++) {
        out->list[at * out->depth + k] = k < n ? w->best[k].index : ID_NONE;
        out->score[at * out->depth + k] = k < n ? w->best[k].score : 0;
    }
}

static void answer(struct job *job, size_t i, struct worker *w)
{
    const struct question *q = &job->questions[i];
    const struct contestant_mixes *m = job->mixes;
    const struct mix *mine = m->mix + (m->fold ? m->fold[i] * m->models : 0);
    const float *parts[INGREDIENTS];
    uint32_t wanted = 0;
    for (size_t k = 0; k < m->models; k++)
        wanted |= mix_wants(&mine[k]);
    if (q->n_targets == 0)
        return;
    struct ensemble_view view = question_view(q);
    int rc = ensemble_ingredients(job->e, &view, wanted, w->scratch, parts, NULL);
    if (rc) {
        atomic_store(&job->failed, rc);
        return;
    }
    for (size_t k = 0; k < m->models; k++) {
        mix_score(&mine[k], parts, w->scratch, job->e->n_titles, w->score);
        note(job, k, i, w, q->n_among > 0 ? rank_among(q, w) : rank_all(job, q, w));
    }
}

static void answer_part(void *ctx, size_t from, size_t to, size_t worker)
{
    struct job *job = ctx;
    for (size_t i = from; i < to; i++)
        answer(job, i, &job->workers[worker]);
}

static bool allocate(struct answers *a)
{
    size_t cells = a->models * a->n;
    double **const metrics[] = {&a->recall20, &a->recall50, &a->ndcg100, &a->hr10, &a->ndcg10};
    bool fine = true;
    for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++) {
        *metrics[i] = malloc((cells + 1) * sizeof(double));
        for (size_t k = 0; *metrics[i] && k < cells; k++)
            (*metrics[i])[k] = NAN;
        fine = fine && *metrics[i];
    }
    if (a->depth > 0) {
        a->list = malloc((cells * a->depth + 1) * sizeof(*a->list));
        a->score = calloc(cells * a->depth + 1, sizeof(*a->score));
        for (size_t k = 0; a->list && k < cells * a->depth; k++)
            a->list[k] = ID_NONE;
        fine = fine && a->list && a->score;
    }
    return fine;
}

static void workers_free(struct worker *w, size_t threads)
{
    for (size_t t = 0; w && t < threads; t++) {
        ensemble_scratch_free(w[t].scratch);
        free(w[t].score);
        free(w[t].skip);
        free(w[t].best);
        free(w[t].hit);
    }
    free(w);
}

static int workers_new(const struct job *job, size_t longest, size_t threads, struct worker **ret,
                       struct mq_error *err)
{
    size_t titles = job->e->n_titles;
    struct worker *w = calloc(threads, sizeof(*w));
    bool fine = w != NULL;
    int rc = 0;
    for (size_t t = 0; fine && rc == 0 && t < threads; t++) {
        w[t].score = malloc((titles + 1) * sizeof(*w[t].score));
        w[t].skip = calloc(titles / 64 + 1, sizeof(*w[t].skip));
        w[t].best = malloc((job->ranked + 1) * sizeof(*w[t].best));
        w[t].hit = malloc((job->ranked + 1) * sizeof(*w[t].hit));
        fine = w[t].score && w[t].skip && w[t].best && w[t].hit;
        if (fine)
            rc = ensemble_scratch_new(job->e, longest, &w[t].scratch, err);
    }
    *ret = w;
    return fine ? rc : mq_fail(err, MQ_NO_MEMORY, "ranking: no memory");
}

int answers_rank(const struct ensemble *e, const struct question *questions, size_t n,
                 const struct contestant_mixes *mixes, size_t keep, struct pool *pool,
                 struct answers *ret, struct mq_error *err)
{
    struct answers out = {.models = mixes->models, .n = n, .depth = keep};
    struct job job = {
        .e = e, .questions = questions, .mixes = mixes, .out = &out, .ranked = ANSWERS_DEPTH};
    size_t longest = questions_longest(questions, n);
    for (size_t i = 0; i < n; i++) {
        size_t among = questions[i].n_among ? questions[i].n_among + questions[i].n_targets : 0;
        job.ranked = among > job.ranked ? among : job.ranked;
        if (keep > 0 && among > out.depth)
            out.depth = among;
    }
    int rc = allocate(&out) ? 0 : mq_fail(err, MQ_NO_MEMORY, "ranking: no memory");
    if (rc == 0)
        rc = workers_new(&job, longest, pool_threads(pool), &job.workers, err);
    if (rc == 0) {
        pool_for(pool, n, QUESTIONS_AT_ONCE, answer_part, &job);
        int failed = atomic_load(&job.failed);
        if (failed)
            rc = mq_fail(err, (enum mq_status)failed, "ranking: a history can't be scored: %s",
                         mq_status_doc(failed));
    }
    workers_free(job.workers, pool_threads(pool));
    if (rc)
        answers_release(&out);
    else
        *ret = out;
    return rc;
}

void answers_release(struct answers *a)
{
    free(a->recall20);
    free(a->recall50);
    free(a->ndcg100);
    free(a->hr10);
    free(a->ndcg10);
    free(a->list);
    free(a->score);
    *a = (struct answers){0};
}

double answers_mean(const double *values, size_t n)
{
    double sum = 0;
    size_t counted = 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(values[i]))
            continue;
        sum += values[i];
        counted++;
    }
    return counted > 0 ? sum / (double)counted : NAN;
}
