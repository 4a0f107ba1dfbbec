/* Letters nobody could deliver: what is kept of them, how much, and what an erasure leaves. */
#include <stdio.h>

#include "base/buf.h"
#include "base/file.h"
#include "engine/dead_letters.h"
#include "support/check.h"

static struct dead_letters *letters;
static char dir[512], path[600], before[600];

static int setup(void **state)
{
    (void)state;
    snprintf(dir, sizeof(dir), "%s", test_dir());
    snprintf(path, sizeof(path), "%s/dead-letters.ndjson", dir);
    snprintf(before, sizeof(before), "%s/dead-letters.1.ndjson", dir);
    return dead_letters_new(dir, &letters, &test_err);
}

static int teardown(void **state)
{
    (void)state;
    dead_letters_free(letters);
    test_dir_remove(dir);
    return 0;
}

static void add(const char *raw)
{
    (void)dead_letters_add(letters, 1000, STR("test"), STR("why: not: so"), str_of(raw));
}

/* How many lines are in both files, and does one hold `text`? */
static size_t lines_with(const char *text)
{
    size_t n = 0;
    const char *const files[] = {path, before};
    for (int f = 0; f < 2; f++) {
        struct buf b;
        buf_init(&b, 64 << 20);
        if (file_exists(files[f]))
            assert_ok(file_read(files[f], &b, &test_err));
        struct str rest = buf_str(&b);
        while (rest.n > 0) {
            struct str line = str_cut(&rest, '\n');
            n += line.n > 0 && memmem(line.p, line.n, text, strlen(text)) != NULL;
        }
        buf_release(&b);
    }
    return n;
}

static void a_letter_says_who_why_and_what(void **state)
{
    (void)state;
    assert_true(dead_letters_add(letters, 1772400000000, STR("segment"), STR("userId: missing"),
                                 STR("{\"event\":\"x\"}")));
    assert_false(dead_letters_add(letters, 0, STR("s"), STR("r"), STR("x")));
    assert_int_equal(lines_with(""), 0);
    dead_letters_flush(letters);
    assert_int_equal(
        lines_with("{\"at\":\"2026-03-01T21:20:00Z\",\"source\":\"segment\",\"reason\":"
                   "\"userId: missing\",\"raw\":\"{\\\"event\\\":\\\"x\\\"}\"}"),
        1);
}

static void there_is_an_end(void **state)
{
    (void)state;
    static char raw[8000];
    memset(raw, 'x', sizeof(raw) - 1);
    for (size_t i = 0; i < sizeof(raw) - 1; i += 50)
        raw[i] = ' ';
    for (int i = 0; i < 12000; i++) {
        add(raw);
        if (i % 100 == 0)
            dead_letters_flush(letters);
    }
    dead_letters_flush(letters);
    struct buf b;
    buf_init(&b, 64 << 20);
    assert_ok(file_read(path, &b, &test_err));
    assert_in_range(b.n, 1, DEAD_FILE_MAX);
    assert_true(file_exists(before));
    buf_reset(&b);
    assert_ok(file_read(before, &b, &test_err));
    assert_in_range(b.n, 1, DEAD_FILE_MAX);
    buf_release(&b);
    assert_int_equal(lines_with("xxxx  "), 0);
}

static void an_erasure_takes_every_line_of_the_viewer(void **state)
{
    (void)state;
    uint64_t removed = 0;
    add("{\"userId\":\"ann-7\",\"event\":\"x\"}");
    add("{\"userId\":\"\\u0061nn-7\"}");
    add("{\"userId\":\"ann-77\"}");
    add("{\"userId\":\"joann-7\"}");
    add("{\"userId\":\"bob\",\"previousId\":\"tv-1\"}");
    add("ann-7");
    add("{\"userId\":\"Zo\\u00eb\"}");
    const struct str ids[] = {STR("ann-7"), STR("tv-1"), STR("Zo\xc3\xab")};
    assert_ok(dead_letters_erase(letters, ids, 3, &removed, &test_err));
    assert_int_equal(removed, 5);
    assert_int_equal(lines_with(""), 2);
    assert_int_equal(lines_with("ann-77"), 1);
    assert_int_equal(lines_with("joann-7"), 1);
    add("later");
    dead_letters_flush(letters);
    assert_int_equal(lines_with(""), 3);
}

static void the_last_lines_are_read(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 20);
    assert_ok(dead_letters_read(letters, 1000, &b, &test_err));
    assert_int_equal(b.n, 0);
    add("first");
    dead_letters_flush(letters);
    add("second"); /* waits */
    assert_ok(dead_letters_read(letters, 1 << 20, &b, &test_err));
    size_t whole = b.n;
    assert_non_null(memmem(b.p, b.n, "first", 5));
    assert_int_equal(b.p[b.n - 1], '\n');
    /* A line that does not fit is left out whole, whatever is asked for. */
    for (size_t max = 0; max < whole; max++) {
        buf_reset(&b);
        assert_ok(dead_letters_read(letters, max, &b, &test_err));
        assert_true(b.n <= max && b.n < whole);
        assert_true(b.n == 0 || (b.p[0] == '{' && memmem(b.p, b.n, "second", 6)));
        assert_null(memmem(b.p, b.n, "first", 5));
    }
    buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_letter_says_who_why_and_what, setup, teardown),
        cmocka_unit_test_setup_teardown(the_last_lines_are_read, setup, teardown),
        cmocka_unit_test_setup_teardown(there_is_an_end, setup, teardown),
        cmocka_unit_test_setup_teardown(an_erasure_takes_every_line_of_the_viewer, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
