#include <stdio.h>

#include "base/file.h"
#include "base/json_writer.h"
#include "cli/campaign_questions.h"
#include "cli/page_file.h"
#include "cli/print.h"
#include "cli/simple.h"

enum { BODY_MAX = 1 << 20, PATH_BYTES = 1024 };

static const struct option_spec options[] = {
    CAMPAIGN_OPTIONS,
    {"as-of", "TIME", "campaign plan, read: from what was known then"},
    {"html", "FILE", "campaign read: also as a page for a meeting"},
    {NULL, NULL, NULL}};

/* --title and expressions as a body; false: wrong usage, and said so. */
static bool write_body(const struct args *a, size_t first, struct buf *body)
{
    struct json j;
    uint64_t days = 28;
    uint64_t floor = 0;
    double holdout = 0.2;
    if (!args_unsigned(a, "days", 100000, &days) || !args_unsigned(a, "floor", 1000000, &floor) ||
        !args_double(a, "holdout", &holdout))
        return false;
    json_init(&j, body);
    json_object(&j);
    if (args_get(a, "name"))
        json_kv_z(&j, "name", args_get(a, "name"));
    json_kv_z(&j, "title", args_get(a, "title"));
    json_kv_double(&j, "holdout", holdout, 9);
    json_kv_u64(&j, "days", days);
    json_kv_u64(&j, "floor", floor);
    json_key(&j, STR("segments"));
    json_array(&j);
    for (size_t i = first; i < a->n_positions; i++)
        json_str(&j, str_of(a->position[i]));
    json_array_end(&j);
    json_object_end(&j);
    return true;
}

static void add_parameter(const struct args *a, const char *option, const char *name,
                          struct buf *path)
{
    if (!args_get(a, option))
        return;
    buf_add_z(path, memchr(path->p, '?', path->n) ? "&" : "?");
    buf_add_z(path, name);
    buf_add_char(path, '=');
    url_add(path, args_get(a, option));
}

/* The body is a file, or is made of the options; MQ_OK, an error, or EXIT_USAGE said already. */
static int send(const struct args *a, size_t first, const char *route,
                int (*print)(struct str answer, bool json))
{
    struct buf body, path;
    struct target t;
    struct mq_error err;
    int code = EXIT_USAGE;
    buf_init(&body, BODY_MAX);
    buf_init(&path, PATH_BYTES);
    buf_add_z(&path, route);
    bool file = args_get(a, "title") == NULL;
    if (file && a->n_positions != first + 1) {
        code = cli_usage(a, "campaign: give one file, or --title ID and expressions");
    } else if (file && file_read(a->position[first], &body, &err) != 0) {
        code = cli_error(&err);
    } else if (file || write_body(a, first, &body)) {
        if (file)
            add_parameter(a, "name", "name", &path);
        add_parameter(a, "as-of", "as_of", &path);
        buf_add_char(&path, '\0');
        if (body.failed || path.failed)
            code = cli_usage(a, "campaign: too long");
        else if (target_open(a->data, false, &t, &err) != 0)
            code = cli_error(&err);
        else {
            int rc = target_call(&t, API_POST, path.p, buf_str(&body), &err);
            code = rc ? cli_error(&err) : print(buf_str(&t.reply), a->json);
            target_close(&t);
        }
    }
    buf_release(&body);
    buf_release(&path);
    return code;
}

/* As a page as well, when that was asked for. */
static int print_reading(const struct args *a, struct str answer)
{
    int code = page_file(a, "campaign", answer);
    return code == EXIT_DONE ? print_campaign_reading(answer, a->json) : code;
}

static int print_change(const struct args *a, struct str answer)
{
    return print_campaign(answer, a->json);
}

static int about(const struct args *a, size_t first, enum api_method method, const char *verb,
                 int (*print)(const struct args *a, struct str answer))
{
    struct buf path;
    struct target t;
    struct mq_error err;
    if (a->n_positions != first + 1)
        return cli_usage(a, "campaign: give one name");
    buf_init(&path, PATH_BYTES);
    buf_add_z(&path, "/v1/campaigns/");
    url_add(&path, a->position[first]);
    buf_add_z(&path, verb);
    add_parameter(a, "as-of", "as_of", &path);
    buf_add_char(&path, '\0');
    int code = EXIT_USAGE;
    if (path.failed)
        code = cli_usage(a, "campaign: the name is too long");
    else if (target_open(a->data, false, &t, &err) != 0)
        code = cli_error(&err);
    else {
        int rc = target_call(&t, method, path.p, STR_NONE, &err);
        code = rc ? cli_error(&err) : print(a, buf_str(&t.reply));
        target_close(&t);
    }
    buf_release(&path);
    return code;
}

int campaign_run(const struct args *a, size_t first)
{
    const char *verb = a->n_positions > first ? a->position[first] : "";
    size_t rest = first + 1;
    if (args_has(a, "as-of") && strcmp(verb, "plan") != 0 && strcmp(verb, "read") != 0)
        return cli_usage(a, "--as-of: only a plan and a reading are of a past moment");
    if (strcmp(verb, "plan") == 0)
        return send(a, rest, "/v1/campaigns:plan", print_campaign_plan);
    if (strcmp(verb, "launch") == 0)
        return send(a, rest, "/v1/campaigns", print_campaign);
    if (strcmp(verb, "read") == 0)
        return about(a, rest, API_GET, "", print_reading);
    if (strcmp(verb, "stop") == 0)
        return about(a, rest, API_POST, ":stop", print_change);
    if (strcmp(verb, "list") == 0 && a->n_positions == rest)
        return simple_print(a, API_GET, "/v1/campaigns", STR_NONE, print_campaigns);
    return cli_usage(a, "campaign: say plan, launch, read, stop or list");
}

static int run(const struct args *a)
{
    return campaign_run(a, 0);
}

const struct command cmd_campaign = {
    .name = "campaign",
    .summary = "a title put before groups of viewers: whom it moves, whom not, and what came of it",
    .positions = "plan FILE | launch FILE | read NAME | stop NAME | list",
    .details =
        "FILE is JSON: {name, title, holdout, days, floor, segments: [expression, or {audience, "
        "lead: {kind, name},\n"
        "hour, device}]}; or give --title and expressions. Without segments a plan proposes some. "
        "What a plan\n"
        "answers with --json can be launched as it is.\n"
        "  plan    segments by expected uplift, what to lead with, when, on what; and whom not to "
        "target\n"
        "  launch  leads with the title on the segments' pages, but for viewers who are held out\n"
        "  read    uplift by intention to treat, with intervals that may be looked at often\n"
        "docs/campaigns.md tells how, and what it cannot know.",
    .example = "  marquee campaign plan --title t-42\n"
               "  marquee campaign plan --title t-42 --json > plan.json\n"
               "  marquee campaign launch plan.json --name spring-1\n"
               "  marquee campaign read spring-1",
    .options = options,
    .run = run,
};
