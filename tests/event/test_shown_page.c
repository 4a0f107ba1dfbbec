/* A record of what was shown comes back as it was; what is none is refused; what is too much is cut, and says so. */
#include <math.h>

#include "base/rng.h"
#include "event/shown_page.h"
#include "support/check.h"

struct space {
    struct shown_row rows[SHOWN_ROWS_MAX];
    struct shown_item items[SHOWN_ITEMS_MAX];
    struct shown_arm arms[SHOWN_ARMS_MAX];
};

static struct shown_page random_page(struct rng *rng, struct space *s)
{
    static const char *const words[] = {"", "top_picks", "Zürich", "late and light"};
    struct shown_page p = {
        .viewer = {7},
        .at_ms = -5,
        .id = {rng_u64(rng), rng_u64(rng)},
        .model = rng_u64(rng) >> rng_below(rng, 64),
        .log_seq = rng_u64(rng) >> rng_below(rng, 64),
        .flags = (unsigned)rng_below(rng, 4),
        .context = {.offset_min = rng_below(rng, 2) ? OFFSET_NONE : (int16_t)rng_below(rng, 800),
                    .device = (uint8_t)rng_below(rng, DEVICES),
                    .country = (country_code)rng_below(rng, 65536),
                    .region = str_of(words[rng_below(rng, 4)]),
                    .mood = str_of(words[rng_below(rng, 4)])},
        .n_arms = (uint32_t)rng_below(rng, 4),
        .n_rows = (uint32_t)rng_below(rng, 10),
        .arms = s->arms,
        .rows = s->rows,
    };
    size_t items = 0;
    for (uint32_t i = 0; i < p.n_arms; i++)
        s->arms[i] = (struct shown_arm){str_of(words[rng_below(rng, 4)]), (uint8_t)i};
    for (uint32_t r = 0; r < p.n_rows; r++) {
        struct shown_row *row = &s->rows[r];
        *row = (struct shown_row){.kind = str_of(words[rng_below(rng, 4)]),
                                  .random = rng_below(rng, 2),
                                  .teams = rng_below(rng, 2),
                                  .pictures = rng_below(rng, 2),
                                  .n = (uint32_t)rng_below(rng, 30),
                                  .items = s->items + items,
                                  .place_chance = rng_below(rng, 3) ? 0 : 0.5f};
        for (uint32_t i = 0; i < row->n; i++) {
            uint8_t picture = (uint8_t)(row->pictures ? rng_below(rng, 9) : 0);
            s->items[items++] = (struct shown_item){
                {(uint32_t)rng_u64(rng)},
                (float)(rng_double(rng) * 4 - 2),
                row->random && rng_below(rng, 4) ? (float)rng_double(rng) : NAN,
                (uint8_t)(row->teams ? rng_below(rng, 2) : 0),
                picture,
                picture ? (uint32_t)rng_u64(rng) : 0,
                row->pictures && rng_below(rng, 4) ? (float)rng_double(rng) : NAN};
        }
    }
    return p;
}

static void assert_same_row(const struct shown_row *a, const struct shown_row *b)
{
    assert_true(str_eq(a->kind, b->kind));
    assert_int_equal(a->n, b->n);
    assert_true(a->random == b->random && a->teams == b->teams && a->pictures == b->pictures);
    assert_true(a->place_chance == b->place_chance);
    for (uint32_t i = 0; i < a->n; i++) {
        const struct shown_item *x = &a->items[i], *y = &b->items[i];
        assert_int_equal(x->title.v, y->title.v);
        assert_true(fabsf(x->score - y->score) <= fabsf(x->score) / 256);
        assert_true(isnan(x->propensity) ? isnan(y->propensity) : x->propensity == y->propensity);
        assert_int_equal(x->team, y->team);
        assert_int_equal(x->picture, y->picture);
        assert_int_equal(x->picture_key, y->picture_key);
        assert_true(isnan(x->picture_chance) ? isnan(y->picture_chance)
                                             : x->picture_chance == y->picture_chance);
    }
}

static void comes_back(void **state)
{
    struct rng rng;
    struct arena arena;
    struct space *space = calloc(1, sizeof(*space));
    (void)state;
    assert_int_equal(arena_init(&arena, 1 << 16, 1 << 22), 0);
    rng_seed(&rng, test_seed());
    for (size_t round = 0; round < test_rounds(300); round++) {
        struct shown_page p = random_page(&rng, space), q;
        struct buf b;
        buf_init(&b, SHOWN_BYTES_MAX);
        arena_reset(&arena);
        shown_page_encode(&p, &b);
        assert_false(b.failed);
        assert_ok(shown_page_decode(buf_str(&b), p.viewer, p.at_ms, &arena, &q, &test_err));
        assert_true(p.id.hi == q.id.hi && p.id.lo == q.id.lo);
        assert_true(p.model == q.model && p.log_seq == q.log_seq && p.flags == q.flags);
        assert_true(p.context.offset_min == q.context.offset_min &&
                    p.context.device == q.context.device && p.context.country == q.context.country);
        assert_true(str_eq(p.context.region, q.context.region));
        assert_int_equal(p.n_arms, q.n_arms);
        assert_int_equal(p.n_rows, q.n_rows);
        for (uint32_t r = 0; r < p.n_rows; r++)
            assert_same_row(&p.rows[r], &q.rows[r]);
        for (size_t cut = 0; cut < b.n; cut += 1 + b.n / 40) {
            arena_reset(&arena);
            assert_fails(MQ_CORRUPT, shown_page_decode((struct str){b.p, cut}, p.viewer, p.at_ms,
                                                       &arena, &q, &test_err));
        }
        buf_release(&b);
    }
    arena_release(&arena);
    free(space);
}

static void too_much_is_cut(void **state)
{
    enum { ROWS = 70, COLUMNS = 40 };
    static struct shown_row rows[ROWS];
    static struct shown_item items[COLUMNS];
    struct shown_page p = {.n_rows = ROWS, .rows = rows}, q;
    struct arena arena;
    struct buf b;
    (void)state;
    for (size_t i = 0; i < COLUMNS; i++)
        items[i] = (struct shown_item){{UINT32_MAX - 1}, 1.0f, 0.5f, 1, 8, UINT32_MAX, 0.25f};
    for (size_t r = 0; r < ROWS; r++)
        rows[r] = (struct shown_row){STR("x"), true, true, COLUMNS, items, true, 0.5f};
    buf_init(&b, SHOWN_BYTES_MAX);
    shown_page_encode(&p, &b);
    assert_false(b.failed);
    assert_int_equal(arena_init(&arena, 1 << 16, 1 << 22), 0);
    assert_ok(shown_page_decode(buf_str(&b), p.viewer, 0, &arena, &q, &test_err));
    assert_true(q.flags & SHOWN_CUT);
    uint32_t n = 0;
    for (uint32_t r = 0; r < q.n_rows; r++)
        n += q.rows[r].n;
    assert_int_equal(n, SHOWN_ITEMS_MAX);
    b.p[0] = 9;
    assert_fails(MQ_VERSION, shown_page_decode(buf_str(&b), p.viewer, 0, &arena, &q, &test_err));
    arena_release(&arena);
    buf_release(&b);
}

/* Of the version before pictures had keys: as it was written then. */
static void before_keys(void **state)
{
    struct shown_item item = {{3}, 1.0f, NAN, 0, 2, 0, 0.5f};
    struct shown_row row = {.kind = STR("x"), .n = 1, .items = &item, .pictures = true};
    struct shown_page p = {.n_rows = 1, .rows = &row}, q;
    struct arena arena;
    struct buf b;
    (void)state;
    buf_init(&b, SHOWN_BYTES_MAX);
    assert_int_equal(arena_init(&arena, 1 << 16, 1 << 22), 0);
    shown_page_encode(&p, &b);
    /* The last five bytes are the key, 0, and the chance. */
    memmove(b.p + b.n - 5, b.p + b.n - 4, 4);
    b.n--;
    b.p[0] = 3;
    assert_ok(shown_page_decode(buf_str(&b), p.viewer, 0, &arena, &q, &test_err));
    assert_int_equal(q.rows[0].items[0].picture, 2);
    assert_int_equal(q.rows[0].items[0].picture_key, 0);
    assert_true(q.rows[0].items[0].picture_chance == 0.5f);
    arena_release(&arena);
    buf_release(&b);
}

static void ids_as_text(void **state)
{
    struct hash128 id = {0x0123456789abcdef, 0xfedcba9876543210}, back;
    char text[33];
    (void)state;
    shown_id_text(id, text);
    assert_string_equal(text, "0123456789abcdeffedcba9876543210");
    assert_true(shown_id_from(str_of(text), &back));
    assert_true(back.hi == id.hi && back.lo == id.lo);
    assert_false(shown_id_from(STR("0123"), &back));
    text[4] = 'G';
    assert_false(shown_id_from(str_of(text), &back));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_back),
        cmocka_unit_test(too_much_is_cut),
        cmocka_unit_test(before_keys),
        cmocka_unit_test(ids_as_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
