/* protocol.h - what the protocols of top-N models share: choose settings, train, ask, report, write lists. */
#ifndef MQ_EVAL_PROTOCOL_H
#define MQ_EVAL_PROTOCOL_H

#include <stdio.h>

#include "eval/rating_file.h"
#include "eval/report.h"
#include "train/lineup_search.h"
#include "train/questions.h"

/* The models of a protocol, trained on all training rows. */
struct contestants {
    struct lineup_choice choice; /* made on the validation questions */
    struct lineup lineup;
};

/* Search on `v`, then train on `all` with what was found (timeline: as lineup_init). Release ret whatever comes
 * out. */
int contestants_train(const struct lineup_validation *v, const struct histories *all,
                      const struct histories *timeline, const struct eval_options *o,
                      struct pool *pool, struct contestants *ret, struct mq_error *err);
void contestants_release(struct contestants *c);

/* Which metrics a protocol reports, in this order. */
enum asked_metric { ASKED_RECALL20, ASKED_RECALL50, ASKED_NDCG100, ASKED_HR10, ASKED_NDCG10 };
struct asked_metrics {
    enum asked_metric list[REPORT_METRICS];
    size_t n;
};

/* Ask every model; metrics with intervals over viewers, coverage, Gini and recall on the tail into the report; the
 * published model's lists into o->lists. With `sampled`, the same questions among given titles, as the models'
 * sampled metrics and lists in o->lists.sampled (NULL: none). MQ_INVALID: no question. */
int contestants_judge(const struct contestants *c, const struct questions *asked,
                      const struct questions *sampled, const struct asked_metrics *metrics,
                      const struct eval_options *o, const struct id_book *book, struct pool *pool,
                      struct eval_report *ret, struct mq_error *err);

/* All rows as a matrix of ones: a repeated row counts once. */
int matrix_of_ones(const struct triples *t, const struct id_book *book, struct csr *ret,
                   struct mq_error *err);

/* Close `f` (NULL: it could not be opened) and say whether all was written. */
int file_failed(FILE *f, const char *path, struct mq_error *err);

#endif
