#include <stdio.h>

#include "base/json_writer.h"
#include "cli/print.h"
#include "cli/simple.h"

static const struct option_spec options[] = {
    {"role", "ROLE", "ingest, read, analyst or admin; each may do what those before it may"},
    {"viewer", "ID", "bind a read key to this viewer"},
    {"label", "TEXT", "what it is for"},
    {"days", "N", "it expires after so many days (default never)"},
    {NULL, NULL, NULL},
};

/* The one command here that may make a folder: keys come before the first serve. */
static int create(const struct args *a)
{
    static const char *const fields[] = {"role", "viewer", "label"};
    struct target t;
    struct mq_error err;
    struct buf body;
    struct json j;
    double days = 0;
    if (!args_double(a, "days", &days))
        return EXIT_USAGE;
    if (!args_get(a, "role"))
        return cli_usage(a, "--role: missing: ingest, read, analyst or admin");
    if (target_open(a->data, true, &t, &err) != 0)
        return cli_error(&err);
    buf_init(&body, 64 * 1024);
    json_init(&j, &body);
    json_object(&j);
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (args_get(a, fields[i]))
            json_kv_z(&j, fields[i], args_get(a, fields[i]));
    }
    if (days != 0)
        json_kv_double(&j, "days", days, 9);
    json_object_end(&j);
    int code = target_call(&t, API_POST, "/v1/keys", buf_str(&body), &err) != 0
                   ? cli_error(&err)
                   : print_fields(buf_str(&t.reply), a->json);
    if (code == EXIT_DONE && !a->json)
        fputs("marquee: keep the key now: it is not shown again\n", stderr);
    buf_release(&body);
    target_close(&t);
    return code;
}

static int revoke(const struct args *a, const char *id)
{
    struct buf path;
    buf_init(&path, 4096);
    buf_add_z(&path, "/v1/keys/");
    url_add(&path, id);
    buf_add_char(&path, '\0');
    int code =
        path.failed ? cli_usage(a, "ID: too long") : simple_run(a, API_DELETE, path.p, STR_NONE);
    buf_release(&path);
    return code;
}

static int run(const struct args *a)
{
    const char *verb = a->n_positions > 0 ? a->position[0] : "";
    if (strcmp(verb, "create") == 0 && a->n_positions == 1)
        return create(a);
    if (strcmp(verb, "list") == 0 && a->n_positions == 1)
        return simple_run(a, API_GET, "/v1/keys", STR_NONE);
    if (strcmp(verb, "revoke") == 0 && a->n_positions == 2)
        return revoke(a, a->position[1]);
    return cli_usage(a, "keys: say create --role R, list, or revoke ID");
}

const struct command cmd_keys = {
    .name = "keys",
    .summary = "make, list and revoke keys of the server",
    .positions = "create|list|revoke [ID]",
    .details = "ingest   may send events\n"
               "read     also pages, lists and reasons; with --viewer of that viewer only\n"
               "analyst  also numbers, models and viewers' ids\n"
               "admin    everything\n"
               "Changes hold at once, also for a server that runs.",
    .example = "  marquee keys create --role ingest --label player\n  marquee keys list\n"
               "  marquee keys revoke 1f0c63a97be2d405",
    .options = options,
    .run = run,
};
