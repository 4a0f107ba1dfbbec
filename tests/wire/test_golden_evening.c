/* One evening told in every format: what was watched is the same, up to the losses that docs/formats.md states. The test reads
 * its table: "=" is what the native format gives, a number what is left of it. */
#include "base/file.h"
#include "playback/viewing.h"
#include "support/check.h"
#include "wire/cloudevents.h"
#include "wire/gorse.h"
#include "wire/jellyfin.h"
#include "wire/native.h"
#include "wire/netflix_plays.h"
#include "wire/personalize.h"
#include "wire/plex.h"
#include "wire/segment.h"

#include <stdio.h>
#include <stdlib.h>

enum { EVENTS_MAX = 1000 };
#define BEGIN INT64_C(1772395200000) /* 2026-03-01T20:00:00Z */

/* ---------------------------------------------------------------- the evening */

/* In seconds since the beginning and of the film: from the start; a pause of a minute; 140 s back; a stall of four seconds;
 * 1,101 s on; left at 2,999 s. Reports every ten seconds while the picture moves. */
struct moment {
    enum event_kind kind;
    int at, position, target; /* target of a seek, else -1 */
};

static struct moment evening[EVENTS_MAX];
static size_t n_moments;

static void add(enum event_kind kind, int at, int position, int target)
{
    evening[n_moments++] = (struct moment){kind, at, position, target};
}

/* Reports until just before `until`. */
static void play(int *at, int *position, int seconds)
{
    for (int s = 10; s < seconds; s += 10)
        add(EVENT_PROGRESS, *at + s, *position + s, -1);
    *at += seconds;
    *position += seconds;
}

static void make_evening(void)
{
    int at = 0, position = 0;
    add(EVENT_START, 0, 0, -1);
    play(&at, &position, 600);
    add(EVENT_PAUSE, at, position, -1);
    at += 60;
    add(EVENT_PLAY, at, position, -1);
    play(&at, &position, 545);
    add(EVENT_SEEK, at, position, 1000);
    position = 1000;
    play(&at, &position, 125);
    add(EVENT_BUFFER_START, at, position, -1);
    at += 4;
    add(EVENT_BUFFER_END, at, position, -1);
    play(&at, &position, 174);
    add(EVENT_SEEK, at, position, 2400);
    position = 2400;
    play(&at, &position, 599);
    add(EVENT_STOP, at, position, -1);
}

/* ---------------------------------------------------------------- what the readers give */

static struct event events[EVENTS_MAX];
static size_t n_events;
static struct arena arena;

static int on_event(void *ctx, size_t index, struct event *e, struct mq_error *err)
{
    (void)ctx;
    (void)index;
    assert_true(n_events < EVENTS_MAX);
    events[n_events] = *e;
    struct event_item *none = NULL;
    events[n_events].items = none;
    events[n_events].n_items = 0;
    return event_keep(&events[n_events++], &arena, err);
}

static int on_refused(void *ctx, const struct event_place *place, const struct mq_error *why,
                      struct mq_error *err)
{
    (void)ctx;
    (void)err;
    fail_msg("refused: %s: %.*s", why->text, STR_ARG(place->raw));
    return 0;
}

static const struct event_sink sink = {NULL, on_event, on_refused, NULL};

static void time_of(const struct moment *m, char out[40])
{
    int s = m->at;
    snprintf(out, 40, "2026-03-01T%02d:%02d:%02d.000Z", 20 + s / 3600, s / 60 % 60, s % 60);
}

static const char *const words[EVENT_KINDS] = {
    [EVENT_START] = "start",           [EVENT_PLAY] = "play",
    [EVENT_PAUSE] = "pause",           [EVENT_SEEK] = "seek",
    [EVENT_PROGRESS] = "progress",     [EVENT_BUFFER_START] = "buffer_start",
    [EVENT_BUFFER_END] = "buffer_end", [EVENT_STOP] = "stop",
};

/* Sent as it happens. */
typedef void sender(const struct moment *m, struct buf *b);

static void native(const struct moment *m, struct buf *b)
{
    char at[40];
    struct native_parser *parser;
    time_of(m, at);
    buf_printf(b,
               "{\"viewer\":\"v\",\"title\":\"t\",\"session\":\"s\",\"kind\":\"%s\",\"at\":\"%s\","
               "\"position_ms\":%d",
               words[m->kind], at, 1000 * (m->target >= 0 ? m->target : m->position));
    if (m->target >= 0)
        buf_printf(b, ",\"from_ms\":%d", 1000 * m->position);
    buf_add_char(b, '}');
    assert_ok(native_parser_new(&parser, &test_err));
    assert_ok(native_parse(parser, buf_str(b),
                           &(struct native_options){.source = STR("native"),
                                                    .now_ms = BEGIN + INT64_C(86400000),
                                                    .arena = &arena},
                           &sink, &test_err));
    native_parser_free(parser);
}

static void segment_as(const struct moment *m, struct buf *b, bool rudder)
{
    static const char *const names[EVENT_KINDS] = {
        [EVENT_START] = "Video Playback Started",
        [EVENT_PLAY] = "Video Playback Resumed",
        [EVENT_PAUSE] = "Video Playback Paused",
        [EVENT_SEEK] = "Video Playback Seek Started",
        [EVENT_PROGRESS] = "Video Content Playing",
        [EVENT_BUFFER_START] = "Video Playback Buffer Started",
        [EVENT_BUFFER_END] = "Video Playback Buffer Completed",
        [EVENT_STOP] = "Video Playback Exited",
    };
    char at[40];
    struct str key;
    time_of(m, at);
    buf_printf(b,
               "{\"batch\":[{\"type\":\"track\",\"userId\":\"v\",\"messageId\":\"m%d-%d\","
               "\"event\":\"%s\",\"%s\":\"%s\","
               "%s\"properties\":{\"session_id\":\"s\",\"content_asset_id\":\"t\",\"position\":%d",
               m->at, (int)m->kind, names[m->kind], rudder ? "originalTimestamp" : "timestamp", at,
               rudder ? "\"channel\":\"server\"," : "", m->position);
    if (m->target >= 0)
        buf_printf(b, ",\"seek_position\":%d", m->target);
    buf_add_z(b, "}}]}");
    struct segment_options o = {
        .call = SEGMENT_BATCH, .received_ms = BEGIN + INT64_C(86400000), .arena = &arena};
    assert_ok(segment_read(buf_str(b), &o, &sink, &key, &test_err));
}

static void segment(const struct moment *m, struct buf *b)
{
    segment_as(m, b, false);
}

static void rudderstack(const struct moment *m, struct buf *b)
{
    segment_as(m, b, true);
}

static void cloudevents(const struct moment *m, struct buf *b)
{
    char at[40];
    time_of(m, at);
    buf_printf(b,
               "{\"specversion\":\"1.0\",\"id\":\"%d-%d\",\"source\":\"/"
               "tv\",\"type\":\"player.%s\",\"subject\":\"v\","
               "\"time\":\"%s\",\"data\":{\"title\":\"t\",\"session\":\"s\",\"position_ms\":%d",
               m->at, (int)m->kind, words[m->kind], at,
               1000 * (m->target >= 0 ? m->target : m->position));
    if (m->target >= 0)
        buf_printf(b, ",\"from_ms\":%d", 1000 * m->position);
    buf_add_z(b, "}}");
    struct cloudevents_options o = {.received_ms = BEGIN + INT64_C(86400000), .arena = &arena};
    assert_ok(cloudevents_read(buf_str(b), &o, &sink, &test_err));
}

/* Progress every ten seconds and when a pause begins or ends; nothing else. */
static void jellyfin(const struct moment *m, struct buf *b)
{
    char at[40];
    time_of(m, at);
    if (m->kind == EVENT_SEEK || m->kind == EVENT_BUFFER_START || m->kind == EVENT_BUFFER_END)
        return;
    const char *type = m->kind == EVENT_START  ? "PlaybackStart"
                       : m->kind == EVENT_STOP ? "PlaybackStop"
                                               : "PlaybackProgress";
    buf_printf(b,
               "{\"NotificationType\":\"%s\",\"UserId\":\"v\",\"ItemId\":\"t\",\"ItemType\":"
               "\"Movie\",\"DeviceId\":\"d\","
               "\"UtcTimestamp\":\"%s\",\"PlaybackPositionTicks\":%d0000000,\"IsPaused\":%s}",
               type, at, m->position, m->kind == EVENT_PAUSE ? "true" : "false");
    assert_ok(jellyfin_read(buf_str(b), BEGIN + INT64_C(86400000), &arena, &sink, &test_err));
}

static void plex(const struct moment *m, struct buf *b)
{
    const char *event = m->kind == EVENT_START   ? "media.play"
                        : m->kind == EVENT_PLAY  ? "media.resume"
                        : m->kind == EVENT_PAUSE ? "media.pause"
                        : m->kind == EVENT_STOP  ? "media.stop"
                                                 : NULL;
    if (!event)
        return;
    buf_printf(b,
               "{\"event\":\"%s\",\"Account\":{\"id\":7},\"Player\":{\"uuid\":\"p\"},\"Metadata\":{"
               "\"type\":\"movie\","
               "\"ratingKey\":\"t\",\"viewOffset\":%d}}",
               event, 1000 * m->position);
    assert_ok(plex_read(STR("application/json"), buf_str(b), BEGIN + INT64_C(1000) * m->at, &arena,
                        &sink, &test_err));
}

static void personalize(const struct moment *m, struct buf *b)
{
    buf_printf(b,
               "{\"trackingId\":\"t\",\"userId\":\"v\",\"sessionId\":\"s\",\"eventList\":[{"
               "\"eventType\":\"%s\",\"itemId\":"
               "\"t\",\"sentAt\":%lld,\"properties\":\"{\\\"position_ms\\\":%d",
               words[m->kind], (long long)(BEGIN / 1000 + m->at),
               1000 * (m->target >= 0 ? m->target : m->position));
    if (m->target >= 0)
        buf_printf(b, ",\\\"from_ms\\\":%d", 1000 * m->position);
    buf_add_z(b, "}\"}]}");
    assert_ok(
        personalize_read_events(buf_str(b), BEGIN + INT64_C(86400000), &arena, &sink, &test_err));
}

static void gorse(const struct moment *m, struct buf *b)
{
    char at[40];
    time_of(m, at);
    if (m->kind == EVENT_BUFFER_START || m->kind == EVENT_BUFFER_END)
        return;
    buf_printf(b,
               "{\"FeedbackType\":\"%s\",\"UserId\":\"v\",\"ItemId\":\"t\",\"Value\":%d,"
               "\"Timestamp\":\"%s\"}",
               words[m->kind], m->target >= 0 ? m->target : m->position, at);
    assert_ok(gorse_read_events(buf_str(b), GORSE_FEEDBACK, BEGIN + INT64_C(86400000), &arena,
                                &sink, &test_err));
}

/* The whole evening is one row, which has no reports and no stalls. */
static int on_play(void *ctx, const struct netflix_play *p, struct mq_error *err)
{
    (void)ctx;
    for (size_t i = 0; i < p->n_events; i++) {
        struct event e = p->events[i];
        int rc = on_event(NULL, i, &e, err);
        if (rc)
            return rc;
    }
    return 0;
}

static void netflix(const struct moment *unused, struct buf *b)
{
    struct netflix_plays_sink plays = {NULL, on_play, NULL};
    static const char *const types[EVENT_KINDS] = {[EVENT_START] = "start",
                                                   [EVENT_PLAY] = "playing",
                                                   [EVENT_PAUSE] = "paused",
                                                   [EVENT_SEEK] = "reposition",
                                                   [EVENT_STOP] = "stopped"};
    (void)unused;
    buf_add_z(b, "Profile Name,Title Description,Device,Playback Start Utc Ts,Country,Playtraces\n"
                 "v,t,TV,2026-03-01 20:00:00,GB,\"[");
    for (size_t i = 0; i < n_moments; i++) {
        const struct moment *m = &evening[i];
        if (!types[m->kind])
            continue;
        for (int twice = 0; twice < (m->kind == EVENT_START ? 2 : 1); twice++)
            buf_printf(b,
                       "%s{\"\"eventType\"\":\"\"%s\"\",\"\"sessionOffsetMs\"\":%d,"
                       "\"\"mediaOffsetMs\"\":%d}",
                       i || twice ? "," : "", twice ? "playing" : types[m->kind], 1000 * m->at,
                       1000 * (m->target >= 0 ? m->target : m->position));
    }
    buf_add_z(b, "]\"\n");
    assert_ok(netflix_plays_read("evening.csv", buf_str(b), &plays, &test_err));
}

static const struct {
    const char *name;
    sender *send;
    bool at_once; /* called once for the whole evening */
} formats[] = {
    {"native", native, false},           {"segment", segment, false},
    {"rudderstack", rudderstack, false}, {"cloudevents", cloudevents, false},
    {"jellyfin", jellyfin, false},       {"plex", plex, false},
    {"personalize", personalize, false}, {"gorse", gorse, false},
    {"netflix-export", netflix, true},
};
enum { FORMATS = sizeof formats / sizeof *formats, FIELDS = 10 };

static const char *const fields[FIELDS] = {"played_ms",  "content_ms",  "rewatched_ms", "rewinds",
                                           "rewound_ms", "skips",       "skipped_ms",   "pauses",
                                           "paused_ms",  "buffering_ms"};

static void figures(size_t format, int64_t out[FIELDS])
{
    struct viewing v;
    n_events = 0;
    arena_reset(&arena);
    for (size_t i = 0; i < (formats[format].at_once ? 1 : n_moments); i++) {
        struct buf b;
        buf_init(&b, 1 << 20);
        formats[format].send(&evening[i], &b);
        buf_release(&b);
    }
    assert_true(n_events > 0);
    viewing_init(&v, 0, session_start_plays(events[0].source), false);
    assert_ok(viewing_feed_all(&v, events, n_events, &test_err));
    const int64_t got[FIELDS] = {v.played_ms,
                                 viewing_content_ms(&v),
                                 viewing_rewatched_ms(&v),
                                 v.rewinds,
                                 v.rewound_ms,
                                 v.skips,
                                 v.skipped_ms,
                                 v.pauses,
                                 v.paused_ms,
                                 v.buffering_ms};
    memcpy(out, got, sizeof got);
    assert_int_equal(VIEWING_STOP, viewing_ended(&v));
    viewing_release(&v);
}

/* ---------------------------------------------------------------- the table */

static bool find_row(struct str text, const char *name, struct str cells[FIELDS + 1])
{
    while (text.p) {
        struct str line = str_cut(&text, '\n');
        if (!str_starts(line, STR("| `")))
            continue;
        struct str rest = {line.p + 1, line.n - 1};
        struct str first = str_trim(str_cut(&rest, '|'));
        if (first.n < 2 || !str_eq((struct str){first.p + 1, first.n - 2}, str_of(name)))
            continue;
        for (int f = 0; f < FIELDS; f++)
            cells[f] = str_trim(str_cut(&rest, '|'));
        return true;
    }
    return false;
}

static void losses_are_as_documented(void **state)
{
    (void)state;
    char path[4096];
    struct buf b;
    int64_t best[FIELDS];
    int wrong = 0;
    const char *source = getenv("MARQUEE_SOURCE");
    if (!source)
        source = ".";
    snprintf(path, sizeof path, "%s/docs/formats.md", source);
    buf_init(&b, 1 << 20);
    assert_ok(file_read(path, &b, &test_err));
    figures(0, best);
    static const int64_t truth[FIELDS] = {2043000, 1898000, 145000, 1,     145000,
                                          1,       1101000, 1,      60000, 4000};
    for (int f = 0; f < FIELDS; f++)
        assert_int_equal(truth[f], best[f]);
    for (size_t i = 0; i < FORMATS; i++) {
        struct str cells[FIELDS + 1];
        int64_t got[FIELDS];
        figures(i, got);
        if (!find_row(buf_str(&b), formats[i].name, cells))
            fail_msg("docs/formats.md: no row for %s", formats[i].name);
        for (int f = 0; f < FIELDS; f++) {
            int64_t want = best[f];
            if (!str_eq(cells[f], STR("=")) && !str_to_i64(cells[f], &want))
                fail_msg("docs/formats.md: %s: %s: \"%.*s\" is neither = nor a number",
                         formats[i].name, fields[f], STR_ARG(cells[f]));
            wrong += want != got[f];
            if (want != got[f])
                print_error("%s: %s: docs/formats.md says %lld, it is %lld\n", formats[i].name,
                            fields[f], (long long)want, (long long)got[f]);
        }
    }
    assert_int_equal(0, wrong);
    buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(losses_are_as_documented)};
    make_evening();
    assert_int_equal(0, arena_init(&arena, 1 << 20, 1 << 26));
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_release(&arena);
    return failed;
}
