/* native_parse.c - events per second of wire/native.h on one core, beside json-c alone on the same text (the
 * limit of what a reader on top of it can reach).
 *
 *     build/bench/native_parse [EVENTS]       200,000 by default
 *
 * A line per way: events/s, MB/s, share of json-c's. The best of five runs counts. */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/rng.h"
#include "wire/native.h"

enum { RUNS = 5 };
#define NOW_MS INT64_C(1772400000000)

static void make_events(struct buf *b, size_t n)
{
    static const char *const kinds[] = {"start",    "play", "pause", "seek",
                                        "progress", "stop", "rating"};
    struct rng rng;
    rng_seed(&rng, 1);
    for (size_t i = 0; i < n; i++) {
        buf_printf(b,
                   "{\"id\":\"e-%zu\",\"viewer\":\"v-%llu\",\"kind\":\"%s\",\"at\":\"2026-03-01T21:"
                   "%02llu:11.250Z\","
                   "\"title\":\"t-%llu\",\"session\":\"s-%llu\",\"position_ms\":%llu,\"value\":4.5,"
                   "\"context\":{\"device\":\"tv\",\"timezone\":\"Europe/"
                   "London\",\"country\":\"GB\",\"region\":\"London\"}}\n",
                   i, (unsigned long long)rng_below(&rng, 100000), kinds[rng_below(&rng, 7)],
                   (unsigned long long)rng_below(&rng, 20),
                   (unsigned long long)rng_below(&rng, 20000),
                   (unsigned long long)rng_below(&rng, 1000000),
                   (unsigned long long)rng_below(&rng, 7200000));
    }
}

static int count_event(void *ctx, size_t index, struct event *e, struct mq_error *err)
{
    (void)index;
    (void)err;
    *(uint64_t *)ctx += e->viewer.n > 0;
    return 0;
}

static int count_refused(void *ctx, const struct event_place *place, const struct mq_error *why,
                         struct mq_error *err)
{
    (void)ctx;
    (void)err;
    fprintf(stderr, "line %llu: %s\n", (unsigned long long)place->line, why->text);
    return MQ_BUG;
}

static double native(struct str body, enum native_form form, struct arena *arena)
{
    struct native_parser *p;
    struct mq_error err;
    uint64_t n = 0;
    if (native_parser_new(&p, &err) != 0)
        exit(1);
    struct native_options o = {
        .form = form, .source = STR("native"), .now_ms = NOW_MS, .arena = arena};
    int64_t from = clock_mono_ns();
    int rc =
        native_parse(p, body, &o, &(struct event_sink){&n, count_event, count_refused, NULL}, &err);
    double seconds = (double)(clock_mono_ns() - from) / 1e9;
    if (rc != 0) {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
    native_parser_free(p);
    return (double)n / seconds;
}

static double json_c_alone(struct str body)
{
    struct json_tokener *tok = json_tokener_new();
    uint64_t n = 0;
    int64_t from = clock_mono_ns();
    for (size_t at = 0; at < body.n; n++) {
        const char *newline = memchr(body.p + at, '\n', body.n - at);
        size_t end = newline ? (size_t)(newline - body.p) : body.n;
        json_tokener_reset(tok);
        struct json_object *v = json_tokener_parse_ex(tok, body.p + at, (int)(end - at));
        if (!v)
            exit(1);
        json_object_put(v);
        at = end + 1;
    }
    double seconds = (double)(clock_mono_ns() - from) / 1e9;
    json_tokener_free(tok);
    return (double)n / seconds;
}

static void report(const char *what, double rate, double limit, size_t bytes)
{
    printf("%-28s %10.0f events/s  %7.1f MB/s  %5.1f %%\n", what, rate, rate * (double)bytes / 1e6,
           100 * rate / limit);
}

int main(int argc, char **argv)
{
    size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 200000;
    struct buf lines, array;
    struct arena arena;
    buf_init(&lines, (size_t)4 << 30);
    buf_init(&array, (size_t)4 << 30);
    make_events(&lines, n);
    if (n == 0 || lines.failed || arena_init(&arena, 1 << 20, (size_t)4 << 30) != 0)
        return 1;
    buf_add_char(&array, '[');
    for (size_t i = 0; i + 1 < lines.n; i++)
        buf_add_char(&array, lines.p[i] == '\n' ? ',' : lines.p[i]);
    buf_add_char(&array, ']');
    double alone = 0, as_lines = 0, as_array = 0, kept = 0;
    for (int run = 0; run < RUNS; run++) {
        double a = json_c_alone(buf_str(&lines)), b = native(buf_str(&lines), NATIVE_LINES, NULL);
        double c = native(buf_str(&array), NATIVE_ANY, NULL);
        arena_reset(&arena);
        double d = native(buf_str(&lines), NATIVE_ANY, &arena);
        alone = a > alone ? a : alone;
        as_lines = b > as_lines ? b : as_lines;
        as_array = c > as_array ? c : as_array;
        kept = d > kept ? d : kept;
    }
    size_t bytes = lines.n / n;
    printf("%zu events of %zu bytes\n", n, bytes);
    report("json-c alone", alone, alone, bytes);
    report("native_parse, lines", as_lines, alone, bytes);
    report("native_parse, array", as_array, alone, bytes);
    report("native_parse, kept in arena", kept, alone, bytes);
    arena_release(&arena);
    buf_release(&lines);
    buf_release(&array);
    return 0;
}
