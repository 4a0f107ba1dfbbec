#include <stdio.h>

#include "base/json_writer.h"
#include "cli/simple.h"

static const struct option_spec options[] = {
    {"viewer", "ID", "whose"},
    {"profiling", "on|off", "whether the history may be used"},
    {"child", "on|off", "a child's profile: used for its own page alone"},
    {"remove-title", "ID", "take this title out of the history"},
    {NULL, NULL, NULL},
};

static void start_path(struct buf *path, const char *viewer, const char *leaf)
{
    buf_init(path, 16384);
    buf_add_z(path, "/v1/viewers/");
    url_add(path, viewer);
    buf_add_z(path, leaf);
}

static int remove_title(const struct args *a, const char *viewer, const char *title)
{
    struct buf path;
    start_path(&path, viewer, "/history/");
    url_add(&path, title);
    buf_add_char(&path, '\0');
    int code = path.failed ? cli_usage(a, "--viewer, --remove-title: too long")
                           : simple_run(a, API_DELETE, path.p, STR_NONE);
    buf_release(&path);
    return code;
}

static int settings(const struct args *a, const char *viewer)
{
    static const char *const fields[] = {"profiling", "child"};
    struct buf path;
    char text[256];
    struct buf body;
    struct json j;
    bool change = false;
    buf_over(&body, text, sizeof(text));
    json_init(&j, &body);
    json_object(&j);
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        const char *value = args_get(a, fields[i]);
        if (!value)
            continue;
        if (strcmp(value, "on") != 0 && strcmp(value, "off") != 0)
            return cli_usage(a, "--%s: %s: must be on or off", fields[i], value);
        json_kv_z(&j, fields[i], value);
        change = true;
    }
    json_object_end(&j);
    start_path(&path, viewer, "/settings");
    buf_add_char(&path, '\0');
    int code = path.failed ? cli_usage(a, "--viewer: too long")
                           : simple_run(a, change ? API_PUT : API_GET, path.p,
                                        change ? buf_str(&body) : STR_NONE);
    buf_release(&path);
    return code;
}

static int run(const struct args *a)
{
    const char *viewer = args_get(a, "viewer");
    const char *title = args_get(a, "remove-title");
    if (!viewer || !viewer[0])
        return cli_usage(a, "--viewer: missing: say whose");
    if (!title)
        return settings(a, viewer);
    if (!title[0] || args_has(a, "profiling") || args_has(a, "child"))
        return cli_usage(a, "--remove-title: takes a title and stands alone");
    return remove_title(a, viewer, title);
}

const struct command cmd_settings = {
    .name = "settings",
    .summary = "what a viewer allows; take a title out of a history",
    .positions = "",
    .details =
        "In force from the next request on (docs/privacy.md). Without a change, prints what holds.",
    .example = "  marquee settings --viewer v-17 --profiling off\n"
               "  marquee settings --viewer v-17 --remove-title t-42",
    .options = options,
    .run = run,
};
