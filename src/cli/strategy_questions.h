/* strategy_questions.h - the strategy commands that are one request each: opportunities and what follows from them. */
#ifndef MQ_CLI_STRATEGY_QUESTIONS_H
#define MQ_CLI_STRATEGY_QUESTIONS_H

#include "cli/command.h"
#include "cli/target.h"

int run_opportunities(const struct args *a, struct target *t, struct mq_error *err);
int run_pitch(const struct args *a, struct target *t, struct mq_error *err);
int run_slate(const struct args *a, struct target *t, struct mq_error *err);
int run_ledger(const struct args *a, struct target *t, struct mq_error *err);

/* Answers for people; verbatim with `json`. Return the exit code. */
int print_opportunities(struct str answer, bool json);
int print_pitch(struct str answer, bool json);
int print_slate(struct str answer, bool json);
int print_ledger(struct str answer, bool json);

#endif
