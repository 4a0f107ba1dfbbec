/* Many threads at once: what each reads is whole, and what it says of itself is true. For the thread sanitizer
 * above all. */
#include "base/rng.h"
#include "engine/engine.h"
#include "service.h"

#include <pthread.h>
#include <stdatomic.h>

enum { READERS = 3, WRITERS = 2, KEPT = 24 };

struct kept {
    struct mq_request q;
    char viewer[16];
    char *json;
};

struct shared {
    struct service *s;
    atomic_bool stop;
    _Atomic(uint64_t) pages, events;
    _Atomic(int) failed;
};

struct reading {
    struct shared *shared;
    unsigned number;
    struct kept kept[KEPT];
    size_t n;
};

static void *read_pages(void *arg)
{
    struct reading *me = arg;
    struct shared *x = me->shared;
    struct mq_reader *r;
    struct mq_error err;
    struct rng rng;
    rng_seed(&rng, me->number);
    if (mq_reader_open(x->s->engine, &r, &err) != 0) {
        x->failed = 1;
        return NULL;
    }
    for (uint64_t i = 0; !x->stop; i++) {
        struct kept k = {.q = {.at_ms = 0}};
        struct mq_page page;
        snprintf(k.viewer, sizeof(k.viewer), "v%u", (unsigned)rng_below(&rng, 12));
        k.q.viewer = k.viewer;
        if (mq_home(r, &k.q, &page, &err) != 0) {
            x->failed = 2;
            break;
        }
        x->pages++;
        if (i % 5 == 0 && me->n < KEPT) {
            /* Written down here, repeated when all is quiet. */
            k.q.at_ms = page.at_ms;
            k.q.as_of_seq = page.log_seq;
            k.q.model = page.model ? page.model : MQ_MODEL_NONE;
            k.json = service_page_json(&page);
            me->kept[me->n] = k;
            me->kept[me->n].q.viewer = me->kept[me->n].viewer;
            me->n++;
        }
        if (i % 3 == 0)
            mq_reader_rest(r);
    }
    mq_reader_close(r);
    return NULL;
}

static void *write_events(void *arg)
{
    struct reading *me = arg;
    struct shared *x = me->shared;
    struct mq_error err;
    struct rng rng;
    rng_seed(&rng, 100 + me->number);
    while (!x->stop) {
        struct mq_event events[20];
        char viewers[20][16], titles[20][16];
        struct mq_appended done;
        for (int i = 0; i < 20; i++) {
            snprintf(viewers[i], 16, "v%u", (unsigned)rng_below(&rng, 12));
            snprintf(titles[i], 16, "t%u", (unsigned)rng_below(&rng, SERVICE_TITLES));
            events[i] = (struct mq_event){.viewer = viewers[i],
                                          .kind = rng_below(&rng, 2) ? "complete" : "start",
                                          .title = titles[i],
                                          .at_ms = service_now() - (int64_t)rng_below(&rng, 5000),
                                          .position_ms = -1,
                                          .from_ms = -1,
                                          .country = "GB"};
        }
        if (mq_append(x->s->engine, events, 20, &done, &err) != 0) {
            x->failed = 3;
            break;
        }
        x->events += done.accepted;
    }
    return NULL;
}

static void *train_and_change(void *arg)
{
    struct reading *me = arg;
    struct shared *x = me->shared;
    struct mq_error err;
    for (int round = 0; round < 4 && !x->failed; round++) {
        struct mq_train_options o = {.seed = 1, .rank = 8, .epochs = 1};
        struct mq_model_info info;
        struct mq_stats stats;
        if (mq_train(x->s->engine, &o, &info, &err) != 0)
            x->failed = 4;
        for (unsigned t = 0; t < 5; t++) {
            char name[32], id[16];
            struct title title;
            title_init(&title);
            snprintf(id, sizeof(id), "t%u", (t * 7 + (unsigned)round) % SERVICE_TITLES);
            snprintf(name, sizeof(name), "Name %u in round %d", t, round);
            title.id = str_of(id);
            title.name = str_of(name);
            title.runtime_min = (uint16_t)(90 + round);
            if (engine_put_titles(x->s->engine, &title, 1, false, NULL, &err) != 0)
                x->failed = 5;
        }
        uint64_t version;
        if (mq_stats(x->s->engine, &stats, &err) != 0 ||
            mq_rollback(x->s->engine, &version, &err) != 0)
            x->failed = 6;
    }
    return NULL;
}

static void all_at_once(void **state)
{
    struct service *s = *state;
    static struct shared x;
    static struct reading threads[READERS + WRITERS + 1];
    pthread_t ids[READERS + WRITERS + 1];
    x.s = s;
    service_titles(s);
    service_ratings(s);
    service_train(s);
    service_train(s);
    for (unsigned i = 0; i < READERS + WRITERS + 1; i++) {
        threads[i].shared = &x;
        threads[i].number = i;
        void *(*what)(void *) = i < READERS             ? read_pages
                                : i < READERS + WRITERS ? write_events
                                                        : train_and_change;
        assert_int_equal(pthread_create(&ids[i], NULL, what, &threads[i]), 0);
    }
    pthread_join(ids[READERS + WRITERS], NULL);
    while ((x.pages < 200 || x.events < 200) && !x.failed)
        sched_yield();
    x.stop = true;
    for (unsigned i = 0; i < READERS + WRITERS; i++)
        pthread_join(ids[i], NULL);
    assert_int_equal(x.failed, 0);
    /* Each page was exactly what its place in the log gives, though everything moved while it was made. */
    size_t n = 0;
    for (unsigned i = 0; i < READERS; i++) {
        for (size_t k = 0; k < threads[i].n; k++) {
            struct kept *kept = &threads[i].kept[k];
            char *again = service_page(s->reader, &kept->q);
            if (strcmp(again, kept->json) != 0)
                fail_msg("page %zu of thread %u, as of %llu:\nwas %s\nis  %s", k, i,
                         (unsigned long long)kept->q.as_of_seq, kept->json, again);
            free(again);
            free(kept->json);
            n++;
        }
    }
    assert_true(n > READERS);
    struct mq_check check;
    assert_ok(mq_check(s->engine, &check, &test_err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_at_once, service_setup, service_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
