#include <stdio.h>

#include "cli/simple.h"

static const struct option_spec options[] = {
    {"viewer", "ID", "who is to be forgotten"},
    {NULL, NULL, NULL},
};

static int run(const struct args *a)
{
    const char *viewer = args_get(a, "viewer");
    if (!viewer || !viewer[0])
        return cli_usage(a, "--viewer: missing: say who");
    struct buf path;
    buf_init(&path, 8192);
    buf_add_z(&path, "/v1/viewers/");
    url_add(&path, viewer);
    buf_add_char(&path, '\0');
    int code = path.failed ? cli_usage(a, "--viewer: too long")
                           : simple_run(a, API_DELETE, path.p, STR_NONE);
    buf_release(&path);
    return code;
}

const struct command cmd_erase = {
    .name = "erase",
    .summary = "forget a viewer for good, with a receipt",
    .positions = "",
    .details =
        "Removes every row about the viewer, compacts the store so that the bytes are gone, and\n"
        "scans what is left. Models hold nothing about single viewers. Backups are not touched.",
    .example = "  marquee erase --viewer v-17",
    .options = options,
    .run = run,
};
