/* Who is who: merges against a model that keeps all of it in arrays; live answers against those of a reopened folder
 * and of the past; erasure and export of all ids. */
#include <stdlib.h>

#include "base/rng.h"
#include "engine/audiences.h"
#include "engine/lookup.h"
#include "service.h"

enum { IDS = 10, STEPS = 120, PLACES = 12 };

/* What must hold, told by simple means. */
struct oracle {
    int parent[IDS]; /* -1: none */
    int events[IDS]; /* that came under the id */
};

static int root_of(const struct oracle *o, int id)
{
    while (o->parent[id] >= 0)
        id = o->parent[id];
    return id;
}

static void say(struct service *s, const char *json)
{
    struct mq_appended done;
    assert_ok(mq_append_json(s->engine, json, strlen(json), &done, &test_err));
    if (done.rejected > 0)
        fail_msg("%s: %s", json, done.rejection.text);
}

static void say_who(struct service *s, const char *kind, int viewer, int other, unsigned number)
{
    char json[256];
    snprintf(json, sizeof(json),
             "{\"id\":\"w%u\",\"kind\":\"%s\",\"viewer\":\"i%d\",\"other\":\"i%d\"}", number, kind,
             viewer, other);
    say(s, json);
    say(s, json); /* a repetition changes nothing */
}

/* Events some minutes apart in the last day, some of them late. */
static void say_event(struct service *s, struct rng *rng, struct oracle *o, unsigned number)
{
    static const char *const kinds[] = {"start",    "progress", "pause",
                                        "complete", "thumb",    "list_add"};
    char json[512];
    unsigned viewer = (unsigned)rng_below(rng, IDS);
    snprintf(
        json, sizeof(json),
        "{\"id\":\"e%u\",\"viewer\":\"i%u\",\"kind\":\"%s\",\"title\":\"t%u\",\"session\":\"s%u\","
        "\"position_ms\":%u,\"value\":1,\"at\":%lld}",
        number, viewer, kinds[rng_below(rng, 6)], (unsigned)rng_below(rng, 12),
        (unsigned)rng_below(rng, 3), (unsigned)rng_below(rng, 5000000),
        (long long)(service_now() - 60000 * (int64_t)rng_below(rng, 1440)));
    say(s, json);
    o->events[viewer]++;
}

static void step_who(struct service *s, struct rng *rng, struct oracle *o, unsigned number)
{
    int viewer = (int)rng_below(rng, IDS), other = (int)rng_below(rng, IDS);
    bool take_back = rng_below(rng, 3) == 0;
    say_who(s, take_back ? "unmerge" : "identify", viewer, other, number);
    o->events[viewer]++;
    bool one = root_of(o, viewer) == root_of(o, other);
    if (take_back && one && viewer != other)
        o->parent[other] = -1;
    else if (!take_back && !one && o->parent[other] < 0)
        o->parent[other] = viewer;
}

struct counting {
    int n;
    int64_t last_ms;
};

static bool count_line(void *ctx, const char *p, size_t n)
{
    /* Pages that they were shown are not events of theirs. */
    if (!memmem(p, n, "\"impression\"", 12))
        ((struct counting *)ctx)->n++;
    return true;
}

static bool known(struct service *s, int id)
{
    char name[16];
    snprintf(name, sizeof(name), "i%d", id);
    return engine_are_one(s->engine, str_of(name), str_of(name));
}

/* Groups and the number of events of each are the oracle's. */
static void compare_groups(struct service *s, const struct oracle *o)
{
    for (int i = 0; i < IDS; i++) {
        char a[16];
        snprintf(a, sizeof(a), "i%d", i);
        if (!known(s, i))
            continue;
        struct counting c = {0};
        int want = 0;
        for (int k = 0; k < IDS; k++) {
            char b[16];
            snprintf(b, sizeof(b), "i%d", k);
            bool one = root_of(o, i) == root_of(o, k);
            want += one ? o->events[k] : 0;
            if (known(s, k))
                assert_int_equal(engine_are_one(s->engine, str_of(a), str_of(b)), one);
        }
        assert_ok(mq_export(s->engine, a, 0, count_line, &c, &test_err));
        assert_int_equal(c.n, want);
    }
}

/* The page at a fixed moment; `seq`: as of that place in the log, 0 = live. */
static char *page(struct service *s, int id, uint64_t seq, int64_t at_ms)
{
    char viewer[16];
    snprintf(viewer, sizeof(viewer), "i%d", id);
    return service_page(s->reader,
                        &(struct mq_request){.viewer = viewer, .at_ms = at_ms, .as_of_seq = seq});
}

/* The two pages say the same of the viewer: everything from the rows on. */
static void same_rows(const char *what, char *a, char *b)
{
    const char *x = strstr(a, "\"rows\"");
    const char *y = strstr(b, "\"rows\"");
    assert_non_null(x);
    assert_non_null(y);
    const char *x_end = strstr(x, "\"recommendation_id\"");
    const char *y_end = strstr(y, "\"recommendation_id\"");
    if (x_end - x != y_end - y || memcmp(x, y, (size_t)(x_end - x)) != 0)
        fail_msg("%s:\n%.3000s\n%.3000s", what, x, y);
    free(a);
    free(b);
}

static struct buf sets_of(struct service *s, uint64_t as_of_seq)
{
    struct mq_audience_request q = {.as_of_seq = as_of_seq, .research = true};
    struct asked x;
    struct buf b;
    buf_init(&b, 64 << 20);
    assert_ok(audiences_begin(s->reader, &q, false, &x, &test_err));
    viewer_sets_encode(x.world.sets, &b);
    audiences_end(s->reader);
    mq_reader_rest(s->reader);
    assert_false(b.failed);
    return b;
}

/* The live sets, kept up with each merge and its taking back, are those of a rebuild from the log. */
static void same_sets(struct service *s, const char *when)
{
    struct buf live = sets_of(s, 0), rebuilt = sets_of(s, service_last_seq(s));
    if (!str_eq(buf_str(&live), buf_str(&rebuilt)))
        fail_msg("%s: the live sets of merged viewers are not what the log gives", when);
    buf_release(&live);
    buf_release(&rebuilt);
}

/* All profiles are in memory: the committer loads those that were asked for. */
static void make_resident(struct service *s, const struct oracle *o, int64_t at_ms)
{
    struct mq_stats stats = {0};
    for (int tries = 0; tries < 200; tries++) {
        size_t want = 0;
        for (int i = 0; i < IDS; i++) {
            int events = 0;
            for (int k = 0; k < IDS; k++)
                events += root_of(o, k) == i ? o->events[k] : 0;
            want += root_of(o, i) == i && events > 0;
            free(page(s, i, 0, at_ms));
        }
        assert_ok(mq_stats(s->engine, &stats, &test_err));
        if (stats.profiles >= want)
            return;
    }
    fail_msg("profiles do not get into memory: %llu", (unsigned long long)stats.profiles);
}

static void merges_follow_the_model(void **state)
{
    struct service *s = *state;
    struct rng rng;
    service_titles(s);
    rng_seed(&rng, test_seed());
    for (size_t round = 0; round < test_rounds(2); round++) {
        struct oracle o;
        struct {
            uint64_t seq;
            int id;
            char *page;
        } places[PLACES];
        size_t n_places = 0;
        memset(&o, 0, sizeof(o));
        for (int i = 0; i < IDS; i++)
            o.parent[i] = -1;
        service_close(s);
        snprintf(s->data, sizeof(s->data), "%s/round%zu", s->dir, round);
        service_open(s, s->data);
        service_titles(s);
        int64_t at = service_now();
        for (unsigned step = 0; step < STEPS; step++) {
            bool who = step % 10 == 9 || rng_below(&rng, 6) == 0;
            if (who)
                make_resident(s, &o, at);
            if (who)
                step_who(s, &rng, &o, step);
            else
                say_event(s, &rng, &o, step);
            if (step % 10 == 9 && n_places < PLACES) {
                int id = (int)rng_below(&rng, IDS);
                places[n_places].seq = service_last_seq(s);
                places[n_places].id = id;
                places[n_places++].page = page(s, id, 0, at);
            }
            if (step % 4 == 3)
                same_sets(s, "after a step");
            if (step == STEPS / 2) {
                service_reopen(s);
                same_sets(s, "opened again");
            }
        }
        compare_groups(s, &o);
        char *live[IDS];
        for (int i = 0; i < IDS; i++) {
            free(page(s, i, 0, at));
            live[i] = page(s, i, 0, at);
        }
        service_reopen(s);
        compare_groups(s, &o);
        for (int i = 0; i < IDS; i++)
            same_rows("opened again", live[i], page(s, i, 0, at));
        same_sets(s, "at the end, opened again");
        for (int i = 0; i < IDS; i++)
            same_rows("by the root", page(s, i, 0, at), page(s, root_of(&o, i), 0, at));
        /* What was answered then is what is answered as of then. */
        for (size_t i = 0; i < n_places; i++)
            same_rows("as of", places[i].page, page(s, places[i].id, places[i].seq, at));
        struct mq_check check;
        assert_ok(mq_check(s->engine, &check, &test_err));
    }
}

static void an_id_is_merged_into_one_other_only(void **state)
{
    struct service *s = *state;
    say(s, "{\"kind\":\"identify\",\"viewer\":\"ann\",\"other\":\"tv\"}");
    say(s, "{\"kind\":\"identify\",\"viewer\":\"bob\",\"other\":\"tv\"}");
    assert_true(engine_are_one(s->engine, STR("ann"), STR("tv")));
    assert_false(engine_are_one(s->engine, STR("bob"), STR("tv")));
    assert_false(engine_are_one(s->engine, STR("bob"), STR("ann")));
    /* In a circle it would have no root. */
    say(s, "{\"kind\":\"identify\",\"viewer\":\"tv\",\"other\":\"ann\"}");
    say(s, "{\"kind\":\"unmerge\",\"viewer\":\"ann\",\"other\":\"tv\"}");
    assert_false(engine_are_one(s->engine, STR("ann"), STR("tv")));
    say(s, "{\"kind\":\"identify\",\"viewer\":\"bob\",\"other\":\"tv\",\"at\":1500000000000}");
    assert_true(engine_are_one(s->engine, STR("bob"), STR("tv")));
}

static void not_over_the_limit(void **state)
{
    struct service *s = *state;
    for (int i = 0; i < STORE_IDENTITIES_MAX + 3; i++) {
        char json[128];
        snprintf(json, sizeof(json), "{\"kind\":\"identify\",\"viewer\":\"u\",\"other\":\"d%d\"}",
                 i);
        say(s, json);
    }
    assert_true(engine_are_one(s->engine, STR("u"), STR("d254")));
    assert_false(engine_are_one(s->engine, STR("u"), STR("d255")));
    struct counting c = {0};
    assert_ok(mq_export(s->engine, "d7", 0, count_line, &c, &test_err));
    assert_int_equal(c.n, STORE_IDENTITIES_MAX + 3);
}

static void attributes_are_laid_over(void **state)
{
    struct service *s = *state;
    struct viewer_summary v;
    say(s, "{\"kind\":\"identify\",\"viewer\":\"u\",\"at\":1500000001000,\"attributes\":{\"plan\":"
           "\"basic\","
           "\"age_band\":"
           "\"25-34\",\"name\":\"Ann\"}}");
    say(s, "{\"kind\":\"identify\",\"viewer\":\"d\",\"at\":1500000002000,\"attributes\":{\"plan\":"
           "\"gold\","
           "\"age_band\":"
           "null,\"country\":\"GB\"}}");
    say(s, "{\"kind\":\"identify\",\"viewer\":\"u\",\"at\":1500000001500,\"other\":\"d\"}");
    assert_ok(engine_viewer_summary(s->engine, STR("d"), &v, &test_err));
    assert_string_equal(v.attributes, "country=GB&plan=gold");
    assert_int_equal(v.events, 3);
}

static void all_ids_are_erased(void **state)
{
    struct service *s = *state;
    service_titles(s);
    say(s, "{\"viewer\":\"anonymous-device-1\",\"kind\":\"start\",\"title\":\"t1\"}");
    say(s, "{\"viewer\":\"known-person-7\",\"kind\":\"start\",\"title\":\"t2\"}");
    say(s, "{\"viewer\":\"somebody-else\",\"kind\":\"start\",\"title\":\"t2\"}");
    say(s,
        "{\"kind\":\"identify\",\"viewer\":\"known-person-7\",\"other\":\"anonymous-device-1\"}");
    struct mq_receipt receipt;
    assert_ok(mq_erase(s->engine, "anonymous-device-1", &receipt, &test_err));
    assert_int_equal(receipt.events, 3);
    assert_int_equal(receipt.rows_left, 0);
    assert_int_equal(receipt.files_with_name, 0);
    assert_false(service_grep(s->data, "known-person-7"));
    assert_false(service_grep(s->data, "anonymous-device-1"));
    struct counting c = {0};
    assert_int_equal(mq_export(s->engine, "known-person-7", 0, count_line, &c, &test_err),
                     MQ_NOT_FOUND);
    assert_ok(mq_export(s->engine, "somebody-else", 0, count_line, &c, &test_err));
    struct mq_check check;
    assert_ok(mq_check(s->engine, &check, &test_err));
    service_reopen(s);
    say(s, "{\"viewer\":\"anonymous-device-1\",\"kind\":\"start\",\"title\":\"t1\"}");
    c.n = 0;
    assert_ok(mq_export(s->engine, "anonymous-device-1", 0, count_line, &c, &test_err));
    assert_int_equal(c.n, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(merges_follow_the_model, service_setup, service_teardown),
        cmocka_unit_test_setup_teardown(an_id_is_merged_into_one_other_only, service_setup,
                                        service_teardown),
        cmocka_unit_test_setup_teardown(not_over_the_limit, service_setup, service_teardown),
        cmocka_unit_test_setup_teardown(attributes_are_laid_over, service_setup, service_teardown),
        cmocka_unit_test_setup_teardown(all_ids_are_erased, service_setup, service_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
