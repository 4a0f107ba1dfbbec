/* test_crash.c - a process that takes events is killed at any moment.
 *
 * A child appends batch after batch and says through a pipe which one was acknowledged; it is killed after a random
 * number of them and a random moment more. Then the folder is opened here: every acknowledged batch is there,
 * whole; of the one that was on its way all or nothing is; nothing else. Rounds go on in one folder. */
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "store/sample.h"
#include "support/child.h"

/* A child appends AT_ONCE batches at most: where the one that kills comes late, the log would grow without end. */
enum { BATCH_MAX = 120, BATCHES_MAX = 1 << 17, ROUNDS = 20, AT_ONCE = 120, CHECKED = 5 };

static unsigned batch_size(unsigned batch)
{
    return 1 + batch * 37 % BATCH_MAX;
}

/* Ids are "event-<batch * 1000 + i>". */
static int append_batch(struct store *s, unsigned batch)
{
    static struct sample samples[BATCH_MAX];
    static struct event events[BATCH_MAX];
    uint8_t outcome[BATCH_MAX];
    unsigned n = batch_size(batch);
    for (unsigned i = 0; i < n; i++) {
        unsigned number = batch * 1000 + i;
        sample_play(&samples[i], number % 97, number % 53, number, SAMPLE_DAY + number);
        /* New names in many batches. */
        if (i % 10 == 0)
            sample_play(&samples[i], 1000 + number, 1000 + number, number, SAMPLE_DAY + number);
        events[i] = samples[i].e;
    }
    return store_append(s, events, n, SAMPLE_DAY, outcome, &test_err);
}

/* args: the folder, the first batch. */
static void ingest(int out, char **args)
{
    struct store *s = NULL;
    /* A folder that is gone is told apart from one that lost what it held. */
    unsigned batch = (unsigned)strtoul(args[1], NULL, 10);
    struct store_options options = sample_small;
    options.must_exist = batch > 1;
    if (store_open(args[0], &options, &s, &test_err) != 0)
        _exit(2);
    for (unsigned end = batch + AT_ONCE; batch < end; batch++) {
        if (append_batch(s, batch) != 0)
            _exit(3);
        child_tell(out, &batch, sizeof(batch));
    }
    for (;;)
        pause();
}

/* Returns the last batch acknowledged, or from - 1. */
static unsigned kill_while_ingesting(const char *dir, unsigned from, struct rng *r)
{
    struct child c;
    char first[16];
    unsigned last = from - 1, batch;
    snprintf(first, sizeof(first), "%u", from);
    child_start(&c, "ingest", (const char *const[]){dir, first, NULL});
    uint64_t wait_for = rng_below(r, 60);
    for (uint64_t i = 0; i < wait_for && child_hear(&c, &batch, sizeof(batch)); i++)
        last = batch;
    /* A batch takes about a tenth of it. */
    struct timespec moment = {.tv_nsec = (long)rng_below(r, 3000000)};
    nanosleep(&moment, NULL);
    child_kill(&c);
    while (child_hear(&c, &batch, sizeof(batch)))
        last = batch;
    int status = child_wait(&c);
    if (!WIFSIGNALED(status))
        fail_msg("the child gave up: exit %d", WEXITSTATUS(status));
    return last;
}

static unsigned counts[BATCHES_MAX];

static int count(void *ctx, const struct event *e)
{
    uint64_t number = 0;
    (void)ctx;
    struct str digits = {e->id.p + 6, e->id.n - 6};
    if (!str_to_u64(digits, &number) || number / 1000 >= BATCHES_MAX || e->viewer.n == 0 ||
        e->title.n == 0)
        return 1;
    counts[number / 1000]++;
    return 0;
}

/* Returns the first batch that is not there. `whole`: each row is held against all others, too. Nothing is mended between rounds: what one
 * leaves behind the next of these finds. */
static unsigned verify(const char *dir, unsigned acknowledged, bool whole)
{
    struct store *s = NULL;
    struct store_range all = {0};
    struct store_stats stats;
    struct store_options options = sample_small;
    options.must_exist = acknowledged > 0;
    memset(counts, 0, sizeof(counts));
    assert_ok(store_open(dir, &options, &s, &test_err));
    assert_ok(store_scan_all(s, &all, count, NULL, &test_err));
    unsigned next = acknowledged + 1;
    assert_true(next < BATCHES_MAX - 1);
    for (unsigned b = 1; b <= acknowledged; b++)
        if (counts[b] != batch_size(b))
            fail_msg("batch %u of %u acknowledged: %u of %u events, last seq %llu", b, acknowledged,
                     counts[b], batch_size(b), (unsigned long long)store_last_seq(s));
    if (counts[next] != 0 && counts[next] != batch_size(next))
        fail_msg("batch %u: half written: %u of %u events", next, counts[next], batch_size(next));
    next += counts[next] != 0;
    for (unsigned b = next; b < BATCHES_MAX; b++)
        if (counts[b] != 0)
            fail_msg("batch %u of %u: %u events from nowhere", b, acknowledged, counts[b]);
    uint64_t events = 0;
    for (unsigned b = 1; b < next; b++)
        events += batch_size(b);
    assert_ok(store_stats(s, &stats, &test_err));
    assert_int_equal(stats.events, events);
    assert_int_equal(store_last_seq(s), events);
    if (whole)
        sample_check(s);
    store_close(s);
    return next;
}

static void killed_at_any_moment(void **state)
{
    struct sample_folder *f = *state;
    struct rng r;
    rng_seed(&r, test_seed());
    unsigned next = 1;
    for (size_t round = 0; round < test_rounds(ROUNDS); round++) {
        unsigned acknowledged = kill_while_ingesting(f->dir, next, &r);
        next = verify(f->dir, acknowledged, round % CHECKED == CHECKED - 1);
    }
    assert_true(next > ROUNDS);
}

int main(int argc, char **argv)
{
    static const struct child_role roles[] = {{"ingest", ingest}, {NULL, NULL}};
    child_main(argc, argv, roles);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(killed_at_any_moment, sample_setup, sample_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
