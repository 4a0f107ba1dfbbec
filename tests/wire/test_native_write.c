/* Events as native JSON: what is written reads back the same. */
#include <math.h>

#include "base/rng.h"
#include "support/check.h"
#include "wire/native.h"
#include "wire/native_write.h"

#define NOW_MS INT64_C(1772400000000)

static struct arena arena;

static struct str random_text(struct rng *rng, size_t max)
{
    static const char *const parts[] = {
        "a", "B", " ", "\"", "\\", "<", "/", "\xc3\xa9", "\xf0\x9f\x9a\x8c", "7", "{", "'"};
    char text[256];
    size_t n = 0;
    for (size_t k = 1 + rng_below(rng, max); k > 0; k--) {
        const char *part = parts[rng_below(rng, 12)];
        memcpy(text + n, part, strlen(part));
        n += strlen(part);
    }
    struct str s = arena_str(&arena, (struct str){text, n});
    assert_non_null(s.p);
    return s;
}

static struct str maybe_text(struct rng *rng, size_t max)
{
    return rng_below(rng, 2) ? random_text(rng, max) : STR_NONE;
}

static void random_items(struct rng *rng, struct event *e)
{
    e->n_items = (uint32_t)rng_below(rng, 6);
    e->items = ARENA_ARRAY(&arena, 6, struct event_item);
    for (uint32_t i = 0; i < e->n_items; i++)
        e->items[i] = (struct event_item){
            .title = random_text(rng, 6),
            .row = (uint16_t)rng_below(rng, 65536),
            .column = (uint16_t)rng_below(rng, 65536),
            .propensity = rng_below(rng, 2) ? NAN : (float)(1 - rng_double(rng))};
}

static struct event random_event(struct rng *rng)
{
    struct event e;
    event_init(&e);
    e.source = STR("native");
    e.kind = (enum event_kind)rng_below(rng, EVENT_KINDS);
    if (e.kind == EVENT_CUSTOM)
        e.custom = random_text(rng, 10);
    e.viewer = random_text(rng, 10);
    e.id = maybe_text(rng, 20);
    e.title = random_text(rng, 10);
    e.session = maybe_text(rng, 10);
    e.recommendation = maybe_text(rng, 10);
    e.query = maybe_text(rng, 30);
    e.chosen = maybe_text(rng, 10);
    e.at_ms = EVENT_AT_MIN + (int64_t)rng_below(rng, (uint64_t)(NOW_MS - EVENT_AT_MIN));
    if (rng_below(rng, 2))
        e.position_ms = (int64_t)rng_below(rng, 10000000);
    if (rng_below(rng, 2))
        e.from_ms = (int64_t)rng_below(rng, 10000000);
    if (rng_below(rng, 2))
        e.rate_milli = (int32_t)rng_below(rng, 16000);
    e.autoplay = (int8_t)((int)rng_below(rng, 3) - 1);
    if (rng_below(rng, 2))
        e.results = (int32_t)rng_below(rng, 1000);
    if (e.kind == EVENT_RATING) {
        e.scale = (float)(1 + 99 * rng_double(rng));
        e.value = e.scale * (float)(1 - rng_double(rng));
    }
    if (e.kind == EVENT_THUMB)
        e.value = rng_below(rng, 2) ? 2 : -1;
    e.context.device = (uint8_t)rng_below(rng, DEVICES);
    if (rng_below(rng, 2))
        e.context.offset_min = (int16_t)((int)rng_below(rng, 1800) - 900);
    if (rng_below(rng, 2))
        e.context.country = 'N' << 8 | 'Z';
    e.context.region = maybe_text(rng, 20);
    e.context.mood = maybe_text(rng, 20);
    random_items(rng, &e);
    return e;
}

static bool same_float(float a, float b)
{
    return a == b || (isnan(a) && isnan(b));
}

static bool same_event(const struct event *a, const struct event *b)
{
    for (uint32_t i = 0; a->n_items == b->n_items && i < a->n_items; i++) {
        const struct event_item *x = &a->items[i], *y = &b->items[i];
        if (!str_eq(x->title, y->title) || x->row != y->row || x->column != y->column ||
            !same_float(x->propensity, y->propensity))
            return false;
    }
    return a->n_items == b->n_items && a->kind == b->kind && str_eq(a->id, b->id) &&
           str_eq(a->viewer, b->viewer) && str_eq(a->title, b->title) &&
           str_eq(a->session, b->session) && str_eq(a->custom, b->custom) &&
           str_eq(a->recommendation, b->recommendation) && str_eq(a->query, b->query) &&
           str_eq(a->chosen, b->chosen) && a->at_ms == b->at_ms &&
           a->position_ms == b->position_ms && a->from_ms == b->from_ms &&
           a->rate_milli == b->rate_milli && a->autoplay == b->autoplay &&
           a->results == b->results && same_float(a->value, b->value) &&
           same_float(a->scale, b->scale) && a->context.device == b->context.device &&
           a->context.offset_min == b->context.offset_min &&
           a->context.country == b->context.country &&
           str_eq(a->context.region, b->context.region) && str_eq(a->context.mood, b->context.mood);
}

struct check {
    const struct event *wanted;
    const struct buf *text;
    bool seen;
};

static int on_event(void *ctx, size_t index, struct event *e, struct mq_error *err)
{
    struct check *c = ctx;
    (void)index;
    (void)err;
    c->seen = true;
    if (!same_event(c->wanted, e))
        fail_msg("differs: %.*s", STR_ARG(buf_str(c->text)));
    return 0;
}

static int on_refused(void *ctx, const struct event_place *place, const struct mq_error *why,
                      struct mq_error *err)
{
    (void)ctx;
    (void)err;
    fail_msg("%s in %.*s", why->text, STR_ARG(place->raw));
    return 0;
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    struct native_parser *p;
    struct rng rng;
    struct buf b;
    size_t tried = 0;
    rng_seed(&rng, test_seed());
    buf_init(&b, 1 << 20);
    assert_ok(native_parser_new(&p, &test_err));
    assert_int_equal(arena_init(&arena, 1 << 16, 1 << 20), 0);
    for (size_t round = 0; round < test_rounds(3000); round++) {
        arena_reset(&arena);
        buf_reset(&b);
        struct event e = random_event(&rng);
        if (event_check(&e, NOW_MS, &test_err) != 0)
            continue;
        tried++;
        struct json j;
        json_init(&j, &b);
        native_write(&j, &e);
        struct check c = {&e, &b, false};
        struct native_options o = {.source = STR("native"), .now_ms = NOW_MS};
        assert_ok(native_parse(p, buf_str(&b), &o,
                               &(struct event_sink){&c, on_event, on_refused, NULL}, &test_err));
        assert_true(c.seen);
    }
    assert_true(tried > 2000);
    native_parser_free(p);
    arena_release(&arena);
    buf_release(&b);
}

static void absent_fields_are_left_out(void **state)
{
    (void)state;
    struct event e;
    struct buf b;
    struct json j;
    buf_init(&b, 4096);
    event_init(&e);
    e.viewer = STR("v");
    e.custom = STR("joined");
    e.at_ms = INT64_C(1700000000000);
    json_init(&j, &b);
    native_write(&j, &e);
    buf_add_char(&b, '\0');
    assert_string_equal(b.p,
                        "{\"viewer\":\"v\",\"kind\":\"joined\",\"at\":\"2023-11-14T22:13:20Z\"}");
    buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(absent_fields_are_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
