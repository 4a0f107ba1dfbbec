/* Sets kept viewer by viewer equal sets made at once, and forget whom they must. */
#include "audience/town.h"

static struct buf encoded(const struct viewer_sets *s)
{
    struct buf b;
    buf_init(&b, 64 << 20);
    viewer_sets_encode(s, &b);
    assert_false(b.failed);
    return b;
}

/* Equal parts, and each set is what the parts say. */
static void assert_sound(const struct viewer_sets *s)
{
    uint64_t members = 0;
    uint64_t bits = 0;
    for (uint32_t v = 0; v < s->n_viewers; v++) {
        for (uint32_t i = 0; s->viewers[v] && i < s->viewers[v]->n; i++) {
            const struct set_entry *e = &s->viewers[v]->entries[i];
            for (int k = 0; k < AUDIENCE_SIGNALS; k++) {
                if (!(e->signals >> k & 1))
                    continue;
                bits++;
                const roaring_bitmap_t *set = viewer_sets_of(s, e->title, (enum audience_signal)k);
                assert_non_null(set);
                assert_true(roaring_bitmap_contains(set, v));
            }
        }
    }
    for (uint32_t t = 0; t < s->n_titles; t++) {
        for (int k = 0; k < AUDIENCE_SIGNALS; k++) {
            const roaring_bitmap_t *set = viewer_sets_of(s, t, (enum audience_signal)k);
            members += set ? roaring_bitmap_get_cardinality(set) : 0;
        }
    }
    assert_int_equal(members, bits);
}

static void kept_up_to_date_equals_rebuilt(void **state)
{
    (void)state;
    for (size_t round = 0; round < test_rounds(20); round++) {
        struct town t;
        struct rng rng;
        struct viewer_sets *fresh;
        uint64_t seed = test_seed() + round;
        town_init(&t, 50, seed);
        rng_seed(&rng, seed);
        for (int step = 0; step < 200; step++) {
            uint32_t v = (uint32_t)rng_below(&rng, t.n);
            if (rng_below(&rng, 6) == 0) {
                viewer_sets_drop(t.sets, v);
                t.present[v] = false;
                continue;
            }
            for (int i = 0; i < 3; i++)
                t.stars[v][rng_below(&rng, TOWN_TITLES)] = (uint8_t)rng_below(&rng, 6);
            town_put(&t, v);
        }
        struct buf kept = encoded(t.sets);
        assert_sound(t.sets);
        struct viewer_sets *old = t.sets;
        assert_ok(viewer_sets_new(&fresh, &test_err));
        t.sets = fresh;
        for (uint32_t v = 0; v < t.n; v++)
            if (t.present[v])
                town_put(&t, v);
        struct buf made = encoded(fresh);
        if (!str_eq(buf_str(&kept), buf_str(&made)))
            fail_msg("seed %llu: kept and rebuilt differ", (unsigned long long)seed);
        struct viewer_sets *read;
        assert_ok(viewer_sets_decode(buf_str(&made), &read, &test_err));
        struct buf again = encoded(read);
        assert_true(str_eq(buf_str(&again), buf_str(&made)));
        assert_sound(read);
        for (size_t n = 0; n < made.n; n += 97) { /* cut short, it is refused */
            struct viewer_sets *none;
            assert_fails(MQ_CORRUPT, viewer_sets_decode((struct str){made.p, n}, &none, &test_err));
        }
        viewer_sets_free(read);
        viewer_sets_free(old);
        buf_release(&kept);
        buf_release(&made);
        buf_release(&again);
        town_release(&t);
    }
}

static void the_dropped_are_in_no_set(void **state)
{
    (void)state;
    struct town t;
    town_init(&t, 40, 7);
    for (uint32_t v = 0; v < t.n; v++)
        viewer_sets_drop(t.sets, v);
    assert_int_equal(t.sets->n_present, 0);
    assert_int_equal(t.sets->entries, 0);
    for (uint32_t i = 0; i < t.sets->n_titles; i++)
        for (int k = 0; k < AUDIENCE_SIGNALS; k++)
            assert_null(viewer_sets_of(t.sets, i, (enum audience_signal)k));
    town_release(&t);
}

static unsigned signals(struct title_signal s)
{
    return audience_signals_of(&s);
}

static void what_a_signal_says(void **state)
{
    (void)state;
    unsigned liked = 1U << AUDIENCE_LIKED;
    unsigned disliked = 1U << AUDIENCE_DISLIKED;
    unsigned watched = 1U << AUDIENCE_WATCHED;
    assert_int_equal(signals((struct title_signal){.rating = 160, .flags = SIGNAL_PLAYED}),
                     liked | watched);
    /* 3.5 of 5, however much else speaks for it */
    assert_int_equal(
        signals((struct title_signal){.rating = 140, .preference = 0.9f, .confidence = 3}),
        watched);
    assert_int_equal(signals((struct title_signal){.rating = 80}), disliked | watched);
    assert_int_equal(signals((struct title_signal){.thumb = 1}), liked);
    assert_int_equal(signals((struct title_signal){.thumb = -1}), disliked);
    assert_int_equal(signals((struct title_signal){.flags = SIGNAL_PLAYED | SIGNAL_FINISHED,
                                                   .preference = 0.8f,
                                                   .confidence = 1}),
                     liked | watched | 1U << AUDIENCE_FINISHED);
    assert_int_equal(signals((struct title_signal){.flags = SIGNAL_PLAYED | SIGNAL_ABANDONED,
                                                   .preference = -0.4f,
                                                   .confidence = 0.4f}),
                     disliked | watched | 1U << AUDIENCE_ABANDONED);
    assert_int_equal(
        signals((struct title_signal){.flags = SIGNAL_PLAYED, .played_s = 900, .content_s = 600}),
        watched | 1U << AUDIENCE_REWATCHED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kept_up_to_date_equals_rebuilt),
        cmocka_unit_test(the_dropped_are_in_no_set),
        cmocka_unit_test(what_a_signal_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
