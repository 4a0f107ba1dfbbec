/* store_append.c - how fast the store takes events, and how the cost of one grows with what is there.
 *
 * usage: store_append [EVENTS] [BATCH] [VIEWERS] [FOLDER]
 *
 * EVENTS (1000000) invented events in batches of BATCH (1000) by VIEWERS (EVENTS / 100) viewers over 20,000
 * titles, ten percent of viewers bringing half of the events; each batch is one durable write. One
 * line per step (a million events, or a tenth when there are fewer): events/s, processor time per event, and that drawn as a
 * bar. From 10 million events on, the slope: a line through the steps from 5 million events on says by how much an event
 * costs more at the end than there. Then a scan of all, scans of single viewers, a batch of nothing but repetitions, and how
 * long closing and opening take. The folder is removed at the end, unless it was named. */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/rng.h"
#include "processor.h"
#include "store/store.h"

enum {
    TITLES = 20000,
    STEPS_LEAST = 10,
    STEPS_MAX = 1000,
    STEP = 1000000,
    FROM = 5000000,
    LOOKS = 2000,
    BATCH_MAX = 100000
};
#define BEGIN_MS INT64_C(1772323200000)

struct load {
    struct store *store;
    struct rng rng;
    size_t events, batch, viewers;
    struct event *e;
    char (*text)[4][32];
    uint8_t *outcome;
};

static void must(int rc, const struct mq_error *err)
{
    if (rc == 0)
        return;
    fprintf(stderr, "store_append: %s\n", err->text);
    exit(1);
}

static struct str text(char out[32], const char *format, unsigned long long v)
{
    char *end = out + 32;
    size_t n = strlen(format);
    memcpy(out, format, n);
    char digits[20];
    size_t k = 0;
    do
        digits[k++] = (char)('0' + v % 10);
    while ((v /= 10) > 0);
    while (k > 0 && out + n < end)
        out[n++] = digits[--k];
    return (struct str){out, n};
}

static void invent(struct load *l, size_t i, size_t number)
{
    struct event *e = &l->e[i];
    bool heavy = rng_below(&l->rng, 2) == 0;
    uint64_t viewer = rng_below(&l->rng, heavy ? l->viewers / 10 + 1 : l->viewers);
    event_init(e);
    e->source = STR("native");
    e->id = text(l->text[i][0], "0190c6a2-7e1f-7", 100000000ULL + number);
    e->viewer = text(l->text[i][1], "viewer-", viewer);
    e->title = text(l->text[i][2], "title-", rng_below(&l->rng, TITLES));
    e->session = text(l->text[i][3], "s-", viewer * 1000 + number % 7);
    e->kind = (enum event_kind)(EVENT_START + rng_below(&l->rng, EVENT_COMPLETE - EVENT_START));
    /* In the order of time, but for a minute of disorder. */
    e->at_ms = BEGIN_MS + (int64_t)(number * 20) + (int64_t)rng_below(&l->rng, 60000);
    e->position_ms = (int64_t)rng_below(&l->rng, 7200000);
    e->context.device = DEVICE_TV;
    e->context.offset_min = 60;
    e->context.country = 'G' << 8 | 'B';
}

static size_t append_batch(struct load *l, size_t from)
{
    struct mq_error err;
    size_t n = l->batch < l->events - from ? l->batch : l->events - from;
    for (size_t i = 0; i < n; i++)
        invent(l, i, from + i);
    must(store_append(l->store, l->e, n, BEGIN_MS + (int64_t)(from * 20), l->outcome, &err), &err);
    return n;
}

static double seconds_since(int64_t ns)
{
    return (double)(clock_mono_ns() - ns) * 1e-9;
}

struct step {
    double events, us; /* in the log at its end; all processor time of an event of this step */
};

/* Least squares over the steps that begin at FROM or later. */
static void print_slope(const struct step *steps, size_t n)
{
    double count = 0, x = 0, y = 0, xx = 0, xy = 0;
    for (size_t i = 1; i < n; i++) {
        if (steps[i - 1].events < FROM)
            continue;
        double at = (steps[i - 1].events + steps[i].events) / 2;
        count++;
        x += at;
        y += steps[i].us;
        xx += at * at;
        xy += at * steps[i].us;
    }
    if (count < 3)
        return;
    double slope = (count * xy - x * y) / (count * xx - x * x);
    double start = (y - slope * x) / count + slope * FROM;
    double end = (y - slope * x) / count + slope * steps[n - 1].events;
    printf("slope                %+9.0f %%  (%.2f us at %d million events, %.2f at %.0f million)\n",
           100 * (end / start - 1), start, FROM / 1000000, end, steps[n - 1].events / 1e6);
}

static void append_all(struct load *l)
{
    static struct step done_steps[STEPS_MAX + 1];
    size_t done = 0, steps = l->events / STEP;
    steps = steps < STEPS_LEAST ? STEPS_LEAST : steps > STEPS_MAX ? STEPS_MAX : steps;
    for (size_t step = 1; step <= steps; step++) {
        size_t from = done, end = l->events / steps * step;
        int64_t start = clock_mono_ns();
        double own = processor_us(CLOCK_THREAD_CPUTIME_ID),
               all = processor_us(CLOCK_PROCESS_CPUTIME_ID);
        while (done < end)
            done += append_batch(l, done);
        double n = (double)(done - from);
        double us = (processor_us(CLOCK_PROCESS_CPUTIME_ID) - all) / n;
        done_steps[step] = (struct step){(double)done, us};
        printf("append to %9zu  %9.0f events/s  %5.2f us of processor each, %5.2f with flushes and "
               "compactions %.*s\n",
               done, n / seconds_since(start), (processor_us(CLOCK_THREAD_CPUTIME_ID) - own) / n,
               us, (int)(us * 2 < 60 ? us * 2 : 60),
               "############################################################");
        fflush(stdout);
    }
    print_slope(done_steps, steps + 1);
}

static int count(void *ctx, const struct event *e)
{
    (void)e;
    ++*(size_t *)ctx;
    return 0;
}

static void scan_all(const struct load *l)
{
    struct mq_error err;
    struct store_range all = {0};
    size_t n = 0;
    int64_t start = clock_mono_ns();
    must(store_scan_all(l->store, &all, count, &n, &err), &err);
    printf("scan of all          %9.0f events/s (%zu)\n", (double)n / seconds_since(start), n);
    struct rng r;
    rng_seed(&r, 7);
    n = 0;
    start = clock_mono_ns();
    for (int i = 0; i < LOOKS; i++) {
        struct viewer_id v = {
            (uint32_t)rng_below(&r, intern_count(store_names(l->store, NAME_VIEWER)))};
        must(store_scan_viewer(l->store, v, &all, count, &n, &err), &err);
    }
    printf("scan of one viewer   %9.1f us (%zu events each)\n", seconds_since(start) / LOOKS * 1e6,
           n / LOOKS);
}

static void repeat(struct load *l)
{
    struct mq_error err;
    rng_seed(&l->rng, 1);
    int64_t start = clock_mono_ns();
    size_t done = 0;
    while (done < l->events / STEPS_LEAST)
        done += append_batch(l, done);
    printf("repetitions          %9.0f events/s\n", (double)done / seconds_since(start));
    struct store_stats stats;
    must(store_stats(l->store, &stats, &err), &err);
    printf("events %llu, duplicates %llu, viewers %llu, bytes on disk %llu (%.1f per event)\n",
           (unsigned long long)stats.events, (unsigned long long)stats.duplicates,
           (unsigned long long)stats.viewers, (unsigned long long)stats.bytes_on_disk,
           (double)stats.bytes_on_disk / (double)stats.events);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st;
    (void)type;
    (void)where;
    return remove(path);
}

static size_t argument(int argc, char **argv, int i, size_t usual)
{
    return argc > i ? (size_t)strtoull(argv[i], NULL, 10) : usual;
}

int main(int argc, char **argv)
{
    struct mq_error err;
    struct load l = {.events = argument(argc, argv, 1, 1000000),
                     .batch = argument(argc, argv, 2, 1000)};
    l.viewers = argument(argc, argv, 3, l.events / 100 + 1);
    if (l.batch == 0 || l.batch > BATCH_MAX || l.events < STEPS_LEAST)
        return 2;
    char folder[64] = "/tmp/marquee-bench-XXXXXX";
    const char *dir = argc > 4 ? argv[4] : mkdtemp(folder);
    l.e = calloc(l.batch, sizeof(*l.e));
    l.text = calloc(l.batch, sizeof(*l.text));
    l.outcome = calloc(l.batch, 1);
    if (!dir || !l.e || !l.text || !l.outcome)
        return 1;
    rng_seed(&l.rng, 1);
    must(store_open(dir, NULL, &l.store, &err), &err);
    append_all(&l);
    scan_all(&l);
    repeat(&l);
    int64_t start = clock_mono_ns();
    store_close(l.store);
    printf("close                %9.2f s\n", seconds_since(start));
    start = clock_mono_ns();
    must(store_open(dir, NULL, &l.store, &err), &err);
    printf("open                 %9.2f s\n", seconds_since(start));
    store_close(l.store);
    if (argc <= 4)
        nftw(dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    free(l.e);
    free(l.text);
    free(l.outcome);
    return 0;
}
