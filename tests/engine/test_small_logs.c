/* The first minutes of a service: whatever little log there is, what is trained of it can be read back and served. */
#include <math.h>

#include "base/buf.h"
#include "base/rng.h"
#include "engine/engine.h"
#include "model/ensemble.h"
#include "service.h"

#define DAY 86400
static const int64_t began = 1600000000;

struct log {
    struct buf rows;
    size_t n;
};

static void log_begin(struct log *l)
{
    *l = (struct log){.n = 0};
    buf_init(&l->rows, 4 << 20);
    buf_add_z(&l->rows, "viewer,title,value,at\n");
}

static void log_add(struct log *l, unsigned viewer, unsigned title, unsigned stars, int64_t at)
{
    buf_printf(&l->rows, "v%u,t%u,%u,%lld\n", viewer, title, stars, (long long)at);
    l->n++;
}

static void log_import(struct log *l, struct service *s)
{
    buf_add_char(&l->rows, '\0');
    assert_false(l->rows.failed);
    service_import(s, "table", service_file(s, "log.csv", l->rows.p));
    buf_release(&l->rows);
}

static void live_is(struct service *s, uint64_t version)
{
    struct mq_page page;
    assert_ok(mq_home(s->reader, &(struct mq_request){.viewer = "v1"}, &page, &test_err));
    assert_int_equal(page.model, version);
}

/* Nothing has been new for so long that titles differ by 1e-39 in how new they are. */
static void what_came_long_ago_is_no_measure(void **state)
{
    enum { VIEWERS = 90, EACH = 18, TITLES = 40 };
    struct service *s = *state;
    struct mq_model_info info;
    struct log l;
    service_titles(s);
    log_begin(&l);
    for (unsigned v = 0; v < VIEWERS; v++) {
        for (unsigned k = 0; k < EACH; k++) {
            unsigned t = (v * 7 + k * 11) % TITLES;
            int64_t at = k >= EACH / 2 ? began + 200 * DAY - (v * EACH + k) % 3600
                         : t % 4 == 0  ? began + 101 * DAY
                                       : began;
            log_add(&l, v, t, 5, at);
        }
    }
    log_import(&l, s);
    struct mq_train_options o = {.seed = 3, .rank = 8, .epochs = 3};
    assert_ok(mq_train(s->engine, &o, &info, &test_err));
    live_is(s, 1);
    service_reopen(s);
    live_is(s, 1);
}

struct kind {
    unsigned viewers, titles, times, stars;
    double share;
};

/* Times: all alike, two of them, one after the other, over a month, over years with the newest far apart. */
static int64_t time_of(const struct kind *k, struct rng *rng, size_t n)
{
    switch (k->times) {
    case 0:
        return began;
    case 1:
        return began + (int64_t)(n % 2) * 3600;
    case 2:
        return began + (int64_t)n * 60;
    case 3:
        return began + (int64_t)rng_below(rng, 30 * DAY);
    default:
        return rng_below(rng, 3) > 0 ? began + (int64_t)rng_below(rng, DAY)
                                     : began + (int64_t)(4 * 365 * DAY + rng_below(rng, DAY));
    }
}

static struct kind draw_kind(struct rng *rng)
{
    static const unsigned viewers[] = {1, 2, 5, 20, 60}, titles[] = {1, 2, 7, 40};
    static const double shares[] = {0.1, 0.4, 0.9};
    return (struct kind){viewers[rng_below(rng, 5)], titles[rng_below(rng, 4)],
                         (unsigned)rng_below(rng, 5), (unsigned)rng_below(rng, 4),
                         shares[rng_below(rng, 3)]};
}

/* Stars: all five, all one, anything (twice as likely). */
static size_t write_log(const struct kind *k, struct rng *rng, struct log *l)
{
    size_t liked = 0;
    for (unsigned v = 0; v < k->viewers; v++) {
        for (unsigned t = 0; t < k->titles; t++) {
            if (rng_double(rng) > k->share)
                continue;
            unsigned stars = k->stars == 0   ? 5
                             : k->stars == 1 ? 1
                                             : 1 + (unsigned)rng_below(rng, 5);
            liked += stars > 3;
            log_add(l, v, t, stars, time_of(k, rng, l->n));
        }
    }
    return liked;
}

static void page_is_sound(struct service *s, const char *viewer, const struct kind *k)
{
    struct mq_page page;
    const struct model *m = atomic_load(&s->engine->model);
    struct mix mix = ensemble_mix(m);
    bool personal = mix_personal(&mix);
    assert_ok(mq_home(s->reader, &(struct mq_request){.viewer = viewer}, &page, &test_err));
    for (size_t r = 0; r < page.n_rows; r++) {
        assert_true(page.rows[r].n_items > 0);
        assert_true(personal || !strstr(page.rows[r].reason, "taste"));
        for (size_t i = 0; i < page.rows[r].n_items; i++) {
            const struct mq_reason *reason = &page.rows[r].items[i].reason;
            assert_true(personal || reason->n_evidence > 0 || !strstr(reason->text, "Fits all"));
            if (!isfinite(page.rows[r].items[i].score))
                fail_msg("%u viewers, %u titles, times %u, stars %u, share %g: a score is %g",
                         k->viewers, k->titles, k->times, k->stars, k->share,
                         page.rows[r].items[i].score);
        }
    }
}

/* What is liked by somebody can be learnt from, however little it is; what was learnt serves everybody, and after a restart. */
static void any_little_log_is_learnt_from(void **state)
{
    (void)state;
    size_t rounds = test_rounds(30), trained = 0;
    for (size_t i = 0; i < rounds; i++) {
        struct service *s = NULL;
        struct mq_model_info info;
        struct rng rng;
        struct log l;
        void *own = NULL;
        rng_seed_stream(&rng, test_seed(), i);
        struct kind k = draw_kind(&rng);
        assert_int_equal(service_setup(&own), 0);
        s = own;
        service_titles(s);
        log_begin(&l);
        size_t liked = write_log(&k, &rng, &l);
        log_import(&l, s);
        struct mq_train_options o = {.seed = 3, .rank = 8, .epochs = 3};
        int rc = mq_train(s->engine, &o, &info, &test_err);
        if (liked > 0 && rc != 0)
            fail_msg(
                "seed %llu, round %zu: %u viewers, %u titles, times %u, stars %u, share %g: %s",
                (unsigned long long)test_seed(), i, k.viewers, k.titles, k.times, k.stars, k.share,
                test_err.text);
        if (rc == 0) {
            trained++;
            service_reopen(s);
            live_is(s, 1);
            page_is_sound(s, "v1", &k);
            page_is_sound(s, "nobody", &k);
        } else {
            assert_int_equal(rc, MQ_INVALID);
        }
        service_teardown(&own);
    }
    assert_true(trained > rounds / 3);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, service_setup, service_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_came_long_ago_is_no_measure),
        cmocka_unit_test(any_little_log_is_learnt_from),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
