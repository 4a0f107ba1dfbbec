/* Following on held-out titles: what is held out teaches nothing, counts are those of a recount, and fans are told from others. */
#include "audience/town.h"

#include <math.h>

#include "audience/follows_trial.h"
#include "base/hash.h"
#include "math/bits.h"

enum { VIEWERS = 600, FAN_EACH = 4 };

/* Half of all titles are rated; fans rate those of person 0 `more` stars higher. */
static void rate(struct town *t, uint64_t seed, double more)
{
    struct rng rng;
    rng_seed(&rng, seed);
    town_init(t, VIEWERS, 2);
    for (uint32_t v = 0; v < t->n; v++) {
        double own = rng_normal(&rng) * 0.5;
        for (uint32_t i = 0; i < TOWN_TITLES; i++) {
            double stars = 3 + own + rng_normal(&rng) * 0.7 + (i % 9) * 0.1 - 0.4;
            stars += v % FAN_EACH == 0 && town_directs(0, i) ? more : 0;
            bool rated = rng_below(&rng, 2) == 0;
            t->stars[v][i] = (uint8_t)(!rated ? 0 : stars < 1 ? 1 : stars > 5 ? 5 : stars);
        }
        town_put(t, v);
    }
}

static struct follows_question ask(uint32_t person)
{
    return (struct follows_question){.roles = 1U << ROLE_DIRECTOR, .person = person, .seed = 1};
}

static void held_out_titles_teach_nothing(void **state)
{
    (void)state;
    struct town t;
    struct follows *before, *after;
    uint64_t without[(TOWN_TITLES + 63) / 64] = {0};
    for (uint32_t i = 0; i < TOWN_TITLES; i += 5)
        bits_set(without, i);
    rate(&t, test_seed(), 1);
    assert_ok(follows_fit_without(t.sets, t.catalogue, without, &before, &test_err));
    for (uint32_t v = 0; v < t.n; v++) {
        for (uint32_t i = 0; i < TOWN_TITLES; i += 5)
            t.stars[v][i] = t.stars[v][i] == 0 ? 0 : (uint8_t)(6 - t.stars[v][i]);
        town_put(&t, v);
    }
    assert_ok(follows_fit_without(t.sets, t.catalogue, without, &after, &test_err));
    assert_true(before->mean == after->mean && before->spread2 == after->spread2 &&
                before->noise2 == after->noise2);
    for (uint32_t v = 0; v < t.n; v++) {
        for (uint32_t i = 0; i < t.sets->viewers[v]->n; i++) {
            uint64_t at = before->start[v] + i;
            bool held = bits_get(without, t.sets->viewers[v]->entries[i].title);
            assert_true(isnan(before->left[at]) == held && isnan(before->held[at]) == !held);
            assert_true(held || before->left[at] == after->left[at]);
        }
    }
    follows_free(before);
    follows_free(after);
    town_release(&t);
}

static bool is_held(uint32_t title, unsigned fold)
{
    return hash_mix(hash_mix(1, 1), title) % TRIAL_FOLDS == fold;
}

/* Pairs and viewings of "liked one" of person 0, counted anew. */
static void recount(const struct town *t, double *ret_pairs, double *ret_watched)
{
    *ret_pairs = *ret_watched = 0;
    for (unsigned fold = 0; fold < TRIAL_FOLDS; fold++) {
        unsigned known = 0;
        for (uint32_t i = 0; i < TOWN_TITLES; i++)
            known += town_directs(0, i) && !is_held(i, fold);
        for (uint32_t v = 0; known >= 3 && v < t->n; v++) {
            bool liked = false;
            for (uint32_t i = 0; i < TOWN_TITLES; i++)
                liked |= town_directs(0, i) && !is_held(i, fold) && t->stars[v][i] >= 4;
            for (uint32_t i = 0; liked && i < TOWN_TITLES; i++) {
                *ret_pairs += town_directs(0, i) && is_held(i, fold);
                *ret_watched += town_directs(0, i) && is_held(i, fold) && t->stars[v][i] > 0;
            }
        }
    }
}

static void fans_are_told_from_others(void **state)
{
    (void)state;
    struct town t;
    struct mq_follows on, again, off;
    struct follows_question q = ask(0);
    double pairs, watched;
    rate(&t, 11, 1.5);
    assert_ok(follows_trial(t.sets, t.catalogue, &q, &on, &test_err));
    assert_ok(follows_trial(t.sets, t.catalogue, &q, &again, &test_err));
    assert_memory_equal(on.groups, again.groups, sizeof on.groups);
    recount(&t, &pairs, &watched);
    assert_true(on.groups[1].pairs == pairs && on.groups[1].watched_pairs == watched);
    assert_true(on.groups[0].pairs == on.groups[2].pairs); /* as many */
    assert_int_equal(on.people, 1);
    const struct mq_follow_group *one = &on.groups[1];
    const struct mq_follow_group *other = &on.groups[3];
    print_message("planted: beyond %.2f, more than liked one %.2f [%.2f, %.2f], than another's "
                  "%.2f [%.2f, %.2f]\n",
                  on.groups[0].beyond.value, one->beyond_more.value, one->beyond_more.low,
                  one->beyond_more.high, other->beyond_more.value, other->beyond_more.low,
                  other->beyond_more.high);
    assert_true(one->beyond_more.low > 0.05 && other->beyond_more.low > 0.1);
    assert_true(one->liked_more.low > 0);
    /* Everybody watches anything alike: nobody watches more than viewers as active. */
    assert_true(fabs(on.groups[0].lift.value - 1) < 0.1);
    town_release(&t);
    rate(&t, 11, 0);
    assert_ok(follows_trial(t.sets, t.catalogue, &q, &off, &test_err));
    print_message("without: %.0f pairs, not %.0f; beyond %.3f [%.3f, %.3f]\n", off.groups[0].pairs,
                  on.groups[0].pairs, off.groups[0].beyond.value, off.groups[0].beyond.low,
                  off.groups[0].beyond.high);
    /* Where people have no effect nobody, or hardly anybody, is said to follow; and nothing comes of it. */
    assert_true(off.groups[0].pairs < on.groups[0].pairs / 5);
    assert_true(off.groups[0].watched_pairs == 0 || off.groups[0].beyond.low < 0.1);
    town_release(&t);
}

static void who_has_too_little_is_refused(void **state)
{
    (void)state;
    struct town t;
    struct mq_follows r;
    struct follows_question q = ask(7); /* an actor alone */
    rate(&t, 3, 0);
    assert_int_equal(follows_trial(t.sets, t.catalogue, &q, &r, &test_err), MQ_INVALID);
    assert_non_null(strstr(test_err.text, "nobody asked about"));
    town_release(&t);
}

static void evidence_is_what_the_verdict_rests_on(void **state)
{
    (void)state;
    struct town t;
    struct arena arena;
    struct follows *f;
    struct mq_following e;
    uint32_t titles[TOWN_TITLES], n = 0;
    roaring_bitmap_t *set;
    rate(&t, test_seed(), 1.5);
    arena_init(&arena, 1 << 12, 1 << 24);
    for (uint32_t i = 0; i < TOWN_TITLES; i++) {
        if (town_directs(0, i))
            titles[n++] = i;
    }
    assert_ok(follows_fit(t.sets, t.catalogue, &f, &test_err));
    assert_null(f->held);
    assert_ok(follows_viewers(f, t.sets, titles, n, NULL, &set, &test_err));
    for (uint32_t v = 0; v < t.n; v++) {
        struct following x;
        double sum = 0;
        assert_ok(follows_evidence(f, t.sets, t.catalogue, v, titles, n, &arena, &e, &test_err));
        for (size_t i = 0; i < e.n; i++) {
            sum += e.titles[i].beyond;
            assert_true(i == 0 || e.titles[i - 1].beyond >= e.titles[i].beyond);
        }
        follows_judge(f, sum, (uint32_t)e.n, &x);
        assert_true(fabs(x.effect - e.effect) < 1e-6);
        assert_true(e.follows == roaring_bitmap_contains(set, v));
    }
    assert_ok(follows_evidence(f, t.sets, t.catalogue, 1 << 20, titles, n, &arena, &e, &test_err));
    assert_true(e.n == 0 && !e.follows);
    roaring_bitmap_free(set);
    follows_free(f);
    arena_release(&arena);
    town_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(held_out_titles_teach_nothing),
        cmocka_unit_test(fans_are_told_from_others),
        cmocka_unit_test(who_has_too_little_is_refused),
        cmocka_unit_test(evidence_is_what_the_verdict_rests_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
