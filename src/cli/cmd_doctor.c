#include "cli/simple.h"

static int run(const struct args *a)
{
    return simple_run(a, API_GET, "/v1/doctor", STR_NONE);
}

const struct command cmd_doctor = {
    .name = "doctor",
    .summary = "are the sources of events well?",
    .positions = "",
    .details =
        "For each source, and each version of its app, how many events come and of which kinds; "
        "and "
        "alarms: a\nkind that no longer comes, a source gone silent, positions in seconds for "
        "milliseconds. On a folder that\nno server has open, the log's last week is looked at.",
    .example = "  marquee doctor --json",
    .run = run,
};
