#include <inttypes.h>
#include <stdio.h>

#include "base/error.h"
#include "cli/command.h"
#include "cli/target.h"

static const struct option_spec options[] = {
    {"viewer", "ID", "whose"},
    {NULL, NULL, NULL},
};

enum { PART = 50000 }; /* events of one request */

/* In parts: there is no limit to what somebody can have done. An event that comes late meanwhile can make one stand
 * there twice; read back, it is one. */
static int print_parts(struct target *t, struct buf *path, struct mq_error *err)
{
    size_t mark = path->n;
    for (uint64_t skip = 0;; skip += PART) {
        path->n = mark;
        buf_printf(path, "?limit=%d&skip=%" PRIu64, PART, skip);
        buf_add_char(path, '\0');
        if (path->failed)
            return mq_fail(err, MQ_INVALID, "--viewer: too long");
        int rc = target_call(t, API_GET, path->p, STR_NONE, err);
        if (rc || t->reply.n == 0)
            return rc;
        if (fwrite(t->reply.p, 1, t->reply.n, stdout) != t->reply.n)
            return 0; /* nobody reads on */
    }
}

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
    int code = EXIT_DONE;
    if (target_open(a->data, false, &t, &err) != 0)
        code = cli_error(&err);
    else {
        if (print_parts(&t, &path, &err) != 0)
            code = cli_error(&err);
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
