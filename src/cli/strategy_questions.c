#include "cli/strategy_questions.h"

#include "base/file.h"
#include "base/json_writer.h"
#include "cli/page_file.h"
#include "cli/print.h"

enum { BODY_BYTES = 64 * 1024, FILE_MAX = 1 << 20 };

static bool add_number(const struct args *a, struct json *j, const char *option, const char *key)
{
    uint64_t v = 0;
    if (!args_has(a, option))
        return true;
    if (!args_unsigned(a, option, UINT64_MAX / 2, &v))
        return false;
    json_kv_u64(j, key, v);
    return true;
}

static void add_as_of(const struct args *a, struct json *j)
{
    if (args_has(a, "as-of"))
        json_kv_z(j, "as_of", args_get(a, "as-of"));
}

/* What all of them take. */
static bool add_common(const struct args *a, struct json *j)
{
    json_kv_bool(j, "research", args_has(a, "research"));
    add_as_of(a, j);
    return add_number(a, j, "floor", "floor") && add_number(a, j, "strata", "strata") &&
           add_number(a, j, "seed", "seed");
}

static int call(const struct args *a, struct target *t, const char *path, const struct buf *body,
                int (*print)(struct str answer, bool json), struct mq_error *err)
{
    if (body->failed)
        return cli_usage(a, "%s: a request of over %d bytes", a->position[0], BODY_BYTES);
    int rc = target_call(t, API_POST, path, buf_str(body), err);
    int code = rc ? cli_error(err) : page_file(a, a->position[0], buf_str(&t->reply));
    return code ? code : print(buf_str(&t->reply), a->json);
}

int run_opportunities(const struct args *a, struct target *t, struct mq_error *err)
{
    struct buf body;
    struct json j;
    buf_init(&body, BODY_BYTES);
    json_init(&j, &body);
    json_object(&j);
    bool ok = add_common(a, &j) && add_number(a, &j, "n", "n") &&
              add_number(a, &j, "supply", "supply") && add_number(a, &j, "shuffles", "shuffles");
    json_kv_bool(&j, "no_forecast", args_has(a, "no-forecast"));
    json_kv_bool(&j, "store", args_has(a, "store"));
    json_object_end(&j);
    int code =
        ok ? call(a, t, "/v1/strategy/opportunities", &body, print_opportunities, err) : EXIT_USAGE;
    buf_release(&body);
    return code;
}

/* `path` with an option as its parameter. */
static void add_parameter(const struct args *a, const char *option, const char *name,
                          struct buf *path)
{
    const char *value = args_get(a, option);
    if (!value)
        return;
    buf_printf(path, "%c%s=", memchr(path->p, '?', path->n) ? '&' : '?', name);
    url_add(path, value[0] ? value : "1");
}

/* A file as the body. */
static int send_file(const struct args *a, struct target *t, const struct buf *path,
                     int (*print)(struct str answer, bool json), struct mq_error *err)
{
    struct buf body;
    buf_init(&body, FILE_MAX);
    int rc = file_read(a->position[1], &body, err);
    if (rc == 0)
        rc = target_call(t, API_POST, path->p, buf_str(&body), err);
    int code = rc ? cli_error(err) : page_file(a, a->position[0], buf_str(&t->reply));
    if (code == EXIT_DONE)
        code = print(buf_str(&t->reply), a->json);
    buf_release(&body);
    return code;
}

int run_pitch(const struct args *a, struct target *t, struct mq_error *err)
{
    struct buf path;
    buf_init(&path, BODY_BYTES);
    buf_add_z(&path, "/v1/strategy/pitch");
    add_parameter(a, "at", "at", &path);
    buf_add_char(&path, '\0');
    int code = send_file(a, t, &path, print_pitch, err);
    buf_release(&path);
    return code;
}

int run_slate(const struct args *a, struct target *t, struct mq_error *err)
{
    struct buf path;
    buf_init(&path, BODY_BYTES);
    buf_add_z(&path, "/v1/strategy/slate");
    add_parameter(a, "seed", "seed", &path);
    add_parameter(a, "as-of", "as_of", &path);
    buf_add_char(&path, '\0');
    int code = send_file(a, t, &path, print_slate, err);
    buf_release(&path);
    return code;
}

int run_ledger(const struct args *a, struct target *t, struct mq_error *err)
{
    struct buf path;
    buf_init(&path, BODY_BYTES);
    buf_add_z(&path, "/v1/strategy/ledger");
    add_parameter(a, "floor", "floor", &path);
    add_parameter(a, "research", "research", &path);
    add_parameter(a, "as-of", "as_of", &path);
    buf_add_char(&path, '\0');
    int rc = target_call(t, API_GET, path.p, STR_NONE, err);
    int code = rc ? cli_error(err) : print_ledger(buf_str(&t->reply), a->json);
    buf_release(&path);
    return code;
}
