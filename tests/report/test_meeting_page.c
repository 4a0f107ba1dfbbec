/* Pages for a meeting: nothing that is said gets out of its text, whatever it holds; and what is withheld is a dash. */
#include "support/check.h"

#include <math.h>

#include "base/rng.h"
#include "report/html_page.h"
#include "report/meeting_page.h"

static const char hostile[] = "</title><script>alert(1)</script>\" onload='x' & \x01 \xff";

/* Every '<' begins one of our own elements; no attribute but those we write. */
static void assert_ours_alone(struct str page)
{
    static const char *const elements[] = {
        "!DOCTYPE html>", "html",     "head>",     "meta ",      "title>", "style>",
        "body>",          "h1>",      "h2>",       "p>",         "p ",     "table>",
        "thead>",         "tbody>",   "tr>",       "th ",        "td>",    "td ",
        "figure",         "svg",      "text ",     "text>",      "line ",  "rect ",
        "circle ",        "polygon ", "polyline ", "figcaption", "th>"};
    for (size_t i = 0; i < page.n; i++) {
        if (page.p[i] != '<')
            continue;
        struct str rest = {page.p + i + 1, page.n - i - 1};
        if (rest.n && rest.p[0] == '/')
            rest = (struct str){rest.p + 1, rest.n - 1};
        bool ours = false;
        for (size_t k = 0; k < sizeof(elements) / sizeof(elements[0]); k++)
            ours = ours || str_starts(rest, str_of(elements[k]));
        if (!ours)
            fail_msg("not an element of ours: %.*s", 40, rest.p);
    }
    assert_null(memmem(page.p, page.n, "script", 6) && memmem(page.p, page.n, "<script", 7) ? page.p
                                                                                            : NULL);
    assert_null(memmem(page.p, page.n, "onload='", 8));
    assert_true(str_is_utf8(page));
}

static void text_is_escaped(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 20);
    html_text(&b, str_of(hostile));
    assert_str("&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&#39;x&#39; &amp; "
               "\xef\xbf\xbd \xef\xbf\xbd",
               buf_str(&b));
    /* Property: any bytes. */
    struct rng r;
    rng_seed(&r, test_seed());
    for (size_t round = 0; round < test_rounds(200); round++) {
        char bytes[64];
        size_t n = rng_below(&r, sizeof(bytes));
        for (size_t i = 0; i < n; i++)
            bytes[i] = (char)rng_below(&r, 256);
        buf_reset(&b);
        html_text(&b, (struct str){bytes, n});
        assert_true(str_is_utf8(buf_str(&b)));
        for (size_t i = 0; i < b.n; i++)
            assert_null(strchr("<>\"'", b.p[i]) && b.p[i] ? b.p : NULL);
    }
    buf_release(&b);
}

static void figures(void **state)
{
    (void)state;
    static const struct {
        double v;
        const char *text;
    } cases[] = {{0, "0"},           {1234567, "1,234,567"}, {-1234, "-1,234"},    {999, "999"},
                 {0.12345, "0.123"}, {123.4, "123"},         {NAN, "\xe2\x80\x93"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[64];
        struct buf b;
        buf_over(&b, text, sizeof(text));
        html_figure(&b, cases[i].v);
        assert_str(cases[i].text, buf_str(&b));
    }
}

/* An answer in which every text is hostile. */
static void page_of(const char *kind, const char *answer, struct buf *page)
{
    char text[8192];
    struct buf b;
    buf_over(&b, text, sizeof(text));
    for (const char *p = answer; *p; p++) {
        if (*p == '@')
            buf_add_z(&b, "</svg><script>x('</script>&\\\"><img onerror=1>");
        else
            buf_add_char(&b, *p);
    }
    assert_false(b.failed);
    buf_init(page, 1 << 20);
    assert_ok(meeting_page(kind, str_of(hostile), buf_str(&b), page, &test_err));
    assert_ours_alone(buf_str(page));
    assert_true(str_starts(buf_str(page), STR("<!DOCTYPE html>")));
    assert_true(str_ends(buf_str(page), STR("</html>\n")));
    assert_non_null(memmem(page->p, page->n, "default-src 'none'", 18));
}

static bool holds(const struct buf *page, const char *text)
{
    return memmem(page->p, page->n, text, strlen(text)) != NULL;
}

/* What a forecast of a launch rests on is said; what is not known is no share of 0. */
static void what_is_known_is_said(void **state)
{
    (void)state;
    struct buf page;
    page_of("forecast",
            "{\"support\": {\"titles\": 40, \"refused\": false}, \"decay\": {\"launches\": 22}, "
            "\"launch\": {\"promotion\": 0.25, \"viewers\": 1781}}",
            &page);
    assert_true(holds(&page, "as the log has 22, among 1781 viewers"));
    assert_true(holds(&page, "With 0.25 of a usual launch"));
    buf_release(&page);
    page_of("forecast", "{\"support\": {\"titles\": 40, \"refused\": false}, \"launch\": null}",
            &page);
    assert_false(holds(&page, "Of a launch"));
    buf_release(&page);
    page_of("opportunities", "{\"tested\": 5, \"strong\": 3, \"opportunities\": []}", &page);
    assert_false(holds(&page, "Nothing here is stronger"));
    assert_true(holds(&page, "Nothing is listed"));
    buf_release(&page);
    page_of("backtest", "{\"forecast\": {\"coverage_by_tercile\": [0.75, null, null]}}", &page);
    assert_true(holds(&page, ">0.75</text>") && holds(&page, ">\xe2\x80\x93</text>"));
    buf_release(&page);
}

static void hostile_names(void **state)
{
    (void)state;
    struct buf page;
    page_of("forecast",
            "{\"viewers_28d\": {\"p10\": 100, \"p50\": 12345, \"p90\": 30000}, \"viewers_90d\": "
            "{\"p10\": 150, "
            "\"p50\": 20000, \"p90\": 50000}, \"communities\": [{\"name\": \"@\", \"viewers_28d\": "
            "{\"p10\": 1, "
            "\"p50\": 2, \"p90\": 3}}], \"countries\": [{\"country\": \"@\", \"viewers_28d\": "
            "{\"p10\": 1, "
            "\"p50\": 2, \"p90\": 3}}], \"comparables\": [{\"name\": \"@\", \"year\": 1999, "
            "\"viewers\": null, "
            "\"ways\": [\"@\", \"genre: @\"]}], \"attribution\": [{\"kind\": \"@\", \"element\": "
            "\"@\", "
            "\"factor\": 1.2, \"low\": 1.1, \"high\": 1.3}], \"calibration\": [{\"forecast\": 10, "
            "\"actual\": "
            "{\"p10\": 3, \"p50\": 9, \"p90\": 40}}], \"support\": {\"titles\": 40, \"refused\": "
            "false}}",
            &page);
    assert_true(holds(&page, "12,345") && holds(&page, "<polygon") && holds(&page, "1999"));
    assert_true(holds(&page, "Taste communities") && holds(&page, "<circle"));
    buf_release(&page);
    page_of("forecast", "{\"support\": {\"titles\": 2, \"refused\": true, \"reason\": \"@\"}}",
            &page);
    assert_true(holds(&page, "No forecast") && !holds(&page, "How many"));
    buf_release(&page);
    page_of("opportunities",
            "{\"tested\": 5, \"opportunities\": [{\"maker\": {\"role\": \"@\", \"name\": \"@\"}, "
            "\"lead\": {\"name\": "
            "\"@\"}, \"theme\": {\"name\": \"@\"}, \"people\": {\"words\": \"@\"}, \"viewers\": 9, "
            "\"expected\": 3, "
            "\"triangle\": {\"words\": \"@\", \"regions\": [{\"sets\": [\"a\", \"c\", \"@\"], "
            "\"viewers\": 5, "
            "\"expected\": 2}]}, \"forecast\": {\"support\": {\"refused\": true}}}], \"searches\": "
            "[{\"text\": "
            "\"@\", \"viewers\": 70}]}",
            &page);
    assert_true(holds(&page, "Unmet searches") && holds(&page, "No forecast"));
    buf_release(&page);
    page_of("slate",
            "{\"budget\": 10, \"spent\": 9, \"exact\": true, \"viewers\": {\"p10\": 1, \"p50\": 2, "
            "\"p90\": 3}, "
            "\"concepts\": [{\"title\": \"@\", \"chosen\": true, \"cost\": 9, \"adds\": 4, "
            "\"forecast\": "
            "{\"viewers_90d\": {\"p10\": 1, \"p50\": 2, \"p90\": 3}}}]}",
            &page);
    assert_true(holds(&page, "chosen"));
    buf_release(&page);
    page_of("backtest",
            "{\"protocol\": \"@\", \"titles\": 10, \"forecast\": {\"spearman\": 0.5, "
            "\"coverage_by_tercile\": [0.7, 0.8, "
            "0.9]}}",
            &page);
    assert_true(holds(&page, "0.8 is right") && holds(&page, "0.5"));
    buf_release(&page);
    page_of(
        "campaign",
        "{\"name\": \"@\", \"verdict\": \"@\", \"words\": \"@\", \"watched\": "
        "{\"difference\": 0.02, \"anytime_low\": -0.01, \"anytime_high\": 0.05}, \"arms\": "
        "[{\"arm\": \"@\", \"viewers\": 100, \"seen\": 0.5}], \"qini\": {\"order\": \"@\", "
        "\"area\": 0.001, \"low\": -0.01, \"high\": 0.02, \"curve\": [{\"share\": 0.5, "
        "\"gain\": 0.02, \"low\": -0.01, \"high\": 0.05}, {\"share\": 1, \"gain\": 0.01, "
        "\"low\": -0.02, \"high\": 0.04}]}, \"segments\": [{\"audience\": \"@\", \"arms\": []}]}",
        &page);
    assert_true(holds(&page, "Qini") && holds(&page, "<polygon") &&
                holds(&page, "as they were given"));
    buf_release(&page);
}

static void bad_answers(void **state)
{
    (void)state;
    static const char *const shapes[] = {
        "{}", "{\"opportunities\": 7, \"searches\": {}}",
        "{\"support\": [], \"viewers_28d\": \"x\", \"countries\": [1, null]}",
        "{\"concepts\": [null, {}], \"forecast\": []}"};
    static const char *const kinds[] = {"forecast", "opportunities", "slate", "backtest",
                                        "campaign"};
    struct buf page;
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
            page_of(kinds[k], shapes[i], &page);
            buf_release(&page);
        }
    }
    buf_init(&page, 1 << 20);
    assert_fails(MQ_INVALID, meeting_page("ledger", STR("x"), STR("{}"), &page, &test_err));
    assert_fails(MQ_INVALID, meeting_page("slate", STR("x"), STR("[1]"), &page, &test_err));
    assert_fails(MQ_INVALID, meeting_page("slate", STR("x"), STR("{"), &page, &test_err));
    buf_release(&page);
    buf_init(&page, 100);
    assert_fails(MQ_TOO_LARGE, meeting_page("slate", STR("x"), STR("{}"), &page, &test_err));
    buf_release(&page);
}

static void nothing_to_draw(void **state)
{
    (void)state;
    struct buf b;
    struct html_range none = {STR("x"), NAN, NAN, NAN};
    struct html_range below = {STR("x"), -1, 0, 1};
    struct html_point point = {28, NAN, 3, 4};
    struct html_region region = {1, NAN, NAN};
    buf_init(&b, 1 << 20);
    html_ranges(&b, STR("c"), &none, 1, false, NAN);
    html_ranges(&b, STR("c"), NULL, 0, true, NAN);
    html_fan(&b, STR("c"), STR("u"), &point, 1);
    html_fan(&b, STR("c"), STR("u"), NULL, 0);
    html_curve(&b, STR("c"), STR("u"), &point, 1);
    html_curve(&b, STR("c"), STR("u"), NULL, 0);
    html_calibration(&b, STR("c"), NULL, 0);
    html_upset(&b, STR("c"), NULL, 0, &region, 1);
    assert_int_equal(b.n, 0);
    html_ranges(&b, STR("c"), &below, 1, true, 1); /* what a logarithm does not take is left out */
    assert_true(b.p && b.n > 0 && !memmem(b.p, b.n, "nan", 3) && !memmem(b.p, b.n, "inf", 3));
    buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_escaped),       cmocka_unit_test(figures),
        cmocka_unit_test(what_is_known_is_said), cmocka_unit_test(hostile_names),
        cmocka_unit_test(bad_answers),           cmocka_unit_test(nothing_to_draw),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
