/* What is read without a tree is what is read with one. */
#include "base/buf.h"
#include "base/rng.h"
#include "support/check.h"
#include "wire/native.h"
#include "wire/native_write.h"

#define NOW_MS INT64_C(1772400000000) /* 2026-03-01T21:20:00Z */

static size_t accepted;

static int on_event(void *ctx, size_t index, struct event *e, struct mq_error *err)
{
    struct buf *to = ctx;
    struct json j;
    (void)index;
    (void)err;
    json_init(&j, to);
    native_write(&j, e);
    buf_printf(to, " %lld %s", (long long)e->at_ms, device_name((enum device)e->context.device));
    accepted++;
    return 0;
}

static int on_refused(void *ctx, const struct event_place *place, const struct mq_error *why,
                      struct mq_error *err)
{
    struct buf *to = ctx;
    (void)place;
    (void)err;
    buf_add_z(to, why->text);
    return 0;
}

/* What comes of a body: the event written out, or why there is none. */
static void describe(struct native_parser *parser, struct str body, struct buf *ret)
{
    struct native_options o = {.form = NATIVE_ANY, .source = STR("native"), .now_ms = NOW_MS};
    buf_reset(ret);
    int rc = native_parse(parser, body, &o, &(struct event_sink){ret, on_event, on_refused, NULL},
                          &test_err);
    if (rc == 0)
        return;
    buf_reset(ret);
    buf_printf(ret, "no body: %d", rc);
}

/* An object of random members, among them what only players send, what nobody should, and a broken byte now and then. */
static void random_object(struct rng *rng, struct buf *to)
{
    static const char *const members[] = {
        "\"id\":\"e-1\"",
        "\"id\":17",
        "\"id\":\"\"",
        "\"viewer\":\"v-1\"",
        "\"viewer\":\"v\\u00e9\"",
        "\"viewer\":null",
        "\"kind\":\"progress\"",
        "\"kind\":\"seek\"",
        "\"kind\":\"thumb\"",
        "\"kind\":\"rating\"",
        "\"kind\":\"own\"",
        "\"title\":\"t-1\"",
        "\"title\":\"caf\u00e9\"",
        "\"title\" : 7",
        "\"at\":\"2026-03-01T21:04:11.250Z\"",
        "\"at\":1772399000000",
        "\"at\":\"yesterday\"",
        "\"session\":\"s-1\"",
        "\"position_ms\":640000",
        "\"position_ms\":0",
        "\"position_ms\":-1",
        "\"position_ms\":1.5",
        "\"position_ms\":6e3",
        "\"position_ms\":007",
        "\"position_ms\":1000000000000",
        "\"position_ms\":1000000000001",
        "\"from_ms\":12",
        "\"value\":1",
        "\"scale\":10",
        "\"recommendation_id\":\"r\"",
        "\"unknown\":[1,{\"a\":2}]",
        "\"context\":{\"device\":\"tv\",\"country\":\"GB\",\"offset_min\":60}",
        "\"context\":{\"device\":\"fridge\",\"offset_min\":-300 , \"region\":\"north\"}",
        "\"context\":{\"country\":\"nowhere\"}",
        "\"context\":{\"country\":\"XK\",\"mood\":\"m\",\"app\":\"a/1\"}",
        "\"context\":{\"offset_min\":-0}",
        "\"context\":{\"offset_min\":1090}",
        "\"context\":{\"offset_min\":1,\"offset_min\":2}",
        "\"context\":{\"timezone\":\"Europe/London\"}",
        "\"context\":{}",
        "\"context\":null",
    };
    enum { MEMBERS = sizeof(members) / sizeof(members[0]) };
    buf_reset(to);
    buf_add_z(to, rng_below(rng, 2) ? "{\"kind\":\"start\",\"viewer\":\"v\",\"title\":\"t\"" : "{");
    for (uint64_t n = rng_below(rng, 9); n > 0; n--) {
        if (to->n > 1)
            buf_add_z(to, rng_below(rng, 8) ? "," : " ,\t ");
        buf_add_z(to, members[rng_below(rng, MEMBERS)]);
    }
    buf_add_char(to, '}');
    if (rng_below(rng, 8) == 0)
        to->p[rng_below(rng, to->n)] = "\"{},:\\ 0\t\x01\xff"[rng_below(rng, 11)];
}

/* In an array the usual events are read without a tree, alone never: the same comes of both. */
static void quickly_read_is_the_same(void **state)
{
    (void)state;
    struct native_parser *parser;
    struct rng rng;
    struct buf object, body, alone, listed;
    rng_seed(&rng, test_seed());
    assert_ok(native_parser_new(&parser, &test_err));
    buf_init(&object, 1 << 16);
    buf_init(&body, 1 << 16);
    buf_init(&alone, 1 << 16);
    buf_init(&listed, 1 << 16);
    for (size_t round = test_rounds(20000); round > 0; round--) {
        random_object(&rng, &object);
        describe(parser, buf_str(&object), &alone);
        buf_reset(&body);
        buf_add_char(&body, '[');
        buf_add_str(&body, buf_str(&object));
        buf_add_char(&body, ']');
        describe(parser, buf_str(&body), &listed);
        if (!str_eq(buf_str(&alone), buf_str(&listed)))
            fail_msg("%.*s: %.*s, in an array %.*s", STR_ARG(buf_str(&object)),
                     STR_ARG(buf_str(&alone)), STR_ARG(buf_str(&listed)));
    }
    assert_true(accepted > 200); /* each twice */
    buf_release(&object);
    buf_release(&body);
    buf_release(&alone);
    buf_release(&listed);
    native_parser_free(parser);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quickly_read_is_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
