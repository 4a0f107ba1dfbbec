/* Sets read as bits and packed again, against Roaring's own answers: small, large, run and absent containers. */
#include "audience/set_bits.h"

#include "base/rng.h"
#include "support/check.h"

enum { IDS = 400000 };

static roaring_bitmap_t *invent(struct rng *rng)
{
    roaring_bitmap_t *set = roaring_bitmap_create();
    for (uint32_t key = 0; key < IDS / 65536 + 1; key++) {
        uint32_t from = key * 65536;
        uint64_t kind = rng_below(rng, 4);
        uint64_t n = kind == 1   ? rng_below(rng, 4200)
                     : kind == 2 ? 4000 + rng_below(rng, 60000)
                                 : 0;
        for (uint64_t i = 0; i < n; i++)
            roaring_bitmap_add(set, from + (uint32_t)rng_below(rng, 65536));
        if (kind == 3)
            roaring_bitmap_add_range(set, from + rng_below(rng, 60000), from + 65536);
    }
    if (rng_below(rng, 2))
        roaring_bitmap_run_optimize(set);
    return set;
}

static void bits_are_the_set(void **state)
{
    size_t words = set_bits_words(IDS + 65536);
    struct set_reader *reader = calloc(1, sizeof(*reader));
    uint64_t *bits = calloc(words, sizeof(*bits));
    struct rng rng;
    (void)state;
    assert_non_null(reader);
    assert_non_null(bits);
    rng_seed(&rng, test_seed());
    for (uint64_t round = 0; round < test_rounds(60); round++) {
        roaring_bitmap_t *a = invent(&rng);
        roaring_bitmap_t *b = invent(&rng);
        memset(bits, 0, words * sizeof(*bits));
        assert_ok(set_bits_or(reader, a, bits, &test_err));
        assert_ok(set_bits_or(reader, NULL, bits, &test_err));
        assert_ok(set_bits_or(reader, b, bits, &test_err));
        roaring_bitmap_t *packed = set_bits_pack(bits, words);
        roaring_bitmap_t *expected = roaring_bitmap_or(a, b);
        assert_non_null(packed);
        if (!roaring_bitmap_equals(packed, expected))
            fail_msg("round %llu: not the union", (unsigned long long)round);
        roaring_bitmap_free(a);
        roaring_bitmap_free(b);
        roaring_bitmap_free(packed);
        roaring_bitmap_free(expected);
    }
    set_reader_release(reader);
    free(reader);
    free(bits);
}

static void nobody_is_no_bits(void **state)
{
    uint64_t bits[SET_CHUNK_WORDS] = {0};
    roaring_bitmap_t *set = set_bits_pack(bits, SET_CHUNK_WORDS);
    (void)state;
    assert_non_null(set);
    assert_true(roaring_bitmap_is_empty(set));
    roaring_bitmap_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(bits_are_the_set),
                                       cmocka_unit_test(nobody_is_no_bits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
