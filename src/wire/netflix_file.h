/* netflix_file.h - one file of a Netflix personal export ("Get my info"): undone from a spreadsheet's mangling, and told
 * by its header which one it is. Inside wire/ only.
 *
 * Files that went through a spreadsheet arrive with each record as one quoted cell, its quotes doubled, and a `;`
 * behind it; the header may be the same or bare with a trailing `;`; line ends are CRLF, a byte order mark may
 * stand first. Undoing keeps the number of each physical line. */
#ifndef MQ_WIRE_NETFLIX_FILE_H
#define MQ_WIRE_NETFLIX_FILE_H

#include "base/buf.h"
#include "event/context.h"
#include "wire/table.h"

/* Bytes of one file; a larger one is refused (real exports have a few megabytes). */
#define NETFLIX_FILE_MAX ((size_t)256 << 20)

enum netflix_kind {
    NETFLIX_OTHER, /* nothing that is read here */
    NETFLIX_VIEWING,
    NETFLIX_PLAYBACK,
    NETFLIX_RATINGS,
    NETFLIX_LIST,
    NETFLIX_PREFERENCES,
    NETFLIX_SEARCHES,
    NETFLIX_KINDS
};

/* The file's usual name, "ViewingActivity.csv"; "" for NETFLIX_OTHER. */
const char *netflix_kind_file(enum netflix_kind k);

/* An open file. `undone` holds its text when it was mangled, else the caller's bytes are read in place and must stay. */
struct netflix_file {
    struct table *table;
    struct buf undone;
    enum netflix_kind kind;
};

/* `name` is for messages. MQ_INVALID: empty, or no table; MQ_TOO_LARGE past NETFLIX_FILE_MAX. A file whose header is
 * of no known kind opens as NETFLIX_OTHER. On failure nothing is to close. */
int netflix_file_open(struct netflix_file *ret, const char *name, struct str bytes,
                      struct mq_error *err);
void netflix_file_close(struct netflix_file *f);

/* The row's field in the column of that name, trimmed; empty where there is none. */
struct str netflix_field(const struct netflix_file *f, const struct table_row *row,
                         const char *column);

/* "2025-01-26 16:04:28" (UTC), also a date alone. */
bool netflix_time(struct str s, int64_t *ret_ms);
/* "01:53:02" in ms; hours may have more digits. */
bool netflix_duration(struct str s, int64_t *ret_ms);
/* "NL (Netherlands)", "NL" and "Netherlands" give NL; 0 for what is none of these. */
country_code netflix_country(struct str s);
/* The device class that a model's name tells: "Samsung 2018 UHD TV Smart TV" is a tv. */
enum device netflix_device(struct str s);

#endif
