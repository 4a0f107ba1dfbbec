/* table.h - tables as text: records and fields out of bytes, whatever they are separated by.
 *
 *     table_over(&t, "ratings.csv", bytes, NULL, &err);
 *     while ((rc = table_next(t, &row, &err)) != 0) {
 *         if (rc == MQ_INVALID) { ... a bad record: report err, go on ... continue; }
 *         if (rc < 0) break;
 *         ... row.field[0 .. row.n) ...
 *     }
 *
 * Separator: "::", tab, comma, semicolon or "|", detected from the first records. Comma and semicolon know
 * quotes (RFC 4180: a field that begins with a quote ends at the next single one; "" is a quote; line ends
 * inside belong to the field); for the others a quote is a character. A closing quote must be followed by a
 * separator or a line end, else the record is bad: so an unterminated quote is reported at the line where
 * its record starts and reading goes on at the next line, never further than TABLE_RECORD_MAX ahead.
 * Header: there or not; detected (no field is a number or a date, and one is a well-known column name or
 * stands above numbers), or forced. Encoding: a byte order mark is passed over; text that is no UTF-8 is
 * latin-1 and comes out as UTF-8 (over a range the whole of it decides; while pulling, the first text
 * that isn't ASCII). Single broken bytes in a file that is UTF-8 otherwise make bad records.
 * Lines end in LF or CRLF, the last one perhaps in nothing. Blank lines are passed over. */
#ifndef MQ_WIRE_TABLE_H
#define MQ_WIRE_TABLE_H

#include "base/error.h"
#include "base/str.h"

enum {
    TABLE_RECORD_MAX = 1 << 20, /* bytes of a record */
    TABLE_FIELDS_MAX = 1024,
};

enum table_choice { TABLE_DETECT, TABLE_YES, TABLE_NO };

struct table_options {
    const char *separator; /* "::", "\t", ",", ";", "|" or any one byte; NULL = detect */
    enum table_choice header;
    enum table_choice latin1;
    enum table_choice quotes; /* TABLE_DETECT: with comma and semicolon only */
};

struct table;

struct table_row {
    const struct str *field; /* (n), UTF-8, unquoted; valid until the next table_next */
    size_t n;
    uint64_t line;  /* physical line where it starts, from 1 (a header counts) */
    uint64_t index; /* records before this one, bad ones included, the header not; from 0 */
    struct str raw; /* as it stood in the file, without its line end */
};

/* Over bytes that stay where they are until table_free (a mapped file). `name` is for messages, not copied.
 * MQ_INVALID: nothing in it, or an unusable option. */
int table_over(struct table **ret, const char *name, struct str bytes,
               const struct table_options *options, struct mq_error *err);

/* Puts up to `n` bytes into `into`: how many, 0 at the end, or a negative status with err filled. */
typedef int64_t table_read_fn(void *ctx, char *into, size_t n, struct mq_error *err);
/* Over what `read` gives, holding at most TABLE_RECORD_MAX and a window of it. Also fails as `read` does. */
int table_pull(struct table **ret, const char *name, table_read_fn *read, void *ctx,
               const struct table_options *options, struct mq_error *err);
void table_free(struct table *t);

/* The header's fields (n == 0: none); valid until table_free. */
struct table_row table_header(const struct table *t);
/* The header's column of that name, compared without regard to case, spaces, '_' and '-'; -1 = none. */
int table_column(const struct table *t, const char *name);
/* The first present of NULL-terminated `names`, in the order of `names`; -1 = none. */
int table_column_of(const struct table *t, const char *const *names);
const char *table_name(const struct table *t);
/* "::", "\t", ... */
const char *table_separator(const struct table *t);
/* Fields of the first record (header or not). */
size_t table_width(const struct table *t);
/* Bytes read so far, for progress. */
uint64_t table_position(const struct table *t);

/* 1: *ret is the next record. 0: the end. MQ_INVALID: a bad record, passed over; *ret has its line, index
 * and raw (perhaps cut), n == 0; call again. Any other negative value: MQ_NO_MEMORY or the read function's;
 * the table is at its end. */
int table_next(struct table *t, struct table_row *ret, struct mq_error *err);

#endif
