#include <string.h>

#include "base/json_writer.h"
#include "cli/command.h"
#include "cli/simple.h"

static const struct option_spec options[] = {
    {"share", "SHARE", "start: of the viewers, at most 0.5 (default 0.05)"},
    {"days", "N", "start: decide after so many days at the latest (default 7)"},
    {"margin", "SHARE", "start: it may lose this share of valued viewing (default 0.02)"},
    {NULL, NULL, NULL},
};

enum { BODY_MAX = 1024 };

static int start(const struct args *a)
{
    char space[BODY_MAX];
    struct buf body;
    struct json j;
    uint64_t version = 0;
    double share = 0, days = 0, margin = 0;
    if (a->n_positions != 2 || !str_to_u64(str_of(a->position[1]), &version))
        return cli_usage(a, "canary start: give one version (marquee models lists them)");
    if (!args_double(a, "share", &share) || !args_double(a, "days", &days) ||
        !args_double(a, "margin", &margin))
        return EXIT_USAGE;
    buf_over(&body, space, sizeof(space));
    json_init(&j, &body);
    json_object(&j);
    json_kv_u64(&j, "version", version);
    json_kv_double(&j, "share", share, 9);
    json_kv_double(&j, "days", days, 9);
    if (args_get(a, "margin"))
        json_kv_double(&j, "margin", margin, 9);
    json_object_end(&j);
    return simple_run(a, API_POST, "/v1/canary", buf_str(&body));
}

static int run(const struct args *a)
{
    const char *verb = a->n_positions > 0 ? a->position[0] : "status";
    if (strcmp(verb, "start") == 0)
        return start(a);
    if (a->n_positions > 1)
        return cli_usage(a, "%s: is one too many", a->position[1]);
    if (strcmp(verb, "status") == 0)
        return simple_run(a, API_GET, "/v1/canary", STR_NONE);
    if (strcmp(verb, "check") == 0)
        return simple_run(a, API_POST, "/v1/canary:check", STR_NONE);
    if (strcmp(verb, "stop") == 0)
        return simple_run(a, API_POST, "/v1/canary:stop", STR_NONE);
    return cli_usage(a, "%s: is none of start, status, check and stop", verb);
}

const struct command cmd_canary = {
    .name = "canary",
    .summary =
        "a new model before a share of the viewers first: it rolls itself back, or goes on to all",
    .positions = "start VERSION | status | check | stop",
    .details =
        "A share of the viewers gets its answers from that version, the others from the live one. "
        "What both chose and came\n"
        "to like is read from the log: back when it is less at all looks, or when it fails to "
        "answer; on to all when it is not\n"
        "less by more than the margin, or when its days are over and nothing spoke against it. "
        "`serve` checks every ten\n"
        "minutes; `check` does it now. `train --canary 0.05` starts one with what it trained "
        "(docs/models.md).",
    .example = "  marquee canary start 7 --share 0.1\n  marquee canary check\n  marquee train "
               "--canary 0.05",
    .options = options,
    .run = run,
};
