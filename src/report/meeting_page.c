#include "report/meeting_page.h"

#include <json-c/json.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "report/html_page.h"

enum { DEPTH = 32, LABEL_BYTES = 256 };

/* ---------------------------------------------------------------- reading the answer */

static struct json_object *child(struct json_object *o, const char *key)
{
    struct json_object *v = NULL;
    return json_object_is_type(o, json_type_object) && json_object_object_get_ex(o, key, &v) ? v
                                                                                             : NULL;
}

static double figure(struct json_object *o, const char *key)
{
    struct json_object *v = child(o, key);
    bool number = json_object_is_type(v, json_type_double) || json_object_is_type(v, json_type_int);
    return number ? json_object_get_double(v) : NAN;
}

static struct str text(struct json_object *o, const char *key)
{
    struct json_object *v = child(o, key);
    if (!json_object_is_type(v, json_type_string))
        return STR_NONE;
    return (struct str){json_object_get_string(v), (size_t)json_object_get_string_len(v)};
}

static bool truth(struct json_object *o, const char *key)
{
    return json_object_get_boolean(child(o, key));
}

static size_t length(struct json_object *o)
{
    return json_object_is_type(o, json_type_array) ? json_object_array_length(o) : 0;
}

static struct json_object *at(struct json_object *o, size_t i)
{
    return json_object_array_get_idx(o, i);
}

static struct html_range range_of(struct json_object *interval, struct str label)
{
    return (struct html_range){label, figure(interval, "p10"), figure(interval, "p50"),
                               figure(interval, "p90")};
}

static void say(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A paragraph of what is formatted. */
static void say(struct buf *b, const char *format, ...)
{
    char line[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    html_paragraph(b, str_of(line));
}

static void interval_row(struct buf *b, struct str label, struct json_object *v)
{
    html_row(b);
    html_cell(b, label);
    html_number(b, figure(v, "p10"));
    html_number(b, figure(v, "p50"));
    html_number(b, figure(v, "p90"));
    html_row_end(b);
}

/* ---------------------------------------------------------------- a forecast */

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
        interval_row(b, str_of(rows[i].label), child(o, rows[i].key));
    html_table_end(b);
    for (int i = 0; i < 2; i++) {
        struct html_range r = range_of(child(o, rows[i].key), STR_NONE);
        fan[i] = (struct html_point){i ? 90 : 28, r.low, r.middle, r.high};
    }
    html_fan(
        b, STR("Viewers over time: P50, and P10 to P90, in which eight of ten such forecasts lay"),
        STR("days since launch"), fan, 2);
    if (!isnan(figure(o, "break_even")))
        say(b, "Chance that 90 days' hours reach the %.0f that pay for it: %.0f %%.",
            figure(o, "break_even_hours"), 100 * figure(o, "break_even"));
}

/* What the sizes rest on, where the log has launches. */
static void launch(struct buf *b, struct json_object *o)
{
    struct json_object *l = child(o, "launch");
    if (!l)
        return;
    say(b, "Of a launch, as the log has %.0f, among %.0f viewers.",
        figure(child(o, "decay"), "launches"), figure(l, "viewers"));
    if (figure(l, "promotion") < 1)
        say(b, "With %.2g of a usual launch's place on pages.", figure(l, "promotion"));
}

/* Intervals of the members of a list under one key. */
static void intervals(struct buf *b, struct json_object *list, const char *name, const char *key,
                      const char *heading, const char *caption)
{
    struct html_range ranges[HTML_RANGES_MAX];
    size_t n = length(list) < HTML_RANGES_MAX ? length(list) : HTML_RANGES_MAX;
    if (n == 0)
        return;
    for (size_t i = 0; i < n; i++)
        ranges[i] = range_of(child(at(list, i), key), text(at(list, i), name));
    html_heading(b, str_of(heading));
    html_ranges(b, str_of(caption), ranges, n, false, NAN);
}

static void attribution(struct buf *b, struct json_object *list)
{
    static char labels[HTML_RANGES_MAX][LABEL_BYTES];
    struct html_range ranges[HTML_RANGES_MAX];
    size_t n = length(list) < HTML_RANGES_MAX ? length(list) : HTML_RANGES_MAX;
    if (n == 0)
        return;
    for (size_t i = 0; i < n; i++) {
        struct json_object *a = at(list, i);
        struct str kind = text(a, "kind");
        struct str element = text(a, "element");
        snprintf(labels[i], LABEL_BYTES, "%.*s %.*s", STR_ARG(kind), STR_ARG(element));
        ranges[i] = (struct html_range){str_of(labels[i]), figure(a, "low"), figure(a, "factor"),
                                        figure(a, "high")};
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
    if (length(list) == 0)
        return;
    html_heading(b, STR("Like"));
    html_table(b, heads, 4);
    for (size_t i = 0; i < length(list); i++) {
        struct json_object *c = at(list, i);
        struct json_object *ways = child(c, "ways");
        double year = figure(c, "year");
        html_row(b);
        html_cell(b, text(c, "name"));
        buf_add_z(b, "<td class=\"n\">");
        if (!isnan(year))
            buf_printf(b, "%.0f", year);
        buf_add_z(b, "</td>");
        html_number(b, figure(c, "viewers"));
        buf_add_z(b, "<td>");
        for (size_t k = 0; k < length(ways); k++) {
            buf_add_z(b, k ? "; " : "");
            html_text(b, str_of(json_object_get_string(at(ways, k))));
        }
        buf_add_z(b, "</td>");
        html_row_end(b);
    }
    html_table_end(b);
}

static void calibration(struct buf *b, struct json_object *list)
{
    struct html_point points[HTML_RANGES_MAX];
    size_t n = length(list) < HTML_RANGES_MAX ? length(list) : HTML_RANGES_MAX;
    if (n == 0)
        return;
    for (size_t i = 0; i < n; i++) {
        struct html_range r = range_of(child(at(list, i), "actual"), STR_NONE);
        points[i] = (struct html_point){figure(at(list, i), "forecast"), r.low, r.middle, r.high};
    }
    html_heading(b, STR("How far such forecasts can be believed"));
    html_calibration(
        b,
        STR("Titles forecast as if they did not exist (across) and what came (up: P10, P50, P90)"),
        points, n);
}

static void forecast(struct buf *b, struct str name, struct json_object *o)
{
    struct json_object *support = child(o, "support");
    html_open(b, name,
              STR("Forecast of a title that does not exist yet. Data advises; people decide."));
    say(b, "Rests on %.0f titles that are like it.", figure(support, "titles"));
    if (truth(support, "refused")) {
        struct str reason = text(support, "reason");
        say(b, "No forecast: %.*s.", STR_ARG(reason));
    } else {
        sizes(b, o);
        launch(b, o);
    }
    intervals(b, child(o, "communities"), "name", "viewers_28d", "Taste communities",
              "Viewers in 28 days by community: P50, and P10 to P90");
    intervals(b, child(o, "countries"), "country", "viewers_28d", "Countries",
              "Viewers in 28 days by country: P50, and P10 to P90");
    attribution(b, child(o, "attribution"));
    comparables(b, child(o, "comparables"));
    calibration(b, child(o, "calibration"));
}

/* ---------------------------------------------------------------- opportunities */

static void part_label(struct json_object *o, const char *key, char *to)
{
    struct json_object *p = child(o, key);
    struct str role = text(p, "role");
    struct str name = text(p, "name");
    if (str_eq(role, STR("title"))) /* a theme that is one title */
        role = STR("in the manner of");
    snprintf(to, LABEL_BYTES, "%.*s%s%.*s", STR_ARG(role), role.n ? " " : "", STR_ARG(name));
}

/* The triangle's regions as an UpSet plot. */
static void upset(struct buf *b, struct json_object *o, char (*labels)[LABEL_BYTES])
{
    struct html_region regions[HTML_REGIONS_MAX];
    struct str names[HTML_SETS_MAX];
    struct json_object *list = child(child(o, "triangle"), "regions");
    size_t n = length(list) < HTML_REGIONS_MAX ? length(list) : HTML_REGIONS_MAX;
    for (int k = 0; k < HTML_SETS_MAX; k++)
        names[k] = str_of(labels[k]);
    for (size_t i = 0; i < n; i++) {
        struct json_object *sets = child(at(list, i), "sets");
        regions[i] = (struct html_region){0, figure(at(list, i), "viewers"),
                                          figure(at(list, i), "expected")};
        for (size_t k = 0; k < length(sets); k++) {
            const char *letter = json_object_get_string(at(sets, k));
            if (letter && letter[0] >= 'a' && letter[0] < 'a' + HTML_SETS_MAX)
                regions[i].sets |= 1U << (letter[0] - 'a');
        }
    }
    html_upset(b,
               STR("Viewers who like just these; the line is what would be expected if they had "
                   "nothing to do "
                   "with each other, given how active viewers are"),
               names, HTML_SETS_MAX, regions, n);
}

static void opportunity(struct buf *b, struct json_object *o, size_t rank)
{
    static const char *const keys[HTML_SETS_MAX] = {"maker", "lead", "theme"};
    static char labels[HTML_SETS_MAX][LABEL_BYTES];
    static const char *const heads[] = {"", "#P10", "#P50", "#P90"};
    char head[4 * LABEL_BYTES];
    struct json_object *f = child(o, "forecast");
    for (int k = 0; k < HTML_SETS_MAX; k++)
        part_label(o, keys[k], labels[k]);
    snprintf(head, sizeof(head), "%zu. %s \xc3\x97 %s \xc3\x97 %s", rank, labels[0], labels[1],
             labels[2]);
    html_heading(b, str_of(head));
    html_paragraph(b, text(child(o, "people"), "words"));
    html_paragraph(b, text(child(o, "triangle"), "words"));
    if (!isnan(figure(o, "viewers")))
        say(b,
            "%.0f viewers want all three, %.0f would by chance. Titles that have all of it: %.0f; "
            "two of "
            "three: %.0f. As strong by chance: %.2g triples.",
            figure(o, "viewers"), figure(o, "expected"), figure(child(o, "supply"), "all"),
            figure(child(o, "supply"), "two"), figure(o, "chance"));
    upset(b, o, labels);
    if (!f || truth(child(f, "support"), "refused")) {
        html_paragraph(b, STR("No forecast: too few titles are like it."));
        return;
    }
    html_table(b, heads, 4);
    interval_row(b, STR("Viewers in 28 days"), child(f, "viewers_28d"));
    interval_row(b, STR("Viewers in 90 days"), child(f, "viewers_90d"));
    html_table_end(b);
}

static void opportunities(struct buf *b, struct str name, struct json_object *o)
{
    struct json_object *list = child(o, "opportunities");
    struct json_object *searches = child(o, "searches");
    static const char *const heads[] = {"Searched for, and nothing was found", "#Viewers"};
    html_open(b, name,
              STR("What nobody has made yet and many would watch. Data advises; people decide."));
    say(b,
        "%.0f triples of a maker, a lead and a theme were tested; %.0f hold together (%.0f in a "
        "shuffled "
        "world). Listed are those above the strongest of %.0f shuffled worlds. Finds of one half "
        "of the "
        "viewers keep %.2g of their demand in the other.",
        figure(o, "tested"), figure(o, "strong"), figure(o, "shuffled_strong"),
        figure(o, "shuffles"), figure(child(o, "winners_curse"), "kept"));
    for (size_t i = 0; i < length(list); i++)
        opportunity(b, at(list, i), i + 1);
    if (length(list) == 0)
        html_paragraph(b,
                       STR("Nothing is listed: of those that hold together none is stronger than "
                           "chance, or each rests on one title, is there for another's sake, "
                           "or is wanted by too few viewers."));
    if (length(searches) == 0)
        return;
    html_heading(b, STR("Unmet searches"));
    html_table(b, heads, 2);
    for (size_t i = 0; i < length(searches); i++) {
        html_row(b);
        html_cell(b, text(at(searches, i), "text"));
        html_number(b, figure(at(searches, i), "viewers"));
        html_row_end(b);
    }
    html_table_end(b);
}

/* ---------------------------------------------------------------- a slate */

static void slate(struct buf *b, struct str name, struct json_object *o)
{
    static const char *const heads[] = {"Concept",    "Is",   "#Cost", "#Adds",
                                        "#Alone P10", "#P50", "#P90"};
    struct html_range ranges[HTML_RANGES_MAX];
    struct json_object *list = child(o, "concepts");
    struct json_object *v = child(o, "viewers");
    size_t n = 0;
    html_open(b, name,
              STR("Which concepts, under a budget, reach the most distinct viewers in 90 days."));
    say(b, "%.0f distinct viewers (P10 %.0f, P90 %.0f) for %.6g of a budget of %.6g.",
        figure(v, "p50"), figure(v, "p10"), figure(v, "p90"), figure(o, "spent"),
        figure(o, "budget"));
    if (truth(o, "exact"))
        say(b, "No other set reaches more, on average over %.0f joint draws.", figure(o, "draws"));
    else
        say(b,
            "Not proved the best: %.0f on average over %.0f joint draws; no set reaches more than "
            "%.0f.",
            figure(o, "mean"), figure(o, "draws"), figure(o, "bound"));
    html_table(b, heads, 7);
    for (int chosen = 1; chosen >= 0; chosen--) {
        for (size_t i = 0; i < length(list); i++) {
            struct json_object *x = at(list, i);
            struct json_object *alone = child(child(x, "forecast"), "viewers_90d");
            if (truth(x, "chosen") != chosen)
                continue;
            html_row(b);
            html_cell(b, text(x, "title"));
            html_cell(b, chosen ? STR("chosen") : STR("left out"));
            html_number(b, figure(x, "cost"));
            html_number(b, round(figure(x, "adds")));
            html_number(b, round(figure(alone, "p10")));
            html_number(b, round(figure(alone, "p50")));
            html_number(b, round(figure(alone, "p90")));
            html_row_end(b);
            if (chosen && n < HTML_RANGES_MAX)
                ranges[n++] = range_of(alone, text(x, "title"));
        }
    }
    html_table_end(b);
    html_paragraph(b,
                   STR("Adds: viewers whom a chosen concept adds to the others, or whom one left "
                       "out would add. Alone: viewers in 90 days if it were the only one."));
    html_ranges(b, STR("Viewers in 90 days of each chosen concept alone: P50, and P10 to P90"),
                ranges, n, false, NAN);
}

/* ---------------------------------------------------------------- a backtest */

static void metrics_row(struct buf *b, const char *label, struct json_object *m)
{
    static const char *const keys[] = {"spearman", "mdape",   "rmsle", "within_2x",
                                       "coverage", "pinball", "auc",   "auc_within_activity"};
    html_row(b);
    html_cell(b, str_of(label));
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        html_number(b, figure(m, keys[i]));
    html_row_end(b);
}

static void backtest(struct buf *b, struct str name, struct json_object *o)
{
    static const char *const heads[] = {"",         "#Spearman",  "#MdAPE",
                                        "#RMSLE",   "#Within 2x", "#Coverage",
                                        "#Pinball", "#AUC",       "#AUC, activity"};
    static const char *const thirds[] = {"Lowest third", "Middle third", "Highest third"};
    struct json_object *base = child(o, "baselines");
    struct json_object *controls = child(o, "controls");
    struct json_object *covered = child(child(o, "forecast"), "coverage_by_tercile");
    struct html_range ranges[3];
    struct str protocol = text(o, "protocol");
    html_open(b, name,
              STR("Would the forecasts have been right? Every title as if it did not exist yet."));
    say(b, "%.*s: %.0f titles in %.0f splits, %.0f viewers, seed %.0f.", STR_ARG(protocol),
        figure(o, "titles"), figure(o, "splits"), figure(o, "viewers"), figure(o, "seed"));
    html_table(b, heads, 9);
    metrics_row(b, "Forecast", child(o, "forecast"));
    metrics_row(b, "Genre median", child(base, "genre_median"));
    metrics_row(b, "Director history", child(base, "director_history"));
    metrics_row(b, "Comparables", child(base, "comparables"));
    metrics_row(b, "Control: permuted credits", child(controls, "permuted_credits"));
    metrics_row(b, "Control: no credits", child(controls, "no_credits"));
    html_table_end(b);
    html_paragraph(
        b,
        STR("Spearman: rank correlation of forecast and audience. MdAPE: median error as a share "
            "of the audience. RMSLE: root mean squared error of the logs. Within 2x: share of "
            "titles with half to twice the forecast. Coverage: share between P10 and P90; 0.8 is "
            "right. Pinball: loss of P10, P50 and P90 on the logs; lower is better. AUC: a viewer "
            "of the title ranks above another viewer; activity: among viewers as active. A dash: "
            "this row has no such figure. The controls run the whole thing again with the credits "
            "of other titles, and with none."));
    size_t n = length(covered);
    n = n < 3 ? n : 3;
    for (size_t i = 0; i < n; i++) {
        struct json_object *known = at(covered, i); /* null: nothing is forecast so large */
        double share = known ? json_object_get_double(known) : NAN;
        ranges[i] = (struct html_range){str_of(thirds[i]), 0, share, share};
    }
    html_heading(b, STR("Calibration"));
    html_ranges(b, STR("Share of titles within P10 to P90, by size of the forecast; 0.8 is right"),
                ranges, n, false, 0.8);
}

/* ---------------------------------------------------------------- what came of a campaign */

static void arm_rows(struct buf *b, struct json_object *o, struct str label)
{
    struct json_object *arms = child(o, "arms");
    for (size_t i = 0; i < length(arms); i++) {
        static const char *const shares[] = {"seen", "shown", "watched", "valued"};
        struct json_object *a = at(arms, i);
        html_row(b);
        html_cell(b, i == 0 ? label : STR_NONE);
        html_cell(b, text(a, "arm"));
        html_number(b, figure(a, "viewers"));
        for (size_t k = 0; k < sizeof(shares) / sizeof(shares[0]); k++)
            html_number(b, 100 * figure(a, shares[k]));
        html_row_end(b);
    }
}

static struct html_range effect_range(struct json_object *o, struct str label)
{
    struct json_object *f = child(o, "watched");
    return (struct html_range){label, 100 * figure(f, "anytime_low"), 100 * figure(f, "difference"),
                               100 * figure(f, "anytime_high")};
}

static void order(struct buf *b, struct json_object *q)
{
    struct html_point points[HTML_RANGES_MAX];
    struct json_object *curve = child(q, "curve"), *affinity = child(q, "by_affinity");
    size_t n = length(curve) < HTML_RANGES_MAX ? length(curve) : HTML_RANGES_MAX;
    bool expected = str_eq(text(q, "order"), STR("expected uplift"));
    if (n == 0)
        return;
    for (size_t i = 0; i < n; i++) {
        struct json_object *p = at(curve, i);
        points[i] = (struct html_point){figure(p, "share"), 100 * figure(p, "low"),
                                        100 * figure(p, "gain"), 100 * figure(p, "high")};
    }
    html_heading(b, STR("Were those put first who are moved most?"));
    say(b,
        "Area over random targeting %.3g [%.3g, %.3g] more beginnings per 100 assigned viewers: "
        "%s.",
        100 * figure(q, "area"), 100 * figure(q, "low"), 100 * figure(q, "high"),
        figure(q, "low") > 0    ? "those put first were moved more than the rest"
        : figure(q, "high") < 0 ? "those put first were moved less than the rest"
                                : "the order is not shown to be better than chance");
    if (affinity)
        say(b, "In order of who would come anyway: %.3g [%.3g, %.3g].",
            100 * figure(affinity, "area"), 100 * figure(affinity, "low"),
            100 * figure(affinity, "high"));
    html_curve(
        b,
        expected ? STR("Qini curve: more beginnings per 100 assigned viewers when the first are "
                       "led to, in order of the uplift that was expected; the dashed line is "
                       "random targeting")
                 : STR("Qini curve: more beginnings per 100 assigned viewers when the first are "
                       "led to, segments as they were given; the dashed line is random targeting"),
        STR("per cent of the assigned viewers"), points, n);
}

static void campaign(struct buf *b, struct str name, struct json_object *o)
{
    static const char *const heads[] = {"",         "Arm",      "#Assigned", "#Came %",
                                        "#Shown %", "#Began %", "#Liked %"};
    struct html_range ranges[HTML_RANGES_MAX];
    struct json_object *list = child(o, "segments");
    char head[LABEL_BYTES];
    struct str of = text(o, "name"), verdict = text(o, "verdict");
    size_t n = 0;
    snprintf(head, sizeof(head), "Campaign: %.*s", of.n ? (int)of.n : (int)name.n,
             of.n ? of.p : name.p);
    html_open(b, str_of(head),
              STR("By intention to treat: all assigned viewers count, shown or not."));
    say(b, "Verdict: %.*s.", STR_ARG(verdict));
    html_paragraph(b, text(o, "words"));
    ranges[n++] = effect_range(o, STR("All"));
    for (size_t i = 0; i < length(list) && n < HTML_RANGES_MAX; i++)
        ranges[n++] = effect_range(at(list, i), text(at(list, i), "audience"));
    html_ranges(
        b,
        STR("More who began it, per 100 assigned viewers; the band is the 95 % interval for "
            "all looks together"),
        ranges, n, false, 0);
    order(b, child(o, "qini"));
    html_heading(b, STR("Arms"));
    html_table(b, heads, 7);
    arm_rows(b, o, STR("All"));
    for (size_t i = 0; i < length(list); i++)
        arm_rows(b, at(list, i), text(at(list, i), "audience"));
    html_table_end(b);
}

/* ---------------------------------------------------------------- all of it */

static const struct {
    const char *name;
    void (*write)(struct buf *b, struct str name, struct json_object *o);
} kinds[] = {{"forecast", forecast},
             {"opportunities", opportunities},
             {"slate", slate},
             {"backtest", backtest},
             {"campaign", campaign}};

int meeting_page(const char *kind, struct str name, struct str answer, struct buf *out,
                  struct mq_error *err)
{
    size_t k = 0;
    while (k < sizeof(kinds) / sizeof(kinds[0]) && strcmp(kinds[k].name, kind) != 0)
        k++;
    if (k == sizeof(kinds) / sizeof(kinds[0]))
        return mq_fail(
            err, MQ_INVALID,
            "html: %s: has no page: give forecast, opportunities, slate, backtest or campaign",
            kind);
    struct json_tokener *t = json_tokener_new_ex(DEPTH);
    if (!t || answer.n > MEETING_PAGE_MAX) {
        if (t)
            json_tokener_free(t);
        return mq_fail(err, t ? MQ_TOO_LARGE : MQ_NO_MEMORY, "html: an answer of %zu bytes",
                       answer.n);
    }
    struct json_object *o = json_tokener_parse_ex(t, answer.p, (int)answer.n);
    json_tokener_free(t);
    if (!json_object_is_type(o, json_type_object)) {
        json_object_put(o);
        return mq_fail(err, MQ_INVALID, "html: %s: the answer is no JSON object", kind);
    }
    kinds[k].write(out, name, o);
    html_close(out);
    json_object_put(o);
    return out->failed ? mq_fail(err, MQ_TOO_LARGE, "html: a page of over %zu bytes", out->max) : 0;
}
