/* Plans of campaigns: whom being seen moves, who would come anyway, and what is not known. */
#include "campaign_asked.h"
#include "service.h"

#include <math.h>

#include "base/clock.h"
#include "base/rng.h"
#include "engine/campaigns.h"

enum { VIEWERS = 300 };

static void begin(struct service *s)
{
    service_titles(s);
    service_ratings_of(s, VIEWERS);
}

/* New titles by Director A and by Director B come into view of half of the viewers. Who likes Director A begins them when seen, and not
 * otherwise; who likes Director B begins those by B either way; the others begin none. */
static void new_titles(struct service *s)
{
    struct buf titles, credits;
    buf_init(&titles, 1 << 16);
    buf_init(&credits, 1 << 16);
    buf_add_z(&titles, "id,title,year,genres,runtime_min\nt900,New One,2026,Comedy|Drama,100\n");
    buf_add_z(&credits, "title_id,role,billing,person\nt900,director,1,Director A\n"
                        "t900,producer,1,Producer Z\nt900,director,2,Director B\n");
    for (unsigned k = 0; k < 6; k++) {
        buf_printf(&titles, "a%u,Of A %u,2025,Drama,90\nb%u,Of B %u,2025,Comedy,90\n", k, k, k, k);
        buf_printf(&credits, "a%u,director,1,Director A\nb%u,director,1,Director B\n", k, k);
    }
    buf_add_char(&titles, '\0');
    buf_add_char(&credits, '\0');
    service_import(s, "titles", service_file(s, "new.csv", titles.p));
    service_import(s, "credits", service_file(s, "new-credits.csv", credits.p));
    buf_release(&titles);
    buf_release(&credits);
}

static void add_json(struct buf *b, const char *kind, unsigned v, unsigned k, char by,
                     int64_t at_ms, const char *rest)
{
    char when[40];
    struct buf t;
    buf_over(&t, when, sizeof(when));
    time_format(&t, at_ms);
    buf_printf(b, "{\"id\":\"%s-%u-%c%u\",\"viewer\":\"v%u\",\"kind\":\"%s\",\"at\":\"%.*s\",%s}\n",
               kind, v, by, k, v, kind, STR_ARG(buf_str(&t)), rest);
}

static void show_and_play(struct service *s)
{
    struct rng rng;
    struct buf b;
    struct mq_appended done;
    int64_t now = service_now(), day = INT64_C(86400000);
    rng_seed(&rng, 11);
    buf_init(&b, 16 << 20);
    for (unsigned v = 0; v < VIEWERS; v++) {
        for (unsigned k = 0; k < 12; k++) {
            char by = k % 2 ? 'b' : 'a', rest[160];
            bool seen = rng_double(&rng) < 0.5;
            int64_t at = now - (25 - (int64_t)k) * day + (int64_t)(rng_double(&rng) * 3e7);
            snprintf(rest, sizeof(rest), "\"items\":[{\"title\":\"%c%u\",\"row\":0,\"column\":%u}]",
                     by, k / 2, seen ? 0 : 30);
            add_json(&b, "impression", v, k, by, at, rest);
            double chance = v % 8 == 0 && by == 'a'   ? (seen ? 0.8 : 0.02)
                            : v % 8 == 1 && by == 'b' ? 0.6
                                                      : 0;
            if (rng_double(&rng) >= chance)
                continue;
            snprintf(rest, sizeof(rest), "\"title\":\"%c%u\",\"context\":{\"device\":\"phone\"}",
                     by, k / 2);
            add_json(&b, "start", v, k, by, at + 60000, rest);
        }
    }
    assert_ok(mq_append_json(s->engine, b.p, b.n, &done, &test_err));
    assert_int_equal(done.rejected, 0);
    buf_release(&b);
}

static const struct plan_segment *planned(const struct campaign_plan *p, const char *audience)
{
    for (size_t i = 0; i < p->n; i++) {
        if (str_eq(p->segment[i].is.audience, str_of(audience)))
            return &p->segment[i];
    }
    fail_msg("%s: is not in the plan", audience);
    return NULL;
}

static void a_plan_says_whom_it_moves(void **state)
{
    struct service *s = *state;
    struct campaign_plan p;
    begin(s);
    new_titles(s);
    show_and_play(s);
    struct campaign_segment segments[] = {
        segment_of("liked:director=Director A"), segment_of("liked:director=Director B"),
        segment_of("liked:director=Director E"), segment_of("watched:country=NZ")};
    struct campaign_request q = request_of("", "t900", segments, 4);
    assert_ok(engine_campaign_plan(s->reader, &q, "test", &p, &test_err));
    const struct plan_segment *moved = planned(&p, "liked:director=Director A");
    const struct plan_segment *anyway = planned(&p, "liked:director=Director B");
    const struct plan_segment *never = planned(&p, "liked:director=Director E");
    const struct plan_segment *few = planned(&p, "watched:country=NZ");
    assert_string_equal(moved->verdict, "target");
    assert_true(moved->low > 0 && moved->uplift > anyway->uplift);
    assert_ptr_equal(moved, &p.segment[0]);
    assert_string_equal(anyway->verdict, "watches anyway");
    assert_string_not_equal(never->verdict, "target");
    assert_string_equal(few->verdict, "withheld");
    assert_true(isnan(few->viewers) && isnan(few->uplift));
    assert_int_equal(moved->is.kind, LEAD_DIRECTOR);
    assert_str("Director A", moved->is.lead);
    assert_string_equal(moved->said, "Promoted: directed by Director A");
    assert_string_equal(moved->device.name, "phone");
    assert_int_equal(p.is.n, p.n_target);
    assert_true(fmod(moved->viewers, 10) == 0); /* rounded */
    /* What it answers can be launched. */
    p.is.name = STR("planned");
    assert_ok(engine_campaign_launch(s->reader, &p.is, "test", &test_err));
    /* As of a moment before all of it nobody is known. */
    q.as_of_ms = 1;
    assert_ok(engine_campaign_plan(s->reader, &q, "test", &p, &test_err));
    assert_true(p.scope == 0 && p.n == 4 && isnan(p.pairs) && p.n_target == 0);
    for (size_t i = 0; i < p.n; i++)
        assert_string_equal(p.segment[i].verdict, "withheld");
    q.as_of_ms = 0;
    /* Long expressions are said in full, as often as there are segments. */
    char longer[10][CAMPAIGN_AUDIENCE_MAX];
    struct campaign_segment many[10];
    for (size_t i = 0; i < 10; i++) {
        int n = snprintf(longer[i], sizeof(longer[i]), "liked:director=Director A");
        for (int k = 0; k < 32; k++)
            n += snprintf(longer[i] + n, sizeof(longer[i]) - (size_t)n,
                          "|liked:director=Director %c", k == (int)i ? 'B' : 'E');
        many[i] = segment_of(longer[i]);
    }
    struct campaign_request wordy = request_of("", "t900", many, 10);
    assert_ok(engine_campaign_plan(s->reader, &wordy, "test", &p, &test_err));
    assert_int_equal(p.n, 10);
    for (size_t i = 0; i < p.n; i++)
        assert_true(strlen(p.segment[i].words) > 1000);
    assert_true(strlen(p.words) > 1000);
    /* Without segments it proposes them: the people of the title are among them. */
    q.n = 0;
    assert_ok(engine_campaign_plan(s->reader, &q, "test", &p, &test_err));
    assert_true(p.n >= 3);
    assert_non_null(planned(&p, "liked:director=\"Director A\""));
}

static void a_plan_without_pages_says_so(void **state)
{
    struct service *s = *state;
    struct campaign_plan p;
    begin(s);
    struct campaign_request q = request_of("", "t3", NULL, 0);
    assert_ok(engine_campaign_plan(s->reader, &q, "test", &p, &test_err));
    assert_true(p.n > 0 && p.n_target == 0);
    for (size_t i = 0; i < p.n; i++)
        assert_true(isnan(p.segment[i].uplift) && isnan(p.segment[i].low));
    assert_string_equal(p.segment[0].verdict, "unknown");
    q.title = STR("nothing");
    assert_fails(MQ_NOT_FOUND, engine_campaign_plan(s->reader, &q, "test", &p, &test_err));
}

int main(void)
{
#define SERVICE_TEST(f) cmocka_unit_test_setup_teardown(f, service_setup, service_teardown)
    const struct CMUnitTest tests[] = {
        SERVICE_TEST(a_plan_says_whom_it_moves),
        SERVICE_TEST(a_plan_without_pages_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
