#include <stdio.h>

#include "cli/command.h"
#include "cli/print.h"
#include "cli/target.h"

static int run(const struct args *a)
{
    struct target t;
    struct mq_error err;
    if (target_open(a->data, false, &t, &err) != 0)
        return cli_error(&err);
    int rc = target_call(&t, API_POST, "/v1/check", STR_NONE, &err);
    int code = rc ? cli_error(&err) : print_fields(buf_str(&t.reply), a->json);
    /* Faults are an answer of the check, and a failure for whoever runs it in a script. */
    if (code == EXIT_DONE && memmem(t.reply.p, t.reply.n, "\"sound\":false", 13))
        code = EXIT_FAILED;
    target_close(&t);
    return code;
}

const struct command cmd_check = {
    .name = "check",
    .summary = "read everything and check what must hold",
    .positions = "",
    .details = "Exit 0: sound. Exit 1: a fault, the first one is shown.",
    .example = "  marquee check",
    .run = run,
};
