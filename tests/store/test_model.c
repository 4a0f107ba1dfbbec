/* test_model.c - random batches with repetitions and disorder against a plain list, with reopenings. */
#include "base/hash.h"
#include "store/sample.h"

enum { LOG_MAX = 40000, BATCH_MAX = 300, BATCHES = 60 };

struct fact {
    struct hash128 identity;
    char viewer[SAMPLE_TEXT], title[SAMPLE_TEXT];
    int64_t at_ms;
    uint64_t seq;
    enum event_kind kind;
    uint32_t n_items;
};

struct world {
    struct rng rng;
    struct store *store;
    const char *dir;
    struct fact *facts;
    size_t n;
    uint64_t duplicates;
    unsigned number;
    struct sample *samples;
    struct event *events;
    uint8_t *outcome;
};

static void copy_text(char out[SAMPLE_TEXT], struct str s)
{
    assert_true(s.n < SAMPLE_TEXT);
    if (s.n > 0)
        memcpy(out, s.p, s.n);
    out[s.n] = 0;
}

static const struct fact *find(const struct world *w, const struct event *e)
{
    struct hash128 id = event_identity(e);
    for (size_t i = 0; i < w->n; i++) {
        const struct fact *f = &w->facts[i];
        if (f->identity.hi == id.hi && f->identity.lo == id.lo &&
            str_eq(str_of(f->viewer), e->viewer))
            return f;
    }
    return NULL;
}

/* What the store ought to make of one event. */
static void learn(struct world *w, const struct event *e, uint8_t outcome)
{
    const struct fact *known = find(w, e);
    assert_int_equal(outcome, known ? APPEND_DUPLICATE : APPEND_ADDED);
    if (known) {
        w->duplicates++;
        assert_int_equal(e->seq, known->seq);
        return;
    }
    assert_true(w->n < LOG_MAX);
    struct fact *f = &w->facts[w->n++];
    f->identity = event_identity(e);
    copy_text(f->viewer, e->viewer);
    copy_text(f->title, e->title);
    f->at_ms = e->at_ms;
    f->seq = w->n;
    f->kind = e->kind;
    f->n_items = e->n_items;
    assert_int_equal(e->seq, f->seq);
}

static void step(struct world *w)
{
    size_t n = 1 + (size_t)rng_below(&w->rng, BATCH_MAX);
    for (size_t i = 0; i < n; i++) {
        /* One in five repeats an earlier number: sometimes the same event, sometimes only its id. */
        unsigned number = w->number++;
        if (number > 0 && rng_below(&w->rng, 5) == 0)
            number = (unsigned)rng_below(&w->rng, number);
        sample_random(&w->samples[i], &w->rng, number);
        w->events[i] = w->samples[i].e;
    }
    assert_ok(store_append(w->store, w->events, n, SAMPLE_DAY, w->outcome, &test_err));
    for (size_t i = 0; i < n; i++)
        learn(w, &w->events[i], w->outcome[i]);
}

struct comparing {
    struct world *w;
    uint32_t viewer;
    int64_t at_ms;
    uint64_t seq;
    size_t n;
};

static int compare(void *ctx, const struct event *e)
{
    struct comparing *c = ctx;
    assert_true(e->seq >= 1 && e->seq <= c->w->n);
    const struct fact *f = &c->w->facts[e->seq - 1];
    assert_str(f->viewer, e->viewer);
    assert_str(f->title, e->title);
    assert_int_equal(e->at_ms, f->at_ms);
    assert_int_equal(e->kind, f->kind);
    assert_int_equal(e->n_items, f->n_items);
    for (uint32_t i = 0; i < e->n_items; i++)
        assert_true(e->items[i].title.n > 1);
    if (c->n > 0 && c->viewer == e->viewer_id.v)
        assert_true(c->at_ms < e->at_ms || (c->at_ms == e->at_ms && c->seq < e->seq));
    else if (c->n > 0)
        assert_true(c->viewer < e->viewer_id.v);
    c->viewer = e->viewer_id.v;
    c->at_ms = e->at_ms;
    c->seq = e->seq;
    c->n++;
    return 0;
}

static void compare_counts(const struct world *w)
{
    struct store_stats stats;
    assert_ok(store_stats(w->store, &stats, &test_err));
    uint64_t by_kind[EVENT_KINDS] = {0};
    int64_t first = 0, last = 0;
    for (size_t i = 0; i < w->n; i++) {
        by_kind[w->facts[i].kind]++;
        first = i == 0 || w->facts[i].at_ms < first ? w->facts[i].at_ms : first;
        last = i == 0 || w->facts[i].at_ms > last ? w->facts[i].at_ms : last;
    }
    assert_int_equal(stats.events, w->n);
    assert_int_equal(stats.last_seq, w->n);
    assert_int_equal(stats.duplicates, w->duplicates);
    assert_int_equal(stats.first_ms, first);
    assert_int_equal(stats.last_ms, last);
    assert_memory_equal(stats.by_kind, by_kind, sizeof(by_kind));
    assert_int_equal(store_last_seq(w->store), w->n);
}

/* By viewer the same as all at once. */
static void compare_scans(struct world *w)
{
    struct comparing c = {.w = w}, one = {.w = w};
    struct store_range all = {0};
    assert_ok(store_scan_all(w->store, &all, compare, &c, &test_err));
    assert_int_equal(c.n, w->n);
    uint32_t viewers = intern_count(store_names(w->store, NAME_VIEWER));
    for (uint32_t v = 0; v < viewers; v++)
        assert_ok(
            store_scan_viewer(w->store, (struct viewer_id){v}, &all, compare, &one, &test_err));
    assert_int_equal(one.n, w->n);
}

static void run(struct world *w, uint64_t seed)
{
    rng_seed(&w->rng, seed);
    w->store = sample_open(w->dir);
    for (int i = 0; i < BATCHES; i++) {
        step(w);
        uint64_t what = rng_below(&w->rng, 12);
        if (what == 0) {
            store_close(w->store);
            w->store = sample_open(w->dir);
        } else if (what == 1) {
            assert_ok(store_compact(w->store, &test_err));
        } else if (what == 2) {
            compare_scans(w);
        }
    }
    compare_scans(w);
    compare_counts(w);
    sample_check(w->store);
    store_close(w->store);
    w->store = sample_open(w->dir);
    compare_scans(w);
    compare_counts(w);
    sample_check(w->store);
    store_close(w->store);
}

static void the_log_is_a_plain_list(void **state)
{
    struct sample_folder *f = *state;
    struct world w = {.dir = f->dir};
    w.facts = calloc(LOG_MAX, sizeof(*w.facts));
    w.samples = calloc(BATCH_MAX, sizeof(*w.samples));
    w.events = calloc(BATCH_MAX, sizeof(*w.events));
    w.outcome = calloc(BATCH_MAX, 1);
    assert_true(w.facts && w.samples && w.events && w.outcome);
    for (size_t round = 0; round < test_rounds(3); round++) {
        char dir[600];
        snprintf(dir, sizeof(dir), "%s/%zu", f->dir, round);
        w.dir = dir;
        w.n = w.duplicates = w.number = 0;
        run(&w, test_seed() + round);
    }
    free(w.facts);
    free(w.samples);
    free(w.events);
    free(w.outcome);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_log_is_a_plain_list, sample_setup, sample_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
