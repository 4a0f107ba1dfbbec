/* Titles as JSON, read, written, and read again. */
#include <math.h>

#include "base/json_writer.h"
#include "base/rng.h"
#include "support/check.h"
#include "wire/catalogue_json.h"

static struct arena arena;

static int setup(void **state)
{
    (void)state;
    return arena_init(&arena, 1 << 16, 64 << 20);
}

static int teardown(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

static int parse(const char *body, const char *id, struct title *ret)
{
    return catalogue_json_parse(str_of(body), str_of(id), &arena, ret, &test_err);
}

static void refused_for(const char *body, const char *words)
{
    struct title t = {.year = 77};
    assert_int_not_equal(parse(body, "t-1", &t), 0);
    assert_int_equal(t.year, 77);
    if (!strstr(test_err.text, words))
        fail_msg("%s\nwanted \"%s\" in: %s", body, words, test_err.text);
}

static void reads_every_field(void **state)
{
    (void)state;
    struct title t;
    assert_ok(parse(
        "{\"id\":\"t-42\",\"name\":\"The "
        "Bus\",\"original_name\":\"Autobus\",\"year\":1995,\"kind\":\"movie\","
        "\"runtime_min\":106,\"language\":\"fr\",\"maturity\":\"R\",\"description\":\"A bus.\\nAt "
        "night.\","
        "\"series\":\"s-1\",\"image\":\"http://x/"
        "y.jpg\",\"pictures\":[\"a.jpg\",\"b.jpg\"],\"season\":2,\"episode\":3,\"budget\":6e6,"
        "\"gross\":23000000.5,"
        "\"release_date\":\"1995-11-22\",\"added\":\"2026-01-01T00:00:00Z\",\"genres\":[\"Crime\","
        "\"Drama\"],"
        "\"tags\":[\"heist\"],\"countries\":[\"USA\",\"fr\",\"US\"],\"credits\":[{\"role\":"
        "\"Director\",\"billing\":1,"
        "\"person\":\"Jo "
        "Doe\",\"person_id\":77},{\"role\":\"actress\",\"person\":\"Al\"}],\"unknown\":[1,{}]}",
        "", &t));
    assert_str("t-42", t.id);
    assert_str("The Bus", t.name);
    assert_str("Autobus", t.original_name);
    assert_int_equal(t.n_pictures, 2);
    assert_str("b.jpg", t.pictures[1]);
    assert_int_equal(t.year, 1995);
    assert_int_equal(t.kind, TITLE_FILM);
    assert_int_equal(t.runtime_min, 106);
    assert_str("A bus.\nAt night.", t.description);
    assert_int_equal(t.season, 2);
    assert_int_equal(t.episode, 3);
    assert_true(t.budget == 6e6 && t.gross == 23000000.5);
    assert_int_equal(t.release_day, 9456);
    assert_int_equal(t.added_ms, INT64_C(1767225600000));
    assert_int_equal(t.n_genres, 2);
    assert_str("Drama", t.genres[1]);
    assert_int_equal(t.n_countries, 2);
    assert_str("US", t.countries[0]);
    assert_str("FR", t.countries[1]);
    assert_true(t.has_credits);
    assert_int_equal(t.n_credits, 2);
    assert_str("77", t.credits[0].person_key);
    assert_int_equal(t.credits[1].role, ROLE_ACTOR);
    assert_int_equal(t.credits[1].billing, 0);
}

static void absent_and_other_spellings(void **state)
{
    (void)state;
    struct title t;
    assert_ok(parse("{}", "t-1", &t));
    assert_str("t-1", t.id);
    assert_int_equal(t.release_day, TITLE_NO_DATE);
    assert_false(t.has_credits);
    assert_ok(parse("{\"id\":17,\"title\":\"Bus\",\"country\":\"UK\",\"genres\":null,\"credits\":[]"
                    ",\"year\":null}",
                    "", &t));
    assert_str("17", t.id);
    assert_str("Bus", t.name);
    assert_str("GB", t.countries[0]);
    assert_true(t.has_credits);
    assert_int_equal(t.n_credits, 0);
    assert_ok(parse("{\"id\":\"t-1\"}", "t-1", &t));
}

static void refusals(void **state)
{
    (void)state;
    struct title t;
    assert_fails(MQ_INVALID, parse("{\"name\":\"Bus\"}", "", &t));
    refused_for("{\"id\":\"t-2\"}", "the path says t-1");
    refused_for("{\"kind\":\"podcast\"}", "kind: podcast");
    refused_for("{\"year\":\"1995\"}", "year");
    refused_for("{\"year\":1500}", "year: 1500");
    refused_for("{\"budget\":-1}", "budget");
    refused_for("{\"budget\":1e999}", "JSON");
    refused_for("{\"runtime_min\":70000}", "runtime_min");
    refused_for("{\"countries\":[\"Narnia\"]}", "Narnia");
    refused_for("{\"genres\":[1]}", "genres: 1: must be text");
    refused_for("{\"genres\":5}", "array");
    refused_for("{\"release_date\":\"soon\"}", "release_date");
    refused_for("{\"added\":\"soon\"}", "added");
    refused_for("{\"credits\":[{\"role\":\"cook\",\"person\":\"Jo\"}]}", "credits.role: \"cook\"");
    refused_for("{\"credits\":[{\"role\":\"actor\"}]}", "person");
    refused_for("{\"credits\":[5]}", "object");
    refused_for("{\"credits\":{}}", "array");
    refused_for("{\"availability\":5}", "availability: must be an array");
    refused_for("{\"availability\":[5]}", "object");
    refused_for("{\"availability\":[{\"from\":\"soon\"}]}", "availability.from: soon");
    refused_for("{\"availability\":[{\"countries\":[\"Narnia\"]}]}", "Narnia");
    refused_for("{\"availability\":[{\"countries\":[]}]}", "empty");
    refused_for("{\"availability\":[{\"from\":\"2026-02-01\",\"until\":\"2026-01-01\"}]}",
                "ends before");
    refused_for("{\"name\":\"a\\nb\"}", "control");
    refused_for("{\"name\":\"a\",\"name\":\"b\"}", "twice");
    refused_for("{\"name\":\"\xff\"}", "UTF-8");
    refused_for("[]", "object");
    refused_for("{} {}", "text behind");
    refused_for("", "malformed JSON");
    refused_for("{", "ends early");
}

static void an_arena_that_is_full(void **state)
{
    (void)state;
    struct arena small;
    struct title t;
    struct buf b;
    buf_init(&b, 1 << 16);
    buf_add_z(&b, "{\"id\":\"1\",\"tags\":[\"0\"");
    for (int i = 1; i < 200; i++)
        buf_printf(&b, ",\"%d\"", i);
    buf_add_z(&b, "]}");
    assert_int_equal(arena_init(&small, 1024, 4096), 0);
    assert_fails(MQ_NO_MEMORY, catalogue_json_parse(buf_str(&b), STR_NONE, &small, &t, &test_err));
    arena_release(&small);
    buf_release(&b);
}

struct batch {
    size_t titles, refused, last_index;
    uint64_t line;
};

static int on_title(void *ctx, size_t index, const struct title *t, struct mq_error *err)
{
    struct batch *b = ctx;
    (void)err;
    assert_true(t->id.n > 0);
    b->titles++;
    b->last_index = index;
    return 0;
}

static int on_refused(void *ctx, const struct event_place *place, const struct mq_error *why,
                      struct mq_error *err)
{
    struct batch *b = ctx;
    (void)err;
    assert_true(why->text[0] != '\0');
    b->refused++;
    b->line = place->line;
    return 0;
}

static void batches(void **state)
{
    (void)state;
    struct batch b = {0};
    struct catalogue_json_sink sink = {&b, on_title, on_refused};
    assert_ok(catalogue_json_parse_batch(
        STR("[{\"id\":\"a\"},{\"name\":\"no id\"},\n7,{\"id\":\"b\"}]"), &arena, &sink, &test_err));
    assert_int_equal(b.titles, 2);
    assert_int_equal(b.refused, 2);
    assert_int_equal(b.last_index, 3);
    assert_int_equal(b.line, 2);
    b = (struct batch){0};
    assert_ok(catalogue_json_parse_batch(STR("{\"id\":\"a\"}\n{\"id\"\n{\"id\":\"b\"}\n"), &arena,
                                         &sink, &test_err));
    assert_int_equal(b.titles, 2);
    assert_int_equal(b.refused, 1);
    assert_int_equal(b.line, 2);
    assert_fails(MQ_INVALID,
                 catalogue_json_parse_batch(STR("[{\"id\":\"a\"}"), &arena, &sink, &test_err));
    assert_fails(MQ_INVALID, catalogue_json_parse_batch(STR(""), &arena, &sink, &test_err));
}

/* ------------------------------------------------------------------ there and back */

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

static struct title random_title(struct rng *rng)
{
    struct title t;
    title_init(&t);
    t.id = random_text(rng, 20);
    struct str *const texts[] = {&t.name,        &t.original_name, &t.language, &t.maturity,
                                 &t.description, &t.series,        &t.image};
    for (size_t i = 0; i < 7; i++)
        if (rng_below(rng, 2))
            *texts[i] = random_text(rng, 30);
    if (rng_below(rng, 2))
        t.year = (int16_t)(1870 + rng_below(rng, 300));
    t.kind = (uint8_t)rng_below(rng, TITLE_KINDS);
    t.runtime_min = (uint16_t)rng_below(rng, 300);
    t.season = (uint16_t)rng_below(rng, 3);
    t.episode = (uint16_t)rng_below(rng, 70000);
    t.budget = rng_below(rng, 2) ? (double)rng_below(rng, 1000000000) / 4 : 0;
    t.gross = (double)rng_below(rng, 3) * 1e6;
    if (rng_below(rng, 2))
        t.release_day = (int32_t)rng_below(rng, 60000) - 30000;
    t.added_ms = rng_below(rng, 2) ? (int64_t)rng_below(rng, 2000000000000) : 0;
    struct str *genres = ARENA_ARRAY(&arena, 4, struct str),
               *countries = ARENA_ARRAY(&arena, 2, struct str);
    struct credit *credits = ARENA_ARRAY(&arena, 4, struct credit);
    t.n_genres = (uint16_t)rng_below(rng, 5);
    for (int i = 0; i < t.n_genres; i++)
        genres[i] = random_text(rng, 8);
    t.genres = t.tags = genres;
    t.n_tags = t.n_genres / 2;
    countries[0] = STR("NZ");
    countries[1] = STR("FR");
    t.countries = countries;
    t.n_countries = (uint16_t)rng_below(rng, 3);
    t.has_credits = rng_below(rng, 3) > 0;
    t.n_credits = t.has_credits ? (uint32_t)rng_below(rng, 5) : 0;
    for (uint32_t i = 0; i < t.n_credits; i++)
        credits[i] =
            (struct credit){.person = random_text(rng, 8),
                            .person_key = rng_below(rng, 2) ? random_text(rng, 5) : STR_NONE,
                            .role = (uint8_t)rng_below(rng, ROLES),
                            .billing = (uint16_t)rng_below(rng, 50)};
    t.credits = credits;
    struct window *windows = ARENA_ARRAY(&arena, 3, struct window);
    static const country_code codes[] = {'N' << 8 | 'Z', 'F' << 8 | 'R'};
    t.has_windows = rng_below(rng, 2);
    t.n_windows = t.has_windows ? (uint16_t)rng_below(rng, 4) : 0;
    for (uint16_t i = 0; i < t.n_windows; i++)
        windows[i] = (struct window){rng_below(rng, 2) ? (int64_t)rng_below(rng, 1000000000000) : 0,
                                     1000000000000 + (int64_t)rng_below(rng, 2000000000000), codes,
                                     (uint16_t)rng_below(rng, 3)};
    t.windows = windows;
    return t;
}

static bool same_list(const struct str *a, size_t na, const struct str *b, size_t nb)
{
    for (size_t i = 0; na == nb && i < na; i++)
        if (!str_eq(a[i], b[i]))
            return false;
    return na == nb;
}

static bool same_title(const struct title *a, const struct title *b)
{
    for (uint32_t i = 0; a->n_credits == b->n_credits && i < a->n_credits; i++) {
        const struct credit *x = &a->credits[i], *y = &b->credits[i];
        if (x->role != y->role || x->billing != y->billing || !str_eq(x->person, y->person) ||
            !str_eq(x->person_key, y->person_key))
            return false;
    }
    for (uint16_t i = 0; a->n_windows == b->n_windows && i < a->n_windows; i++) {
        const struct window *x = &a->windows[i], *y = &b->windows[i];
        if (x->from_ms != y->from_ms || x->until_ms != y->until_ms ||
            x->n_countries != y->n_countries ||
            (x->n_countries > 0 &&
             memcmp(x->countries, y->countries, x->n_countries * sizeof(country_code)) != 0))
            return false;
    }
    return a->n_windows == b->n_windows && a->has_windows == b->has_windows &&
           a->n_credits == b->n_credits && a->has_credits == b->has_credits &&
           str_eq(a->id, b->id) && str_eq(a->name, b->name) &&
           str_eq(a->original_name, b->original_name) && str_eq(a->language, b->language) &&
           str_eq(a->maturity, b->maturity) && str_eq(a->description, b->description) &&
           str_eq(a->series, b->series) && str_eq(a->image, b->image) && a->year == b->year &&
           a->kind == b->kind && a->runtime_min == b->runtime_min && a->season == b->season &&
           a->episode == b->episode && a->budget == b->budget && a->gross == b->gross &&
           a->release_day == b->release_day && a->added_ms == b->added_ms &&
           same_list(a->genres, a->n_genres, b->genres, b->n_genres) &&
           same_list(a->tags, a->n_tags, b->tags, b->n_tags) &&
           same_list(a->countries, a->n_countries, b->countries, b->n_countries) &&
           same_list(a->pictures, a->n_pictures, b->pictures, b->n_pictures);
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    struct rng rng;
    struct buf b;
    rng_seed(&rng, test_seed());
    buf_init(&b, 1 << 20);
    for (size_t round = 0; round < test_rounds(2000); round++) {
        arena_reset(&arena);
        buf_reset(&b);
        struct title t = random_title(&rng), back;
        if (title_check(&t, &test_err) != 0)
            continue;
        struct json j;
        json_init(&j, &b);
        catalogue_json_write(&j, &t);
        if (catalogue_json_parse(buf_str(&b), STR_NONE, &arena, &back, &test_err) != 0)
            fail_msg("%s in %.*s", test_err.text, STR_ARG(buf_str(&b)));
        if (!same_title(&t, &back))
            fail_msg("differs: %.*s", STR_ARG(buf_str(&b)));
    }
    buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_field), cmocka_unit_test(absent_and_other_spellings),
        cmocka_unit_test(refusals),          cmocka_unit_test(an_arena_that_is_full),
        cmocka_unit_test(batches),           cmocka_unit_test(what_is_written_is_read),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
