#include "base/json_writer.h"

#include <assert.h>
#include <math.h>

#include "base/clock.h"
#include "base/json_double.h"

void json_init(struct json *j, struct buf *out)
{
    *j = (struct json){.out = out};
}

/* Append where the room is usually there already. */
static inline void put(struct buf *b, const char *p, size_t n)
{
    if (b->failed || b->cap - b->n < n) {
        buf_add(b, p, n);
        return;
    }
    memcpy(b->p + b->n, p, n);
    b->n += n;
}

static inline void put_char(struct buf *b, char c)
{
    put(b, &c, 1);
}

/* The bit of the innermost container; 0 outside of all. */
static inline uint32_t level(const struct json *j)
{
    return j->depth ? UINT32_C(1) << (j->depth - 1) : 0;
}

static inline void comma(struct json *j)
{
    uint32_t bit = level(j);
    if (j->comma & bit)
        put_char(j->out, ',');
    j->comma |= bit;
}

/* Before every value: its comma, unless its key wrote that. */
static inline void begin(struct json *j)
{
    if (j->keyed) {
        j->keyed = false;
        return;
    }
    assert(!(j->object & level(j)) && "a value in an object needs a key");
    comma(j);
}

static void open_container(struct json *j, bool object)
{
    begin(j);
    assert(j->depth < JSON_DEPTH);
    j->depth++;
    uint32_t bit = level(j);
    j->comma &= ~bit;
    j->object = object ? j->object | bit : j->object & ~bit;
    put_char(j->out, object ? '{' : '[');
}

static void close_container(struct json *j, bool object)
{
    assert(j->depth > 0 && !j->keyed && object == ((j->object & level(j)) != 0));
    j->depth--;
    put_char(j->out, object ? '}' : ']');
}

void json_object(struct json *j)
{
    open_container(j, true);
}

void json_object_end(struct json *j)
{
    close_container(j, true);
}

void json_array(struct json *j)
{
    open_container(j, false);
}

void json_array_end(struct json *j)
{
    close_container(j, false);
}

/* ASCII that stands for itself: not a control character, not one of "\< */
static inline bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '<';
}

#define ONES UINT64_C(0x0101010101010101)
#define HIGHS UINT64_C(0x8080808080808080)

/* High bits where a byte of x is 0 (and maybe above the first such byte). */
static inline uint64_t zero_bytes(uint64_t x)
{
    return (x - ONES) & ~x & HIGHS;
}

static inline bool eight_plain(const char *p)
{
    uint64_t x;
    memcpy(&x, p, sizeof(x));
    uint64_t low = (x - ONES * 0x20) & HIGHS;
    return ((x & HIGHS) | low | zero_bytes(x ^ ONES * '"') | zero_bytes(x ^ ONES * '\\') |
            zero_bytes(x ^ ONES * '<') | zero_bytes(x ^ ONES * 0x7f)) == 0;
}

/* How many bytes from `at` on may be copied as they are. */
static inline size_t plain_run(struct str s, size_t at)
{
    size_t i = at;
    for (;;) {
        while (s.n - i >= 8 && eight_plain(s.p + i))
            i += 8;
        size_t stop = s.n - i < 8 ? s.n : i + 8;
        while (i < stop && is_plain((unsigned char)s.p[i]))
            i++;
        if (i == stop && i < s.n)
            continue;
        size_t width = i < s.n && (unsigned char)s.p[i] >= 0x80 ? str_utf8_width(s, i) : 0;
        if (width == 0)
            return i - at;
        i += width;
    }
}

static void put_escape(struct buf *b, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    static const char short_forms[32] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    if (c >= 0x80) {
        put(b, "\xef\xbf\xbd", 3);
    } else if (c == '"' || c == '\\') {
        put(b, (char[]){'\\', (char)c}, 2);
    } else if (c < 0x20 && short_forms[c]) {
        put(b, (char[]){'\\', short_forms[c]}, 2);
    } else {
        put(b, (char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
    }
}

static void put_quoted(struct buf *b, struct str s)
{
    put_char(b, '"');
    for (size_t i = 0; i < s.n;) {
        size_t run = plain_run(s, i);
        if (run)
            put(b, s.p + i, run);
        i += run;
        if (i < s.n)
            put_escape(b, (unsigned char)s.p[i++]);
    }
    put_char(b, '"');
}

void json_key(struct json *j, struct str key)
{
    assert((j->object & level(j)) && !j->keyed);
    comma(j);
    put_quoted(j->out, key);
    put_char(j->out, ':');
    j->keyed = true;
}

void json_ready_key(struct json *j, struct str key)
{
    assert((j->object & level(j)) && !j->keyed);
    comma(j);
    put(j->out, key.p, key.n);
    j->keyed = true;
}

void json_str(struct json *j, struct str s)
{
    begin(j);
    put_quoted(j->out, s);
}

void json_i64(struct json *j, int64_t v)
{
    begin(j);
    buf_add_i64(j->out, v);
}

void json_u64(struct json *j, uint64_t v)
{
    begin(j);
    buf_add_u64(j->out, v);
}

void json_double(struct json *j, double v, int digits)
{
    if (!isfinite(v)) {
        json_null(j);
        return;
    }
    begin(j);
    char text[JSON_DOUBLE_TEXT];
    size_t n = json_double_text(text, v, digits);
    put(j->out, text, n);
}

void json_bool(struct json *j, bool v)
{
    begin(j);
    put(j->out, v ? "true" : "false", v ? 4 : 5);
}

void json_null(struct json *j)
{
    begin(j);
    put(j->out, "null", 4);
}

void json_raw(struct json *j, struct str text)
{
    begin(j);
    buf_add_str(j->out, text);
}

void json_kv_str(struct json *j, const char *key, struct str s)
{
    json_key(j, str_of(key));
    json_str(j, s);
}

void json_kv_z(struct json *j, const char *key, const char *z)
{
    json_key(j, str_of(key));
    if (z)
        json_str(j, str_of(z));
    else
        json_null(j);
}

void json_kv_i64(struct json *j, const char *key, int64_t v)
{
    json_key(j, str_of(key));
    json_i64(j, v);
}

void json_kv_u64(struct json *j, const char *key, uint64_t v)
{
    json_key(j, str_of(key));
    json_u64(j, v);
}

void json_kv_double(struct json *j, const char *key, double v, int digits)
{
    json_key(j, str_of(key));
    json_double(j, v, digits);
}

void json_kv_bool(struct json *j, const char *key, bool v)
{
    json_key(j, str_of(key));
    json_bool(j, v);
}

void json_kv_null(struct json *j, const char *key)
{
    json_key(j, str_of(key));
    json_null(j);
}

void json_kv_time(struct json *j, const char *key, int64_t ms)
{
    char text[40];
    struct buf b;
    buf_over(&b, text, sizeof(text));
    time_format(&b, ms);
    json_kv_str(j, key, buf_str(&b));
}

void json_kv_time_or_null(struct json *j, const char *key, int64_t ms)
{
    if (ms == 0)
        json_kv_null(j, key);
    else
        json_kv_time(j, key, ms);
}
