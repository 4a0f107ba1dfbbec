/* test_erase.c - a viewer leaves: no row and no byte stays. */
#include <ftw.h>
#include <unistd.h>

#include "base/file.h"
#include "store/sample.h"

enum { PLAYS = 400 };
#define NEEDLE "zq-viewer-to-be-forgotten"

static void play(struct store *s, const char *viewer, unsigned number)
{
    struct sample one;
    sample_play(&one, 1, number % 20, number, SAMPLE_DAY + 1000 * (int64_t)number);
    one.e.viewer = str_of(viewer);
    one.e.session = STR("s");
    assert_int_equal(sample_append(s, &one), APPEND_ADDED);
}

static void put_values(struct store *s, uint32_t viewer)
{
    char key[5] = {(char)(viewer >> 24), (char)(viewer >> 16), (char)(viewer >> 8), (char)viewer,
                   's'};
    assert_ok(store_put_value(s, STORE_VIEWERS, (struct str){key, 5}, STR(NEEDLE), &test_err));
    assert_ok(store_put_value(s, STORE_PROFILES, (struct str){key, 4}, STR("profile"), &test_err));
}

static struct str wanted;
static size_t found;

static int search(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)where;
    if (type != FTW_F || st->st_size == 0)
        return 0;
    struct file_map m;
    assert_ok(file_map_open(path, &m, &test_err));
    found += memmem(m.p, m.n, wanted.p, wanted.n) != NULL;
    file_map_close(&m);
    return 0;
}

static size_t files_with(struct str text, const char *dir)
{
    wanted = text;
    found = 0;
    assert_int_equal(nftw(dir, search, 8, FTW_PHYS), 0);
    return found;
}

static void nothing_is_left(void **state)
{
    struct sample_folder *f = *state;
    struct store *s = sample_open(f->dir);
    for (unsigned i = 0; i < PLAYS; i++)
        play(s, i % 4 == 1 ? NEEDLE : i % 4 == 2 ? "stays-a" : "stays-b", i);
    put_values(s, 0);
    put_values(s, 1);
    put_values(s, 2);
    assert_str(NEEDLE, intern_name(store_names(s, NAME_VIEWER), 1));
    assert_true(files_with(STR(NEEDLE), f->dir) > 0);
    /* The values of those who stay hold other bytes. */
    assert_ok(store_put_value(s, STORE_VIEWERS, STR("\0\0\0\0s"), STR("x"), &test_err));
    assert_ok(store_put_value(s, STORE_VIEWERS, STR("\0\0\0\2s"), STR("x"), &test_err));

    struct store_receipt receipt;
    assert_ok(store_erase(s, (struct viewer_id){1}, SAMPLE_DAY, &receipt, &test_err));
    assert_int_equal(receipt.events, PLAYS / 4);
    assert_int_equal(receipt.seen, PLAYS / 4);
    assert_int_equal(receipt.values, 2);
    assert_int_equal(receipt.rows_left, 0);
    assert_int_equal(receipt.files_with_name, 0);
    assert_int_equal(receipt.at_ms, SAMPLE_DAY);
    assert_true(receipt.rows_scanned > 2 * (PLAYS - PLAYS / 4));
    assert_true(receipt.files_scanned > 3 && receipt.bytes_scanned > 1000);
    assert_int_equal(files_with(STR(NEEDLE), f->dir), 0);

    assert_int_equal(intern_find(store_names(s, NAME_VIEWER), STR(NEEDLE)), INTERN_NONE);
    assert_int_equal(sample_events(s), PLAYS - PLAYS / 4);
    sample_check(s);
    struct buf b;
    buf_init(&b, 100);
    assert_fails(MQ_NOT_FOUND, store_get_value(s, STORE_VIEWERS, STR("\0\0\0\1s"), &b, &test_err));
    assert_ok(store_get_value(s, STORE_VIEWERS, STR("\0\0\0\2s"), &b, &test_err));
    buf_release(&b);
    struct store_stats stats;
    assert_ok(store_stats(s, &stats, &test_err));
    assert_int_equal(stats.viewers, 2);
    assert_int_equal(stats.events, PLAYS - PLAYS / 4);
    /* Asked again: nothing to do. */
    assert_ok(store_erase(s, (struct viewer_id){1}, SAMPLE_DAY, &receipt, &test_err));
    assert_int_equal(receipt.events, 0);
    assert_fails(MQ_NOT_FOUND,
                 store_erase(s, (struct viewer_id){99}, SAMPLE_DAY, &receipt, &test_err));
    store_close(s);
}

static void the_id_is_never_given_again(void **state)
{
    struct sample_folder *f = *state;
    struct store *s = sample_open(f->dir);
    struct store_receipt receipt;
    play(s, "first", 1);
    play(s, NEEDLE, 2);
    assert_ok(store_erase(s, (struct viewer_id){1}, SAMPLE_DAY, &receipt, &test_err));
    /* After a reopening too, though the last id has no row. */
    store_close(s);
    s = sample_open(f->dir);
    assert_int_equal(intern_count(store_names(s, NAME_VIEWER)), 2);
    play(s, NEEDLE, 2);
    assert_int_equal(intern_find(store_names(s, NAME_VIEWER), STR(NEEDLE)), 2);
    struct store_stats stats;
    assert_ok(store_stats(s, &stats, &test_err));
    assert_int_equal(stats.viewers, 2);
    sample_check(s);
    store_close(s);
}

static void times_follow(void **state)
{
    struct sample_folder *f = *state;
    struct store *s = sample_open(f->dir);
    struct store_receipt receipt;
    struct store_stats stats;
    play(s, "early and late", 1);
    play(s, "between", 2);
    play(s, "between", 3);
    play(s, "early and late", 4);
    assert_ok(store_erase(s, (struct viewer_id){0}, SAMPLE_DAY, &receipt, &test_err));
    assert_ok(store_stats(s, &stats, &test_err));
    assert_int_equal(stats.first_ms, SAMPLE_DAY + 2000);
    assert_int_equal(stats.last_ms, SAMPLE_DAY + 3000);
    assert_ok(store_erase(s, (struct viewer_id){1}, SAMPLE_DAY, &receipt, &test_err));
    assert_ok(store_stats(s, &stats, &test_err));
    assert_int_equal(stats.first_ms, 0);
    assert_int_equal(stats.last_ms, 0);
    assert_int_equal(stats.events, 0);
    sample_check(s);
    store_close(s);
}

/* A one-letter id stands in every file by chance; its row is looked for instead. */
static void short_ids(void **state)
{
    struct sample_folder *f = *state;
    struct store *s = sample_open(f->dir);
    struct store_receipt receipt;
    play(s, "e", 1);
    play(s, "f", 2);
    /* version, kind, dense id, length, name: in the log, and in a table after a compaction */
    const struct str frame = STR("\1\0\0\0\0\0\1e");
    assert_true(files_with(frame, f->dir) > 0);
    assert_ok(store_compact(s, &test_err));
    assert_true(files_with(frame, f->dir) > 0);
    assert_ok(store_erase(s, (struct viewer_id){0}, SAMPLE_DAY, &receipt, &test_err));
    assert_int_equal(receipt.events, 1);
    assert_int_equal(receipt.files_with_name, 0);
    assert_int_equal(files_with(frame, f->dir), 0);
    sample_check(s);
    store_close(s);
}

/* Ids of others that hold this one, and figures in RocksDB's own logs, are not what is left of it. */
static void what_looks_alike_is_none_of_it(void **state)
{
    static const char *const ids[][3] = {{"viewer-17", "viewer-170", "my-viewer-17"},
                                         {"v-17", "v-170", "dev-171"},
                                         {"2026", "20261", "12026"}};
    for (size_t k = 0; k < sizeof(ids) / sizeof(ids[0]); k++) {
        struct sample_folder *f = *state;
        char dir[540];
        struct store_receipt receipt;
        snprintf(dir, sizeof(dir), "%s/%zu/", f->dir, k);
        struct store *s = sample_open(dir);
        for (unsigned i = 0; i < 3; i++)
            play(s, ids[k][i], i);
        if (k == 0) { /* and a person's key and name */
            struct credit c = {.person = STR("The viewer-17 himself"),
                               .person_key = STR("p-1"),
                               .role = ROLE_ACTOR,
                               .billing = 1};
            struct title t;
            title_init(&t);
            t.id = STR("t1");
            t.name = STR("A film");
            t.credits = &c;
            t.n_credits = 1;
            t.has_credits = true;
            assert_ok(store_put_titles(s, &t, 1, NULL, &test_err));
        }
        assert_ok(store_erase(s, (struct viewer_id){0}, SAMPLE_DAY, &receipt, &test_err));
        assert_int_equal(receipt.events, 1);
        assert_true(files_with(str_of(ids[k][0]), dir) > 0);
        assert_int_equal(receipt.files_with_name, 0);
        sample_check(s);
        store_close(s);
    }
}

/* Files are read piece by piece: wherever its id lies in one it is found, and wherever another's row lies it is passed over. */
static void pieces_hide_nothing(void **state)
{
    enum { FILES = 3 };
    static const char row[] = "\1\0\0\0\0\1\35" NEEDLE "-too";
    static const size_t piece = (size_t)1 << 20;
    assert_int_equal(strlen(NEEDLE "-too"), 29);
    for (int left = 0; left < 2; left++) {
        struct sample_folder *f = *state;
        char dir[540], path[560];
        struct store_receipt receipt;
        snprintf(dir, sizeof(dir), "%s/%d/", f->dir, left);
        struct store *s = sample_open(dir);
        play(s, NEEDLE, 1);
        play(s, NEEDLE "-too", 2);
        for (size_t k = 0; k < FILES; k++) {
            struct buf text;
            buf_init(&text, 4 * piece);
            for (size_t i = 0; i < piece - 24 * k - 12 * (size_t)left; i++)
                buf_add_char(&text, '.');
            if (left)
                buf_add_z(&text, NEEDLE);
            else
                buf_add(&text, row, sizeof(row) - 1);
            for (size_t i = 0; i < piece; i++)
                buf_add_char(&text, '.');
            snprintf(path, sizeof(path), "%sleft-over-%zu", dir, k);
            assert_ok(file_write(path, buf_str(&text), 0600, &test_err));
            buf_release(&text);
        }
        assert_ok(store_erase(s, (struct viewer_id){0}, SAMPLE_DAY, &receipt, &test_err));
        assert_int_equal(receipt.files_with_name, left ? FILES : 0);
        store_close(s);
    }
}

/* The search must be able to find: another's value that holds the id is told. */
static void what_others_hold_is_told(void **state)
{
    struct sample_folder *f = *state;
    struct store *s = sample_open(f->dir);
    struct store_receipt receipt;
    play(s, NEEDLE, 1);
    assert_ok(store_put_value(s, STORE_META, STR("note"), STR("about " NEEDLE), &test_err));
    assert_ok(store_erase(s, (struct viewer_id){0}, SAMPLE_DAY, &receipt, &test_err));
    assert_int_equal(receipt.rows_left, 0);
    assert_true(receipt.files_with_name > 0);
    store_close(s);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, sample_setup, sample_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(nothing_is_left),
        CASE(the_id_is_never_given_again),
        CASE(times_follow),
        CASE(short_ids),
        CASE(what_others_hold_is_told),
        CASE(what_looks_alike_is_none_of_it),
        CASE(pieces_hide_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
