/* context_table.h - a table of ratings or counts with the context of each row. */
#ifndef MQ_EVAL_CONTEXT_TABLE_H
#define MQ_EVAL_CONTEXT_TABLE_H

#include "eval/rating_file.h"

enum { CONTEXT_COLUMNS = 20 };

struct context_options {
    const char *table, *viewer, *title; /* file, and column names or numbers from 1 */
    const char *rating, *count;         /* one of them */
    const char *context;                /* columns joined by commas */
    const char *missing; /* a value that means "not known", beside the empty one; or NULL */
    unsigned folds;      /* of ratings; 0 = 5 */
    uint64_t seed;
    unsigned threads;
    bool (*progress)(void *ctx, const char *what, uint64_t done, uint64_t total);
    void *progress_ctx;
};

struct context_table {
    struct id_book book;
    struct triples rows; /* weight: the rating or count */
    size_t n_columns;
    char name[CONTEXT_COLUMNS][64];
    uint32_t *code[CONTEXT_COLUMNS];  /* (rows) value of the row; `levels` = not known */
    uint32_t levels[CONTEXT_COLUMNS]; /* values there are */
};

/* MQ_INVALID: no such column, a column that is recorded after viewing (it would tell the answer), a rating or
 * count that is no number, no row; with file and line. */
int context_table_read(const struct context_options *o, struct context_table *ret,
                       struct mq_error *err);
void context_table_release(struct context_table *t);

#endif
