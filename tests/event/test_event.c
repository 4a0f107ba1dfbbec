/* What is an event, and when are two of them one? */
#include "base/hash.h"
#include "event/event.h"
#include "support/check.h"

#include <math.h>

#define NOW INT64_C(1772395200000)

static struct event good(void)
{
    struct event e;
    event_init(&e);
    e.source = STR("test");
    e.viewer = STR("ann");
    e.title = STR("t1");
    e.kind = EVENT_START;
    e.at_ms = NOW;
    return e;
}

/* Refused with this code, naming the field. */
static void refused(const struct event *e, int status, const char *field)
{
    assert_int_equal(event_check(e, NOW, &test_err), status);
    if (strncmp(test_err.text, field, strlen(field)) != 0 || test_err.text[strlen(field)] != ':')
        fail_msg("expected %s, got: %s", field, test_err.text);
}

static void kinds_have_names(void **state)
{
    (void)state;
    for (int k = 0; k < EVENT_KINDS; k++)
        assert_int_equal(event_kind_from(str_of(event_kind_name((enum event_kind)k))), k);
    assert_int_equal(event_kind_from(STR("Start")), EVENT_CUSTOM);
    assert_int_equal(event_kind_from(STR("")), EVENT_CUSTOM);
    assert_true(event_kind_is_playback(EVENT_SEEK));
    assert_false(event_kind_is_playback(EVENT_RATING));
    assert_false(event_kind_is_playback(EVENT_KINDS));
    assert_string_equal(event_kind_name(EVENT_KINDS), "");
}

static void what_must_be_there(void **state)
{
    (void)state;
    struct event e = good();
    assert_ok(event_check(&e, NOW, &test_err));
    for (int k = 0; k < EVENT_KINDS; k++) {
        e = good();
        e.kind = (enum event_kind)k;
        e.custom = k == EVENT_CUSTOM ? STR("own") : STR_NONE;
        e.value = 1;
        e.other = k == EVENT_UNMERGE ? STR("bob") : STR_NONE;
        assert_ok(event_check(&e, NOW, &test_err));
        e.title = STR_NONE;
        bool free_of_titles = k == EVENT_CUSTOM || k == EVENT_IMPRESSION || k == EVENT_SEARCH ||
                              k == EVENT_IDENTIFY || k == EVENT_UNMERGE;
        if (free_of_titles)
            assert_ok(event_check(&e, NOW, &test_err));
        else
            refused(&e, MQ_INVALID, "title");
    }
    e = good();
    e.viewer = STR_NONE;
    refused(&e, MQ_INVALID, "viewer");
    e = good();
    e.kind = EVENT_CUSTOM;
    refused(&e, MQ_INVALID, "kind");
    e.kind = EVENT_KINDS;
    assert_int_equal(event_check(&e, NOW, &test_err), MQ_BUG);
}

static void limits_of_text(void **state)
{
    (void)state;
    static char text[600];
    memset(text, 'x', sizeof(text));
    struct event e;
    struct {
        struct str *field;
        const char *name;
        size_t max;
    } fields[] = {
        {&e.id, "id", 256},           {&e.source, "source", 256},
        {&e.viewer, "viewer", 256},   {&e.title, "title", 256},
        {&e.session, "session", 256}, {&e.recommendation, "recommendation_id", 256},
        {&e.chosen, "chosen", 256},   {&e.context.region, "region", 512},
        {&e.query, "query", 512},     {&e.context.mood, "mood", 512},
    };
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        e = good();
        *fields[i].field = (struct str){text, fields[i].max};
        assert_ok(event_check(&e, NOW, &test_err));
        *fields[i].field = (struct str){text, fields[i].max + 1};
        refused(&e, MQ_TOO_LARGE, fields[i].name);
        *fields[i].field = STR("a\xff");
        refused(&e, MQ_INVALID, fields[i].name);
        *fields[i].field = STR("a\nb");
        refused(&e, MQ_INVALID, fields[i].name);
        *fields[i].field = STR("a\0b");
        refused(&e, MQ_INVALID, fields[i].name);
    }
}

static void times_lie_between_1900_and_soon(void **state)
{
    (void)state;
    struct event e = good();
    e.at_ms = NOW + EVENT_FUTURE_MS;
    assert_ok(event_check(&e, NOW, &test_err));
    e.at_ms++;
    refused(&e, MQ_INVALID, "at");
    e.at_ms = EVENT_AT_MIN;
    assert_ok(event_check(&e, NOW, &test_err));
    e.at_ms--;
    refused(&e, MQ_INVALID, "at");
    e.at_ms = INT64_MAX;
    refused(&e, MQ_INVALID, "at");
    e.at_ms = INT64_MIN;
    refused(&e, MQ_INVALID, "at");
}

static void ratings_and_thumbs(void **state)
{
    (void)state;
    static const struct {
        enum event_kind kind;
        float value, scale;
        const char *refused;
    } cases[] = {
        {EVENT_RATING, 5, 5, NULL},       {EVENT_RATING, 0.5f, 5, NULL},
        {EVENT_RATING, 100, 100, NULL},   {EVENT_RATING, 0, 5, "value"},
        {EVENT_RATING, -1, 5, "value"},   {EVENT_RATING, 5.5f, 5, "value"},
        {EVENT_RATING, NAN, 5, "value"},  {EVENT_RATING, INFINITY, 5, "value"},
        {EVENT_RATING, 1, 0.5f, "scale"}, {EVENT_RATING, 1, 101, "scale"},
        {EVENT_RATING, 1, NAN, "scale"},  {EVENT_THUMB, -1, 5, NULL},
        {EVENT_THUMB, 1, 5, NULL},        {EVENT_THUMB, 2, 5, NULL},
        {EVENT_THUMB, 0, 5, "value"},     {EVENT_THUMB, 3, 5, "value"},
        {EVENT_THUMB, NAN, 5, "value"},   {EVENT_START, NAN, 5, NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct event e = good();
        e.kind = cases[i].kind;
        e.value = cases[i].value;
        e.scale = cases[i].scale;
        if (cases[i].refused)
            refused(&e, MQ_INVALID, cases[i].refused);
        else
            assert_ok(event_check(&e, NOW, &test_err));
    }
}

static void items_of_an_impression(void **state)
{
    (void)state;
    static struct event_item items[EVENT_ITEMS_MAX + 1];
    struct event e = good();
    e.kind = EVENT_IMPRESSION;
    e.title = STR_NONE;
    e.items = items;
    for (size_t i = 0; i <= EVENT_ITEMS_MAX; i++)
        items[i] = (struct event_item){.title = STR("t"), .propensity = NAN};
    e.n_items = EVENT_ITEMS_MAX;
    assert_ok(event_check(&e, NOW, &test_err));
    e.n_items++;
    refused(&e, MQ_TOO_LARGE, "items");
    e.n_items = 2;
    items[1].propensity = 1;
    assert_ok(event_check(&e, NOW, &test_err));
    items[1].propensity = 0;
    refused(&e, MQ_INVALID, "items.propensity");
    items[1].propensity = 1.5f;
    refused(&e, MQ_INVALID, "items.propensity");
    items[1] = (struct event_item){.title = STR(""), .propensity = NAN};
    refused(&e, MQ_INVALID, "items.title");
}

static bool same(const struct event *a, const struct event *b)
{
    struct hash128 x = event_identity(a), y = event_identity(b);
    return x.hi == y.hi && x.lo == y.lo;
}

static void with_an_id_the_id_decides(void **state)
{
    (void)state;
    struct event a = good(), b = good();
    a.id = b.id = STR("e1");
    b.at_ms += 1000;
    b.title = STR("t2");
    b.kind = EVENT_STOP;
    assert_true(same(&a, &b));
    b.source = STR("other");
    assert_false(same(&a, &b));
    b = a;
    b.id = STR("e2");
    assert_false(same(&a, &b));
    /* Where source ends and id begins is part of it. */
    a.source = STR("ab");
    a.id = STR("c");
    b.source = STR("a");
    b.id = STR("bc");
    assert_false(same(&a, &b));
}

static void without_one_the_content_decides(void **state)
{
    (void)state;
    struct event a = good();
    struct event b = a;
    b.arrival_ms = 5;
    b.seq = 9;
    assert_true(same(&a, &b));
#define DIFFERS(change)                                                                            \
    do {                                                                                           \
        b = a;                                                                                     \
        change;                                                                                    \
        assert_false(same(&a, &b));                                                                \
    } while (0)
    DIFFERS(b.viewer = STR("bob"));
    DIFFERS(b.title = STR("t2"));
    DIFFERS(b.kind = EVENT_STOP);
    DIFFERS(b.at_ms++);
    DIFFERS(b.position_ms = 0);
    DIFFERS(b.from_ms = 0);
    DIFFERS(b.rate_milli = 1000);
    DIFFERS(b.value = 3);
    DIFFERS(b.scale = 10);
    DIFFERS(b.session = STR("s"));
    DIFFERS(b.query = STR("q"));
    DIFFERS(b.recommendation = STR("r"));
    DIFFERS(b.source = STR("other"));
    struct event_item items[2] = {{.title = STR("t1")}, {.title = STR("t1"), .column = 1}};
    DIFFERS((b.items = items, b.n_items = 1));
    a.items = &items[0];
    a.n_items = 1;
    DIFFERS(b.items = &items[1]);
}

/* The longest text there may be still counts whole. */
static void long_content_is_told_apart_at_its_end(void **state)
{
    (void)state;
    static char x[EVENT_TEXT_MAX], y[EVENT_TEXT_MAX];
    static struct event_item items[EVENT_ITEMS_MAX], others[EVENT_ITEMS_MAX];
    memset(x, 'x', sizeof(x));
    memcpy(y, x, sizeof(x));
    y[sizeof(y) - 1] = 'y';
    for (size_t i = 0; i < EVENT_ITEMS_MAX; i++)
        others[i] = items[i] = (struct event_item){.title = {x, EVENT_ID_MAX}, .row = (uint16_t)i};
    others[EVENT_ITEMS_MAX - 1].title = STR("last");
    struct event a = good();
    a.kind = EVENT_IMPRESSION;
    a.source = a.viewer = a.title = a.session = a.custom = a.recommendation =
        (struct str){x, EVENT_ID_MAX};
    a.query = (struct str){x, sizeof(x)};
    a.items = items;
    a.n_items = EVENT_ITEMS_MAX;
    struct event b = a;
    assert_true(same(&a, &b));
    b.items = others;
    assert_false(same(&a, &b));
    b = a;
    b.query.p = y;
    assert_false(same(&a, &b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_have_names),
        cmocka_unit_test(what_must_be_there),
        cmocka_unit_test(limits_of_text),
        cmocka_unit_test(times_lie_between_1900_and_soon),
        cmocka_unit_test(ratings_and_thumbs),
        cmocka_unit_test(items_of_an_impression),
        cmocka_unit_test(with_an_id_the_id_decides),
        cmocka_unit_test(without_one_the_content_decides),
        cmocka_unit_test(long_content_is_told_apart_at_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
