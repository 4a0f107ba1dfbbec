/* count_features.h - what the trees see of a title: numbers made from the titles to learn from, the row itself
 * always left out.
 *
 * People, series, countries and words are encoded by the log audiences of the *other* training titles that have them,
 * shrunk towards what genre, era and country alone say. What is unknown gets the mean: nothing says that a record is missing. */
#ifndef MQ_STRATEGY_COUNT_FEATURES_H
#define MQ_STRATEGY_COUNT_FEATURES_H

#include "base/pool.h"
#include "strategy/title_tokens.h"

/* A set to learn from and a set to say something about. */
struct count_task {
    const struct strategy_data *d;
    const struct title_tokens *tokens;
    const struct credit_source *credits;
    const uint32_t *train, *test; /* rows, ascending; train rows have an audience */
    uint32_t n_train, n_test;
    const float *log_audience; /* (rows) read for train rows only */
    struct pool *pool;
    uint64_t seed;
    uint32_t forests; /* whole ones that are averaged, 0 = 3 */
    float *each;      /* NULL, or (forests, n_test) what each of them says, with the linear share */
};

struct count_features {
    uint32_t rows, cols; /* train rows, then test rows */
    float *x;            /* (rows, cols) */
    float *ridge;        /* (rows) the linear forecast: out of fold for train rows */
    float *comparables;  /* (rows) mean of the ten nearest, by likeness */
};

int count_features_make(const struct count_task *task, struct count_features *ret,
                        struct mq_error *err);
void count_features_release(struct count_features *f);

/* The `max` training titles most like `row`, the row itself left out: their rows and likeness in (0, 1], best first.
 * Returns how many. `scratch`: (rows of the tokens) zeros, zeros again afterwards. */
struct alike {
    uint32_t row;
    float likeness;
};
struct likeness_index {
    const struct title_tokens *tokens;
    const float *weight;  /* (tokens) */
    const float *length;  /* (rows) */
    const bool *is_train; /* (rows) */
};
int likeness_index_make(const struct count_task *task, struct likeness_index *ret,
                        struct mq_error *err);
void likeness_index_release(struct likeness_index *ix);
uint32_t likeness_nearest(const struct likeness_index *ix, uint32_t row, float *scratch,
                          struct alike *ret, uint32_t max);

/* Linear forecasts over tokens (math/sparse_ridge.h), out of fold for train rows, over all rows: `base` from genre, era,
 * country, language, kind alone; `full` from everything; `people` and `words` the parts of `full` that come from them. */
struct ridge_parts {
    float *base, *full, *people, *words; /* (rows) each */
};
int ridge_parts_make(const struct count_task *task, struct ridge_parts *ret, struct mq_error *err);
void ridge_parts_release(struct ridge_parts *p);

/* Columns of people for `row`, given each training row's residual over the base forecast. */
enum { PEOPLE_KINDS = ROLES + 1, PEOPLE_COLUMNS = 5 * PEOPLE_KINDS };
struct people_index {
    struct csr
        titles; /* (PEOPLE_KINDS * people, rows): training titles of a person in a role, last kind: any */
    const float *residual, *log_audience; /* (rows) */
    const int16_t *year;                  /* (rows) */
    float mean;
};
int people_index_make(const struct count_task *task, const float *residual,
                      struct people_index *ret, struct mq_error *err);
void people_index_release(struct people_index *ix);
void people_columns(const struct count_task *task, const struct people_index *ix, uint32_t row,
                    float *ret);

#endif
