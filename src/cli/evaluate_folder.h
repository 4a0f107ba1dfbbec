/* evaluate_folder.h - the rows of a data folder, for a protocol that was given no file. */
#ifndef MQ_CLI_EVALUATE_FOLDER_H
#define MQ_CLI_EVALUATE_FOLDER_H

#include "eval/rating_file.h"

/* Every liking of the log in `dir`. Release ret->book and ret->t whatever comes out. MQ_CONFLICT: a server has
 * the folder open (an evaluation would take its memory and cores). */
int evaluate_folder_rows(const char *dir, struct evaluated_rows *ret, struct mq_error *err);

#endif
