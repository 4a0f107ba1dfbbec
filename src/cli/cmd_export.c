#include <stdio.h>

#include "cli/command.h"
#include "cli/target.h"

static const struct option_spec options[] = {
    {"viewer", "ID", "whose"},
    {NULL, NULL, NULL},
};

static int run(const struct args *a)
{
    struct target t;
    struct mq_error err;
    const char *viewer = args_get(a, "viewer");
    if (!viewer || !viewer[0])
        return cli_usage(a, "--viewer: missing: say whose");
    struct buf path;
    buf_init(&path, 8192);
    buf_add_z(&path, "/v1/viewers/");
    url_add(&path, viewer);
    buf_add_z(&path, "/export");
    buf_add_char(&path, '\0');
    int code = EXIT_DONE;
    if (path.failed)
        code = cli_usage(a, "--viewer: too long");
    else if (target_open(a->data, false, &t, &err) != 0)
        code = cli_error(&err);
    else {
        if (target_call(&t, API_GET, path.p, STR_NONE, &err) != 0)
            code = cli_error(&err);
        else
            fwrite(t.reply.p, 1, t.reply.n, stdout);
        target_close(&t);
    }
    buf_release(&path);
    return code;
}

const struct command cmd_export = {
    .name = "export",
    .summary = "everything stored about a viewer, as native events",
    .positions = "",
    .details = "One JSON object a line; 'marquee import --format events' reads it back.",
    .example = "  marquee export --viewer v-17 > v-17.ndjson",
    .options = options,
    .run = run,
};
