/* test_faults.c - the k-th write fails, for every k until a run goes through.
 *
 * One run: open, batches of events, a title, a value, a compaction, batches again. Calls fail with ENOSPC or EIO, one of
 * them or all from the k-th on. After each failure what can be read is what was acknowledged; when the
 * disk is well again, writing works or says why not; after a reopening exactly the acknowledged is there. */
#include <errno.h>

#include "store/faults.h"
#include "store/sample.h"

/* How far it is from one k to the next, at most. Under a sanitizer a run is slow. */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
enum { FEW = 12, MANY = 60 };
#else
enum { FEW = 2, MANY = 16 };
#endif
enum { SETTING_UP = 80, BATCH = 25, BATCHES = 6, EVENTS_MAX = 2 * BATCH * BATCHES + BATCH };

struct run {
    struct store *store;
    const char *dir;
    unsigned number; /* of the next event */
    bool acked[4 * EVENTS_MAX];
    size_t n_acked, failures;
    bool title, value; /* acknowledged */
    uint64_t duplicates;
};

static void assert_clear(int rc)
{
    if (rc != MQ_FULL && rc != MQ_IO)
        fail_msg("%s: %s", mq_status_name(rc), test_err.text);
}

struct seeing {
    const struct run *run;
    size_t n;
};

static int see(void *ctx, const struct event *e)
{
    struct seeing *s = ctx;
    uint64_t number = 0;
    struct str digits = {e->id.p + 6, e->id.n - 6};
    assert_true(str_to_u64(digits, &number));
    if (!s->run->acked[number])
        fail_msg("event %u was never acknowledged", (unsigned)number);
    assert_true(e->viewer.n > 0 && e->title.n > 0);
    s->n++;
    return 0;
}

static void assert_acknowledged(const struct run *r)
{
    struct seeing s = {.run = r};
    struct store_range all = {0};
    int rc = store_scan_all(r->store, &all, see, &s, &test_err);
    if (rc) {
        assert_clear(rc); /* the database could not be opened again yet */
        return;
    }
    assert_int_equal(s.n, r->n_acked);
    assert_int_equal(store_last_seq(r->store), r->n_acked);
}

static int append_batch(struct run *r)
{
    struct sample samples[BATCH];
    struct event events[BATCH];
    uint8_t outcome[BATCH];
    unsigned first = r->number;
    r->number += BATCH;
    assert_true(r->number < sizeof(r->acked));
    for (unsigned i = 0; i < BATCH; i++) {
        unsigned number = first + i;
        sample_play(&samples[i], number / 10, number / 3, number, SAMPLE_DAY + number);
        events[i] = samples[i].e;
    }
    int rc = store_append(r->store, events, BATCH, SAMPLE_DAY, outcome, &test_err);
    for (unsigned i = 0; rc == 0 && i < BATCH; i++) {
        assert_int_equal(outcome[i], APPEND_ADDED);
        r->acked[first + i] = true;
        r->n_acked++;
    }
    return rc;
}

/* A failing write is tried once more, as a caller would. */
static void write_some(struct run *r)
{
    int rc = append_batch(r);
    if (rc == 0)
        return;
    r->failures++;
    assert_clear(rc);
    assert_acknowledged(r);
    rc = append_batch(r);
    if (rc)
        assert_clear(rc);
    assert_acknowledged(r);
}

static void write_others(struct run *r)
{
    struct title t;
    title_init(&t);
    t.id = STR("described");
    t.name = STR("Described");
    t.credits = &(struct credit){.person = STR("Ann Example")};
    t.n_credits = 1;
    int rc = store_put_titles(r->store, &t, 1, NULL, &test_err);
    r->title = rc == 0;
    if (rc)
        assert_clear(rc);
    rc = store_put_value(r->store, STORE_META, STR("setting"), STR("on"), &test_err);
    r->value = rc == 0;
    if (rc)
        assert_clear(rc);
}

static void script(struct run *r)
{
    for (int i = 0; i < BATCHES / 2; i++)
        write_some(r);
    write_others(r);
    int rc = store_compact(r->store, &test_err);
    if (rc)
        assert_clear(rc);
    for (int i = 0; i < BATCHES / 2; i++)
        write_some(r);
}

static void assert_reopened(struct run *r)
{
    r->store = sample_open(r->dir);
    assert_acknowledged(r);
    struct arena a;
    struct title t;
    struct buf b;
    assert_int_equal(arena_init(&a, 4096, 1 << 16), 0);
    buf_init(&b, 100);
    uint32_t id = intern_find(store_names(r->store, NAME_TITLE), STR("described"));
    assert_int_equal(id != INTERN_NONE, r->title);
    if (r->title)
        assert_ok(store_get_title(r->store, (struct title_id){id}, 0, &a, &t, &test_err));
    assert_int_equal(store_get_value(r->store, STORE_META, STR("setting"), &b, &test_err),
                     r->value ? 0 : MQ_NOT_FOUND);
    arena_release(&a);
    buf_release(&b);
    sample_check(r->store);
}

/* Returns the calls that were counted. */
static size_t run(const char *dir, size_t k, int error, bool on)
{
    struct run *r = calloc(1, sizeof(*r));
    assert_non_null(r);
    r->dir = dir;
    faults_arm(dir, k, error, on);
    int rc = store_open(dir, &sample_small, &r->store, &test_err);
    if (rc == 0)
        script(r);
    else
        assert_clear(rc);
    size_t calls = faults_calls();
    faults_disarm();
    if (rc == 0) {
        /* The disk is well again: so is the store, without a restart. */
        rc = append_batch(r);
        if (rc)
            fail_msg("k = %zu: writing does not go on: %s", k, test_err.text);
        assert_acknowledged(r);
        store_close(r->store);
    }
    assert_reopened(r);
    assert_int_equal(append_batch(r), 0);
    assert_acknowledged(r);
    store_close(r->store);
    free(r);
    return calls;
}

static void every_call(const struct sample_folder *f, int error, bool on)
{
    struct rng rng;
    rng_seed(&rng, test_seed());
    /* Every k in a soak. Otherwise nearly every one while the folder is made, and some of those that hit flushes
     * and compactions, after which RocksDB pauses for a second each time. */
    bool soak = test_rounds(1) > 1;
    size_t runs = 0;
    for (size_t k = 1;; k += soak ? 1 : 1 + rng_below(&rng, k < SETTING_UP ? FEW : MANY)) {
        char dir[600];
        snprintf(dir, sizeof(dir), "%s/%zu", f->dir, k);
        size_t calls = run(dir, k, error, on);
        test_dir_remove(dir);
        if (calls < k) /* nothing failed */
            break;
        runs++;
    }
    assert_true(runs > 10);
}

static void one_call_meets_a_full_disk(void **state)
{
    every_call(*state, ENOSPC, false);
}

static void the_disk_stays_full(void **state)
{
    every_call(*state, ENOSPC, true);
}

static void one_call_meets_a_broken_disk(void **state)
{
    every_call(*state, EIO, false);
}

static void the_disk_stays_broken(void **state)
{
    every_call(*state, EIO, true);
}

/* Without faults the run goes through, and the calls are seen at all. */
static void the_run_itself(void **state)
{
    struct sample_folder *f = *state;
    char dir[600];
    snprintf(dir, sizeof(dir), "%s/well", f->dir);
    assert_true(run(dir, 0, 0, false) > 50);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, sample_setup, sample_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_run_itself),
        CASE(one_call_meets_a_full_disk),
        CASE(one_call_meets_a_broken_disk),
        CASE(the_disk_stays_full),
        CASE(the_disk_stays_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
