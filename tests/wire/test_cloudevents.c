/* CloudEvents 1.0: structured, batched and binary. */
#include "event_reading.h"
#include "wire/cloudevents.h"

#define NOW_MS INT64_C(1772400000000) /* 2026-03-01T21:20:00Z */

static struct reading got;

static int read_with(struct cloudevents_options o, const char *body)
{
    struct event_sink sink = reading_start(&got);
    o.received_ms = NOW_MS;
    o.arena = &got.arena;
    return cloudevents_read(str_of(body), &o, &sink, &test_err);
}

static int read_structured(const char *body)
{
    return read_with((struct cloudevents_options){.mode = CLOUDEVENTS_STRUCTURED}, body);
}

static void check_pause(void)
{
    if (got.n_refused > 0)
        fail_msg("refused: %s", got.refused[0]);
    assert_int_equal(got.n_events, 1);
    const struct event *e = &got.events[0];
    assert_int_equal(e->kind, EVENT_PAUSE);
    assert_str("u", e->viewer);
    assert_str("t", e->title);
    assert_str("7", e->id);
    assert_str("cloudevents:/player", e->source);
    assert_int_equal(e->at_ms, NOW_MS - 1200000);
    assert_int_equal(e->position_ms, 5000);
}

static void structured(void **state)
{
    (void)state;
    assert_ok(read_structured(
        "{\"specversion\":\"1.0\",\"id\":\"7\",\"source\":\"/"
        "player\",\"type\":\"com.example.pause\","
        "\"subject\":\"u\",\"time\":\"2026-03-01T21:00:00Z\",\"datacontenttype\":null,"
        "\"traceparent\":\"x\",\"data\":{\"title\":\"t\",\"position_ms\":5000}}"));
    check_pause();
    /* {"title":"t","position_ms":5000} */
    assert_ok(read_structured(
        "{\"specversion\":\"1.0\",\"id\":\"7\",\"source\":\"/player\",\"type\":\"pause\","
        "\"subject\":\"u\",\"time\":\"2026-03-01T21:00:00Z\",\"data\":null,"
        "\"data_base64\":\"eyJ0aXRsZSI6InQiLCJwb3NpdGlvbl9tcyI6NTAwMH0=\"}"));
    check_pause();
    assert_ok(read_structured(
        "{\"specversion\":\"1.0\",\"id\":\"7\",\"source\":\"/player\",\"type\":\"pause\","
        "\"subject\":\"u\",\"time\":\"2026-03-01T21:00:00Z\","
        "\"data\":\"{\\\"title\\\":\\\"t\\\",\\\"position_ms\\\":5000}\"}"));
    check_pause();
}

static void the_data_says_more_than_the_envelope(void **state)
{
    (void)state;
    assert_ok(read_structured("{\"specversion\":\"1.0\",\"id\":\"7\",\"source\":\"s\",\"type\":\"x."
                              "pause\",\"subject\":\"u\","
                              "\"time\":\"2026-03-01T21:00:00Z\",\"data\":{\"kind\":\"play\","
                              "\"viewer\":\"w\",\"title\":\"t\","
                              "\"id\":\"other\",\"at\":\"2026-03-01T21:05:00Z\"}}"));
    assert_int_equal(got.events[0].kind, EVENT_PLAY);
    assert_str("w", got.events[0].viewer);
    assert_str("7", got.events[0].id);
    assert_int_equal(got.events[0].at_ms, NOW_MS - 900000);
}

static void binary(void **state)
{
    (void)state;
    const struct cloudevents_attribute attributes[] = {
        {STR("Id"), STR("7")},
        {STR("specversion"), STR("1.0")},
        {STR("source"), STR("%2Fplayer")},
        {STR("type"), STR("com.example.pause")},
        {STR("subject"), STR("u")},
        {STR("time"), STR("2026-03-01T21:00:00Z")},
    };
    struct cloudevents_options o = {
        .mode = CLOUDEVENTS_BINARY, .attributes = attributes, .n_attributes = 6};
    assert_ok(read_with(o, "{\"title\":\"t\",\"position_ms\":5000}"));
    check_pause();
    assert_int_equal(read_with(o, "{\"title\":"), MQ_INVALID);
    assert_int_equal(read_with(o, "{} {}"), MQ_INVALID);
    assert_ok(read_with(o, ""));
    reading_refused(&got, 0, "title: missing");
}

static void a_batch_and_what_is_refused(void **state)
{
    (void)state;
    assert_ok(read_structured(
        "[{\"specversion\":\"1.0\",\"id\":\"7\",\"source\":\"/player\",\"type\":\"pause\","
        "\"subject\":\"u\",\"time\":\"2026-03-01T21:00:00Z\",\"data\":{\"title\":\"t\","
        "\"position_ms\":5000}},"
        "{\"specversion\":\"0.3\",\"id\":\"7\",\"source\":\"s\",\"type\":\"pause\"},"
        "{\"specversion\":\"1.0\",\"source\":\"s\",\"type\":\"pause\"},"
        "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"pause\",\"data\":7},"
        "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"pause\","
        "\"data_base64\":\"?\"},"
        "3,"
        "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"other\",\"data\":{}}]"));
    assert_int_equal(got.n_refused, 6);
    reading_refused(&got, 0, "specversion: 0.3");
    reading_refused(&got, 1, "id: missing");
    reading_refused(&got, 2, "data: must be an object");
    reading_refused(&got, 3, "base64");
    reading_refused(&got, 4, "must be an object");
    reading_refused(&got, 5, "viewer: missing");
    got.n_refused = 0;
    check_pause();
    assert_int_equal(read_structured("[{}"), MQ_INVALID);
}

static int teardown(void **state)
{
    (void)state;
    reading_end(&got);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(structured),
        cmocka_unit_test(the_data_says_more_than_the_envelope),
        cmocka_unit_test(binary),
        cmocka_unit_test(a_batch_and_what_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
