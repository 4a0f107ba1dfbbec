/* experiment_weeks.c - experiments that have run for weeks, in a data folder, to look at in the terminal and the dashboard.
 *
 *     marquee simulate --viewers 1500 --end 2026-06-01T00:00:00Z --out world
 *     marquee import world/titles.csv world/credits.csv world/events.ndjson && marquee train
 *     bench_experiment_weeks DATA [VIEWERS [WEEKS]]        1,500 viewers, 4 weeks
 *
 * The folder's newest event must be more than a week old, so that it is an archive and its own end is now. Four experiments begin there and
 * run together: "order" (its second arm loses a third of its choices), "same" (no difference at all), "draft" (interleaved; what stands further left
 * is chosen more) and "broken" (a third of its second arm's pages never arrive). Viewers v-1 ... come on one evening in four; what they choose is
 * invented here: by place, with chance 0.3 / (1 + row) / (1 + column), liked in two of three cases. A fifth experiment is created and never
 * started. Nothing is measured: what is read from it comes from `marquee experiment read`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/rng.h"
#include "engine/experiments.h"
#include "marquee.h"

enum { SEEN_ROWS = 4, SEEN_COLUMNS = 6, EVENTS_MAX = 1 << 15 };
#define HOUR INT64_C(3600000)
#define DAY (24 * HOUR)

struct weeks {
    struct mq_engine *engine;
    struct mq_reader *reader;
    struct arms order, broken;
    struct rng rng;
    struct mq_event events[EVENTS_MAX]; /* of one evening */
    char viewers[EVENTS_MAX][16], titles[EVENTS_MAX][64], ids[EVENTS_MAX][33];
    size_t n, pages, choices;
};

static void check(int rc, const struct mq_error *err)
{
    if (rc == 0)
        return;
    fprintf(stderr, "bench_experiment_weeks: %s\n", err->text);
    exit(1);
}

static struct arms begin(struct mq_engine *e, const char *name, const char *a, const char *b,
                         bool interleave, bool starts)
{
    static struct experiment kept[8];
    static size_t n;
    struct experiment *x = &kept[n++];
    struct mq_error err;
    *x = (struct experiment){.traffic = 1, .n = 2, .interleave = interleave};
    snprintf(x->name, sizeof(x->name), "%s", name);
    check(experiment_arm_read(str_of(a), &x->arm[0], &err), &err);
    check(experiment_arm_read(str_of(b), &x->arm[1], &err), &err);
    check(engine_experiment_create(e, x, &err), &err);
    if (starts)
        check(engine_experiment_start(e, str_of(name), &err), &err);
    return experiment_arms(x);
}

static void choose(struct weeks *w, const char *viewer, const char *title, const char *id,
                   int64_t at_ms)
{
    if (w->n == EVENTS_MAX)
        return;
    size_t i = w->n++;
    bool liked = rng_below(&w->rng, 3) > 0;
    snprintf(w->viewers[i], sizeof(w->viewers[i]), "%s", viewer);
    snprintf(w->titles[i], sizeof(w->titles[i]), "%s", title);
    memcpy(w->ids[i], id, sizeof(w->ids[i]));
    w->events[i] = (struct mq_event){.viewer = w->viewers[i],
                                     .kind = "rating",
                                     .title = w->titles[i],
                                     .at_ms = at_ms + 60000,
                                     .position_ms = -1,
                                     .from_ms = -1,
                                     .value = liked ? 5 : 1,
                                     .recommendation_id = w->ids[i]};
    w->choices++;
}

static void visit(struct weeks *w, unsigned v, int64_t at_ms)
{
    struct mq_page page;
    struct mq_error err;
    char viewer[16];
    snprintf(viewer, sizeof(viewer), "v-%u", v);
    bool worse = arm_of(&w->order, str_of(viewer)) == 1;
    if (arm_of(&w->broken, str_of(viewer)) == 1 && hash_str(str_of(viewer), 5) % 3 == 0)
        return;
    struct mq_request q = {.viewer = viewer, .at_ms = at_ms, .device = v % 3 ? "tv" : "phone"};
    check(mq_home(w->reader, &q, &page, &err), &err);
    w->pages++;
    for (size_t r = 0; r < page.n_rows && r < SEEN_ROWS; r++)
        for (size_t c = 0; c < page.rows[r].n_items && c < SEEN_COLUMNS; c++) {
            double chance = (worse ? 0.2 : 0.3) / (double)((1 + r) * (1 + c));
            if (rng_double(&w->rng) < chance)
                choose(w, viewer, page.rows[r].items[c].title, page.recommendation_id, at_ms);
        }
    mq_reader_rest(w->reader);
}

int main(int argc, char **argv)
{
    static struct weeks w;
    struct mq_options options = {.threads = 1};
    struct mq_appended done;
    struct mq_error err;
    uint64_t viewers = 1500, weeks = 4;
    bool archive;
    if (argc < 2 || (argc > 2 && (!str_to_u64(str_of(argv[2]), &viewers) || viewers > 100000)) ||
        (argc > 3 && (!str_to_u64(str_of(argv[3]), &weeks) || weeks > 52))) {
        fprintf(stderr, "bench_experiment_weeks: give a data folder, viewers and weeks\n");
        return 2;
    }
    check(mq_engine_open(argv[1], &options, &w.engine, &err), &err);
    check(mq_reader_open(w.engine, &w.reader, &err), &err);
    int64_t now = engine_now(w.engine, &archive);
    if (!archive) {
        fprintf(stderr, "bench_experiment_weeks: %s: its newest event must be over a week old\n",
                argv[1]);
        return 1;
    }
    rng_seed(&w.rng, 1);
    w.order = begin(w.engine, "order", "usual", "plain:context=off", false, true);
    begin(w.engine, "same", "one", "other", false, true);
    begin(w.engine, "draft", "live", "without-trees:ranker=off", true, true);
    w.broken = begin(w.engine, "broken", "whole", "losing-pages:draw=2", false, true);
    begin(w.engine, "later", "usual", "drawn:draw=3", false, false);
    for (uint64_t d = 0; d < 7 * weeks; d++) {
        w.n = 0;
        for (unsigned v = 1; v <= viewers; v++)
            if (rng_below(&w.rng, 4) == 0)
                visit(&w, v,
                      now + (int64_t)d * DAY + 18 * HOUR +
                          (int64_t)rng_below(&w.rng, 4 * (uint64_t)HOUR));
        check(mq_append(w.engine, w.events, w.n, &done, &err), &err);
    }
    printf("%llu weeks: %zu pages, %zu choices\n", (unsigned long long)weeks, w.pages, w.choices);
    mq_reader_close(w.reader);
    mq_engine_close(w.engine);
    return 0;
}
