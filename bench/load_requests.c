/* load_requests.c - the requests that bench_load sends. */
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "load.h"

void load_add_request(const struct load *l, struct buf *b, const char *method, const char *path,
                      struct str body)
{
    buf_printf(b, "%s %s HTTP/1.1\r\nHost: localhost\r\n", method, path);
    if (l->key)
        buf_printf(b, "Authorization: Bearer %s\r\n", l->key);
    if (body.n > 0)
        buf_printf(b, "Content-Type: application/json\r\nContent-Length: %zu\r\n", body.n);
    buf_add_z(b, "\r\n");
    buf_add_str(b, body);
}

static const char *pick(struct load *l, char (*names)[NAME_BYTES], size_t n)
{
    return names[rng_below(&l->rng, n)];
}

static void make_page(struct load *l, struct buf *b)
{
    static const char *const devices[] = {"tv", "phone", "tablet", "desktop"};
    static const char *const countries[] = {"GB", "US", "DE", "FR", "JP"};
    char path[256];
    snprintf(path, sizeof(path), "/v1/viewers/%s/home?device=%s&country=%s&offset_min=60",
             pick(l, l->viewers, l->n_viewers), devices[rng_below(&l->rng, 4)],
             countries[rng_below(&l->rng, 5)]);
    load_add_request(l, b, "GET", path, STR_NONE);
}

enum { RANKED = 100 };

static void make_rank(struct load *l, struct buf *b)
{
    static struct buf body;
    char path[256];
    if (!body.max)
        buf_init(&body, 64 << 10);
    buf_reset(&body);
    buf_add_z(&body, "{\"titles\":[");
    for (int i = 0; i < RANKED; i++)
        buf_printf(&body, "%s\"%s\"", i ? "," : "", pick(l, l->titles, l->n_titles));
    buf_add_z(&body, "]}");
    snprintf(path, sizeof(path), "/v1/viewers/%s/rank?device=tv&country=GB&offset_min=60",
             pick(l, l->viewers, l->n_viewers));
    l->of[RANK].bytes += body.n;
    load_add_request(l, b, "POST", path, buf_str(&body));
}

static void start_body(struct buf *body, struct buf *time, char *at, size_t size)
{
    if (!body->max)
        buf_init(body, 64 << 20);
    buf_reset(body);
    buf_over(time, at, size);
    time_format(time, clock_wall_ms());
}

/* The next event of a random viewer, who watches one title after the other, SESSION events of each. */
static struct watching *watch_on(struct load *l, size_t *ret_viewer, bool *ret_first)
{
    enum { SESSION = 20, STEP_MS = 10000 };
    *ret_viewer = rng_below(&l->rng, l->n_viewers);
    struct watching *w = &l->watching[*ret_viewer];
    *ret_first = w->left == 0;
    if (*ret_first)
        *w = (struct watching){.title = (uint32_t)rng_below(&l->rng, l->n_titles),
                               .left = SESSION,
                               .session = ++l->sessions};
    else
        w->position_ms += STEP_MS;
    w->left--;
    return w;
}

static void make_events(struct load *l, struct buf *b)
{
    static struct buf body;
    static const char *const kinds[] = {"progress", "progress", "progress",
                                        "pause",    "play",     "seek"};
    char at[40];
    struct buf time;
    start_body(&body, &time, at, sizeof(at));
    buf_add_char(&body, '[');
    for (unsigned i = 0; i < l->batch; i++) {
        size_t viewer;
        bool first;
        const struct watching *w = watch_on(l, &viewer, &first);
        const char *kind = first ? "start" : w->left == 0 ? "stop" : kinds[rng_below(&l->rng, 6)];
        l->event_number++;
        buf_printf(&body,
                   "%s{\"id\":\"l-%d-%llu\",\"viewer\":\"%s\",\"kind\":\"%s\",\"at\":\"%.*s\","
                   "\"title\":\"%s\","
                   "\"session\":\"s-%d-%llu\",\"position_ms\":%llu,",
                   i ? "," : "", (int)getpid(), (unsigned long long)l->event_number,
                   l->viewers[viewer], kind, STR_ARG(buf_str(&time)), l->titles[w->title],
                   (int)getpid(), (unsigned long long)w->session,
                   (unsigned long long)w->position_ms);
        if (strcmp(kind, "seek") == 0)
            buf_add_z(&body, "\"from_ms\":640000,");
        buf_add_z(&body, "\"context\":{\"device\":\"tv\",\"country\":\"GB\",\"offset_min\":60}}");
    }
    buf_add_char(&body, ']');
    l->of[EVENTS].bytes += body.n;
    load_add_request(l, b, "POST", "/v1/events", buf_str(&body));
}

/* As @segment/analytics-node makes it, with the properties that the video specification names. */
static void make_segment(struct load *l, struct buf *b)
{
    static struct buf body;
    static const char *const names[] = {"Video Playback Started",      "Video Content Playing",
                                        "Video Playback Paused",       "Video Playback Resumed",
                                        "Video Playback Seek Started", "Video Playback Exited"};
    char at[40];
    struct buf time;
    start_body(&body, &time, at, sizeof(at));
    buf_add_z(&body, "{\"batch\":[");
    for (unsigned i = 0; i < l->batch; i++) {
        uint64_t name = rng_below(&l->rng, 6), number = ++l->event_number;
        buf_printf(
            &body,
            "%s{\"timestamp\":\"%.*s\",\"integrations\":{},\"type\":\"track\",\"userId\":\"%s\","
            "\"event\":\"%s\",\"messageId\":\"node-next-%d-9f0c1c52-0f6c-4a3f-b7a4-%012llu\","
            "\"properties\":{\"session_id\":\"s-%llu\",\"content_asset_id\":\"%s\","
            "\"position\":%llu,",
            i ? "," : "", STR_ARG(buf_str(&time)), pick(l, l->viewers, l->n_viewers), names[name],
            (int)getpid(), (unsigned long long)number, (unsigned long long)(number / 20),
            pick(l, l->titles, l->n_titles), (unsigned long long)rng_below(&l->rng, 6000));
        if (name == 4)
            buf_add_z(&body, "\"seek_position\":640,");
        buf_add_z(
            &body,
            "\"total_length\":6000,\"video_player\":\"exoplayer\",\"full_screen\":true,\"sound\""
            ":80,\"bitrate\":4500,\"framerate\":25,\"livestream\":false,\"ad_enabled\":false,"
            "\"quality\":\"1080p\"},\"context\":{\"library\":{\"name\":\"@segment/analytics-node\""
            ",\"version\":\"2.3.0\"},\"app\":{\"name\":\"player\",\"version\":\"4.2.1\"},"
            "\"device\":{\"type\":\"tv\",\"model\":\"BRAVIA 4K\"},\"timezone\":"
            "\"Europe/London\",\"location\":{\"country\":\"GB\"},"
            "\"userAgent\":\"Mozilla/5.0 (Linux; Android 12; BRAVIA 4K) AppleWebKit/537.36 "
            "(KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36\"},"
            "\"_metadata\":{\"nodeVersion\":\"18.19.0\",\"jsRuntime\":\"node\"}}");
    }
    buf_printf(&body, "],\"writeKey\":\"%s\",\"sentAt\":\"%.*s\"}", l->key ? l->key : "any",
               STR_ARG(buf_str(&time)));
    l->of[SEGMENT].bytes += body.n;
    load_add_request(l, b, "POST", "/v1/batch", buf_str(&body));
}

void load_request(struct load *l, enum kind kind, struct buf *b)
{
    if (kind == PAGES)
        make_page(l, b);
    else if (kind == RANK)
        make_rank(l, b);
    else if (kind == EVENTS)
        make_events(l, b);
    else
        make_segment(l, b);
}
