/* check.h - what every test program includes: cmocka, temporary folders, seeded properties. */
#ifndef MQ_TEST_CHECK_H
#define MQ_TEST_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/str.h"

/* assert_ok(call(..., &err)): fails with the error's text. */
#define assert_ok(call)                                                                            \
    do {                                                                                           \
        struct mq_error *assert_err = &test_err;                                                   \
        int assert_rc = (call);                                                                    \
        if (assert_rc != 0)                                                                        \
            fail_msg("%s: %s: %s", #call, mq_status_name(assert_rc), assert_err->text);            \
    } while (0)

/* assert_fails(MQ_INVALID, call(..., &test_err)). */
#define assert_fails(status_, call) assert_int_equal((call), (status_))

#define assert_str(expected, actual)                                                               \
    do {                                                                                           \
        struct str assert_s = (actual);                                                            \
        if (!str_eq(str_of(expected), assert_s))                                                   \
            fail_msg("expected \"%s\", got \"%.*s\"", (expected), STR_ARG(assert_s));              \
    } while (0)

/* Pass &test_err to the calls under test. */
extern struct mq_error test_err;

/* A fresh empty folder under the system's temporary folder; test_dir_remove deletes it whole. The
 * returned path lives until the next call. */
const char *test_dir(void);
void test_dir_remove(const char *path);

/* $MARQUEE_SHARED_DATA/`relative`, or NULL after printing that the test is skipped for want of it. */
const char *test_data(const char *relative);

/* How many rounds a property gets: `usual`, or ten times as many with MARQUEE_SOAK=1. */
size_t test_rounds(size_t usual);
/* The seed of this run: $MARQUEE_SEED or a fixed one; printed when a property fails. */
uint64_t test_seed(void);

#endif
