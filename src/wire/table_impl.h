/* table_impl.h - shared by table.c (where the bytes come from), table_record.c (bytes -> one record) and
 * table_detect.c (what kind of table is it). Nobody else includes it. */
#ifndef MQ_WIRE_TABLE_IMPL_H
#define MQ_WIRE_TABLE_IMPL_H

#include "base/buf.h"
#include "wire/table.h"

enum { TABLE_NAME_MAX = 512, TABLE_WINDOW = 64 * 1024, TABLE_SAMPLE = 32 };

/* How to cut bytes into records. */
struct table_format {
    char separator[3]; /* one or two bytes, terminated */
    uint8_t separator_n;
    bool quotes, latin1;
    bool check_utf8; /* records must be looked at: not known to be valid as a whole */
};

/* Scratch of one record. */
struct record_space {
    struct str field[TABLE_FIELDS_MAX];
    size_t n;
    struct buf text;      /* fields with doubled quotes, undoubled; up to TABLE_RECORD_MAX */
    struct buf converted; /* fields that were latin-1; up to twice that */
};

enum record_end {
    RECORD_DONE,         /* *ret_next is where the next one begins */
    RECORD_MORE,         /* the bytes ended before the record did, and more may come */
    RECORD_UNTERMINATED, /* a quote never closes */
    RECORD_STRAY,        /* something stands behind a closing quote */
    RECORD_LONG,         /* no end within TABLE_RECORD_MAX */
    RECORD_WIDE,         /* over TABLE_FIELDS_MAX fields; *ret_next is set */
    RECORD_NOT_UTF8,     /* *ret_next is set */
    RECORD_NO_MEMORY,
};

/* Cut the record that begins at `p`. `final`: nothing comes after `end`. *ret_lines counts the line ends
 * it holds, its own included; *ret_raw is the record without its line end. */
enum record_end record_cut(const struct table_format *f, const char *p, const char *end, bool final,
                           struct record_space *space, struct str *ret_raw, const char **ret_next,
                           uint64_t *ret_lines);

/* Does text with bytes over 0x7f look like latin-1 rather than UTF-8 with some broken bytes? */
bool looks_latin1(struct str s);

/* Choose separator and quotes, given the file's beginning. */
void detect_separator(struct table_format *f, struct str sample, bool final,
                      struct record_space *space);
/* Is the first record of `sample` a header? */
bool detect_header(const struct table_format *f, struct str sample, bool final,
                   struct record_space *space);
/* Equal without regard to case and to anything but letters, digits and bytes over 0x7f. */
bool column_name_eq(struct str a, struct str b);

#endif
