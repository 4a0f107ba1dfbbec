/* Rating prediction from files: figures by hand, what is written, bad and odd files. */
#include "eval_folder.h"

#include <math.h>
#include <stdio.h>

#include "base/file.h"
#include "base/rng.h"
#include "eval/report.h"

#define assert_near(actual, expected) assert_true(fabs((actual) - (expected)) < 1e-6)

static void write_file(const char *name, const char *text)
{
    assert_ok(file_write(path_of(name), str_of(text), 0644, &test_err));
}

static struct eval_options options(void)
{
    return (struct eval_options){.train = path_of("train"),
                                 .test = path_of("test"),
                                 .predictions = path_of("out"),
                                 .seed = 3,
                                 .threads = 2,
                                 .rank = 4,
                                 .samples = 24};
}

static double metric(const struct eval_report *r, const char *model, const char *name)
{
    for (size_t m = 0; m < r->n_models; m++) {
        for (size_t i = 0; i < r->model[m].n_metrics; i++) {
            if (strcmp(r->model[m].name, model) == 0 &&
                strcmp(r->model[m].metric[i].name, name) == 0)
                return r->model[m].metric[i].value.mean;
        }
    }
    fail_msg("%s of %s: is not reported", name, model);
    return NAN;
}

static void movie_mean_by_hand(void **state)
{
    (void)state;
    struct eval_report r;
    /* A has mean 4, B mean 2; C is in no training row: the mean of all, 3. */
    write_file("train", "u,A,5\nv,A,3\nu,B,3\nv,B,1\n");
    write_file("test", "u,A,5\nv,B,2\nw,C,5\n");
    struct eval_options o = options();
    assert_ok(evaluate_ratings(&o, &r, &test_err));
    assert_true(r.complete);
    assert_near(metric(&r, "movie_mean", "rmse"), sqrt((1.0 + 0 + 4) / 3));
    assert_near(metric(&r, "movie_mean", "mae"), (1.0 + 0 + 2) / 3);
    assert_int_equal(r.judged, 3);
}

/* RMSE and MAE of the published model again, from the written predictions and the test file. */
static void predictions_give_the_reported_figures(void **state)
{
    (void)state;
    struct eval_report r;
    struct rng rng;
    FILE *train = fopen(path_of("train"), "w");
    FILE *test = fopen(path_of("test"), "w");
    rng_seed(&rng, test_seed());
    for (int i = 0; i < 2400; i++) {
        int v = (int)rng_below(&rng, 40);
        int t = (int)rng_below(&rng, 60);
        double y = 3 + (v % 5 - 2) * 0.4 + (t % 7 - 3) * 0.3 + rng_normal(&rng) * 0.3;
        fprintf(i % 6 ? train : test, "v%d\tt%d\t%.1f\n", v, t, y);
    }
    fclose(train);
    fclose(test);
    struct eval_options o = options();
    assert_ok(evaluate_ratings(&o, &r, &test_err));
    assert_true(metric(&r, r.published, "rmse") < 0.7 * metric(&r, "movie_mean", "rmse"));
    char a[100];
    char b[100];
    double square = 0;
    double absolute = 0;
    int rows = 0;
    test = fopen(path_of("test"), "r");
    FILE *out = fopen(path_of("out"), "r");
    while (fgets(a, sizeof(a), test) && fgets(b, sizeof(b), out)) {
        char viewer[2][20];
        char title[2][20];
        double y[2];
        assert_int_equal(sscanf(a, "%19s %19s %lf", viewer[0], title[0], &y[0]), 3);
        assert_int_equal(sscanf(b, "%19s %19s %lf", viewer[1], title[1], &y[1]), 3);
        assert_string_equal(viewer[0], viewer[1]);
        assert_string_equal(title[0], title[1]);
        square += (y[0] - y[1]) * (y[0] - y[1]);
        absolute += fabs(y[0] - y[1]);
        rows++;
    }
    fclose(test);
    fclose(out);
    assert_int_equal(rows, 400);
    assert_true(fabs(sqrt(square / rows) - metric(&r, r.published, "rmse")) < 1e-5);
    assert_true(fabs(absolute / rows - metric(&r, r.published, "mae")) < 1e-5);
}

static void odd_files_give_sane_models(void **state)
{
    (void)state;
    struct eval_report r;
    struct eval_options o = options();
    write_file("train", "u,A,4\n"); /* one viewer, one title */
    write_file("test", "u,A,4\nx,Y,2\n");
    assert_ok(evaluate_ratings(&o, &r, &test_err));
    assert_near(metric(&r, "movie_mean", "rmse"), sqrt(2));
    assert_true(metric(&r, "gibbs", "rmse") < 1.5);
    char all[4096] = "";
    for (int i = 0; i < 100; i++) /* all equal, and every row twice */
        snprintf(all + strlen(all), 32, "u%d,A%d,3\n", i % 10, i % 5);
    write_file("train", all);
    write_file("test", "u1,A1,3\nu2,A2,3\n");
    assert_ok(evaluate_ratings(&o, &r, &test_err));
    for (size_t m = 0; m < r.n_models; m++)
        assert_true(r.model[m].metric[0].value.mean < 1e-3);
}

static void bad_files_are_errors(void **state)
{
    (void)state;
    struct eval_report r;
    struct eval_options o = options();
    write_file("train", "u,A,4\nu,B,nan\n");
    write_file("test", "u,A,4\n");
    assert_fails(MQ_INVALID, evaluate_ratings(&o, &r, &test_err));
    assert_non_null(strstr(test_err.text, ":2"));
    write_file("train", "u,A,4\n");
    write_file("test", "");
    assert_fails(MQ_INVALID, evaluate_ratings(&o, &r, &test_err));
    write_file("test", "viewer,title,rating\n");
    assert_fails(MQ_INVALID, evaluate_ratings(&o, &r, &test_err));
    write_file("test", "u,A\n"); /* no rating */
    assert_fails(MQ_INVALID, evaluate_ratings(&o, &r, &test_err));
    o.test = NULL;
    assert_fails(MQ_INVALID, evaluate_ratings(&o, &r, &test_err));
}

static void facts_place_a_title_nobody_rated(void **state)
{
    (void)state;
    struct eval_report r;
    FILE *train = fopen(path_of("train"), "w");
    FILE *titles = fopen(path_of("titles"), "w");
    struct rng rng;
    rng_seed(&rng, 5);
    fprintf(titles, "id,title,genres\n");
    for (int t = 0; t < 41; t++)
        fprintf(titles, "t%d,T,%s\n", t, t % 2 ? "Good" : "Bad");
    for (int i = 0; i < 1200; i++) {
        int t = (int)rng_below(&rng, 40);
        fprintf(train, "v%d,t%d,%d\n", (int)rng_below(&rng, 30), t, t % 2 ? 5 : 1);
    }
    fclose(train);
    fclose(titles);
    write_file("test", "v1,t40,1\n");
    struct eval_options o = options();
    o.titles = path_of("titles");
    assert_ok(evaluate_ratings(&o, &r, &test_err));
    assert_true(metric(&r, "gibbs", "rmse") < 0.6);
    assert_true(metric(&r, "biases", "rmse") > 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(movie_mean_by_hand),
        cmocka_unit_test(predictions_give_the_reported_figures),
        cmocka_unit_test(odd_files_give_sane_models),
        cmocka_unit_test(bad_files_are_errors),
        cmocka_unit_test(facts_place_a_title_nobody_rated),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
