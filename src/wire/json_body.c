/* json_body.c - arrays are read element by element, so that a large body never becomes a large tree. */
#include "json_body.h"

/* One call of json_body_each. */
struct job {
    const struct json_body *b;
    const struct json_body_sink *sink;
    struct str body;
    size_t index;
    uint64_t first_line;
};

struct json_tokener *json_body_tokener(int depth)
{
    struct json_tokener *tok = json_tokener_new_ex(depth);
    if (tok)
        json_tokener_set_flags(tok, JSON_TOKENER_STRICT | JSON_TOKENER_ALLOW_TRAILING_CHARS);
    return tok;
}

uint64_t json_place_line(const struct json_place *place)
{
    if (place->line > 0)
        return place->line;
    return place->first_line + json_read_lines(place->body, place->from);
}

static struct json_place place_of(struct job *j, size_t from, size_t to, uint64_t line)
{
    return (struct json_place){j->index++, j->body, from, to, line, j->first_line};
}

static int room_for_one(const struct job *j, struct mq_error *err)
{
    if (j->b->max_values == 0 || j->index < j->b->max_values)
        return 0;
    return mq_fail(err, MQ_TOO_LARGE, "%s: over %zu at once: send them in parts", j->b->what,
                   j->b->max_values);
}

static int hand_over(struct job *j, struct json_object *v, size_t from, size_t to, uint64_t line,
                     struct mq_error *err)
{
    struct json_place place = place_of(j, from, to, line);
    int rc = j->sink->value(j->sink->ctx, v, &place, err);
    json_object_put(v);
    return rc;
}

/* Was the value at *at taken without a tree? Then *at is behind it, and the sink's answer is in *ret_rc. */
static bool take_quickly(struct job *j, size_t *at, int *ret_rc, struct mq_error *err)
{
    struct json_place place = {j->index, j->body, *at, *at, 0, j->first_line};
    if (!j->sink->quick || !j->sink->quick(j->sink->ctx, at, &place, ret_rc, err))
        return false;
    j->index++;
    return true;
}

/* The next value of an array, which begins at *at. */
static int element(struct job *j, size_t *at, struct mq_error *err)
{
    struct json_object *v = NULL;
    size_t from = *at;
    int rc = room_for_one(j, err);
    if (rc != 0 || take_quickly(j, at, &rc, err))
        return rc;
    rc = json_read_value(j->b->tok, j->body, at, j->b->max_value, j->first_line, &v, err);
    return rc != 0 ? rc : hand_over(j, v, from, *at, 0, err);
}

static int each_of_array(struct job *j, size_t at, struct mq_error *err)
{
    struct str body = j->body;
    at = json_read_space(body, at + 1);
    bool more = at >= body.n || body.p[at] != ']';
    while (more) {
        at = json_read_space(body, at);
        int rc = element(j, &at, err);
        if (rc != 0)
            return rc;
        at = json_read_space(body, at);
        if (at >= body.n || (body.p[at] != ',' && body.p[at] != ']'))
            return json_read_fail(body, at, j->first_line, "a ',' or ']' should stand here", err);
        more = body.p[at] == ',';
        at += more;
    }
    at = json_read_space(body, at + 1);
    return at == body.n ? 0
                        : json_read_fail(body, at, j->first_line,
                                         "text behind the array: leave it out", err);
}

/* The line [from, to) as one value. */
static int each_line(struct job *j, size_t from, size_t to, uint64_t line, struct mq_error *err)
{
    struct str text = {j->body.p + from, to - from};
    struct json_object *v = NULL;
    struct mq_error why;
    size_t at = 0;
    int rc = json_read_value(j->b->tok, text, &at, j->b->max_value, line, &v, &why);
    if (rc == 0) {
        size_t behind = json_read_space(text, at);
        if (behind == text.n)
            return hand_over(j, v, from, to, line, err);
        json_object_put(v);
        json_read_fail(text, behind, line, "text behind the value: one value a line", &why);
    }
    struct json_place place = place_of(j, from, to, line);
    return j->sink->broken(j->sink->ctx, &place, &why, err);
}

static int each_of_lines(struct job *j, size_t at, uint64_t line, struct mq_error *err)
{
    for (; at < j->body.n; line++) {
        const char *newline = memchr(j->body.p + at, '\n', j->body.n - at);
        size_t end = newline ? (size_t)(newline - j->body.p) : j->body.n;
        size_t from = json_read_space((struct str){j->body.p, end}, at);
        int rc = from < end ? room_for_one(j, err) : 0;
        if (rc == 0 && from < end)
            rc = each_line(j, from, end, line, err);
        if (rc != 0)
            return rc;
        at = end + 1;
    }
    return 0;
}

/* One value perhaps over many lines, or one a line: what stands behind the first decides. */
static int find_out(struct job *j, size_t at, struct mq_error *err)
{
    struct str body = j->body;
    struct json_object *v = NULL;
    struct mq_error why;
    size_t from = at;
    uint64_t line = j->first_line + json_read_lines(body, from);
    bool lines = memmem(body.p + from, body.n - from, "\n{", 2) != NULL;
    int rc = json_read_value(j->b->tok, body, &at, j->b->max_value, j->first_line, &v, &why);
    if (rc != 0 && lines && why.status != MQ_NO_MEMORY)
        return each_of_lines(j, from, line, err);
    if (rc != 0)
        return mq_fail(err, why.status, "%s", why.text);
    const char *newline = memchr(body.p + at, '\n', body.n - at);
    size_t end = newline ? (size_t)(newline - body.p) : body.n;
    size_t behind = json_read_space((struct str){body.p, end}, at);
    if (behind < end) {
        json_object_put(v);
        if (lines)
            return each_of_lines(j, from, line, err);
        return json_read_fail(body, behind, j->first_line,
                              "text behind the value: put values into an array or one a line", err);
    }
    rc = hand_over(j, v, from, at, line, err);
    if (rc != 0 || end == body.n)
        return rc;
    return each_of_lines(j, end + 1, j->first_line + json_read_lines(body, end + 1), err);
}

int json_body_each(const struct json_body *b, struct str body, const struct json_body_sink *sink,
                   struct mq_error *err)
{
    struct job j = {b, sink, body, 0, b->first_line ? b->first_line : 1};
    size_t at = body.n >= 3 && memcmp(body.p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    at = json_read_space(body, at);
    if (at >= body.n)
        return mq_fail(err, MQ_INVALID, "body: empty: send one of the %s, an array, or one a line",
                       b->what);
    if (b->lines)
        return each_of_lines(&j, at, j.first_line + json_read_lines(body, at), err);
    return body.p[at] == '[' ? each_of_array(&j, at, err) : find_out(&j, at, err);
}
