/* viewing_cases.h - playback cases from files (wire/playback_case.h), printed as what was watched. */
#ifndef MQ_CLI_VIEWING_CASES_H
#define MQ_CLI_VIEWING_CASES_H

#include "cli/command.h"

/* A compact object a line, in the order of the files named. Returns the exit code. */
int viewing_cases_run(const struct args *a);

#endif
