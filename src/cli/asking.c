#include "cli/asking.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"

enum { PATH_BYTES = 64 * 1024, LINE_MAX_BYTES = 64 * 1024 };
enum { ROWS_MAX = 40, COLUMNS_MAX = 100, LIST_MAX = 1000 }; /* as the routes have them */

static void add_parameter(struct buf *path, const char *key, const char *value)
{
    buf_add_char(path, path->n > 0 && memchr(path->p, '?', path->n) ? '&' : '?');
    buf_add_z(path, key);
    buf_add_char(path, '=');
    url_add(path, value);
}

static const struct {
    const char *option, *parameter;
} parameters[] = {
    {"at", "at"},
    {"device", "device"},
    {"country", "country"},
    {"region", "region"},
    {"timezone", "timezone"},
    {"mood", "mood"},
    {"no-context", "no_context"},
    {"no-profiling", "no_profiling"},
    {"as-of", "as_of"},
    {"model", "model"},
    {"n", "n"},
    {"rows", "rows"},
    {"columns", "columns"},
};

void asking_rules(const struct args *a, struct buf *path)
{
    static const struct {
        const char *option, *parameter;
    } rules[] = {
        {"include", "include"}, {"exclude", "exclude"},   {"boost", "boost"},
        {"pin", "pin"},         {"language", "language"}, {"max-maturity", "max_maturity"},
        {"seen", "seen"},       {"fatigue", "fatigue"},
    };
    for (size_t i = 0; i < a->n_given; i++) {
        for (size_t k = 0; k < sizeof(rules) / sizeof(rules[0]); k++) {
            if (a->given[i].name && strcmp(a->given[i].name, rules[k].option) == 0)
                add_parameter(path, rules[k].parameter,
                              a->given[i].value ? a->given[i].value : "1");
        }
    }
}

static void begin_path(struct buf *path, const char *viewer, const char *leaf)
{
    buf_reset(path);
    buf_add_z(path, "/v1/viewers/");
    url_add(path, viewer);
    buf_add_char(path, '/');
    buf_add_z(path, leaf);
    add_parameter(path, "preview", "1"); /* whoever asks here looks at it, and is not the viewer */
}

/* What the command line says, unless the request itself does. */
static void add_options(const struct args *a, struct json_object *said, struct buf *path)
{
    for (size_t i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++) {
        const char *value = args_get(a, parameters[i].option);
        struct json_object *own = NULL;
        if (value && !(said && json_object_object_get_ex(said, parameters[i].parameter, &own)))
            add_parameter(path, parameters[i].parameter, value[0] ? value : "1");
    }
    asking_rules(a, path);
}

/* The routes read them again; here so that a bad one is wrong usage. */
static bool are_numbers(const struct args *a)
{
    uint64_t number = 0;
    return args_unsigned(a, "rows", ROWS_MAX, &number) &&
           args_unsigned(a, "columns", COLUMNS_MAX, &number) &&
           args_unsigned(a, "n", LIST_MAX, &number) &&
           args_unsigned(a, "model", UINT64_MAX, &number);
}

/* "/v1/viewers/ID/<leaf>?..." from the options and `extra` option names (n, rows, columns). */
static int asking_path(const struct args *a, const char *leaf, struct buf *path)
{
    const char *viewer = args_get(a, "viewer");
    if (!viewer || !viewer[0])
        return cli_usage(a, "--viewer: missing: say whose");
    if (!are_numbers(a))
        return EXIT_USAGE;
    begin_path(path, viewer, leaf);
    add_options(a, NULL, path);
    buf_add_char(path, '\0');
    return 0;
}

/* Tell on stderr when the folder is an archive and no --at was given. */
static void asking_note_archive(const struct args *a, struct target *t)
{
    struct mq_error err;
    if (args_has(a, "at") || args_has(a, "as-of") ||
        target_call(t, API_GET, "/v1/now", STR_NONE, &err) != 0)
        return;
    struct json_object *o = NULL;
    struct json_object *archive = NULL;
    struct json_object *now = NULL;
    buf_add_char(&t->reply, '\0');
    o = json_tokener_parse(t->reply.p);
    if (json_object_object_get_ex(o, "archive", &archive) && json_object_get_boolean(archive) &&
        json_object_object_get_ex(o, "now", &now))
        fprintf(stderr, "marquee: an archive: now is its newest event, %s (change it with --at)\n",
                json_object_get_string(now));
    json_object_put(o);
}

static int one(struct target *t, const char *path, bool json, int (*print)(struct str, bool))
{
    struct mq_error err;
    if (target_call(t, API_GET, path, STR_NONE, &err) != 0)
        return cli_error(&err);
    return print(buf_str(&t->reply), json);
}

/* A line of --requests: its fields are the routes' parameters; `at` as there. */
static int path_of_line(const struct args *a, const char *line, const char *leaf, struct buf *path,
                        struct mq_error *err)
{
    struct json_object *o = json_tokener_parse(line);
    struct json_object *viewer = NULL;
    if (!o || !json_object_is_type(o, json_type_object) ||
        !json_object_object_get_ex(o, "viewer", &viewer) || !viewer) {
        json_object_put(o);
        return mq_fail(err, MQ_INVALID, "request: %.*s: must be a JSON object with a viewer",
                       (int)(strcspn(line, "\r\n") < 60 ? strcspn(line, "\r\n") : 60), line);
    }
    begin_path(path, json_object_get_string(viewer), leaf);
    json_object_object_foreach(o, key, value)
    {
        bool list = json_object_is_type(value, json_type_array);
        size_t n = list ? json_object_array_length(value) : 1;
        for (size_t i = 0; value && i < n && strcmp(key, "viewer") != 0; i++) {
            struct json_object *one = list ? json_object_array_get_idx(value, i) : value;
            add_parameter(path, key, json_object_get_string(one));
        }
    }
    add_options(a, o, path);
    buf_add_char(path, '\0');
    json_object_put(o);
    return 0;
}

/* One answer a line, in order, as JSON whether asked for or not; a bad request's line is null, its problem is said, and
 * the exit code says so. */
static int run_requests(const struct args *a, struct target *t, const char *file, const char *leaf,
                        int (*print)(struct str, bool))
{
    FILE *f = strcmp(file, "-") == 0 ? stdin : fopen(file, "r");
    struct mq_error err;
    if (!f)
        return mq_fail(&err, MQ_NOT_FOUND, "%s: cannot be read", file), cli_error(&err);
    char *line = NULL;
    size_t cap = 0;
    int code = EXIT_DONE;
    struct buf path;
    buf_init(&path, PATH_BYTES);
    for (uint64_t number = 1; getline(&line, &cap, f) >= 0; number++) {
        if (str_trim(str_of(line)).n == 0)
            continue;
        int rc = path_of_line(a, line, leaf, &path, &err);
        if (rc == 0)
            rc = target_call(t, API_GET, path.p, STR_NONE, &err);
        if (rc == 0) {
            print(buf_str(&t->reply), true);
            continue;
        }
        fprintf(stderr, "marquee: %s:%llu: %s\n", file, (unsigned long long)number, err.text);
        puts("null");
        code = EXIT_FAILED;
    }
    buf_release(&path);
    free(line);
    if (f != stdin)
        fclose(f);
    return code;
}

int asking_run(const struct args *a, const char *leaf, int (*print)(struct str answer, bool json))
{
    struct target t;
    struct mq_error err;
    struct buf path;
    const char *requests = args_get(a, "requests");
    int code = EXIT_DONE;
    buf_init(&path, PATH_BYTES);
    if (!requests)
        code = asking_path(a, leaf, &path);
    else if (!are_numbers(a))
        code = EXIT_USAGE;
    if (code == EXIT_DONE && target_open(a->data, false, &t, &err) != 0)
        code = cli_error(&err);
    else if (code == EXIT_DONE) {
        asking_note_archive(a, &t);
        code =
            requests ? run_requests(a, &t, requests, leaf, print) : one(&t, path.p, a->json, print);
        target_close(&t);
    }
    buf_release(&path);
    return code;
}
