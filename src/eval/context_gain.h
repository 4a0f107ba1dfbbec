/* context_gain.h - does knowing the moment help, and is it the moment that helps?
 *
 * The same model three times: without context, with it, and with it shuffled among the rows of each viewer (which
 * keeps whatever a viewer's contexts say about the viewer, and breaks what they say about the moment). */
#ifndef MQ_EVAL_CONTEXT_GAIN_H
#define MQ_EVAL_CONTEXT_GAIN_H

#include "base/json_writer.h"
#include "base/pool.h"
#include "eval/context_table.h"
#include "math/bootstrap.h"

enum { WITHOUT, WITH, SHUFFLED, CONTEXT_MODELS };

/* What each case (a rating; a viewer in a context) scored: squared error, or NDCG@10. NaN: not in this part. */
struct context_cases {
    size_t n;
    uint32_t *viewer;
    uint8_t *seen; /* ratings: the viewer rated the title in training too */
    double *score[CONTEXT_MODELS];
    /* Counts: among titles that the viewer has used before, and among the others. */
    double *score_seen[CONTEXT_MODELS], *score_unseen[CONTEXT_MODELS];
};

/* gain: over the better of `without` and `shuffled`; positive is better. */
struct context_figures {
    size_t cases;
    double value[CONTEXT_MODELS];
    struct interval gain, shuffled_gain, raw_gain; /* raw: with against without */
};

struct context_part {
    const char *name; /* of the column */
    struct context_figures all, seen, unseen;
};

struct context_report {
    uint64_t seed;
    double seconds;
    const char *metric; /* rmse (lower is better) or ndcg@10 */
    const char *published;
    size_t rows;
    uint32_t viewers, titles;
    struct context_part whole, column[CONTEXT_COLUMNS];
    size_t n_columns;
};

int context_cases_init(struct context_cases *c, size_t n, bool parts, struct mq_error *err);
void context_cases_release(struct context_cases *c);

/* `use[c]`: which columns. *ret_helps: it did on rows held out of the training. */
int context_ratings(const struct context_table *t, const struct context_options *o, const bool *use,
                    struct pool *pool, struct context_cases *ret, bool *ret_helps,
                    struct mq_error *err);
int context_counts(const struct context_table *t, const struct context_options *o, const bool *use,
                   struct pool *pool, struct context_cases *ret, bool *ret_helps,
                   struct mq_error *err);

/* Codes of all columns, exchanged at random among each viewer's rows of `among` (NULL: all). ret[c] (rows), freed
 * by the caller. */
int context_shuffle(const struct context_table *t, const uint8_t *among, uint64_t seed,
                    uint32_t *ret[CONTEXT_COLUMNS], struct mq_error *err);

/* The protocol, and its report. `ret` points into `t`, which the caller releases. */
int evaluate_context(const struct context_options *o, struct context_table *t,
                     struct context_report *ret, struct mq_error *err);
void context_report_write(struct json *j, const struct context_report *r);

#endif
