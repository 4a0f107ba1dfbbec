/* forecast_page.c - how many, when, how sure, like what, carried by what. */
#include <json-c/json.h>
#include <math.h>
#include <stdio.h>

#include "report/page_parts.h"

static void sizes(struct buf *b, struct json_object *o)
{
    static const char *const heads[] = {"", "#P10", "#P50", "#P90"};
    static const struct {
        const char *key, *label;
    } rows[] = {{"viewers_28d", "Viewers in 28 days"},
                {"viewers_90d", "Viewers in 90 days"},
                {"viewers_all", "Viewers over a time as long as the log"},
                {"hours_28d", "Hours in 28 days"},
                {"hours_90d", "Hours in 90 days"}};
    struct html_point fan[2];
    html_heading(b, STR("How many"));
    html_table(b, heads, 4);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        page_interval(b, str_of(rows[i].label), answer_child(o, rows[i].key));
    html_table_end(b);
    for (int i = 0; i < 2; i++) {
        struct html_range r = page_range(answer_child(o, rows[i].key), STR_NONE);
        fan[i] = (struct html_point){i ? 90 : 28, r.low, r.middle, r.high};
    }
    html_fan(
        b, STR("Viewers over time: P50, and P10 to P90, in which eight of ten such forecasts lay"),
        STR("days since launch"), fan, 2);
    if (!isnan(answer_number(o, "break_even")))
        page_say(b, "Chance that 90 days' hours reach the %.0f that pay for it: %.0f %%.",
                 answer_number(o, "break_even_hours"), 100 * answer_number(o, "break_even"));
}

/* What the sizes rest on, where the log has launches. */
static void launch(struct buf *b, struct json_object *o)
{
    struct json_object *l = answer_child(o, "launch");
    if (!l)
        return;
    page_say(b, "Of a launch, as the log has %.0f, among %.0f viewers.",
             answer_number(answer_child(o, "decay"), "launches"), answer_number(l, "viewers"));
    if (answer_number(l, "promotion") < 1)
        page_say(b, "With %.2g of a usual launch's place on pages.", answer_number(l, "promotion"));
}

/* Intervals of the members of a list under one key. */
static void intervals(struct buf *b, struct json_object *list, const char *name, const char *key,
                      const char *heading, const char *caption)
{
    struct html_range ranges[HTML_RANGES_MAX];
    size_t n = answer_length(list) < HTML_RANGES_MAX ? answer_length(list) : HTML_RANGES_MAX;
    if (n == 0)
        return;
    for (size_t i = 0; i < n; i++)
        ranges[i] =
            page_range(answer_child(answer_at(list, i), key), answer_str(answer_at(list, i), name));
    html_heading(b, str_of(heading));
    html_ranges(b, str_of(caption), ranges, n, false, NAN);
}

static void attribution(struct buf *b, struct json_object *list)
{
    static char labels[HTML_RANGES_MAX][PAGE_LABEL_BYTES];
    struct html_range ranges[HTML_RANGES_MAX];
    size_t n = answer_length(list) < HTML_RANGES_MAX ? answer_length(list) : HTML_RANGES_MAX;
    if (n == 0)
        return;
    for (size_t i = 0; i < n; i++) {
        struct json_object *a = answer_at(list, i);
        struct str kind = answer_str(a, "kind");
        struct str element = answer_str(a, "element");
        snprintf(labels[i], PAGE_LABEL_BYTES, "%.*s %.*s", STR_ARG(kind), STR_ARG(element));
        ranges[i] = (struct html_range){str_of(labels[i]), answer_number(a, "low"),
                                        answer_number(a, "factor"), answer_number(a, "high")};
    }
    html_heading(b, STR("What the model attributes"));
    html_ranges(b,
                STR("Times the viewers of the same concept without it (80 % of forests). No cause: "
                    "promotion "
                    "and much else go with it"),
                ranges, n, true, 1);
}

static void comparables(struct buf *b, struct json_object *list)
{
    static const char *const heads[] = {"Title", "#Year", "#Viewers", "In which ways"};
    if (answer_length(list) == 0)
        return;
    html_heading(b, STR("Like"));
    html_table(b, heads, 4);
    for (size_t i = 0; i < answer_length(list); i++) {
        struct json_object *c = answer_at(list, i);
        struct json_object *ways = answer_child(c, "ways");
        double year = answer_number(c, "year");
        html_row(b);
        html_cell(b, answer_str(c, "name"));
        buf_add_z(b, "<td class=\"n\">");
        if (!isnan(year))
            buf_printf(b, "%.0f", year);
        buf_add_z(b, "</td>");
        html_number(b, answer_number(c, "viewers"));
        buf_add_z(b, "<td>");
        for (size_t k = 0; k < answer_length(ways); k++) {
            buf_add_z(b, k ? "; " : "");
            html_text(b, str_of(json_object_get_string(answer_at(ways, k))));
        }
        buf_add_z(b, "</td>");
        html_row_end(b);
    }
    html_table_end(b);
}

static void calibration(struct buf *b, struct json_object *list)
{
    struct html_point points[HTML_RANGES_MAX];
    size_t n = answer_length(list) < HTML_RANGES_MAX ? answer_length(list) : HTML_RANGES_MAX;
    if (n == 0)
        return;
    for (size_t i = 0; i < n; i++) {
        struct html_range r = page_range(answer_child(answer_at(list, i), "actual"), STR_NONE);
        points[i] = (struct html_point){answer_number(answer_at(list, i), "forecast"), r.low,
                                        r.middle, r.high};
    }
    html_heading(b, STR("How far such forecasts can be believed"));
    html_calibration(
        b,
        STR("Titles forecast as if they did not exist (across) and what came (up: P10, P50, P90)"),
        points, n);
}

void forecast_page(struct buf *b, struct str name, struct json_object *o)
{
    struct json_object *support = answer_child(o, "support");
    html_open(b, name,
              STR("Forecast of a title that does not exist yet. Data advises; people decide."));
    page_say(b, "Rests on %.0f titles that are like it.", answer_number(support, "titles"));
    if (answer_true(support, "refused")) {
        struct str reason = answer_str(support, "reason");
        page_say(b, "No forecast: %.*s.", STR_ARG(reason));
    } else {
        sizes(b, o);
        launch(b, o);
    }
    intervals(b, answer_child(o, "communities"), "name", "viewers_28d", "Taste communities",
              "Viewers in 28 days by community: P50, and P10 to P90");
    intervals(b, answer_child(o, "countries"), "country", "viewers_28d", "Countries",
              "Viewers in 28 days by country: P50, and P10 to P90");
    attribution(b, answer_child(o, "attribution"));
    comparables(b, answer_child(o, "comparables"));
    calibration(b, answer_child(o, "calibration"));
}
