/* Segment's calls: the video specification, who, when and where, limits, and what is refused. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/rng.h"
#include "event_reading.h"
#include "wire/device_words.h"
#include "wire/segment.h"

#define NOW_MS INT64_C(1772400000000) /* 2026-03-01T21:20:00Z */

static struct reading got;
static struct str key;

static int read_call(enum segment_call call, const char *body, size_t n)
{
    struct event_sink sink = reading_start(&got);
    struct segment_options o = {.call = call, .received_ms = NOW_MS, .arena = &got.arena};
    key = STR_NONE;
    return segment_read((struct str){body, n}, &o, &sink, &key, &test_err);
}

static int read_body(enum segment_call call, const char *body)
{
    return read_call(call, body, strlen(body));
}

static const struct event *one(enum segment_call call, const char *body)
{
    assert_ok(read_body(call, body));
    if (got.n_refused > 0)
        fail_msg("%s\nrefused: %s", body, got.refused[0]);
    assert_int_equal(got.n_events, 1);
    return &got.events[0];
}

/* A track of user u on title t with these properties and members beside them. */
static const struct event *track(const char *name, const char *properties, const char *more)
{
    char body[2048];
    snprintf(body, sizeof(body),
             "{\"userId\":\"u\",\"messageId\":\"m\",\"event\":\"%s\",\"properties\":{%s}%s}", name,
             properties, more);
    return one(SEGMENT_TRACK, body);
}

static void video_events_become_playback(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum event_kind kind;
    } rows[] = {
        {"Video Playback Started", EVENT_START},
        {"Video Playback Paused", EVENT_PAUSE},
        {"Video Playback Interrupted", EVENT_STOP},
        {"Video Playback Buffer Started", EVENT_BUFFER_START},
        {"Video Playback Buffer Completed", EVENT_BUFFER_END},
        {"Video Playback Seek Completed", EVENT_PROGRESS},
        {"Video Playback Resumed", EVENT_PLAY},
        {"Video Playback Completed", EVENT_COMPLETE},
        {"Video Playback Exited", EVENT_STOP},
        {"Video Content Started", EVENT_PLAY},
        {"Video Content Playing", EVENT_PROGRESS},
        {"Video Content Completed", EVENT_PROGRESS},
        {"video content playing", EVENT_PROGRESS},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct event *e =
            track(rows[i].name,
                  "\"session_id\":\"s\",\"content_asset_id\":\"t\",\"position\":12.345", "");
        assert_int_equal(e->kind, rows[i].kind);
        assert_str("t", e->title);
        assert_str("s", e->session);
        assert_str("u", e->viewer);
        assert_str("m", e->id);
        assert_str("segment", e->source);
        assert_int_equal(e->position_ms, 12345);
        assert_int_equal(e->at_ms, NOW_MS);
    }
}

static void a_seek_has_where_from_and_where_to(void **state)
{
    (void)state;
    const struct event *e =
        track("Video Playback Seek Started",
              "\"session_id\":7,\"content_asset_id\":42,\"position\":60,\"seek_position\":600", "");
    assert_int_equal(e->kind, EVENT_SEEK);
    assert_int_equal(e->from_ms, 60000);
    assert_int_equal(e->position_ms, 600000);
    assert_str("7", e->session);
    assert_str("42", e->title);
}

static void content_is_found_under_each_name(void **state)
{
    (void)state;
    assert_str("a",
               track("Video Playback Started", "\"content_asset_ids\":[\"a\",\"b\"]", "")->title);
    assert_str("a", track("Video Playback Started", "\"content_asset_ids\":\"a\"", "")->title);
    assert_str("a", track("Video Playback Paused", "\"content_asset_id\":[\"a\"]", "")->title);
    assert_str("a", track("Video Content Started", "\"asset_id\":\"a\"", "")->title);
}

static void absurd_positions_are_left_out(void **state)
{
    (void)state;
    static const char *const positions[] = {"-1", "1e300", "\"x\"", "null", "true", "[1]"};
    for (size_t i = 0; i < sizeof(positions) / sizeof(positions[0]); i++) {
        char properties[100];
        snprintf(properties, sizeof(properties), "\"content_asset_id\":\"t\",\"position\":%s",
                 positions[i]);
        assert_int_equal(track("Video Content Playing", properties, "")->position_ms, EVENT_ABSENT);
    }
}

static void what_is_not_known_is_kept_as_it_is_called(void **state)
{
    (void)state;
    const struct event *e = track("Video Ad Started", "\"asset_id\":\"ad-1\"", "");
    assert_int_equal(e->kind, EVENT_CUSTOM);
    assert_str("Video Ad Started", e->custom);
    assert_str("Video Quality Updated", track("Video Quality Updated", "", "")->custom);
    assert_str("page", one(SEGMENT_PAGE, "{\"anonymousId\":\"a\",\"name\":\"Home\"}")->custom);
    assert_str("a", got.events[0].viewer);
}

static void our_own_kinds_read_native_fields(void **state)
{
    (void)state;
    const struct event *e = track("rating", "\"title\":\"t\",\"value\":4,\"viewer\":\"x\"", "");
    assert_int_equal(e->kind, EVENT_RATING);
    assert_str("t", e->title);
    assert_str("u", e->viewer);
    assert_str("m", e->id);
    assert_true(e->value == 4.0f);
    assert_int_equal(track("hide", "\"title\":\"t\"", "")->kind, EVENT_HIDE);
    assert_ok(read_body(SEGMENT_TRACK, "{\"userId\":\"u\",\"event\":\"rating\",\"properties\":"
                                       "{\"title\":\"t\",\"value\":9}}"));
    reading_refused(&got, 0, "value");
}

static void the_clock_of_the_sender_is_corrected(void **state)
{
    (void)state;
    /* An hour slow; the event lies ten minutes before it was sent. */
    const struct event *e = track("x", "",
                                  ",\"originalTimestamp\":\"2026-03-01T20:10:00Z\","
                                  "\"timestamp\":\"2026-01-01T00:00:00Z\","
                                  "\"sentAt\":\"2026-03-01T20:20:00Z\"");
    assert_int_equal(e->at_ms, NOW_MS - 600000);
    /* A day fast. */
    e = track("x", "",
              ",\"timestamp\":\"2026-03-02T21:10:00Z\",\"sentAt\":\"2026-03-02T21:20:00Z\"");
    assert_int_equal(e->at_ms, NOW_MS - 600000);
    /* The way took a second: the clock is right. */
    e = track("x", "",
              ",\"timestamp\":\"2026-03-01T21:10:00Z\",\"sentAt\":\"2026-03-01T21:19:59Z\"");
    assert_int_equal(e->at_ms, NOW_MS - 600000);
    /* Without sentAt the time stands as it is. */
    e = track("x", "", ",\"timestamp\":\"2026-02-01T00:00:00+01:00\"");
    assert_int_equal(e->at_ms, INT64_C(1769900400000));
    /* The batch's sentAt serves all of it. */
    assert_ok(read_body(SEGMENT_BATCH,
                        "{\"batch\":[{\"type\":\"track\",\"userId\":\"u\",\"event\":\"x\","
                        "\"timestamp\":\"2026-03-01T20:10:00Z\"}],\"sentAt\":"
                        "\"2026-03-01T20:20:00Z\",\"writeKey\":\"mk_1\"}"));
    assert_int_equal(got.events[0].at_ms, NOW_MS - 600000);
    assert_str("mk_1", key);
}

static void the_future_is_refused(void **state)
{
    (void)state;
    assert_ok(read_body(SEGMENT_TRACK, "{\"userId\":\"u\",\"event\":\"x\",\"timestamp\":"
                                       "\"2026-03-01T21:40:00Z\"}"));
    reading_refused(&got, 0, "ten minutes in the future");
}

static void sent_again_it_is_the_same(void **state)
{
    (void)state;
    const char *first = "{\"userId\":\"u\",\"event\":\"x\",\"timestamp\":\"2026-03-01T21:00:00Z\","
                        "\"sentAt\":\"2026-03-01T21:00:01Z\"}";
    const char *again = "{\"userId\":\"u\",\"event\":\"x\",\"timestamp\":\"2026-03-01T21:00:00Z\","
                        "\"sentAt\":\"2026-03-01T21:10:01Z\"}";
    struct hash128 a = event_identity(one(SEGMENT_TRACK, first));
    struct hash128 b = event_identity(one(SEGMENT_TRACK, again));
    assert_true(a.hi == b.hi && a.lo == b.lo);
}

static void where_and_on_what(void **state)
{
    (void)state;
    const struct event *e = track(
        "x", "",
        ",\"timestamp\":\"2026-07-01T00:00:00Z\",\"sentAt\":\"2026-07-01T00:00:00Z\","
        "\"context\":{\"timezone\":\"Europe/London\",\"location\":{\"country\":\"United Kingdom\","
        "\"region\":\"London\"},\"device\":{\"type\":\"ios\",\"model\":\"iPad13,1\"}}");
    assert_int_equal(e->context.device, DEVICE_TABLET);
    assert_int_equal(e->context.country, 'G' << 8 | 'B');
    assert_str("London", e->context.region);
    assert_int_equal(e->context.offset_min,
                     0); /* at its own corrected time: March, no summer time */
    e = track(
        "x", "",
        ",\"context\":{\"timezone\":\"Mars/Phobos\",\"location\":{\"country\":\"Atlantis\"}}");
    assert_int_equal(e->context.offset_min, OFFSET_NONE);
    assert_int_equal(e->context.country, 0);
}

static void devices(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum device device;
    } rows[] = {
        {"tv", DEVICE_TV},
        {"SmartTV", DEVICE_TV},
        {"CTV", DEVICE_TV},
        {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148", DEVICE_PHONE},
        {"Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) Mobile/15E148", DEVICE_TABLET},
        {"Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/120.0 Mobile Safari/537.36",
         DEVICE_PHONE},
        {"Mozilla/5.0 (Linux; Android 13; SM-X700) Chrome/120.0 Safari/537.36", DEVICE_TABLET},
        {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/120.0", DEVICE_DESKTOP},
        {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", DEVICE_DESKTOP},
        {"Mozilla/5.0 (X11; Linux x86_64)", DEVICE_DESKTOP},
        {"Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) Version/6.0 TV Safari", DEVICE_TV},
        {"Mozilla/5.0 (Web0S; Linux/SmartTV) Chrome/79", DEVICE_TV},
        {"Mozilla/5.0 (Linux; Android 9; AFTKA) Chrome/100 Mobile Safari", DEVICE_TV},
        {"Roku/DVP-12.0 (12.0.0.4182-88)", DEVICE_SET_TOP},
        {"Mozilla/5.0 (PlayStation; PlayStation 5/6.00)", DEVICE_CONSOLE},
        {"Mozilla/5.0 (Windows NT 10.0; Xbox; Xbox One)", DEVICE_CONSOLE},
        {"Mozilla/5.0 (X11; Linux armv7l) Chrome/90 CrKey/1.56", DEVICE_CAST},
        {"AppleTV11,1/11.1", DEVICE_TV},
        {"tvOS", DEVICE_TV},
        {"curl/8.5.0", DEVICE_NONE},
        {"", DEVICE_NONE},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum device d = device_of_words(str_of(rows[i].text));
        if (d != rows[i].device)
            fail_msg("%s: %s", rows[i].text, device_name(d));
    }
}

static void each_call_of_a_batch_stands_alone(void **state)
{
    (void)state;
    assert_ok(read_body(SEGMENT_BATCH,
                        "{\"batch\":[{\"type\":\"track\",\"event\":\"x\"},"
                        "{\"type\":\"track\",\"userId\":\"u\"},"
                        "{\"type\":\"dance\",\"userId\":\"u\"},"
                        "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"Video Playback Paused\"},"
                        "7,"
                        "{\"type\":\"t\",\"userId\":\"u\",\"event\":\"x\"}]}"));
    assert_int_equal(got.n_events, 1);
    assert_int_equal(got.n_refused, 5);
    reading_refused(&got, 0, "userId: missing");
    reading_refused(&got, 1, "event: missing");
    reading_refused(&got, 2, "type: missing or unknown");
    reading_refused(&got, 3, "content_asset_id: missing");
    reading_refused(&got, 4, "must be an object");
}

static void limits(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_add_z(&b, "{\"batch\":[");
    for (int i = 0; i <= SEGMENT_BATCH_EVENTS; i++)
        buf_add_z(&b, i ? ",{}" : "{}");
    buf_add_z(&b, "]}");
    assert_int_equal(read_call(SEGMENT_BATCH, b.p, b.n), MQ_TOO_LARGE);
    assert_int_equal(got.n_events + got.n_refused, 0);

    buf_reset(&b);
    buf_add_z(&b, "{\"userId\":\"u\",\"event\":\"x\",\"properties\":{\"p\":\"");
    for (int i = 0; i < SEGMENT_EVENT_MAX; i++)
        buf_add_char(&b, 'x');
    buf_add_z(&b, "\"}}");
    assert_int_equal(read_call(SEGMENT_TRACK, b.p, b.n), MQ_TOO_LARGE);

    buf_reset(&b);
    buf_add_z(&b, "{\"batch\":[],\"x\":\"");
    for (int i = 0; i < SEGMENT_BATCH_MAX; i++)
        buf_add_char(&b, 'x');
    buf_add_z(&b, "\"}");
    assert_int_equal(read_call(SEGMENT_BATCH, b.p, b.n), MQ_TOO_LARGE);
    buf_release(&b);

    char body[300];
    snprintf(body, sizeof(body), "{\"userId\":\"u\",\"event\":\"x\",\"messageId\":\"%0101d\"}", 0);
    assert_ok(read_body(SEGMENT_TRACK, body));
    reading_refused(&got, 0, "at most 100");
}

static void broken_bodies(void **state)
{
    (void)state;
    static const char *const bodies[] = {"",
                                         "{",
                                         "[]",
                                         "{\"batch\":",
                                         "{\"batch\":[",
                                         "7",
                                         "{\"batch\":[1,",
                                         "{\"batch\":{}}",
                                         "{\"batch\":[]} x",
                                         "{\"batch\":[],\"batch\":[]}",
                                         "{}",
                                         "{\"a\" 1}",
                                         "{\"batch\":[1 2]}"};
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
        assert_int_equal(read_body(SEGMENT_BATCH, bodies[i]), MQ_INVALID);
    assert_int_equal(read_body(SEGMENT_TRACK, "{\"userId\":\"u\"} {}"), MQ_INVALID);
}

static void who_somebody_is(void **state)
{
    (void)state;
    const struct event *e =
        one(SEGMENT_IDENTIFY,
            "{\"userId\":\"u\",\"anonymousId\":\"a\",\"traits\":{\"age\":30,\"email\":\"x@y.z\","
            "\"plan\":\"gold\",\"address\":{\"country\":\"Germany\",\"state\":\"Berlin\"},"
            "\"createdAt\":\"2025-02-03T04:05:06Z\"}}");
    assert_int_equal(e->kind, EVENT_IDENTIFY);
    assert_str("u", e->viewer);
    assert_str("a", e->other);
    assert_str("age_band=25-34&country=DE&region=Berlin&plan=gold&signup=2025-02-03",
               e->attributes);
    e = one(SEGMENT_IDENTIFY, "{\"userId\":\"u\",\"traits\":{\"birthday\":\"1966-03-01\"}}");
    assert_str("age_band=56+", e->attributes);
    assert_str("", e->other);
    e = one(SEGMENT_ALIAS, "{\"userId\":\"u\",\"previousId\":17}");
    assert_int_equal(e->kind, EVENT_IDENTIFY);
    assert_str("17", e->other);
    assert_ok(read_body(SEGMENT_ALIAS, "{\"userId\":\"u\"}"));
    reading_refused(&got, 0, "previousId: missing");
}

static void rudderstack_names_itself_by_its_fields(void **state)
{
    (void)state;
    assert_ok(
        read_body(SEGMENT_BATCH,
                  "{\"batch\":[{\"type\":\"track\",\"userId\":\"u\",\"event\":\"x\",\"channel\":"
                  "\"server\",\"originalTimestamp\":\"2026-03-01T21:00:00.000Z\",\"sentAt\":"
                  "\"2026-03-01T21:20:00.500Z\",\"messageId\":\"r1\"}],\"sentAt\":"
                  "\"2026-03-01T21:20:00.500Z\"}"));
    assert_str("rudderstack", got.events[0].source);
    assert_int_equal(got.events[0].at_ms, NOW_MS - 1200000);
}

/* ------------------------------------------------------------------ a batch reads as its calls do */

/* All that was read, or why not, as text. */
static void tell(int rc, struct buf *out)
{
    buf_reset(out);
    if (rc) {
        buf_printf(out, "failed %d", rc);
        return;
    }
    for (size_t i = 0; i < got.n_refused; i++)
        buf_printf(out, "refused %s\n", got.refused[i]);
    for (size_t i = 0; i < got.n_events; i++) {
        struct event *e = &got.events[i];
        e->title_id = (struct title_id){1};
        buf_printf(out, "%.*s|%.*s|%.*s|%.*s|%.*s|%.*s|%lld|", STR_ARG(e->id), STR_ARG(e->viewer),
                   STR_ARG(e->title), STR_ARG(e->source), STR_ARG(e->app), STR_ARG(e->other),
                   (long long)e->at_ms);
        event_encode(e, out);
    }
}

/* One change of *text: a byte, a piece gone, a piece twice, or a piece of JSON put in. */
static void change(struct rng *rng, struct buf *text)
{
    static const char *const pieces[] = {"\\u0041",
                                         "\\n",
                                         "1e9",
                                         ",",
                                         "\"rate\":NaN,",
                                         "\xff",
                                         "{\"a\":1,\"a\":2}",
                                         "[1,2,]",
                                         "null",
                                         "\"a\":1,",
                                         "-0",
                                         "00",
                                         "\t",
                                         "123456789012345678901",
                                         "[[[[",
                                         "\"\"",
                                         "/**/",
                                         "\"event\":1",
                                         "Infinity",
                                         "}",
                                         "\xc3\xa9"};
    char copy[4096];
    size_t n = text->n, at = rng_below(rng, n), cut = rng_below(rng, 12);
    struct str in = {text->p + at, 1 + rng_below(rng, n - at < 60 ? n - at : 60)};
    uint64_t how = rng_below(rng, 4);
    if (how == 3 || how == 0)
        in = str_of(pieces[rng_below(rng, sizeof(pieces) / sizeof(pieces[0]))]);
    cut = how == 2 || how == 3 ? 0 : cut < n - at ? cut : n - at;
    int length = snprintf(copy, sizeof(copy), "%.*s%.*s%.*s", (int)at, text->p,
                          how == 1 ? 0 : (int)in.n, in.p, (int)(n - at - cut), text->p + at + cut);
    buf_reset(text);
    buf_add(text, copy, (size_t)length);
}

static void a_batch_reads_as_its_calls_do(void **state)
{
    (void)state;
    static const char call[] =
        "{\"type\":\"track\",\"timestamp\":\"2026-03-01T20:00:00.250Z\",\"integrations\":{"
        "\"All\":true},"
        "\"userId\":\"u-1\",\"event\":\"Video Playback Seek "
        "Started\",\"messageId\":\"m-1\",\"properties\":{"
        "\"session_id\":\"s-1\",\"content_asset_ids\":[\"t-1\",\"t-2\"],"
        "\"position\":12.5,\"seek_position\":"
        "640,\"sound\":80,\"quality\":\"1080p\",\"autoplay\":false,\"rate\":"
        "1.5}, \"context\":{\"library\":{"
        "\"name\":\"x\"},\"app\":{\"name\":\"player\",\"version\":\"4\"},"
        "\"timezone\":\"Europe/London\","
        "\"location\":{\"country\":\"GB\"},\"traits\":{\"address\":{"
        "\"state\":\"Fife\"}},\"userAgent\":\"tv\"},"
        "\"_metadata\":{\"list\":[1,-2.5,{}],\"none\":null}}";
    struct rng rng;
    struct buf text, body, whole, told;
    size_t read = 0;
    rng_seed(&rng, test_seed());
    buf_init(&text, 1 << 16);
    buf_init(&body, 1 << 16);
    buf_init(&whole, 1 << 16);
    buf_init(&told, 1 << 16);
    for (size_t round = 0; round < test_rounds(20000); round++) {
        buf_reset(&text);
        buf_add_z(&text, call);
        for (uint64_t n = rng_below(&rng, 3); n > 0; n--)
            change(&rng, &text);
        int rc = read_call(SEGMENT_TRACK, text.p, text.n);
        tell(rc, &whole);
        read += rc == 0 && got.n_events == 1;
        /* A type that was changed is the batch's affair alone. */
        if (!str_starts(buf_str(&text), STR("{\"type\":\"track\",")))
            continue;
        buf_reset(&body);
        buf_printf(&body, "{\"batch\":[%.*s]}", STR_ARG(buf_str(&text)));
        tell(read_call(SEGMENT_BATCH, body.p, body.n), &told);
        if (!str_eq(buf_str(&whole), buf_str(&told)))
            fail_msg("round %zu: %.*s\nalone: %.*s\nin a batch: %.*s", round,
                     STR_ARG(buf_str(&text)), STR_ARG(buf_str(&whole)), STR_ARG(buf_str(&told)));
    }
    assert_true(read > 5000);
    buf_release(&text);
    buf_release(&body);
    buf_release(&whole);
    buf_release(&told);
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
        cmocka_unit_test(video_events_become_playback),
        cmocka_unit_test(a_seek_has_where_from_and_where_to),
        cmocka_unit_test(content_is_found_under_each_name),
        cmocka_unit_test(absurd_positions_are_left_out),
        cmocka_unit_test(what_is_not_known_is_kept_as_it_is_called),
        cmocka_unit_test(our_own_kinds_read_native_fields),
        cmocka_unit_test(the_clock_of_the_sender_is_corrected),
        cmocka_unit_test(the_future_is_refused),
        cmocka_unit_test(sent_again_it_is_the_same),
        cmocka_unit_test(where_and_on_what),
        cmocka_unit_test(devices),
        cmocka_unit_test(each_call_of_a_batch_stands_alone),
        cmocka_unit_test(limits),
        cmocka_unit_test(broken_bodies),
        cmocka_unit_test(who_somebody_is),
        cmocka_unit_test(a_batch_reads_as_its_calls_do),
        cmocka_unit_test(rudderstack_names_itself_by_its_fields),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
