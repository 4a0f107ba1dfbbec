/* page_file.h - --html FILE: an answer as a page for a meeting, beside what the command prints. */
#ifndef MQ_CLI_PAGE_FILE_H
#define MQ_CLI_PAGE_FILE_H

#include "cli/command.h"

/* Writes the page when --html was given; kind as in report/meeting_page.h. Returns the exit code. */
int page_file(const struct args *a, const char *kind, struct str answer);

#endif
