/* test_titles.c - the catalogue's records, now and as they were. */
#include "store/sample.h"

static void describe(struct title *t, const char *id, const char *name,
                     const struct credit *credits, uint32_t n)
{
    title_init(t);
    t->id = str_of(id);
    t->name = str_of(name);
    t->kind = TITLE_FILM;
    t->credits = credits;
    t->n_credits = n;
    t->has_credits = true;
}

static struct credit credit(const char *person, const char *key)
{
    return (struct credit){
        .person = str_of(person), .person_key = str_of(key), .role = ROLE_ACTOR, .billing = 1};
}

static size_t put(struct store *s, struct title *t, size_t n)
{
    size_t changed = SIZE_MAX;
    assert_ok(store_put_titles(s, t, n, &changed, &test_err));
    return changed;
}

static const char *name_at(const struct store *s, uint64_t max_seq, struct arena *a)
{
    static char name[64];
    struct title t;
    int rc = store_get_title(s, (struct title_id){0}, max_seq, a, &t, &test_err);
    if (rc == MQ_NOT_FOUND)
        return "none";
    assert_int_equal(rc, 0);
    snprintf(name, sizeof(name), "%.*s", STR_ARG(t.name));
    return name;
}

static void a_record_comes_back_with_its_people(void **state)
{
    struct sample_folder *f = *state;
    struct store *s = sample_open(f->dir);
    struct credit credits[] = {credit("Ann Example", NULL), credit("Bo Sample", "p77"),
                               credit("Bo Sample", "p78")};
    struct title t;
    describe(&t, "film-1", "One", credits, 3);
    assert_int_equal(put(s, &t, 1), 1);
    assert_int_equal(t.title_id.v, 0);
    assert_int_equal(intern_count(store_names(s, NAME_PERSON)), 3);
    for (int round = 0; round < 2; round++) {
        struct arena a;
        struct title got;
        assert_int_equal(arena_init(&a, 4096, 1 << 20), 0);
        assert_ok(store_get_title(s, (struct title_id){0}, 0, &a, &got, &test_err));
        assert_str("film-1", got.id);
        assert_int_equal(got.n_credits, 3);
        assert_str("Ann Example", got.credits[0].person);
        assert_int_equal(got.credits[0].person_key.n, 0);
        assert_str("Bo Sample", got.credits[1].person);
        assert_str("p77", got.credits[1].person_key);
        assert_int_equal(got.credits[2].person_id.v, 2);
        assert_str("Bo Sample", got.credits[2].person);
        arena_release(&a);
        sample_check(s);
        store_close(s);
        s = sample_open(f->dir);
    }
    /* A corrected spelling. */
    credits[1] = credit("Bo A. Sample", "p77");
    assert_int_equal(put(s, &t, 1), 1);
    assert_int_equal(put(s, &t, 1), 0);
    struct arena a;
    struct title got;
    assert_int_equal(arena_init(&a, 4096, 1 << 20), 0);
    store_close(s);
    s = sample_open(f->dir);
    assert_ok(store_get_title(s, (struct title_id){0}, 0, &a, &got, &test_err));
    assert_str("Bo A. Sample", got.credits[1].person);
    assert_str("Bo Sample", got.credits[2].person);
    arena_release(&a);
    sample_check(s);
    store_close(s);
}

static int take_name(void *ctx, const struct title *t)
{
    snprintf(ctx, 64, "%u %.*s", t->title_id.v, STR_ARG(t->name));
    return 0;
}

static void as_of_finds_what_was_there(void **state)
{
    struct sample_folder *f = *state;
    struct store *s = sample_open(f->dir);
    struct arena a;
    struct title t;
    struct sample one;
    assert_int_equal(arena_init(&a, 4096, 1 << 20), 0);
    describe(&t, "t0", "before", NULL, 0);
    put(s, &t, 1);
    for (unsigned i = 0; i < 10; i++) {
        sample_play(&one, 1, 0, i, SAMPLE_DAY + i);
        sample_append(s, &one);
        if (i == 3) {
            describe(&t, "t0", "at four", NULL, 0);
            put(s, &t, 1);
            describe(&t, "t0", "at four, mended", NULL, 0);
            put(s, &t, 1);
        }
        if (i == 6)
            assert_ok(store_delete_title(s, (struct title_id){0}, &test_err));
        if (i == 8) {
            describe(&t, "t0", "back", NULL, 0);
            put(s, &t, 1);
        }
    }
    for (int round = 0; round < 2; round++) {
        assert_string_equal(name_at(s, 1, &a), "before");
        assert_string_equal(name_at(s, 3, &a), "before");
        assert_string_equal(name_at(s, 4, &a), "at four, mended");
        assert_string_equal(name_at(s, 6, &a), "at four, mended");
        assert_string_equal(name_at(s, 7, &a), "none");
        assert_string_equal(name_at(s, 9, &a), "back");
        assert_string_equal(name_at(s, 0, &a), "back");
        char last[64] = "";
        assert_ok(store_scan_titles(s, 5, take_name, last, &test_err));
        assert_string_equal(last, "0 at four, mended");
        last[0] = 0;
        assert_ok(store_scan_titles(s, 7, take_name, last, &test_err));
        assert_string_equal(last, "");
        sample_check(s);
        store_close(s);
        s = sample_open(f->dir);
    }
    assert_ok(store_delete_title(s, (struct title_id){0}, &test_err));
    assert_fails(MQ_NOT_FOUND, store_delete_title(s, (struct title_id){0}, &test_err));
    assert_fails(MQ_NOT_FOUND, store_delete_title(s, (struct title_id){9}, &test_err));
    arena_release(&a);
    store_close(s);
}

static void what_did_not_change_is_not_written(void **state)
{
    struct sample_folder *f = *state;
    struct store *s = sample_open(f->dir);
    struct credit credits[] = {credit("Ann Example", NULL), credit("Bo Sample", NULL)};
    struct title t[4];
    describe(&t[0], "a", "A", credits, 2);
    describe(&t[1], "b", "B", credits, 1);
    describe(&t[2], "a", "A", credits, 2);
    describe(&t[3], "b", "B two", NULL, 0);
    assert_int_equal(put(s, t, 4), 3);
    struct store_stats stats;
    assert_ok(store_stats(s, &stats, &test_err));
    assert_int_equal(stats.described_titles, 2);
    assert_int_equal(stats.credits, 2);
    assert_int_equal(stats.people, 2);
    assert_int_equal(stats.titles, 2);
    assert_int_equal(put(s, t, 1), 0);
    assert_int_equal(put(s, &t[3], 1), 0);
    assert_int_equal(put(s, t, 0), 0);
    assert_ok(store_delete_title(s, t[0].title_id, &test_err));
    assert_ok(store_stats(s, &stats, &test_err));
    assert_int_equal(stats.described_titles, 1);
    assert_int_equal(stats.credits, 0);
    assert_int_equal(put(s, t, 1), 1);
    sample_check(s);
    store_close(s);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, sample_setup, sample_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_record_comes_back_with_its_people),
        CASE(as_of_finds_what_was_there),
        CASE(what_did_not_change_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
