#include "wire/cloudevents.h"

#include "base/buf.h"
#include "wire/json_body.h"
#include "wire/json_envelope.h"
#include "wire/native.h"
#include "wire/native_fields.h"

/* One call of cloudevents_read. */
struct job {
    const struct cloudevents_options *o;
    const struct event_sink *sink;
    struct json_tokener *data_tok; /* of data that is text */
    struct native_scratch *scratch;
};

/* ---------------------------------------------------------------- data */

static int sextet(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* RFC 4648 with padding, into the arena; p == NULL: it is none, or no memory. */
static struct str from_base64(struct str s, struct arena *arena)
{
    size_t pad = s.n > 0 && s.p[s.n - 1] == '=' ? 1 + (s.n > 1 && s.p[s.n - 2] == '=') : 0;
    char *out = s.n % 4 == 0 ? arena_alloc(arena, s.n / 4 * 3 + 1) : NULL;
    size_t n = 0;
    unsigned bits = 0, have = 0;
    if (!out)
        return STR_NONE;
    for (size_t i = 0; i < s.n - pad; i++) {
        int v = sextet(s.p[i]);
        if (v < 0)
            return STR_NONE;
        bits = (bits << 6 | (unsigned)v) & 0xffffff;
        have += 6;
        if (have >= 8) {
            have -= 8;
            out[n++] = (char)(bits >> have & 0xff);
        }
    }
    return (struct str){out, n};
}

static int parse_data(struct job *j, struct str text, struct json_object **ret,
                      struct mq_error *err)
{
    size_t at = 0;
    int rc = json_read_value(j->data_tok, text, &at, NATIVE_EVENT_MAX, 1, ret, err);
    if (rc)
        return mq_error_prefix(err, "data");
    if (json_read_space(text, at) == text.n)
        return 0;
    json_object_put(*ret);
    *ret = NULL;
    return mq_fail(err, MQ_INVALID, "data: text behind the value: send one value");
}

/* *ret is the caller's to put. */
static int find_data(struct job *j, struct json_object *envelope, struct json_object **ret,
                     struct mq_error *err)
{
    struct json_object *data = json_member(envelope, "data");
    struct str coded = json_member_text(envelope, "data_base64");
    if (data && json_object_is_type(data, json_type_string))
        return parse_data(j, json_member_text(envelope, "data"), ret, err);
    if (data) {
        *ret = json_object_get(data);
        return 0;
    }
    if (coded.n > 0) {
        struct str plain = from_base64(coded, j->o->arena);
        if (!plain.p)
            return mq_fail(err, MQ_INVALID, "data_base64: is no base64");
        return parse_data(j, plain, ret, err);
    }
    *ret = json_object_new_object();
    return *ret ? 0 : mq_fail(err, MQ_NO_MEMORY, "data: no memory");
}

/* ---------------------------------------------------------------- the envelope */

static int required(struct json_object *envelope, const char *key, struct str *ret,
                    struct mq_error *err)
{
    *ret = json_member_text(envelope, key);
    return ret->n > 0 ? 0 : mq_fail(err, MQ_INVALID, "%s: missing: CloudEvents 1.0 needs it", key);
}

/* What the data leaves out. */
static int lend(struct json_object *data, const char *key, struct str value, struct mq_error *err)
{
    if (value.n == 0 || json_member(data, key))
        return 0;
    struct json_object *v = json_object_new_string_len(value.p, (int)value.n);
    if (v && json_object_object_add(data, key, v) == 0)
        return 0;
    json_object_put(v);
    return mq_fail(err, MQ_NO_MEMORY, "%s: no memory", key);
}

static struct str last_part(struct str type)
{
    const char *dot = memrchr(type.p, '.', type.n);
    size_t at = dot ? (size_t)(dot - type.p) + 1 : 0;
    return (struct str){type.p + at, type.n - at};
}

static int name_source(struct job *j, struct str source, struct event *e, struct mq_error *err)
{
    static const struct str prefix = {"cloudevents:", 12};
    char *p = arena_alloc(j->o->arena, prefix.n + source.n);
    if (!p)
        return mq_fail(err, MQ_NO_MEMORY, "source: no memory");
    memcpy(p, prefix.p, prefix.n);
    memcpy(p + prefix.n, source.p, source.n);
    e->source = (struct str){p, prefix.n + source.n};
    return 0;
}

static int read_event(struct job *j, struct json_object *envelope, struct json_object *data,
                      struct event *e, struct mq_error *err)
{
    struct str version, id, source, type;
    int rc = required(envelope, "specversion", &version, err);
    if (rc == 0 && !str_eq(version, STR("1.0")))
        rc = mq_fail(err, MQ_INVALID, "specversion: %.*s: only 1.0 is read", STR_ARG(version));
    if (rc == 0)
        rc = required(envelope, "id", &id, err);
    if (rc == 0)
        rc = required(envelope, "source", &source, err);
    if (rc == 0)
        rc = required(envelope, "type", &type, err);
    if (rc == 0 && !json_object_is_type(data, json_type_object))
        rc = mq_fail(err, MQ_INVALID, "data: must be an object: send a native event's fields");
    if (rc == 0)
        rc = lend(data, "kind", last_part(type), err);
    if (rc == 0)
        rc = lend(data, "viewer", json_member_text(envelope, "subject"), err);
    if (rc == 0)
        rc = lend(data, "at", json_member_text(envelope, "time"), err);
    if (rc == 0)
        rc = native_fields(data, j->o->received_ms, j->scratch, e, err);
    if (rc == 0)
        rc = name_source(j, source, e, err);
    if (rc)
        return rc;
    e->id = id;
    return event_check(e, j->o->received_ms, err);
}

static int refuse(struct job *j, const struct json_place *at, const struct mq_error *why,
                  struct mq_error *err)
{
    struct event_place place = {.index = at->index,
                                .line = json_place_line(at),
                                .raw = {at->body.p + at->from, at->to - at->from}};
    return j->sink->refused(j->sink->ctx, &place, why, err);
}

static int take(void *ctx, struct json_object *v, const struct json_place *at, struct mq_error *err)
{
    struct job *j = ctx;
    struct event e;
    struct mq_error why;
    struct json_object *data = NULL;
    int rc = v && json_object_is_type(v, json_type_object)
                 ? find_data(j, v, &data, &why)
                 : mq_fail(&why, MQ_INVALID, "event: must be an object");
    if (rc == 0)
        rc = read_event(j, v, data, &e, &why);
    if (rc)
        rc = refuse(j, at, &why, err);
    else if ((rc = event_keep(&e, j->o->arena, err)) == 0)
        rc = j->sink->event(j->sink->ctx, at->index, &e, err);
    json_object_put(data);
    return rc;
}

static int take_broken(void *ctx, const struct json_place *place, const struct mq_error *why,
                       struct mq_error *err)
{
    return refuse(ctx, place, why, err);
}

/* ---------------------------------------------------------------- binary mode */

/* A header's value; what is no percent encoding stands for itself. */
static void decode(struct str value, struct buf *out)
{
    for (size_t i = 0; i < value.n; i++) {
        bool coded = value.p[i] == '%' && i + 2 < value.n && str_hex(value.p[i + 1]) >= 0 &&
                     str_hex(value.p[i + 2]) >= 0;
        buf_add_char(out, coded ? (char)(str_hex(value.p[i + 1]) * 16 + str_hex(value.p[i + 2]))
                                : value.p[i]);
        i += coded ? 2 : 0;
    }
}

enum { VALUE_MAX = 4096, NAME_MAX_BYTES = 64 };

static int add_attribute(struct json_object *envelope, const struct cloudevents_attribute *a,
                         struct mq_error *err)
{
    char text[VALUE_MAX], name[NAME_MAX_BYTES + 1];
    struct buf b;
    if (a->name.n > NAME_MAX_BYTES || a->value.n > VALUE_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "attribute: %.*s: too long", STR_ARG(a->name));
    for (size_t i = 0; i < a->name.n; i++) {
        char c = a->name.p[i];
        name[i] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
    name[a->name.n] = '\0';
    buf_over(&b, text, sizeof(text));
    decode(a->value, &b);
    if (!str_is_utf8(buf_str(&b)))
        return mq_fail(err, MQ_INVALID, "%s: is not UTF-8", name);
    struct json_object *v = json_object_new_string_len(b.p, (int)b.n);
    if (v && json_object_object_add(envelope, name, v) == 0)
        return 0;
    json_object_put(v);
    return mq_fail(err, MQ_NO_MEMORY, "%s: no memory", name);
}

static int read_binary(struct job *j, struct str body, struct mq_error *err)
{
    struct json_object *envelope = json_object_new_object();
    struct json_object *data = NULL;
    struct json_place place = {.body = body, .to = body.n, .line = 1, .first_line = 1};
    int rc = envelope ? 0 : mq_fail(err, MQ_NO_MEMORY, "event: no memory");
    for (size_t i = 0; rc == 0 && i < j->o->n_attributes; i++)
        rc = add_attribute(envelope, &j->o->attributes[i], err);
    if (rc == 0 && str_trim(body).n > 0 && (rc = parse_data(j, body, &data, err)) == 0)
        json_object_object_add(envelope, "data", data);
    if (rc == 0)
        rc = take(j, envelope, &place, err);
    json_object_put(envelope);
    return rc;
}

int cloudevents_read(struct str body, const struct cloudevents_options *options,
                     const struct event_sink *sink, struct mq_error *err)
{
    struct job j = {.o = options,
                    .sink = sink,
                    .data_tok = json_body_tokener(NATIVE_DEPTH),
                    .scratch = ARENA_NEW(options->arena, struct native_scratch)};
    struct json_body b = {.tok = json_body_tokener(NATIVE_DEPTH),
                          .max_value = NATIVE_EVENT_MAX,
                          .max_values = options->max_events,
                          .what = "events"};
    int rc = 0;
    if (!j.data_tok || !j.scratch || !b.tok)
        rc = mq_fail(err, MQ_NO_MEMORY, "body: no memory: free some");
    else if (options->mode == CLOUDEVENTS_BINARY)
        rc = read_binary(&j, body, err);
    else
        rc = json_body_each(
            &b, body, &(struct json_body_sink){.ctx = &j, .value = take, .broken = take_broken},
            err);
    if (j.data_tok)
        json_tokener_free(j.data_tok);
    if (b.tok)
        json_tokener_free(b.tok);
    return rc;
}
