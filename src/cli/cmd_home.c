#include "cli/asking.h"
#include "cli/print.h"

static const struct option_spec options[] = {
    ASKING_OPTIONS,
    RULE_OPTIONS,
    PIN_OPTION,
    {"rows", "N", "at most so many rows (default 8; on a tablet 6, on a phone 5)"},
    {"columns", "N", "at most so many titles a row (default 20; on a tablet 15, on a phone 10)"},
    {NULL, NULL, NULL},
};

static int run(const struct args *a)
{
    return asking_run(a, "home", print_page);
}

const struct command cmd_home = {
    .name = "home",
    .summary = "a viewer's home page, with reasons",
    .positions = "",
    .details = "",
    .example = "  marquee home --viewer 1 --device tv --country GB --columns 5",
    .options = options,
    .run = run,
};
