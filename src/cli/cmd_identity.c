#include "cli/command.h"
#include "cli/print.h"
#include "cli/simple.h"

static const struct option_spec options[] = {
    {"viewer", "ID", "whose"},
    {"merge", "ID", "say that this id is the same viewer"},
    {"unmerge", "ID", "take that back"},
    {NULL, NULL, NULL},
};

static int run(const struct args *a)
{
    const char *viewer = args_get(a, "viewer");
    const char *merge = args_get(a, "merge");
    const char *unmerge = args_get(a, "unmerge");
    struct buf path;
    if (!viewer || !viewer[0])
        return cli_usage(a, "--viewer: missing: say whose");
    if (merge && unmerge)
        return cli_usage(a, "--merge and --unmerge: give one of them");
    const char *other = merge ? merge : unmerge;
    buf_init(&path, 16384);
    buf_add_z(&path, "/v1/viewers/");
    url_add(&path, viewer);
    buf_add_z(&path, "/identities");
    if (other) {
        buf_add_char(&path, '/');
        url_add(&path, other);
    }
    buf_add_char(&path, '\0');
    enum api_method method = merge ? API_PUT : unmerge ? API_DELETE : API_GET;
    int code =
        path.failed ? cli_usage(a, "--viewer: too long") : simple_run(a, method, path.p, STR_NONE);
    buf_release(&path);
    return code;
}

const struct command cmd_identity = {
    .name = "identity",
    .summary = "the ids of one viewer: list, merge, take apart",
    .positions = "",
    .details = "A merge moves nothing: events stay under the id they came with, and are read "
               "together. So it\n"
               "can be taken back exactly. An id is merged into at most one other.",
    .example = "  marquee identity --viewer u-17\n"
               "  marquee identity --viewer u-17 --merge anonymous-3",
    .options = options,
    .run = run,
};
