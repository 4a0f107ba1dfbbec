/* fuzz_watch_reports.c - half-year reports and weekly lists: any bytes, the first of which says as what. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "on_bad.h"
#include "wire/watch_reports.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct report_name *name, double hours)
{
    if (name->show.n == 0 || name->show.n > REPORT_TEXT_MAX || name->season > REPORT_SEASON_MAX ||
        !(hours >= 0 && hours <= REPORT_HOURS_MAX))
        abort();
}

static int on_half(void *ctx, const struct half_year_row *row, struct mq_error *err)
{
    (void)ctx;
    (void)err;
    check(&row->name, row->hours);
    if (!(row->runtime_hours >= 0 && row->runtime_hours <= REPORT_RUNTIME_MAX))
        abort();
    return 0;
}

static int on_week(void *ctx, const struct weekly_row *row, struct mq_error *err)
{
    (void)ctx;
    (void)err;
    check(&row->name, row->hours);
    if (row->category.n == 0 || row->weeks > REPORT_WEEKS_MAX)
        abort();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct half_year_sink half = {NULL, on_half, on_bad};
    struct weekly_sink week = {NULL, on_week, on_bad};
    struct mq_error err;
    if (size == 0)
        return 0;
    struct str rest = {(const char *)data + 1, size - 1};
    if (data[0] % 2 == 0)
        half_year_read("fuzz", rest, &half, &err);
    else
        weekly_read("fuzz", rest, &week, &err);
    int year, part;
    half_year_of(rest, &year, &part);
    return 0;
}
