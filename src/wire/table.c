/* table.c - where a table's bytes come from, and where in them we are. */
#include "wire/table.h"

#include <stdlib.h>

#include "table_impl.h"

struct table {
    char name[TABLE_NAME_MAX];
    table_read_fn *read; /* NULL over a range */
    void *ctx;
    char *window; /* of a pulled table; heap */
    size_t window_size;
    const char *p, *end; /* what is not read yet */
    bool final;          /* nothing comes after `end` */
    bool skipping;       /* inside a line that is thrown away */
    bool decided;        /* the encoding is known */
    uint64_t line, index;
    uint64_t read_bytes; /* up to `end` */
    struct table_format format;
    struct record_space space;
    size_t width;
    struct str *header; /* own copies; NULL: none */
    size_t header_n;
    uint64_t header_line;
    char *header_text;
};

/* ------------------------------------------------------------------ bytes */

/* More bytes behind what is left, which moves to the window's beginning. 0 also at the end. */
static int refill(struct table *t, struct mq_error *err)
{
    if (t->final)
        return 0;
    size_t left = (size_t)(t->end - t->p);
    memmove(t->window, t->p, left);
    t->p = t->window;
    t->end = t->window + left;
    if (t->window_size - left < TABLE_WINDOW) {
        size_t size = 2 * t->window_size;
        char *window = realloc(t->window, size);
        if (!window)
            return mq_fail(err, MQ_NO_MEMORY, "table %s: no memory for a window: free some",
                           t->name);
        t->window = window;
        t->window_size = size;
        t->p = window;
        t->end = window + left;
    }
    /* As many again as are left: a record is cut from its beginning each time, and a source of small pieces
     * must not make that quadratic. */
    for (size_t got = 0; !t->final && (got == 0 || got < left);) {
        int64_t n = t->read(t->ctx, t->window + left + got, t->window_size - left - got, err);
        if (n < 0)
            return (int)n;
        t->final = n == 0;
        t->end += n;
        t->read_bytes += (uint64_t)n;
        got += (size_t)n;
        if (left + got == t->window_size)
            break;
    }
    return 0;
}

/* The encoding of a pulled table follows from the first text that isn't ASCII. */
static void decide_encoding(struct table *t, struct str raw)
{
    if (t->decided)
        return;
    for (size_t i = 0; i < raw.n && !t->decided; i++)
        t->decided = (unsigned char)raw.p[i] > 0x7f;
    if (t->decided)
        t->format.latin1 = looks_latin1(raw);
}

/* ------------------------------------------------------------------ opening */

static void choose_encoding(struct table *t, const struct table_options *o)
{
    if (o->latin1 != TABLE_DETECT) {
        t->format.latin1 = o->latin1 == TABLE_YES;
        t->format.check_utf8 = !t->format.latin1;
        t->decided = true;
    } else if (t->read) {
        t->format.check_utf8 = true;
    } else {
        struct str all = {t->p, (size_t)(t->end - t->p)};
        bool clean = str_is_utf8(all);
        t->format.latin1 = !clean && looks_latin1(all);
        t->format.check_utf8 = !clean && !t->format.latin1;
        t->decided = true;
    }
}

static int choose_separator(struct table *t, const struct table_options *o, struct str sample,
                            bool final, struct mq_error *err)
{
    if (o->separator) {
        size_t n = strlen(o->separator);
        if (n != 1 && strcmp(o->separator, "::") != 0)
            return mq_fail(err, MQ_INVALID, "separator: \"%s\": give one byte or \"::\"",
                           o->separator);
        memcpy(t->format.separator, o->separator, n + 1);
        t->format.separator_n = (uint8_t)n;
        t->format.quotes = *o->separator == ',' || *o->separator == ';';
    } else {
        detect_separator(&t->format, sample, final, &t->space);
    }
    if (o->quotes != TABLE_DETECT)
        t->format.quotes = o->quotes == TABLE_YES;
    if (t->format.quotes && t->format.separator_n != 1)
        return mq_fail(err, MQ_INVALID, "quotes: not with the separator \"::\": leave them out");
    return 0;
}

/* Read the first record as the header and keep a copy. */
static int keep_header(struct table *t, struct mq_error *err)
{
    struct table_row row = {.n = 0};
    int rc = table_next(t, &row, err);
    if (rc == MQ_INVALID)
        return mq_error_prefix(err, "table %s: header", t->name);
    if (rc <= 0)
        return rc;
    size_t bytes = 0;
    for (size_t i = 0; i < row.n; i++)
        bytes += row.field[i].n;
    t->header = calloc(row.n, sizeof *t->header);
    t->header_text = malloc(bytes + 1);
    if (!t->header || !t->header_text)
        return mq_fail(err, MQ_NO_MEMORY, "table %s: no memory for the header: free some", t->name);
    char *at = t->header_text;
    for (size_t i = 0; i < row.n; i++) {
        struct str s = str_trim(row.field[i]);
        memcpy(at, s.p ? s.p : "", s.n);
        t->header[i] = (struct str){at, s.n};
        at += s.n;
    }
    t->header_n = row.n;
    t->header_line = row.line;
    t->width = row.n;
    t->index = 0;
    return 0;
}

static int look_at_beginning(struct table *t, const struct table_options *o, struct mq_error *err)
{
    while (!t->final && (size_t)(t->end - t->p) < TABLE_WINDOW) {
        int rc = refill(t, err);
        if (rc != 0)
            return rc;
    }
    size_t n = (size_t)(t->end - t->p);
    if (n >= 2 && (memcmp(t->p, "\xff\xfe", 2) == 0 || memcmp(t->p, "\xfe\xff", 2) == 0))
        return mq_fail(err, MQ_INVALID, "table %s: it is UTF-16: save it as UTF-8", t->name);
    if (n >= 3 && memcmp(t->p, "\xef\xbb\xbf", 3) == 0)
        t->p += 3;
    while (t->p < t->end && (*t->p == '\n' || *t->p == '\r'))
        t->line += *t->p++ == '\n';
    if (t->p == t->end && t->final)
        return mq_fail(err, MQ_INVALID, "table %s: it is empty: nothing to read", t->name);
    choose_encoding(t, o);
    struct str sample = {t->p, (size_t)(t->end - t->p)};
    bool final = t->final && sample.n <= TABLE_WINDOW;
    if (sample.n > TABLE_WINDOW)
        sample.n = TABLE_WINDOW;
    int rc = choose_separator(t, o, sample, final, err);
    if (rc != 0)
        return rc;
    bool header = o->header == TABLE_YES || (o->header == TABLE_DETECT &&
                                             detect_header(&t->format, sample, final, &t->space));
    struct str raw;
    const char *next;
    uint64_t lines;
    if (record_cut(&t->format, t->p, t->p + sample.n, final, &t->space, &raw, &next, &lines) ==
        RECORD_DONE)
        t->width = t->space.n;
    return header ? keep_header(t, err) : 0;
}

static int open_table(struct table **ret, const char *name, struct table *t,
                      const struct table_options *options, struct mq_error *err)
{
    static const struct table_options defaults = {0};
    strncpy(t->name, name, sizeof t->name - 1);
    t->line = 1;
    buf_init(&t->space.text, TABLE_RECORD_MAX);
    buf_init(&t->space.converted, 2 * (size_t)TABLE_RECORD_MAX);
    int rc = look_at_beginning(t, options ? options : &defaults, err);
    if (rc != 0) {
        table_free(t);
        return rc;
    }
    *ret = t;
    return 0;
}

int table_over(struct table **ret, const char *name, struct str bytes,
               const struct table_options *options, struct mq_error *err)
{
    struct table *t = calloc(1, sizeof *t);
    if (!t)
        return mq_fail(err, MQ_NO_MEMORY, "table %s: no memory: free some", name);
    t->p = bytes.p ? bytes.p : "";
    t->end = t->p + bytes.n;
    t->final = true;
    t->read_bytes = bytes.n;
    return open_table(ret, name, t, options, err);
}

int table_pull(struct table **ret, const char *name, table_read_fn *read, void *ctx,
               const struct table_options *options, struct mq_error *err)
{
    struct table *t = calloc(1, sizeof *t);
    char *window = malloc(2 * (size_t)TABLE_WINDOW);
    if (!t || !window) {
        free(t);
        free(window);
        return mq_fail(err, MQ_NO_MEMORY, "table %s: no memory: free some", name);
    }
    t->window = window;
    t->window_size = 2 * (size_t)TABLE_WINDOW;
    t->p = t->end = window;
    t->read = read;
    t->ctx = ctx;
    return open_table(ret, name, t, options, err);
}

void table_free(struct table *t)
{
    if (!t)
        return;
    buf_release(&t->space.text);
    buf_release(&t->space.converted);
    free(t->header);
    free(t->header_text);
    free(t->window);
    free(t);
}

/* ------------------------------------------------------------------ records */

static int bad_record(const struct table *t, enum record_end why, struct mq_error *err)
{
    switch (why) {
    case RECORD_UNTERMINATED:
        return mq_fail(err, MQ_INVALID, "quote: it never closes: double a quote inside a field");
    case RECORD_STRAY:
        return mq_fail(err, MQ_INVALID,
                       "quote: text stands behind the closing one: double a quote inside a field");
    case RECORD_LONG:
        return mq_fail(err, MQ_INVALID,
                       "record: over %d bytes: is \"%s\" the separator and are there line ends?",
                       TABLE_RECORD_MAX, table_separator(t));
    case RECORD_WIDE:
        return mq_fail(err, MQ_INVALID, "record: over %d fields: is \"%s\" the separator?",
                       TABLE_FIELDS_MAX, table_separator(t));
    case RECORD_NOT_UTF8:
        return mq_fail(err, MQ_INVALID,
                       "record: bytes that are no UTF-8 in a file that is: mend the encoding");
    case RECORD_NO_MEMORY:
        return mq_fail(err, MQ_NO_MEMORY, "record: no memory: free some");
    case RECORD_DONE:
    case RECORD_MORE:
        break;
    }
    return mq_fail(err, MQ_BUG, "record: %d: report this", why);
}

/* Throw away up to and with the next line end. */
static int skip_line(struct table *t, struct mq_error *err)
{
    for (;;) {
        const char *newline = memchr(t->p, '\n', (size_t)(t->end - t->p));
        if (newline) {
            t->p = newline + 1;
            t->line++;
            return 0;
        }
        t->p = t->end;
        if (t->final)
            return 0;
        int rc = refill(t, err);
        if (rc != 0)
            return rc;
    }
}

/* The end for good, after a failure that is not the record's. */
static int stop(struct table *t, int status)
{
    t->p = t->end;
    t->final = true;
    return status;
}

/* Cut the next record at t->p, pulling as much as that needs. */
static int cut(struct table *t, enum record_end *ret_end, struct str *raw, const char **next,
               uint64_t *lines, struct mq_error *err)
{
    for (;;) {
        *ret_end = record_cut(&t->format, t->p, t->end, t->final, &t->space, raw, next, lines);
        if ((*ret_end == RECORD_DONE || *ret_end == RECORD_NOT_UTF8) && !t->decided) {
            decide_encoding(t, *raw);
            if (t->format.latin1)
                continue;
        }
        if (*ret_end != RECORD_MORE)
            return 0;
        int rc = refill(t, err);
        if (rc != 0)
            return rc;
    }
}

/* Pass a bad record over, telling where it was. */
static void pass_over(struct table *t, enum record_end why, struct table_row *ret, const char *next,
                      uint64_t lines)
{
    enum { SHOWN = 4096 };
    size_t n = (size_t)(t->end - t->p);
    const char *newline = memchr(t->p, '\n', n);
    ret->raw = (struct str){t->p, newline ? (size_t)(newline - t->p) : n < SHOWN ? n : SHOWN};
    if (ret->raw.n > SHOWN)
        ret->raw.n = SHOWN;
    if (why == RECORD_NOT_UTF8) {
        t->p = next;
        t->line += lines;
    } else if (newline) {
        t->p = newline + 1;
        t->line++;
    } else {
        t->skipping = true; /* only at the next call: raw points into the window */
    }
}

int table_next(struct table *t, struct table_row *ret, struct mq_error *err)
{
    if (t->skipping) {
        t->skipping = false;
        int rc = skip_line(t, err);
        if (rc != 0)
            return stop(t, rc);
    }
    for (;;) {
        if (t->p == t->end && !t->final) {
            int rc = refill(t, err);
            if (rc != 0)
                return stop(t, rc);
            continue;
        }
        if (t->p == t->end)
            return 0;
        enum record_end end;
        struct str raw;
        const char *next = t->end;
        uint64_t lines = 1;
        int rc = cut(t, &end, &raw, &next, &lines, err);
        if (rc != 0)
            return stop(t, rc);
        if (end == RECORD_NO_MEMORY)
            return stop(t, bad_record(t, end, err));
        *ret = (struct table_row){.line = t->line, .index = t->index};
        if (end == RECORD_DONE && raw.n == 0) {
            t->p = next;
            t->line += lines;
            continue;
        }
        t->index++;
        if (end != RECORD_DONE) {
            pass_over(t, end, ret, next, lines);
            return bad_record(t, end, err);
        }
        ret->field = t->space.field;
        ret->n = t->space.n;
        ret->raw = raw;
        t->p = next;
        t->line += lines;
        return 1;
    }
}

/* ------------------------------------------------------------------ what it is */

struct table_row table_header(const struct table *t)
{
    return (struct table_row){.field = t->header, .n = t->header_n, .line = t->header_line};
}

int table_column(const struct table *t, const char *name)
{
    for (size_t i = 0; i < t->header_n; i++)
        if (column_name_eq(t->header[i], str_of(name)))
            return (int)i;
    return -1;
}

int table_column_of(const struct table *t, const char *const *names)
{
    for (; *names; names++) {
        int column = table_column(t, *names);
        if (column >= 0)
            return column;
    }
    return -1;
}

const char *table_name(const struct table *t)
{
    return t->name;
}

const char *table_separator(const struct table *t)
{
    return t->format.separator;
}

size_t table_width(const struct table *t)
{
    return t->width;
}

uint64_t table_position(const struct table *t)
{
    return t->read_bytes - (uint64_t)(t->end - t->p);
}
