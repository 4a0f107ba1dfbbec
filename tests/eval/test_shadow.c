/* Another system's lists: read, refused, and compared with ours by hand and at random. */
#include "support/check.h"

#include <math.h>

#include "base/rng.h"
#include "eval/rival_lists.h"
#include "eval/shadow.h"

#define DAY INT64_C(86400000)
#define FROM (20000 * DAY)

static int read_text(const char *text, struct id_book *book, struct rival_lists *l)
{
    assert_ok(id_book_init(book, &test_err));
    return rival_lists_over("lists", str_of(text), book, l, &test_err);
}

static void lists_of(const char *text, const char *expected)
{
    struct id_book book;
    struct rival_lists l;
    char got[256] = "";
    assert_ok(read_text(text, &book, &l));
    for (size_t i = 0; i < l.n; i++) {
        size_t at = strlen(got);
        snprintf(got + at, sizeof(got) - at, "%.*s:%.*s ",
                 STR_ARG(intern_name(book.viewers, l.rows[i].viewer)),
                 STR_ARG(intern_name(book.titles, l.rows[i].title)));
    }
    assert_string_equal(got, expected);
    rival_lists_release(&l);
    id_book_release(&book);
}

static void forms(void **state)
{
    (void)state;
    lists_of("viewer,title,rank\nb,t1,2\na,t9,1\nb,t2,1\n", "b:t2 b:t1 a:t9 ");
    lists_of("user_id,item_id,score\nb,t1,0.5\nb,t2,7\n", "b:t2 b:t1 ");
    lists_of("u1\tt3|t1|t2\nu2\tt1\n", "u1:t3 u1:t1 u1:t2 u2:t1 ");
    lists_of("u1\t2\tt1\t0.1\nu1\t1\tt2\t0.2\n", "u1:t2 u1:t1 ");
    lists_of("v1,t1\nv2,t1\nv1,t2\n", "v1:t1 v1:t2 v2:t1 ");
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } bad[] = {
        {"viewer,title,rank\na,t1,x\n", "lists:2"},
        {"viewer,title,rank\na,t1,1\na,t1,2\n", "twice"},
        {"viewer,title\na,t1|t1\n", "twice"},
        {"viewer,rank\na,1\n", "name it title"},
        {"viewer,title\na,\n", "missing"},
        {"viewer,title\na,t1||t2\n", "empty"},
        {"", ""},
        {"viewer,title\n", ""},
        {"a,b,c,d,e\n1,2,3,4,5\n", ""},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct id_book book;
        struct rival_lists l;
        assert_fails(MQ_INVALID, read_text(bad[i].text, &book, &l));
        if (!strstr(test_err.text, bad[i].says))
            fail_msg("%s: says %s", bad[i].text, test_err.text);
        id_book_release(&book);
    }
    struct id_book book;
    struct rival_lists l;
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_add_z(&b, "viewer,title\n");
    for (int i = 0; i <= RIVAL_DEPTH_MAX; i++)
        buf_printf(&b, "v,t%d\n", i);
    buf_add_char(&b, '\0');
    assert_fails(MQ_INVALID, read_text(b.p, &book, &l));
    assert_non_null(strstr(test_err.text, "at most 1000"));
    id_book_release(&book);
    buf_release(&b);
}

static void like(struct triples *t, uint32_t viewer, uint32_t title, int64_t day)
{
    assert_ok(triples_add(t, viewer, title, 1, FROM + day * DAY, &test_err));
}

/* Title 0 is popular, 1 is not, 2 is new; 3 nobody ever liked. */
static void by_hand(void **state)
{
    (void)state;
    struct triples t = {.n = 0};
    struct shadow *s;
    struct shadow_report r;
    for (uint32_t v = 2; v < 10; v++)
        like(&t, v, 0, -100);
    like(&t, 2, 1, -100);
    like(&t, 9, 2, -2);
    like(&t, 0, 0, 0);
    like(&t, 0, 2, 0);
    like(&t, 1, 1, 0);
    like(&t, 3, 1, 5); /* after the time asked about */
    struct shadow_options o = {.k = 2, .seed = 1, .from_ms = FROM, .to_ms = FROM + DAY};
    assert_ok(shadow_new(&t, 10, &o, &s, &test_err));
    assert_true(shadow_wants(s, 0) && shadow_wants(s, 1) && !shadow_wants(s, 3));
    assert_ok(shadow_add(s, 0, (uint32_t[]){2, 3}, 2, (uint32_t[]){0, 1, 2}, 3, &test_err));
    assert_ok(shadow_add(s, 1, (uint32_t[]){0, 1}, 2, (uint32_t[]){0}, 1, &test_err));
    assert_true(shadow_add(s, 3, NULL, 0, NULL, 0, &test_err) != 0);
    shadow_pass(s, true);
    assert_ok(shadow_conclude(s, &r, &test_err));
    assert_int_equal(r.viewers, 2);
    assert_int_equal(r.without_choice, 1);
    /* Viewer 0 chose 0 and 2: each side found one; viewer 1 chose 1: ours alone found it. */
    assert_true(r.side[SHADOW_OURS].recall == 0.75 && r.side[SHADOW_THEIRS].recall == 0.25);
    assert_int_equal(r.only[SHADOW_OURS][SHADOW_NEW], 1);
    assert_int_equal(r.only[SHADOW_OURS][SHADOW_TAIL], 1);
    assert_int_equal(r.only[SHADOW_THEIRS][SHADOW_HEAD], 1);
    assert_int_equal(r.both[SHADOW_HEAD] + r.neither[SHADOW_HEAD], 0);
    assert_true(r.overlap == 0.25);
    assert_true(r.side[SHADOW_OURS].fresh == 0.25 && r.side[SHADOW_OURS].unknown == 0.25);
    assert_true(r.side[SHADOW_THEIRS].filled == 0.75);
    assert_int_equal(r.side[SHADOW_THEIRS].distinct, 2);
    assert_true(fabs(r.recall.mean - 0.5) < 1e-12);
    struct buf b;
    struct json j;
    buf_init(&b, 1 << 16);
    json_init(&j, &b);
    shadow_write(&j, &r);
    buf_add_char(&b, '\0');
    assert_non_null(strstr(b.p, "\"ours_alone\":{\"new\":1,\"popular\":0,\"other\":1}"));
    buf_release(&b);
    shadow_free(s);
    o.to_ms = FROM;
    assert_fails(MQ_INVALID, shadow_new(&t, 10, &o, &s, &test_err));
    triples_release(&t);
}

/* Lists that hold what was chosen three times as often are found better; equal ones are not, but for 1 in 20. */
static void intervals(void **state)
{
    (void)state;
    enum { VIEWERS = 300, TITLES = 200 };
    const size_t rounds = test_rounds(20);
    size_t wrong = 0, missed = 0;
    for (size_t round = 0; round < rounds * 2; round++) {
        struct triples t = {.n = 0};
        struct shadow *s;
        struct shadow_report r;
        struct rng rng;
        double better = round % 2 ? 0.3 : 0.1;
        rng_seed_stream(&rng, test_seed(), round);
        for (uint32_t v = 0; v < VIEWERS; v++)
            like(&t, v, (uint32_t)rng_below(&rng, TITLES), 0);
        struct shadow_options o = {.k = 5, .seed = round, .from_ms = FROM, .to_ms = FROM + DAY};
        assert_ok(shadow_new(&t, VIEWERS, &o, &s, &test_err));
        for (uint32_t v = 0; v < VIEWERS; v++) {
            uint32_t list[2][5];
            for (unsigned side = 0; side < 2; side++) {
                for (uint32_t i = 0; i < 5; i++)
                    list[side][i] = TITLES + i;
                if (rng_double(&rng) < (side ? 0.1 : better))
                    list[side][rng_below(&rng, 5)] = t.title[v];
            }
            assert_ok(shadow_add(s, v, list[0], 5, list[1], 5, &test_err));
        }
        assert_ok(shadow_conclude(s, &r, &test_err));
        bool says = r.ndcg.low > 0 || r.ndcg.high < 0;
        wrong += round % 2 == 0 && says;
        missed += round % 2 == 1 && !says;
        shadow_free(s);
        triples_release(&t);
    }
    double n = (double)rounds;
    assert_true((double)wrong <= 0.05 * n + 2 * sqrt(0.05 * 0.95 * n));
    assert_true((double)missed <= 0.05 * n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms),
        cmocka_unit_test(refused),
        cmocka_unit_test(by_hand),
        cmocka_unit_test(intervals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
