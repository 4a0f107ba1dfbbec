/* strategy_seasons.h - the command that judges forecasts of coming seasons on public reports; needs no data folder. */
#ifndef MQ_CLI_STRATEGY_SEASONS_H
#define MQ_CLI_STRATEGY_SEASONS_H

#include "cli/command.h"

int run_seasons(const struct args *a);

#endif
