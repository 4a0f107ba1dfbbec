#include "recommend/evidence.h"

#include <math.h>

#include "recommend/small_world.h"
#include "support/check.h"

static struct small_world world;
static struct recommender *rec;

static int make(void **state)
{
    (void)state;
    small_world_make(&world, (struct small_world_size){800, 1500, 16, 21});
    assert_ok(recommender_new(&rec, &test_err));
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    recommender_free(rec);
    small_world_release(&world);
    return 0;
}

static struct ask ask_of(const struct profile *p)
{
    return (struct ask){.profile = p,
                        .viewer = "v",
                        .at_ms = SMALL_WORLD_NOW,
                        .context = {.offset_min = OFFSET_NONE}};
}

static float *scratch_of(size_t n)
{
    float *p = aligned_alloc(64, (n * sizeof(float) + 63) & ~(size_t)63);
    assert_non_null(p);
    return p;
}

/* The algebra says what a fold-in without the title says. */
static void leaving_out_is_exact(void **state)
{
    (void)state;
    const struct model *m = world.model;
    float *scratch = scratch_of(fold_in_scratch(m, 64)), *x = scratch_of(m->stride);
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct profile *p = small_world_profile(&world, seed, 25);
        struct ask ask = ask_of(p);
        assert_ok(recommender_begin(rec, &world.world, &ask, &test_err));
        evidence_begin(rec);
        assert_true(rec->witnesses.n > 5);
        for (size_t j = 0; j < rec->witnesses.n; j++) {
            struct fold_in_item items[64];
            size_t n = 0;
            for (size_t i = 0; i < rec->n_items; i++) {
                if (rec->items[i].title.v != rec->witnesses.title[j])
                    items[n++] = rec->items[i];
            }
            assert_int_equal(n + 1, rec->n_items);
            assert_ok(fold_in(m, items, n, scratch, x, NULL, &test_err));
            for (uint32_t c = 0; c < m->rank; c++) {
                float told = rec->x[c] + rec->witnesses.shift[c] -
                             rec->witnesses.coefficient[j] * rec->witnesses.z[j * m->stride + c];
                assert_true(fabsf(told - x[c]) < 2e-3f);
            }
        }
        free(p);
    }
    free(scratch);
    free(x);
}

/* The contributions of all that was liked add up to the score (Hu, Koren, Volinsky 2008, section 5). */
static void contributions_add_up(void **state)
{
    (void)state;
    const struct model *m = world.model;
    struct profile *p = small_world_profile(&world, 3, 30);
    struct ask ask = ask_of(p);
    assert_ok(recommender_begin(rec, &world.world, &ask, &test_err));
    evidence_begin(rec);
    for (uint32_t t = 0; t < 700; t += 31) {
        float sum = 0, hidden = 0;
        for (size_t j = 0; j < rec->witnesses.n; j++) {
            for (uint32_t c = 0; c < m->rank; c++)
                sum += rec->witnesses.weight[j] * m->factors[t * m->stride + c] *
                       rec->witnesses.z[j * m->stride + c];
        }
        /* A liked title without a record is never named, yet counts. */
        for (size_t i = 0; i < rec->n_liked; i++)
            hidden += rec->liked[i].title.v == SMALL_WORLD_UNDESCRIBED;
        if (hidden == 0)
            assert_true(fabsf(sum - rec->taste[t]) < 1e-3f);
    }
    free(p);
}

/* Named sets are small, liked, described, and their shares are parts of the score. */
static void sets_are_small(void **state)
{
    (void)state;
    size_t by_size[EVIDENCE_NAMED + 1] = {0};
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct profile *p = small_world_profile(&world, seed, 30);
        struct ask ask = ask_of(p);
        uint32_t explained[20];
        struct topk_item list[DEPTH];
        struct field f;
        assert_ok(recommender_begin(rec, &world.world, &ask, &test_err));
        evidence_begin(rec);
        size_t n = topk_select(rec->taste, rec->n_titles, rec->seen, DEPTH, list);
        for (uint32_t i = 0; i < 20; i++)
            explained[i] = i;
        field_init(rec, &f, list, n, GENRE_ANY, explained, 20);
        for (size_t i = 0; i < 20; i++) {
            struct evidence e;
            evidence_choose(rec, &f, i, GENRE_ANY, &e);
            by_size[e.n]++;
            for (size_t k = 0; k < e.n; k++) {
                const struct title_signal *s = profile_signal(p, e.title[k]);
                assert_non_null(s);
                assert_true(s->preference > 0);
                assert_true(e.share[k] < 1.5f);
            }
        }
        free(p);
    }
    printf("no evidence %zu, one title %zu, two %zu, three %zu\n", by_size[0], by_size[1],
           by_size[2], by_size[3]);
    assert_true(by_size[1] > by_size[3]);
    assert_true(by_size[0] * 5 < 400);
}

/* Of a long list only the first DEPTH are told evidence: what stands behind them has no say in which liked titles are weighed. */
static void what_stands_too_deep_has_no_say(void **state)
{
    enum { LONG = 700, FIRST = 20 };
    (void)state;
    struct profile *p = small_world_profile(&world, 5, 60);
    struct ask ask = ask_of(p);
    struct topk_item list[LONG];
    uint32_t explained[LONG];
    struct field first, all;
    assert_ok(recommender_begin(rec, &world.world, &ask, &test_err));
    evidence_begin(rec);
    assert_true(rec->witnesses.n > WITNESSES_MAX);
    size_t n = topk_select(rec->taste, rec->n_titles, rec->seen, LONG, list), n_explained = FIRST;
    assert_true(n > 2 * DEPTH);
    for (uint32_t i = 0; i < FIRST; i++)
        explained[i] = i;
    field_init(rec, &first, list, n, GENRE_ANY, explained, n_explained);
    for (uint32_t i = DEPTH; i < n; i++)
        explained[n_explained++] = i;
    field_init(rec, &all, list, n, GENRE_ANY, explained, n_explained);
    assert_int_equal(first.n_witnesses, WITNESSES_MAX);
    assert_memory_equal(first.witness, all.witness, sizeof(first.witness));
    free(p);
}

static bool heard(uint32_t title)
{
    for (size_t j = 0; j < rec->witnesses.n; j++)
        if (rec->witnesses.title[j] == title)
            return true;
    return false;
}

/* Of many liked titles the latest are heard, and the surest of the others; who likes few is heard whole. */
static void of_many_the_latest_and_the_surest_are_heard(void **state)
{
    enum { HALF = WITNESSES_HEARD / 2 };
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct profile *p = small_world_profile(&world, seed, 450);
        struct ask ask = ask_of(p);
        assert_ok(recommender_begin(rec, &world.world, &ask, &test_err));
        evidence_begin(rec);
        assert_true(rec->n_liked > WITNESSES_HEARD);
        assert_true(rec->witnesses.n > HALF && rec->witnesses.n <= WITNESSES_HEARD);
        size_t others = 0;
        for (size_t i = 0; i < rec->n_liked; i++) {
            const struct liked *l = &rec->liked[i];
            size_t later = 0;
            for (size_t k = 0; k < rec->n_liked; k++)
                later += rec->liked[k].last_s > l->last_s;
            if (!l->known || bit_get(rec->d->undescribed, l->title.v))
                continue;
            /* They stand by sureness. */
            others += later >= HALF;
            assert_int_equal(heard(l->title.v), later < HALF || others <= HALF);
        }
        free(p);
    }
    struct profile *few = small_world_profile(&world, 9, 60);
    struct ask ask = ask_of(few);
    assert_ok(recommender_begin(rec, &world.world, &ask, &test_err));
    evidence_begin(rec);
    for (size_t i = 0; i < rec->n_liked; i++)
        assert_int_equal(heard(rec->liked[i].title.v),
                         rec->liked[i].known &&
                             !bit_get(rec->d->undescribed, rec->liked[i].title.v));
    free(few);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaving_out_is_exact),
        cmocka_unit_test(contributions_add_up),
        cmocka_unit_test(sets_are_small),
        cmocka_unit_test(what_stands_too_deep_has_no_say),
        cmocka_unit_test(of_many_the_latest_and_the_surest_are_heard),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
