#include "wire/multipart.h"

bool multipart_is(struct str content_type)
{
    struct str head = {content_type.p, content_type.n < 10 ? content_type.n : 10};
    return str_eq_nocase(head, STR("multipart/"));
}

/* The value of `name=` among "; name=value; name=\"value\"", which points into `s`; empty without one. */
static struct str parameter(struct str s, const char *name)
{
    struct str want = str_of(name);
    (void)str_cut(&s, ';');
    while (s.p) {
        bool quoted = false;
        size_t end = 0;
        while (end < s.n && (quoted || s.p[end] != ';')) {
            quoted ^= s.p[end] == '"';
            end++;
        }
        struct str part = {s.p, end}, value = part;
        s = end < s.n ? (struct str){s.p + end + 1, s.n - end - 1} : STR_NONE;
        struct str key = str_trim(str_cut(&value, '='));
        if (!str_eq_nocase(key, want) || !value.p)
            continue;
        value = str_trim(value);
        if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"')
            value = (struct str){value.p + 1, value.n - 2};
        return value;
    }
    return STR_NONE;
}

static const char *find(const char *p, const char *end, struct str what)
{
    return memmem(p, (size_t)(end - p), what.p, what.n);
}

/* The part's name, from its Content-Disposition. */
static struct str part_name(struct str headers)
{
    while (headers.p) {
        struct str line = str_trim(str_cut(&headers, '\n'));
        struct str rest = line;
        struct str key = str_cut(&rest, ':');
        if (rest.p && str_eq_nocase(str_trim(key), STR("Content-Disposition")))
            return parameter(rest, "name");
    }
    return STR_NONE;
}

static int breaks_off(struct mq_error *err)
{
    return mq_fail(err, MQ_INVALID,
                   "multipart: the body breaks off before its closing boundary: send it whole");
}

int multipart_part(struct str content_type, struct str body, const char *name, struct str *ret,
                   struct mq_error *err)
{
    char storage[MULTIPART_BOUNDARY + 4] = "\r\n--";
    struct str boundary = parameter(content_type, "boundary");
    if (!multipart_is(content_type))
        return mq_fail(err, MQ_INVALID, "Content-Type: %.*s: expected multipart/form-data",
                       STR_ARG(content_type));
    if (boundary.n == 0 || boundary.n > MULTIPART_BOUNDARY)
        return mq_fail(err, MQ_INVALID, "boundary: %zu bytes: expected 1 to %d", boundary.n,
                       MULTIPART_BOUNDARY);
    memcpy(storage + 4, boundary.p, boundary.n);
    const struct str delimiter = {storage, boundary.n + 4};
    const struct str first = {storage + 2, boundary.n + 2};
    const char *end = body.p + body.n;
    const char *p = body.n > 0 ? find(body.p, end, first) : NULL;
    struct str found = STR_NONE;
    for (int i = 0; i < MULTIPART_PARTS; i++) {
        if (!p)
            return breaks_off(err);
        p += i == 0 ? first.n : delimiter.n;
        if (end - p >= 2 && p[0] == '-' && p[1] == '-')
            break;
        const char *headers = p;
        const char *data = find(p, end, STR("\r\n\r\n"));
        if (!data)
            return breaks_off(err);
        if (data - headers > MULTIPART_HEADERS)
            return mq_fail(err, MQ_INVALID, "multipart: a part's headers are over %d bytes",
                           MULTIPART_HEADERS);
        struct str head = {headers, (size_t)(data - headers)};
        data += 4;
        p = find(data - 2, end, delimiter);
        if (p && !found.p && str_eq(part_name(head), str_of(name)))
            found = (struct str){data, p > data ? (size_t)(p - data) : 0};
    }
    if (!found.p)
        return mq_fail(err, MQ_NOT_FOUND, "multipart: no part is called %s", name);
    *ret = found;
    return 0;
}
