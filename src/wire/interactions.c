/* interactions.c - which column is which, and a row's fields as numbers and times. */
#include "wire/interactions.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

#include "wire/countries.h"
#include "wire/device_words.h"
#include "wire/when.h"

enum column {
    COLUMN_VIEWER,
    COLUMN_TITLE,
    COLUMN_VALUE,
    COLUMN_AT,
    COLUMN_KIND,
    COLUMN_SESSION,
    COLUMN_DEVICE,
    COLUMN_COUNTRY,
    COLUMNS
};

/* The word of --map, and the header names in order of preference: ids before names. */
static const struct {
    const char *word;
    const char *names[20];
} columns[COLUMNS] = {
    [COLUMN_VIEWER] = {"viewer",
                       {"viewerid", "userid", "profileid", "customerid", "accountid", "viewer",
                        "user", "profile", "customer", "uid", NULL}},
    [COLUMN_TITLE] = {"title",
                      {"titleid", "itemid", "movieid", "filmid", "showid", "contentid", "videoid",
                       "assetid", "title", "item", "movie", "film", "show", "content", "video",
                       "asset", "iid", NULL}},
    [COLUMN_VALUE] = {"value", {"rating", "value", "score", "stars", "eventvalue", NULL}},
    [COLUMN_AT] = {"at",
                   {"timestamp", "at", "time", "datetime", "date", "createdat", "watchedat",
                    "ratedat", "eventtime", "ts", NULL}},
    [COLUMN_KIND] = {"kind", {"kind", "eventtype", "event", "action", NULL}},
    [COLUMN_SESSION] = {"session", {"sessionid", "session", NULL}},
    [COLUMN_DEVICE] = {"device", {"device", "devicetype", NULL}},
    [COLUMN_COUNTRY] = {"country", {"country", "countrycode", NULL}},
};

struct interactions {
    struct table *table;
    int column[COLUMNS]; /* from 0, -1 = none */
    size_t needed;       /* fields that a row must have */
    size_t width;        /* of the header, 0 without one */
    float scale;         /* of the map, else 0 */
    bool held;           /* `row` is read, but not handed out */
    struct table_row row;
};

/* ------------------------------------------------------------------ columns */

/* "a, b, c" of the header, cut. */
static void list_header(const struct table *t, struct buf *out)
{
    struct table_row header = table_header(t);
    for (size_t i = 0; i < header.n; i++) {
        if (i > 0)
            buf_add_z(out, ", ");
        buf_add_str(out, header.field[i]);
    }
    buf_add_char(out, '\0');
}

static int no_column(const struct interactions *t, const char *word, struct mq_error *err)
{
    char storage[300];
    struct buf names;
    buf_over(&names, storage, sizeof storage);
    list_header(t->table, &names);
    storage[sizeof storage - 1] = '\0';
    return mq_fail(err, MQ_INVALID,
                   "%s: no %s column among \"%s\": name it with --map viewer=COL,title=COL",
                   table_name(t->table), word, names.failed ? "(too many)" : storage);
}

/* COL of the map: a header's name, else a number from 1. */
static int map_column(struct interactions *t, struct str col, int *ret, struct mq_error *err)
{
    struct table_row header = table_header(t->table);
    for (size_t i = 0; i < header.n; i++)
        if (str_eq(header.field[i], col)) {
            *ret = (int)i;
            return 0;
        }
    for (size_t i = 0; i < header.n; i++)
        if (str_eq_nocase(header.field[i], col)) {
            *ret = (int)i;
            return 0;
        }
    uint64_t number;
    if (str_to_u64(col, &number) && number >= 1 && number <= TABLE_FIELDS_MAX) {
        *ret = (int)number - 1;
        return 0;
    }
    char storage[300];
    struct buf names;
    buf_over(&names, storage, sizeof storage);
    list_header(t->table, &names);
    return mq_fail(err, MQ_INVALID, "map: no column \"%.*s\" in %s: the header has: %s",
                   STR_ARG(col), table_name(t->table),
                   names.failed || header.n == 0 ? "(none, or too much): give a number from 1"
                                                 : storage);
}

static int map_scale(struct interactions *t, struct str value, struct mq_error *err)
{
    double scale;
    if (!str_to_double(value, &scale) || !(scale >= 1 && scale <= 100))
        return mq_fail(err, MQ_INVALID, "map: scale=%.*s: give the most stars there are, 1 to 100",
                       STR_ARG(value));
    t->scale = (float)scale;
    return 0;
}

static int apply_map(struct interactions *t, const char *map, struct mq_error *err)
{
    struct str rest = str_of(map);
    while (rest.p) {
        struct str value = str_cut(&rest, ',');
        struct str word = str_trim(str_cut(&value, '='));
        if (word.n == 0 && !value.p)
            continue;
        value = str_trim(value);
        if (str_eq(word, STR("scale"))) {
            int rc = map_scale(t, value, err);
            if (rc != 0)
                return rc;
            continue;
        }
        int c = 0;
        while (c < COLUMNS && !str_eq(word, str_of(columns[c].word)))
            c++;
        if (c == COLUMNS || value.n == 0)
            return mq_fail(
                err, MQ_INVALID,
                "map: \"%.*s\": give viewer=COL,title=COL and value, at, kind, session, device, "
                "country or scale as needed",
                STR_ARG(word));
        int rc = map_column(t, value, &t->column[c], err);
        if (rc != 0)
            return rc;
    }
    if (t->column[COLUMN_VIEWER] < 0 || t->column[COLUMN_TITLE] < 0)
        return mq_fail(err, MQ_INVALID, "map: \"%s\": viewer=COL and title=COL are required", map);
    return 0;
}

/* By position. The third of three columns may be the time. */
static int by_position(struct interactions *t, struct mq_error *err)
{
    size_t width = table_width(t->table);
    if (width < 2)
        return mq_fail(err, MQ_INVALID, "%s: one column: at least viewer and title are needed",
                       table_name(t->table));
    t->column[COLUMN_VIEWER] = 0;
    t->column[COLUMN_TITLE] = 1;
    t->column[COLUMN_VALUE] = width >= 3 ? 2 : -1;
    t->column[COLUMN_AT] = width >= 4 ? 3 : -1;
    int64_t whole;
    if (width == 3 && t->held && t->row.n == 3 && str_to_i64(str_trim(t->row.field[2]), &whole) &&
        whole > 100000000) {
        t->column[COLUMN_VALUE] = -1;
        t->column[COLUMN_AT] = 2;
    }
    return 0;
}

static int find_columns(struct interactions *t, const char *map, struct mq_error *err)
{
    for (int c = 0; c < COLUMNS; c++)
        t->column[c] = -1;
    if (map)
        return apply_map(t, map, err);
    if (table_header(t->table).n == 0)
        return by_position(t, err);
    for (int c = 0; c < COLUMNS; c++)
        t->column[c] = table_column_of(t->table, columns[c].names);
    if (t->column[COLUMN_VIEWER] < 0)
        return no_column(t, "viewer", err);
    return t->column[COLUMN_TITLE] < 0 ? no_column(t, "title", err) : 0;
}

/* ------------------------------------------------------------------ opening */

static int open_over_table(struct interactions **ret, struct table *table,
                           const struct interactions_options *options, struct mq_error *err)
{
    struct interactions *t = calloc(1, sizeof *t);
    if (!t) {
        table_free(table);
        return mq_fail(err, MQ_NO_MEMORY, "interactions: no memory: free some");
    }
    t->table = table;
    t->width = table_header(table).n;
    int rc = 0;
    if (t->width == 0) { /* by_position looks at the first row */
        struct mq_error ignored;
        t->held = table_next(table, &t->row, &ignored) == 1;
        if (!t->held)
            rc = mq_fail(err, MQ_INVALID, "%s:%llu: %s", table_name(table),
                         (unsigned long long)t->row.line, ignored.text);
    }
    if (rc == 0)
        rc = find_columns(t, options ? options->map : NULL, err);
    if (rc != 0) {
        interactions_free(t);
        return rc;
    }
    for (int c = 0; c < COLUMNS; c++)
        if (t->column[c] >= 0 && (size_t)t->column[c] + 1 > t->needed)
            t->needed = (size_t)t->column[c] + 1;
    *ret = t;
    return 0;
}

/* Does the map name a column other than by number? Then there is a header, whatever it looks like. */
static bool map_names_columns(const char *map)
{
    struct str rest = str_of(map);
    while (rest.p) {
        struct str value = str_cut(&rest, ',');
        struct str word = str_trim(str_cut(&value, '='));
        uint64_t number;
        value = str_trim(value);
        if (value.n > 0 && !str_eq(word, STR("scale")) && !str_to_u64(value, &number))
            return true;
    }
    return false;
}

static struct table_options table_options_of(const struct interactions_options *options)
{
    struct table_options o = options ? options->table : (struct table_options){0};
    if (options && options->map && o.header == TABLE_DETECT && map_names_columns(options->map))
        o.header = TABLE_YES;
    return o;
}

int interactions_over(struct interactions **ret, const char *name, struct str bytes,
                      const struct interactions_options *options, struct mq_error *err)
{
    struct table_options how = table_options_of(options);
    struct table *table;
    int rc = table_over(&table, name, bytes, &how, err);
    return rc != 0 ? rc : open_over_table(ret, table, options, err);
}

void interactions_free(struct interactions *t)
{
    if (!t)
        return;
    table_free(t->table);
    free(t);
}

bool interactions_have_value(const struct interactions *t)
{
    return t->column[COLUMN_VALUE] >= 0;
}

bool interactions_have_time(const struct interactions *t)
{
    return t->column[COLUMN_AT] >= 0;
}

uint64_t interactions_position(const struct interactions *t)
{
    return table_position(t->table);
}

/* ------------------------------------------------------------------ rows */

static struct str field_of(const struct interactions *t, const struct table_row *row, enum column c)
{
    return t->column[c] < 0 ? STR_NONE : row->field[t->column[c]];
}

/* Exports write nothing as "", "NULL" (databases) or "\N" (IMDb, MySQL). */
static bool is_nothing(struct str s)
{
    return s.n == 0 || str_eq(s, STR("\\N")) || str_eq_nocase(s, STR("null"));
}

static int read_fields(const struct interactions *t, const struct table_row *row,
                       struct interaction_row *r, struct mq_error *err)
{
    if (row->n < t->needed)
        return mq_fail(err, MQ_INVALID, "row: %zu fields: at least %zu are needed", row->n,
                       t->needed);
    for (size_t i = t->width; t->width > 0 && i < row->n; i++)
        if (row->field[i].n > 0)
            return mq_fail(
                err, MQ_INVALID,
                "row: %zu fields where the header has %zu: quote a field that holds \"%s\"", row->n,
                t->width, table_separator(t->table));
    r->viewer = field_of(t, row, COLUMN_VIEWER);
    r->title = field_of(t, row, COLUMN_TITLE);
    if (r->viewer.n == 0 || r->title.n == 0)
        return mq_fail(err, MQ_INVALID, "%s: empty: every row needs one",
                       r->viewer.n == 0 ? "viewer" : "title");
    struct str value = str_trim(field_of(t, row, COLUMN_VALUE));
    if (!is_nothing(value) && !str_to_double(value, &r->value))
        return mq_fail(err, MQ_INVALID, "value: \"%.*s\": give a number", STR_ARG(value));
    struct str at = str_trim(field_of(t, row, COLUMN_AT));
    if (!is_nothing(at)) {
        r->has_at = when_parse(at, &r->at_ms);
        if (!r->has_at)
            return mq_fail(
                err, MQ_INVALID,
                "time: \"%.*s\": give epoch seconds or milliseconds, RFC 3339, or a date",
                STR_ARG(at));
    }
    r->kind = str_trim(field_of(t, row, COLUMN_KIND));
    r->session = field_of(t, row, COLUMN_SESSION);
    r->device = str_trim(field_of(t, row, COLUMN_DEVICE));
    r->country = str_trim(field_of(t, row, COLUMN_COUNTRY));
    return 0;
}

int interactions_next(struct interactions *t, struct interaction_row *ret, struct mq_error *err)
{
    int rc = t->held ? 1 : table_next(t->table, &t->row, err);
    t->held = false;
    if (rc == 0)
        return 0;
    struct interaction_row r = {
        .value = (double)NAN, .line = t->row.line, .index = t->row.index, .raw = t->row.raw};
    if (rc == 1 && read_fields(t, &t->row, &r, err) != 0) {
        rc = MQ_INVALID;
        r = (struct interaction_row){
            .value = (double)NAN, .line = r.line, .index = r.index, .raw = r.raw};
    }
    *ret = r;
    return rc;
}

static bool is_rating(const struct interaction_row *row)
{
    return !isnan(row->value) && (row->kind.n == 0 || event_kind_from(row->kind) == EVENT_RATING);
}

int interactions_in_scale(const struct interaction_row *row, float scale, struct mq_error *err)
{
    if (!is_rating(row) || row->value <= (double)scale)
        return 0;
    return mq_fail(err, MQ_INVALID,
                   "value: %g: is above the %g stars that the file goes up to: correct it, or say "
                   "how many there are with --map scale=N,...",
                   row->value, (double)scale);
}

enum { SCALE_PART = 10 }; /* 1 in so many may lie above it */

int interactions_scale(const char *name, struct str bytes,
                       const struct interactions_options *options, float *ret_scale,
                       struct mq_error *err)
{
    struct interactions *t;
    int rc = interactions_over(&t, name, bytes, options, err);
    if (rc != 0)
        return rc;
    uint64_t n = 0, over_5 = 0, over_10 = 0;
    struct interaction_row row;
    float scale = t->scale;
    while (scale == 0 && interactions_have_value(t) &&
           (rc = interactions_next(t, &row, err)) != 0) {
        if (rc < 0 && rc != MQ_INVALID)
            break;
        if (rc == 1 && is_rating(&row)) {
            n++;
            over_5 += row.value > 5;
            over_10 += row.value > 10;
        }
    }
    interactions_free(t);
    if (rc < 0 && rc != MQ_INVALID)
        return rc;
    if (scale == 0 && n > 0)
        scale = over_10 > n / SCALE_PART ? 100 : over_5 > n / SCALE_PART ? 10 : 5;
    *ret_scale = scale;
    return 0;
}

void interactions_event(const struct interaction_row *row, float scale, struct event *ret)
{
    event_init(ret);
    ret->source = STR("import");
    ret->archived = true;
    ret->viewer = row->viewer;
    ret->title = row->title;
    ret->session = row->session;
    ret->at_ms = row->has_at ? row->at_ms : INTERACTIONS_EPOCH_MS + 1000 * (int64_t)row->index;
    bool valued = !isnan(row->value);
    ret->kind = valued ? EVENT_RATING : EVENT_PLAY;
    if (row->kind.n > 0) {
        ret->kind = event_kind_from(row->kind);
        if (ret->kind == EVENT_CUSTOM)
            ret->custom = row->kind;
    }
    if (valued && (ret->kind == EVENT_RATING || ret->kind == EVENT_THUMB))
        ret->value = (float)row->value;
    if (ret->kind == EVENT_RATING)
        ret->scale = scale > 0 ? scale : 5;
    ret->context.device = (uint8_t)device_of_name(row->device);
    country_find(row->country, &ret->context.country);
}
