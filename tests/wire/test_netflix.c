/* A Netflix personal export as a whole: titles taken apart, plays told of twice, previews, ratings, lists, searches,
 * refusals; the same events whole, mangled or file by file. The rows are invented. */
#include "base/buf.h"
#include "support/check.h"
#include "wire/netflix.h"
#include "wire/netflix_join.h"
#include "wire/netflix_title.h"

static struct {
    struct buf events, titles, ids;
    size_t n_events, bad, passed;
    char bad_text[MQ_ERROR_TEXT];
    uint64_t bad_line;
} seen;

static bool find(void *ctx, struct str name, struct str *ret_id)
{
    (void)ctx;
    *ret_id = STR("t-7");
    return str_eq(name, STR("Known Film"));
}

static int on_title(void *ctx, const struct title *t, const char *file, uint64_t line,
                    struct mq_error *err)
{
    (void)ctx;
    (void)file;
    assert_true(line > 1);
    assert_int_equal(0, title_check(t, err));
    buf_printf(&seen.titles, "%.*s|%.*s|%s|%.*s|%u|%u\n", STR_ARG(t->id), STR_ARG(t->name),
               title_kind_name((enum title_kind)t->kind), STR_ARG(t->series), t->season,
               t->episode);
    return 0;
}

static int on_event(void *ctx, struct event *e, const char *file, uint64_t line,
                    struct mq_error *err)
{
    struct buf *b = &seen.events;
    (void)ctx;
    (void)file;
    (void)line;
    (void)err;
    seen.n_events++;
    buf_printf(&seen.ids, "%.*s %.*s\n", STR_ARG(e->id), STR_ARG(e->session));
    buf_printf(b, "%.*s %s %.*s @%lld", STR_ARG(e->viewer),
               e->kind == EVENT_CUSTOM ? "custom" : event_kind_name(e->kind), STR_ARG(e->title),
               (long long)(e->at_ms / 1000));
    if (e->position_ms != EVENT_ABSENT)
        buf_printf(b, " pos=%lld", (long long)e->position_ms);
    if (e->autoplay >= 0)
        buf_printf(b, " autoplay=%d", e->autoplay);
    if (e->kind == EVENT_THUMB || e->kind == EVENT_RATING)
        buf_printf(b, " value=%g", (double)e->value);
    if (e->custom.n || e->query.n || e->chosen.n)
        buf_printf(b, " %.*s%.*s>%.*s", STR_ARG(e->custom), STR_ARG(e->query), STR_ARG(e->chosen));
    buf_add_char(b, '\n');
    return 0;
}

static int on_passed(void *ctx, const char *file, uint64_t line, struct mq_error *err)
{
    (void)ctx;
    (void)file;
    (void)line;
    (void)err;
    seen.passed++;
    return 0;
}

static int on_bad(void *ctx, const struct bad_row *bad, struct mq_error *err)
{
    (void)ctx;
    (void)err;
    seen.bad++;
    seen.bad_line = bad->line;
    memcpy(seen.bad_text, bad->why->text, sizeof seen.bad_text);
    return 0;
}

static void clear(void)
{
    buf_release(&seen.events);
    buf_release(&seen.titles);
    buf_release(&seen.ids);
    memset(&seen, 0, sizeof seen);
    buf_init(&seen.events, 1 << 20);
    buf_init(&seen.titles, 1 << 20);
    buf_init(&seen.ids, 1 << 20);
}

static int read_parts(const struct netflix_part *parts, size_t n)
{
    struct netflix_sink sink = {NULL, find, on_title, on_event, on_passed, on_bad};
    return netflix_read_parts(parts, n, INT64_C(1800000000000), &sink, &test_err);
}

static int read_one(struct str bytes)
{
    struct netflix_part part = {"one.csv", bytes, false};
    clear();
    return read_parts(&part, 1);
}

#define ACTIVITY_HEAD                                                                              \
    "Profile Name,Start Time,Duration,Attributes,Title,Supplemental Video Type,Device "            \
    "Type,Bookmark,Latest Bookmark,Country\n"
#define ACTIVITY                                                                                   \
    ACTIVITY_HEAD                                                                                  \
    "Ann,1970-01-01 00:01:00,0:00:50,,Known Film,,Some Smart TV,0:01:50,0:01:50,GB (Britain)\n"    \
    "Ann,1970-01-01 01:00:00,0:00:20,Autoplayed: user action: None; ,Odd Jobs: Season 2: The "     \
    "Start (Episode 1),,iPad,0:00:20,Not latest view,GB\n"                                         \
    "Ann,1970-01-01 01:00:21,0:00:09,,Odd Jobs: Season 2 (Recap),RECAP,iPad,0:00:09,,GB\n"         \
    "Bo,1970-01-01 01:00:00,0:00:30,,Alone,,iPad,,,GB\n"
#define PLAYBACK_HEAD                                                                              \
    "Profile Name,Title Description,Device,Playback Start Utc Ts,Country,Playtraces\n"
#define STOP(at)                                                                                   \
    "{\"\"eventType\"\":\"\"stopped\"\",\"\"sessionOffsetMs\"\":" at ",\"\"mediaOffsetMs\"\":" at  \
    "}"
#define START "{\"\"eventType\"\":\"\"start\"\",\"\"sessionOffsetMs\"\":0,\"\"mediaOffsetMs\"\":0}"
#define PLAYBACK                                                                                   \
    PLAYBACK_HEAD                                                                                  \
    "Ann,\"Odd Jobs: Season 2: \"\"The Start\"\"\",iPad,1970-01-01 01:00:19,GB,\"[" START          \
    "," STOP("20000") "]\"\n"                                                                      \
                      "Ann,Odd Jobs: Season 2 (Recap),iPad,1970-01-01 01:00:20,GB,\"[" START       \
                      "]\"\n"                                                                      \
                      "Cy,Odd Jobs_hook_01_16x9,TV,1970-01-01 01:00:00,GB,\"[" START "]\"\n"

static void plays_told_of_twice(void **state)
{
    (void)state;
    const struct netflix_part parts[] = {{"a", STR(ACTIVITY), false}, {"p", STR(PLAYBACK), false}};
    clear();
    assert_ok(read_parts(parts, 2));
    assert_int_equal(0, seen.bad);
    assert_int_equal(2, seen.passed);
    assert_str("netflix:Odd Jobs|Odd Jobs|series||0|0\n"
               "netflix:Odd Jobs: Season 2: The Start|The Start|episode|netflix:Odd Jobs|2|1\n"
               "netflix:Alone|Alone|film||0|0\n",
               buf_str(&seen.titles));
    assert_str("Ann start netflix:Odd Jobs: Season 2: The Start @3619 pos=0 autoplay=1\n"
               "Ann stop netflix:Odd Jobs: Season 2: The Start @3639 pos=20000\n"
               "Ann start t-7 @60 pos=60000 autoplay=0\n"
               "Ann play t-7 @60 pos=60000\n"
               "Ann stop t-7 @110 pos=110000\n"
               "Bo start netflix:Alone @3600 pos=0 autoplay=0\n"
               "Bo play netflix:Alone @3600 pos=0\n"
               "Bo stop netflix:Alone @3630 pos=30000\n",
               buf_str(&seen.events));
}

static bool holds_line(struct str all, struct str line)
{
    return memmem(all.p, all.n, line.p, line.n) != NULL;
}

/* Each file alone, the other one beside it, gives together what both give. */
static void file_by_file(void **state)
{
    (void)state;
    struct netflix_part parts[] = {{"a", STR(ACTIVITY), false}, {"p", STR(PLAYBACK), false}};
    clear();
    assert_ok(read_parts(parts, 2));
    size_t both = seen.n_events;
    struct buf ids;
    buf_init(&ids, 1 << 20);
    buf_add_str(&ids, buf_str(&seen.ids));
    for (int only = 0; only < 2; only++) {
        parts[only].only_facts = true;
        parts[!only].only_facts = false;
        clear();
        assert_ok(read_parts(parts, 2));
        assert_true(seen.n_events > 0 && seen.n_events <= both);
        struct str rest = buf_str(&seen.ids);
        while (rest.n > 0) {
            struct str line = str_cut(&rest, '\n');
            assert_true(holds_line(buf_str(&ids), line));
        }
    }
    buf_release(&ids);
}

static void ratings_lists_and_searches(void **state)
{
    (void)state;
    assert_ok(read_one(
        STR("Profile Name,Title Name,Rating Type,Star Value,Thumbs Value,Device Model,Event Utc "
            "Ts,Region View Date\n"
            "Ann,Known Film,thumb,,3,Smart TV,1970-01-02 00:00:00,\n"
            "Ann,Two,thumb,,2,,1970-01-02 00:00:00,\nAnn,One,thumb,,1,,1970-01-02,\n"
            "Ann,Stars,star,4.5,,,1970-01-02,\nAnn,None,star,,,,1970-01-02,\n")));
    assert_str("Ann thumb t-7 @86400 value=2\nAnn thumb netflix:Two @86400 value=1\n"
               "Ann thumb netflix:One @86400 value=-1\nAnn rating netflix:Stars @86400 value=4.5\n",
               buf_str(&seen.events));
    assert_int_equal(1, seen.bad);
    assert_int_equal(6, seen.bad_line);
    assert_ok(read_one(STR("Title Name,Profile Name,Country,Utc Title Add Date\nKnown "
                           "Film,Ann,Netherlands,1970-01-02\n")));
    assert_str("Ann list_add t-7 @86400\n", buf_str(&seen.events));
    assert_ok(
        read_one(STR("Profile Name,Show,Has Watched,Is Interested,Event Date\n"
                     "Ann,A,,,1970-01-02\nAnn,B,Yes,Yes,1970-01-02\nAnn,C,,true,1970-01-02\n")));
    assert_str("Ann custom netflix:A @86400 indicated_preference>\n"
               "Ann custom netflix:B @86400 indicated_watched>\n"
               "Ann custom netflix:B @86400 indicated_interest>\n"
               "Ann custom netflix:C @86400 indicated_interest>\n",
               buf_str(&seen.events));
    assert_ok(read_one(STR("Profile Name,Country Iso Code,Device,Is Kids,Query Typed,Displayed "
                           "Name,Action,Section,Utc "
                           "Timestamp\nAnn,GB,iPhone,0,know,Known Film,play,x,1970-01-02 00:00:01\n"
                           "Ann,GB,iPhone,0,some,Some Body,play,x,1970-01-02 00:00:02\n")));
    assert_str("Ann search  @86401 know>t-7\nAnn search  @86402 some>Some Body\n",
               buf_str(&seen.events));
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *row, *why;
    } rows[] = {
        {"Ann,yesterday,0:00:50,,F,,TV,,,GB", "Start Time"},
        {"Ann,1970-01-02,50,,F,,TV,,,GB", "Duration"},
        {"Ann,1970-01-02,0:61:00,,F,,TV,,,GB", "Duration"},
        {"Ann,1970-01-02,8760:00:00,,F,,TV,,,GB", "48 hours"},
        {",1970-01-02,0:00:50,,F,,TV,,,GB", "Profile"},
        {"Ann,1970-01-02,0:00:50,,,,TV,,,GB", "Title"},
        {"Ann,2090-01-02,0:00:50,,F,,TV,,,GB", "future"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf b;
        buf_init(&b, 4096);
        buf_printf(&b, "%s%s\nBo,1970-01-02,0:00:50,,G,,TV,,,GB\n", ACTIVITY_HEAD, rows[i].row);
        assert_ok(read_one(buf_str(&b)));
        assert_int_equal(1, seen.bad);
        assert_int_equal(2, seen.bad_line);
        assert_int_equal(3, seen.n_events);
        if (!strstr(seen.bad_text, rows[i].why))
            fail_msg("%s: \"%s\" does not say %s", rows[i].row, seen.bad_text, rows[i].why);
        buf_release(&b);
    }
    assert_ok(read_one(STR(PLAYBACK_HEAD "Ann,F,TV,1970-01-01,GB,\"[" START "," STOP(
        "31536000000") "]\"\n"
                       "Ann,G,TV,1970-01-01,GB,\"[" STOP("-200000000") "]\"\n"
                                                                       "Ann,H,TV,never,GB,\"[" START
                                                                       "]\"\n")));
    assert_int_equal(3, seen.bad);
    assert_int_equal(0, seen.n_events);
    assert_fails(MQ_INVALID, read_one(STR("a,b\n1,2\n")));
}

static void titles(void **state)
{
    (void)state;
    static const struct {
        const char *text, *show, *part, *name;
        int kind, season, number;
    } cases[] = {
        {"Film", "", "", "Film", TITLE_UNKNOWN, 0, 0},
        {"Film: The Sequel", "", "", "Film: The Sequel", TITLE_UNKNOWN, 0, 0},
        {"What? \"Live\"", "", "", "What? \"Live\"", TITLE_UNKNOWN, 0, 0},
        {"A: B: Season 4: The: End (Episode 7)", "A: B", "Season 4", "The: End", TITLE_EPISODE, 4,
         7},
        {"A: Season 4: \"Quoted\"", "A", "Season 4", "Quoted", TITLE_EPISODE, 4, 0},
        {"A: Limited Series: Pilot (Episode 1)", "A", "Limited Series", "Pilot", TITLE_EPISODE, 1,
         1},
        {"A: Part 2", "A", "Part 2", "A: Part 2", TITLE_SEASON, 2, 0},
        {"A: \"Loose\"", "A", "", "Loose", TITLE_EPISODE, 0, 0},
        {"A: Loose (Episode 12)", "A", "", "Loose", TITLE_EPISODE, 0, 12},
        {"(Episode 1)", "", "", "(Episode 1)", TITLE_UNKNOWN, 0, 0},
        {" (Episode 99999999999999999999)", "", "", " (Episode 99999999999999999999)",
         TITLE_UNKNOWN, 0, 0},
        {": Season 1: ", "", "Season 1", "", TITLE_EPISODE, 1, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct netflix_title t;
        netflix_title_parse(str_of(cases[i].text), &t);
        assert_str(cases[i].show, t.show);
        assert_str(cases[i].part, t.part);
        assert_str(cases[i].name, t.name);
        assert_int_equal(cases[i].kind, t.kind);
        assert_int_equal(cases[i].season, t.season);
        assert_int_equal(cases[i].number, t.number);
    }
    assert_true(netflix_title_same(STR("A: Season 1: B (Episode 3)"), STR("A: Season 1: \"B\"")));
    assert_false(netflix_title_same(STR("A: Season 1: B"), STR("A: Season 2: B")));
}

static void joining(void **state)
{
    (void)state;
    struct arena arena;
    assert_int_equal(0, arena_init(&arena, 1 << 16, 1 << 20));
    struct netflix_row a[] = {
        {STR("Ann"), STR("Film"), 100000, 0},       {STR("Ann"), STR("Film_hook"), 100000, 0},
        {STR("Bo"), STR("Film"), 100000, 0},        {STR("Ann"), STR("Late"), 500000, 0},
        {STR("Ann"), STR("Local name"), 900000, 0},
    };
    struct netflix_row b[] = {
        {STR("Ann"), STR("Film_hook"), 101000, 0},
        {STR("Ann"), STR("Film"), 120000, 0},
        {STR("Ann"), STR("Late"), 560001, 0},
        {STR("Ann"), STR("Foreign name"), 903000, 0},
    };
    assert_ok(netflix_join(a, 5, b, 4, &arena, &test_err));
    assert_int_equal(1, a[0].partner);
    assert_int_equal(0, a[1].partner);
    assert_int_equal(NETFLIX_ALONE, a[2].partner);
    assert_int_equal(NETFLIX_ALONE, a[3].partner);
    assert_int_equal(3, a[4].partner);
    assert_int_equal(4, b[3].partner);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plays_told_of_twice),
        cmocka_unit_test(file_by_file),
        cmocka_unit_test(ratings_lists_and_searches),
        cmocka_unit_test(refused),
        cmocka_unit_test(titles),
        cmocka_unit_test(joining),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    clear();
    return failed;
}
