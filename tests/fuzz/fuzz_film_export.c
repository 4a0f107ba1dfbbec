/* fuzz_film_export.c - exports of Trakt, TMDB, IMDb and Letterboxd: the first byte says which, and which list; any bytes behind
 * it. What comes out passed the checks, and every title before its first event. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "on_bad.h"
#include "wire/film_export.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool find(void *ctx, const struct title *t, struct str *ret_id)
{
    (void)ctx;
    if (t->name.n % 3 != 0)
        return false;
    *ret_id = STR("known");
    return true;
}

static int on_title(void *ctx, const struct title *t, uint64_t line, struct mq_error *err)
{
    (void)ctx;
    (void)line;
    if (title_check(t, err) != 0)
        abort();
    return 0;
}

static int on_event(void *ctx, struct event *e, uint64_t line, struct mq_error *err)
{
    (void)ctx;
    (void)line;
    if (!e->archived || e->title.n == 0 || event_check(e, INT64_C(1800000000000), err) != 0)
        abort();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"x/ratings", "x/watchlist", "likes/films", "x/diary"};
    struct film_sink sink = {NULL, find, on_title, on_event, on_bad};
    struct mq_error err;
    if (size == 0)
        return 0;
    film_export_read(
        names[data[0] / FILM_SITES % 4], (struct str){(const char *)data + 1, size - 1},
        (enum film_site)(data[0] % FILM_SITES), STR("v"), INT64_C(1800000000000), &sink, &err);
    return 0;
}
