#include "report/meeting_page.h"

#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/page_parts.h"

enum { DEPTH = 32 };

/* ---------------------------------------------------------------- opportunities */

static void part_label(struct json_object *o, const char *key, char *to)
{
    struct json_object *p = answer_child(o, key);
    struct str role = answer_str(p, "role");
    struct str name = answer_str(p, "name");
    if (str_eq(role, STR("title"))) /* a theme that is one title */
        role = STR("in the manner of");
    snprintf(to, PAGE_LABEL_BYTES, "%.*s%s%.*s", STR_ARG(role), role.n ? " " : "", STR_ARG(name));
}

/* The triangle's regions as an UpSet plot. */
static void upset(struct buf *b, struct json_object *o, char (*labels)[PAGE_LABEL_BYTES])
{
    struct html_region regions[HTML_REGIONS_MAX];
    struct str names[HTML_SETS_MAX];
    struct json_object *list = answer_child(answer_child(o, "triangle"), "regions");
    size_t n = answer_length(list) < HTML_REGIONS_MAX ? answer_length(list) : HTML_REGIONS_MAX;
    for (int k = 0; k < HTML_SETS_MAX; k++)
        names[k] = str_of(labels[k]);
    for (size_t i = 0; i < n; i++) {
        struct json_object *sets = answer_child(answer_at(list, i), "sets");
        regions[i] = (struct html_region){0, answer_number(answer_at(list, i), "viewers"),
                                          answer_number(answer_at(list, i), "expected")};
        for (size_t k = 0; k < answer_length(sets); k++) {
            const char *letter = json_object_get_string(answer_at(sets, k));
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
    static char labels[HTML_SETS_MAX][PAGE_LABEL_BYTES];
    static const char *const heads[] = {"", "#P10", "#P50", "#P90"};
    char head[4 * PAGE_LABEL_BYTES];
    struct json_object *f = answer_child(o, "forecast");
    for (int k = 0; k < HTML_SETS_MAX; k++)
        part_label(o, keys[k], labels[k]);
    snprintf(head, sizeof(head), "%zu. %s \xc3\x97 %s \xc3\x97 %s", rank, labels[0], labels[1],
             labels[2]);
    html_heading(b, str_of(head));
    html_paragraph(b, answer_str(answer_child(o, "people"), "words"));
    html_paragraph(b, answer_str(answer_child(o, "triangle"), "words"));
    if (!isnan(answer_number(o, "viewers")))
        page_say(
            b,
            "%.0f viewers want all three, %.0f would by chance. Titles that have all of it: %.0f; "
            "two of "
            "three: %.0f. As strong by chance: %.2g triples.",
            answer_number(o, "viewers"), answer_number(o, "expected"),
            answer_number(answer_child(o, "supply"), "all"),
            answer_number(answer_child(o, "supply"), "two"), answer_number(o, "chance"));
    upset(b, o, labels);
    if (!f || answer_true(answer_child(f, "support"), "refused")) {
        html_paragraph(b, STR("No forecast: too few titles are like it."));
        return;
    }
    html_table(b, heads, 4);
    page_interval(b, STR("Viewers in 28 days"), answer_child(f, "viewers_28d"));
    page_interval(b, STR("Viewers in 90 days"), answer_child(f, "viewers_90d"));
    html_table_end(b);
}

static void opportunities(struct buf *b, struct str name, struct json_object *o)
{
    struct json_object *list = answer_child(o, "opportunities");
    struct json_object *searches = answer_child(o, "searches");
    static const char *const heads[] = {"Searched for, and nothing was found", "#Viewers"};
    html_open(b, name,
              STR("What nobody has made yet and many would watch. Data advises; people decide."));
    page_say(
        b,
        "%.0f triples of a maker, a lead and a theme were tested; %.0f hold together (%.0f in a "
        "shuffled "
        "world). Listed are those above the strongest of %.0f shuffled worlds. Finds of one half "
        "of the "
        "viewers keep %.2g of their demand in the other.",
        answer_number(o, "tested"), answer_number(o, "strong"), answer_number(o, "shuffled_strong"),
        answer_number(o, "shuffles"), answer_number(answer_child(o, "winners_curse"), "kept"));
    for (size_t i = 0; i < answer_length(list); i++)
        opportunity(b, answer_at(list, i), i + 1);
    if (answer_length(list) == 0)
        html_paragraph(b,
                       STR("Nothing is listed: of those that hold together none is stronger than "
                           "chance, or each rests on one title, is there for another's sake, "
                           "or is wanted by too few viewers."));
    if (answer_length(searches) == 0)
        return;
    html_heading(b, STR("Unmet searches"));
    html_table(b, heads, 2);
    for (size_t i = 0; i < answer_length(searches); i++) {
        html_row(b);
        html_cell(b, answer_str(answer_at(searches, i), "text"));
        html_number(b, answer_number(answer_at(searches, i), "viewers"));
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
    struct json_object *list = answer_child(o, "concepts");
    struct json_object *v = answer_child(o, "viewers");
    size_t n = 0;
    html_open(b, name,
              STR("Which concepts, under a budget, reach the most distinct viewers in 90 days."));
    page_say(b, "%.0f distinct viewers (P10 %.0f, P90 %.0f) for %.6g of a budget of %.6g.",
             answer_number(v, "p50"), answer_number(v, "p10"), answer_number(v, "p90"),
             answer_number(o, "spent"), answer_number(o, "budget"));
    if (answer_true(o, "exact"))
        page_say(b, "No other set reaches more, on average over %.0f joint draws.",
                 answer_number(o, "draws"));
    else
        page_say(
            b,
            "Not proved the best: %.0f on average over %.0f joint draws; no set reaches more than "
            "%.0f.",
            answer_number(o, "mean"), answer_number(o, "draws"), answer_number(o, "bound"));
    html_table(b, heads, 7);
    for (int chosen = 1; chosen >= 0; chosen--) {
        for (size_t i = 0; i < answer_length(list); i++) {
            struct json_object *x = answer_at(list, i);
            struct json_object *alone = answer_child(answer_child(x, "forecast"), "viewers_90d");
            if (answer_true(x, "chosen") != chosen)
                continue;
            html_row(b);
            html_cell(b, answer_str(x, "title"));
            html_cell(b, chosen ? STR("chosen") : STR("left out"));
            html_number(b, answer_number(x, "cost"));
            html_number(b, round(answer_number(x, "adds")));
            html_number(b, round(answer_number(alone, "p10")));
            html_number(b, round(answer_number(alone, "p50")));
            html_number(b, round(answer_number(alone, "p90")));
            html_row_end(b);
            if (chosen && n < HTML_RANGES_MAX)
                ranges[n++] = page_range(alone, answer_str(x, "title"));
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
        html_number(b, answer_number(m, keys[i]));
    html_row_end(b);
}

static void backtest(struct buf *b, struct str name, struct json_object *o)
{
    static const char *const heads[] = {"",         "#Spearman",  "#MdAPE",
                                        "#RMSLE",   "#Within 2x", "#Coverage",
                                        "#Pinball", "#AUC",       "#AUC, activity"};
    static const char *const thirds[] = {"Lowest third", "Middle third", "Highest third"};
    struct json_object *base = answer_child(o, "baselines");
    struct json_object *controls = answer_child(o, "controls");
    struct json_object *covered = answer_child(answer_child(o, "forecast"), "coverage_by_tercile");
    struct html_range ranges[3];
    struct str protocol = answer_str(o, "protocol");
    html_open(b, name,
              STR("Would the forecasts have been right? Every title as if it did not exist yet."));
    page_say(b, "%.*s: %.0f titles in %.0f splits, %.0f viewers, seed %.0f.", STR_ARG(protocol),
             answer_number(o, "titles"), answer_number(o, "splits"), answer_number(o, "viewers"),
             answer_number(o, "seed"));
    html_table(b, heads, 9);
    metrics_row(b, "Forecast", answer_child(o, "forecast"));
    metrics_row(b, "Genre median", answer_child(base, "genre_median"));
    metrics_row(b, "Director history", answer_child(base, "director_history"));
    metrics_row(b, "Comparables", answer_child(base, "comparables"));
    metrics_row(b, "Control: permuted credits", answer_child(controls, "permuted_credits"));
    metrics_row(b, "Control: no credits", answer_child(controls, "no_credits"));
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
    size_t n = answer_length(covered);
    n = n < 3 ? n : 3;
    for (size_t i = 0; i < n; i++) {
        struct json_object *known = answer_at(covered, i); /* null: nothing is forecast so large */
        double share = known ? json_object_get_double(known) : NAN;
        ranges[i] = (struct html_range){str_of(thirds[i]), 0, share, share};
    }
    html_heading(b, STR("Calibration"));
    html_ranges(b, STR("Share of titles within P10 to P90, by size of the forecast; 0.8 is right"),
                ranges, n, false, 0.8);
}

/* ---------------------------------------------------------------- all of it */

static const struct {
    const char *name;
    void (*write)(struct buf *b, struct str name, struct json_object *o);
} kinds[] = {{"forecast", forecast_page},
             {"opportunities", opportunities},
             {"slate", slate},
             {"backtest", backtest},
             {"campaign", campaign_page}};

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
