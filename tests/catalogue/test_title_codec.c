/* A stored title comes back as it was; what is no title is refused. */
#include "base/rng.h"
#include "catalogue/title.h"
#include "support/check.h"

enum { TEXTS = 8, LISTS = 4, ENTRIES = 20, CREDITS = 30, WINDOWS = 4, TEXT = 40 };

struct space {
    char text[TEXTS + LISTS * ENTRIES][TEXT];
    struct str list[LISTS][ENTRIES];
    struct credit credits[CREDITS];
    struct window windows[WINDOWS];
    country_code codes[WINDOWS][ENTRIES];
};

static struct str random_text(struct rng *rng, char *space)
{
    size_t n = rng_below(rng, TEXT + 1);
    for (size_t i = 0; i < n; i++)
        space[i] = (char)rng_u64(rng);
    return (struct str){space, n};
}

static struct title random_title(struct rng *rng, struct space *s)
{
    struct title t;
    title_init(&t);
    struct str *const texts[TEXTS] = {&t.id,       &t.name,        &t.original_name, &t.language,
                                      &t.maturity, &t.description, &t.series,        &t.image};
    for (int i = 0; i < TEXTS; i++)
        *texts[i] = random_text(rng, s->text[i]);
    const struct str **const lists[LISTS] = {&t.genres, &t.tags, &t.countries, &t.pictures};
    uint16_t *const counts[LISTS] = {&t.n_genres, &t.n_tags, &t.n_countries, &t.n_pictures};
    for (int l = 0; l < LISTS; l++) {
        *counts[l] = (uint16_t)rng_below(rng, ENTRIES + 1);
        *lists[l] = s->list[l];
        for (int i = 0; i < *counts[l]; i++)
            s->list[l][i] = random_text(rng, s->text[TEXTS + l * ENTRIES + i]);
    }
    t.year = (int16_t)rng_u64(rng);
    t.kind = (uint8_t)rng_below(rng, TITLE_KINDS);
    t.runtime_min = (uint16_t)rng_u64(rng);
    t.season = (uint16_t)rng_u64(rng);
    t.episode = (uint16_t)rng_u64(rng);
    t.budget = rng_normal(rng) * 1e9;
    t.gross = rng_double(rng);
    t.release_day = rng_below(rng, 3) ? (int32_t)rng_u64(rng) : TITLE_NO_DATE;
    t.added_ms = (int64_t)rng_u64(rng);
    t.has_credits = rng_below(rng, 2);
    t.credits = s->credits;
    t.n_credits = (uint32_t)rng_below(rng, CREDITS + 1);
    for (uint32_t i = 0; i < t.n_credits; i++)
        s->credits[i] = (struct credit){.person_id = {(uint32_t)rng_u64(rng)},
                                        .role = (uint8_t)rng_below(rng, ROLES),
                                        .billing = (uint16_t)rng_u64(rng)};
    t.has_windows = rng_below(rng, 2);
    t.windows = s->windows;
    t.n_windows = (uint16_t)rng_below(rng, WINDOWS + 1);
    for (uint16_t i = 0; i < t.n_windows; i++) {
        s->windows[i] = (struct window){(int64_t)rng_u64(rng), (int64_t)rng_u64(rng), s->codes[i],
                                        (uint16_t)rng_below(rng, ENTRIES + 1)};
        for (uint16_t k = 0; k < s->windows[i].n_countries; k++)
            s->codes[i][k] = (country_code)rng_u64(rng);
    }
    return t;
}

static void assert_same_list(const struct str *a, size_t n, const struct str *b, size_t m)
{
    assert_int_equal(n, m);
    for (size_t i = 0; i < n; i++)
        assert_true(str_eq(a[i], b[i]));
}

#define SAME(field) assert_true(a->field == b->field)
#define SAME_TEXT(field) assert_true(str_eq(a->field, b->field))

static void assert_same(const struct title *a, const struct title *b)
{
    SAME_TEXT(id);
    SAME_TEXT(name);
    SAME_TEXT(original_name);
    SAME_TEXT(language);
    SAME_TEXT(maturity);
    SAME_TEXT(description);
    SAME_TEXT(series);
    SAME_TEXT(image);
    SAME(year);
    SAME(kind);
    SAME(runtime_min);
    SAME(season);
    SAME(episode);
    SAME(budget);
    SAME(gross);
    SAME(release_day);
    SAME(added_ms);
    SAME(has_credits);
    assert_same_list(a->genres, a->n_genres, b->genres, b->n_genres);
    assert_same_list(a->tags, a->n_tags, b->tags, b->n_tags);
    assert_same_list(a->countries, a->n_countries, b->countries, b->n_countries);
    assert_same_list(a->pictures, a->n_pictures, b->pictures, b->n_pictures);
    SAME(n_credits);
    for (uint32_t i = 0; i < a->n_credits; i++) {
        SAME(credits[i].person_id.v);
        SAME(credits[i].role);
        SAME(credits[i].billing);
        assert_int_equal(b->credits[i].person.n, 0);
    }
    SAME(has_windows);
    SAME(n_windows);
    for (uint16_t i = 0; i < a->n_windows; i++) {
        SAME(windows[i].from_ms);
        SAME(windows[i].until_ms);
        SAME(windows[i].n_countries);
        assert_memory_equal(a->windows[i].countries, b->windows[i].countries,
                            a->windows[i].n_countries * sizeof(country_code));
    }
}

static void any_title_comes_back(void **state)
{
    (void)state;
    static struct space space;
    struct rng rng;
    struct arena arena;
    rng_seed(&rng, test_seed());
    assert_int_equal(arena_init(&arena, 1 << 16, 1 << 20), 0);
    for (size_t round = 0; round < test_rounds(1000); round++) {
        struct title t = random_title(&rng, &space), back;
        struct buf b;
        buf_init(&b, 1 << 20);
        title_encode(&t, &b);
        arena_reset(&arena);
        assert_ok(title_decode(buf_str(&b), &arena, &back, &test_err));
        assert_same(&t, &back);
        if (round % 50 == 0) {
            for (size_t n = 0; n < b.n; n++) {
                char *cut = malloc(n + 1);
                memcpy(cut, b.p, n);
                arena_reset(&arena);
                assert_fails(MQ_CORRUPT,
                             title_decode((struct str){cut, n}, &arena, &back, &test_err));
                free(cut);
            }
            buf_add_u8(&b, 0);
            assert_fails(MQ_CORRUPT, title_decode(buf_str(&b), &arena, &back, &test_err));
            b.p[0] = 4;
            assert_fails(MQ_VERSION, title_decode(buf_str(&b), &arena, &back, &test_err));
            b.p[0] = 0;
            assert_fails(MQ_CORRUPT, title_decode(buf_str(&b), &arena, &back, &test_err));
        }
        buf_release(&b);
    }
    arena_release(&arena);
}

/* Version 1 ended behind the credits; what it stored is read as before. */
static void version_1_is_read(void **state)
{
    (void)state;
    static struct space space;
    struct rng rng;
    struct arena arena;
    rng_seed(&rng, test_seed());
    assert_int_equal(arena_init(&arena, 1 << 16, 1 << 20), 0);
    for (size_t round = 0; round < test_rounds(200); round++) {
        struct title t = random_title(&rng, &space), back;
        struct buf b;
        t.has_windows = false;
        t.n_windows = 0;
        t.n_pictures = 0;
        buf_init(&b, 1 << 20);
        title_encode(&t, &b);
        b.p[0] = 1;
        arena_reset(&arena);
        assert_ok(title_decode((struct str){b.p, b.n - 3}, &arena, &back, &test_err));
        assert_same(&t, &back);
        assert_fails(MQ_CORRUPT, title_decode(buf_str(&b), &arena, &back, &test_err));
        buf_release(&b);
    }
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(any_title_comes_back),
                                       cmocka_unit_test(version_1_is_read)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
