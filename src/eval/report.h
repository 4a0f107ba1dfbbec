/* report.h - what a protocol found: models by name, metrics with intervals. */
#ifndef MQ_EVAL_REPORT_H
#define MQ_EVAL_REPORT_H

#include "base/json_writer.h"
#include "base/pool.h"
#include "math/bootstrap.h"
#include "train/ensemble_fit.h"

enum { REPORT_MODELS = 8, REPORT_METRICS = 8, REPORT_SETTINGS = 1024, REPORT_FACTS = 6 };

struct report_metric {
    const char *name;
    struct interval value;
    struct interval gain; /* over popularity, paired by viewer; NaN for popularity itself */
    struct interval
        over_second; /* over the report's second baseline; NaN for it and for popularity */
};

/* Beside accuracy; see spread.h. */
struct report_spread {
    double coverage, gini, tail_recall20;
};

struct report_model {
    const char *name;
    char settings[REPORT_SETTINGS]; /* as used; empty = none */
    struct report_metric metric[REPORT_METRICS];
    size_t n_metrics;
    struct report_metric sampled[REPORT_METRICS]; /* leave-one-out with negatives */
    size_t n_sampled;
    struct report_fact {
        const char *name;
        double value;
    } fact[REPORT_FACTS]; /* further numbers, without an interval */
    size_t n_facts;
    struct report_spread spread;
};

/* Time-split: what of the test was asked, and what not. */
struct report_events {
    uint64_t events, few, seen, no_gap;
    int64_t cut_ms; /* the first event that is predicted */
    int64_t gap_ms;
};

struct eval_report {
    const char *protocol;
    uint64_t seed;
    double seconds;
    const char *published;         /* chosen without the test file */
    const char *published_sampled; /* the same for lists among negatives; NULL: there are none */
    const char *second;            /* the second baseline; NULL: item_knn */
    bool complete;                 /* the search for settings was not cut off by its budget */
    struct report_events events;   /* cut_ms 0: no such protocol */
    uint32_t viewers, titles, judged;
    struct report_model model[REPORT_MODELS];
    size_t n_models;
};

struct eval_options {
    const char *train, *fold_in, *test, *negatives; /* files; NULL = none */
    const char *lists;                              /* written there */
    const char *titles, *credits, *id;   /* ratings, new-titles: what is known of titles */
    const char *predictions, *intervals; /* ratings: written there */
    const char *state;                   /* ratings: sampling goes on from there */
    unsigned rank, samples;              /* ratings: 0 = by the number of rows */
    const char *ratings;                 /* time-split, new-titles: all rows */
    struct evaluated_rows *rows;         /* time-split: instead of a file; NULL = none */
    double cut;                          /* share of events that are predicted; 0 = 0.1 */
    int64_t gap_ms;                      /* above 0: only events after such a gap */
    double positive_min;                 /* 0: every row */
    uint64_t seed;
    unsigned threads;
    double search_seconds; /* most time for choosing settings; 0 = LINEUP_SECONDS */
    bool (*progress)(void *ctx, const char *what, uint64_t done, uint64_t total);
    void *progress_ctx;
};

/* Values of a metric, question by question (those of one viewer stand together), beside the baselines'. */
struct report_sample {
    const double *values, *popularity, *second; /* NULL: it is that itself */
    const struct question *questions;
    size_t n;
};

/* Add a metric: mean over questions, intervals by resampling viewers with all their questions. */
int report_add(struct report_metric *list, size_t *n, const char *name,
               const struct report_sample *s, uint64_t seed, struct mq_error *err);

/* A number under key + suffix; null when it is not finite. */
void report_number(struct json *j, const char *key, const char *suffix, double v);
/* key, key_low, key_high. */
void report_interval(struct json *j, const char *key, const struct interval *v);
/* key: {"mean", "low", "high"} */
void report_interval_object(struct json *j, const char *key, const struct interval *v);

/* {"protocol", "seed", "seconds", "published", "viewers", "titles", "judged", "models": {...}} */
void report_write(struct json *j, const struct eval_report *r);

/* The protocols of interfaces: docs/evaluation.md. */
int evaluate_strong(const struct eval_options *o, struct eval_report *ret, struct mq_error *err);
int evaluate_leave_one_out(const struct eval_options *o, struct eval_report *ret,
                           struct mq_error *err);
int evaluate_time_split(const struct eval_options *o, struct eval_report *ret,
                        struct mq_error *err);
int evaluate_new_titles(const struct eval_options *o, struct eval_report *ret,
                        struct mq_error *err);
int evaluate_ratings(const struct eval_options *o, struct eval_report *ret, struct mq_error *err);

#endif
