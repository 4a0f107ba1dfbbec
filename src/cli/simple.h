/* simple.h - commands that are one request and a printed object. */
#ifndef MQ_CLI_SIMPLE_H
#define MQ_CLI_SIMPLE_H

#include "cli/command.h"
#include "cli/target.h"

/* Open --data, send, print the fields. Returns the exit code. */
int simple_run(const struct args *a, enum api_method method, const char *path, struct str body);

/* The same with a printer of print.h. */
int simple_print(const struct args *a, enum api_method method, const char *path, struct str body,
                 int (*print)(struct str answer, bool json));

#endif
