#include "http/call.h"

#include "base/clock.h"

/* Decoded and terminated, in the arena. `what` is for messages. */
static int decode(const char *what, struct str s, bool plus_is_space, struct arena *arena,
                  char **ret, size_t *ret_n, struct mq_error *err)
{
    char *out = arena_alloc(arena, s.n + 1);
    if (!out)
        return mq_fail(err, MQ_NO_MEMORY, "%s: %zu bytes: no memory", what, s.n);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '%') {
            out[n++] = plus_is_space && s.p[i] == '+' ? ' ' : s.p[i];
            continue;
        }
        int high = i + 2 < s.n ? str_hex(s.p[i + 1]) : -1;
        int low = i + 2 < s.n ? str_hex(s.p[i + 2]) : -1;
        if (high < 0 || low < 0)
            return mq_fail(err, MQ_INVALID, "%s: %.*s: a percent sign needs two hex digits", what,
                           (int)(s.n - i < 80 ? s.n - i : 80), s.p + i);
        out[n++] = (char)(high * 16 + low);
        i += 2;
    }
    out[n] = '\0';
    *ret = out;
    *ret_n = n;
    struct str text = {out, n};
    if (!str_is_utf8(text) || str_has_control(text))
        return mq_fail(err, MQ_INVALID, "%s: %.*s: must be UTF-8 without control characters", what,
                       (int)(n < 80 ? n : 80), out);
    return 0;
}

int route_path_read(struct str path, struct arena *arena, struct route_path *ret,
                    struct mq_error *err)
{
    struct route_path r = {.n = 0};
    if (path.n == 0 || path.p[0] != '/')
        return mq_fail(err, MQ_INVALID, "path: %.*s: must begin with /",
                       (int)(path.n < 80 ? path.n : 80), path.p ? path.p : "");
    struct str rest = {path.p + 1, path.n - 1};
    while (rest.p) {
        struct str part = str_cut(&rest, '/');
        if (r.n == ROUTE_SEGMENTS)
            return mq_fail(err, MQ_NOT_FOUND, "path: more than %d parts: see /openapi.json",
                           ROUTE_SEGMENTS);
        if (part.n > ROUTE_NAME_MAX)
            return mq_fail(err, MQ_TOO_LARGE, "path: a part of %zu bytes: at most %d are allowed",
                           part.n, ROUTE_NAME_MAX);
        int rc = decode("path", part, false, arena, &r.segment[r.n].p, &r.segment[r.n].n, err);
        if (rc)
            return rc;
        r.n++;
    }
    *ret = r;
    return 0;
}

/* Where "+" is a sign and not a space. */
static bool has_plus(struct str key)
{
    return str_eq(key, STR("at")) || str_eq(key, STR("as_of")) || str_eq(key, STR("timezone")) ||
           str_eq(key, STR("offset_min"));
}

int call_take_query(struct call *c, struct mq_error *err)
{
    struct str rest = c->q->query;
    if (rest.n > QUERY_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "query: %zu bytes: at most %d are allowed", rest.n,
                       QUERY_MAX);
    if (rest.n == 0)
        return 0;
    while (rest.p) {
        struct str value = str_cut(&rest, '&');
        if (value.n == 0)
            continue;
        struct str key = str_cut(&value, '=');
        if (c->n_parameters == QUERY_PARAMETERS)
            return mq_fail(err, MQ_TOO_LARGE, "query: more than %d parameters", QUERY_PARAMETERS);
        char *name = NULL;
        size_t n = 0;
        int rc = decode("query", key, true, c->arena, &name, &n, err);
        if (rc)
            return rc;
        key = (struct str){name, n};
        char *text = name + n; /* its NUL: a parameter without a value */
        if (value.p)
            rc = decode("query", value, !has_plus(key), c->arena, &text, &n, err);
        if (rc)
            return rc;
        c->parameter[c->n_parameters].key = key;
        c->parameter[c->n_parameters++].value = text;
    }
    return 0;
}

const char *call_parameter(const struct call *c, const char *name)
{
    for (size_t i = c->n_parameters; i > 0; i--) {
        if (str_eq(c->parameter[i - 1].key, str_of(name)))
            return c->parameter[i - 1].value;
    }
    return NULL;
}

int call_unsigned(const struct call *c, const char *name, uint64_t max, uint64_t *ret,
                  struct mq_error *err)
{
    const char *text = call_parameter(c, name);
    uint64_t v;
    if (!text)
        return 0;
    if (!str_to_u64(str_of(text), &v) || v > max)
        return mq_fail(err, MQ_INVALID, "%s: %.80s: give a whole number up to %llu", name, text,
                       (unsigned long long)max);
    *ret = v;
    return 0;
}

int call_flag(const struct call *c, const char *name, bool *ret, struct mq_error *err)
{
    const char *text = call_parameter(c, name);
    if (!text)
        return 0;
    struct str s = str_of(text);
    if (s.n == 0 || str_eq(s, STR("1")) || str_eq_nocase(s, STR("true")))
        *ret = true;
    else if (str_eq(s, STR("0")) || str_eq_nocase(s, STR("false")))
        *ret = false;
    else
        return mq_fail(err, MQ_INVALID, "%s: %.80s: give true or false", name, text);
    return 0;
}

int call_time(const struct call *c, const char *name, int64_t *ret_ms, struct mq_error *err)
{
    const char *text = call_parameter(c, name);
    if (!text || time_asked(str_of(text), ret_ms))
        return 0;
    return mq_fail(err, MQ_INVALID, "%s: %.80s: give a time as 2026-03-01T21:00:00Z", name, text);
}

bool call_progress(void *api, const char *what, uint64_t done, uint64_t total)
{
    (void)what;
    (void)done;
    (void)total;
    return !api_is_stopping(api);
}

int call_as_of(const struct call *c, int64_t *ret_ms, uint64_t *ret_seq, struct mq_error *err)
{
    const char *text = call_parameter(c, "as_of");
    if (!text)
        return 0;
    if (text[0] != '@')
        return call_time(c, "as_of", ret_ms, err);
    if (!str_to_u64(str_of(text + 1), ret_seq) || *ret_seq == 0)
        return mq_fail(err, MQ_INVALID, "as_of: %.40s: give a position in the log, as @1000", text);
    return 0;
}
