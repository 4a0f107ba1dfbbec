#include "http/http_message.h"

static bool refuse(struct http_refusal *r, int status, const char *why)
{
    *r = (struct http_refusal){status, why};
    return false;
}

const char *http_reason(int status)
{
    static const struct {
        int status;
        const char *text;
    } reasons[] = {
        {200, "OK"},
        {201, "Created"},
        {204, "No Content"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {413, "Content Too Large"},
        {415, "Unsupported Media Type"},
        {417, "Expectation Failed"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {503, "Service Unavailable"},
        {505, "HTTP Version Not Supported"},
        {507, "Insufficient Storage"},
    };
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (reasons[i].status == status)
            return reasons[i].text;
    }
    return "Status";
}

size_t http_head_end(struct str bytes)
{
    size_t from = 0;
    while (from + 2 <= bytes.n && bytes.p[from] == '\r' && bytes.p[from + 1] == '\n')
        from += 2;
    const char *end = from < bytes.n ? memmem(bytes.p + from, bytes.n - from, "\r\n\r\n", 4) : NULL;
    return end ? (size_t)(end - bytes.p) + 4 : 0;
}

/* RFC 9110, 5.6.2. */
static bool is_token(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!alnum && (c == 0 || !strchr("!#$%&'*+-.^_`|~", c)))
            return false;
    }
    return s.n > 0;
}

/* No control characters but tabs. */
static bool is_value(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

static bool read_target(struct str target, struct http_head *h, struct http_refusal *why)
{
    for (size_t i = 0; i < target.n; i++) {
        unsigned char c = (unsigned char)target.p[i];
        if (c <= 0x20 || c == 0x7f)
            return refuse(why, 400, "request line: control characters in the path: encode them");
    }
    /* Proxies send the whole address. */
    size_t scheme = str_starts(target, STR("http://"))    ? 7
                    : str_starts(target, STR("https://")) ? 8
                                                          : 0;
    if (scheme > 0) {
        struct str rest = {target.p + scheme, target.n - scheme};
        size_t slash = str_find(rest, '/');
        target = slash < rest.n ? (struct str){rest.p + slash, rest.n - slash} : STR("/");
    }
    if (target.n == 0 || (target.p[0] != '/' && !str_eq(target, STR("*"))))
        return refuse(why, 400, "request line: the path must begin with /");
    h->query = target;
    h->path = str_cut(&h->query, '?');
    if (!h->query.p)
        h->query = STR_NONE;
    return true;
}

static bool read_request_line(struct str line, struct http_head *h, struct http_refusal *why)
{
    struct str rest = line;
    h->method = str_cut(&rest, ' ');
    struct str target = rest.p ? str_cut(&rest, ' ') : STR_NONE;
    if (!rest.p || !is_token(h->method) || h->method.n > 32)
        return refuse(why, 400, "request line: send METHOD PATH HTTP/1.1");
    if (str_eq(rest, STR("HTTP/1.0")))
        h->http10 = true;
    else if (rest.n == 8 && str_starts(rest, STR("HTTP/")) && !str_eq(rest, STR("HTTP/1.1")))
        return refuse(why, 505, "request line: send HTTP/1.1");
    else if (!str_eq(rest, STR("HTTP/1.1")))
        return refuse(why, 400, "request line: send METHOD PATH HTTP/1.1");
    h->keep_alive = !h->http10;
    return read_target(target, h, why);
}

static bool read_length(struct str value, struct http_head *h, struct http_refusal *why)
{
    uint64_t n;
    bool digits = value.n > 0 && value.n <= 15;
    for (size_t i = 0; i < value.n && digits; i++)
        digits = value.p[i] >= '0' && value.p[i] <= '9';
    if (h->has_length || !digits || !str_to_u64(value, &n))
        return refuse(why, 400, "Content-Length: send it once, as digits");
    h->has_length = true;
    h->length = n;
    return true;
}

static void read_connection(struct str value, struct http_head *h)
{
    while (value.p) {
        struct str word = str_trim(str_cut(&value, ','));
        if (str_eq_nocase(word, STR("close")))
            h->keep_alive = false;
        else if (str_eq_nocase(word, STR("keep-alive")) && h->http10)
            h->keep_alive = true;
    }
}

static bool read_header(struct str name, struct str value, struct http_head *h,
                        struct http_refusal *why)
{
    const struct {
        struct str name;
        struct str *to;
    } kept[] = {
        {STR("authorization"), &h->authorization},
        {STR("content-type"), &h->content_type},
        {STR("content-encoding"), &h->content_encoding},
        {STR("origin"), &h->origin},
        {STR("x-request-id"), &h->request_id},
        {STR("x-api-key"), &h->api_key},
        {STR("access-control-request-method"), &h->preflight_method},
    };
    if (str_eq_nocase(name, STR("content-length")))
        return read_length(value, h, why);
    if (str_eq_nocase(name, STR("transfer-encoding"))) {
        if (h->chunked || !str_eq_nocase(value, STR("chunked")))
            return refuse(why, 501, "Transfer-Encoding: send chunked, once");
        h->chunked = true;
        return true;
    }
    if (str_eq_nocase(name, STR("host"))) {
        if (h->host.p)
            return refuse(why, 400, "Host: send it once");
        h->host = value;
        return true;
    }
    if (str_eq_nocase(name, STR("connection"))) {
        read_connection(value, h);
        return true;
    }
    if (str_eq_nocase(name, STR("expect"))) {
        if (!str_eq_nocase(value, STR("100-continue")))
            return refuse(why, 417, "Expect: only 100-continue is known");
        h->expects_continue = !h->http10;
        return true;
    }
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
        if (!str_eq_nocase(name, kept[i].name))
            continue;
        if (kept[i].to->p)
            return refuse(why, 400, "headers: one that must occur once occurs twice");
        *kept[i].to = value;
    }
    return true;
}

static bool read_headers(struct str rest, struct http_head *h, struct http_refusal *why)
{
    for (int n = 0; rest.n > 0; n++) {
        const char *end = memmem(rest.p, rest.n, "\r\n", 2);
        struct str line = {rest.p, end ? (size_t)(end - rest.p) : rest.n};
        rest = end ? (struct str){end + 2, rest.n - line.n - 2} : STR_NONE;
        if (line.n == 0)
            break;
        if (n == HTTP_HEADERS_MAX)
            return refuse(why, 431, "headers: too many: send at most 100");
        size_t colon = str_find(line, ':');
        struct str name = {line.p, colon};
        if (colon == line.n || !is_token(name))
            return refuse(why, 400, "headers: send Name: value, one a line");
        struct str value = str_trim((struct str){line.p + colon + 1, line.n - colon - 1});
        if (value.n == 0)
            value = STR("");
        if (!is_value(value))
            return refuse(why, 400, "headers: control characters in a value");
        if (!read_header(name, value, h, why))
            return false;
    }
    return true;
}

bool http_head_read(struct str head, struct http_head *ret, struct http_refusal *why)
{
    struct http_head h = {.http10 = false};
    while (head.n >= 2 && head.p[0] == '\r' && head.p[1] == '\n')
        head = (struct str){head.p + 2, head.n - 2};
    if (head.n > HTTP_HEAD_MAX)
        return refuse(why, 431, "headers: too long: send at most 16 kB");
    const char *end = head.n > 0 ? memmem(head.p, head.n, "\r\n", 2) : NULL;
    if (!end)
        return refuse(why, 400, "request line: must end in CRLF");
    struct str line = {head.p, (size_t)(end - head.p)};
    struct str rest = {end + 2, head.n - line.n - 2};
    h.lines = rest;
    if (!read_request_line(line, &h, why) || !read_headers(rest, &h, why))
        return false;
    if (!h.host.p && !h.http10)
        return refuse(why, 400, "Host: missing: send it");
    if (h.chunked && (h.has_length || h.http10))
        return refuse(why, 400, "Transfer-Encoding: not together with Content-Length or HTTP/1.0");
    *ret = h;
    return true;
}

bool http_header_next(struct str *lines, struct str *ret_name, struct str *ret_value)
{
    const char *end = lines->n > 0 ? memmem(lines->p, lines->n, "\r\n", 2) : NULL;
    if (!end || end == lines->p)
        return false;
    struct str line = {lines->p, (size_t)(end - lines->p)};
    size_t colon = str_find(line, ':');
    if (colon == line.n)
        return false;
    *lines = (struct str){end + 2, lines->n - line.n - 2};
    *ret_name = (struct str){line.p, colon};
    *ret_value = str_trim((struct str){line.p + colon + 1, line.n - colon - 1});
    return true;
}

/* ---------------------------------------------------------------- chunks */

/* "1a2b;extension" */
static bool read_size(struct str line, uint64_t *ret)
{
    uint64_t n = 0;
    size_t digits = 0;
    while (digits < line.n && str_hex(line.p[digits]) >= 0) {
        if (digits == 12)
            return false;
        n = n * 16 + (uint64_t)str_hex(line.p[digits++]);
    }
    struct str rest = str_trim((struct str){line.p + digits, line.n - digits});
    if (digits == 0 || (rest.n > 0 && rest.p[0] != ';') || !is_value(line))
        return false;
    *ret = n;
    return true;
}

/* A whole line without its CRLF; false when it is not there yet. */
static bool take_line(struct str in, size_t *at, struct str *ret)
{
    const char *from = in.p + *at;
    const char *end = in.n > *at ? memmem(from, in.n - *at, "\r\n", 2) : NULL;
    if (!end)
        return false;
    *ret = (struct str){from, (size_t)(end - from)};
    *at += ret->n + 2;
    return true;
}

static bool take_data(struct http_chunks *c, struct str in, size_t *at, struct buf *out,
                      struct http_refusal *why)
{
    size_t n = in.n - *at < c->left ? in.n - *at : (size_t)c->left;
    buf_add(out, in.p + *at, n);
    if (out->failed)
        return refuse(why, 413, "body: too large: send less at once");
    *at += n;
    c->left -= n;
    if (c->left == 0)
        c->state = CHUNK_END;
    return true;
}

bool http_chunks_read(struct http_chunks *c, struct str in, struct buf *out, size_t *ret_used,
                      struct http_refusal *why)
{
    size_t at = 0;
    struct str line;
    while (c->state != CHUNK_DONE && at < in.n) {
        if (c->state == CHUNK_DATA) {
            if (!take_data(c, in, &at, out, why))
                return false;
            continue;
        }
        if (c->state == CHUNK_END) {
            if (in.n - at < 2)
                break;
            if (in.p[at] != '\r' || in.p[at + 1] != '\n')
                return refuse(why, 400, "chunk: must end in CRLF");
            at += 2;
            c->state = CHUNK_SIZE;
            continue;
        }
        size_t max = c->state == CHUNK_SIZE ? HTTP_CHUNK_LINE_MAX : HTTP_TRAILER_MAX - c->trailer;
        size_t before = at;
        if (!take_line(in, &at, &line)) {
            if (in.n - at > max)
                return refuse(why, 400, "chunk: a line is too long");
            break;
        }
        if (line.n > max)
            return refuse(why, 400, "chunk: a line is too long");
        if (c->state == CHUNK_TRAILER) {
            c->trailer += at - before;
            c->state = line.n == 0 ? CHUNK_DONE : CHUNK_TRAILER;
            if (c->trailer > HTTP_TRAILER_MAX)
                return refuse(why, 400, "chunk: trailers are too long");
            continue;
        }
        if (!read_size(line, &c->left))
            return refuse(why, 400, "chunk: its size must be hex digits");
        if (c->left > out->max - out->n)
            return refuse(why, 413, "body: too large: send less at once");
        c->state = c->left == 0 ? CHUNK_TRAILER : CHUNK_DATA;
    }
    *ret_used = at;
    return true;
}
