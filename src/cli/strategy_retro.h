/* strategy_retro.h - the command that holds opportunities of the past against what came. */
#ifndef MQ_CLI_STRATEGY_RETRO_H
#define MQ_CLI_STRATEGY_RETRO_H

#include "cli/command.h"
#include "cli/target.h"

int run_retro_test(const struct args *a, struct target *t, struct mq_error *err);

#endif
