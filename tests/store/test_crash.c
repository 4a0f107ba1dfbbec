/* test_crash.c - a process that takes events is killed at any moment.
 *
 * A child appends batch after batch and says through a pipe which one was acknowledged; it is killed after a random
 * number of them and a random moment more. Another child then opens the folder: every acknowledged batch is
 * there, whole; of the one that was on its way all or nothing is; nothing else. Rounds go on in one folder. (This
 * process itself never opens a store: RocksDB's threads do not survive a fork.) */
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "store/sample.h"

enum { BATCH_MAX = 120, BATCHES_MAX = 1 << 17, ROUNDS = 20 };

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

static void ingest(const char *dir, unsigned from, int out)
{
    struct store *s = NULL;
    if (store_open(dir, &sample_small, &s, &test_err) != 0)
        _exit(2);
    for (unsigned batch = from;; batch++) {
        if (append_batch(s, batch) != 0)
            _exit(3);
        if (write(out, &batch, sizeof(batch)) != sizeof(batch))
            _exit(4);
    }
}

/* Returns the last batch acknowledged, or from - 1. */
static unsigned kill_while_ingesting(const char *dir, unsigned from, struct rng *r)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        ingest(dir, from, ends[1]);
    }
    close(ends[1]);
    unsigned last = from - 1, batch;
    uint64_t wait_for = rng_below(r, 60);
    for (uint64_t i = 0; i < wait_for; i++) {
        if (read(ends[0], &batch, sizeof(batch)) != sizeof(batch))
            break;
        last = batch;
    }
    /* A batch takes about a millisecond. */
    struct timespec moment = {.tv_nsec = (long)rng_below(r, 3000000)};
    nanosleep(&moment, NULL);
    assert_int_equal(kill(child, SIGKILL), 0);
    while (read(ends[0], &batch, sizeof(batch)) == sizeof(batch))
        last = batch;
    close(ends[0]);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
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

/* The exit code tells what is wrong; writes the first batch that is not there to `out`. */
static void verify(const char *dir, unsigned acknowledged, int out)
{
    struct store *s = NULL;
    struct store_check check;
    struct store_range all = {0};
    struct store_stats stats;
    /* A folder that is gone is told apart from one that lost what it held. */
    struct store_options options = sample_small;
    options.must_exist = acknowledged > 0;
    if (store_open(dir, &options, &s, &test_err) != 0) {
        print_error("open: %s\n", test_err.text);
        _exit(2);
    }
    if (store_scan_all(s, &all, count, NULL, &test_err) != 0)
        _exit(3);
    unsigned next = acknowledged + 1;
    uint64_t events = 0;
    for (unsigned b = 1; b <= acknowledged; b++)
        if (counts[b] != batch_size(b)) {
            print_error("batch %u of %u acknowledged: %u of %u events, last seq %llu\n", b,
                        acknowledged, counts[b], batch_size(b),
                        (unsigned long long)store_last_seq(s));
            _exit(4); /* lost, or half there */
        }
    if (counts[next] != 0 && counts[next] != batch_size(next))
        _exit(5); /* half-written */
    next += counts[next] != 0;
    for (unsigned b = next; b < BATCHES_MAX; b++)
        if (counts[b] != 0)
            _exit(6); /* from nowhere */
    for (unsigned b = 1; b < next; b++)
        events += batch_size(b);
    if (store_stats(s, &stats, &test_err) != 0 || stats.events != events ||
        store_last_seq(s) != events)
        _exit(7);
    if (store_check(s, &check, &test_err) != 0)
        _exit(8);
    store_close(s);
    if (write(out, &next, sizeof(next)) != sizeof(next))
        _exit(9);
    _exit(0);
}

static unsigned verify_in_child(const char *dir, unsigned acknowledged)
{
    int ends[2], status = 0;
    unsigned next = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0)
        verify(dir, acknowledged, ends[1]);
    close(ends[1]);
    ssize_t n = read(ends[0], &next, sizeof(next));
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (status != 0 || n != sizeof(next))
        fail_msg("after batch %u: status %x", acknowledged, (unsigned)status);
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
        next = verify_in_child(f->dir, acknowledged);
    }
    assert_true(next > ROUNDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(killed_at_any_moment, sample_setup, sample_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
