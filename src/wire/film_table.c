/* film_table.c - the tables of IMDb, Letterboxd and TMDB, by their headers. */
#include <math.h>
#include <string.h>

#include "film_row.h"
#include "list_text.h"
#include "wire/table.h"
#include "wire/when.h"

enum column {
    C_IMDB,
    C_TMDB,
    C_NAME,
    C_ORIGINAL,
    C_YEAR,
    C_RELEASE,
    C_KIND,
    C_RUNTIME,
    C_GENRES,
    C_SEASON,
    C_EPISODE,
    C_RATING,
    C_RATED,
    C_LISTED,
    C_POSITION,
    C_WATCHED,
    C_DATE,
    C_URI,
    COLUMNS
};

static const char *const names[COLUMNS][4] = {
    [C_IMDB] = {"const", "imdb_id", NULL},
    [C_TMDB] = {"tmdb_id", NULL},
    [C_NAME] = {"title", "name", NULL},
    [C_ORIGINAL] = {"original_title", NULL},
    [C_YEAR] = {"year", NULL},
    [C_RELEASE] = {"release_date", NULL},
    [C_KIND] = {"title_type", "type", NULL},
    [C_RUNTIME] = {"runtime_(mins)", "runtime_(min)", "runtime", NULL},
    [C_GENRES] = {"genres", NULL},
    [C_SEASON] = {"season_number", NULL},
    [C_EPISODE] = {"episode_number", NULL},
    [C_RATING] = {"your_rating", "you_rated", NULL},
    [C_RATED] = {"date_rated", NULL},
    [C_LISTED] = {"created", "date_added", NULL},
    [C_POSITION] = {"position", NULL},
    [C_WATCHED] = {"watched_date", NULL},
    [C_DATE] = {"date", NULL},
    [C_URI] = {"letterboxd_uri", NULL},
};

struct columns {
    int at[COLUMNS];
    const struct table_row *row;
};

static struct str field(const struct columns *c, enum column k)
{
    int at = c->at[k];
    if (at < 0 || (size_t)at >= c->row->n)
        return STR_NONE;
    struct str s = str_trim(c->row->field[at]);
    return text_is_nothing(s) ? STR_NONE : s;
}

/* Nothing, or a whole number in [0, most]. */
static int whole(const struct columns *c, enum column k, double most, uint16_t *ret,
                 struct mq_error *err)
{
    struct str s = field(c, k);
    double v = 0;
    if (s.n > 0 && (!str_to_double(s, &v) || !(v >= 0 && v <= most)))
        return mq_fail(err, MQ_INVALID, "%s: \"%.*s\": give a number, or nothing", names[k][0],
                       STR_ARG(s));
    *ret = (uint16_t)lround(v);
    return 0;
}

/* Nothing leaves *ret as it is. */
static int instant(const struct columns *c, enum column k, int64_t *ret, struct mq_error *err)
{
    enum { DAY_MS = 24 * 3600 * 1000 };
    struct str s = field(c, k);
    int32_t day;
    if (s.n == 0 || when_parse(s, ret))
        return 0;
    if (!when_day(s, &day))
        return mq_fail(err, MQ_INVALID, "%s: \"%.*s\": give a date like 2024-05-31", names[k][0],
                       STR_ARG(s));
    *ret = (int64_t)day * DAY_MS;
    return 0;
}

static bool has(struct str s, const char *word)
{
    size_t n = strlen(word);
    for (size_t i = 0; i + n <= s.n; i++)
        if (strncasecmp(s.p + i, word, n) == 0)
            return true;
    return false;
}

/* IMDb: "Movie", "TV Series", "TV Episode", "TV Mini Series", "tvMovie", ...; TMDB: "movie", "tv". */
static uint8_t kind_of(struct str s, bool episode)
{
    enum title_kind k;
    if (episode || has(s, "episode"))
        return TITLE_EPISODE;
    if (has(s, "series"))
        return TITLE_SERIES;
    if (has(s, "special"))
        return TITLE_SPECIAL;
    if (has(s, "movie") || has(s, "film") || has(s, "short") || str_eq_nocase(s, STR("video")))
        return TITLE_FILM;
    return title_kind_from(s, &k) ? (uint8_t)k : TITLE_UNKNOWN;
}

static struct str prefixed(struct film_reading *r, const char *prefix, struct str id)
{
    size_t n = strlen(prefix);
    char *p = id.n > 0 && id.n < TITLE_ID_MAX ? arena_alloc(&r->arena, n + id.n) : NULL;
    if (!p)
        return STR_NONE;
    memcpy(p, prefix, n);
    memcpy(p + n, id.p, id.n);
    return (struct str){p, n + id.n};
}

static int read_title(struct film_reading *r, const struct columns *c, struct title *t,
                      struct mq_error *err)
{
    struct text_list genres;
    uint16_t year = 0;
    int rc = whole(c, C_YEAR, 9999, &year, err);
    if (rc == 0)
        rc = whole(c, C_RUNTIME, UINT16_MAX, &t->runtime_min, err);
    if (rc == 0)
        rc = whole(c, C_SEASON, UINT16_MAX, &t->season, err);
    if (rc == 0)
        rc = whole(c, C_EPISODE, UINT16_MAX, &t->episode, err);
    if (rc)
        return rc;
    if (!list_cut(field(c, C_GENRES), ',', &r->arena, &genres))
        return mq_fail(err, MQ_NO_MEMORY, "%s: no memory: free some", r->name);
    t->name = field(c, C_NAME);
    t->original_name = field(c, C_ORIGINAL);
    t->id = field(c, C_IMDB);
    if (t->id.n == 0)
        t->id = prefixed(r, "tmdb:", field(c, C_TMDB));
    t->genres = genres.item;
    t->n_genres = genres.n;
    t->kind =
        r->site == SITE_LETTERBOXD ? TITLE_UNKNOWN : kind_of(field(c, C_KIND), t->episode > 0);
    struct str release = field(c, C_RELEASE);
    int32_t day;
    if (when_day(release, &day))
        t->release_day = day; /* some have only the year, or nothing that is a day */
    double of_release;
    if (year == 0 && release.n >= 4 && str_to_double((struct str){release.p, 4}, &of_release) &&
        of_release >= 1000 && of_release <= 9999)
        year = (uint16_t)of_release;
    t->year = (int16_t)year;
    return 0;
}

/* IMDb and TMDB: rated on a day, or an entry of a list. */
static int read_words(const struct film_reading *r, const struct columns *c, struct film_row *row,
                      struct mq_error *err)
{
    int64_t listed = film_row_time(r);
    int64_t rated = listed;
    int rc = instant(c, C_LISTED, &listed, err);
    if (rc == 0)
        rc = instant(c, C_RATED, &rated, err);
    if (rc)
        return rc;
    bool is_list = r->listed || c->at[C_POSITION] >= 0;
    if (is_list && !r->liked)
        row->listed_ms = listed;
    if (r->liked)
        row->liked_ms = listed;
    if (row->rating > 0)
        row->rated_ms = rated;
    return 0;
}

/* ratings.csv, watched.csv, diary.csv, reviews.csv, watchlist.csv, likes/films.csv. */
static int read_letterboxd(const struct film_reading *r, const struct columns *c,
                           struct film_row *row, struct mq_error *err)
{
    int64_t date = film_row_time(r);
    int rc = instant(c, C_DATE, &date, err);
    int64_t watched = date;
    if (rc == 0)
        rc = instant(c, C_WATCHED, &watched, err);
    if (rc)
        return rc;
    bool diary = c->at[C_WATCHED] >= 0;
    if (r->listed)
        row->listed_ms = date;
    else if (r->liked)
        row->liked_ms = date;
    else if (diary || c->at[C_RATING] < 0)
        row->watched_ms = watched;
    if (row->rating > 0)
        row->rated_ms = diary ? watched : date;
    row->scale = 5;
    return 0;
}

static int read_row(struct film_reading *r, const struct columns *c, struct mq_error *err)
{
    struct film_row row;
    struct mq_error why;
    film_row_init(&row);
    arena_reset(&r->arena);
    row.line = c->row->line;
    row.raw = c->row->raw;
    struct str rating = field(c, C_RATING);
    int rc = read_title(r, c, &row.title, &why);
    if (rc == 0 && rating.n > 0 && !str_to_double(rating, &row.rating))
        rc = mq_fail(&why, MQ_INVALID, "rating: \"%.*s\": is no number", STR_ARG(rating));
    if (rc == 0)
        rc = r->site == SITE_LETTERBOXD ? read_letterboxd(r, c, &row, &why)
                                        : read_words(r, c, &row, &why);
    if (rc == MQ_NO_MEMORY)
        return mq_fail(err, why.status, "%s", why.text);
    return rc ? film_row_refuse(r, &row, &why, err) : film_row_put(r, &row, err);
}

static bool find_columns(const struct film_reading *r, const struct table *t, int at[COLUMNS])
{
    for (int c = 0; c < COLUMNS; c++)
        at[c] = table_column_of(t, names[c]);
    if (r->site == SITE_LETTERBOXD) {
        at[C_RATING] = table_column(t, "rating");
        return at[C_NAME] >= 0 && at[C_DATE] >= 0;
    }
    if (r->site == SITE_TMDB && at[C_RATING] < 0)
        at[C_RATING] = table_column(t, "rating");
    return at[C_NAME] >= 0 && (at[C_IMDB] >= 0 || at[C_TMDB] >= 0);
}

int film_table_read(struct film_reading *r, struct str bytes, struct mq_error *err)
{
    struct table_options how = {.header = TABLE_YES, .separator = ",", .quotes = TABLE_YES};
    struct columns c;
    struct table_row row;
    struct table *t;
    struct mq_error why;
    int rc = table_over(&t, r->name, bytes, &how, err);
    if (rc)
        return rc;
    c.row = &row;
    if (r->site == SITE_TRAKT || !find_columns(r, t, c.at)) {
        table_free(t);
        return mq_fail(err, MQ_INVALID,
                       "%s: is no file of a %s export: docs/importing.md names them", r->name,
                       film_site_name(r->site));
    }
    while (rc == 0) {
        int got = table_next(t, &row, &why);
        if (got == 0)
            break;
        if (got < 0 && got != MQ_INVALID) {
            rc = mq_fail(err, why.status, "%s", why.text);
        } else if (got < 0) {
            struct film_row bad = {.line = row.line, .raw = row.raw};
            rc = film_row_refuse(r, &bad, &why, err);
        } else {
            rc = read_row(r, &c, err);
        }
    }
    table_free(t);
    return rc;
}
