#include <stdio.h>
#include <stdlib.h>

#include "base/json_writer.h"
#include "cli/command.h"
#include "cli/print.h"
#include "cli/target.h"
#include "http/render.h"

static const struct option_spec options[] = {
    {"format", "F",
     "movielens, titles, credits, viewers, events, table, segment, netflix-export, gorse, "
     "personalize, trakt, tmdb, imdb or letterboxd"},
    {"map", "MAP",
     "columns of a table: viewer=COL,title=COL,value=COL,at=COL,...; of a person's export: "
     "viewer=ID"},
    {"id", "COL", "the id column of a titles or credits table"},
    {"rejects", "FILE", "write refused rows there, with their reasons"},
    {"strict", NULL, "stop at the first bad row"},
    {NULL, NULL, NULL},
};

static int import_folder(const struct args *a, struct target *t, struct buf *out,
                         struct mq_error *err)
{
    struct progress progress;
    progress_begin(&progress);
    struct mq_import what = {.format = args_get(a, "format"),
                             .paths = a->position,
                             .n_paths = a->n_positions,
                             .map = args_get(a, "map"),
                             .id = args_get(a, "id"),
                             .rejects = args_get(a, "rejects"),
                             .strict = args_has(a, "strict"),
                             .progress = progress_show,
                             .progress_ctx = &progress};
    struct mq_import_report report;
    int rc = mq_import(t->engine, &what, &report, err);
    progress_end(&progress);
    if (rc)
        return rc;
    struct json j;
    json_init(&j, out);
    render_import(&j, &report);
    return 0;
}

/* The server reads the files itself, so their names must not depend on where we stand. */
static int import_server(const struct args *a, struct target *t, struct buf *out,
                         struct mq_error *err)
{
    struct json j;
    json_init(&j, out);
    json_object(&j);
    static const char *const keys[] = {"format", "map", "id"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (args_has(a, keys[i]))
            json_kv_z(&j, keys[i], args_get(a, keys[i]));
    }
    json_kv_bool(&j, "strict", args_has(a, "strict"));
    const char *rejects = args_get(a, "rejects");
    if (rejects && rejects[0] != '/') {
        char *here = realpath(".", NULL);
        char whole[4096];
        snprintf(whole, sizeof(whole), "%s/%s", here ? here : ".", rejects);
        free(here);
        json_kv_z(&j, "rejects", whole);
    } else if (rejects) {
        json_kv_z(&j, "rejects", rejects);
    }
    json_key(&j, STR("paths"));
    json_array(&j);
    for (size_t i = 0; i < a->n_positions; i++) {
        char *whole = realpath(a->position[i], NULL);
        json_str(&j, str_of(whole ? whole : a->position[i]));
        free(whole);
    }
    json_array_end(&j);
    json_object_end(&j);
    int rc = target_call(t, API_POST, "/v1/import", buf_str(out), err);
    buf_reset(out);
    if (rc == 0)
        buf_add_str(out, buf_str(&t->reply));
    return rc;
}

static int run(const struct args *a)
{
    struct target t;
    struct mq_error err;
    if (!args_has(a, "format"))
        return cli_usage(a,
                         "--format: missing: movielens, titles, credits, viewers, events, table, "
                         "segment, netflix-export, gorse, personalize, trakt, tmdb, imdb or "
                         "letterboxd");
    if (a->n_positions == 0)
        return cli_usage(a, "PATH: missing: say what to import");
    if (target_open(a->data, true, &t, &err) != 0)
        return cli_error(&err);
    struct buf out;
    buf_init(&out, 8 << 20);
    int rc =
        target_is_server(&t) ? import_server(a, &t, &out, &err) : import_folder(a, &t, &out, &err);
    int code = EXIT_DONE;
    if (rc)
        code = cli_error(&err);
    else
        code = print_import(buf_str(&out), a->json);
    buf_release(&out);
    target_close(&t);
    return code;
}

const struct command cmd_import = {
    .name = "import",
    .summary = "bring in ratings, titles, credits and events",
    .positions = "PATH...",
    .details =
        "  movielens  a MovieLens folder or file (100K, 1M, 20M, 25M, latest; detected)\n"
        "  titles     a table with an id column and any of title, year, kind, genres, "
        "runtime_min, ...\n"
        "  credits    a table of title id, role, billing, person, perhaps person_id\n"
        "  events     native events, one JSON object a line\n"
        "  table      any table of interactions; name its columns with --map where they are "
        "not found\n"
        "  segment    calls of Segment's or RudderStack's SDKs: one a line, an array, or batches\n"
        "  netflix-export  the folder of a Netflix personal export, or one of its files\n"
        "  gorse, personalize  their bulk tables of feedback, interactions and items\n"
        "  trakt, tmdb, imdb, letterboxd  what these sites export of one person: a file, or the "
        "folder of it\n"
        "Importing the same file again changes nothing. Rows that are refused are counted and "
        "told; "
        "the others go in,\nand the exit status is 0. --strict stops at the first and fails.",
    .example = "  marquee import --format movielens ml-latest-small\n"
               "  marquee import --format table --map viewer=user,title=item,value=stars,at=when "
               "plays.tsv",
    .options = options,
    .run = run,
};
