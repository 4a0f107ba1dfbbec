/* Native events: every field, every form of body, and each reason to refuse. */
#include <math.h>

#include "base/buf.h"
#include "support/check.h"
#include "wire/native.h"

#define NOW_MS INT64_C(1772400000000) /* 2026-03-01T21:20:00Z */

/* What came out of one body. */
struct got {
    struct arena arena;
    struct event events[16];
    size_t n_events, n_refused;
    size_t refused_index[16];
    uint64_t refused_line[16];
    char refused[16][MQ_ERROR_TEXT];
    int stop; /* what the sink returns for an event */
};

static struct native_parser *parser;
static struct got got;

static int on_event(void *ctx, size_t index, struct event *e, struct mq_error *err)
{
    struct got *g = ctx;
    (void)index;
    if (g->stop)
        return mq_fail(err, (enum mq_status)g->stop, "the sink stops");
    assert_true(g->n_events < 16);
    g->events[g->n_events++] = *e;
    return 0;
}

static int on_refused(void *ctx, const struct event_place *place, const struct mq_error *why,
                      struct mq_error *err)
{
    struct got *g = ctx;
    (void)err;
    assert_true(g->n_refused < 16);
    assert_int_not_equal(why->status, 0);
    g->refused_index[g->n_refused] = place->index;
    g->refused_line[g->n_refused] = place->line;
    memcpy(g->refused[g->n_refused++], why->text, MQ_ERROR_TEXT);
    return 0;
}

static int parse_with(struct str body, struct native_options o)
{
    arena_release(&got.arena);
    got = (struct got){.stop = got.stop};
    assert_int_equal(arena_init(&got.arena, 4096, 1 << 20), 0);
    o.source = STR("native");
    o.now_ms = NOW_MS;
    o.arena = &got.arena;
    return native_parse(parser, body, &o, &(struct event_sink){&got, on_event, on_refused, NULL},
                        &test_err);
}

static int parse(const char *body)
{
    return parse_with(str_of(body), (struct native_options){.form = NATIVE_ANY});
}

/* One event that must be accepted. */
static const struct event *one(const char *body)
{
    assert_ok(parse(body));
    if (got.n_refused > 0)
        fail_msg("refused: %s", got.refused[0]);
    assert_int_equal(got.n_events, 1);
    return &got.events[0];
}

/* One event that must be refused (alone or as a body) for a reason that holds `words`. */
static void refused_for(const char *body, const char *words)
{
    int rc = parse(body);
    const char *text = rc == 0 ? got.refused[0] : test_err.text;
    assert_int_equal(got.n_events, 0);
    assert_true(rc != 0 || got.n_refused == 1);
    if (!strstr(text, words))
        fail_msg("%s\nwanted the words \"%s\" in: %s", body, words, text);
}

static int setup(void **state)
{
    (void)state;
    return native_parser_new(&parser, &test_err);
}

static int teardown(void **state)
{
    (void)state;
    native_parser_free(parser);
    arena_release(&got.arena);
    return 0;
}

static void reads_the_documented_event(void **state)
{
    (void)state;
    const struct event *e =
        one("{\"id\":\"e-81f3\",\"viewer\":\"v-17\",\"kind\":\"seek\",\"at\":\"2026-03-01T21:04:11."
            "250Z\",\"title\":\"t-42\","
            "\"session\":\"s-9\",\"position_ms\":812000,\"from_ms\":640000,\"context\":{\"device\":"
            "\"tv\","
            "\"timezone\":\"Europe/London\",\"country\":\"GB\",\"region\":\"London\"}}");
    assert_str("e-81f3", e->id);
    assert_str("native", e->source);
    assert_str("v-17", e->viewer);
    assert_str("t-42", e->title);
    assert_str("s-9", e->session);
    assert_int_equal(e->kind, EVENT_SEEK);
    assert_int_equal(e->at_ms, INT64_C(1772399051250));
    assert_int_equal(e->position_ms, 812000);
    assert_int_equal(e->from_ms, 640000);
    assert_int_equal(e->context.device, DEVICE_TV);
    assert_int_equal(e->context.country, 'G' << 8 | 'B');
    assert_int_equal(e->context.offset_min, 0);
    assert_str("London", e->context.region);
    assert_int_equal(e->autoplay, -1);
    assert_int_equal(e->rate_milli, EVENT_NO_RATE);
    assert_false(e->archived);
}

static void absent_fields_stay_absent(void **state)
{
    (void)state;
    const struct event *e =
        one("{\"viewer\":\"v\",\"kind\":\"play\",\"title\":\"t\",\"position_ms\":null,"
            "\"context\":null,\"id\":null}");
    assert_int_equal(e->at_ms, NOW_MS);
    assert_int_equal(e->id.n, 0);
    assert_int_equal(e->position_ms, EVENT_ABSENT);
    assert_int_equal(e->from_ms, EVENT_ABSENT);
    assert_int_equal(e->context.offset_min, OFFSET_NONE);
    assert_int_equal(e->context.device, DEVICE_NONE);
    assert_true(isnan(e->value));
}

static void reads_times(void **state)
{
    (void)state;
    assert_int_equal(one("{\"viewer\":\"v\",\"kind\":\"x\",\"at\":1700000000123}")->at_ms,
                     INT64_C(1700000000123));
    assert_int_equal(one("{\"viewer\":\"v\",\"kind\":\"x\",\"at\":1.7e12}")->at_ms,
                     INT64_C(1700000000000));
    assert_int_equal(
        one("{\"viewer\":\"v\",\"kind\":\"x\",\"at\":\"2023-11-14T22:13:20+00:00\"}")->at_ms,
        INT64_C(1700000000000));
    refused_for("{\"viewer\":\"v\",\"kind\":\"x\",\"at\":\"yesterday\"}", "RFC 3339");
    refused_for("{\"viewer\":\"v\",\"kind\":\"x\",\"at\":1700000000123.5}", "whole number");
    refused_for("{\"viewer\":\"v\",\"kind\":\"x\",\"at\":true}", "whole number");
    refused_for("{\"viewer\":\"v\",\"kind\":\"x\",\"at\":1767225600}", "multiply seconds by 1000");
    refused_for("{\"viewer\":\"v\",\"kind\":\"x\",\"at\":0}", "multiply seconds by 1000");
    refused_for("{\"viewer\":\"v\",\"kind\":\"x\",\"at\":-99999999999}", "1970");
    assert_int_equal(one("{\"viewer\":\"v\",\"kind\":\"x\",\"at\":100000000000}")->at_ms,
                     INT64_C(100000000000));
    assert_int_equal(
        one("{\"viewer\":\"v\",\"kind\":\"x\",\"at\":\"1970-01-02T00:00:00Z\"}")->at_ms, 86400000);
    refused_for("{\"viewer\":\"v\",\"kind\":\"x\",\"at\":\"2099-01-01T00:00:00Z\"}", "future");
    refused_for("{\"viewer\":\"v\",\"kind\":\"x\",\"at\":99999999999999999999}",
                "must lie between");
}

static void reads_time_zones(void **state)
{
    (void)state;
    const struct {
        const char *zone;
        int minutes;
    } zones[] = {{"+02:00", 120}, {"-0330", -210}, {"+05", 300},
                 {"Z", 0},        {"UTC", 0},      {"America/New_York", -300}};
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
        char body[256];
        snprintf(body, sizeof body,
                 "{\"viewer\":\"v\",\"kind\":\"x\",\"at\":\"2026-03-01T12:00:00Z\",\"context\":{"
                 "\"timezone\":\"%s\","
                 "\"offset_min\":7}}",
                 zones[i].zone);
        assert_int_equal(one(body)->context.offset_min, zones[i].minutes);
    }
    /* What `at` is written with, where nothing else says; UTC is how servers write. */
    static const struct {
        const char *at, *context;
        int minutes;
    } ats[] = {{"2026-03-01T12:00:00+02:00", "{}", 120},
               {"2026-03-01T12:00:00-03:30", "{\"device\":\"tv\"}", -210},
               {"2026-03-01T12:00:00+02:00", "{\"offset_min\":7}", 7},
               {"2026-03-01T12:00:00+02:00", "{\"timezone\":\"UTC\"}", 0},
               {"2026-03-01T12:00:00Z", "{}", OFFSET_NONE},
               {"2026-03-01T12:00:00+00:00", "{}", OFFSET_NONE}};
    for (size_t i = 0; i < sizeof ats / sizeof *ats; i++) {
        char body[256];
        snprintf(
            body, sizeof body,
            "{\"viewer\":\"v\",\"kind\":\"start\",\"title\":\"t\",\"at\":\"%s\",\"context\":%s}",
            ats[i].at, ats[i].context);
        assert_int_equal(one(body)->context.offset_min, ats[i].minutes);
    }
    /* The zone's offset at the event's own time, which stands behind it. */
    assert_int_equal(
        one("{\"context\":{\"timezone\":\"Europe/London\"},\"viewer\":\"v\",\"kind\":\"x\","
            "\"at\":\"2025-07-01T12:00:00Z\"}")
            ->context.offset_min,
        60);
    assert_int_equal(one("{\"viewer\":\"v\",\"kind\":\"x\",\"context\":{\"offset_min\":-90}}")
                         ->context.offset_min,
                     -90);
    refused_for("{\"viewer\":\"v\",\"kind\":\"x\",\"context\":{\"timezone\":\"Mars/Olympus\"}}",
                "tz database");
    refused_for("{\"viewer\":\"v\",\"kind\":\"x\",\"context\":{\"timezone\":\"+2:00\"}}",
                "tz database");
    refused_for("{\"viewer\":\"v\",\"kind\":\"x\",\"context\":{\"timezone\":\"+02:99\"}}",
                "tz database");
    refused_for("{\"viewer\":\"v\",\"kind\":\"x\",\"context\":{\"offset_min\":5000}}",
                "offset_min");
}

static void reads_kinds(void **state)
{
    (void)state;
    const struct event *e = one("{\"viewer\":\"v\",\"kind\":\"party_joined\"}");
    assert_int_equal(e->kind, EVENT_CUSTOM);
    assert_str("party_joined", e->custom);
    e = one("{\"viewer\":\"v\",\"kind\":\"rating\",\"title\":\"t\",\"value\":7,\"scale\":10}");
    assert_true(e->value == 7 && e->scale == 10);
    assert_true(
        one("{\"viewer\":\"v\",\"kind\":\"rating\",\"title\":\"t\",\"value\":3.5}")->scale == 5);
    assert_true(one("{\"viewer\":\"v\",\"kind\":\"x\",\"scale\":7}")->scale == 5);
    assert_true(one("{\"viewer\":\"v\",\"kind\":\"thumb\",\"title\":\"t\",\"value\":-1}")->value ==
                -1);
    e = one("{\"viewer\":\"v\",\"kind\":\"rate\",\"title\":\"t\",\"rate\":1.25,\"autoplay\":true}");
    assert_int_equal(e->rate_milli, 1250);
    assert_int_equal(e->autoplay, 1);
    e = one("{\"viewer\":\"v\",\"kind\":\"search\",\"text\":\"heist\",\"results\":12,\"chosen\":"
            "\"t-4\"}");
    assert_str("heist", e->query);
    assert_str("t-4", e->chosen);
    assert_int_equal(e->results, 12);
    refused_for("{\"viewer\":\"v\"}", "kind: missing");
    refused_for("{\"kind\":\"play\",\"title\":\"t\"}", "viewer: missing");
    refused_for("{\"viewer\":\"v\",\"kind\":\"play\"}", "title: missing");
    refused_for("{\"viewer\":\"v\",\"kind\":\"rating\",\"title\":\"t\",\"value\":6}", "value: 6");
    refused_for("{\"viewer\":\"v\",\"kind\":\"rating\",\"title\":\"t\"}", "value");
    refused_for("{\"viewer\":\"v\",\"kind\":\"thumb\",\"title\":\"t\",\"value\":0.5}", "thumb");
}

static void reads_impressions(void **state)
{
    (void)state;
    const struct event *e = one("{\"viewer\":\"v\",\"kind\":\"impression\",\"recommendation_id\":"
                                "\"r-1\",\"items\":[{\"title\":\"a\",\"row\":1,"
                                "\"column\":2,\"propensity\":0.25},{\"title\":77}]}");
    assert_str("r-1", e->recommendation);
    assert_int_equal(e->n_items, 2);
    assert_str("a", e->items[0].title);
    assert_int_equal(e->items[0].row, 1);
    assert_int_equal(e->items[0].column, 2);
    assert_true(e->items[0].propensity == 0.25f);
    assert_str("77", e->items[1].title);
    assert_true(isnan(e->items[1].propensity));
    refused_for("{\"viewer\":\"v\",\"kind\":\"impression\",\"items\":[{\"title\":\"a\","
                "\"propensity\":1.5}]}",
                "propensity");
    refused_for(
        "{\"viewer\":\"v\",\"kind\":\"impression\",\"items\":[{\"title\":\"a\",\"row\":-1}]}",
        "items.row");
    refused_for("{\"viewer\":\"v\",\"kind\":\"impression\",\"items\":[{}]}",
                "items.title: missing");
    refused_for("{\"viewer\":\"v\",\"kind\":\"impression\",\"items\":[5]}", "object");
    refused_for("{\"viewer\":\"v\",\"kind\":\"impression\",\"items\":{}}", "array");
}

static void too_many_items_are_refused(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_add_z(&b, "{\"viewer\":\"v\",\"kind\":\"impression\",\"items\":[");
    for (int i = 0; i <= EVENT_ITEMS_MAX; i++)
        buf_printf(&b, "%s{\"title\":%d}", i ? "," : "", i);
    buf_add_z(&b, "]}");
    buf_add_char(&b, '\0');
    refused_for(b.p, "at most 500");
    buf_release(&b);
}

static void ids_may_be_numbers(void **state)
{
    (void)state;
    const struct event *e =
        one("{\"id\":-3,\"viewer\":17,\"kind\":\"play\",\"title\":9007199254740993,\"session\":0}");
    assert_str("-3", e->id);
    assert_str("17", e->viewer);
    assert_str("9007199254740993", e->title);
    assert_str("0", e->session);
    e = one("{\"viewer\":18446744073709551614,\"kind\":\"play\",\"title\":9223372036854775807}");
    assert_str("18446744073709551614", e->viewer);
    assert_str("9223372036854775807", e->title);
    refused_for("{\"viewer\":1.5,\"kind\":\"x\"}", "viewer: 1.5: must be text");
    refused_for("{\"viewer\":123456789012345678901234567890,\"kind\":\"x\"}", "too large");
    refused_for("{\"viewer\":{},\"kind\":\"x\"}", "viewer");
}

static void unknown_devices_and_countries(void **state)
{
    (void)state;
    assert_int_equal(one("{\"viewer\":\"v\",\"kind\":\"x\",\"context\":{\"device\":\"fridge\"}}")
                         ->context.device,
                     DEVICE_OTHER);
    static const struct {
        const char *word;
        enum device is;
    } devices[] = {{"mobile", DEVICE_PHONE},   {"Laptop", DEVICE_DESKTOP}, {"smart_tv", DEVICE_TV},
                   {"iPad", DEVICE_TABLET},    {"pc", DEVICE_DESKTOP},     {"STB", DEVICE_SET_TOP},
                   {"set_top", DEVICE_SET_TOP}};
    for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
        char body[128];
        snprintf(body, sizeof(body),
                 "{\"viewer\":\"v\",\"kind\":\"x\",\"context\":{\"device\":\"%s\"}}",
                 devices[i].word);
        assert_int_equal(one(body)->context.device, devices[i].is);
    }
    assert_int_equal(
        one("{\"viewer\":\"v\",\"kind\":\"x\",\"context\":{\"country\":\"gb\"}}")->context.country,
        'G' << 8 | 'B');
    assert_int_equal(
        one("{\"viewer\":\"v\",\"kind\":\"x\",\"context\":{\"country\":\"xk\"}}")->context.country,
        'X' << 8 | 'K');
    refused_for("{\"viewer\":\"v\",\"kind\":\"x\",\"context\":{\"country\":\"X1\"}}", "ISO 3166");
    refused_for("{\"viewer\":\"v\",\"kind\":\"x\",\"context\":{\"country\":\"Atlantis\"}}",
                "ISO 3166");
    refused_for("{\"viewer\":\"v\",\"kind\":\"x\",\"context\":[]}", "context");
    assert_str(
        "calm",
        one("{\"viewer\":\"v\",\"kind\":\"x\",\"context\":{\"mood\":\"calm\"}}")->context.mood);
}

static void unknown_fields_are_ignored(void **state)
{
    (void)state;
    const struct event *e = one("{\"viewer\":\"v\",\"kind\":\"x\",\"extra\":{\"viewer\":\"w\","
                                "\"deep\":[1,[2,{\"a\\\"b\":null}]]},"
                                "\"context\":{\"color\":\"red\"}}");
    assert_str("v", e->viewer);
}

static void text_is_unescaped(void **state)
{
    (void)state;
    assert_str("a\"\xc3\xa9/\\",
               one("{\"viewer\":\"a\\\"\\u00e9\\/\\\\\",\"kind\":\"x\"}")->viewer);
    refused_for("{\"viewer\":\"a\\u0000b\",\"kind\":\"x\"}", "control");
    refused_for("{\"viewer\":\"a\\nb\",\"kind\":\"x\"}", "control");
}

static void malformed_json_says_where(void **state)
{
    (void)state;
    refused_for("{\"viewer\":\"v\" \"kind\":\"x\"}", "malformed JSON: byte 15 (line 1): ");
    refused_for("{\n \"viewer\": \"v\",\n \"kind\": x\n}", "malformed JSON: byte 10 (line 3): ");
    refused_for("{\"viewer\":\"v\",\"kind\":\"x\"", "ends early");
    refused_for("{\"viewer\":\"v\",\"kind\":\"x\",}", "malformed JSON");
    refused_for("{'viewer':'v'}", "malformed JSON");
    refused_for("hello", "malformed JSON: byte 1");
    refused_for("{\"viewer\":\"v\",\"kind\":\"x\"} and more", "text behind");
    refused_for("{\"viewer\":\"v\xff\",\"kind\":\"x\"}", "UTF-8");
    refused_for("{\"viewer\":\"v\",\"kind\":\"x\",\"at\":NaN}", "malformed JSON");
    refused_for("{\"viewer\":\"v\",\"kind\":\"x\",\"other\":-Infinity}", "malformed JSON");
    refused_for("", "empty");
    refused_for("  \n\t ", "empty");
    refused_for("17", "must be an object");
}

static void numbers_out_of_range(void **state)
{
    (void)state;
    refused_for("{\"viewer\":\"v\",\"kind\":\"play\",\"title\":\"t\",\"position_ms\":-1}",
                "position_ms: -1");
    refused_for("{\"viewer\":\"v\",\"kind\":\"play\",\"title\":\"t\",\"position_ms\":1e300}",
                "position_ms");
    refused_for(
        "{\"viewer\":\"v\",\"kind\":\"play\",\"title\":\"t\",\"position_ms\":18446744073709551616}",
        "position_ms");
    refused_for("{\"viewer\":\"v\",\"kind\":\"play\",\"title\":\"t\",\"position_ms\":\"5\"}",
                "position_ms");
    refused_for("{\"viewer\":\"v\",\"kind\":\"play\",\"title\":\"t\",\"rate\":1e9}", "rate");
    refused_for("{\"viewer\":\"v\",\"kind\":\"play\",\"title\":\"t\",\"value\":1e999}", "JSON");
    refused_for("{\"viewer\":\"v\",\"kind\":\"x\",\"value\":1e300}", "value: 1e+300");
    refused_for("{\"viewer\":\"v\",\"kind\":\"search\",\"results\":-4}", "results");
    refused_for("{\"viewer\":\"v\",\"kind\":\"play\",\"title\":\"t\",\"autoplay\":1}", "autoplay");
}

static void keys_that_occur_twice(void **state)
{
    (void)state;
    refused_for("{\"viewer\":\"v\",\"kind\":\"x\",\"viewer\":\"w\"}", "twice");
    refused_for("{\"viewer\":\"v\",\"kind\":\"x\",\"context\":{\"mood\":\"a\",\"mood\":\"b\"}}",
                "twice");
    refused_for("{\"viewer\":\"v\",\"kind\":\"x\",\"e\\\"\":1,\"e\\\"\":2}", "twice");
    refused_for("{\"viewer\":\"v\",\"kind\":\"x\",\"at\":1700000000000,\"at\":1}", "twice");
}

static void bombs(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4 << 20);
    buf_add_z(&b, "{\"viewer\":\"v\",\"kind\":\"x\",\"deep\":");
    for (int i = 0; i < 100000; i++)
        buf_add_char(&b, '[');
    buf_add_char(&b, '\0');
    refused_for(b.p, "nested too deep");
    buf_reset(&b);
    buf_add_z(&b, "{\"viewer\":\"");
    for (int i = 0; i < 10000; i++)
        buf_add_char(&b, 'v');
    buf_add_z(&b, "\",\"kind\":\"x\"}");
    buf_add_char(&b, '\0');
    refused_for(b.p, "at most 256");
    buf_reset(&b);
    buf_add_z(&b, "{\"viewer\":\"v\",\"kind\":\"x\",\"big\":\"");
    for (int i = 0; i < NATIVE_EVENT_MAX; i++)
        buf_add_char(&b, 'v');
    buf_add_z(&b, "\"}");
    buf_add_char(&b, '\0');
    refused_for(b.p, "over 262144 bytes");
    buf_release(&b);
}

static void reads_arrays(void **state)
{
    (void)state;
    assert_ok(parse(" [ {\"viewer\":\"a\",\"kind\":\"x\"} ,\n{\"viewer\":\"b\"},\n 5, "
                    "{\"viewer\":\"c\",\"kind\":\"x\"}]\n"));
    assert_int_equal(got.n_events, 2);
    assert_str("a", got.events[0].viewer);
    assert_str("c", got.events[1].viewer);
    assert_int_equal(got.n_refused, 2);
    assert_int_equal(got.refused_index[0], 1);
    assert_int_equal(got.refused_line[0], 2);
    assert_int_equal(got.refused_index[1], 2);
    assert_int_equal(got.refused_line[1], 3);
    assert_ok(parse("[]"));
    assert_int_equal(got.n_events + got.n_refused, 0);
    assert_fails(MQ_INVALID, parse("[{\"viewer\":\"a\",\"kind\":\"x\"},"));
    assert_fails(MQ_INVALID, parse("[{\"viewer\":\"a\",\"kind\":\"x\"}"));
    assert_fails(MQ_INVALID, parse("[{\"viewer\":\"a\",\"kind\":\"x\"} {}]"));
    assert_fails(MQ_INVALID, parse("[,]"));
    assert_fails(MQ_INVALID, parse("["));
    assert_fails(MQ_INVALID, parse("[] []"));
    assert_fails(MQ_INVALID, parse("[{\"viewer\":\"a\",\"kind\":\"x\"},]"));
}

static void reads_lines(void **state)
{
    (void)state;
    const char *body = "\xef\xbb\xbf{\"viewer\":\"a\",\"kind\":\"x\"}\r\n\n{\"viewer\":\"b\"\n{"
                       "\"viewer\":\"c\",\"kind\":\"x\"} {}\n"
                       "{\"viewer\":\"d\",\"kind\":\"x\"}";
    for (int form = NATIVE_ANY; form <= NATIVE_LINES; form++) {
        assert_ok(parse_with(str_of(body), (struct native_options){.form = (enum native_form)form,
                                                                   .first_line = 10}));
        assert_int_equal(got.n_events, 2);
        assert_str("a", got.events[0].viewer);
        assert_str("d", got.events[1].viewer);
        assert_int_equal(got.n_refused, 2);
        assert_int_equal(got.refused_line[0], 12);
        assert_int_equal(got.refused_index[0], 1);
        assert_int_equal(got.refused_line[1], 13);
        assert_non_null(strstr(got.refused[0], "(line 12)"));
        assert_non_null(strstr(got.refused[1], "text behind"));
    }
    /* A broken first line does not harm the others. */
    assert_ok(parse("{\"viewer\":\n{\"viewer\":\"b\",\"kind\":\"x\"}\n"));
    assert_int_equal(got.n_events, 1);
    assert_int_equal(got.n_refused, 1);
    /* One event over many lines. */
    assert_str("v", one("\n{\n\"viewer\":\"v\",\n\"kind\":\"x\"\n}\n\n")->viewer);
}

static void limits_and_stops(void **state)
{
    (void)state;
    const char *lines = "{\"viewer\":\"a\",\"kind\":\"x\"}\n{\"viewer\":\"b\",\"kind\":\"x\"}\n";
    const char *array = "[{\"viewer\":\"a\",\"kind\":\"x\"},{\"viewer\":\"b\",\"kind\":\"x\"}]";
    assert_fails(MQ_TOO_LARGE, parse_with(str_of(lines), (struct native_options){.max_events = 1}));
    assert_fails(MQ_TOO_LARGE, parse_with(str_of(array), (struct native_options){.max_events = 1}));
    assert_ok(parse_with(str_of(array), (struct native_options){.max_events = 2}));
    assert_ok(
        parse_with(str_of(lines), (struct native_options){.max_events = 2, .archived = true}));
    assert_true(got.events[0].archived);
    got.stop = MQ_CANCELLED;
    assert_fails(MQ_CANCELLED, parse(lines));
    assert_fails(MQ_CANCELLED, parse(array));
    got.stop = 0;
}

/* Nothing is read behind the body's end: the bytes lie at the end of a heap block. */
static void bodies_need_no_terminator(void **state)
{
    (void)state;
    const char *body = "{\"viewer\":\"v\",\"kind\":\"x\",\"value\":12}";
    for (size_t n = 1; n <= strlen(body); n++) {
        char *exact = malloc(n);
        memcpy(exact, body, n);
        int rc = parse_with((struct str){exact, n}, (struct native_options){.form = NATIVE_ANY});
        assert_int_equal(rc, n == strlen(body) ? 0 : MQ_INVALID);
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_documented_event),
        cmocka_unit_test(absent_fields_stay_absent),
        cmocka_unit_test(reads_times),
        cmocka_unit_test(reads_time_zones),
        cmocka_unit_test(reads_kinds),
        cmocka_unit_test(reads_impressions),
        cmocka_unit_test(too_many_items_are_refused),
        cmocka_unit_test(ids_may_be_numbers),
        cmocka_unit_test(unknown_devices_and_countries),
        cmocka_unit_test(unknown_fields_are_ignored),
        cmocka_unit_test(text_is_unescaped),
        cmocka_unit_test(malformed_json_says_where),
        cmocka_unit_test(numbers_out_of_range),
        cmocka_unit_test(keys_that_occur_twice),
        cmocka_unit_test(bombs),
        cmocka_unit_test(reads_arrays),
        cmocka_unit_test(reads_lines),
        cmocka_unit_test(limits_and_stops),
        cmocka_unit_test(bodies_need_no_terminator),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
