/* The protocols on small worlds whose answer is known, and their lists scored again. */
#include "eval_folder.h"

#include <math.h>
#include <stdio.h>

#include "base/file.h"
#include "base/rng.h"
#include "eval/report.h"

#define assert_near(actual, expected) assert_true(fabs((actual) - (expected)) < 1e-9)

/* Viewers of group g watch titles of group g (of `groups`), 20 titles each, a dozen a viewer. */
static void write_world(int groups, int viewers, int test_from)
{
    FILE *train = fopen(path_of("train"), "w");
    FILE *fold = fopen(path_of("fold"), "w");
    FILE *test = fopen(path_of("test"), "w");
    struct rng rng;
    rng_seed(&rng, test_seed());
    for (int v = 0; v < viewers; v++) {
        uint32_t titles[20];
        for (uint32_t i = 0; i < 20; i++)
            titles[i] = i;
        rng_shuffle_u32(&rng, titles, 20);
        for (int i = 0; i < 12; i++) {
            FILE *to = v < test_from ? train : i < 9 ? fold : test;
            fprintf(to, "v%d\tg%d-%u\n", v, v % groups, titles[i]);
        }
    }
    fclose(train);
    fclose(fold);
    fclose(test);
}

static const struct report_metric *metric(const struct eval_report *r, const char *model,
                                          const char *name)
{
    for (size_t m = 0; m < r->n_models; m++) {
        for (size_t i = 0; i < r->model[m].n_metrics; i++) {
            if (strcmp(r->model[m].name, model) == 0 &&
                strcmp(r->model[m].metric[i].name, name) == 0)
                return &r->model[m].metric[i];
        }
    }
    fail_msg("%s of %s: is not reported", name, model);
    return NULL;
}

static struct eval_options strong_options(void)
{
    return (struct eval_options){.train = path_of("train"),
                                 .fold_in = path_of("fold"),
                                 .test = path_of("test"),
                                 .lists = path_of("lists"),
                                 .seed = 7,
                                 .threads = 2};
}

static void strong_finds_planted_groups(void **state)
{
    (void)state;
    struct eval_report r;
    write_world(5, 300, 250);
    struct eval_options o = strong_options();
    assert_ok(evaluate_strong(&o, &r, &test_err));
    assert_int_equal(r.judged, 50);
    assert_string_equal(r.published, "ials");
    /* 11 titles of the group are left; the 3 to be found are all among 20. */
    assert_true(metric(&r, "ials", "recall@20")->value.mean > 0.99);
    assert_true(metric(&r, "ials", "recall@20")->gain.low > 0.2);
}

/* NDCG@100 and Recall@20 again from the written lists and the test file alone. */
static void lists_give_the_reported_figures(void **state)
{
    (void)state;
    struct eval_report r;
    write_world(4, 120, 80);
    struct eval_options o = strong_options();
    assert_ok(evaluate_strong(&o, &r, &test_err));
    double ndcg = 0;
    double recall = 0;
    int viewers = 0;
    for (int v = 80; v < 120; v++) {
        char want[64][16];
        int n = 0;
        char line[256];
        FILE *test = fopen(path_of("test"), "r");
        while (fgets(line, sizeof(line), test)) {
            char who[16];
            char what[16];
            int number;
            if (sscanf(line, "%15[^\t]\t%15s", who, what) == 2 &&
                sscanf(who, "v%d", &number) == 1 && number == v)
                snprintf(want[n++], 16, "%s", what);
        }
        fclose(test);
        double dcg = 0;
        double ideal = 0;
        int hits = 0;
        FILE *lists = fopen(path_of("lists"), "r");
        while (fgets(line, sizeof(line), lists)) {
            char what[16];
            int number;
            int rank;
            if (sscanf(line, "v%d\t%d\t%15s", &number, &rank, what) != 3 || number != v)
                continue;
            for (int i = 0; i < n; i++) {
                if (strcmp(want[i], what) == 0) {
                    dcg += 1 / log2(rank + 1);
                    hits += rank <= 20;
                }
            }
        }
        fclose(lists);
        for (int i = 0; i < n; i++)
            ideal += 1 / log2(i + 2);
        ndcg += dcg / ideal;
        recall += (double)hits / n;
        viewers++;
    }
    assert_near(ndcg / viewers, metric(&r, r.published, "ndcg@100")->value.mean);
    assert_near(recall / viewers, metric(&r, r.published, "recall@20")->value.mean);
}

static void write_file(const char *name, const char *text)
{
    assert_ok(file_write(path_of(name), str_of(text), 0644, &test_err));
}

static void popularity_by_hand(void **state)
{
    (void)state;
    struct eval_report r;
    /* Popularity: A 3, B 2, C 1. x has A; B is its first, C its second. y has nothing that helps. */
    write_file("train", "u1,A\nu2,A\nu3,A\nu1,B\nu2,B\nu3,C\nx,A\ny,A\ny,B\n");
    write_file("test", "x,C\ny,C\n");
    struct eval_options o = {
        .train = path_of("train"), .test = path_of("test"), .seed = 1, .threads = 1};
    assert_ok(evaluate_leave_one_out(&o, &r, &test_err));
    /* x: list B, C: rank 2; y: list C: rank 1. */
    assert_near(metric(&r, "popularity", "hr@10")->value.mean, 1);
    assert_near(metric(&r, "popularity", "ndcg@10")->value.mean, (1 / log2(3) + 1) / 2);
}

static void negatives_equal_to_the_target_are_ignored(void **state)
{
    (void)state;
    struct eval_report r;
    char with[4096] = "u1,A\nu2,A\nu1,B\nu2,C\n";
    write_file("train", with);
    write_file("test", "u1,C\nu2,B\n");
    /* B and C tie in popularity: the earlier number wins. u1: target C among A(2) and itself. */
    write_file("negatives", "u1,C,C,A,C\nu2,B,A\n");
    struct eval_options o = {.train = path_of("train"),
                             .test = path_of("test"),
                             .negatives = path_of("negatives"),
                             .lists = path_of("lists"),
                             .seed = 1,
                             .threads = 1};
    assert_ok(evaluate_leave_one_out(&o, &r, &test_err));
    assert_int_equal(r.model[0].n_sampled, 2);
    /* Both rank second behind A. */
    assert_near(r.model[0].sampled[1].value.mean, 1 / log2(3));
    struct buf b;
    buf_init(&b, 65536);
    assert_ok(file_read(path_of("lists.sampled"), &b, &test_err));
    size_t lines = 0;
    for (size_t i = 0; i < b.n; i++)
        lines += b.p[i] == '\n';
    assert_int_equal(lines, 4);
    buf_release(&b);
}

static void bad_files_are_errors(void **state)
{
    (void)state;
    struct eval_report r;
    struct eval_options o = {.train = path_of("none"), .test = path_of("none"), .seed = 1};
    assert_fails(MQ_NOT_FOUND, evaluate_leave_one_out(&o, &r, &test_err));
    write_file("train", "");
    o.train = o.test = path_of("train");
    assert_fails(MQ_INVALID, evaluate_leave_one_out(&o, &r, &test_err));
    o.train = folder;
    assert_fails(MQ_INVALID, evaluate_leave_one_out(&o, &r, &test_err));
    write_file("train", "u1,A\nu2,B\n");
    write_file("test", "z,A\n"); /* nobody with a history */
    o.train = path_of("train");
    o.test = path_of("test");
    assert_fails(MQ_INVALID, evaluate_leave_one_out(&o, &r, &test_err));
    o.fold_in = NULL;
    assert_fails(MQ_INVALID, evaluate_strong(&o, &r, &test_err));
}

/* Viewers walk through a ring of titles, one step an hour, and rest a day after every fifth; the walk restarts at
 * random now and then. Rows are written in order of time. */
static void write_walks(int viewers, int titles, int steps)
{
    FILE *f = fopen(path_of("walks"), "w");
    struct rng rng;
    uint32_t at[200];
    int64_t now = 1000000000;
    rng_seed(&rng, test_seed());
    for (int v = 0; v < viewers; v++)
        at[v] = (uint32_t)rng_below(&rng, (uint64_t)titles);
    for (int s = 0; s < steps; s++) {
        now += s % 5 == 0 ? 90000 : 3600;
        for (int v = 0; v < viewers; v++) {
            fprintf(f, "v%d,t%u,5,%lld\n", v, at[v], (long long)now);
            at[v] = rng_below(&rng, 3) ? (at[v] + 1) % (uint32_t)titles
                                       : (uint32_t)rng_below(&rng, (uint64_t)titles);
        }
    }
    fclose(f);
}

static void time_split_predicts_what_comes_next(void **state)
{
    (void)state;
    struct eval_report r;
    write_walks(120, 90, 20);
    struct eval_options o = {.ratings = path_of("walks"), .seed = 3, .threads = 2};
    assert_ok(evaluate_time_split(&o, &r, &test_err));
    assert_int_equal(r.events.events, 240);
    assert_int_equal(r.events.few, 0);
    assert_int_equal(r.judged + r.events.seen, 240);
    assert_true(metric(&r, "sequence", "hr@10")->gain.low > 0.2);
    assert_true(metric(&r, "sequence", "ndcg@10")->over_second.low > 0);
    /* Only what comes after a gap: step 15 is the last such, and is before the last tenth. */
    o.gap_ms = 86400000;
    assert_fails(MQ_INVALID, evaluate_time_split(&o, &r, &test_err));
    o.cut = 0.3; /* steps 14 to 19 */
    assert_ok(evaluate_time_split(&o, &r, &test_err));
    assert_int_equal(r.events.events, 720);
    assert_int_equal(r.judged + r.events.seen + r.events.no_gap, 720);
    assert_true(r.judged <= 120);
    o.cut = 1.5;
    assert_fails(MQ_INVALID, evaluate_time_split(&o, &r, &test_err));
    o.ratings = NULL;
    assert_fails(MQ_INVALID, evaluate_time_split(&o, &r, &test_err));
}

/* Viewers with fewer than five events before are counted apart; a title seen before is not asked. */
static void time_split_counts_apart(void **state)
{
    (void)state;
    struct eval_report r;
    FILE *f = fopen(path_of("apart"), "w");
    for (int v = 0; v < 40; v++)
        for (int i = 0; i < 8; i++)
            fprintf(f, "v%d,t%d,5,%d\n", v, (v + i * (1 + v % 3)) % 30, 1000 + i * 40 + v);
    for (int v = 0; v < 20; v++)
        fprintf(f, "new%d,t1,5,%d\n", v, 2000 + v);
    fprintf(f, "v0,t0,5,3000\nv0,t29,5,3001\n");
    fclose(f);
    struct eval_options o = {
        .ratings = path_of("apart"), .seed = 3, .threads = 1, .cut = 22.5 / 342};
    assert_ok(evaluate_time_split(&o, &r, &test_err));
    assert_int_equal(r.events.events, 22);
    assert_int_equal(r.events.few, 20);
    assert_int_equal(r.events.seen, 1);
    assert_int_equal(r.judged, 1);
}

/* Titles have a genre and a director; viewers follow directors. Held-out titles find their director's viewers. */
static void new_titles_are_placed_by_their_credits(void **state)
{
    (void)state;
    enum { DIRECTORS = 10, TITLES = 200, VIEWERS = 200 };
    struct eval_report r;
    struct rng rng;
    FILE *ratings = fopen(path_of("ratings"), "w");
    FILE *titles = fopen(path_of("titles.csv"), "w");
    FILE *credits = fopen(path_of("credits.csv"), "w");
    rng_seed(&rng, test_seed());
    fprintf(titles, "id,title,genres\n");
    fprintf(credits, "id,role,billing,person\n");
    for (int t = 0; t < TITLES; t++) {
        fprintf(titles, "t%d,Name %d,Genre %d\n", t, t, t % 2);
        fprintf(credits, "t%d,director,1,Director %d\n", t, t % DIRECTORS);
    }
    for (int v = 0; v < VIEWERS; v++)
        for (int t = 0; t < TITLES; t++)
            if (rng_double(&rng) < (t % DIRECTORS == v % DIRECTORS ? 0.7 : 0.03))
                fprintf(ratings, "v%d,t%d,5,%d\n", v, t, v + t);
    fclose(ratings);
    fclose(titles);
    fclose(credits);
    struct eval_options o = {.ratings = path_of("ratings"),
                             .titles = path_of("titles.csv"),
                             .credits = path_of("credits.csv"),
                             .seed = 5,
                             .threads = 2};
    assert_ok(evaluate_new_titles(&o, &r, &test_err));
    assert_string_equal(r.published, "content");
    assert_true(metric(&r, "content", "recall@50")->gain.low > 0.2);
    assert_true(metric(&r, "content", "recall@50")->over_second.low > 0.1);
    assert_true(r.model[2].fact[1].value > 0.1); /* over permuted credits, low */
    o.titles = path_of("ratings");
    assert_fails(MQ_INVALID, evaluate_new_titles(&o, &r, &test_err));
    o.titles = NULL;
    assert_fails(MQ_INVALID, evaluate_new_titles(&o, &r, &test_err));
}

static void threads_change_nothing(void **state)
{
    (void)state;
    struct eval_report a;
    struct eval_report b;
    write_world(3, 90, 60);
    struct eval_options o = strong_options();
    o.threads = 1;
    assert_ok(evaluate_strong(&o, &a, &test_err));
    o.threads = 3;
    assert_ok(evaluate_strong(&o, &b, &test_err));
    for (size_t i = 0; i < a.model[1].n_metrics; i++)
        assert_memory_equal(&a.model[1].metric[i].value, &b.model[1].metric[i].value,
                            sizeof(struct interval));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strong_finds_planted_groups),
        cmocka_unit_test(lists_give_the_reported_figures),
        cmocka_unit_test(popularity_by_hand),
        cmocka_unit_test(negatives_equal_to_the_target_are_ignored),
        cmocka_unit_test(bad_files_are_errors),
        cmocka_unit_test(time_split_predicts_what_comes_next),
        cmocka_unit_test(time_split_counts_apart),
        cmocka_unit_test(new_titles_are_placed_by_their_credits),
        cmocka_unit_test(threads_change_nothing),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
