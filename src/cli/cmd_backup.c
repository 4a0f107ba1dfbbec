#include <stdio.h>
#include <stdlib.h>

#include "base/json_writer.h"
#include "cli/simple.h"

static int run(const struct args *a)
{
    if (a->n_positions != 1)
        return cli_usage(a, "TO: give one new folder");
    /* The server may stand elsewhere. */
    char whole[4096];
    char *here = a->position[0][0] == '/' ? NULL : realpath(".", NULL);
    snprintf(whole, sizeof(whole), "%s%s%s", here ? here : "", here ? "/" : "", a->position[0]);
    free(here);
    struct buf body;
    struct json j;
    buf_init(&body, 65536);
    json_init(&j, &body);
    json_object(&j);
    json_kv_z(&j, "to", whole);
    json_object_end(&j);
    int code = simple_run(a, API_POST, "/v1/backup", buf_str(&body));
    buf_release(&body);
    return code;
}

const struct command cmd_backup = {
    .name = "backup",
    .summary = "a consistent copy of the folder while it serves",
    .positions = "TO",
    .details = "TO must not exist, or be empty. 'marquee restore' makes a folder from it.",
    .example = "  marquee backup /backups/marquee-2026-11-01",
    .run = run,
};
