/* Weights of engagement: a simulated service, where what viewers think is known; the same with invented stars, where
 * nothing may be found; and logs that say too little. */
#include "support/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/rng.h"
#include "catalogue/catalogue.h"
#include "sim/sim.h"
#include "train/engagement_fit.h"

/* The events of a world, kept until they are fed viewer by viewer. */
struct world {
    struct event *v;
    size_t n, cap;
    struct title_row *titles;
    struct catalogue catalogue; /* runtimes and kinds alone are read */
};

static void keep(struct world *w, const struct event *e, size_t i)
{
    if (w->n == w->cap) {
        w->cap = w->cap ? w->cap * 2 : 1 << 16;
        w->v = realloc(w->v, w->cap * sizeof(*w->v));
        assert_non_null(w->v);
    }
    struct event *to = &w->v[w->n++];
    *to = *e;
    to->seq = i;
    to->viewer_id.v = (uint32_t)strtoul(e->viewer.p + 2, NULL, 10);
    to->title_id.v = e->title.n ? (uint32_t)strtoul(e->title.p + 2, NULL, 10) - 1 : ID_NONE;
    /* The simulator's text goes; feeding makes a session's name of its hash. */
    to->arrival_ms = e->session.n ? (int64_t)(hash_str(e->session, 0) >> 1) : 0;
    to->source = STR("native");
    to->viewer = to->title = to->session = to->id = to->query = to->custom = STR_NONE;
}

static int by_viewer(const void *a, const void *b)
{
    const struct event *x = a;
    const struct event *y = b;
    if (x->viewer_id.v != y->viewer_id.v)
        return x->viewer_id.v < y->viewer_id.v ? -1 : 1;
    return (x->seq > y->seq) - (x->seq < y->seq);
}

static void world_make(struct world *w)
{
    struct sim_settings settings = sim_defaults();
    struct sim *sim;
    struct event e;
    settings.viewers = 4000;
    settings.titles = 300;
    settings.days = 120;
    settings.heartbeat_s = 300;
    *w = (struct world){0};
    assert_ok(sim_new(&settings, &sim, &test_err));
    int rc;
    for (size_t i = 0; (rc = sim_next(sim, &e, &test_err)) > 0; i++)
        if (e.title.n > 0)
            keep(w, &e, i);
    assert_int_equal(rc, 0);
    w->catalogue.n_titles = sim_titles(sim);
    w->titles = calloc(w->catalogue.n_titles, sizeof(*w->titles));
    assert_non_null(w->titles);
    for (uint32_t t = 0; t < w->catalogue.n_titles; t++) {
        w->titles[t].runtime_min = sim_title(sim, t)->runtime_min;
        w->titles[t].kind = sim_title(sim, t)->kind;
    }
    w->catalogue.titles = w->titles;
    sim_free(sim);
    qsort(w->v, w->n, sizeof(*w->v), by_viewer);
}

static void world_release(struct world *w)
{
    free(w->v);
    free(w->titles);
}

static void feed(struct engagement_rows *rows, const struct event *at)
{
    char session[24];
    struct event e = *at;
    snprintf(session, sizeof(session), "%llx", (unsigned long long)at->arrival_ms);
    e.session = str_of(session);
    assert_ok(engagement_rows_feed(rows, &e, &test_err));
}

/* What is said is as it is in the world, or invented, or not heard. */
enum words { HEARD, INVENTED, UNHEARD };

static void read_world(const struct world *w, enum words words, uint32_t viewers,
                       struct engagement_rows *ret)
{
    struct rng rng;
    rng_seed(&rng, 1);
    assert_ok(engagement_rows_init(ret, &w->catalogue, &test_err));
    for (size_t i = 0; i < w->n && w->v[i].viewer_id.v <= viewers; i++) {
        struct event e = w->v[i];
        bool word = e.kind == EVENT_RATING || e.kind == EVENT_THUMB;
        if (word && words == UNHEARD)
            continue;
        if (word && words == INVENTED) {
            e.kind = EVENT_RATING;
            e.value = (float)(1 + rng_below(&rng, 5));
            e.scale = 5;
        }
        feed(ret, &e);
    }
    assert_ok(engagement_rows_finish(ret, &test_err));
}

static void print_fit(const struct engagement_fit *f)
{
    for (int k = 0; k < ENGAGEMENT_WEIGHTS; k++)
        print_message("%-10s %+.3f [%+.3f, %+.3f] of %llu\n",
                      engagement_weight_name((enum engagement_weight)k), f->weight[k],
                      f->interval[k].low, f->interval[k].high, (unsigned long long)f->used[k]);
    for (int p = 0; p < ENGAGEMENT_PAIR_KINDS; p++) {
        const struct engagement_comparison *c = &f->compared[p];
        print_message(
            "%-6s %zu viewers: completion %.3f defaults %.3f fitted %.3f, over completion "
            "%+.3f [%+.3f, %+.3f]\n",
            engagement_pairs_name((enum engagement_pairs)p), c->right[0].n,
            c->right[ENGAGEMENT_COMPLETION].mean, c->right[ENGAGEMENT_DEFAULTS].mean,
            c->right[ENGAGEMENT_FITTED].mean, c->over_completion.mean, c->over_completion.low,
            c->over_completion.high);
    }
}

static struct world world;

static int setup(void **state)
{
    (void)state;
    world_make(&world);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_release(&world);
    return 0;
}

static void a_service_is_learnt(void **state)
{
    (void)state;
    struct engagement_rows rows;
    struct engagement_fit fit, again;
    read_world(&world, HEARD, UINT32_MAX, &rows);
    assert_ok(engagement_fit(&rows, 1, &fit, &test_err));
    print_fit(&fit);
    const struct engagement_comparison *all = &fit.compared[ENGAGEMENT_ALL];
    assert_true(all->over_completion.low > 0);
    assert_true(fit.compared[ENGAGEMENT_MIXED].over_completion.mean > 0);
    assert_true(fit.no_worse);
    assert_true(fit.weight[ENGAGEMENT_FINISHED] > 0);
    assert_true(fit.weight[ENGAGEMENT_ABANDONED] < 0);
    assert_true(fit.weight[ENGAGEMENT_SKIPS] < 0);
    assert_true(fit.interval[ENGAGEMENT_FINISHED].low > 0);
    assert_true(fit.used[ENGAGEMENT_AUTOPLAY] < ENGAGEMENT_USED_LEAST &&
                fit.weight[ENGAGEMENT_AUTOPLAY] == 0);
    assert_true(fit.propensity_low > 0 && fit.propensity_high < 1);
    assert_ok(engagement_fit(&rows, 1, &again, &test_err));
    assert_memory_equal(fit.weight, again.weight, sizeof(fit.weight));
    for (size_t i = 0; i < rows.n; i++) {
        assert_true(fabsf(rows.v[i].x[ENGAGEMENT_ATTENDED]) <= 0.5F);
        assert_true(rows.v[i].share >= 0 && rows.v[i].share <= 1);
    }
    engagement_rows_release(&rows);
}

static void invented_stars_teach_nothing(void **state)
{
    (void)state;
    struct engagement_rows rows;
    struct engagement_fit fit;
    read_world(&world, INVENTED, UINT32_MAX, &rows);
    assert_ok(engagement_fit(&rows, 1, &fit, &test_err));
    print_fit(&fit);
    const struct engagement_comparison *all = &fit.compared[ENGAGEMENT_ALL];
    assert_true(fabs(all->right[ENGAGEMENT_FITTED].mean - 0.5) < 0.03);
    int found = 0;
    for (int k = 0; k < ENGAGEMENT_WEIGHTS; k++)
        found += fit.interval[k].low > 0 || fit.interval[k].high < 0;
    assert_true(found <= 2); /* of ten intervals of 95 % */
    engagement_rows_release(&rows);
}

static void too_little_is_said(void **state)
{
    (void)state;
    struct engagement_rows rows;
    struct engagement_fit fit;
    read_world(&world, UNHEARD, UINT32_MAX, &rows);
    assert_fails(MQ_INVALID, engagement_fit(&rows, 1, &fit, &test_err));
    assert_non_null(strstr(test_err.text, "none was rated afterwards"));
    engagement_rows_release(&rows);
    read_world(&world, INVENTED, 1, &rows);
    assert_fails(MQ_INVALID, engagement_fit(&rows, 1, &fit, &test_err));
    assert_non_null(strstr(test_err.text, "rated"));
    engagement_rows_release(&rows);
    read_world(&world, HEARD, 0, &rows);
    assert_fails(MQ_INVALID, engagement_fit(&rows, 1, &fit, &test_err));
    engagement_rows_release(&rows);
}

/* ---------------------------------------------------------------- rows by hand */

#define DAY (INT64_C(24) * 3600 * 1000)

static void happen(struct engagement_rows *rows, uint32_t title, enum event_kind kind, int64_t at,
                   int position_min)
{
    struct event e;
    event_init(&e);
    e.kind = kind;
    e.viewer_id.v = 7;
    e.title_id.v = title;
    e.at_ms = at;
    e.source = STR("native");
    e.session = STR("s");
    if (position_min >= 0)
        e.position_ms = position_min * INT64_C(60000);
    if (kind == EVENT_RATING) {
        e.value = 5;
        e.scale = 5;
    }
    assert_ok(engagement_rows_feed(rows, &e, &test_err));
}

/* A stretch of minutes of an hour's title. */
static void watch(struct engagement_rows *rows, uint32_t title, int64_t at, int from, int to)
{
    happen(rows, title, EVENT_START, at, from);
    happen(rows, title, EVENT_STOP, at + (to - from) * INT64_C(60000), to);
}

static void rows_by_hand(void **state)
{
    (void)state;
    struct title_row titles[8] = {{.runtime_min = 60}, {.runtime_min = 60}, {.runtime_min = 60},
                                  {.runtime_min = 60}, {.runtime_min = 60}, {.runtime_min = 0}};
    struct catalogue c = {.n_titles = 6, .titles = titles};
    struct engagement_rows r;
    int64_t t = 20000 * DAY;
    assert_ok(engagement_rows_init(&r, &c, &test_err));
    watch(&r, 0, t, 0, 60); /* finished, then rated; what follows is not of the row */
    happen(&r, 0, EVENT_RATING, t + DAY / 8, -1);
    watch(&r, 1, t + DAY, 0, 6); /* left early, for good */
    watch(&r, 2, t + 2 * DAY, 0, 6);
    happen(&r, 2, EVENT_RATING, t + 3 * DAY, -1);
    watch(&r, 2, t + 5 * DAY, 6, 20);             /* left early, but taken up again */
    happen(&r, 3, EVENT_RATING, t + 6 * DAY, -1); /* said before it was seen */
    watch(&r, 3, t + 7 * DAY, 0, 60);
    watch(&r, 5, t + 8 * DAY, 0, 60);  /* no runtime */
    watch(&r, 4, t + 30 * DAY, 0, 60); /* too young */
    assert_ok(engagement_rows_finish(&r, &test_err));
    assert_int_equal(r.n, 3);
    assert_int_equal(r.young, 1);
    assert_int_equal(r.unknown_runtime, 1);
    assert_true(r.v[0].x[ENGAGEMENT_FINISHED] == 1 && r.v[0].liked == 1 && r.v[0].share == 1);
    assert_true(r.v[1].x[ENGAGEMENT_ABANDONED] == 1 && isnan(r.v[1].liked));
    assert_true(fabsf(r.v[1].share - 0.1F) < 1e-4F);
    assert_true(r.v[2].x[ENGAGEMENT_ABANDONED] == 0 && r.v[2].liked == 1);
    assert_true(fabsf(r.v[2].share - 0.1F) < 1e-4F);
    /* Each is alone of its end: in the middle. */
    assert_true(fabsf(r.v[0].x[ENGAGEMENT_ATTENDED]) < 1e-4F);
    engagement_rows_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_by_hand),
        cmocka_unit_test(a_service_is_learnt),
        cmocka_unit_test(invented_stars_teach_nothing),
        cmocka_unit_test(too_little_is_said),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
