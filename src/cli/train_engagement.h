/* train_engagement.h - `train --only engagement`: fitted weights, their intervals, and what they are worth. */
#ifndef MQ_CLI_TRAIN_ENGAGEMENT_H
#define MQ_CLI_TRAIN_ENGAGEMENT_H

#include "cli/command.h"

int train_engagement(const struct args *a);

#endif
