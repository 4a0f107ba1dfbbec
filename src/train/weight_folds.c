#include "train/weight_folds.h"

#include <math.h>

static int judge_fold(const struct weight_fold *fold, const struct lineup_settings *s,
                      const struct contestant_mixes *mixes, bool by_ndcg100, struct pool *pool,
                      struct train_watch watch, struct fold_score *ret, struct mq_error *err)
{
    struct lineup l;
    struct answers a;
    int rc = lineup_train(&(struct lineup_rows){.h = fold->fit}, s, pool, watch, &l, err);
    if (rc)
        return rc;
    rc = answers_rank(&l.e, fold->questions, fold->n, mixes, 0, pool, &a, err);
    lineup_release(&l);
    if (rc)
        return rc;
    const double *values = by_ndcg100 ? a.ndcg100 : a.ndcg10;
    for (size_t k = 0; k < mixes->models; k++) {
        ret[k] = (struct fold_score){0};
        for (size_t i = 0; i < a.n; i++) {
            double value = values[k * a.n + i];
            if (isnan(value))
                continue;
            ret[k].sum += value;
            ret[k].n++;
        }
    }
    answers_release(&a);
    return 0;
}

int weight_folds_judge(const struct weight_fold *folds, size_t n_folds,
                       const struct lineup_settings *s, const struct mix *mixes, size_t n_mixes,
                       bool by_ndcg100, struct pool *pool, struct train_watch watch,
                       struct fold_score *ret, struct mq_error *err)
{
    struct contestant_mixes all = {mixes, n_mixes, NULL};
    int rc = 0;
    for (size_t f = 0; rc == 0 && f < n_folds; f++)
        rc = judge_fold(&folds[f], s, &all, by_ndcg100, pool, watch, ret + f * n_mixes, err);
    return rc;
}

size_t weight_folds_best(const struct fold_score *scores, size_t n_folds, size_t n_mixes,
                         size_t n_choices, size_t left_out)
{
    size_t best = 0;
    double top = -INFINITY;
    for (size_t k = 0; k < n_choices; k++) {
        double sum = 0; /* as many questions for each candidate */
        for (size_t f = 0; f < n_folds; f++)
            sum += f == left_out ? 0 : scores[f * n_mixes + k].sum;
        if (sum > top) {
            top = sum;
            best = k;
        }
    }
    return best;
}
