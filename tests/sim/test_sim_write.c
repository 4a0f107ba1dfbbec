/* The files of a world, read back by the readers that an import uses. */
#include "support/check.h"

#include <json-c/json.h>
#include <math.h>
#include <unistd.h>

#include "base/file.h"
#include "sim/sim.h"
#include "wire/credits_table.h"
#include "wire/native.h"
#include "wire/titles_table.h"

enum { FILE_MAX = 256 << 20 };

static struct sim_settings small(void)
{
    struct sim_settings s = sim_defaults();
    s.viewers = 60;
    s.days = 20;
    s.titles = 600;
    s.seed = 5;
    return s;
}

static void slurp(const char *dir, const char *name, struct buf *b)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    buf_init(b, FILE_MAX);
    assert_ok(file_read(path, b, &test_err));
}

static const char *const names[] = {"titles.csv", "credits.csv",          "events.ndjson",
                                    "truth.json", "truth-viewers.ndjson", "README.txt"};
enum { FILES = sizeof(names) / sizeof(names[0]) };

static int bad_row(void *ctx, const struct bad_row *row, struct mq_error *err)
{
    (void)ctx;
    (void)row;
    (void)err;
    fail_msg("a row is bad");
    return 0;
}

struct reading {
    const struct sim *sim;
    uint64_t titles, credits, events;
    struct sim *again; /* the same world, event by event */
    int64_t now_ms;
};

static int see_title(void *ctx, const struct title *t, uint64_t line, struct mq_error *err)
{
    struct reading *r = ctx;
    (void)line;
    (void)err;
    const struct title *want = sim_title(r->sim, (uint32_t)r->titles++);
    assert_non_null(want);
    assert_true(str_eq(t->id, want->id));
    assert_true(str_eq(t->name, want->name));
    assert_int_equal(t->year, want->year);
    assert_int_equal(t->kind, want->kind);
    assert_int_equal(t->runtime_min, want->runtime_min);
    assert_int_equal(t->release_day, want->release_day);
    assert_int_equal(t->n_genres, want->n_genres);
    assert_int_equal(t->n_tags, want->n_tags);
    assert_int_equal(t->n_countries, want->n_countries);
    return 0;
}

static int see_credits(void *ctx, const struct title *t, uint64_t rows, uint64_t line,
                       struct mq_error *err)
{
    struct reading *r = ctx;
    (void)line;
    (void)err;
    r->credits += rows;
    for (uint32_t i = 0; i < t->n_credits; i++)
        assert_true(str_starts(t->credits[i].person_key, STR("p-")));
    return 0;
}

static int see_event(void *ctx, size_t index, struct event *e, struct mq_error *err)
{
    struct reading *r = ctx;
    struct event want;
    (void)index;
    assert_int_equal(sim_next(r->again, &want, err), 1);
    r->events++;
    assert_true(str_eq(e->id, want.id) && str_eq(e->viewer, want.viewer) &&
                str_eq(e->title, want.title));
    assert_true(str_eq(e->session, want.session) && str_eq(e->query, want.query));
    assert_true(str_eq(e->chosen, want.chosen) && str_eq(e->recommendation, want.recommendation));
    assert_true(str_eq(e->context.region, want.context.region));
    assert_int_equal(e->kind, want.kind);
    assert_int_equal(e->at_ms, want.at_ms);
    assert_int_equal(e->position_ms, want.position_ms);
    assert_int_equal(e->from_ms, want.from_ms);
    assert_int_equal(e->autoplay, want.autoplay);
    assert_int_equal(e->results, want.results);
    assert_true(isnan(e->value) ? isnan(want.value) : e->value == want.value);
    assert_int_equal(e->context.country, want.context.country);
    assert_int_equal(e->context.device, want.context.device);
    assert_int_equal(e->context.offset_min, want.context.offset_min);
    assert_int_equal(e->n_items, want.n_items);
    for (uint32_t i = 0; i < e->n_items; i++) {
        assert_true(str_eq(e->items[i].title, want.items[i].title));
        assert_int_equal(e->items[i].row, want.items[i].row);
        assert_int_equal(e->items[i].column, want.items[i].column);
        float p = e->items[i].propensity, q = want.items[i].propensity;
        assert_true(isnan(p) ? isnan(q) : fabsf(p - q) < 1e-5f * q);
    }
    return 0;
}

static int refused(void *ctx, const struct event_place *place, const struct mq_error *why,
                   struct mq_error *err)
{
    (void)ctx;
    (void)err;
    fail_msg("line %llu: %s", (unsigned long long)place->line, why->text);
    return 0;
}

static void test_importers_read_what_was_written(void **state)
{
    (void)state;
    struct sim_settings settings = small();
    struct sim_report report;
    char dir[256];
    snprintf(dir, sizeof(dir), "%s", test_dir());
    assert_ok(sim_write(&settings, dir, NULL, NULL, &report, &test_err));
    struct sim *sim = NULL, *again = NULL;
    assert_ok(sim_new(&settings, &sim, &test_err));
    assert_ok(sim_new(&settings, &again, &test_err));
    struct reading r = {.sim = sim, .again = again};
    struct buf b;

    slurp(dir, "titles.csv", &b);
    struct titles_sink titles = {.ctx = &r, .title = see_title, .bad = bad_row};
    assert_ok(titles_table_read("titles.csv", buf_str(&b), &(struct titles_options){0}, &titles,
                                &test_err));
    assert_int_equal(r.titles, report.titles);
    buf_release(&b);

    slurp(dir, "credits.csv", &b);
    struct credits_sink credits = {.ctx = &r, .credits = see_credits, .bad = bad_row};
    assert_ok(credits_read("credits.csv", buf_str(&b), &(struct credits_options){0}, &credits,
                           &test_err));
    assert_int_equal(r.credits, report.credits);
    buf_release(&b);

    slurp(dir, "events.ndjson", &b);
    assert_int_equal(b.n, report.bytes);
    struct native_parser *parser = NULL;
    assert_ok(native_parser_new(&parser, &test_err));
    struct native_options options = {
        .form = NATIVE_LINES, .source = STR("native"), .now_ms = settings.end_ms};
    struct event_sink sink = {.ctx = &r, .event = see_event, .refused = refused};
    assert_ok(native_parse(parser, buf_str(&b), &options, &sink, &test_err));
    assert_int_equal(r.events, report.events);
    assert_true(report.events > 1000);
    native_parser_free(parser);
    buf_release(&b);
    sim_free(sim);
    sim_free(again);
    test_dir_remove(dir);
}

static struct json_object *member(struct json_object *o, const char *key)
{
    struct json_object *v = NULL;
    if (!json_object_object_get_ex(o, key, &v))
        fail_msg("%s is missing", key);
    return v;
}

static double at(struct json_object *array, size_t i)
{
    return json_object_get_double(json_object_array_get_idx(array, i));
}

static bool holds(struct json_object *array, struct str s)
{
    for (size_t i = 0; i < json_object_array_length(array); i++) {
        if (str_eq(str_of(json_object_get_string(json_object_array_get_idx(array, i))), s))
            return true;
    }
    return false;
}

/* The formula in truth.json, worked out from the two files alone. */
static double from_files(struct json_object *truth, struct json_object *viewer,
                         const struct title *t, size_t number)
{
    struct json_object *weights = member(truth, "preference");
    struct json_object *title = json_object_array_get_idx(member(truth, "titles"), number);
    struct json_object *u = member(viewer, "factors"), *x = member(title, "factors");
    double dot = 0, followed = 0;
    for (size_t k = 0; k < json_object_array_length(u); k++)
        dot += at(u, k) * at(x, k);
    for (size_t f = 0; f < json_object_array_length(member(viewer, "follows")); f++) {
        struct str person =
            str_of(json_object_get_string(json_object_array_get_idx(member(viewer, "follows"), f)));
        bool there = false;
        for (uint32_t c = 0; c < t->n_credits; c++)
            there = there || str_eq(t->credits[c].person_key, person);
        followed += there;
    }
    followed += holds(member(viewer, "favours"), t->id);
    double taste = json_object_get_double(member(member(truth, "settings"), "taste"));
    return taste * (json_object_get_double(member(weights, "taste_weight")) * dot +
                    json_object_get_double(member(weights, "follow_weight")) * fmin(2, followed)) +
           json_object_get_double(member(weights, "quality_weight")) *
               json_object_get_double(member(title, "quality"));
}

static void test_truth_gives_true_relevance(void **state)
{
    (void)state;
    struct sim_settings settings = small();
    struct sim_report report;
    char dir[256];
    snprintf(dir, sizeof(dir), "%s", test_dir());
    assert_ok(sim_write(&settings, dir, NULL, NULL, &report, &test_err));
    struct sim *sim = NULL;
    assert_ok(sim_new(&settings, &sim, &test_err));
    struct buf text, viewers;
    slurp(dir, "truth.json", &text);
    slurp(dir, "truth-viewers.ndjson", &viewers);
    buf_add_char(&text, '\0');
    struct json_object *truth = json_tokener_parse(text.p);
    assert_non_null(truth);
    assert_int_equal(json_object_array_length(member(truth, "titles")), settings.titles);
    assert_int_equal(json_object_array_length(member(truth, "communities")), 10);
    assert_int_equal(json_object_array_length(member(truth, "planted")), 2);
    struct str rest = buf_str(&viewers);
    uint32_t n = 0;
    while (rest.p) {
        struct str line = str_cut(&rest, '\n');
        if (line.n == 0)
            continue;
        struct json_tokener *tokener = json_tokener_new();
        struct json_object *viewer = json_tokener_parse_ex(tokener, line.p, (int)line.n);
        assert_non_null(viewer);
        for (uint32_t t = 0; t < settings.titles; t += 11)
            assert_true(fabs(from_files(truth, viewer, sim_title(sim, t), t) -
                             sim_preference(sim, n, t)) < 1e-3);
        json_object_put(viewer);
        json_tokener_free(tokener);
        n++;
    }
    assert_int_equal(n, settings.viewers);
    json_object_put(truth);
    buf_release(&text);
    buf_release(&viewers);
    sim_free(sim);
    test_dir_remove(dir);
}

static void test_same_seed_same_bytes(void **state)
{
    (void)state;
    struct sim_settings settings = small();
    struct sim_report report;
    char a[256], b[256], c[256];
    snprintf(a, sizeof(a), "%s", test_dir());
    snprintf(b, sizeof(b), "%s", test_dir());
    snprintf(c, sizeof(c), "%s", test_dir());
    assert_ok(sim_write(&settings, a, NULL, NULL, &report, &test_err));
    assert_ok(sim_write(&settings, b, NULL, NULL, &report, &test_err));
    assert_ok(sim_write(&settings, b, NULL, NULL, &report, &test_err)); /* over what is there */
    settings.seed++;
    assert_ok(sim_write(&settings, c, NULL, NULL, &report, &test_err));
    for (int i = 0; i < FILES; i++) {
        struct buf x, y, z;
        slurp(a, names[i], &x);
        slurp(b, names[i], &y);
        slurp(c, names[i], &z);
        assert_true(x.n > 0);
        assert_true(str_eq(buf_str(&x), buf_str(&y)));
        if (strcmp(names[i], "README.txt") != 0)
            assert_false(str_eq(buf_str(&x), buf_str(&z)));
        buf_release(&x);
        buf_release(&y);
        buf_release(&z);
    }
    test_dir_remove(a);
    test_dir_remove(b);
    test_dir_remove(c);
}

static bool stop_at_once(void *ctx, const char *what, uint64_t done, uint64_t total)
{
    (void)ctx;
    (void)what;
    (void)done;
    (void)total;
    return false;
}

static void test_failures_leave_no_half_file(void **state)
{
    (void)state;
    struct sim_settings settings = small();
    struct sim_report report = {.events = 77};
    char dir[256], path[512];
    snprintf(dir, sizeof(dir), "%s", test_dir());
    assert_fails(MQ_CANCELLED, sim_write(&settings, dir, stop_at_once, NULL, &report, &test_err));
    assert_int_equal(report.events, 77);
    for (int i = 0; i < FILES; i++) {
        snprintf(path, sizeof(path), "%s/%s.part", dir, names[i]);
        assert_false(file_exists(path));
    }
    snprintf(path, sizeof(path), "%s/events.ndjson", dir);
    assert_false(file_exists(path));
    /* A file where the folder should be. */
    snprintf(path, sizeof(path), "%s/titles.csv", dir);
    assert_fails(MQ_INVALID, sim_write(&settings, path, NULL, NULL, &report, &test_err));
    settings.viewers = 0;
    assert_fails(MQ_INVALID, sim_write(&settings, dir, NULL, NULL, &report, &test_err));
    test_dir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_importers_read_what_was_written),
        cmocka_unit_test(test_truth_gives_true_relevance),
        cmocka_unit_test(test_same_seed_same_bytes),
        cmocka_unit_test(test_failures_leave_no_half_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
