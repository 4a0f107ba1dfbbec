#include "cli/simple.h"

static int run(const struct args *a)
{
    return simple_run(a, API_GET, "/v1/stats", STR_NONE);
}

const struct command cmd_stats = {
    .name = "stats",
    .summary = "how much of what the folder holds",
    .positions = "",
    .details = "",
    .example = "  marquee stats --json",
    .run = run,
};
