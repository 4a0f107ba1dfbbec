/* profile_feed - what live profiles and counters cost: time per event, memory per viewer, scores of a page.
 *
 *     profile_feed [VIEWERS]       20,000 by default; each 50 events over 8 titles
 *
 * Prints one line per figure; the best of five rounds. Budgets: 0.7 GiB per million viewers for everything
 * resident, trend_read of 20,000 titles in three contexts under 0.1 ms. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/rng.h"
#include "profile/profile.h"
#include "profile/trend.h"

enum { TITLES = 20000, EVENTS = 50, PER_VIEWER = 8, ROUNDS = 5 };
#define DAY INT64_C(86400000)
#define START_MS INT64_C(1772481600000)

static int failed(const struct mq_error *err)
{
    fprintf(stderr, "profile_feed: %s\n", err->text);
    exit(1);
}

/* Six events a sitting, ten minutes apart, one sitting every other day; popular titles more often. */
static struct event sitting_event(struct rng *r, uint32_t *title, unsigned i)
{
    static const char *const sessions[] = {"9f1c-0", "9f1c-1", "9f1c-2", "9f1c-3",
                                           "9f1c-4", "9f1c-5", "9f1c-6", "9f1c-7"};
    unsigned beat = i * PER_VIEWER % EVENTS / PER_VIEWER, sitting = i * PER_VIEWER / EVENTS;
    struct event e;
    event_init(&e);
    if (i == 0 || sitting != (i - 1) * PER_VIEWER / EVENTS)
        *title = (uint32_t)(rng_double(r) * rng_double(r) * TITLES);
    e.kind = beat == 0 ? EVENT_START : beat == 5 ? EVENT_STOP : EVENT_PROGRESS;
    e.title_id.v = *title;
    e.session = str_of(sessions[sitting]);
    e.at_ms = START_MS + sitting * 2 * DAY + beat * INT64_C(600000);
    e.position_ms = beat * INT64_C(600000);
    e.seq = i + 1;
    e.context = (struct context){.offset_min = 60, .device = DEVICE_TV, .country = 'D' << 8 | 'E'};
    return e;
}

static struct catalogue *make_catalogue(void)
{
    static struct catalogue c = {.n_titles = TITLES};
    struct title_row *rows = calloc(TITLES, sizeof(*rows));
    if (!rows)
        exit(1);
    for (uint32_t i = 0; i < TITLES; i++)
        rows[i].runtime_min = (uint16_t)(30 + i % 100);
    c.titles = rows;
    return &c;
}

static double feed_all(size_t viewers, struct profile_builder **b, const struct catalogue *c)
{
    struct mq_error err;
    struct event events[EVENTS];
    int64_t spent = 0;
    for (size_t v = 0; v < viewers; v++) {
        struct rng r;
        rng_seed_stream(&r, 1, v);
        uint32_t title = 0;
        for (unsigned i = 0; i < EVENTS; i++)
            events[i] = sitting_event(&r, &title, i);
        int64_t start = clock_mono_ns();
        if (profile_builder_new((struct viewer_id){(uint32_t)v}, &b[v], &err))
            failed(&err);
        for (unsigned i = 0; i < EVENTS; i++)
            if (profile_feed(b[v], &events[i], c, &err))
                failed(&err);
        spent += clock_mono_ns() - start;
    }
    return (double)spent / (double)(viewers * EVENTS);
}

static size_t heap_bytes(void)
{
    struct mallinfo2 m = mallinfo2();
    return m.uordblks + m.hblkhd;
}

static void profiles(size_t viewers)
{
    struct mq_error err;
    const struct catalogue *c = make_catalogue();
    struct profile_builder **b = calloc(viewers, sizeof(*b));
    struct profile **p = calloc(viewers, sizeof(*p));
    if (!b || !p)
        exit(1);
    double best = 1e9;
    size_t before = heap_bytes();
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t v = 0; v < viewers; v++)
            profile_builder_free(b[v]);
        double ns = feed_all(viewers, b, c);
        best = ns < best ? ns : best;
    }
    size_t with_builders = heap_bytes();
    int64_t start = clock_mono_ns();
    for (size_t v = 0; v < viewers; v++)
        if (profile_snapshot(b[v], NULL, &p[v], &err))
            failed(&err);
    double snapshot = (double)(clock_mono_ns() - start) / (double)viewers;
    size_t with_snapshots = heap_bytes();
    start = clock_mono_ns();
    for (size_t v = 0; v < viewers; v++) {
        struct profile_builder *again;
        if (profile_builder_resume(p[v], &again, &err))
            failed(&err);
        profile_builder_free(again);
    }
    double resume = (double)(clock_mono_ns() - start) / (double)viewers;
    printf("profile_feed       %8.1f ns per event\n", best);
    printf("profile_snapshot   %8.1f ns\n", snapshot);
    printf("builder_resume     %8.1f ns, freeing it included\n", resume);
    printf("builder            %8.1f bytes per viewer of the heap (%zu by its own account)\n",
           (double)(with_builders - before) / (double)viewers, profile_builder_memory(b[0]));
    printf("snapshot           %8.1f bytes per viewer of the heap (%zu by its own account)\n",
           (double)(with_snapshots - with_builders) / (double)viewers, profile_memory(p[0]));
}

static void trends(size_t viewers)
{
    static float scores[TITLES];
    static uint32_t chosen[TITLES];
    struct mq_error err;
    struct trend *t;
    if (trend_new(&t, &err))
        failed(&err);
    size_t n = viewers * EVENTS;
    int64_t start = clock_mono_ns();
    for (size_t v = 0; v < viewers; v++) {
        struct rng r;
        rng_seed_stream(&r, 1, v);
        uint32_t title = 0;
        for (unsigned i = 0; i < EVENTS; i++) {
            struct event e = sitting_event(&r, &title, i);
            e.context.device = (uint8_t)(v % DEVICES);
            if (trend_feed(t, &e, &err))
                failed(&err);
        }
    }
    printf("trend_feed         %8.1f ns per event, making it included\n",
           (double)(clock_mono_ns() - start) / (double)n);
    const struct context here = {.offset_min = 60, .device = DEVICE_TV, .country = 'D' << 8 | 'E'};
    int64_t at = START_MS + 13 * DAY, best = INT64_MAX; /* of the newest week */
    for (int round = 0; round < 200 * ROUNDS; round++) {
        start = clock_mono_ns();
        trend_read(t, at, &here, TITLES, scores, chosen);
        int64_t ns = clock_mono_ns() - start;
        best = ns < best ? ns : best;
    }
    printf("trend_read         %8.1f us for %d titles in three contexts\n", (double)best / 1000,
           TITLES);
    printf("trend              %8.2f MiB\n", (double)trend_memory(t) / (1 << 20));
    trend_free(t);
}

int main(int argc, char **argv)
{
    size_t viewers = argc > 1 ? strtoul(argv[1], NULL, 10) : 20000;
    if (viewers < 1 || viewers > 2000000) {
        fprintf(stderr, "profile_feed: viewers: %s: 1 to 2000000\n", argc > 1 ? argv[1] : "");
        return 2;
    }
    profiles(viewers);
    trends(viewers);
    return 0;
}
