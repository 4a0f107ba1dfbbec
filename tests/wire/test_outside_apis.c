/* What Gorse's and Amazon Personalize's SDKs send: feedback, users, items, events, requests. */
#include "base/buf.h"
#include "support/check.h"
#include "wire/feedback_table.h"
#include "wire/gorse.h"
#include "wire/personalize.h"

#define NOW_MS INT64_C(1772400000000)

static struct {
    struct buf text;
    char why[MQ_ERROR_TEXT];
    int events, refused;
} seen;

static struct arena arena;

static int on_event(void *ctx, size_t index, struct event *e, struct mq_error *err)
{
    struct buf *b = &seen.text;
    (void)ctx;
    assert_ok(event_check(e, NOW_MS, err));
    buf_printf(b, "%zu %.*s %.*s %.*s @%lld", index, STR_ARG(e->viewer),
               STR_ARG(e->custom.n ? e->custom : str_of(event_kind_name(e->kind))),
               STR_ARG(e->title), (long long)(e->at_ms - NOW_MS) / 1000);
    if (e->position_ms != EVENT_ABSENT)
        buf_printf(b, " pos=%lld", (long long)e->position_ms);
    if (e->from_ms != EVENT_ABSENT)
        buf_printf(b, " from=%lld", (long long)e->from_ms);
    if (e->kind == EVENT_THUMB || e->kind == EVENT_RATING)
        buf_printf(b, " value=%g/%g", (double)e->value, (double)e->scale);
    if (e->id.n || e->session.n || e->recommendation.n)
        buf_printf(b, " [%.*s|%.*s|%.*s]", STR_ARG(e->id), STR_ARG(e->session),
                   STR_ARG(e->recommendation));
    for (uint32_t i = 0; i < e->n_items; i++)
        buf_printf(b, " %u:%.*s", e->items[i].column, STR_ARG(e->items[i].title));
    buf_add_char(b, '\n');
    seen.events++;
    return 0;
}

static int on_refused(void *ctx, const struct event_place *place, const struct mq_error *why,
                      struct mq_error *err)
{
    (void)ctx;
    (void)place;
    (void)err;
    seen.refused++;
    memcpy(seen.why, why->text, sizeof seen.why);
    return 0;
}

static const struct event_sink sink = {NULL, on_event, on_refused, NULL};

static void clear(void)
{
    buf_release(&seen.text);
    memset(&seen, 0, sizeof seen);
    buf_init(&seen.text, 1 << 16);
    arena_reset(&arena);
}

static int gorse(const char *body)
{
    clear();
    return gorse_read_events(str_of(body), GORSE_FEEDBACK, NOW_MS, &arena, &sink, &test_err);
}

static int personalize(const char *body)
{
    clear();
    return personalize_read_events(str_of(body), NOW_MS, &arena, &sink, &test_err);
}

static void gorse_feedback(void **state)
{
    (void)state;
    assert_ok(
        gorse("[{\"FeedbackType\":\"star\",\"UserId\":\"bob\",\"ItemId\":\"a\",\"Value\":4,"
              "\"Timestamp\":\"2026-03-01T21:20:10Z\"},"
              "{\"FeedbackType\":\"Like\",\"UserId\":\"bob\",\"ItemId\":7,\"Timestamp\":\"\"},"
              "{\"FeedbackType\":\"watch\",\"UserId\":\"bob\",\"ItemId\":\"a\",\"Value\":12.5},"
              "{\"FeedbackType\":\"shared\",\"UserId\":\"bob\",\"ItemId\":\"a\",\"Value\":1}]"));
    assert_str("0 bob rating a @10 value=4/5\n1 bob thumb 7 @0 value=1/5\n"
               "2 bob play a @0 pos=12500\n3 bob shared a @0\n",
               buf_str(&seen.text));
    assert_ok(gorse("{\"FeedbackType\":\"dislike\",\"UserId\":\"b\",\"ItemId\":\"i\"}"));
    assert_str("0 b thumb i @0 value=-1/5\n", buf_str(&seen.text));
    assert_ok(gorse("[{\"FeedbackType\":\"star\",\"UserId\":\"b\",\"ItemId\":\"i\"},"
                    "{\"FeedbackType\":\"star\",\"UserId\":\"b\",\"ItemId\":\"j\",\"Value\":0}]"));
    assert_str("0 b thumb i @0 value=1/5\n1 b thumb j @0 value=1/5\n", buf_str(&seen.text));
    static const char *const bad[] = {
        "{\"UserId\":\"b\",\"ItemId\":\"i\"}",
        "{\"FeedbackType\":\"like\",\"ItemId\":\"i\"}",
        "{\"FeedbackType\":\"like\",\"UserId\":\"b\"}",
        "{\"FeedbackType\":\"rating\",\"UserId\":\"b\",\"ItemId\":\"i\"}",
        "{\"FeedbackType\":\"star\",\"UserId\":\"b\",\"ItemId\":\"i\",\"Value\":\"much\"}",
        "{\"FeedbackType\":\"like\",\"UserId\":\"b\",\"ItemId\":\"i\",\"Timestamp\":\"2099-01-"
        "01\"}",
        "[1]",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_ok(gorse(bad[i]));
        assert_int_equal(1, seen.refused);
    }
    assert_fails(MQ_INVALID, gorse("[{\"FeedbackType\""));
}

static void gorse_types_are_found_again(void **state)
{
    (void)state;
    struct event e;
    event_init(&e);
    e.kind = EVENT_THUMB;
    e.value = 1;
    assert_true(gorse_event_is(&e, STR("like")) && gorse_event_is(&e, STR("upvote")));
    assert_true(gorse_event_is(&e, STR("Star")));
    assert_false(gorse_event_is(&e, STR("love")) || gorse_event_is(&e, STR("dislike")));
    e.kind = EVENT_RATING;
    e.value = 4;
    assert_true(gorse_event_is(&e, STR("star")) && gorse_event_is(&e, STR("rating")));
    assert_false(gorse_event_is(&e, STR("like")));
    event_init(&e);
    e.custom = STR("shared");
    assert_true(gorse_event_is(&e, STR("shared")));
    assert_false(gorse_event_is(&e, STR("user")) || gorse_event_is(&e, STR("play")));
}

static void gorse_users_and_items(void **state)
{
    (void)state;
    clear();
    assert_ok(gorse_read_events(STR("[{\"UserId\":\"a\",\"Labels\":[\"x\"]},{\"Labels\":[]}]"),
                                GORSE_USERS, NOW_MS, &arena, &sink, &test_err));
    assert_str("0 a user  @0\n", buf_str(&seen.text));
    assert_int_equal(1, seen.refused);
    struct title *t;
    size_t n;
    assert_ok(gorse_read_items(
        STR("[{\"ItemId\":\"i1\",\"Categories\":[\"Drama\",\"\"],\"Labels\":{\"mood\":[\"dark\"],"
            "\"who\":\"Ann\",\"n\":3},\"Comment\":\"The One\",\"Timestamp\":"
            "\"2026-03-01T21:20:00Z\"},{\"ItemId\":\"i2\",\"Labels\":[\"a\",\"b\"]}]"),
        &arena, &t, &n, &test_err));
    assert_int_equal(2, n);
    assert_str("The One", t[0].name);
    assert_int_equal(1, t[0].n_genres);
    assert_int_equal(2, t[0].n_tags);
    assert_str("dark", t[0].tags[0]);
    assert_true(t[0].added_ms == NOW_MS);
    assert_str("i2", t[1].name);
    assert_fails(MQ_INVALID,
                 gorse_read_items(STR("[{\"Comment\":\"x\"}]"), &arena, &t, &n, &test_err));
}

#define HEAD "\"trackingId\":\"t\",\"sessionId\":\"s1\""

static void personalize_events(void **state)
{
    (void)state;
    assert_ok(personalize(
        "{" HEAD ",\"userId\":\"u\",\"eventList\":[{\"eventType\":\"Watch\",\"sentAt\":1772400010,"
        "\"itemId\":\"i\",\"properties\":\"{\\\"position_ms\\\":500,\\\"from_ms\\\":70}\"},"
        "{\"eventId\":\"e2\",\"eventType\":\"Click\",\"sentAt\":1772400000.5,\"itemId\":\"i\","
        "\"recommendationId\":\"r\",\"impression\":[\"i\",\"k\"]},"
        "{\"eventType\":\"Bought\",\"sentAt\":1772400000,\"properties\":\"no json\"},"
        "{\"eventType\":\"RATING\",\"sentAt\":1772400000,\"itemId\":\"i\",\"eventValue\":4}]}"));
    assert_str("0 u play i @10 pos=500 from=70 [|s1|]\n"
               "1 u click i @0 [e2||r]\n"
               "1 u impression  @0 [e2/impression||r] 0:i 1:k\n"
               "2 u Bought  @0\n"
               "3 u rating i @0 value=4/5\n",
               buf_str(&seen.text));
    assert_ok(personalize(
        "{" HEAD ",\"eventList\":[{\"eventType\":\"stop\",\"sentAt\":1,\"itemId\":\"i\"}]}"));
    assert_true(str_starts(buf_str(&seen.text), STR("0 s1 stop i ")));
    static const char *const bad[] = {
        "{}",
        "{" HEAD "}",
        "{" HEAD ",\"eventList\":[]}",
        "{" HEAD ",\"eventList\":[{}]}",
        "{" HEAD ",\"eventList\":[{\"eventType\":\"Watch\"}]}",
        "{" HEAD ",\"eventList\":[{\"eventType\":\"Watch\",\"sentAt\":1e300}]}",
        "{\"trackingId\":\"t\",\"eventList\":[{\"eventType\":\"a\",\"sentAt\":1}]}",
        "{\"sessionId\":\"t\",\"eventList\":[{\"eventType\":\"a\",\"sentAt\":1}]}",
        "[1]",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_fails(MQ_INVALID, personalize(bad[i]));
        assert_int_equal(0, seen.events);
    }
    /* Eleven at once. */
    struct buf b;
    buf_init(&b, 1 << 14);
    buf_add_z(&b, "{" HEAD ",\"eventList\":[");
    for (int i = 0; i < 11; i++)
        buf_printf(&b, "%s{\"eventType\":\"a\",\"sentAt\":1}", i ? "," : "");
    buf_add_z(&b, "]}");
    clear();
    assert_fails(MQ_TOO_LARGE,
                 personalize_read_events(buf_str(&b), NOW_MS, &arena, &sink, &test_err));
    buf_release(&b);
}

static void personalize_requests(void **state)
{
    (void)state;
    struct personalize_request r;
    arena_reset(&arena);
    assert_ok(personalize_read_request(STR("{\"recommenderArn\":\"arn:aws:personalize:eu-west-1:1:"
                                           "recommender/Because-You-Watched_2\","
                                           "\"userId\":\"u\",\"itemId\":\"i\",\"numResults\":3,"
                                           "\"context\":{\"DEVICE\":\"tv\",\"COUNTRY\":\"GB\"}}"),
                                       &arena, &r, &test_err));
    assert_int_equal(PERSONALIZE_BECAUSE, r.recipe);
    assert_int_equal(3, r.n);
    assert_string_equal("tv", r.device);
    assert_string_equal("GB", r.country);
    assert_ok(personalize_read_request(
        STR("{\"campaignArn\":\"x\",\"userId\":\"u\",\"inputList\":[\"a\",\"b\"]}"), &arena, &r,
        &test_err));
    assert_int_equal(2, r.n_input);
    assert_string_equal("b", r.input[1]);
    assert_int_equal(25, r.n);
    static const struct {
        const char *arn;
        enum personalize_recipe recipe;
    } arns[] = {
        {"arn:aws:personalize:x:1:recommender/top-picks-for-you", PERSONALIZE_TOP_PICKS},
        {"recommender/aws-vod-more-like-x", PERSONALIZE_MORE_LIKE},
        {"r/MostPopular", PERSONALIZE_POPULAR},
        {"r/trending-now-1", PERSONALIZE_TRENDING},
        {"most-popular/mine", PERSONALIZE_TOP_PICKS},
        {"", PERSONALIZE_TOP_PICKS},
    };
    for (size_t i = 0; i < sizeof arns / sizeof *arns; i++)
        assert_int_equal(arns[i].recipe, personalize_recipe_of(str_of(arns[i].arn)));
    static const char *const bad[] = {
        "{\"userId\":\"u\"}",
        "{\"campaignArn\":\"x\",\"numResults\":501}",
        "{\"campaignArn\":\"x\",\"filterArn\":\"f\"}",
        "{\"campaignArn\":\"x\",\"inputList\":[1]}",
        "7",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_fails(MQ_INVALID, personalize_read_request(str_of(bad[i]), &arena, &r, &test_err));
}

static int on_row(void *ctx, struct event *e, uint64_t line, struct mq_error *err)
{
    assert_true(line > 1);
    assert_true(e->archived);
    return on_event(ctx, 0, e, err);
}

static int on_title(void *ctx, const struct title *t, uint64_t line, struct mq_error *err)
{
    (void)ctx;
    (void)err;
    buf_printf(&seen.text, "%llu %.*s %.*s %u %u\n", (unsigned long long)line, STR_ARG(t->id),
               STR_ARG(t->name), t->n_genres, t->n_tags);
    return 0;
}

static int on_bad(void *ctx, const struct bad_row *bad, struct mq_error *err)
{
    (void)ctx;
    (void)err;
    assert_true(bad->why->text[0] != '\0');
    seen.refused++;
    return 0;
}

static int table(const char *text, enum feedback_form form)
{
    struct feedback_sink rows = {NULL, on_row, on_title, on_bad};
    clear();
    return feedback_table_read("table.csv", str_of(text), form, NOW_MS, &rows, &test_err);
}

static void tables(void **state)
{
    (void)state;
    assert_ok(
        table("USER_ID,ITEM_ID,EVENT_TYPE,EVENT_VALUE,TIMESTAMP,IMPRESSION,RECOMMENDATION_ID\n"
              "u,i,Watch,0.5,1772400000,,\nu,i,Click,,1772400000,i|k,r\nu,i,rating,4,1772400000,,\n"
              "u,i,Watch,,soon,,\nu,,Watch,,1772400000,,\n",
              FEEDBACK_PERSONALIZE));
    assert_str("0 u play i @0\n0 u click i @0 [||r]\n0 u impression  @0 [||r] 0:i 1:k\n0 u rating "
               "i @0 value=4/5\n",
               buf_str(&seen.text));
    assert_int_equal(2, seen.refused);
    assert_ok(table("ITEM_ID,GENRES,CREATION_TIMESTAMP\na,Drama|War,1772400000\nb,,\nc,,x\n",
                    FEEDBACK_PERSONALIZE));
    assert_str("2 a a 2 0\n3 b b 0 0\n", buf_str(&seen.text));
    assert_int_equal(1, seen.refused);
    assert_ok(
        table("feedback_type,user_id,item_id,value,time_stamp\nstar,u,i,5,2026-03-01T21:20:00Z\n"
              "like,u,i,,2026-03-01T21:20:00Z\nrating,u,i,,\nstar,u,j,,\n",
              FEEDBACK_GORSE));
    assert_str("0 u rating i @0 value=5/5\n0 u thumb i @0 value=1/5\n0 u thumb j @0 value=1/5\n",
               buf_str(&seen.text));
    assert_int_equal(1, seen.refused);
    assert_fails(MQ_INVALID, table("a,b\n1,2\n", FEEDBACK_GORSE));
    assert_fails(MQ_INVALID, table("user_id,item_id\n1,2\n", FEEDBACK_GORSE));
    assert_fails(MQ_INVALID, table("", FEEDBACK_PERSONALIZE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gorse_feedback),        cmocka_unit_test(gorse_types_are_found_again),
        cmocka_unit_test(gorse_users_and_items), cmocka_unit_test(personalize_events),
        cmocka_unit_test(personalize_requests),  cmocka_unit_test(tables),
    };
    assert_int_equal(0, arena_init(&arena, 1 << 16, 1 << 24));
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    clear();
    buf_release(&seen.text);
    arena_release(&arena);
    return failed;
}
