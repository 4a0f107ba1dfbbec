/* test_threads.c - scans, names, figures and checks from other threads while events come in. */
#include <pthread.h>
#include <stdatomic.h>

#include "store/sample.h"

enum { BATCH = 40, BATCHES = 150, READERS = 3 };

struct sharing {
    struct store *store;
    atomic_bool stop;
    atomic_uint wrong;
};

struct reading {
    struct sharing *sharing;
    uint64_t n, newest;
};

static int look(void *ctx, const struct event *e)
{
    struct reading *r = ctx;
    r->n++;
    if (e->seq > r->newest)
        r->newest = e->seq;
    /* Every row has its names. */
    if (e->viewer.n < 8 || memcmp(e->viewer.p, "viewer-", 7) != 0 || e->title.n < 2 ||
        e->title.p[0] != 't')
        atomic_fetch_add(&r->sharing->wrong, 1);
    return 0;
}

static int look_title(void *ctx, const struct title *t)
{
    struct reading *r = ctx;
    if (t->n_credits != 1 || t->credits[0].person.n < 7)
        atomic_fetch_add(&r->sharing->wrong, 1);
    return 0;
}

static int read_once(struct sharing *s, struct rng *rng, struct mq_error *err)
{
    struct store_range all = {0};
    struct reading r = {.sharing = s};
    struct store_check check;
    struct store_stats stats;
    const struct intern *viewers = store_names(s->store, NAME_VIEWER);
    uint32_t n = intern_count(viewers);
    switch (rng_below(rng, 6)) {
    case 0: {
        uint64_t before = store_last_seq(s->store);
        int rc = store_scan_all(s->store, &all, look, &r, err);
        /* No gaps: what is seen is a whole number of batches, all up to one of them. */
        if (rc == 0 && (r.n != r.newest || r.n < before || r.n % BATCH != 0))
            atomic_fetch_add(&s->wrong, 1);
        return rc;
    }
    case 1:
        return n ? store_scan_viewer(s->store, (struct viewer_id){(uint32_t)rng_below(rng, n)},
                                     &all, look, &r, err)
                 : 0;
    case 2:
        if (n && intern_find(viewers, intern_name(viewers, n - 1)) != n - 1)
            atomic_fetch_add(&s->wrong, 1);
        return 0;
    case 3:
        return store_stats(s->store, &stats, err);
    case 4:
        return store_scan_titles(s->store, 0, look_title, &r, err);
    default:
        return store_check(s->store, &check, err);
    }
}

static void *read_on(void *ctx)
{
    struct sharing *s = ctx;
    struct rng rng;
    struct mq_error err;
    rng_seed(&rng, (uint64_t)(uintptr_t)&rng);
    while (!atomic_load(&s->stop)) {
        int rc = read_once(s, &rng, &err);
        if (rc) {
            print_error("%s\n", err.text);
            atomic_fetch_add(&s->wrong, 1);
        }
    }
    return NULL;
}

static void write_batch(struct store *s, unsigned batch)
{
    struct sample samples[BATCH];
    struct event events[BATCH];
    uint8_t outcome[BATCH];
    for (unsigned i = 0; i < BATCH; i++) {
        unsigned number = batch * BATCH + i;
        sample_play(&samples[i], number / 4, number / 6, number, SAMPLE_DAY + number);
        events[i] = samples[i].e;
    }
    assert_ok(store_append(s, events, BATCH, SAMPLE_DAY, outcome, &test_err));
    if (batch % 10 != 0)
        return;
    char person[32];
    struct title t;
    title_init(&t);
    t.id = samples[0].e.title;
    snprintf(person, sizeof(person), "person %u", batch);
    t.credits = &(struct credit){.person = str_of(person)};
    t.n_credits = 1;
    assert_ok(store_put_titles(s, &t, 1, NULL, &test_err));
}

static void readers_while_writing(void **state)
{
    struct sample_folder *f = *state;
    struct sharing s = {.store = sample_open(f->dir)};
    pthread_t readers[READERS];
    for (int i = 0; i < READERS; i++)
        assert_int_equal(pthread_create(&readers[i], NULL, read_on, &s), 0);
    for (unsigned batch = 0; batch < BATCHES; batch++) {
        write_batch(s.store, batch);
        if (batch % 50 == 49)
            assert_ok(store_put_value(s.store, STORE_META, STR("k"), STR("v"), &test_err));
    }
    atomic_store(&s.stop, true);
    for (int i = 0; i < READERS; i++)
        pthread_join(readers[i], NULL);
    assert_int_equal(atomic_load(&s.wrong), 0);
    assert_int_equal(sample_events(s.store), BATCH * BATCHES);
    sample_check(s.store);
    store_close(s.store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(readers_while_writing, sample_setup, sample_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
