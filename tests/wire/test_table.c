/* Tables: separators, quotes, headers, encodings, line ends, limits; and pulled in small pieces the same. */
#include "base/buf.h"
#include "base/rng.h"
#include "support/check.h"
#include "wire/table.h"

/* Reads a whole table into "a|b|c" lines: fields in <>, a bad record as "!LINE". */
static void dump(struct table *t, struct buf *out)
{
    struct table_row row;
    int rc;
    while ((rc = table_next(t, &row, &test_err)) != 0) {
        if (rc < 0 && rc != MQ_INVALID)
            fail_msg("%s", test_err.text);
        if (rc == MQ_INVALID)
            buf_printf(out, "!%llu", (unsigned long long)row.line);
        else
            buf_printf(out, "%llu", (unsigned long long)row.line);
        for (size_t i = 0; i < row.n; i++) {
            buf_add_char(out, '<');
            buf_add_str(out, row.field[i]);
            buf_add_char(out, '>');
        }
        buf_add_char(out, '\n');
    }
    buf_add_char(out, '\0');
}

struct pieces {
    struct str left;
    size_t piece;
};

static int64_t read_piece(void *ctx, char *into, size_t n, struct mq_error *err)
{
    struct pieces *p = ctx;
    (void)err;
    size_t take = p->piece < n ? p->piece : n;
    take = take < p->left.n ? take : p->left.n;
    if (take > 0)
        memcpy(into, p->left.p, take);
    p->left = (struct str){p->left.p + take, p->left.n - take};
    return (int64_t)take;
}

static void expect_with(struct str bytes, const struct table_options *o, const char *expected)
{
    struct buf out;
    struct table *t;
    buf_init(&out, 16 << 20);
    assert_ok(table_over(&t, "t.csv", bytes, o, &test_err));
    dump(t, &out);
    assert_string_equal(out.p, expected);
    table_free(t);
    static const size_t sizes[] = {1, 3, 1000};
    for (size_t i = 0; i < 3; i++) {
        struct pieces p = {bytes, sizes[i]};
        buf_reset(&out);
        assert_ok(table_pull(&t, "t.csv", read_piece, &p, o, &test_err));
        dump(t, &out);
        assert_string_equal(out.p, expected);
        table_free(t);
    }
    buf_release(&out);
}

static void expect(const char *bytes, const char *expected)
{
    expect_with(str_of(bytes), NULL, expected);
}

static const char *separator_of(const char *bytes)
{
    static char found[4];
    struct table *t;
    assert_ok(table_over(&t, "t", str_of(bytes), NULL, &test_err));
    snprintf(found, sizeof found, "%s", table_separator(t));
    table_free(t);
    return found;
}

static void separators(void **state)
{
    (void)state;
    expect("1::2::3\n4::5::6\n", "1<1><2><3>\n2<4><5><6>\n");
    expect("1\t2\n4\t5\n", "1<1><2>\n2<4><5>\n");
    expect("1,2\n4,5", "1<1><2>\n2<4><5>\n");
    expect("1;2\n4;5", "1<1><2>\n2<4><5>\n");
    expect("1|2\n4|5", "1<1><2>\n2<4><5>\n");
    assert_string_equal(separator_of("1,Night Bus,Drama|War\n2,Bus,Action|War\n"), ",");
    assert_string_equal(separator_of("1|Bus, The (1995)|01-Jan-1995\n2|A, B, C|x\n"), "|");
    assert_string_equal(separator_of("1::Bus: Two, One (1995)::Drama|War\n2::x::y\n"), "::");
    assert_string_equal(separator_of("a\tb, c\n1\t\"x\n"), "\t");
    assert_string_equal(separator_of("id,tags\n1,a|b|c|d\n2,\n"), ",");
    assert_string_equal(separator_of("id;value\n1;4,5\n2;3,5\n"), ";");
    assert_string_equal(separator_of("alone\n"), ",");
    expect_with(STR("a b\nc d\n"), &(struct table_options){.separator = " "}, "1<a><b>\n2<c><d>\n");
    expect_with(STR("1,2|3\n"), &(struct table_options){.separator = "|"}, "1<1,2><3>\n");
    struct table *t;
    assert_fails(MQ_INVALID, table_over(&t, "t", STR("a,b\n"),
                                        &(struct table_options){.separator = "ab"}, &test_err));
    assert_fails(MQ_INVALID, table_over(&t, "t", STR("a,b\n"),
                                        &(struct table_options){.separator = ""}, &test_err));
}

static void quotes(void **state)
{
    (void)state;
    expect("1,\"a,b\",2\n3,\"c \"\"d\"\"\",\"\"\n", "1<1><a,b><2>\n2<3><c \"d\"><>\n");
    expect("1,\"two\nlines\"\r\n3,b\r\n", "1<1><two\nlines>\n3<3><b>\n");
    expect("1,\"\"\"\"\n2,\"\"\n", "1<1><\">\n2<2><>\n");
    expect("1,a\"b\n2,c\n", "1<1><a\"b>\n2<2><c>\n");
    expect("1,\"a\"\r\n2,\"b\"", "1<1><a>\n2<2><b>\n");
    expect("1\t\"a\n2\t\"b\" c\n", "1<1><\"a>\n2<2><\"b\" c>\n");
    expect_with(STR("1\t\"a\tb\"\n"),
                &(struct table_options){.separator = "\t", .quotes = TABLE_YES}, "1<1><a\tb>\n");
    expect_with(STR("1,\"a\n2,b\"\n"),
                &(struct table_options){.separator = ",", .quotes = TABLE_NO},
                "1<1><\"a>\n2<2><b\">\n");
}

static void broken_quotes(void **state)
{
    (void)state;
    expect("1,2\n3,\"open\n5,6\n7,8\n", "1<1><2>\n!2\n3<5><6>\n4<7><8>\n");
    expect("1,2\n3,\"open\n5,\"six\"\n7,8\n", "1<1><2>\n!2\n3<5><six>\n4<7><8>\n");
    expect("1,2\n3,\"a\"b\n5,6\n", "1<1><2>\n!2\n3<5><6>\n");
    expect("1,2\n3,\"open", "1<1><2>\n!2\n");
    expect("1,2\n3,4\n5,\"a\"\r6\n7,8\n", "1<1><2>\n2<3><4>\n!3\n4<7><8>\n");
}

/* A quote that never closes, in a large file: reported at its line, reading goes on at the next one. */
static void open_quote_swallows_nothing(void **state)
{
    (void)state;
    enum { LINES = 300000 };
    struct buf b;
    buf_init(&b, 64 << 20);
    buf_add_z(&b, "1,2\n3,\"open\n");
    for (int i = 0; i < LINES; i++)
        buf_add_z(&b, "5,six\n");
    for (size_t piece = 0; piece < 2; piece++) {
        struct pieces p = {buf_str(&b), 100000};
        struct table *t;
        struct table_row row;
        int rc, good = 0, bad = 0;
        if (piece)
            assert_ok(table_pull(&t, "t", read_piece, &p, NULL, &test_err));
        else
            assert_ok(table_over(&t, "t", buf_str(&b), NULL, &test_err));
        while ((rc = table_next(t, &row, &test_err)) != 0) {
            good += rc == 1;
            if (rc < 0) {
                bad++;
                assert_int_equal(rc, MQ_INVALID);
                assert_int_equal(row.line, 2);
                assert_str("3,\"open", row.raw);
            }
        }
        assert_int_equal(good, LINES + 1);
        assert_int_equal(bad, 1);
        assert_int_equal(table_position(t), b.n);
        table_free(t);
    }
    buf_release(&b);
}

static void long_and_wide_records(void **state)
{
    (void)state;
    struct buf b, out;
    buf_init(&b, 64 << 20);
    buf_init(&out, 1 << 20);
    buf_add_z(&b, "1,2\n");
    for (int i = 0; i < 3 * TABLE_RECORD_MAX; i++)
        buf_add_char(&b, 'x');
    buf_add_z(&b, "\n3,4\n");
    for (int i = 0; i < TABLE_FIELDS_MAX; i++)
        buf_add_z(&b, "1,");
    buf_add_z(&b, "1\n5,\"6\"\n");
    for (int i = 0; i < TABLE_FIELDS_MAX; i++)
        buf_add_z(&b, "\"1\",");
    buf_add_z(&b, "1\n7,8");
    expect_with(buf_str(&b), NULL, "1<1><2>\n!2\n3<3><4>\n!4\n5<5><6>\n!6\n7<7><8>\n");
    buf_release(&b);
    buf_release(&out);
}

static void line_ends_and_blanks(void **state)
{
    (void)state;
    expect("1,2\r\n\r\n\n3,4\r\n", "1<1><2>\n4<3><4>\n");
    expect("\n\r\n1,2\n", "3<1><2>\n");
    expect("1,\r\n,2\n", "1<1><>\n2<><2>\n");
    expect("1,2", "1<1><2>\n");
    expect("1,2\r", "1<1><2>\n");
    expect("1,\n", "1<1><>\n");
}

static size_t header_width(const char *bytes)
{
    struct table *t;
    assert_ok(table_over(&t, "t", str_of(bytes), NULL, &test_err));
    size_t n = table_header(t).n;
    table_free(t);
    return n;
}

static void headers(void **state)
{
    (void)state;
    assert_int_equal(header_width("userId,movieId,rating\n1,2,3\n"), 3);
    assert_int_equal(header_width("USER_ID\tITEM_ID\n"), 2);
    assert_int_equal(header_width("who,what,how\nann,7,4\nbob,8,3\n"), 3);
    assert_int_equal(header_width("1,2,3\n4,5,6\n"), 0);
    assert_int_equal(header_width("ann,heat,5\nbob,heat,4\n"), 0);
    assert_int_equal(header_width("ann,heat\nbob,jaws\n"), 0);
    assert_int_equal(header_width("t1,director,,Jo Doe\nt1,actor,,Al Roe\n"), 0);
    assert_int_equal(header_width(",action,title\n0,1,2\n"), 3);
    assert_int_equal(header_width("\xef\xbb\xbf\"title id\",\"role\"\nt1,actor\n"), 2);
    expect("user,item\nann,heat\n", "2<ann><heat>\n");
    expect_with(STR("a,b\nc,d\n"), &(struct table_options){.header = TABLE_YES}, "2<c><d>\n");
    expect_with(STR("user,item\n"), &(struct table_options){.header = TABLE_NO}, "1<user><item>\n");
    expect("user,item\n", "");
    struct table *t;
    assert_ok(table_over(&t, "t", STR("User ID, Movie-Id ,x\n1,2,3\n"), NULL, &test_err));
    assert_int_equal(table_column(t, "userId"), 0);
    assert_int_equal(table_column(t, "movie_id"), 1);
    assert_int_equal(table_column(t, "movie"), -1);
    assert_int_equal(table_column_of(t, (const char *const[]){"item", "movieid", "x", NULL}), 1);
    table_free(t);
}

static void encodings(void **state)
{
    (void)state;
    expect("\xef\xbb\xbf"
           "1,\xc3\xa9t\xc3\xa9\n",
           "1<1><\xc3\xa9t\xc3\xa9>\n");
    expect("1|\xe9t\xe9\n2|plain\n3|\xfc\n",
           "1<1><\xc3\xa9t\xc3\xa9>\n2<2><plain>\n3<3><\xc3\xbc>\n");
    expect("1,\"caf\xe9 \"\"x\"\"\"\n", "1<1><caf\xc3\xa9 \"x\">\n");
    /* One broken byte in a UTF-8 file: that row is bad. */
    expect("1,\xc3\xa9\n2,\xc3\xa9\n3,\xff\n4,\xc3\xa9\n",
           "1<1><\xc3\xa9>\n2<2><\xc3\xa9>\n!3\n4<4><\xc3\xa9>\n");
    expect_with(STR("1,\xc3\xa9\n"), &(struct table_options){.latin1 = TABLE_YES},
                "1<1><\xc3\x83\xc2\xa9>\n");
    expect_with(STR("1,\xe9\n2,3\n"), &(struct table_options){.latin1 = TABLE_NO}, "!1\n2<2><3>\n");
    struct table *t;
    assert_fails(MQ_INVALID, table_over(&t, "t",
                                        STR("\xff\xfe"
                                            "1\0,\0"),
                                        NULL, &test_err));
    assert_non_null(strstr(test_err.text, "UTF-16"));
}

static void nothing_to_read(void **state)
{
    (void)state;
    struct table *t;
    assert_fails(MQ_INVALID, table_over(&t, "t", STR_NONE, NULL, &test_err));
    assert_non_null(strstr(test_err.text, "empty"));
    assert_fails(MQ_INVALID, table_over(&t, "t", STR("\r\n\n"), NULL, &test_err));
    assert_fails(MQ_INVALID, table_over(&t, "t", STR("\xef\xbb\xbf"), NULL, &test_err));
    struct pieces p = {STR_NONE, 1};
    assert_fails(MQ_INVALID, table_pull(&t, "t", read_piece, &p, NULL, &test_err));
}

static int64_t fail_later(void *ctx, char *into, size_t n, struct mq_error *err)
{
    int *calls = ctx;
    if ((*calls)++ < 40) {
        memset(into, 'x', n < 9999 ? n : 9999);
        into[9] = '\n';
        return (int64_t)(n < 9999 ? n : 9999);
    }
    return mq_fail(err, MQ_IO, "the disk went away");
}

static void a_failing_source_ends_it(void **state)
{
    (void)state;
    struct table *t;
    struct table_row row;
    int calls = 0, rc;
    assert_ok(table_pull(&t, "t", fail_later, &calls, NULL, &test_err));
    do
        rc = table_next(t, &row, &test_err);
    while (rc == 1);
    assert_int_equal(rc, MQ_IO);
    assert_int_equal(table_next(t, &row, &test_err), 0);
    table_free(t);
}

/* Whatever fields are, written with quotes they come back. */
static void random_tables_come_back(void **state)
{
    (void)state;
    static const char alphabet[] = "ab1,;|\t:\"\r\n \xc3\xa9";
    struct rng rng;
    rng_seed(&rng, test_seed());
    struct buf bytes, expected;
    buf_init(&bytes, 1 << 20);
    buf_init(&expected, 1 << 20);
    for (size_t round = 0; round < test_rounds(300); round++) {
        buf_reset(&bytes);
        buf_reset(&expected);
        size_t columns = 2 + rng_below(&rng, 5), rows = 1 + rng_below(&rng, 20), line = 1;
        for (size_t r = 0; r < rows; r++) {
            buf_printf(&expected, "%zu", line);
            for (size_t c = 0; c < columns; c++) {
                if (c > 0)
                    buf_add_char(&bytes, ',');
                buf_add_char(&bytes, '"');
                buf_add_char(&expected, '<');
                for (size_t n = rng_below(&rng, 12); n > 0; n--) {
                    size_t at = rng_below(&rng, sizeof alphabet - 2);
                    size_t width = at == sizeof alphabet - 3 ? 2 : 1;
                    for (size_t k = 0; k < width; k++) {
                        buf_add_char(&bytes, alphabet[at + k]);
                        buf_add_char(&expected, alphabet[at + k]);
                    }
                    if (alphabet[at] == '"')
                        buf_add_char(&bytes, '"');
                    line += alphabet[at] == '\n';
                }
                buf_add_char(&bytes, '"');
                buf_add_char(&expected, '>');
            }
            buf_add_z(&bytes, rng_below(&rng, 2) ? "\r\n" : "\n");
            buf_add_char(&expected, '\n');
            line++;
        }
        buf_add_char(&expected, '\0');
        expect_with(buf_str(&bytes), &(struct table_options){.separator = ",", .header = TABLE_NO},
                    expected.p);
    }
    buf_release(&bytes);
    buf_release(&expected);
}

/* Any bytes: a range and a pull agree, lines never go back, and it ends. */
static void any_bytes_end(void **state)
{
    (void)state;
    static const char alphabet[] = "1a,,\"\"\n\r|:\t;\xc3\xa9\xff";
    struct rng rng;
    rng_seed(&rng, test_seed() + 1);
    char bytes[200];
    for (size_t round = 0; round < test_rounds(2000); round++) {
        size_t n = 1 + rng_below(&rng, sizeof bytes);
        for (size_t i = 0; i < n; i++)
            bytes[i] = alphabet[rng_below(&rng, sizeof alphabet - 1)];
        struct table *t;
        struct table_row row;
        if (table_over(&t, "t", (struct str){bytes, n}, NULL, &test_err) != 0)
            continue;
        uint64_t line = 0;
        size_t rows = 0;
        int rc;
        while ((rc = table_next(t, &row, &test_err)) != 0) {
            assert_true(row.line > line);
            assert_true(++rows <= n);
            line = row.line;
            for (size_t i = 0; i < row.n; i++)
                assert_true(str_is_utf8(row.field[i]));
        }
        table_free(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(separators),
        cmocka_unit_test(quotes),
        cmocka_unit_test(broken_quotes),
        cmocka_unit_test(open_quote_swallows_nothing),
        cmocka_unit_test(long_and_wide_records),
        cmocka_unit_test(line_ends_and_blanks),
        cmocka_unit_test(headers),
        cmocka_unit_test(encodings),
        cmocka_unit_test(nothing_to_read),
        cmocka_unit_test(a_failing_source_ends_it),
        cmocka_unit_test(random_tables_come_back),
        cmocka_unit_test(any_bytes_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
