/* table_detect.c - what separates the fields, and is the first record a header? */
#include "base/clock.h"
#include "table_impl.h"

bool column_name_eq(struct str a, struct str b)
{
    size_t i = 0, j = 0;
    for (;;) {
        int ca = -1, cb = -1;
        for (; i < a.n && ca < 0; i++) {
            unsigned char c = (unsigned char)a.p[i];
            if (c >= 'A' && c <= 'Z')
                c |= 0x20;
            if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c > 0x7f)
                ca = c;
        }
        for (; j < b.n && cb < 0; j++) {
            unsigned char c = (unsigned char)b.p[j];
            if (c >= 'A' && c <= 'Z')
                c |= 0x20;
            if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c > 0x7f)
                cb = c;
        }
        if (ca != cb)
            return false;
        if (ca < 0)
            return true;
    }
}

/* How well a separator fits: records with the commonest number of fields (2 or more), and that number. */
struct fit {
    size_t records, agreeing, fields;
};

static struct fit measure(const struct table_format *f, struct str sample, bool final,
                          struct record_space *space)
{
    struct fit fit = {0};
    size_t width[TABLE_SAMPLE] = {0};
    const char *p = sample.p, *end = sample.p + sample.n;
    while (p < end && fit.records < TABLE_SAMPLE) {
        struct str raw;
        const char *next = NULL;
        uint64_t lines;
        enum record_end rc = record_cut(f, p, end, final, space, &raw, &next, &lines);
        if (rc == RECORD_MORE || rc == RECORD_LONG || rc == RECORD_NO_MEMORY)
            break;
        bool good = rc == RECORD_DONE || rc == RECORD_NOT_UTF8;
        if (!good) {
            const char *newline = memchr(p, '\n', (size_t)(end - p));
            next = newline ? newline + 1 : end;
        }
        if (!good || raw.n > 0)
            width[fit.records++] = good ? space->n : 0;
        p = next;
    }
    for (size_t i = 0; i < fit.records; i++) {
        size_t same = 0;
        for (size_t k = 0; k < fit.records; k++)
            same += width[k] == width[i];
        if (width[i] >= 2 &&
            (same > fit.agreeing || (same == fit.agreeing && width[i] > fit.fields))) {
            fit.agreeing = same;
            fit.fields = width[i];
        }
    }
    return fit;
}

static void set_separator(struct table_format *f, const char *text, bool quotes)
{
    f->separator_n = (uint8_t)strlen(text);
    memcpy(f->separator, text, f->separator_n + (size_t)1);
    f->quotes = quotes;
}

/* In order of how unlikely the bytes are inside a field. "::" and tab win when nearly all records agree;
 * of the others the one on which most records agree, and among equals the one that gives more fields (a
 * column of lists joined by "|" inside commas). */
void detect_separator(struct table_format *f, struct str sample, bool final,
                      struct record_space *space)
{
    static const struct {
        const char *text;
        bool quotes, sure;
    } candidates[] = {
        {"::", false, true}, {"\t", false, true}, {",", true, false},
        {";", true, false},  {"|", false, false},
    };
    struct table_format best = *f;
    set_separator(&best, ",", true);
    double best_share = 0;
    size_t best_fields = 0;
    for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++) {
        struct table_format trial = *f;
        set_separator(&trial, candidates[i].text, candidates[i].quotes);
        struct fit fit = measure(&trial, sample, final, space);
        if (fit.agreeing == 0)
            continue;
        double share = (double)fit.agreeing / (double)fit.records;
        if (share > best_share || (share == best_share && fit.fields > best_fields)) {
            best = trial;
            best_share = share;
            best_fields = fit.fields;
        }
        if (candidates[i].sure && share >= 0.8)
            break;
    }
    *f = best;
}

static bool is_number_or_date(struct str s)
{
    double number;
    int64_t ms;
    s = str_trim(s);
    return str_to_double(s, &number) || (s.n >= 8 && time_parse(s, &ms, NULL));
}

/* Names that a column of data hardly holds ("director" is no header: it is a role). */
static bool is_known_column(struct str s)
{
    static const char *const known[] = {
        "user",       "userid",   "viewer",   "viewerid", "profile",     "profileid", "customer",
        "customerid", "uid",      "item",     "itemid",   "movie",       "movieid",   "title",
        "titleid",    "film",     "filmid",   "show",     "showid",      "content",   "contentid",
        "video",      "videoid",  "asset",    "assetid",  "id",          "imdbid",    "tmdbid",
        "tconst",     "rating",   "value",    "score",    "stars",       "timestamp", "time",
        "date",       "at",       "datetime", "genre",    "genres",      "role",      "billing",
        "person",     "personid", "name",     "year",     "releaseyear", "tag",       "tags",
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (column_name_eq(s, str_of(known[i])))
            return true;
    return false;
}

/* Reads the records after the header's; counts them, and marks the columns where every one holds a number. */
static size_t numeric_columns(const struct table_format *f, const char *p, const char *end,
                              bool final, struct record_space *space, bool *numeric, size_t n)
{
    size_t records = 0;
    memset(numeric, 1, n);
    while (p < end && records < TABLE_SAMPLE) {
        struct str raw;
        uint64_t lines;
        if (record_cut(f, p, end, final, space, &raw, &p, &lines) != RECORD_DONE)
            break;
        if (raw.n == 0)
            continue;
        records++;
        for (size_t i = 0; i < n; i++)
            numeric[i] &= i < space->n && is_number_or_date(space->field[i]);
    }
    return records;
}

bool detect_header(const struct table_format *f, struct str sample, bool final,
                   struct record_space *space)
{
    const char *p = sample.p, *end = sample.p + sample.n;
    struct str raw = STR_NONE;
    uint64_t lines;
    while (p < end && raw.n == 0)
        if (record_cut(f, p, end, final, space, &raw, &p, &lines) != RECORD_DONE)
            return false;
    size_t n = space->n;
    for (size_t i = 0; i < n; i++)
        if (is_number_or_date(space->field[i]))
            return false;
    for (size_t i = 0; i < n; i++)
        if (is_known_column(space->field[i]))
            return true;
    bool numeric[TABLE_FIELDS_MAX];
    if (numeric_columns(f, p, end, final, space, numeric, n) == 0)
        return false;
    return memchr(numeric, 1, n) != NULL;
}
