/* protocol.h - what the protocols share: train the models with chosen settings, judge them, write the lists. */
#ifndef MQ_EVAL_PROTOCOL_H
#define MQ_EVAL_PROTOCOL_H

#include <stdio.h>

#include "eval/rating_file.h"
#include "eval/report.h"
#include "eval/settings_search.h"

/* The models of a protocol, trained on all training rows. */
struct contestants {
    struct model model; /* factors and popularity in one */
    struct search_result search;
    bool taste_published; /* it won on validation; else popularity */
};

/* Search on `v`, then train on `all` with what was found. */
int contestants_train(const struct validation *v, const struct csr *all,
                      const struct eval_options *o, struct pool *pool, struct contestants *ret,
                      struct mq_error *err);

/* Rank the cases by both models; report metrics and, when asked for, write the published one's lists. */
struct judged {
    struct ranking popularity, taste;
};
int contestants_judge(const struct contestants *c, const struct ranking_cases *cases,
                      struct pool *pool, struct judged *ret, struct mq_error *err);
void judged_release(struct judged *j);

/* Both models' metrics, as `fill` takes them from a ranking (beside popularity's; NULL for popularity itself), into
 * the report; and the published one's lists, when asked for. */
typedef int judged_fill(const struct ranking *r, const struct ranking *popularity, uint64_t seed,
                        struct report_model *ret, struct mq_error *err);
int judged_report(const struct judged *j, const struct contestants *c, const struct eval_options *o,
                  const struct id_book *book, judged_fill *fill, struct eval_report *ret,
                  struct mq_error *err);

void describe_settings(const struct contestants *c, char to[REPORT_SETTINGS]);

/* All rows as a matrix of ones: a repeated row counts once. */
int matrix_of_ones(const struct triples *t, const struct id_book *book, struct csr *ret,
                   struct mq_error *err);

/* Lines "viewer, rank from 1, title, score", tab-separated, `depth` a viewer. */
int lists_write(const char *path, const struct ranking *r, const struct id_book *book,
                struct mq_error *err);

/* Close `f` (NULL: it could not be opened) and say whether all was written. */
int file_failed(FILE *f, const char *path, struct mq_error *err);

#endif
