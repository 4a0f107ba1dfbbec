/* evaluate_folder.h - the rows of a data folder, for a protocol that was given no file. */
#ifndef MQ_CLI_EVALUATE_FOLDER_H
#define MQ_CLI_EVALUATE_FOLDER_H

#include "cli/target.h"
#include "eval/page_replay.h"
#include "eval/rating_file.h"

/* As target_open, in this process. MQ_CONFLICT: a server has the folder open: `instead` says what else to give. */
int evaluate_folder_open(const char *dir, const char *instead, struct target *ret,
                         struct mq_error *err);

/* Every liking of the log in `dir`. Release ret->book and ret->t whatever comes out. MQ_CONFLICT: a server has
 * the folder open (an evaluation would take its memory and cores). */
int evaluate_folder_rows(const char *dir, struct evaluated_rows *ret, struct mq_error *err);

/* All events and the titles' catalogue. Release ret and *ret_catalogue whatever comes out. */
int evaluate_folder_events(const char *dir, struct page_events *ret,
                           struct catalogue **ret_catalogue, struct mq_error *err);

/* The ratings before and since the cut, and what viewings before it say: `cut` as engine_said_and_done. Release all of
 * it whatever comes out. */
struct folder_signals {
    struct id_book book;
    struct triples rated, met, test;
    struct triples shares; /* of met's rows: raw completion */
    int64_t cut_ms;
};
int evaluate_folder_signals(const char *dir, double cut, struct folder_signals *ret,
                            struct mq_error *err);
void folder_signals_release(struct folder_signals *s);

#endif
