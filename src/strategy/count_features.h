/* count_features.h - what the trees see of a title: numbers made from the titles to learn from, the row itself
 * always left out.
 *
 * People, series, countries and words are encoded by the log audiences of the *other* training titles that have them,
 * shrunk towards what genre, era and country alone say. What is unknown gets the mean: nothing says that a record is missing. */
#ifndef MQ_STRATEGY_COUNT_FEATURES_H
#define MQ_STRATEGY_COUNT_FEATURES_H

#include "base/pool.h"
#include "strategy/title_tokens.h"

/* A set to learn from. What is learnt refers to all of it but the pool. */
struct count_task {
    const struct strategy_data *d;
    const struct title_tokens *tokens;
    const struct credit_source *credits;
    const uint32_t *train; /* rows, ascending; they have an audience */
    uint32_t n_train;
    const float *log_audience; /* (rows) read for train rows only */
    struct pool *pool;
    uint64_t seed;
    uint32_t forests; /* whole ones that are averaged, 0 = 3 */
};

/* The `max` training titles most like it, itself left out: their rows and likeness in (0, 1], best first.
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
uint32_t likeness_nearest(const struct likeness_index *ix, const struct seen_title *seen,
                          float *scratch, struct alike *ret, uint32_t max);

/* Linear forecasts over tokens (math/sparse_ridge.h): `base` from genre, era, country, language, kind alone; `full` from
 * everything; `people` and `words` the parts of `full` that come from them. Out of fold for train rows; what all of them
 * together say is in `b`. */
struct ridge_parts {
    float *base, *full, *people, *words; /* (rows) each, of train rows */
    float *b[2], mean[2];                /* (tokens) base, full */
};
struct ridge_said {
    float base, full, people, words;
};
int ridge_parts_make(const struct count_task *task, struct ridge_parts *ret, struct mq_error *err);
void ridge_parts_release(struct ridge_parts *p);
/* Of a title that is none of the train rows. */
struct ridge_said ridge_parts_say(const struct ridge_parts *p, const struct title_tokens *t,
                                  const struct seen_title *seen);

/* Columns of people, given each training row's residual over the base forecast. */
enum { PEOPLE_KINDS = ROLES + 1, PEOPLE_COLUMNS = 5 * PEOPLE_KINDS };
struct people_index {
    struct csr
        titles; /* (PEOPLE_KINDS * people, rows): training titles of a person in a role, last kind: any */
    const float *residual, *log_audience; /* (rows) */
    const int16_t *year;                  /* (rows) */
    uint32_t n_people;
    float mean;
};
int people_index_make(const struct count_task *task, const float *residual,
                      struct people_index *ret, struct mq_error *err);
void people_index_release(struct people_index *ix);
void people_columns(const struct people_index *ix, const struct seen_title *seen, float *ret);

/* What the columns of any title are made from. */
enum { COUNT_GENRES = 24, COUNT_COLUMNS = 13 + COUNT_GENRES + PEOPLE_COLUMNS };
struct count_features {
    struct count_task task;
    struct ridge_parts parts;
    struct people_index people;
    struct likeness_index likeness;
    float *residual;  /* (rows) over base, of train rows */
    float *token_sum; /* (tokens) of training residuals */
    uint32_t *token_n;
    uint32_t genre[COUNT_GENRES]; /* tokens: the most frequent */
    double mean;
};
int count_features_make(const struct count_task *task, struct count_features *ret,
                        struct mq_error *err);
void count_features_release(struct count_features *f);

/* One title's: the columns, and two forecasts of their own, the linear one and the mean of the ten nearest. */
struct count_row {
    float x[COUNT_COLUMNS];
    float ridge, comparables;
};
/* scratch as of likeness_nearest. Reads only: from any thread with a scratch of its own. */
void count_features_of(const struct count_features *f, const struct seen_title *seen,
                       float *scratch, struct count_row *ret);

#endif
