/* Models: train, publish, roll back; a damaged one is refused and the one before serves on. */
#include "base/buf.h"
#include "base/file.h"
#include "engine/engine.h"
#include "engine/tuned.h"
#include "service.h"

#include <math.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

static uint64_t live(struct service *s)
{
    struct mq_page page;
    assert_ok(mq_home(s->reader, &(struct mq_request){.viewer = "v1"}, &page, &test_err));
    struct mq_stats stats;
    assert_ok(mq_stats(s->engine, &stats, &test_err));
    assert_int_equal(stats.model, page.model);
    return page.model;
}

static void versions_come_and_go_back(void **state)
{
    struct service *s = *state;
    struct mq_model_info info, list[16];
    size_t n;
    uint64_t version;
    assert_fails(MQ_INVALID, mq_train(s->engine, NULL, &info, &test_err));
    service_titles(s);
    assert_fails(MQ_INVALID, mq_train(s->engine, NULL, &info, &test_err));
    assert_int_equal(live(s), 0);
    service_ratings(s);
    struct mq_train_options o = {.seed = 5, .rank = 8, .epochs = 3};
    assert_ok(mq_train(s->engine, &o, &info, &test_err));
    assert_int_equal(info.version, 1);
    assert_true(info.live);
    assert_int_equal(info.rank, 8);
    assert_int_equal(info.viewers, SERVICE_VIEWERS);
    assert_int_equal(info.log_seq, service_last_seq(s));
    assert_true(info.titles >= SERVICE_TITLES);
    assert_true(isnan(info.held_out_ndcg) || (info.held_out_ndcg >= 0 && info.held_out_ndcg <= 1));
    assert_int_equal(live(s), 1);
    for (int i = 0; i < 2; i++)
        service_train(s);
    assert_int_equal(live(s), 3);
    assert_ok(mq_publish(s->engine, 1, &test_err));
    assert_int_equal(live(s), 1);
    assert_fails(MQ_NOT_FOUND, mq_publish(s->engine, 9, &test_err));
    assert_ok(mq_publish(s->engine, 3, &test_err));
    assert_ok(mq_rollback(s->engine, &version, &test_err));
    assert_int_equal(version, 2);
    service_reopen(s);
    assert_int_equal(live(s), 2);
    assert_ok(mq_models(s->engine, list, 16, &n, &test_err));
    assert_int_equal(n, 3);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(list[i].version, 3 - i);
        assert_int_equal(list[i].live, list[i].version == 2);
        assert_true(list[i].readable);
    }
    assert_ok(mq_models(s->engine, list, 1, &n, &test_err));
    assert_int_equal(n, 1);
    o.rank = 100000;
    assert_fails(MQ_INVALID, mq_train(s->engine, &o, &info, &test_err));
}

static struct mq_rating rating_of(struct service *s, const char *viewer, const char *title)
{
    struct mq_rating r;
    struct mq_explanation x;
    struct mq_request q = {.viewer = viewer};
    assert_ok(mq_predict_rating(s->reader, &q, title, &r, &test_err));
    assert_ok(mq_explain(s->reader, &q, title, &x, &test_err));
    assert_memory_equal(&x.rating, &r, sizeof(r));
    return r;
}

static bool same_rating(struct mq_rating a, struct mq_rating b)
{
    return memcmp(&a, &b, sizeof(a)) == 0;
}

/* Even viewers like even titles, odd ones odd titles; all meet both. */
static void rate_by_halves(struct service *s)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_add_z(&b, "viewer,title,value,at\n");
    for (unsigned v = 0; v < 60; v++) {
        for (unsigned k = 0; k < 24; k++) {
            unsigned t = (v * 7 + k * 11) % 40;
            buf_printf(&b, "v%u,t%u,%u,1600000000\n", v, t, (t % 2 == v % 2 ? 4 : 1) + (t + k) % 2);
        }
    }
    buf_add_char(&b, '\0');
    service_import(s, "table", service_file(s, "halves.csv", b.p));
    buf_release(&b);
}

static void ratings_are_predicted(void **state)
{
    struct service *s = *state;
    struct mq_rating r;
    struct mq_receipt receipt;
    service_titles(s);
    rate_by_halves(s);
    assert_true(isnan(rating_of(s, "v1", "t1").expected)); /* no model */
    service_train(s);
    unsigned right = 0;
    for (unsigned v = 0; v < 16; v++) {
        char viewer[8], near[8], far[8];
        snprintf(viewer, sizeof(viewer), "v%u", v);
        snprintf(near, sizeof(near), "t%u", v % 2 + 20);
        snprintf(far, sizeof(far), "t%u", (v + 1) % 2 + 20);
        struct mq_rating a = rating_of(s, viewer, near);
        struct mq_rating b = rating_of(s, viewer, far);
        assert_true(1 <= a.low && a.low <= a.expected && a.expected <= a.high && a.high <= 5);
        right += a.expected > b.expected + 1;
    }
    assert_true(right == 16);
    /* Nobody: as anyone. Somebody new is folded in from what they say, without another training. */
    struct mq_rating nobody = rating_of(s, "nobody", "t8");
    assert_true(isfinite(nobody.expected));
    assert_true(same_rating(rating_of(s, "new", "t8"), nobody));
    for (unsigned k = 0; k < 10; k++) {
        char text[256];
        struct mq_appended done;
        snprintf(text, sizeof(text),
                 "{\"viewer\":\"new\",\"kind\":\"rating\",\"value\":%u,\"title\":\"t%u\",\"id\":"
                 "\"n%u\"}",
                 k % 2 ? 5U : 1U, k % 2 ? 10 + k - 1 : 10 + k + 1, k);
        assert_ok(mq_append_json(s->engine, text, strlen(text), &done, &test_err));
        assert_int_equal(done.accepted, 1);
    }
    r = rating_of(s, "new", "t8");
    assert_true(r.expected > rating_of(s, "new", "t9").expected + 1);
    struct mq_request private = {.viewer = "new", .no_profiling = true};
    assert_ok(mq_predict_rating(s->reader, &private, "t8", &r, &test_err));
    assert_true(same_rating(r, nobody));
    assert_ok(mq_erase(s->engine, "new", &receipt, &test_err));
    assert_true(same_rating(rating_of(s, "new", "t8"), nobody));
    assert_fails(MQ_NOT_FOUND, mq_predict_rating(s->reader, &private, "none", &r, &test_err));
}

static void the_same_log_and_seed_give_the_same_page(void **state)
{
    struct service *s = *state;
    service_titles(s);
    service_ratings(s);
    service_train(s);
    service_train(s);
    struct mq_page page;
    struct mq_request q = {.viewer = "v3", .model = 1, .at_ms = service_now()};
    char score[2][64], first[2][64];
    for (int i = 0; i < 2; i++) {
        q.model = (uint64_t)i + 1;
        assert_ok(mq_home(s->reader, &q, &page, &test_err));
        assert_true(page.n_rows > 1 && page.rows[0].n_items > 5);
        snprintf(first[i], 64, "%s %s", page.rows[0].items[0].title, page.rows[0].items[5].title);
        snprintf(score[i], 64, "%a", page.rows[0].items[0].score);
    }
    assert_string_equal(first[0], first[1]);
    assert_string_equal(score[0], score[1]);
}

static void damage(const char *path)
{
    struct buf b;
    buf_init(&b, 1 << 28);
    assert_ok(file_read(path, &b, &test_err));
    b.p[b.n / 2] = (char)(b.p[b.n / 2] ^ 1);
    assert_ok(file_write(path, buf_str(&b), 0644, &test_err));
    buf_release(&b);
}

static void a_damaged_model_is_refused(void **state)
{
    struct service *s = *state;
    service_titles(s);
    service_ratings(s);
    service_train(s);
    service_train(s);
    char path[700];
    service_close(s);
    snprintf(path, sizeof(path), "%s/models/000002.model", s->data);
    damage(path);
    service_open(s, s->data);
    assert_int_equal(live(s), 1);
    assert_int_equal(s->engine->refused_model, 2);
    assert_fails(MQ_CORRUPT, mq_publish(s->engine, 2, &test_err));
    assert_int_equal(live(s), 1);
    struct mq_model_info list[8];
    size_t n;
    assert_ok(mq_models(s->engine, list, 8, &n, &test_err));
    assert_int_equal(n, 2);
    assert_false(list[0].readable);
    assert_true(list[1].readable);
    /* The next training goes on from there. */
    service_train(s);
    assert_int_equal(live(s), 3);
    service_close(s);
    snprintf(path, sizeof(path), "%s/models/000003.model", s->data);
    damage(path);
    snprintf(path, sizeof(path), "%s/models/000001.model", s->data);
    damage(path);
    service_open(s, s->data);
    assert_int_equal(live(s), 0); /* none is left: popular titles */
}

static void only_the_newest_are_kept(void **state)
{
    struct service *s = *state;
    service_titles(s);
    service_ratings(s);
    struct mq_train_options o = {.popularity_only = true};
    struct mq_model_info info, list[16];
    for (int i = 0; i < 10; i++)
        assert_ok(mq_train(s->engine, &o, &info, &test_err));
    size_t n;
    assert_ok(mq_models(s->engine, list, 16, &n, &test_err));
    assert_int_equal(n, 8);
    assert_int_equal(list[0].version, 10);
    assert_int_equal(live(s), 10);
}

/* What somebody of the service is offered, as "t3 t9 ...". */
static void offered(struct service *s, char *to, size_t size)
{
    struct mq_list list;
    size_t n = 0;
    assert_ok(
        mq_recommend(s->reader, &(struct mq_request){.viewer = "v1", .n = 5}, &list, &test_err));
    to[0] = 0;
    for (size_t i = 0; i < list.n_items && n < size; i++)
        n += (size_t)snprintf(to + n, size - n, "%s ", list.items[i].title);
}

static void what_is_named_is_published_and_nothing_else(void **state)
{
    static const struct {
        const char *only, *published;
    } named[] = {
        {"ials", "ials"}, {"ease", "ease"}, {"item_knn", "item_knn"}, {"popularity", "popularity"}};
    static const char *const refused[] = {"", "ials,", "iALS", "ials;ease", "all", ","};
    struct service *s = *state;
    struct mq_model_info info, list[16];
    char seen[4][128];
    size_t n;
    service_titles(s);
    service_ratings(s);
    for (size_t i = 0; i < 4; i++) {
        struct mq_train_options o = {.seed = 5, .rank = 8, .epochs = 3, .only = named[i].only};
        assert_ok(mq_train(s->engine, &o, &info, &test_err));
        assert_string_equal(info.published, named[i].published);
        assert_true(info.order_questions == 0 && info.ranker_questions == 0);
        assert_int_equal(live(s), i + 1);
        offered(s, seen[i], sizeof(seen[i]));
    }
    for (size_t i = 1; i < 4; i++)
        assert_string_not_equal(seen[i], seen[0]);
    assert_ok(mq_models(s->engine, list, 16, &n, &test_err));
    for (size_t i = 0; i < n; i++)
        assert_string_equal(list[i].published, named[n - 1 - i].published);
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        struct mq_train_options o = {.only = refused[i]};
        assert_fails(MQ_INVALID, mq_train(s->engine, &o, &info, &test_err));
    }
    assert_int_equal(live(s), 4);
}

/* A few questions teach how much each view counts, not which model is best: it is the blend. Without any it is taste. */
static void of_a_little_log_it_is_the_blend(void **state)
{
    struct service *s = *state;
    struct mq_model_info info;
    struct mq_train_options o = {.seed = 5, .rank = 8, .epochs = 3};
    struct mq_train_options blend = {.seed = 5, .only = "blend"}, some = {.only = "ials,ease"};
    service_titles(s);
    service_import(s, "table",
                   service_file(s, "two.csv",
                                "viewer,title,value,at\nv0,t1,5,1600000000\nv0,t2,4,1600000100\n"
                                "v1,t1,5,1600000200\n"));
    assert_ok(mq_train(s->engine, &o, &info, &test_err));
    assert_string_equal(info.published, "ials");
    assert_true(isnan(info.held_out_ndcg));
    assert_fails(MQ_INVALID, mq_train(s->engine, &blend, &info, &test_err));
    service_ratings_of(s, 3);
    assert_ok(mq_train(s->engine, &o, &info, &test_err));
    assert_string_equal(info.published, "blend");
    assert_true(info.held_out_ndcg >= 0 && info.held_out_ndcg <= 1);
    assert_int_equal(info.n_models, 6);
    assert_ok(mq_train(s->engine, &blend, &info, &test_err));
    assert_string_equal(info.published, "blend");
    assert_ok(mq_train(s->engine, &some, &info, &test_err));
    assert_true(strcmp(info.published, "ials") == 0 || strcmp(info.published, "ease") == 0);
    assert_int_equal(live(s), 4);
}

/* ------------------------------------------------------------------ while one runs */

struct gate {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    bool begun, go_on, stop;
};

static bool wait_at_gate(void *ctx, const char *what, uint64_t done, uint64_t total)
{
    struct gate *g = ctx;
    (void)what;
    (void)done;
    (void)total;
    pthread_mutex_lock(&g->lock);
    g->begun = true;
    pthread_cond_broadcast(&g->moved);
    while (!g->go_on)
        pthread_cond_wait(&g->moved, &g->lock);
    bool stop = g->stop;
    pthread_mutex_unlock(&g->lock);
    return !stop;
}

struct training {
    struct service *s;
    struct gate gate;
    int rc;
};

static void *train(void *arg)
{
    struct training *t = arg;
    struct mq_error err;
    struct mq_model_info info;
    struct mq_train_options o = {
        .seed = 1, .rank = 8, .epochs = 2, .progress = wait_at_gate, .progress_ctx = &t->gate};
    t->rc = mq_train(t->s->engine, &o, &info, &err);
    return NULL;
}

static void while_one_trains(void **state)
{
    struct service *s = *state;
    service_titles(s);
    service_ratings(s);
    service_train(s);
    service_train(s);
    for (int stop = 0; stop < 2; stop++) {
        struct training t = {.s = s, .gate = {.stop = stop}};
        pthread_mutex_init(&t.gate.lock, NULL);
        pthread_cond_init(&t.gate.moved, NULL);
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, train, &t), 0);
        pthread_mutex_lock(&t.gate.lock);
        while (!t.gate.begun)
            pthread_cond_wait(&t.gate.moved, &t.gate.lock);
        pthread_mutex_unlock(&t.gate.lock);

        struct mq_model_info info;
        assert_fails(MQ_CONFLICT, mq_train(s->engine, NULL, &info, &test_err));
        /* A bad model can be taken back, and a backup made, while another is trained. */
        assert_ok(mq_publish(s->engine, 1, &test_err));
        assert_int_equal(live(s), 1);
        assert_ok(mq_backup(s->engine, service_path(s, stop ? "copy2" : "copy1"), &test_err));
        service_event(s, "v1", "start", "t1");

        pthread_mutex_lock(&t.gate.lock);
        t.gate.go_on = true;
        pthread_cond_broadcast(&t.gate.moved);
        pthread_mutex_unlock(&t.gate.lock);
        pthread_join(thread, NULL);
        assert_int_equal(t.rc, stop ? MQ_CANCELLED : 0);
        assert_int_equal(live(s), stop ? 1 : 3);
        pthread_mutex_destroy(&t.gate.lock);
        pthread_cond_destroy(&t.gate.moved);
    }
}

/* A new model that is worse on the held-out split than the live one's settings is kept, but not served. */
static void a_worse_model_is_kept_aside(void **state)
{
    struct service *s = *state;
    struct mq_model_info info;
    struct mq_model_info list[4];
    size_t n;
    uint64_t version;
    service_titles(s);
    service_ratings_of(s, 500);
    struct mq_train_options good = {.seed = 3, .rank = 8, .epochs = 6, .unobserved = 0.1};
    assert_ok(mq_train(s->engine, &good, &info, &test_err));
    assert_true(info.live && !info.kept_aside && info.rival == 0);
    assert_true(info.held_out_ndcg > info.popularity_ndcg);
    struct mq_train_options worse = {.seed = 3, .popularity_only = true};
    assert_ok(mq_train(s->engine, &worse, &info, &test_err));
    assert_int_equal(info.version, 2);
    assert_true(info.kept_aside && !info.live);
    assert_int_equal(info.rival, 1);
    assert_true(info.rival_ndcg > info.popularity_ndcg);
    assert_int_equal(live(s), 1);
    /* Nothing goes back to it, but somebody may publish it. */
    assert_fails(MQ_NOT_FOUND, mq_rollback(s->engine, &version, &test_err));
    service_reopen(s);
    assert_int_equal(live(s), 1);
    assert_ok(mq_models(s->engine, list, 4, &n, &test_err));
    assert_int_equal(n, 2);
    assert_true(list[0].kept_aside && !list[0].live && list[1].live);
    assert_ok(mq_publish(s->engine, 2, &test_err));
    assert_int_equal(live(s), 2);
    /* What is better than the live one is published. */
    assert_ok(mq_train(s->engine, &good, &info, &test_err));
    assert_true(info.live && info.rival == 2);
}

static void tuning_leaves_settings_for_training(void **state)
{
    struct service *s = *state;
    struct mq_tuning t;
    struct mq_model_info info;
    struct lineup_settings found;
    struct mq_tune_options o = {.seed = 2, .seconds = 3600};
    assert_fails(MQ_NOT_FOUND, tuned_read(s->engine->dir, &found, &test_err));
    service_titles(s);
    service_ratings_of(s, 200);
    assert_ok(mq_tune(s->engine, &o, &t, &test_err));
    assert_true(t.questions > 100 && t.n_models == 6);
    assert_ok(tuned_read(s->engine->dir, &found, &test_err));
    assert_int_equal(found.ials.rank, t.rank);
    assert_true(fabs((double)found.ials.regularisation - t.regularisation) < 1e-6);
    assert_ok(mq_train(s->engine, NULL, &info, &test_err));
    assert_int_equal(info.rank, t.rank);
    assert_int_equal(info.epochs, t.epochs);
    struct mq_train_options given = {.rank = 5};
    assert_ok(mq_train(s->engine, &given, &info, &test_err));
    assert_int_equal(info.rank, 5);
}

static size_t count_of(const struct mq_page *page, const char *title, bool *ret_continued)
{
    size_t n = 0;
    *ret_continued = false;
    for (size_t row = 0; row < page->n_rows; row++)
        for (size_t i = 0; i < page->rows[row].n_items; i++) {
            if (strcmp(page->rows[row].items[i].title, title) != 0)
                continue;
            n++;
            *ret_continued |= strcmp(page->rows[row].kind, "continue") == 0;
        }
    return n;
}

/* The next episode is to be continued with; it is no discovery, nor are those behind it. */
static void a_followed_series_is_no_discovery(void **state)
{
    struct service *s = *state;
    struct mq_page page;
    struct mq_list list;
    struct mq_request q = {.viewer = "v1", .n = 200};
    bool continued;
    service_titles(s);
    service_ratings(s);
    service_import(s, "titles",
                   service_file(s, "series.csv",
                                "itemId,title,kind,series,season,episode\n"
                                "e1,One,episode,Long,1,1\ne2,Two,episode,Long,1,2\n"
                                "e3,Three,episode,Long,1,3\no1,Other,episode,Else,1,1\n"));
    for (int i = 0; i < 6; i++)
        for (const char *const *t = (const char *const[]){"e1", "e2", "e3", "o1", NULL}; *t; t++) {
            char viewer[8];
            snprintf(viewer, sizeof(viewer), "w%d", i);
            service_event(s, viewer, "complete", *t);
        }
    service_train(s);
    service_event(s, "v1", "complete", "e1");
    assert_ok(mq_home(s->reader, &q, &page, &test_err));
    assert_int_equal(count_of(&page, "e2", &continued), 1);
    assert_true(continued);
    assert_int_equal(count_of(&page, "e3", &continued), 0);
    assert_ok(mq_recommend(s->reader, &q, &list, &test_err));
    bool other = false;
    for (size_t i = 0; i < list.n_items; i++) {
        assert_string_not_equal(list.items[i].title, "e2");
        assert_string_not_equal(list.items[i].title, "e3");
        other |= strcmp(list.items[i].title, "o1") == 0;
    }
    assert_true(other);
}

static void tuned_files_are_read_with_care(void **state)
{
    (void)state;
    struct lineup_settings s;
    assert_ok(tuned_parse("t", STR("# a\n\nrank 12\nunobserved 0.5\n"), &s, &test_err));
    assert_int_equal(s.ials.rank, 12);
    assert_true(s.ials.unobserved == 0.5F && s.ials.epochs == 0);
    static const char *const bad[] = {"rank",           "rank x",  "rank 0",  "rank 1e9",
                                      "unobserved nan", "speed 3", "rank 3 4"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_fails(MQ_CORRUPT, tuned_parse("t", str_of(bad[i]), &s, &test_err));
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, service_setup, service_teardown)
    const struct CMUnitTest tests[] = {
        CASE(versions_come_and_go_back),
        CASE(ratings_are_predicted),
        CASE(the_same_log_and_seed_give_the_same_page),
        CASE(a_damaged_model_is_refused),
        CASE(only_the_newest_are_kept),
        CASE(what_is_named_is_published_and_nothing_else),
        CASE(of_a_little_log_it_is_the_blend),
        CASE(while_one_trains),
        CASE(a_worse_model_is_kept_aside),
        CASE(tuning_leaves_settings_for_training),
        CASE(a_followed_series_is_no_discovery),
        CASE(tuned_files_are_read_with_care),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
