#include <stdio.h>

#include "cli/command.h"

static int run(const struct args *a)
{
    struct mq_error err;
    if (a->n_positions != 1)
        return cli_usage(a, "FROM: give the backup's folder");
    if (mq_restore(a->position[0], a->data, &err) != 0)
        return cli_error(&err);
    if (a->json)
        puts("{\"restored\":true}");
    else
        printf("%s was made from %s\n", a->data, a->position[0]);
    return EXIT_DONE;
}

const struct command cmd_restore = {
    .name = "restore",
    .summary = "make a data folder from a backup",
    .positions = "FROM",
    .details = "The data folder must not exist, or be empty.",
    .example = "  marquee restore /backups/marquee-2026-11-01 --data new-data",
    .run = run,
};
