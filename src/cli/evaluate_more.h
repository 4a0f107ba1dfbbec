/* evaluate_more.h - the protocols of `evaluate` that report in their own shape. */
#ifndef MQ_CLI_EVALUATE_MORE_H
#define MQ_CLI_EVALUATE_MORE_H

#include "cli/command.h"

/* Each reads its options, runs, prints. Returns an exit code. */
int evaluate_more_contest(const struct args *a);
int evaluate_more_context(const struct args *a);
int evaluate_more_follows(const struct args *a);
int evaluate_more_pages(const struct args *a);
int evaluate_more_signals(const struct args *a);

#endif
