#include <stdio.h>

#include "cli/asking.h"
#include "cli/print.h"

static const struct option_spec options[] = {
    ASKING_OPTIONS,
    {"title", "ID", "which title"},
    {NULL, NULL, NULL},
};

static int run(const struct args *a)
{
    const char *title = args_get(a, "title");
    if (!title || !title[0])
        return cli_usage(a, "--title: missing: say which");
    if (args_has(a, "requests"))
        return cli_usage(a, "--requests: explain answers one request");
    struct buf leaf;
    buf_init(&leaf, 4096);
    buf_add_z(&leaf, "explain/");
    url_add(&leaf, title);
    buf_add_char(&leaf, '\0');
    int code =
        leaf.failed ? cli_usage(a, "--title: too long") : asking_run(a, leaf.p, print_explanation);
    buf_release(&leaf);
    return code;
}

const struct command cmd_explain = {
    .name = "explain",
    .summary = "why a viewer is shown a title, or not",
    .positions = "",
    .details = "",
    .example = "  marquee explain --viewer 1 --title 2959",
    .options = options,
    .run = run,
};
