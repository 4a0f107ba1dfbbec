/* PlaybackRelatedEvents: columns by header, the spreadsheet's mangling, traces, what is refused, line numbers. */
#include "base/buf.h"
#include "support/check.h"
#include "wire/netflix_plays.h"

struct seen {
    struct buf out;
    size_t plays, bad;
    uint64_t bad_line;
    char bad_text[MQ_ERROR_TEXT];
};

static struct seen seen;

static int on_play(void *ctx, const struct netflix_play *p, struct mq_error *err)
{
    struct seen *s = ctx;
    (void)err;
    s->plays++;
    buf_printf(&s->out, "%llu %.*s/%.*s @%lld", (unsigned long long)p->line, STR_ARG(p->profile),
               STR_ARG(p->title), p->has_start ? (long long)p->start_ms : -1LL);
    for (size_t i = 0; i < p->n_events; i++) {
        const struct event *e = &p->events[i];
        buf_printf(&s->out, " %s:%lld", event_kind_name(e->kind), (long long)e->at_ms);
        if (e->position_ms != EVENT_ABSENT)
            buf_printf(&s->out, "=%lld", (long long)e->position_ms);
    }
    buf_add_char(&s->out, '\n');
    return 0;
}

static int on_bad(void *ctx, const struct bad_row *bad, struct mq_error *err)
{
    struct seen *s = ctx;
    (void)err;
    s->bad++;
    s->bad_line = bad->line;
    memcpy(s->bad_text, bad->why->text, sizeof s->bad_text);
    return 0;
}

static int read_bytes(struct str bytes)
{
    struct netflix_plays_sink sink = {&seen, on_play, on_bad};
    buf_release(&seen.out);
    seen = (struct seen){.plays = 0};
    buf_init(&seen.out, 1 << 20);
    return netflix_plays_read("plays.csv", bytes, &sink, &test_err);
}

#define HEAD "Profile Name,Title Description,Device,Playback Start Utc Ts,Country,Playtraces\n"
#define TRACE                                                                                      \
    "\"[{\"\"eventType\"\":\"\"start\"\",\"\"sessionOffsetMs\"\":5,\"\"mediaOffsetMs\"\":0},"      \
    "{\"\"eventType\"\":\"\"playing\"\",\"\"sessionOffsetMs\"\":9,\"\"mediaOffsetMs\"\":1},"       \
    "{\"\"eventType\"\":\"\"reposition\"\",\"\"sessionOffsetMs\"\":100,\"\"mediaOffsetMs\"\":7},"  \
    "{\"\"eventType\"\":\"\"paused\"\",\"\"sessionOffsetMs\"\":200,\"\"mediaOffsetMs\"\":null},"   \
    "{\"\"eventType\"\":\"\"dreamt\"\",\"\"sessionOffsetMs\"\":300,\"\"mediaOffsetMs\"\":8},"      \
    "{\"\"eventType\"\":\"\"stopped\"\",\"\"sessionOffsetMs\"\":400,\"\"mediaOffsetMs\"\":9}]\""
#define EVENTS " start:5=0 play:9=1 seek:100=7 pause:200 stop:400=9"

static void rows(void **state)
{
    (void)state;
    assert_ok(read_bytes(STR(
        HEAD "Ann,\"The \"\"Odd\"\" One, Part 2\",TV,1970-01-01 00:00:02,GB," TRACE "\nAnn,Two\n"
             "Ann,\"In two\nlines\",TV,,GB,[]\nAnn,Last,TV,1970-01-02,GB,\n")));
    assert_str("2 Ann/The \"Odd\" One, Part 2 @2000" EVENTS "\n"
               "4 Ann/In two\nlines @-1\n6 Ann/Last @86400000\n",
               buf_str(&seen.out));
    assert_int_equal(1, seen.bad);
    assert_int_equal(3, seen.bad_line);
}

static void other_order(void **state)
{
    (void)state;
    assert_ok(read_bytes(
        STR("Playtraces;Country;playback start utc ts;More;Title Description;Profile Name\r\n" TRACE
            ";NL;1970-01-01 00:00:02;x;Film;Bo\r\n")));
    assert_str("2 Bo/Film @2000" EVENTS "\n", buf_str(&seen.out));
}

/* As a spreadsheet leaves it: each record one quoted cell and a semicolon. */
static void mangle(struct str in, bool header_too, struct buf *out)
{
    bool quoted = false, first = true;
    const char *p = in.p, *end = in.p + in.n;
    if (header_too)
        buf_add_z(out, "\xef\xbb\xbf");
    while (p < end) {
        bool wrap = header_too || !first;
        if (wrap)
            buf_add_char(out, '"');
        for (; p < end && (quoted || *p != '\n'); p++) {
            if (*p == '"')
                quoted = !quoted;
            if (*p == '"' && wrap)
                buf_add_char(out, '"');
            buf_add_char(out, *p);
        }
        buf_add_z(out, wrap ? "\";\r\n" : ";\r\n");
        p += p < end;
        first = false;
    }
}

static void mangled(void **state)
{
    (void)state;
    struct str plain =
        STR(HEAD "Ann,\"The \"\"Odd\"\" One, Part 2\",TV,1970-01-01 00:00:02,GB," TRACE
                 "\nAnn,\"In two\nlines\",TV,,GB,[]\nAnn,Last,TV,1970-01-02,GB,\n");
    char expected[4096];
    assert_ok(read_bytes(plain));
    snprintf(expected, sizeof expected, "%.*s", STR_ARG(buf_str(&seen.out)));
    for (int header = 0; header < 2; header++) {
        struct buf b;
        buf_init(&b, 1 << 16);
        mangle(plain, header, &b);
        assert_ok(read_bytes(buf_str(&b)));
        assert_str(expected, buf_str(&seen.out));
        assert_int_equal(0, seen.bad);
        buf_release(&b);
    }
}

static void bad_input(void **state)
{
    (void)state;
    assert_fails(MQ_INVALID, read_bytes(STR("")));
    assert_fails(MQ_INVALID, read_bytes(STR("a,b,c\n1,2,3\n")));
    static const char *const traces[] = {"[{", "{}", "\"text\"", "[[[[[[[[[[[[]]]]]]]]]]]]"};
    for (size_t i = 0; i < sizeof traces / sizeof *traces; i++) {
        struct buf b;
        buf_init(&b, 4096);
        buf_printf(&b, "%sAnn,Film,TV,1970-01-01,GB,%s\nAnn,Next,TV,,GB,[]\n", HEAD, traces[i]);
        assert_ok(read_bytes(buf_str(&b)));
        assert_int_equal(1, seen.bad);
        assert_int_equal(2, seen.bad_line);
        assert_non_null(strstr(seen.bad_text, "Playtraces"));
        assert_str("3 Ann/Next @-1\n", buf_str(&seen.out));
        buf_release(&b);
    }
    /* Entries that are none of ours harm no others; absurd numbers are absent. */
    assert_ok(read_bytes(STR(
        HEAD "A,F,TV,,GB,\"[1,null,{},{\"\"eventType\"\":7},{\"\"eventType\"\":\"\"stopped\"\"},"
             "{\"\"eventType\"\":\"\"playing\"\",\"\"sessionOffsetMs\"\":-5,\"\"mediaOffsetMs\"\":"
             "1e300},"
             "{\"\"eventType\"\":\"\"playing\"\",\"\"sessionOffsetMs\"\":0.5,\"\"mediaOffsetMs\"\":"
             "-3}]\"\n")));
    assert_str("2 A/F @-1 play:-5\n", buf_str(&seen.out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows),
        cmocka_unit_test(other_order),
        cmocka_unit_test(mangled),
        cmocka_unit_test(bad_input),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    buf_release(&seen.out);
    return failed;
}
