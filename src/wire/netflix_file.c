#include "netflix_file.h"

#include "base/clock.h"
#include "wire/countries.h"
#include "wire/device_words.h"

/* ---------------------------------------------------------------- what a spreadsheet did */

enum { CELL_MAX = 2 * TABLE_RECORD_MAX }; /* every quote of a record doubled */

/* The end of the quoted cell that begins at `p` (behind its closing quote), or NULL. */
static const char *cell_end(const char *p, const char *end)
{
    if (p == end || *p != '"')
        return NULL;
    if (end - p > CELL_MAX)
        end = p + CELL_MAX;
    for (p++; p < end; p++) {
        if (*p != '"')
            continue;
        if (p + 1 < end && p[1] == '"')
            p++;
        else
            return p + 1;
    }
    return NULL;
}

/* Behind a `;`, a CR and an LF, each of which may be missing; NULL when something else stands there. */
static const char *line_end(const char *p, const char *end)
{
    if (p < end && *p == ';')
        p++;
    if (p < end && *p == '\r')
        p++;
    if (p == end)
        return p;
    return *p == '\n' ? p + 1 : NULL;
}

/* Is the record at `p` one quoted cell that holds several fields? *ret_cell is behind its closing quote. */
static const char *whole_record(const char *p, const char *end, const char **ret_cell)
{
    const char *cell = cell_end(p, end);
    const char *next = cell ? line_end(cell, end) : NULL;
    if (!next || !memchr(p, ',', (size_t)(cell - p)))
        return NULL;
    *ret_cell = cell;
    return next;
}

static const char *next_line(const char *p, const char *end)
{
    const char *newline = memchr(p, '\n', (size_t)(end - p));
    return newline ? newline + 1 : end;
}

static const char *behind_mark(struct str bytes)
{
    return bytes.n >= 3 && memcmp(bytes.p, "\xef\xbb\xbf", 3) == 0 ? bytes.p + 3 : bytes.p;
}

static bool is_mangled(struct str bytes)
{
    const char *cell, *end = bytes.p + bytes.n;
    const char *p = behind_mark(bytes);
    return whole_record(p, end, &cell) || whole_record(next_line(p, end), end, &cell);
}

static void add_undoubled(struct buf *out, const char *p, const char *end)
{
    while (p < end) {
        const char *quote = memchr(p, '"', (size_t)(end - p));
        if (!quote) {
            buf_add(out, p, (size_t)(end - p));
            return;
        }
        buf_add(out, p, (size_t)(quote - p) + 1);
        p = quote + 2; /* inside a cell they come in pairs */
    }
}

/* A bare line: only its trailing `;` goes. */
static void add_bare(struct buf *out, const char *p, const char *end)
{
    while (end > p && (end[-1] == '\n' || end[-1] == '\r'))
        end--;
    if (end > p && end[-1] == ';')
        end--;
    buf_add(out, p, (size_t)(end - p));
}

/* Broken cells are looked at in vain, each perhaps CELL_MAX far: after this many lines the rest is taken as it is. */
enum { BROKEN_MAX = 1000 };

static int undo(struct str bytes, struct buf *out, const char *name, struct mq_error *err)
{
    const char *end = bytes.p + bytes.n;
    int broken = 0;
    for (const char *p = behind_mark(bytes); p < end;) {
        const char *cell, *next = broken < BROKEN_MAX ? whole_record(p, end, &cell) : NULL;
        broken += !next && *p == '"';
        if (next) {
            add_undoubled(out, p + 1, cell - 1);
        } else {
            next = next_line(p, end);
            add_bare(out, p, next);
        }
        if (next[-1] == '\n')
            buf_add_char(out, '\n');
        p = next;
    }
    if (out->failed)
        return mq_fail(err, MQ_NO_MEMORY, "%s: no memory: free some", name);
    return 0;
}

/* ---------------------------------------------------------------- which file */

/* What only that file has. */
static const struct {
    const char *file, *column[2];
} kinds[NETFLIX_KINDS] = {
    [NETFLIX_OTHER] = {"", {NULL, NULL}},
    [NETFLIX_VIEWING] = {"ViewingActivity.csv", {"Duration", "Bookmark"}},
    [NETFLIX_PLAYBACK] = {"PlaybackRelatedEvents.csv", {"Playtraces", "Playback Start Utc Ts"}},
    [NETFLIX_RATINGS] = {"Ratings.csv", {"Thumbs Value", "Event Utc Ts"}},
    [NETFLIX_LIST] = {"MyList.csv", {"Utc Title Add Date", "Title Name"}},
    [NETFLIX_PREFERENCES] = {"IndicatedPreferences.csv", {"Show", "Event Date"}},
    [NETFLIX_SEARCHES] = {"SearchHistory.csv", {"Query Typed", "Utc Timestamp"}},
};

const char *netflix_kind_file(enum netflix_kind k)
{
    return kinds[k].file;
}

static enum netflix_kind kind_of(const struct table *t)
{
    if (table_column(t, "Profile Name") < 0)
        return NETFLIX_OTHER;
    for (int k = NETFLIX_OTHER + 1; k < NETFLIX_KINDS; k++) {
        if (table_column(t, kinds[k].column[0]) >= 0 && table_column(t, kinds[k].column[1]) >= 0)
            return (enum netflix_kind)k;
    }
    return NETFLIX_OTHER;
}

/* The header has no quotes to speak of: what occurs in it most often separates. */
static const char *separator_of(struct str bytes)
{
    const char *p = bytes.p, *end = next_line(p, bytes.p + bytes.n);
    size_t commas = 0, semicolons = 0, tabs = 0;
    for (; p < end; p++) {
        commas += *p == ',';
        semicolons += *p == ';';
        tabs += *p == '\t';
    }
    if (semicolons > commas && semicolons > tabs)
        return ";";
    return tabs > commas ? "\t" : ",";
}

int netflix_file_open(struct netflix_file *ret, const char *name, struct str bytes,
                      struct mq_error *err)
{
    struct netflix_file f = {.kind = NETFLIX_OTHER};
    if (bytes.n > NETFLIX_FILE_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "%s: %zu bytes: at most %zu: split it", name, bytes.n,
                       NETFLIX_FILE_MAX);
    if (bytes.n == 0)
        return mq_fail(err, MQ_INVALID, "%s: is empty: nothing to read", name);
    buf_init(&f.undone, bytes.n + 1);
    int rc = 0;
    if (is_mangled(bytes)) {
        rc = undo(bytes, &f.undone, name, err);
        bytes = buf_str(&f.undone);
    }
    struct table_options o = {.header = TABLE_YES, .quotes = TABLE_YES};
    if (rc == 0) {
        o.separator = separator_of(bytes);
        rc = table_over(&f.table, name, bytes, &o, err);
    }
    if (rc) {
        buf_release(&f.undone);
        return rc;
    }
    f.kind = kind_of(f.table);
    *ret = f;
    return 0;
}

void netflix_file_close(struct netflix_file *f)
{
    table_free(f->table);
    buf_release(&f->undone);
    f->table = NULL;
}

struct str netflix_field(const struct netflix_file *f, const struct table_row *row,
                         const char *column)
{
    int at = table_column(f->table, column);
    return at >= 0 && (size_t)at < row->n ? str_trim(row->field[at]) : STR_NONE;
}

/* ---------------------------------------------------------------- values */

bool netflix_time(struct str s, int64_t *ret_ms)
{
    return time_parse(s, ret_ms, NULL);
}

bool netflix_duration(struct str s, int64_t *ret_ms)
{
    int64_t part[3], v = 0;
    int n = 0;
    while (s.p && n < 3) {
        struct str word = str_cut(&s, ':');
        if (word.n == 0 || word.n > 6 || !str_to_i64(word, &part[n]) || part[n] < 0)
            return false;
        if (n > 0 && part[n] > 59)
            return false;
        v = v * 60 + part[n++];
    }
    if (n != 3 || s.p)
        return false;
    *ret_ms = v * 1000;
    return true;
}

country_code netflix_country(struct str s)
{
    country_code c = 0;
    struct str rest = s;
    struct str code = str_trim(str_cut(&rest, '('));
    if (code.n == 2 && country_from(code, &c))
        return c;
    return country_find(s, &c) ? c : 0;
}

enum device netflix_device(struct str s)
{
    enum device d = device_of_words(s);
    if (d == DEVICE_NONE && s.p && s.n > 0) /* its browsers are called "HTML 5" and "Cadmium" */
        d = memmem(s.p, s.n, "HTML 5", 6) || memmem(s.p, s.n, "Cadmium", 7) ? DEVICE_DESKTOP
                                                                            : DEVICE_OTHER;
    return d;
}
