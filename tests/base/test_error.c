#include "support/check.h"

#include <errno.h>

static void table_answers_for_every_code(void **state)
{
    (void)state;
    static const int codes[] = {
#define CODE(code, number, kind, http, doc) code,
        MQ_STATUS_TABLE(CODE)
#undef CODE
    };
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        assert_true(strncmp(mq_status_name(codes[i]), "MQ_", 3) == 0);
        assert_true(mq_status_http(codes[i]) >= 400);
        assert_true(strlen(mq_status_doc(codes[i])) > 10);
        assert_int_not_equal(mq_status_kind(codes[i]), MQ_KIND_NONE);
    }
    assert_string_equal(mq_status_name(0), "MQ_OK");
    assert_int_equal(mq_status_http(0), 200);
    assert_string_equal(mq_status_name(-999), "MQ_BUG");
    assert_int_equal(mq_status_http(7), 500);
    assert_int_equal(mq_status_kind(MQ_BUSY), MQ_KIND_RETRY);
}

static void fail_fills_and_returns(void **state)
{
    (void)state;
    struct mq_error err;
    assert_int_equal(mq_fail(&err, MQ_TOO_LARGE, "name: %d: shorten it", 7), MQ_TOO_LARGE);
    assert_int_equal(err.status, MQ_TOO_LARGE);
    assert_int_equal(err.kind, MQ_KIND_INPUT);
    assert_string_equal(err.text, "name: 7: shorten it");
    assert_int_equal(mq_fail(NULL, MQ_IO, "nobody looks"), MQ_IO);
}

static void text_is_clean(void **state)
{
    (void)state;
    struct mq_error err;
    mq_fail(&err, MQ_INVALID,
            "a\nb\xff"
            "c\xc3\xa9\x7f");
    assert_string_equal(err.text, "a?b?c\xc3\xa9?");

    char longer[2000];
    memset(longer, 'x', sizeof(longer));
    for (size_t i = 0; i + 1 < sizeof(longer); i += 2)
        memcpy(longer + i, "\xc3\xa9", 2);
    longer[sizeof(longer) - 1] = 0;
    mq_fail(&err, MQ_INVALID, "%s", longer);
    assert_int_equal(strlen(err.text), 478); /* no half character at the end */
    assert_true(str_is_utf8(str_of(err.text)));
    mq_error_prefix(&err, "%s", longer);
    assert_true(strlen(err.text) < MQ_ERROR_TEXT && str_is_utf8(str_of(err.text)));
}

static void errno_chooses_the_code(void **state)
{
    (void)state;
    struct mq_error err;
    assert_int_equal(mq_fail_errno(&err, ENOSPC, "write: %s", "f"), MQ_FULL);
    assert_string_equal(err.text, "write: f: No space left on device");
    assert_int_equal(mq_fail_errno(&err, EDQUOT, "w"), MQ_FULL);
    assert_int_equal(mq_fail_errno(&err, ENOENT, "w"), MQ_NOT_FOUND);
    assert_int_equal(mq_fail_errno(&err, ENOMEM, "w"), MQ_NO_MEMORY);
    assert_int_equal(mq_fail_errno(&err, EACCES, "w"), MQ_IO);
    assert_int_equal(mq_fail_errno(&err, 99999, "w"), MQ_IO);
    assert_string_equal(err.text, "w: unknown system error");
}

static void prefix_goes_before(void **state)
{
    (void)state;
    struct mq_error err;
    mq_fail(&err, MQ_CORRUPT, "bad checksum");
    assert_int_equal(mq_error_prefix(&err, "file %d", 3), MQ_CORRUPT);
    assert_string_equal(err.text, "file 3: bad checksum");
    mq_fail(&err, MQ_INVALID, "again: %s", err.text);
    assert_string_equal(err.text, "again: file 3: bad checksum");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_answers_for_every_code),
        cmocka_unit_test(fail_fills_and_returns),
        cmocka_unit_test(text_is_clean),
        cmocka_unit_test(errno_chooses_the_code),
        cmocka_unit_test(prefix_goes_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
