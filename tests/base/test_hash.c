#include "support/check.h"

#include "base/hash.h"

/* Stored data hangs on these values: they must be the same on every machine and for ever. */
static void known_values(void **state)
{
    (void)state;
    assert_true(hash64("", 0, 0) == UINT64_C(0x2d06800538d394c2));
    struct hash128 h = hash128("", 0);
    assert_true(h.hi == UINT64_C(0x99aa06d3014798d8) && h.lo == UINT64_C(0x6001c324468d497f));
    assert_true(hash_str(STR("abc"), 0) == UINT64_C(0x78af5f94892f3950));
    assert_true(hash_str(STR("abc"), 0) != hash_str(STR("abc"), 1));
}

static void mix_tells_pairs_apart(void **state)
{
    (void)state;
    enum { SIDE = 64 };
    static uint64_t seen[SIDE * SIDE];
    for (uint64_t a = 0; a < SIDE; a++) {
        for (uint64_t b = 0; b < SIDE; b++) {
            uint64_t h = hash_mix(a, b);
            for (size_t i = 0; i < a * SIDE + b; i++)
                assert_true(seen[i] != h);
            seen[a * SIDE + b] = h;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_values),
        cmocka_unit_test(mix_tells_pairs_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
