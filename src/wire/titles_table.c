#include "wire/titles_table.h"

#include <math.h>

#include "list_text.h"
#include "wire/countries.h"
#include "wire/when.h"

enum column {
    C_ID,
    C_NAME,
    C_ORIGINAL,
    C_YEAR,
    C_RELEASE,
    C_KIND,
    C_GENRES,
    C_COUNTRIES,
    C_TAGS,
    C_RUNTIME,
    C_BUDGET,
    C_GROSS,
    C_SEASON,
    C_EPISODE,
    C_LANGUAGE,
    C_MATURITY,
    C_DESCRIPTION,
    C_SERIES,
    C_IMAGE,
    C_PICTURES,
    C_FROM,
    C_UNTIL,
    C_WHERE,
    COLUMNS
};

static const char *const names[COLUMNS][6] = {
    [C_ID] = {"itemId", "title_id", "movieId", "id", "tconst", NULL},
    [C_NAME] = {"title", "name", "primary_title", NULL},
    [C_ORIGINAL] = {"original_title", "original_name", NULL},
    [C_YEAR] = {"year", "release_year", "start_year", NULL},
    [C_RELEASE] = {"release_date", NULL},
    [C_KIND] = {"kind", "type", "title_type", NULL},
    [C_GENRES] = {"genres", "genre", NULL},
    [C_COUNTRIES] = {"country", "countries", NULL},
    [C_TAGS] = {"plot_keywords", "tags", "keywords", NULL},
    [C_RUNTIME] = {"runtime_min", "runtime", "runtime_minutes", NULL},
    [C_BUDGET] = {"budget", NULL},
    [C_GROSS] = {"gross", "revenue", NULL},
    [C_SEASON] = {"season", NULL},
    [C_EPISODE] = {"episode", NULL},
    [C_LANGUAGE] = {"language", NULL},
    [C_MATURITY] = {"maturity", "age_certification", NULL},
    [C_DESCRIPTION] = {"description", "overview", NULL},
    [C_SERIES] = {"series", NULL},
    [C_IMAGE] = {"image", NULL},
    [C_PICTURES] = {"pictures", "artworks", NULL},
    [C_FROM] = {"available_from", NULL},
    [C_UNTIL] = {"available_until", NULL},
    [C_WHERE] = {"available_in", NULL},
};

struct reading {
    int column[COLUMNS]; /* -1 = none */
    struct table_row row;
    struct arena arena; /* of one row */
};

static struct str field(const struct reading *r, enum column c)
{
    int at = r->column[c];
    if (at < 0 || (size_t)at >= r->row.n)
        return STR_NONE;
    struct str s = str_trim(r->row.field[at]);
    return text_is_nothing(s) ? STR_NONE : s;
}

static int read_number(const struct reading *r, enum column c, double low, double high, double *ret,
                       struct mq_error *err)
{
    struct str s = field(r, c);
    double v;
    if (s.n == 0)
        return 0;
    if (!str_to_double(s, &v) || !(v >= low && v <= high))
        return mq_fail(err, MQ_INVALID, "%s: \"%.*s\": give a number from %.0f to %.0f, or nothing",
                       names[c][0], STR_ARG(s), low, high);
    *ret = v;
    return 0;
}

static int read_numbers(const struct reading *r, struct title *t, struct mq_error *err)
{
    double year = 0, runtime = 0, season = 0, episode = 0;
    int rc = read_number(r, C_YEAR, 0, 9999, &year, err);
    if (rc == 0)
        rc = read_number(r, C_RUNTIME, 0, UINT16_MAX, &runtime, err);
    if (rc == 0)
        rc = read_number(r, C_SEASON, 0, UINT16_MAX, &season, err);
    if (rc == 0)
        rc = read_number(r, C_EPISODE, 0, UINT16_MAX, &episode, err);
    if (rc == 0)
        rc = read_number(r, C_BUDGET, 0, 1e15, &t->budget, err);
    if (rc == 0)
        rc = read_number(r, C_GROSS, 0, 1e15, &t->gross, err);
    t->year = (int16_t)year;
    t->runtime_min = (uint16_t)lround(runtime);
    t->season = (uint16_t)season;
    t->episode = (uint16_t)episode;
    return rc;
}

static int read_lists(struct reading *r, struct title *t, struct mq_error *err)
{
    struct text_list genres, tags, pictures, spelt, countries = {NULL, 0};
    if (!list_cut_any(field(r, C_GENRES), &r->arena, &genres) ||
        !list_cut(field(r, C_TAGS), '|', &r->arena, &tags) ||
        !list_cut(field(r, C_PICTURES), '|', &r->arena, &pictures) ||
        !list_cut_any(field(r, C_COUNTRIES), &r->arena, &spelt) ||
        !list_countries(spelt, &r->arena, &countries))
        return mq_fail(err, MQ_NO_MEMORY, "lists: no memory: free some");
    t->genres = genres.item;
    t->n_genres = genres.n;
    t->tags = tags.item;
    t->n_tags = tags.n;
    t->pictures = pictures.item;
    t->n_pictures = pictures.n;
    t->countries = countries.item;
    t->n_countries = countries.n;
    return 0;
}

static int read_release(const struct reading *r, struct title *t, struct mq_error *err)
{
    struct str s = field(r, C_RELEASE);
    if (s.n == 0 || when_day(s, &t->release_day))
        return 0;
    return mq_fail(err, MQ_INVALID,
                   "release_date: \"%.*s\": give a date like 1995-11-22, or nothing", STR_ARG(s));
}

static int read_instant(const struct reading *r, enum column c, int64_t *ret, struct mq_error *err)
{
    struct str s = field(r, c);
    if (s.n == 0 || when_parse(s, ret))
        return 0;
    return mq_fail(err, MQ_INVALID,
                   "%s: \"%.*s\": give a time like 2026-03-01T00:00:00Z, or nothing", names[c][0],
                   STR_ARG(s));
}

/* A country that nobody knows must not open the title to all. */
static int read_where(struct reading *r, struct window *w, struct mq_error *err)
{
    struct text_list spelt;
    if (!list_cut_any(field(r, C_WHERE), &r->arena, &spelt))
        return mq_fail(err, MQ_NO_MEMORY, "lists: no memory: free some");
    country_code *codes = ARENA_ARRAY(&r->arena, spelt.n, country_code);
    if (spelt.n > 0 && !codes)
        return mq_fail(err, MQ_NO_MEMORY, "lists: no memory: free some");
    for (uint16_t i = 0; i < spelt.n; i++) {
        if (!country_find(spelt.item[i], &codes[i]))
            return mq_fail(err, MQ_INVALID,
                           "available_in: \"%.*s\": give the two letters of ISO 3166",
                           STR_ARG(spelt.item[i]));
    }
    w->countries = codes;
    w->n_countries = spelt.n;
    return 0;
}

/* One window; several are for the JSON of titles. */
static int read_window(struct reading *r, struct title *t, struct mq_error *err)
{
    if (field(r, C_FROM).n == 0 && field(r, C_UNTIL).n == 0 && field(r, C_WHERE).n == 0)
        return 0;
    struct window *w = ARENA_ARRAY(&r->arena, 1, struct window);
    if (!w)
        return mq_fail(err, MQ_NO_MEMORY, "availability: no memory: free some");
    *w = (struct window){0};
    int rc = read_instant(r, C_FROM, &w->from_ms, err);
    if (rc == 0)
        rc = read_instant(r, C_UNTIL, &w->until_ms, err);
    if (rc == 0)
        rc = read_where(r, w, err);
    t->windows = w;
    t->n_windows = 1;
    t->has_windows = true;
    return rc;
}

static int read_row(struct reading *r, size_t width, struct title *t, struct mq_error *err)
{
    title_init(t);
    for (size_t i = width; i < r->row.n; i++)
        if (r->row.field[i].n > 0)
            return mq_fail(
                err, MQ_INVALID,
                "row: %zu fields where the header has %zu: quote a field that holds the separator",
                r->row.n, width);
    if ((size_t)r->column[C_ID] < r->row.n)
        t->id = r->row.field[r->column[C_ID]];
    t->name = field(r, C_NAME);
    t->original_name = field(r, C_ORIGINAL);
    t->language = field(r, C_LANGUAGE);
    t->maturity = field(r, C_MATURITY);
    t->description = field(r, C_DESCRIPTION);
    t->series = field(r, C_SERIES);
    t->image = field(r, C_IMAGE);
    enum title_kind kind;
    if (title_kind_from(field(r, C_KIND), &kind))
        t->kind = (uint8_t)kind;
    int rc = read_numbers(r, t, err);
    if (rc == 0)
        rc = read_release(r, t, err);
    if (rc == 0)
        rc = read_lists(r, t, err);
    if (rc == 0)
        rc = read_window(r, t, err);
    return rc == 0 ? title_check(t, err) : rc;
}

static int find_columns(struct reading *r, const struct table *table,
                        const struct titles_options *options, struct mq_error *err)
{
    for (int c = 0; c < COLUMNS; c++)
        r->column[c] = table_column_of(table, names[c]);
    if (options && options->id)
        r->column[C_ID] = table_column(table, options->id);
    if (r->column[C_ID] >= 0)
        return 0;
    if (options && options->id)
        return mq_fail(err, MQ_INVALID, "%s: no column \"%s\": name one of the header's",
                       table_name(table), options->id);
    return mq_fail(err, MQ_INVALID,
                   "%s: no id column: name it with --id, or itemId, title_id, movieId or id",
                   table_name(table));
}

static int read_rows(struct reading *r, struct table *table, const struct titles_sink *sink,
                     struct mq_error *err)
{
    size_t width = table_header(table).n;
    struct mq_error why;
    int rc;
    while ((rc = table_next(table, &r->row, &why)) != 0) {
        struct title t;
        arena_reset(&r->arena);
        if (rc == 1)
            rc = read_row(r, width, &t, &why) == 0 ? 1 : why.status;
        if (rc == MQ_NO_MEMORY || rc == MQ_IO)
            return mq_fail(err, why.status, "%s", why.text);
        struct bad_row bad = {table_name(table), r->row.line, r->row.raw, &why};
        rc = rc == 1 ? sink->title(sink->ctx, &t, r->row.line, err)
                     : sink->bad(sink->ctx, &bad, err);
        if (rc != 0)
            return rc;
    }
    return 0;
}

int titles_table_read(const char *name, struct str bytes, const struct titles_options *options,
                      const struct titles_sink *sink, struct mq_error *err)
{
    struct reading r = {.column = {0}};
    struct table *table;
    struct table_options how = options ? options->table : (struct table_options){0};
    if (how.header == TABLE_DETECT)
        how.header = TABLE_YES; /* columns have no meaning by position */
    int rc = table_over(&table, name, bytes, &how, err);
    if (rc != 0)
        return rc;
    rc = find_columns(&r, table, options, err);
    if (rc == 0 && arena_init(&r.arena, 64 * 1024, 1 << 20) != 0)
        rc = mq_fail(err, MQ_NO_MEMORY, "%s: no memory: free some", name);
    if (rc == 0) {
        rc = read_rows(&r, table, sink, err);
        arena_release(&r.arena);
    }
    table_free(table);
    return rc;
}
