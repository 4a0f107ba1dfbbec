/* report.h - what a protocol found: models by name, metrics with intervals. */
#ifndef MQ_EVAL_REPORT_H
#define MQ_EVAL_REPORT_H

#include "base/json_writer.h"
#include "base/pool.h"
#include "eval/ranking.h"
#include "math/bootstrap.h"

enum { REPORT_MODELS = 8, REPORT_METRICS = 8, REPORT_SETTINGS = 160 };

struct report_metric {
    const char *name;
    struct interval value;
    struct interval gain; /* over popularity, paired by viewer; NaN for popularity itself */
};

struct report_model {
    const char *name;
    char settings[REPORT_SETTINGS]; /* as used; empty = none */
    struct report_metric metric[REPORT_METRICS];
    size_t n_metrics;
    struct report_metric sampled[REPORT_METRICS]; /* leave-one-out with negatives */
    size_t n_sampled;
};

struct eval_report {
    const char *protocol;
    uint64_t seed;
    double seconds;
    const char *published; /* chosen without the test file */
    uint32_t viewers, titles, judged;
    struct report_model model[REPORT_MODELS];
    size_t n_models;
};

struct eval_options {
    const char *train, *fold_in, *test, *negatives; /* files; NULL = none */
    const char *lists;                              /* written there */
    double positive_min;                            /* 0: every row */
    uint64_t seed;
    unsigned threads;
    double search_seconds; /* most time for choosing settings; 0 = 480 */
    bool (*progress)(void *ctx, const char *what, uint64_t done, uint64_t total);
    void *progress_ctx;
};

/* Add a metric of `model`: per-viewer values beside popularity's (NULL for popularity itself). */
int report_add(struct report_metric *list, size_t *n, const char *name, const double *values,
               const double *popularity, size_t n_viewers, uint64_t seed, struct mq_error *err);

/* {"protocol", "seed", "seconds", "published", "viewers", "titles", "judged", "models": {...}} */
void report_write(struct json *j, const struct eval_report *r);

/* The protocols of interfaces: docs/evaluation.md. */
int evaluate_strong(const struct eval_options *o, struct eval_report *ret, struct mq_error *err);
int evaluate_leave_one_out(const struct eval_options *o, struct eval_report *ret,
                           struct mq_error *err);

#endif
