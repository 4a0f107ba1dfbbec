#include "wire/watch_reports.h"

#include "netflix_title.h"
#include "wire/table.h"
#include "wire/when.h"

enum { COLUMNS_MAX = 8, RUNTIME_TEXT_MAX = 32 };

/* Required columns first. */
enum { H_TITLE, H_HOURS, H_GLOBAL, H_RELEASE, H_RUNTIME, H_COLUMNS, H_REQUIRED = H_GLOBAL };
enum { W_WEEK, W_CATEGORY, W_SHOW, W_HOURS, W_SEASON, W_WEEKS, W_COLUMNS, W_REQUIRED = W_SEASON };

static const char *const half_columns[H_COLUMNS][3] = {
    [H_TITLE] = {"title", NULL},
    [H_HOURS] = {"hours_viewed", "hours", NULL},
    [H_GLOBAL] = {"available_globally", NULL},
    [H_RELEASE] = {"release_date", NULL},
    [H_RUNTIME] = {"runtime", NULL},
};

static const char *const week_columns[W_COLUMNS][3] = {
    [W_WEEK] = {"week", NULL},
    [W_CATEGORY] = {"category", NULL},
    [W_SHOW] = {"show_title", "title", NULL},
    [W_HOURS] = {"weekly_hours_viewed", "hours", NULL},
    [W_SEASON] = {"season_title", NULL},
    [W_WEEKS] = {"cumulative_weeks_in_top_10", NULL},
};

struct reading {
    struct table *table;
    struct table_row row;
    int column[COLUMNS_MAX];
    const struct half_year_sink *half;
    const struct weekly_sink *week;
};

static struct str field(const struct reading *r, int c)
{
    int at = r->column[c];
    return at < 0 || (size_t)at >= r->row.n ? STR_NONE : str_trim(r->row.field[at]);
}

static int find_columns(struct reading *r, const char *const (*names)[3], int n, int required,
                        struct mq_error *err)
{
    for (int c = 0; c < n; c++) {
        r->column[c] = table_column_of(r->table, names[c]);
        if (c < required && r->column[c] < 0)
            return mq_fail(err, MQ_INVALID, "%s: no column \"%s\": give a header with its name",
                           table_name(r->table), names[c][0]);
    }
    return 0;
}

static int take_text(struct str s, const char *what, struct str *ret, struct mq_error *err)
{
    if (s.n == 0 || s.n > REPORT_TEXT_MAX)
        return mq_fail(err, MQ_INVALID, "%s: %zu bytes: give between 1 and %d", what, s.n,
                       REPORT_TEXT_MAX);
    *ret = s;
    return 0;
}

static int take_hours(struct str s, double *ret, struct mq_error *err)
{
    double v;
    if (!str_to_double(s, &v) || !(v >= 0 && v <= REPORT_HOURS_MAX))
        return mq_fail(err, MQ_INVALID, "hours: \"%.*s\": give a number from 0 to %.0f", STR_ARG(s),
                       REPORT_HOURS_MAX);
    *ret = v;
    return 0;
}

static int take_day(struct str s, const char *what, int32_t *ret, struct mq_error *err)
{
    if (!when_day(s, ret))
        return mq_fail(err, MQ_INVALID, "%s: \"%.*s\": give a day as 2023-01-31", what, STR_ARG(s));
    return 0;
}

/* "7:34", "4:44*", "*", "". */
static int take_runtime(struct str s, double *ret_hours, struct mq_error *err)
{
    struct str rest = s;
    uint64_t hours = 0;
    uint64_t minutes = 0;
    while (rest.n > 0 && rest.p[rest.n - 1] == '*')
        rest.n--;
    *ret_hours = 0;
    if (rest.n == 0)
        return 0;
    struct str head = str_cut(&rest, ':');
    if (s.n > RUNTIME_TEXT_MAX || !rest.p || !str_to_u64(head, &hours) ||
        !str_to_u64(rest, &minutes) || minutes > 59 || hours > REPORT_RUNTIME_MAX / 60)
        return mq_fail(err, MQ_INVALID, "runtime: \"%.*s\": give it as 7:34, or nothing",
                       STR_ARG(s));
    *ret_hours = (double)hours + (double)minutes / 60;
    return 0;
}

struct report_name report_name_of(struct str title)
{
    struct netflix_title t;
    const char *other = title.n > 4 ? memmem(title.p, title.n, " // ", 4) : NULL;
    struct str s = str_trim(other ? (struct str){title.p, (size_t)(other - title.p)} : title);
    netflix_title_parse(s, &t);
    if (t.kind != TITLE_SEASON || t.season == 0 || t.season > REPORT_SEASON_MAX ||
        str_trim(t.show).n == 0)
        return (struct report_name){.show = s.n ? s : title};
    return (struct report_name){str_trim(t.show), t.season};
}

bool half_year_of(struct str file, int *ret_year, int *ret_half)
{
    for (size_t i = 0; i + 6 <= file.n; i++) {
        uint64_t year;
        const char *p = file.p + i;
        if ((p[4] == 'H' || p[4] == 'h') && (p[5] == '1' || p[5] == '2') &&
            str_to_u64((struct str){p, 4}, &year) && year >= 1900 && year < 3000) {
            *ret_year = (int)year;
            *ret_half = p[5] - '0';
            return true;
        }
    }
    return false;
}

static int read_half(const struct reading *r, struct half_year_row *ret, struct mq_error *err)
{
    struct str title;
    struct str release = field(r, H_RELEASE);
    *ret = (struct half_year_row){.release_day = REPORT_NO_DAY,
                                  .global = str_eq_nocase(field(r, H_GLOBAL), STR("yes"))};
    int rc = take_text(field(r, H_TITLE), "title", &title, err);
    if (rc == 0)
        rc = take_hours(field(r, H_HOURS), &ret->hours, err);
    if (rc == 0 && release.n > 0)
        rc = take_day(release, "release_date", &ret->release_day, err);
    if (rc == 0)
        rc = take_runtime(field(r, H_RUNTIME), &ret->runtime_hours, err);
    if (rc == 0)
        ret->name = report_name_of(title);
    return rc;
}

static int read_week(const struct reading *r, struct weekly_row *ret, struct mq_error *err)
{
    struct str show;
    struct str season = field(r, W_SEASON);
    struct str weeks = field(r, W_WEEKS);
    uint64_t n = 0;
    *ret = (struct weekly_row){0};
    int rc = take_text(field(r, W_SHOW), "show_title", &show, err);
    if (rc == 0)
        rc = take_text(field(r, W_CATEGORY), "category", &ret->category, err);
    if (rc == 0)
        rc = take_day(field(r, W_WEEK), "week", &ret->day, err);
    if (rc == 0)
        rc = take_hours(field(r, W_HOURS), &ret->hours, err);
    if (rc == 0 && weeks.n > 0 && (!str_to_u64(weeks, &n) || n > REPORT_WEEKS_MAX))
        rc = mq_fail(err, MQ_INVALID, "weeks: \"%.*s\": give a number up to %d", STR_ARG(weeks),
                     REPORT_WEEKS_MAX);
    if (rc == 0 && season.n > REPORT_TEXT_MAX)
        rc = take_text(season, "season_title", &season, err);
    if (rc)
        return rc;
    bool film = season.n == 0 || str_eq_nocase(season, STR("N/A"));
    ret->weeks = (uint16_t)n;
    ret->name = report_name_of(film ? show : season);
    return 0;
}

static int read_rows(struct reading *r, void *ctx, bad_row_fn *on_bad, struct mq_error *err)
{
    struct mq_error why;
    int rc;
    while ((rc = table_next(r->table, &r->row, &why)) != 0) {
        union {
            struct half_year_row half;
            struct weekly_row week;
        } row;
        if (rc != 1 && rc != MQ_INVALID)
            return mq_fail(err, why.status, "%s", why.text);
        if (rc == 1)
            rc = r->half ? read_half(r, &row.half, &why) : read_week(r, &row.week, &why);
        struct bad_row bad = {table_name(r->table), r->row.line, r->row.raw, &why};
        if (rc != 0 && rc != 1)
            rc = on_bad(ctx, &bad, err);
        else
            rc = r->half ? r->half->row(ctx, &row.half, err) : r->week->row(ctx, &row.week, err);
        if (rc)
            return rc;
    }
    return 0;
}

int half_year_read(const char *name, struct str bytes, const struct half_year_sink *sink,
                   struct mq_error *err)
{
    struct reading r = {.half = sink};
    int rc = table_over(&r.table, name, bytes, &(struct table_options){.header = TABLE_YES}, err);
    if (rc)
        return rc;
    rc = find_columns(&r, half_columns, H_COLUMNS, H_REQUIRED, err);
    if (rc == 0)
        rc = read_rows(&r, sink->ctx, sink->bad, err);
    table_free(r.table);
    return rc;
}

int weekly_read(const char *name, struct str bytes, const struct weekly_sink *sink,
                struct mq_error *err)
{
    struct reading r = {.week = sink};
    int rc = table_over(&r.table, name, bytes, &(struct table_options){.header = TABLE_YES}, err);
    if (rc)
        return rc;
    rc = find_columns(&r, week_columns, W_COLUMNS, W_REQUIRED, err);
    if (rc == 0)
        rc = read_rows(&r, sink->ctx, sink->bad, err);
    table_free(r.table);
    return rc;
}
