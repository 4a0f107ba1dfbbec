/* A feature means the same in training and in serving; trees order lists, and only where they are asked to; model files keep
 * them. */
#include "service.h"

#include "engine/engine.h"
#include "engine/ranker_training.h"
#include "engine/reader.h"
#include "model/model.h"
#include "recommend/features.h"

enum { DAY = 86400000, ROWS = 600 };

struct rows {
    uint32_t title[ROWS];
    float x[ROWS][FEATURES];
    size_t n;
    size_t choice; /* of training: this one's rows alone */
};

static int live_rows(struct mq_reader *r, const struct world *w, const struct ask *ask, void *ctx,
                     struct mq_error *err)
{
    struct rows *rows = ctx;
    struct features f;
    int rc = recommender_begin(r->recommender, w, ask, err);
    if (rc)
        return rc;
    features_begin(r->recommender, &f);
    for (uint32_t t = 0; t < r->recommender->n_titles && rows->n < ROWS; t++) {
        rows->title[rows->n] = t;
        features_of(&f, t, rows->x[rows->n++]);
    }
    return 0;
}

static int training_row(void *ctx, size_t choice, uint32_t title, const float *x)
{
    struct rows *rows = ctx;
    if (choice == rows->choice && rows->n < ROWS) {
        rows->title[rows->n] = title;
        memcpy(rows->x[rows->n++], x, FEATURES * sizeof(float));
    }
    return 0;
}

static int feed(void *ctx, const struct event *e)
{
    struct ranker_log *l = ctx;
    if (e->viewer_id.v != l->viewer.v)
        assert_ok(ranker_log_viewer(l, e->viewer_id, &test_err));
    return ranker_log_event(l, e, &test_err);
}

static const char *not_seen(struct service *s, const char *viewer)
{
    static char title[64];
    struct mq_list list;
    struct mq_request q = {.viewer = viewer, .n = 20, .preview = true};
    assert_ok(mq_recommend(s->reader, &q, &list, &test_err));
    assert_true(list.n_items >= 5);
    snprintf(title, sizeof(title), "%s", list.items[4].title);
    mq_reader_rest(s->reader);
    return title;
}

static void one_definition(void **state)
{
    struct service *s = *state;
    static struct rows live, replayed;
    struct mq_appended a;
    service_titles(s);
    service_ratings(s);
    service_train(s);
    int64_t now = service_now();
    const char *title = not_seen(s, "v3");
    struct mq_request q = {
        .viewer = "v3", .at_ms = now, .device = "tv", .country = "GB", .timezone = "Europe/Berlin"};
    live.n = 0;
    assert_ok(reader_answer(s->reader, &q, live_rows, &live, &test_err));
    mq_reader_rest(s->reader);
    struct mq_event e = {.viewer = "v3",
                         .kind = "rating",
                         .title = title,
                         .at_ms = now,
                         .position_ms = -1,
                         .from_ms = -1,
                         .value = 5,
                         .device = "tv",
                         .country = "GB",
                         .timezone = "Europe/Berlin"};
    assert_ok(mq_append(s->engine, &e, 1, &a, &test_err));
    assert_int_equal(a.accepted, 1);

    struct ranker_log log;
    struct catalogue *c = atomic_load(&s->engine->catalogue);
    struct ranker_log_settings ls = {
        .catalogue = c, .from_ms = now - INT64_C(300) * DAY, .share = 1};
    struct ranker_fit_settings fs = {
        .catalogue = c, .generators = atomic_load(&s->engine->model), .test_from_ms = now};
    assert_ok(ranker_log_init(&log, &ls, &test_err));
    assert_ok(store_scan_all(s->engine->store, &(struct store_range){0}, feed, &log, &test_err));
    assert_ok(ranker_log_finish(&log, &test_err));
    assert_true(log.n > 10);
    replayed = (struct rows){.choice = log.n - 1}; /* the newest */
    assert_int_equal(log.choices[log.n - 1].at_ms, now);
    assert_ok(ranker_rows(&log, &fs, (struct train_watch){0}, training_row, &replayed, &test_err));
    assert_true(replayed.n > 10);
    for (size_t i = 0; i < replayed.n; i++)
        for (size_t k = 0; k < FEATURES; k++) {
            const float *was = replayed.x[i], *is = live.x[replayed.title[i]];
            if (memcmp(&was[k], &is[k], sizeof(float)) != 0)
                fail_msg("title %u: %s: %g in training, %g in serving", replayed.title[i],
                         feature_name((unsigned)k), (double)was[k], (double)is[k]);
        }
    ranker_log_release(&log);
}

/* One tree: unpopular titles first. */
static struct forest against_popularity(uint32_t *root, struct forest_node *node)
{
    root[0] = 0;
    node[0] = (struct forest_node){FEATURE_POPULARITY, 2.0f, 1, 0};
    node[1] = (struct forest_node){FOREST_LEAF, 1.0f, 0, 0};
    node[2] = (struct forest_node){FOREST_LEAF, -1.0f, 0, 0};
    return (struct forest){
        .n_trees = 1, .n_nodes = 3, .n_features = FEATURES, .root = root, .node = node};
}

static int lists(struct mq_reader *r, const struct world *w, const struct ask *ask, void *ctx,
                 struct mq_error *err)
{
    uint32_t root[1];
    struct forest_node node[3];
    struct model m = *w->model;
    struct world ranked = *w;
    struct ask plain = *ask;
    struct mq_list list;
    float masses[2] = {0, 0};
    (void)ctx;
    m.ranker = (struct ranker_part){.trees = against_popularity(root, node),
                                    .meaning = RANKER_FEATURES_VERSION};
    ranked.model = &m;
    for (int i = 0; i < 2; i++) {
        plain.no_ranker = i == 0;
        int rc = recommend_list(r->recommender, &ranked, &plain, &list, err);
        if (rc)
            return rc;
        for (size_t k = 0; k < 10; k++)
            masses[i] += m.popularity[list.items[k].title_number];
        for (size_t k = 1; k < list.n_items; k++)
            assert_true(list.items[k].score <= list.items[k - 1].score);
    }
    assert_true(masses[1] < masses[0]);
    m.ranker.meaning++; /* of another version: the trees are left alone */
    int rc = recommend_list(r->recommender, &ranked, &plain, &list, err);
    for (size_t k = 0; rc == 0 && k < 10; k++)
        masses[0] -= m.popularity[list.items[k].title_number];
    assert_true(masses[0] == 0);
    return rc;
}

static void trees_order_lists(void **state)
{
    struct service *s = *state;
    service_titles(s);
    service_ratings(s);
    service_train(s);
    struct mq_request q = {.viewer = "v3", .n = 30};
    assert_ok(reader_answer(s->reader, &q, lists, NULL, &test_err));
}

static void files_keep_them(void **state)
{
    struct service *s = *state;
    uint32_t root[1];
    struct forest_node node[3];
    const float popularity[2] = {3, 4};
    char *path = service_path(s, "ranked.model");
    struct model m = {.n_titles = 2, .popularity = popularity}, *back;
    m.ranker = (struct ranker_part){.trees = against_popularity(root, node),
                                    .meaning = 7,
                                    .ndcg = 0.5,
                                    .base_ndcg = 0.4,
                                    .low = 0.01,
                                    .high = 0.2};
    assert_ok(model_write(&m, path, &test_err));
    assert_ok(model_open(path, &back, &test_err));
    assert_int_equal(back->ranker.trees.n_features, FEATURES);
    assert_int_equal(back->ranker.meaning, 7);
    assert_true(back->ranker.ndcg == 0.5 && back->ranker.low == 0.01);
    float x[FEATURES] = {0};
    x[FEATURE_POPULARITY] = 1;
    assert_true(forest_value(&back->ranker.trees, x) == 1.0f);
    x[FEATURE_POPULARITY] = 3;
    assert_true(forest_value(&back->ranker.trees, x) == -1.0f);
    model_close(back);
    node[0].child = 2; /* leads out of the tree */
    assert_fails(MQ_INVALID, model_write(&m, path, &test_err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_definition, service_setup, service_teardown),
        cmocka_unit_test_setup_teardown(trees_order_lists, service_setup, service_teardown),
        cmocka_unit_test_setup_teardown(files_keep_them, service_setup, service_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
