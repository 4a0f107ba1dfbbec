#include "cli/asking.h"
#include "cli/print.h"

static const struct option_spec options[] = {
    ASKING_OPTIONS,     RULE_OPTIONS, PIN_OPTION, {"n", "N", "how many titles (default 20)"},
    {NULL, NULL, NULL},
};

static int run(const struct args *a)
{
    return asking_run(a, "recommendations", print_list);
}

const struct command cmd_recommend = {
    .name = "recommend",
    .summary = "a flat list of titles for a viewer, with reasons",
    .positions = "",
    .details = "",
    .example = "  marquee recommend --viewer 1 --n 10",
    .options = options,
    .run = run,
};
