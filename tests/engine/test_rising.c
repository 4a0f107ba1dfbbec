/* A burst within a day of events: on the page of its region within five minutes of the events' own time, on no other, and
 * the same again from the log. */
#include "service.h"

#include <math.h>

#include "base/rng.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

enum { BATCH = 4096 };

struct day {
    struct service *s;
    struct rng rng;
    struct mq_event events[BATCH];
    char viewers[BATCH][16], titles[BATCH][16];
    size_t n;
};

static void flush(struct day *d)
{
    struct mq_appended done;
    if (d->n > 0)
        assert_ok(mq_append(d->s->engine, d->events, d->n, &done, &test_err));
    d->n = 0;
}

static void start(struct day *d, unsigned title, const char *region, int64_t at_ms)
{
    struct mq_event *e = &d->events[d->n];
    snprintf(d->viewers[d->n], sizeof(d->viewers[0]), "w%u", (unsigned)rng_below(&d->rng, 5000));
    snprintf(d->titles[d->n], sizeof(d->titles[0]), "t%u", title);
    *e = (struct mq_event){.viewer = d->viewers[d->n],
                           .kind = "start",
                           .title = d->titles[d->n],
                           .at_ms = at_ms,
                           .position_ms = -1,
                           .from_ms = -1,
                           .country = "GB",
                           .region = region,
                           .timezone = "Europe/London",
                           .device = "tv"};
    if (++d->n == BATCH)
        flush(d);
}

/* A minute of two regions, six starts in each on average in the evening; some look for `burst` in London. */
static void minute(struct day *d, int64_t at_ms, unsigned burst)
{
    double hour = (double)(at_ms % DAY) / (double)HOUR;
    double busy = 0.2 + 5.8 * exp(-pow((hour - 20) / 4, 2));
    for (unsigned where = 0; where < 2; where++) {
        uint64_t n = rng_poisson(&d->rng, busy);
        for (uint64_t i = 0; i < n; i++) {
            double u = rng_double(&d->rng);
            bool caught = where == 0 && burst < SERVICE_TITLES && rng_double(&d->rng) < 0.4;
            start(d, caught ? burst : (unsigned)(SERVICE_TITLES * u * u),
                  where == 0 ? "London" : "Leeds",
                  at_ms + (int64_t)rng_below(&d->rng, (uint64_t)MINUTE));
        }
    }
    flush(d);
}

static bool on_page(struct mq_reader *reader, const char *viewer, const char *region, int64_t at_ms,
                    const char *name, const char *title)
{
    struct mq_page page;
    struct mq_request q = {.viewer = viewer,
                           .at_ms = at_ms,
                           .country = "GB",
                           .region = region,
                           .timezone = "Europe/London",
                           .device = "tv"};
    bool found = false;
    assert_ok(mq_home(reader, &q, &page, &test_err));
    for (size_t r = 0; r < page.n_rows; r++) {
        const struct mq_row *row = &page.rows[r];
        if (strcmp(row->kind, "rising") != 0)
            continue;
        for (size_t i = 0; i < row->n_items; i++) {
            assert_int_equal(row->items[i].reason.kind, MQ_REASON_RISING);
            assert_non_null(strstr(row->items[i].reason.text, "viewers in "));
            found |= strcmp(row->name, name) == 0 && strcmp(row->items[i].title, title) == 0;
        }
    }
    return found;
}

static bool any_rising(struct mq_reader *reader, const char *region, int64_t at_ms)
{
    struct mq_page page;
    struct mq_request q = {.viewer = "nobody", .at_ms = at_ms, .country = "GB", .region = region};
    assert_ok(mq_home(reader, &q, &page, &test_err));
    for (size_t r = 0; r < page.n_rows; r++)
        if (strcmp(page.rows[r].kind, "rising") == 0)
            return true;
    return false;
}

static void on_the_page_of_its_region(void **state)
{
    struct service *s = *state;
    static struct day d;
    d = (struct day){.s = s};
    rng_seed(&d.rng, test_seed());
    service_titles(s);
    service_ratings(s);
    service_train(s);
    int64_t now = service_now();
    int64_t at = now - now % DAY - 3 * DAY, begin = at + 2 * DAY + 20 * HOUR, found = 0;
    unsigned asked = 0, wrong = 0;
    for (; at < begin; at += MINUTE) {
        minute(&d, at, SERVICE_TITLES);
        if (at > begin - DAY && at / MINUTE % 20 == 0) {
            asked++;
            wrong += any_rising(s->reader, at / MINUTE % 40 ? "London" : "Leeds", at + MINUTE - 1);
        }
    }
    assert_true(asked >= 70);
    assert_true(wrong <= 2); /* chance may name a title in a day, and it stays for some minutes */
    for (; at < begin + 5 * MINUTE && found == 0; at += MINUTE) {
        minute(&d, at, 70);
        if (on_page(s->reader, "nobody", "London", at + MINUTE - 1, "Rising now in London", "t70"))
            found = at + MINUTE - begin;
    }
    if (found == 0)
        fail_msg("seed %llu: not within five minutes", (unsigned long long)test_seed());
    int64_t then = at - 1;
    /* Of somebody with a history, too; not elsewhere, and not without a place. */
    assert_true(on_page(s->reader, "v3", "London", then, "Rising now in London", "t70"));
    assert_false(on_page(s->reader, "v3", "Leeds", then, "Rising now in London", "t70"));
    assert_false(on_page(s->reader, "v3", "Leeds", then, "Rising now in Leeds", "t70"));
    struct mq_page page;
    assert_ok(mq_home(s->reader, &(struct mq_request){.viewer = "nobody", .at_ms = then}, &page,
                      &test_err));
    for (size_t r = 0; r < page.n_rows; r++)
        assert_string_not_equal(page.rows[r].kind, "rising");
    /* From what was kept, and from the log alone. */
    char *live = service_page(
        s->reader,
        &(struct mq_request){.viewer = "v3", .at_ms = then, .country = "GB", .region = "London"});
    service_reopen(s);
    char *kept = service_page(
        s->reader,
        &(struct mq_request){.viewer = "v3", .at_ms = then, .country = "GB", .region = "London"});
    assert_string_equal(live, kept);
    char *past = service_page(s->reader, &(struct mq_request){.viewer = "v3",
                                                              .at_ms = then,
                                                              .as_of_seq = service_last_seq(s),
                                                              .country = "GB",
                                                              .region = "London"});
    assert_string_equal(live, past);
    assert_non_null(strstr(live, "\"rising\""));
    free(live);
    free(kept);
    free(past);
    /* It is over. */
    assert_false(any_rising(s->reader, "London", then + 30 * MINUTE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(on_the_page_of_its_region, service_setup, service_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
