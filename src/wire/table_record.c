/* table_record.c - bytes -> one record. RFC 4180 where there are quotes; see table.h. */
#include "table_impl.h"

/* Append latin-1 as UTF-8. */
static void latin1_to_utf8(struct str s, struct buf *out)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c < 0x80) {
            buf_add_char(out, (char)c);
        } else {
            buf_add_char(out, (char)(0xc0 | c >> 6));
            buf_add_char(out, (char)(0x80 | (c & 0x3f)));
        }
    }
}

/* Length of the well-formed sequence of two to four bytes at `p`, else 0. */
static size_t utf8_sequence(const char *p, const char *end)
{
    for (size_t n = 2; n <= 4 && n <= (size_t)(end - p); n++)
        if (str_is_utf8((struct str){p, n}))
            return n;
    return 0;
}

bool looks_latin1(struct str s)
{
    const char *p = s.p, *end = s.p + s.n;
    uint64_t sequences = 0, broken = 0;
    while (p < end) {
        if ((unsigned char)*p < 0x80) {
            p++;
            continue;
        }
        size_t n = utf8_sequence(p, end);
        sequences += n > 0;
        broken += n == 0;
        p += n ? n : 1;
    }
    return broken > sequences;
}

/* Also what a vectorising compiler likes. */
static bool is_ascii(struct str s)
{
    unsigned char any = 0;
    for (size_t i = 0; i < s.n; i++)
        any |= (unsigned char)s.p[i];
    return any < 0x80;
}

static bool add_field(struct record_space *space, const char *p, const char *end)
{
    if (space->n == TABLE_FIELDS_MAX)
        return false;
    space->field[space->n++] = (struct str){p, (size_t)(end - p)};
    return true;
}

/* The next separator in [p, end), or `end`. */
static const char *find_separator(const struct table_format *f, const char *p, const char *end)
{
    const char *at = f->separator_n == 1
                         ? memchr(p, f->separator[0], (size_t)(end - p))
                         : memmem(p, (size_t)(end - p), f->separator, f->separator_n);
    return at ? at : end;
}

static enum record_end split_plain(const struct table_format *f, const char *p, const char *end,
                                   struct record_space *space)
{
    for (;;) {
        const char *at = find_separator(f, p, end);
        if (!add_field(space, p, at))
            return RECORD_WIDE;
        if (at == end)
            return RECORD_DONE;
        p = at + f->separator_n;
    }
}

/* Where the quoted field that begins at p (behind its quote) is closed: the closing quote; NULL when it
 * isn't before `end`. Sets *ret_doubled when it holds "". */
static const char *closing_quote(const char *p, const char *end, bool *ret_doubled)
{
    *ret_doubled = false;
    while (p < end && (p = memchr(p, '"', (size_t)(end - p)))) {
        if (p + 1 == end || p[1] != '"')
            return p;
        *ret_doubled = true;
        p += 2;
    }
    return NULL;
}

/* The field's text between its quotes, each "" made one. record_cut reserved room for a whole record, so
 * that fields made earlier stay where they are. */
static struct str undouble(struct record_space *space, const char *p, const char *end)
{
    char *out = space->text.p + space->text.n;
    size_t n = 0;
    for (; p < end; p++) {
        out[n++] = *p;
        if (*p == '"')
            p++;
    }
    space->text.n += n;
    return (struct str){out, n};
}

/* One quoted field, *p at its opening quote; leaves *p behind the closing one. */
static enum record_end cut_quoted(const char **p, const char *end, bool final,
                                  struct record_space *space)
{
    bool doubled;
    const char *close = closing_quote(*p + 1, end, &doubled);
    if (!close)
        return final ? RECORD_UNTERMINATED : RECORD_MORE;
    if (close + 1 == end && !final)
        return RECORD_MORE; /* the next byte may double it */
    if (!add_field(space, *p + 1, close))
        return RECORD_WIDE;
    if (doubled)
        space->field[space->n - 1] = undouble(space, *p + 1, close);
    *p = close + 1;
    return RECORD_DONE;
}

/* One field without quotes, up to a separator or a line end. */
static enum record_end cut_bare(const struct table_format *f, const char **p, const char *end,
                                bool final, struct record_space *space)
{
    const char *from = *p, *at = from;
    while (at < end && *at != '\n' && *at != f->separator[0])
        at++;
    if (at == end && !final)
        return RECORD_MORE;
    *p = at;
    bool line_ends = at == end || *at == '\n';
    if (line_ends && at > from && at[-1] == '\r')
        *p = --at;
    return add_field(space, from, at) ? RECORD_DONE : RECORD_WIDE;
}

/* A record that holds a quote somewhere: field by field. *ret_end is where its line end begins. */
static enum record_end split_quoted(const struct table_format *f, const char *p, const char *end,
                                    bool final, struct record_space *space, const char **ret_end,
                                    const char **ret_next)
{
    for (;; p++) {
        enum record_end rc = p < end && *p == '"' ? cut_quoted(&p, end, final, space)
                                                  : cut_bare(f, &p, end, final, space);
        if (rc != RECORD_DONE)
            return rc;
        if (p < end && *p == f->separator[0])
            continue;
        if (p < end && *p == '\r' && p + 1 == end && !final)
            return RECORD_MORE;
        const char *at = p < end && *p == '\r' ? p + 1 : p;
        if (at < end && *at != '\n')
            return RECORD_STRAY;
        *ret_end = p;
        *ret_next = at < end ? at + 1 : end;
        return RECORD_DONE;
    }
}

static uint64_t count_lines(const char *p, const char *end)
{
    uint64_t n = 0;
    while (p < end && (p = memchr(p, '\n', (size_t)(end - p)))) {
        n++;
        p++;
    }
    return n;
}

/* Convert every field to UTF-8. */
static enum record_end convert_fields(struct record_space *space)
{
    buf_reset(&space->converted);
    if (!buf_reserve(&space->converted, 2 * (size_t)TABLE_RECORD_MAX))
        return RECORD_NO_MEMORY;
    for (size_t i = 0; i < space->n; i++) {
        size_t from = space->converted.n;
        latin1_to_utf8(space->field[i], &space->converted);
        space->field[i] = (struct str){space->converted.p + from, space->converted.n - from};
    }
    return RECORD_DONE;
}

enum record_end record_cut(const struct table_format *f, const char *p, const char *end, bool final,
                           struct record_space *space, struct str *ret_raw, const char **ret_next,
                           uint64_t *ret_lines)
{
    const char *limit = end;
    bool last = final;
    if ((size_t)(end - p) > TABLE_RECORD_MAX) {
        limit = p + TABLE_RECORD_MAX;
        last = false;
    }
    space->n = 0;
    buf_reset(&space->text);
    if (!buf_reserve(&space->text, TABLE_RECORD_MAX))
        return RECORD_NO_MEMORY;
    const char *newline = memchr(p, '\n', (size_t)(limit - p));
    const char *line_end = newline ? newline : limit;
    const char *record_end = line_end;
    enum record_end rc;
    if (f->quotes && memchr(p, '"', (size_t)(line_end - p))) {
        rc = split_quoted(f, p, limit, last, space, &record_end, ret_next);
        /* Over the limit, "more" can't come. A quote that stays open is the likely reason. */
        if (rc == RECORD_MORE && limit != end)
            rc = newline ? RECORD_UNTERMINATED : RECORD_LONG;
        *ret_lines = rc == RECORD_DONE ? count_lines(p, *ret_next) : 1;
    } else {
        if (!newline && !last)
            return limit != end ? RECORD_LONG : RECORD_MORE;
        if (record_end > p && record_end[-1] == '\r')
            record_end--;
        *ret_next = newline ? newline + 1 : limit;
        *ret_lines = 1;
        rc = split_plain(f, p, record_end, space);
    }
    *ret_raw = (struct str){p, (size_t)(record_end - p)};
    if (rc == RECORD_WIDE)
        *ret_next = newline ? newline + 1 : limit;
    if (rc != RECORD_DONE)
        return rc;
    if (f->latin1)
        return is_ascii(*ret_raw) ? rc : convert_fields(space);
    return f->check_utf8 && !str_is_utf8(*ret_raw) ? RECORD_NOT_UTF8 : rc;
}
