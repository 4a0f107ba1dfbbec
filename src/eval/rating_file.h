/* rating_file.h - the plain files that protocols are run on: viewer, title, perhaps rating and time. */
#ifndef MQ_EVAL_RATING_FILE_H
#define MQ_EVAL_RATING_FILE_H

#include "base/intern.h"
#include "dataset/triples.h"

/* Dense numbers for the ids of all files of one evaluation, in order of first sight; ids stay as they stand
 * in the files. */
struct id_book {
    struct intern *viewers, *titles;
};

/* Rows of one source with their ids. */
struct evaluated_rows {
    struct id_book book;
    struct triples t;
};

int id_book_init(struct id_book *b, struct mq_error *err);
void id_book_release(struct id_book *b);

/* Append the file's positives to `ret`: every row, or with positive_min above 0 those whose rating is at least
 * that. Weight 1; at_ms is the row's time, or its place in the file when there are no times. Titles and
 * viewers of all rows get numbers. A bad row is MQ_INVALID with file and line: evaluation skips nothing. */
int rating_file_read(const char *path, double positive_min, struct id_book *book,
                     struct triples *ret, struct mq_error *err);

/* Append all rows with their rating as the weight, which every row must have. *ret_timed is cleared when a row
 * has no time. Else as above. */
int rating_file_read_rated(const char *path, struct id_book *book, struct triples *ret,
                           bool *ret_timed, struct mq_error *err);

/* Lines "viewer, held-out title, titles ..." in any separation; calls back with the numbers of each. Entries
 * equal to the held-out title are left out. */
typedef int negatives_visit(void *ctx, uint32_t viewer, uint32_t target, const uint32_t *titles,
                            size_t n, struct mq_error *err);
int negatives_read(const char *path, struct id_book *book, negatives_visit *visit, void *ctx,
                   struct mq_error *err);

#endif
