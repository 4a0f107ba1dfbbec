#include "strategy/season_model.h"

#include <stdlib.h>

#include "strategy/grouped_ridge.h"

int season_forecast(const struct season_task *task, struct forecast_outcome *ret,
                    struct season_choice *ret_choice, struct mq_error *err)
{
    size_t n = (size_t)task->n_train + task->n_test;
    uint64_t all = ((1ULL << SEASON_COLUMNS) - 1) & ~task->never;
    struct grouped_choice choice;
    if (task->n_train < SEASON_TRAIN_MIN)
        return mq_fail(err, MQ_INVALID,
                       "seasons: %u to learn from: give half-years with at least %d returning "
                       "seasons before the first that is forecast",
                       task->n_train, SEASON_TRAIN_MIN);
    double *x = calloc(n * (SEASON_COLUMNS + 1), sizeof(*x));
    uint32_t *show = calloc(n, sizeof(*show));
    if (!x || !show) {
        free(x);
        free(show);
        return mq_fail(err, MQ_NO_MEMORY, "seasons: no memory for %zu", n);
    }
    double *y = x + n * SEASON_COLUMNS;
    for (size_t i = 0; i < n; i++) {
        bool train = i < task->n_train;
        const struct season_sample *s =
            &task->samples[train ? task->train[i] : task->test[i - task->n_train]];
        season_columns(task->h, &task->decay, s, x + i * SEASON_COLUMNS);
        y[i] = s->actual;
        show[i] = task->h->titles[s->title].show;
    }
    struct grouped_ridge g = {.x = x,
                              .y = y,
                              .group = show,
                              .n_train = task->n_train,
                              .n_test = task->n_test,
                              .p = SEASON_COLUMNS,
                              .columns = {all & ~SEASON_WEEKLY, all},
                              .n_sets = 2,
                              .seed = task->seed};
    int rc = grouped_ridge_forecast(&g, ret, &choice, err);
    free(x);
    free(show);
    if (rc == 0 && ret_choice)
        *ret_choice = (struct season_choice){.decay = task->decay,
                                             .penalty = choice.penalty,
                                             .weekly = g.columns[choice.set] & SEASON_WEEKLY,
                                             .error = choice.error};
    return rc;
}
