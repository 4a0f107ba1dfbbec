/* Signals: what is planted in ratings only ratings find; figures by hand; odd files. */
#include "eval_folder.h"

#include <math.h>
#include <stdio.h>

#include "base/file.h"
#include "base/rng.h"
#include "eval/signals.h"

static struct eval_options options(void)
{
    return (struct eval_options){
        .train = path_of("train"), .test = path_of("test"), .seed = 2, .threads = 2};
}

/* Everybody meets titles of two groups alike and likes those of one. */
static void write_world(void)
{
    struct rng rng;
    FILE *train = fopen(path_of("train"), "w");
    FILE *test = fopen(path_of("test"), "w");
    rng_seed(&rng, test_seed());
    for (int v = 0; v < 80; v++) {
        uint32_t titles[60];
        for (uint32_t i = 0; i < 60; i++)
            titles[i] = i;
        rng_shuffle_u32(&rng, titles, 60);
        for (int i = 0; i < 32; i++) {
            bool liked = titles[i] % 2 == (uint32_t)v % 2;
            fprintf(i < 24 ? train : test, "v%d\tt%u\t%d\n", v, titles[i],
                    (liked ? 4 : 1) + (int)rng_below(&rng, 2));
        }
    }
    fclose(train);
    fclose(test);
}

static void what_only_ratings_say(void **state)
{
    (void)state;
    struct signals_report r;
    write_world();
    struct eval_options o = options();
    assert_ok(evaluate_signals(&o, &r, &test_err));
    assert_true(r.both_minus_implicit.low > 0.1);
    assert_true(r.implicit_minus_explicit.high < 0);
    assert_true(r.auc[SIGNAL_EXPLICIT].mean > 0.95);
    assert_true(r.auc_within[SIGNAL_EXPLICIT].low > 0.9);
    assert_true(fabs(r.auc_within[SIGNAL_POPULARITY].mean - 0.5) < 0.1);
    assert_true(r.auc[SIGNAL_EXPLICIT].low <= r.auc[SIGNAL_EXPLICIT].mean &&
                r.auc[SIGNAL_EXPLICIT].mean <= r.auc[SIGNAL_EXPLICIT].high);
    struct buf b;
    struct json j;
    buf_init(&b, 1 << 16);
    json_init(&j, &b);
    signals_report_write(&j, &r);
    buf_add_char(&b, '\0');
    static const char *const fields[] = {"\"explicit\"",
                                         "\"implicit\"",
                                         "\"both\"",
                                         "\"ndcg@10\"",
                                         "\"auc_liked\"",
                                         "\"differences\"",
                                         "\"both_minus_implicit\"",
                                         "\"implicit_minus_explicit_low\""};
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        assert_non_null(strstr(b.p, fields[i]));
    buf_release(&b);
}

/* The same world, where viewings tell what ratings would: what was left early was not liked. Every fourth viewer rates. */
static void viewings_may_say_it_all(void **state)
{
    (void)state;
    struct id_book book;
    struct signals_report r;
    struct triples all[3] = {{0}, {0}, {0}};
    struct triples *rated = &all[0];
    struct triples *met = &all[1];
    struct triples *test = &all[2];
    struct rng rng;
    char name[16];
    uint32_t id;
    assert_ok(id_book_init(&book, &test_err));
    rng_seed(&rng, test_seed());
    for (uint32_t v = 0; v < 80; v++) {
        uint32_t titles[60];
        snprintf(name, sizeof(name), "v%u", v);
        assert_ok(intern_add(book.viewers, str_of(name), &id, NULL, &test_err));
        for (uint32_t i = 0; i < 60; i++) {
            titles[i] = i;
            snprintf(name, sizeof(name), "t%u", i);
            assert_ok(intern_add(book.titles, str_of(name), &id, NULL, &test_err));
        }
        rng_shuffle_u32(&rng, titles, 60);
        for (uint32_t i = 0; i < 32; i++) {
            bool liked = titles[i] % 2 == v % 2;
            float stars = (float)((liked ? 4 : 1) + rng_below(&rng, 2));
            if (i < 24)
                assert_ok(triples_add(met, v, titles[i], liked ? 1 : -0.5F, 0, &test_err));
            if (i >= 24 || v % 4 == 0)
                assert_ok(triples_add(i < 24 ? rated : test, v, titles[i], stars, 0, &test_err));
        }
    }
    struct eval_options o = {.seed = 2, .threads = 2};
    assert_ok(evaluate_signals_rows(&o, &book, rated, met, met, test, &r, &test_err));
    assert_true(r.implicit_minus_explicit.low > 0);
    assert_true(r.has_completion && r.ndcg[SIGNAL_COMPLETION].mean > 0);
    assert_true(r.auc_within[SIGNAL_IMPLICIT].low > 0.9);
    assert_int_equal(r.judged, 80);
    for (size_t k = 0; k < 3; k++)
        triples_release(&all[k]);
    id_book_release(&book);
}

static void write_file(const char *name, const char *text)
{
    assert_ok(file_write(path_of(name), str_of(text), 0644, &test_err));
}

static void popularity_by_hand(void **state)
{
    (void)state;
    struct signals_report r;
    /* Popularity A 3, B 2, C 1. x knows A: list B, C; target C at place 2. y knows A, B: target C at place 1. */
    write_file("train", "u,A,5\nx,A,4\ny,A,3\nu,B,5\ny,B,2\nu,C,3\n");
    write_file("test", "x,C,5\ny,C,4\nx,B,1\nu,A,5\n");
    struct eval_options o = options();
    assert_ok(evaluate_signals(&o, &r, &test_err));
    assert_int_equal(r.judged, 2);
    assert_true(fabs(r.ndcg[SIGNAL_POPULARITY].mean - (1 / log2(3) + 1) / 2) < 1e-9);
    /* Liked: x,C (1), y,C (1), u,A (3); not: x,B (2). One of three pairs is right; x alone has both kinds. */
    assert_true(fabs(r.auc[SIGNAL_POPULARITY].mean - 1.0 / 3) < 1e-9);
    assert_true(r.auc_within[SIGNAL_POPULARITY].mean == 0);
}

static void bad_files_are_errors(void **state)
{
    (void)state;
    struct signals_report r;
    struct eval_options o = options();
    write_file("train", "u,A,5\nv,B,4\n");
    write_file("test", "u,A,5\n"); /* known already */
    assert_fails(MQ_INVALID, evaluate_signals(&o, &r, &test_err));
    write_file("test", "w,A,5\n"); /* nobody's history */
    assert_fails(MQ_INVALID, evaluate_signals(&o, &r, &test_err));
    write_file("test", "u,B,inf\n");
    assert_fails(MQ_INVALID, evaluate_signals(&o, &r, &test_err));
    o.test = NULL;
    assert_fails(MQ_INVALID, evaluate_signals(&o, &r, &test_err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_only_ratings_say),
        cmocka_unit_test(viewings_may_say_it_all),
        cmocka_unit_test(popularity_by_hand),
        cmocka_unit_test(bad_files_are_errors),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
