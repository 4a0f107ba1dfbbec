/* audience_retention.h - "audience retention --title ID": a title's retention, printed. */
#ifndef MQ_CLI_AUDIENCE_RETENTION_H
#define MQ_CLI_AUDIENCE_RETENTION_H

#include "cli/command.h"

int audience_retention(const struct args *a);

#endif
