/* Calls of Jellyfin's and Plex's webhooks, and the multipart bodies that the latter come in. */
#include "base/buf.h"
#include "support/check.h"
#include "wire/jellyfin.h"
#include "wire/multipart.h"
#include "wire/plex.h"

#define NOW_MS INT64_C(1772400000000)

static struct {
    char text[512], why[MQ_ERROR_TEXT], title[512];
    int events, refused;
} seen;

static struct arena arena;

static int on_event(void *ctx, size_t index, struct event *e, struct mq_error *err)
{
    struct buf b;
    (void)ctx;
    assert_int_equal(0, index);
    assert_ok(event_check(e, NOW_MS, err));
    buf_over(&b, seen.text, sizeof seen.text - 1);
    buf_printf(&b, "%.*s %s %.*s/%.*s @%lld", STR_ARG(e->viewer),
               e->kind == EVENT_CUSTOM ? "custom" : event_kind_name(e->kind), STR_ARG(e->title),
               STR_ARG(e->session), (long long)(e->at_ms - NOW_MS));
    if (e->position_ms != EVENT_ABSENT)
        buf_printf(&b, " pos=%lld", (long long)e->position_ms);
    if (e->kind == EVENT_THUMB || e->kind == EVENT_RATING)
        buf_printf(&b, " value=%g", (double)e->value);
    if (e->custom.n)
        buf_printf(&b, " %.*s", STR_ARG(e->custom));
    if (e->context.device)
        buf_printf(&b, " %s", device_name((enum device)e->context.device));
    seen.text[b.n] = '\0';
    seen.events++;
    return 0;
}

static int on_refused(void *ctx, const struct event_place *place, const struct mq_error *why,
                      struct mq_error *err)
{
    (void)ctx;
    (void)place;
    (void)err;
    seen.refused++;
    memcpy(seen.why, why->text, sizeof seen.why);
    return 0;
}

static void on_title(void *ctx, const struct title *t)
{
    struct buf b;
    (void)ctx;
    assert_ok(title_check(t, &test_err));
    buf_over(&b, seen.title, sizeof seen.title - 1);
    buf_printf(&b, "%.*s %.*s %s %d %umin %.*s %ux%u", STR_ARG(t->id), STR_ARG(t->name),
               title_kind_name((enum title_kind)t->kind), t->year, t->runtime_min,
               STR_ARG(t->series), t->season, t->episode);
    for (size_t i = 0; i < t->n_genres; i++)
        buf_printf(&b, " %.*s", STR_ARG(t->genres[i]));
    seen.title[b.n] = '\0';
}

static const struct event_sink sink = {NULL, on_event, on_refused, on_title};

static int jellyfin(const char *body)
{
    memset(&seen, 0, sizeof seen);
    arena_reset(&arena);
    return jellyfin_read(str_of(body), NOW_MS, &arena, &sink, &test_err);
}

static int plex(const char *type, const char *body)
{
    memset(&seen, 0, sizeof seen);
    arena_reset(&arena);
    return plex_read(str_of(type), str_of(body), NOW_MS, &arena, &sink, &test_err);
}

#define JELLY                                                                                      \
    "\"UserId\":\"u1\",\"ItemId\":\"i1\",\"ItemType\":\"Movie\",\"Name\":\"The "                   \
    "\\\\\\\"Odd\\\\\\\" One\","                                                                   \
    "\"DeviceId\":\"d1\",\"ClientName\":\"Jellyfin Android TV\",\"UtcTimestamp\":"                 \
    "\"2026-03-01T21:20:01.2500000Z\""

static void titles_are_told(void **state)
{
    (void)state;
    assert_ok(
        jellyfin("{\"NotificationType\":\"PlaybackStart\"," JELLY
                 ",\"Year\":1999,\"RunTimeTicks\":\"54000000000\",\"Genres\":\"Drama, Crime\"}"));
    assert_string_equal(seen.title, "i1 The \"Odd\" One film 1999 90min  0x0 Drama Crime");
    assert_ok(
        jellyfin("{\"NotificationType\":\"PlaybackStart\",\"UserId\":\"u\",\"ItemId\":\"e\","
                 "\"ItemType\":\"Episode\",\"Name\":\"Pilot\",\"SeriesName\":\"Show\","
                 "\"SeasonNumber\":2,\"EpisodeNumber\":\"03\",\"Year\":-5,\"RunTimeTicks\":1e30}"));
    assert_string_equal(seen.title, "e Pilot episode 0 0min Show 2x3");
    /* Nothing of what was refused, nor of what has no name. */
    assert_ok(jellyfin("{\"NotificationType\":\"PlaybackStart\",\"ItemId\":\"e\",\"Name\":\"P\"}"));
    assert_string_equal(seen.title, "");
    assert_ok(
        jellyfin("{\"NotificationType\":\"PlaybackStart\",\"UserId\":\"u\",\"ItemId\":\"e\"}"));
    assert_int_equal(seen.events, 1);
    assert_string_equal(seen.title, "");
    assert_ok(plex(
        "application/json",
        "{\"event\":\"media.play\",\"Account\":{\"id\":1},\"Metadata\":{\"type\":\"episode\","
        "\"ratingKey\":\"9\",\"title\":\"Pilot\",\"grandparentTitle\":\"Show\",\"parentIndex\":1,"
        "\"index\":2,\"duration\":2700000,\"year\":2010,\"Genre\":[{\"tag\":\"Drama\"},{\"tag\":"
        "\"drama\"},7,{\"tag\":\"War\"}]}}"));
    assert_string_equal(seen.title, "9 Pilot episode 2010 45min Show 1x2 Drama War");
}

static void jellyfin_playback(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"\"NotificationType\":\"PlaybackStart\",\"PlaybackPositionTicks\":0", "start|pos=0"},
        {"\"NotificationType\":\"PlaybackProgress\",\"PlaybackPositionTicks\":50000000,"
         "\"IsPaused\":false",
         "play|pos=5000"},
        {"\"NotificationType\":\"PlaybackProgress\",\"PlaybackPositionTicks\":\"50000000\","
         "\"IsPaused\":"
         "\"True\"",
         "pause|pos=5000"},
        {"\"NotificationType\":\"PlaybackStop\",\"PlaybackPositionTicks\":1e10,"
         "\"PlayedToCompletion\":true",
         "complete|pos=1000000"},
        {"\"NotificationType\":\"PlaybackStop\",\"PlaybackPositionTicks\":-70000", "stop|pos=-7"},
        {"\"NotificationType\":\"PlaybackStop\",\"PlaybackPositionTicks\":1e300", "stop|"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char body[1024], expected[256];
        struct str rest = str_of(cases[i][1]);
        struct str kind = str_cut(&rest, '|');
        snprintf(body, sizeof body, "{%s,%s}", cases[i][0], JELLY);
        assert_ok(jellyfin(body));
        snprintf(expected, sizeof expected, "u1 %.*s i1/d1:i1 @1250%s%.*s tv", STR_ARG(kind),
                 rest.n ? " " : "", STR_ARG(rest));
        assert_string_equal(seen.text, expected);
    }
    /* Without a time and a device: now, and the item alone. */
    assert_ok(jellyfin("{\"NotificationType\":\"PlaybackStart\",\"UserId\":\"u\",\"ItemId\":\"i\","
                       "\"PlaySessionId\":\"s\"}"));
    assert_string_equal(seen.text, "u start i/s @0");
}

static void jellyfin_ratings(void **state)
{
    (void)state;
#define SAVED                                                                                      \
    "{\"NotificationType\":\"UserDataSaved\",\"UserId\":\"u\",\"ItemId\":\"i\",\"SaveReason\":"
    assert_ok(jellyfin(SAVED "\"UpdateUserRating\",\"Likes\":false,\"Favorite\":true}"));
    assert_string_equal(seen.text, "u thumb i/ @0 value=-1");
    assert_ok(jellyfin(SAVED "\"UpdateUserRating\",\"Likes\":null,\"Rating\":7.5}"));
    assert_string_equal(seen.text, "u rating i/ @0 value=7.5");
    assert_ok(jellyfin(SAVED "\"UpdateUserRating\",\"Favorite\":true}"));
    assert_string_equal(seen.text, "u list_add i/ @0");
    assert_ok(jellyfin(SAVED "\"PlaybackFinished\",\"Favorite\":true}"));
    assert_string_equal(seen.text, "u custom i/ @0 UserDataSaved");
}

static void jellyfin_bad(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"{\"NotificationType\":\"ItemAdded\",\"ItemId\":\"i\"}", "UserId"},
        {"{\"UserId\":\"u\"}", "NotificationType"},
        {"{\"NotificationType\":\"PlaybackStart\",\"UserId\":\"u\"}", "title"},
        {"{\"NotificationType\":\"PlaybackStart\",\"UserId\":\"u\",\"ItemId\":\"i\",\"ItemType\":"
         "\"Audio\"}",
         "no video"},
        {"{\"NotificationType\":\"PlaybackStart\",\"UserId\":\"u\",\"ItemId\":\"i\","
         "\"UtcTimestamp\":\"soon\"}",
         "no time"},
        {"{\"NotificationType\":\"PlaybackStart\",\"UserId\":\"u\",\"ItemId\":\"i\","
         "\"UtcTimestamp\":"
         "\"2099-01-01\"}",
         "future"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_ok(jellyfin(cases[i][0]));
        assert_int_equal(1, seen.refused);
        if (!strstr(seen.why, cases[i][1]))
            fail_msg("\"%s\" does not say %s", seen.why, cases[i][1]);
    }
    static const char *const broken[] = {"", "[]", "{", "{}x", "{\"a\":\"\xff\"}", "null"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        assert_fails(MQ_INVALID, jellyfin(broken[i]));
}

#define TYPE "multipart/form-data; boundary=--------77"
#define PLEX(event, more)                                                                          \
    "{\"event\":\"" event                                                                          \
    "\",\"Account\":{\"id\":12,\"title\":\"Ann\"},\"Player\":{\"uuid\":\"p1\","                    \
    "\"title\":\"Apple TV\"},\"Metadata\":{\"type\":\"movie\",\"ratingKey\":\"99\"" more "}}"
#define PART(json)                                                                                 \
    "----------77\r\nContent-Disposition: form-data; name=\"payload\"\r\nContent-Type: "           \
    "application/json\r\n\r\n" json "\r\n"
#define PICTURE                                                                                    \
    "----------77\r\nContent-Disposition: form-data; name=\"thumb\"; "                             \
    "filename=\"a;name=payload.jpg\"\r\n\r\n\xff\xd8\r\n--\r\n\r\n"
#define CLOSE "----------77--\r\n"

static void plex_calls(void **state)
{
    (void)state;
    assert_ok(plex(TYPE, PICTURE PART(PLEX("media.play", ",\"viewOffset\":1500")) CLOSE));
    assert_string_equal(seen.text, "12 start 99/p1:99 @0 pos=1500 tv");
    assert_ok(plex(TYPE, PART(PLEX("media.pause", ",\"viewOffset\":2500")) PICTURE CLOSE));
    assert_string_equal(seen.text, "12 pause 99/p1:99 @0 pos=2500 tv");
    assert_ok(plex(TYPE, PART(PLEX("media.resume", "")) CLOSE));
    assert_string_equal(seen.text, "12 play 99/p1:99 @0 tv");
    assert_fails(MQ_INVALID,
                 plex("application/json", PLEX("media.scrobble", ",\"viewOffset\":9e999")));
    assert_ok(plex("application/json", PLEX("media.scrobble", ",\"viewOffset\":-3")));
    assert_string_equal(seen.text, "12 progress 99/p1:99 @0 pos=-3 tv");
    assert_ok(plex("application/json", PLEX("media.stop", ",\"viewOffset\":\"far\"")));
    assert_string_equal(seen.text, "12 stop 99/p1:99 @0 tv");
    assert_ok(plex("application/json", PLEX("media.rate", ",\"userRating\":8")));
    assert_string_equal(seen.text, "12 rating 99/ @0 value=8 tv");
    assert_ok(plex("application/json", PLEX("library.new", "")));
    assert_string_equal(seen.text, "12 custom 99/ @0 library.new tv");
    assert_ok(plex("application/json", PLEX("media.rate", ",\"userRating\":-1")));
    assert_int_equal(1, seen.refused);
    assert_ok(plex("application/json",
                   "{\"event\":\"media.play\",\"Account\":{\"id\":1},\"Metadata\":{"
                   "\"type\":\"track\",\"ratingKey\":1}}"));
    assert_int_equal(1, seen.refused);
    assert_ok(
        plex("application/json", "{\"event\":\"media.play\",\"Metadata\":{\"ratingKey\":1}}"));
    assert_int_equal(1, seen.refused);
}

/* Cut anywhere, it is refused whole, and says that it breaks off. */
static void truncated_multipart(void **state)
{
    (void)state;
    static const char whole[] = PICTURE PART(PLEX("media.play", "")) CLOSE;
    struct str part;
    size_t needed = sizeof(whole) - 1 - 2; /* the last line end may be missing */
    for (size_t n = 0; n < needed; n++)
        assert_fails(MQ_INVALID, multipart_part(STR(TYPE), (struct str){whole, n}, "payload", &part,
                                                &test_err));
    assert_ok(multipart_part(STR(TYPE), (struct str){whole, needed}, "payload", &part, &test_err));
    assert_fails(MQ_NOT_FOUND, multipart_part(STR(TYPE), str_of(whole), "other", &part, &test_err));
    assert_fails(MQ_INVALID,
                 multipart_part(STR("text/plain"), str_of(whole), "payload", &part, &test_err));
    assert_fails(MQ_INVALID, multipart_part(STR("multipart/form-data"), str_of(whole), "payload",
                                            &part, &test_err));
    assert_ok(multipart_part(STR("Multipart/Form-Data; charset=x; Boundary=\"--------77\""),
                             str_of(whole), "payload", &part, &test_err));
    assert_true(str_starts(part, STR("{\"event\"")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(titles_are_told),  cmocka_unit_test(jellyfin_playback),
        cmocka_unit_test(jellyfin_ratings), cmocka_unit_test(jellyfin_bad),
        cmocka_unit_test(plex_calls),       cmocka_unit_test(truncated_multipart),
    };
    assert_int_equal(0, arena_init(&arena, 1 << 16, 1 << 24));
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_release(&arena);
    return failed;
}
