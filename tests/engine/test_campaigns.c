/* Campaigns: launched to whom they may be, held out from whom they must be, remembered, read; an effect where there is
 * one and none where there is none. */
#include "campaign_asked.h"
#include "service.h"

#include <math.h>

#include "base/rng.h"
#include "engine/campaigns.h"
#include "engine/consent.h"
#include "engine/experiments.h"
#include "engine/log_scan.h"
#include "engine/page_log.h"
#include "engine/picture_learning.h"
#include "event/shown_page.h"

enum { VIEWERS = 300 };

static int launch(struct service *s, const char *name, const char *title, const char *audience)
{
    struct campaign_segment segment = segment_of(audience);
    struct campaign_request q = request_of(name, title, &segment, 1);
    return engine_campaign_launch(s->reader, &q, "test", &test_err);
}

/* The title that the viewer's page leads with by a campaign: its reason's text, or NULL. */
static const char *leads(struct service *s, const char *viewer, const char *title,
                         const char *device, const char *max_maturity)
{
    static char text[256];
    struct mq_rules rules = {.max_maturity = max_maturity};
    struct mq_request q = {.viewer = viewer,
                           .at_ms = service_now() + 1000,
                           .device = device,
                           .rules = max_maturity ? &rules : NULL};
    struct mq_page page;
    const char *found = NULL;
    assert_ok(mq_home(s->reader, &q, &page, &test_err));
    for (size_t r = 0; r < page.n_rows; r++) {
        for (size_t i = 0; i < page.rows[r].n_items; i++) {
            const struct mq_item *item = &page.rows[r].items[i];
            if (item->reason.kind != MQ_REASON_CAMPAIGN)
                continue;
            assert_string_equal(item->title, title);
            assert_null(found); /* once */
            assert_true(r <= 1 && i == 0);
            snprintf(text, sizeof(text), "%s", item->reason.text);
            found = text;
        }
    }
    mq_reader_rest(s->reader);
    return found;
}

static int arm_in(const char *campaign, unsigned viewer)
{
    char label[80], name[16];
    snprintf(label, sizeof(label), CAMPAIGN_LABEL "%s", campaign);
    snprintf(name, sizeof(name), "v%u", viewer);
    return campaign_arm(str_of(label), 0.5, str_of(name));
}

/* The first viewers, from `from` on, that are assigned to this arm. */
static unsigned viewer_in(struct service *s, const char *campaign, int arm, unsigned from)
{
    struct campaign_viewers v;
    assert_ok(campaign_viewers_get(s->engine, str_of(campaign), &v, &test_err));
    unsigned found = VIEWERS;
    for (unsigned i = from; i < VIEWERS && found == VIEWERS; i++) {
        char name[16];
        struct viewer_id id;
        snprintf(name, sizeof(name), "v%u", i);
        if (engine_find_viewer(s->engine, str_of(name), &id, &test_err) == 0 &&
            roaring_bitmap_contains(v.of[0], id.v) && arm_in(campaign, i) == arm)
            found = i;
    }
    campaign_viewers_release(&v);
    assert_true(found < VIEWERS);
    return found;
}

static const char *name_of(unsigned v)
{
    static char names[8][16];
    static unsigned at;
    char *to = names[at++ % 8];
    snprintf(to, 16, "v%u", v);
    return to;
}

static void begin(struct service *s)
{
    service_titles(s);
    service_ratings_of(s, VIEWERS);
}

/* ---------------------------------------------------------------- life */

static void bad_input(void **state)
{
    struct service *s = *state;
    begin(s);
    assert_fails(MQ_NOT_FOUND, launch(s, "a", "t999", "watched:all"));
    assert_fails(MQ_INVALID, launch(s, "a b", "t1", "watched:all"));
    assert_fails(MQ_INVALID, launch(s, "", "t1", "watched:all"));
    assert_fails(MQ_INVALID, launch(s, "a", "t1", "watched:"));
    assert_fails(MQ_NOT_FOUND, launch(s, "a", "t1", "liked:director=Nobody At All"));
    assert_fails(MQ_DENIED, launch(s, "a", "t1", "watched:country=NZ")); /* nobody */
    struct campaign_request none = request_of("a", "t1", NULL, 0);
    assert_fails(MQ_INVALID, engine_campaign_launch(s->reader, &none, "test", &test_err));
    struct campaign_segment led = segment_of("watched:all");
    led.kind = LEAD_DIRECTOR;
    led.lead = STR("Director A"); /* t1 is by Director B */
    struct campaign_request q = request_of("a", "t1", &led, 1);
    assert_fails(MQ_INVALID, engine_campaign_launch(s->reader, &q, "test", &test_err));
    led.lead = STR("director  b");
    assert_ok(engine_campaign_launch(s->reader, &q, "test", &test_err));
    assert_fails(MQ_CONFLICT, engine_campaign_launch(s->reader, &q, "test", &test_err));
    /* Two groups of which the second is nearly the first: too few are left. */
    struct campaign_segment two[] = {segment_of("watched:all"), segment_of("liked:genre=Drama")};
    struct campaign_request both = request_of("b", "t1", two, 2);
    assert_fails(MQ_DENIED, engine_campaign_launch(s->reader, &both, "test", &test_err));
    q.floor = 5;
    q.name = STR("c");
    assert_fails(MQ_INVALID, engine_campaign_launch(s->reader, &q, "test", &test_err));
    assert_fails(MQ_NOT_FOUND, engine_campaign_stop(s->engine, STR("b"), &test_err));
    assert_ok(engine_campaign_stop(s->engine, STR("a"), &test_err));
    assert_fails(MQ_CONFLICT, engine_campaign_stop(s->engine, STR("a"), &test_err));
    assert_fails(MQ_CONFLICT, engine_campaign_launch(s->reader, &q, "test", &test_err) == 0
                                  ? 0
                                  : launch(s, "a", "t1", "watched:all")); /* used for ever */
}

static void served(void **state)
{
    struct service *s = *state;
    begin(s);
    assert_ok(launch(s, "one", "t3", "watched:all"));
    unsigned led = viewer_in(s, "one", 1, 0), held = viewer_in(s, "one", 0, 0);
    assert_non_null(leads(s, name_of(led), "t3", "tv", NULL));
    assert_null(leads(s, name_of(held), "t3", "tv", NULL));
    assert_null(leads(s, "somebody new", "t3", "tv", NULL));
    service_reopen(s);
    assert_string_equal(leads(s, name_of(led), "t3", "tv", NULL), "Promoted by the service");
    assert_null(leads(s, name_of(held), "t3", "tv", NULL));
    /* Rights and limits go before it: the certificate is unknown. */
    assert_null(leads(s, name_of(led), "t3", "tv", "12"));
    /* explain says so, to who is led to alone */
    struct mq_request q = {.viewer = name_of(led), .at_ms = service_now() + 1000};
    struct mq_explanation e;
    assert_ok(mq_explain(s->reader, &q, "t3", &e, &test_err));
    assert_string_equal(e.campaign, "one");
    assert_non_null(strstr(e.text, "Promoted by the service"));
    q.viewer = name_of(held);
    assert_ok(mq_explain(s->reader, &q, "t3", &e, &test_err));
    assert_null(e.campaign);
    /* without profiling, of the past, hidden, seen: nothing */
    q = (struct mq_request){.viewer = name_of(led), .no_profiling = true};
    assert_ok(mq_explain(s->reader, &q, "t3", &e, &test_err));
    assert_null(e.campaign);
    service_event(s, name_of(led), "hide", "t3");
    assert_null(leads(s, name_of(led), "t3", "tv", NULL));
    unsigned next = viewer_in(s, "one", 1, led + 1);
    assert_non_null(leads(s, name_of(next), "t3", "tv", NULL));
    service_event(s, name_of(next), "rating", "t3");
    assert_null(leads(s, name_of(next), "t3", "tv", NULL));
    assert_ok(engine_campaign_stop(s->engine, STR("one"), &test_err));
    next = viewer_in(s, "one", 1, next + 1);
    assert_null(leads(s, name_of(next), "t3", "tv", NULL));
}

static void who_may_not(void **state)
{
    struct service *s = *state;
    struct viewer_settings off = {0, -1}, child = {-1, 1};
    begin(s);
    assert_ok(engine_put_settings(s->engine, STR("v0"), &off, &test_err));
    assert_ok(engine_put_settings(s->engine, STR("v1"), &child, &test_err));
    assert_ok(launch(s, "one", "t3", "watched:all"));
    struct campaign_viewers v;
    assert_ok(campaign_viewers_get(s->engine, STR("one"), &v, &test_err));
    for (unsigned i = 0; i < 2; i++) {
        struct viewer_id id;
        assert_ok(engine_find_viewer(s->engine, str_of(name_of(i)), &id, &test_err));
        assert_false(roaring_bitmap_contains(v.of[0], id.v));
        assert_null(leads(s, name_of(i), "t3", "tv", NULL));
    }
    campaign_viewers_release(&v);
    /* ... or when they say so afterwards */
    unsigned a = viewer_in(s, "one", 1, 0), b = viewer_in(s, "one", 1, a + 1);
    assert_non_null(leads(s, name_of(a), "t3", "tv", NULL));
    assert_ok(engine_put_settings(s->engine, str_of(name_of(a)), &off, &test_err));
    assert_ok(engine_put_settings(s->engine, str_of(name_of(b)), &child, &test_err));
    assert_null(leads(s, name_of(a), "t3", "tv", NULL));
    assert_null(leads(s, name_of(b), "t3", "tv", NULL));
}

static void segments_and_moments(void **state)
{
    struct service *s = *state;
    begin(s);
    struct campaign_segment two[] = {segment_of("liked:director=Director A"),
                                     segment_of("liked:director=Director B")};
    two[0].kind = LEAD_GENRE;
    two[0].lead = STR("horror");
    two[1].device = DEVICE_PHONE;
    struct campaign_request q = request_of("two", "t2", two, 2); /* by Director C */
    assert_ok(engine_campaign_launch(s->reader, &q, "test", &test_err));
    struct campaign_viewers v;
    assert_ok(campaign_viewers_get(s->engine, STR("two"), &v, &test_err));
    assert_int_equal(v.n, 2);
    assert_int_equal(roaring_bitmap_and_cardinality(v.of[0], v.of[1]), 0);
    unsigned seen[2] = {0, 0};
    for (unsigned i = 0; i < VIEWERS && (seen[0] < 5 || seen[1] < 5); i++) {
        struct viewer_id id;
        assert_ok(engine_find_viewer(s->engine, str_of(name_of(i)), &id, &test_err));
        int at = roaring_bitmap_contains(v.of[0], id.v)   ? 0
                 : roaring_bitmap_contains(v.of[1], id.v) ? 1
                                                          : -1;
        if (at < 0 || arm_in("two", i) == 0)
            continue;
        seen[at]++;
        const char *tv = leads(s, name_of(i), "t2", "tv", NULL);
        assert_true((tv != NULL) == (at == 0));
        if (tv)
            assert_string_equal(tv, "Promoted: Horror");
        assert_non_null(leads(s, name_of(i), "t2", "phone", NULL));
    }
    campaign_viewers_release(&v);
    assert_true(seen[0] >= 5 && seen[1] >= 5);
}

struct noted {
    unsigned arm[CAMPAIGN_ARMS], shown[CAMPAIGN_ARMS];
    uint32_t title;
    struct arena arena;
};

static int note(void *ctx, const struct shown_bytes *b)
{
    struct noted *x = ctx;
    struct shown_page p;
    assert_ok(shown_page_decode(b->bytes, b->viewer, b->at_ms, &x->arena, &p, &test_err));
    for (uint32_t i = 0; i < p.n_arms; i++) {
        if (!str_eq(p.arms[i].experiment, STR(CAMPAIGN_LABEL "one")))
            continue;
        x->arm[p.arms[i].arm]++;
        x->shown[p.arms[i].arm] += p.rows[0].items[0].title.v == x->title;
    }
    return 0;
}

static void noted_and_erased(void **state)
{
    struct service *s = *state;
    struct noted x = {.title = 0};
    struct campaign_viewers v;
    struct mq_receipt receipt;
    struct viewer_id id;
    begin(s);
    assert_ok(launch(s, "one", "t3", "watched:all"));
    x.title = intern_find(store_names(s->engine->store, NAME_TITLE), STR("t3"));
    unsigned led = viewer_in(s, "one", 1, 0), held = viewer_in(s, "one", 0, 0);
    (void)leads(s, name_of(led), "t3", "tv", NULL);
    (void)leads(s, name_of(held), "t3", "tv", NULL);
    assert_int_equal(arena_init(&x.arena, 1 << 16, 1 << 22), 0);
    assert_ok(page_log_all(s->engine->page_log, note, &x, &test_err));
    arena_release(&x.arena);
    assert_true(x.arm[0] == 1 && x.arm[1] == 1 && x.shown[0] == 0 && x.shown[1] == 1);

    assert_ok(engine_find_viewer(s->engine, str_of(name_of(led)), &id, &test_err));
    assert_ok(mq_erase(s->engine, name_of(led), &receipt, &test_err));
    for (int again = 0; again < 2; again++) {
        assert_ok(campaign_viewers_get(s->engine, STR("one"), &v, &test_err));
        assert_false(roaring_bitmap_contains(v.of[0], id.v));
        assert_true(roaring_bitmap_get_cardinality(v.of[0]) > 20);
        campaign_viewers_release(&v);
        const struct running_campaigns *r = atomic_load(&s->engine->campaigns);
        assert_false(roaring_bitmap_contains(r->of[0].segment[0].viewers, id.v));
        service_reopen(s);
    }
}

/* ---------------------------------------------------------------- what came of it */

/* Every assigned viewer begins the title with this chance: what it is without, and more where their page leads with it (asked of the
 * page itself, when the effect is not 0). */
static void play(struct service *s, struct rng *rng, const char *campaign, const char *title,
                 double chance, double more)
{
    static char names[VIEWERS][16];
    static struct mq_event events[VIEWERS];
    struct campaign_viewers v;
    struct mq_appended done;
    size_t n = 0;
    assert_ok(campaign_viewers_get(s->engine, str_of(campaign), &v, &test_err));
    for (unsigned i = 0; i < VIEWERS; i++) {
        struct viewer_id id;
        assert_ok(engine_find_viewer(s->engine, str_of(name_of(i)), &id, &test_err));
        if (!roaring_bitmap_contains(v.of[0], id.v))
            continue;
        bool led = more > 0 && leads(s, name_of(i), title, "tv", NULL);
        if (more > 0)
            assert_int_equal(led, arm_in(campaign, i) == 1);
        if (rng_double(rng) >= chance + (led ? more : 0))
            continue;
        snprintf(names[n], sizeof(names[n]), "v%u", i);
        events[n] = (struct mq_event){.viewer = names[n],
                                      .kind = "start",
                                      .title = title,
                                      .at_ms = service_now(),
                                      .position_ms = -1,
                                      .from_ms = -1};
        n++;
    }
    campaign_viewers_release(&v);
    assert_ok(mq_append(s->engine, events, n, &done, &test_err));
    assert_int_equal(done.accepted, n);
}

static struct campaign_reading reading_of(struct service *s, const char *campaign,
                                          struct arena *arena)
{
    struct campaign_reading r;
    assert_ok(engine_campaign_read(s->engine, str_of(campaign), 0, arena, &r, &test_err));
    return r;
}

/* Without an effect an effect is reported in at most 5 % (and two standard errors); the names decide who is held out. */
static void no_effect_is_reported_as_none(void **state)
{
    struct service *s = *state;
    size_t rounds = test_rounds(60), wrong = 0, wrong_once = 0;
    struct rng rng;
    struct arena arena;
    begin(s);
    rng_seed(&rng, test_seed());
    rounds = rounds < CAMPAIGNS_MAX ? rounds : CAMPAIGNS_MAX - 1;
    for (size_t i = 0; i < rounds; i++) {
        char name[32], title[16];
        assert_int_equal(arena_init(&arena, 1 << 16, 1 << 24), 0);
        snprintf(name, sizeof(name), "null-%zu", i);
        snprintf(title, sizeof(title), "t%zu", i % SERVICE_TITLES);
        if (launch(s, name, title, "watched:all") != 0) { /* a second time round few are left */
            arena_release(&arena);
            rounds = i;
            break;
        }
        play(s, &rng, name, title, 0.25, 0);
        struct campaign_reading r = reading_of(s, name, &arena);
        assert_false(r.all.withheld);
        assert_true(r.all.watched.n_control + r.all.watched.n_treatment > 100);
        bool said = strcmp(r.verdict, "effect") == 0 || strcmp(r.verdict, "harm") == 0;
        wrong += said;
        wrong_once += r.all.watched.p < 0.05;
        if (!said)
            assert_string_equal(r.verdict, "no effect shown");
        assert_ok(engine_campaign_stop(s->engine, str_of(name), &test_err));
        arena_release(&arena);
    }
    double n = (double)rounds;
    double most = 0.05 * n + 2 * sqrt(n * 0.05 * 0.95);
    print_message("no effect: %zu of %zu reported as one (p < .05 at one look: %zu)\n", wrong,
                  rounds, wrong_once);
    assert_true((double)wrong <= most);
    assert_true((double)wrong_once <= most);
}

static void an_effect_is_found(void **state)
{
    struct service *s = *state;
    size_t rounds = test_rounds(6), found = 0;
    struct rng rng;
    struct arena arena;
    begin(s);
    rng_seed(&rng, test_seed() + 1);
    rounds = rounds < SERVICE_TITLES ? rounds : SERVICE_TITLES;
    for (size_t i = 0; i < rounds; i++) {
        char name[32], title[16];
        assert_int_equal(arena_init(&arena, 1 << 16, 1 << 24), 0);
        snprintf(name, sizeof(name), "lift-%zu", i);
        snprintf(title, sizeof(title), "t%zu", i);
        assert_ok(launch(s, name, title, "watched:all"));
        play(s, &rng, name, title, 0.15, 0.3);
        struct campaign_reading r = reading_of(s, name, &arena);
        found += strcmp(r.verdict, "effect") == 0;
        assert_true(r.all.watched.low < 0.3 + 0.15 && r.all.watched.high > 0.15);
        assert_true(r.all.arm[1].shown > 0.95 && r.all.arm[1].seen > 0.95);
        assert_true(r.sample_ratio_p > 0.001);
        assert_ok(engine_campaign_stop(s->engine, str_of(name), &test_err));
        /* What is done after the end does not count. */
        service_event(s, name_of(viewer_in(s, name, 0, 0)), "start", title);
        struct campaign_reading after = reading_of(s, name, &arena);
        assert_true(after.all.arm[0].watched == r.all.arm[0].watched);
        /* As of its launch: not yet there before; as of a time to come it is as it is. */
        assert_fails(MQ_NOT_FOUND,
                     engine_campaign_read(s->engine, str_of(name), r.campaign.launched_ms - 1,
                                          &arena, &after, &test_err));
        assert_ok(engine_campaign_read(s->engine, str_of(name), service_now() + 86400000, &arena,
                                       &after, &test_err));
        assert_true(after.all.arm[0].watched == r.all.arm[0].watched);
        assert_true(after.all.arm[1].watched == r.all.arm[1].watched);
        int64_t stopped_ms = after.campaign.stopped_ms;
        assert_true(stopped_ms > r.campaign.launched_ms);
        assert_ok(
            engine_campaign_read(s->engine, str_of(name), stopped_ms, &arena, &after, &test_err));
        assert_true(after.campaign.stopped_ms == stopped_ms);
        assert_ok(engine_campaign_read(s->engine, str_of(name), stopped_ms - 1, &arena, &after,
                                       &test_err));
        assert_true(after.campaign.stopped_ms == 0); /* nobody knew yet that it would be stopped */
        arena_release(&arena);
    }
    print_message("an effect of .30 on .15 found in %zu of %zu\n", found, rounds);
    assert_true(found * 10 >= rounds * 8);
}

/* Whoever is led to in the second segment begins it more often; nobody in the first one is moved. */
static void play_second(struct service *s, struct rng *rng, const char *campaign, const char *title)
{
    static char names[VIEWERS][16];
    static struct mq_event events[VIEWERS];
    struct campaign_viewers v;
    struct mq_appended done;
    size_t n = 0;
    assert_ok(campaign_viewers_get(s->engine, str_of(campaign), &v, &test_err));
    assert_int_equal(v.n, 2);
    for (unsigned i = 0; i < VIEWERS; i++) {
        struct viewer_id id;
        assert_ok(engine_find_viewer(s->engine, str_of(name_of(i)), &id, &test_err));
        bool second = roaring_bitmap_contains(v.of[1], id.v);
        if (!second && !roaring_bitmap_contains(v.of[0], id.v))
            continue;
        if (rng_double(rng) >= (second && arm_in(campaign, i) == 1 ? 0.7 : 0.15))
            continue;
        snprintf(names[n], sizeof(names[n]), "v%u", i);
        events[n] = (struct mq_event){.viewer = names[n],
                                      .kind = "start",
                                      .title = title,
                                      .at_ms = service_now(),
                                      .position_ms = -1,
                                      .from_ms = -1};
        n++;
    }
    campaign_viewers_release(&v);
    assert_ok(mq_append(s->engine, events, n, &done, &test_err));
}

/* What a plan expected is kept at the launch, and the reading says whether it was right. */
static void the_order_is_judged(void **state)
{
    struct service *s = *state;
    static const double expected[3][2] = {{0.01, 0.4}, {0.4, 0.01}, {0, 0}};
    struct rng rng;
    struct arena arena;
    begin(s);
    rng_seed(&rng, test_seed() + 2);
    for (int i = 0; i < 3; i++) {
        char name[16], title[16];
        struct campaign_segment two[] = {
            segment_of("liked:director=Director A | liked:director=Director C"),
            segment_of("watched:all")};
        snprintf(name, sizeof(name), "order-%d", i);
        snprintf(title, sizeof(title), "t%d", 1 + i);
        for (int k = 0; k < 2; k++) {
            two[k].uplift = expected[i][k];
            two[k].anyway = expected[i][1 - k];
        }
        struct campaign_request q = request_of(name, title, two, 2);
        assert_ok(engine_campaign_launch(s->reader, &q, "test", &test_err));
        play_second(s, &rng, name, title);
        assert_int_equal(arena_init(&arena, 1 << 16, 1 << 24), 0);
        struct campaign_reading r = reading_of(s, name, &arena);
        const struct campaign_order *o = &r.order;
        assert_true(o->told && o->qini.n == 2);
        assert_int_equal(o->expected, i < 2);
        assert_int_equal(o->affinity_told, i < 2);
        assert_true(i == 0 ? o->qini.low > 0 : o->qini.high < 0);
        assert_true(i == 2 || o->affinity.area * o->qini.area < 0); /* the other way round */
        assert_true(fabs(o->qini.point[1].gain - r.all.watched.difference) < 0.1);
        assert_ok(engine_campaign_stop(s->engine, str_of(name), &test_err));
        arena_release(&arena);
    }
}

/* One segment's arms are too small: what they did must not follow from the whole less the others. */
static void withheld_ones_do_not_follow(void **state)
{
    struct service *s = *state;
    struct campaign_segment three[] = {segment_of("liked:director=Director A"),
                                       segment_of("liked:director=Director B"),
                                       segment_of("watched:all")};
    struct campaign_request q = request_of("three", "t2", three, 3);
    struct arena arena;
    begin(s);
    assert_int_equal(arena_init(&arena, 1 << 16, 1 << 24), 0);
    q.holdout = 0.2; /* of some 38 viewers of each director 8 */
    assert_ok(engine_campaign_launch(s->reader, &q, "test", &test_err));
    struct campaign_reading r = reading_of(s, "three", &arena);
    assert_false(r.all.withheld);
    double small = r.segment[0].arm[0].viewers + r.segment[1].arm[0].viewers;
    assert_true(r.segment[0].arm[0].viewers < 20 && r.segment[2].arm[0].viewers >= 20);
    assert_true(r.segment[0].withheld && r.segment[1].withheld);
    assert_int_equal(r.segment[2].withheld, small < 20);
    arena_release(&arena);
}

/* Nobody waits for a long reading while the service closes. */
static void readings_end_when_it_closes(void **state)
{
    struct service *s = *state;
    struct campaign_reading r;
    struct campaign_plan p;
    struct experiment_reading read;
    struct experiment x = {.name = "two", .traffic = 1, .n = 2};
    struct arena arena;
    begin(s);
    assert_int_equal(arena_init(&arena, 1 << 16, 1 << 24), 0);
    assert_ok(launch(s, "one", "t3", "watched:all"));
    assert_ok(experiment_arm_read(STR("a"), &x.arm[0], &test_err));
    assert_ok(experiment_arm_read(STR("b"), &x.arm[1], &test_err));
    assert_ok(engine_experiment_create(s->engine, &x, &test_err));
    assert_non_null(leads(s, name_of(viewer_in(s, "one", 1, 0)), "t3", "tv", NULL));
    readings_stop(s->engine);
    struct campaign_request q = request_of("", "t1", NULL, 0);
    assert_fails(MQ_CANCELLED,
                 engine_campaign_read(s->engine, STR("one"), 0, &arena, &r, &test_err));
    assert_fails(MQ_CANCELLED, engine_campaign_plan(s->reader, &q, "test", &p, &test_err));
    assert_fails(MQ_CANCELLED, engine_experiment_read(s->engine, STR("two"), 0, &read, &test_err));
    assert_fails(MQ_CANCELLED, engine_pictures_learn(s->engine, &test_err));
    arena_release(&arena);
}

int main(void)
{
#define SERVICE_TEST(f) cmocka_unit_test_setup_teardown(f, service_setup, service_teardown)
    const struct CMUnitTest tests[] = {
        SERVICE_TEST(bad_input),
        SERVICE_TEST(served),
        SERVICE_TEST(who_may_not),
        SERVICE_TEST(segments_and_moments),
        SERVICE_TEST(noted_and_erased),
        SERVICE_TEST(no_effect_is_reported_as_none),
        SERVICE_TEST(an_effect_is_found),
        SERVICE_TEST(the_order_is_judged),
        SERVICE_TEST(withheld_ones_do_not_follow),
        SERVICE_TEST(readings_end_when_it_closes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
