/* contest.h - anybody's predictions against a quiz and a test half, as the Netflix Prize was run.
 *
 * The contest's rows (viewer, title, rating) fall into two halves by a hash of viewer, title and the contest's
 * secret seed, which nobody who predicts knows. A submission predicts all rows. The leaderboard shows the quiz half;
 * the test half decides, and is shown by closing the contest alone, so that tuning against the board gains nothing.
 *
 * A contest is a folder: CONTEST, a line with format, seed, rows' checksum and the baseline; and BOARD, a line per
 * submission: name, time, quiz RMSE, test RMSE. Both are written whole or not at all. */
#ifndef MQ_EVAL_CONTEST_H
#define MQ_EVAL_CONTEST_H

#include "base/buf.h"
#include "base/error.h"
#include "base/json_writer.h"

enum { CONTEST_NAME_MAX = 64, CONTEST_ENTRIES_MAX = 10000 };

struct contest_entry {
    char name[CONTEST_NAME_MAX];
    int64_t at_ms;
    double quiz, test;
};

struct contest_options {
    const char *folder;
    const char *ratings;     /* viewer, title, rating: the rows asked; the same file each time */
    const char *predictions; /* viewer, title, prediction; NULL: show the board */
    const char *name;        /* of the submission; NULL: "anonymous" */
    double
        baseline; /* RMSE on the quiz that others are compared with; 0: the mean of the rows asked */
    bool close;   /* show the test half too */
    uint64_t seed; /* of a new contest */
    int64_t now_ms;
};

struct contest_board {
    double baseline;
    size_t quiz_rows, test_rows;
    struct contest_entry *entry; /* best on the quiz first (closed: on the test) */
    size_t n;
    size_t latest; /* which entry was submitted now; n: none */
    bool closed;
};

/* Makes the folder's contest when there is none, scores a submission, gives the board. MQ_INVALID: a row without
 * a prediction or with two, a prediction for a row that was not asked or that is no number (with file and line),
 * ratings that are not the contest's; MQ_FULL at CONTEST_ENTRIES_MAX. */
int evaluate_contest(const struct contest_options *o, struct contest_board *ret,
                     struct mq_error *err);
void contest_board_release(struct contest_board *b);
/* Without the test half unless it is closed. */
void contest_board_write(struct json *j, const struct contest_board *b);

#endif
