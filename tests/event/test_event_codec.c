/* A stored event comes back as it was; what is no event is refused. */
#include "base/rng.h"
#include "event/event.h"
#include "support/check.h"

#include <math.h>

static struct str random_text(struct rng *rng, size_t max, char *space)
{
    size_t n = rng_below(rng, 3) == 0 ? 0 : rng_below(rng, max + 1);
    for (size_t i = 0; i < n; i++)
        space[i] = (char)rng_u64(rng);
    return (struct str){space, n};
}

static int64_t random_number(struct rng *rng)
{
    return (int64_t)(rng_u64(rng) >> rng_below(rng, 64)) * (rng_below(rng, 2) ? 1 : -1);
}

enum { TEXTS = 8, ITEMS = 40 };
struct space {
    char text[TEXTS][EVENT_TEXT_MAX];
    struct event_item items[ITEMS];
};

static bool coin(struct rng *rng)
{
    return rng_below(rng, 2);
}

static struct event random_event(struct rng *rng, struct space *space)
{
    struct event e;
    event_init(&e);
    struct str *const texts[TEXTS] = {&e.id,    &e.source, &e.session,        &e.recommendation,
                                      &e.query, &e.chosen, &e.context.region, &e.context.mood};
    for (int i = 0; i < TEXTS; i++)
        *texts[i] = random_text(rng, i < 4 ? EVENT_ID_MAX : EVENT_TEXT_MAX, space->text[i]);
    e.kind = (enum event_kind)rng_below(rng, EVENT_KINDS);
    e.at_ms = random_number(rng);
    e.arrival_ms = random_number(rng);
    e.autoplay = (int8_t)((int)rng_below(rng, 3) - 1);
    e.archived = coin(rng);
    e.title_id.v = coin(rng) ? ID_NONE : (uint32_t)rng_below(rng, ID_NONE);
    e.position_ms = coin(rng) ? EVENT_ABSENT : random_number(rng);
    e.from_ms = coin(rng) ? EVENT_ABSENT : random_number(rng);
    e.rate_milli = coin(rng) ? EVENT_NO_RATE : (int32_t)rng_below(rng, 16000);
    if (coin(rng)) {
        e.value = (float)rng_double(rng) * 10;
        e.scale = (float)(1 + rng_below(rng, 100));
    }
    e.results = coin(rng) ? -1 : (int32_t)rng_below(rng, INT32_MAX);
    e.context.offset_min = coin(rng) ? OFFSET_NONE : (int16_t)((int)rng_below(rng, 1700) - 850);
    e.context.device = (uint8_t)rng_below(rng, DEVICES);
    e.context.country = coin(rng) ? 0 : (country_code)('G' << 8 | 'B');
    e.items = space->items;
    e.n_items = coin(rng) ? 0 : (uint32_t)rng_below(rng, ITEMS);
    for (uint32_t i = 0; i < e.n_items; i++)
        space->items[i] =
            (struct event_item){.title_id = {(uint32_t)rng_below(rng, ID_NONE)},
                                .row = (uint16_t)rng_u64(rng),
                                .column = (uint16_t)rng_u64(rng),
                                .propensity = coin(rng) ? NAN : (float)rng_double(rng)};
    if (coin(rng)) {
        e.other_id.v = (uint32_t)rng_below(rng, ID_NONE);
        e.attributes = STR("age_band=25-34&plan=gold");
    }
    return e;
}

#define SAME_TEXT(field) assert_true(str_eq(a->field, b->field))
#define SAME(field) assert_true(a->field == b->field)

static void assert_same_float(float x, float y)
{
    assert_true((isnan(x) && isnan(y)) || x == y);
}

static void assert_same(const struct event *a, const struct event *b)
{
    SAME_TEXT(id);
    SAME_TEXT(source);
    SAME_TEXT(session);
    SAME_TEXT(custom);
    SAME_TEXT(recommendation);
    SAME_TEXT(query);
    SAME_TEXT(chosen);
    SAME_TEXT(attributes);
    SAME(other_id.v);
    SAME_TEXT(context.region);
    SAME_TEXT(context.mood);
    SAME(kind);
    SAME(at_ms);
    SAME(arrival_ms);
    SAME(autoplay);
    SAME(archived);
    SAME(title_id.v);
    SAME(position_ms);
    SAME(from_ms);
    SAME(rate_milli);
    SAME(results);
    SAME(context.offset_min);
    SAME(context.device);
    SAME(context.country);
    assert_same_float(a->value, b->value);
    if (!isnan(a->value))
        assert_same_float(a->scale, b->scale);
    SAME(n_items);
    for (uint32_t i = 0; i < a->n_items; i++) {
        SAME(items[i].title_id.v);
        SAME(items[i].row);
        SAME(items[i].column);
        assert_same_float(a->items[i].propensity, b->items[i].propensity);
    }
}

static void any_event_comes_back(void **state)
{
    (void)state;
    static struct space space;
    struct rng rng;
    struct arena arena;
    rng_seed(&rng, test_seed());
    assert_int_equal(arena_init(&arena, 4096, 1 << 20), 0);
    for (size_t round = 0; round < test_rounds(4000); round++) {
        struct event e = random_event(&rng, &space), back;
        struct buf b;
        buf_init(&b, 1 << 20);
        event_encode(&e, &b);
        assert_false(b.failed);
        arena_reset(&arena);
        assert_ok(event_decode(buf_str(&b), e.at_ms, &arena, &back, &test_err));
        assert_same(&e, &back);
        /* Cut anywhere it is none, and with a byte more neither. */
        if (round % 40 == 0) {
            for (size_t n = 0; n < b.n; n++) {
                char *cut = malloc(n + 1); /* of its size, so that a read past the end is seen */
                memcpy(cut, b.p, n);
                arena_reset(&arena);
                assert_fails(MQ_CORRUPT,
                             event_decode((struct str){cut, n}, 0, &arena, &back, &test_err));
                free(cut);
            }
            buf_add_u8(&b, 0);
            assert_fails(MQ_CORRUPT, event_decode(buf_str(&b), 0, &arena, &back, &test_err));
        }
        buf_release(&b);
    }
    arena_release(&arena);
}

static int decode(const char *p, size_t n)
{
    struct arena arena;
    struct event e;
    assert_int_equal(arena_init(&arena, 4096, 1 << 20), 0);
    int rc = event_decode((struct str){p, n}, 0, &arena, &e, &test_err);
    arena_release(&arena);
    return rc;
}

static void what_is_newer_is_left_alone(void **state)
{
    (void)state;
    struct buf b;
    char storage[64];
    assert_ok(decode("\x01\x03\x01\x00", 4)); /* a start with arrival alone */
    assert_int_equal(decode("\x02\x03\x01\x00", 4), MQ_VERSION);
    /* A kind that only the newer version knows. */
    assert_int_equal(decode("\x02\xc8\x01\x00", 4), MQ_VERSION);
    assert_int_equal(decode("\x01\xc8\x01\x00", 4), MQ_CORRUPT);
    assert_int_equal(decode("\x00\x03\x01\x00", 4), MQ_CORRUPT);
    assert_int_equal(decode("", 0), MQ_CORRUPT);
    for (unsigned bit = 23; bit < 64; bit++) {
        buf_over(&b, storage, sizeof(storage));
        buf_add_u8(&b, 1);
        buf_add_u8(&b, EVENT_START);
        buf_add_varint(&b, UINT64_C(1) | UINT64_C(1) << bit);
        buf_add_svarint(&b, 0);
        assert_int_equal(decode(b.p, b.n), MQ_VERSION);
    }
}

static void a_count_that_cannot_be_takes_no_memory(void **state)
{
    (void)state;
    struct buf b;
    char storage[64];
    static const uint64_t counts[] = {1, 400, EVENT_ITEMS_MAX + 1, UINT32_MAX, UINT64_MAX};
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        buf_over(&b, storage, sizeof(storage));
        buf_add_u8(&b, 1);
        buf_add_u8(&b, EVENT_IMPRESSION);
        buf_add_varint(&b, UINT64_C(1) << 19);
        buf_add_varint(&b, counts[i]);
        assert_int_equal(decode(b.p, b.n), MQ_CORRUPT);
    }
}

static void when_it_counts_from(void **state)
{
    (void)state;
    struct event e;
    event_init(&e);
    e.at_ms = 5;
    e.arrival_ms = 9;
    assert_int_equal(event_known_ms(&e), 9);
    e.archived = true;
    assert_int_equal(event_known_ms(&e), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_event_comes_back),
        cmocka_unit_test(what_is_newer_is_left_alone),
        cmocka_unit_test(a_count_that_cannot_be_takes_no_memory),
        cmocka_unit_test(when_it_counts_from),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
