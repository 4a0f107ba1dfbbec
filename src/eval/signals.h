/* signals.h - what do ratings add to who rated, and the other way round?
 *
 *   implicit  iALS on which titles a viewer met, or how they watched them; ratings are not looked at
 *   completion  the same on the raw share of each title that was seen; to compare with, never published
 *   explicit  predicted ratings (train/gibbs.h, viewer and title alone); nothing else orders titles
 *   both      what validation chose: iALS that knows which titles were not liked (`weighted`), and its blend with
 *             `implicit` and the predicted ratings (`blend`) */
#ifndef MQ_EVAL_SIGNALS_H
#define MQ_EVAL_SIGNALS_H

#include "base/json_writer.h"
#include "eval/rating_file.h"
#include "eval/report.h"

enum signal_model {
    SIGNAL_POPULARITY,
    SIGNAL_EXPLICIT,
    SIGNAL_IMPLICIT,
    SIGNAL_WEIGHTED,
    SIGNAL_BLEND,
    SIGNAL_COMPLETION,
    SIGNAL_MODELS
};

struct signals_report {
    uint64_t seed;
    double seconds;
    const char *published;
    enum signal_model both; /* weighted or blend, by validation */
    uint32_t viewers, titles, judged;
    int64_t cut_ms;  /* test rows are not older; 0: of files */
    double positive; /* a test row of at least this is a target, and liked */
    struct interval ndcg[SIGNAL_MODELS], auc[SIGNAL_MODELS], auc_within[SIGNAL_MODELS];
    struct interval both_minus_implicit, implicit_minus_explicit, both_minus_explicit;
    struct interval implicit_minus_completion;
    bool has_completion;
    char settings[REPORT_SETTINGS];
};

/* Options: train, test, positive_min (0: 4), seed, threads, progress. Every train row needs a rating.
 * MQ_INVALID: no test row is a target of a viewer with a history. */
int evaluate_signals(const struct eval_options *o, struct signals_report *ret,
                     struct mq_error *err);
/* The same on rows that are there already: `rated` has ratings as weights; `met` who met what, one row per viewer and
 * title, with a weight as iALS takes it: how sure a liking is, below 0 for what was not liked (NULL: the rated rows, all
 * alike); `shares`: the raw completion of met's rows (NULL: `completion` is not measured); `test` has ratings as weights, of titles in neither of the others. Lists leave out what was rated or met. */
int evaluate_signals_rows(const struct eval_options *o, const struct id_book *book,
                          const struct triples *rated, const struct triples *met,
                          const struct triples *shares, const struct triples *test,
                          struct signals_report *ret, struct mq_error *err);
void signals_report_write(struct json *j, const struct signals_report *r);

#endif
