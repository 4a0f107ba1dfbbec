/* open.c - how long a large folder takes to open, whether it then answers as before, and what it holds in memory.
 *
 * usage: open FOLDER        a folder of events, as `store_append 30000000 1000 600000 FOLDER` leaves it
 *
 * Opens it twice: the first time the live counters may have to be made from the log, the second time they were kept. Asks
 * 20 viewers for a page before closing and after. Then fills the live profiles until their budget is used up
 * and a tenth of all more was asked for, appends 200,000 events, and prints the resident memory at each step. */
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "engine/engine.h"

enum { ASKED = 20, APPENDED = 200000, BATCH = 100 };

static void must(int rc, const struct mq_error *err)
{
    if (rc == 0)
        return;
    fprintf(stderr, "open: %s\n", err->text);
    exit(1);
}

/* MiB of this process: what is held, and how much of it is not a mapped file. */
static void print_memory(const char *when)
{
    struct buf b;
    buf_init(&b, 1 << 16);
    must(file_read("/proc/self/status", &b, NULL), &(struct mq_error){.text = "no /proc"});
    buf_add_char(&b, '\0');
    const char *rss = strstr(b.p, "VmRSS:"), *anon = strstr(b.p, "RssAnon:");
    printf("%-34s %8.1f MiB resident, %.1f of it not mapped files\n", when,
           rss ? strtod(rss + 6, NULL) / 1024 : 0, anon ? strtod(anon + 8, NULL) / 1024 : 0);
    fflush(stdout);
    buf_release(&b);
}

static struct mq_engine *open_it(const char *folder, const char *how)
{
    struct mq_engine *e;
    struct mq_error err;
    struct mq_options o = {.must_exist = true};
    int64_t start = clock_mono_ns();
    must(mq_engine_open(folder, &o, &e, &err), &err);
    printf("%-34s %8.2f s\n", how, (double)(clock_mono_ns() - start) * 1e-9);
    print_memory("opened");
    return e;
}

/* The ids of pages follow from all that stands on them. */
static void ask(struct mq_engine *e, int64_t at_ms, char ids[ASKED][64])
{
    struct mq_reader *r;
    struct mq_error err;
    const struct intern *names = store_names(e->store, NAME_VIEWER);
    must(mq_reader_open(e, &r, &err), &err);
    for (uint32_t i = 0; i < ASKED; i++) {
        struct str name = intern_name(names, intern_count(names) / ASKED * i);
        char viewer[256];
        struct mq_page page;
        snprintf(viewer, sizeof(viewer), "%.*s", STR_ARG(name));
        must(mq_home(r, &(struct mq_request){.viewer = viewer, .at_ms = at_ms}, &page, &err), &err);
        snprintf(ids[i], sizeof(ids[i]), "%s", page.recommendation_id);
    }
    mq_reader_close(r);
}

static int load_profiles(void *ctx, struct mq_error *err)
{
    struct mq_engine *e = ctx;
    uint32_t n = intern_count(store_names(e->store, NAME_VIEWER));
    int64_t start = clock_mono_ns();
    size_t before = 0;
    uint32_t beyond = 0, asked = 0;
    for (uint32_t v = 0; v < n && beyond < n / 10; v++, asked++) {
        int rc = residents_load(e->residents, (struct viewer_id){v}, atomic_load(&e->catalogue),
                                engine_engagement(e), err);
        if (rc)
            return rc;
        size_t now = residents_count(e->residents);
        beyond += now <= before; /* somebody else had to go */
        before = now;
    }
    printf("%-34s %8u asked for, %zu of %u kept in %.1f MiB, %.0f us each\n", "profiles", asked,
           residents_count(e->residents), n, (double)residents_bytes(e->residents) / (1 << 20),
           (double)(clock_mono_ns() - start) * 1e-3 / asked);
    return 0;
}

static void append(struct mq_engine *e)
{
    struct mq_error err;
    int64_t start = clock_mono_ns();
    for (unsigned i = 0; i < APPENDED; i += BATCH) {
        struct mq_event events[BATCH];
        char text[BATCH][3][40];
        struct mq_appended done;
        for (unsigned k = 0; k < BATCH; k++) {
            snprintf(text[k][0], sizeof(text[k][0]), "again-%llx-%u", (unsigned long long)start,
                     i + k);
            snprintf(text[k][1], sizeof(text[k][1]), "viewer-%u", (i + k) * 7919 % 500000);
            snprintf(text[k][2], sizeof(text[k][2]), "title-%u", (i + k) % 20000);
            events[k] = (struct mq_event){.id = text[k][0],
                                          .viewer = text[k][1],
                                          .kind = "start",
                                          .title = text[k][2],
                                          .session = text[k][1],
                                          .position_ms = 0,
                                          .from_ms = -1};
        }
        must(mq_append(e, events, BATCH, &done, &err), &err);
    }
    printf("%-34s %8.0f events/s, one batch of %d after the other\n", "append",
           APPENDED / ((double)(clock_mono_ns() - start) * 1e-9), BATCH);
}

int main(int argc, char **argv)
{
    static char before[ASKED][64], after[ASKED][64];
    struct mq_error err;
    if (argc != 2) {
        fprintf(stderr, "usage: open FOLDER\n");
        return 2;
    }
    struct mq_engine *e = open_it(argv[1], "first opening");
    int64_t at_ms = engine_now(e, NULL);
    ask(e, at_ms, before);
    int64_t start = clock_mono_ns();
    mq_engine_close(e);
    printf("%-34s %8.2f s\n", "closing", (double)(clock_mono_ns() - start) * 1e-9);
    e = open_it(argv[1], "second opening");
    ask(e, at_ms, after);
    printf("%-34s %s\n", "answers", memcmp(before, after, sizeof(before)) ? "DIFFER" : "the same");
    must(committer_call(e->committer, load_profiles, e, &err), &err);
    print_memory("with profiles");
    append(e);
    print_memory("after more events");
    mq_engine_close(e);
    return memcmp(before, after, sizeof(before)) != 0;
}
