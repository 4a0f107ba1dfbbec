/* What is kept of the counters between two openings gives the same answers as the log, or is not used. */
#include "engine/engine.h"
#include "engine/kept_counters.h"
#include "service.h"

enum { PAGES = 6, EVENTS = 300 };

struct pages {
    char *json[PAGES];
};

/* Of strangers in different places: nothing but counters and the catalogue is in them. */
static struct pages pages_of(struct service *s, int64_t now)
{
    static const char *const countries[PAGES] = {NULL, "GB", "US", "GB", "DE", NULL};
    static const char *const devices[PAGES] = {NULL, "tv", "phone", NULL, "tablet", "tv"};
    struct pages p;
    for (int i = 0; i < PAGES; i++)
        p.json[i] = service_page(s->reader, &(struct mq_request){.viewer = "stranger",
                                                                 .at_ms = now,
                                                                 .country = countries[i],
                                                                 .device = devices[i],
                                                                 .has_offset = i % 2 == 0});
    return p;
}

static void assert_same_pages(struct pages *a, struct pages *b)
{
    for (int i = 0; i < PAGES; i++) {
        assert_string_equal(a->json[i], b->json[i]);
        free(a->json[i]);
        free(b->json[i]);
    }
}

static void choose(struct event *e, char *text, unsigned number, int64_t now)
{
    static const country_code countries[] = {'G' << 8 | 'B', 'U' << 8 | 'S', 'D' << 8 | 'E'};
    event_init(e);
    e->kind = EVENT_START;
    e->source = STR("native");
    snprintf(text, 64, "v%u%ct%u%ce%u", number % 37, 0, number * number % SERVICE_TITLES, 0,
             number);
    e->viewer = str_of(text);
    e->title = str_of(text + e->viewer.n + 1);
    e->id = str_of(text + e->viewer.n + e->title.n + 2);
    e->session = STR("s");
    e->at_ms = now - (int64_t)(number % 9) * 3600 * 1000 * 24;
    e->position_ms = 0;
    e->context.country = countries[number % 3];
    e->context.device = number % 2 ? DEVICE_TV : DEVICE_PHONE;
    e->context.offset_min = 0;
}

/* Behind the engine's back, as if it had been killed before it kept anything. */
static void append_to_store(const struct service *s, unsigned from, unsigned n, int64_t now)
{
    struct store_options o = {.must_exist = true, .titles_take_place = true};
    struct store *store;
    assert_ok(store_open(s->data, &o, &store, &test_err));
    static struct event events[EVENTS];
    static char text[EVENTS][64];
    uint8_t outcome[EVENTS];
    assert_true(n <= EVENTS);
    for (unsigned i = 0; i < n; i++)
        choose(&events[i], text[i], from + i, now);
    assert_ok(store_append(store, events, n, now, outcome, &test_err));
    for (unsigned i = 0; i < n; i++)
        assert_int_equal(outcome[i], APPEND_ADDED);
    store_close(store);
}

/* Reopens twice: with what was kept, and with nothing. `used`: what was kept can be used. */
static void assert_counted_right(struct service *s, bool used, int64_t now)
{
    service_open(s, s->data);
    assert_int_equal(s->engine->kept_seq != 0, used);
    struct pages kept = pages_of(s, now);
    struct mq_error err;
    assert_ok(kept_counters_remove(s->engine, &err));           /* nobody else writes */
    s->engine->kept_seq = atomic_load(&s->engine->applied_seq); /* nor keeps at closing */
    service_reopen(s);
    assert_int_equal(s->engine->kept_seq, 0);
    struct pages counted = pages_of(s, now);
    assert_same_pages(&kept, &counted);
}

static void kept_at_closing(void **state)
{
    struct service *s = *state;
    int64_t now = service_now();
    service_titles(s);
    service_close(s);
    append_to_store(s, 0, EVENTS, now);
    service_open(s, s->data);
    uint64_t seq = service_last_seq(s);
    struct pages before = pages_of(s, now);
    service_reopen(s);
    assert_int_equal(s->engine->kept_seq, seq);
    struct pages after = pages_of(s, now);
    assert_same_pages(&before, &after);
    /* What came since is counted on top. */
    service_close(s);
    append_to_store(s, EVENTS, EVENTS, now);
    assert_counted_right(s, true, now);
}

/* Damage to each row, and to none of them; then a row that is gone. */
static void damaged_or_lost(void **state)
{
    struct service *s = *state;
    int64_t now = service_now();
    service_titles(s);
    service_close(s);
    append_to_store(s, 0, EVENTS, now);
    for (int what = 0; what < 4; what++) {
        static const char *const keys[] = {"counters", "counters.1.0"};
        service_open(s, s->data);
        service_close(s);
        struct store_options o = {.must_exist = true, .titles_take_place = true};
        struct store *store;
        struct buf b;
        buf_init(&b, 1 << 20);
        assert_ok(store_open(s->data, &o, &store, &test_err));
        struct str key = str_of(keys[what % 2]);
        assert_ok(store_get_value(store, STORE_META, key, &b, &test_err));
        b.p[b.n / 2] ^= 1;
        if (what < 2)
            assert_ok(store_put_value(store, STORE_META, key, buf_str(&b), &test_err));
        else
            assert_ok(store_delete_value(store, STORE_META, key, &test_err));
        store_close(store);
        buf_release(&b);
        /* A flipped bit in the head may lie in a figure that only the log refutes. */
        assert_counted_right(s, false, now);
        s->engine->kept_seq = 0;
        service_close(s);
    }
    service_open(s, s->data);
}

static void an_erased_viewer_is_not_in_them(void **state)
{
    struct service *s = *state;
    int64_t now = service_now();
    struct mq_receipt receipt;
    service_titles(s);
    service_close(s);
    append_to_store(s, 0, EVENTS, now);
    service_open(s, s->data);
    service_reopen(s);
    assert_true(s->engine->kept_seq > 0);
    assert_ok(mq_erase(s->engine, "v3", &receipt, &test_err));
    struct buf b;
    buf_init(&b, 1 << 20);
    assert_fails(MQ_NOT_FOUND,
                 store_get_value(s->engine->store, STORE_META, STR("counters"), &b, &test_err));
    buf_release(&b);
    struct pages erased = pages_of(s, now);
    service_reopen(s);
    assert_true(s->engine->kept_seq > 0);
    struct pages kept = pages_of(s, now);
    assert_same_pages(&erased, &kept);
    service_close(s);
    /* An erasure that a crash cut off between the log and the counters. */
    struct store_options o = {.must_exist = true, .titles_take_place = true};
    struct store *store;
    struct store_receipt done;
    assert_ok(store_open(s->data, &o, &store, &test_err));
    uint32_t id = intern_find(store_names(store, NAME_VIEWER), STR("v5"));
    assert_ok(store_erase(store, (struct viewer_id){id}, now, &done, &test_err));
    store_close(store);
    assert_counted_right(s, false, now);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, service_setup, service_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(kept_at_closing),
        CASE(damaged_or_lost),
        CASE(an_erased_viewer_is_not_in_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
