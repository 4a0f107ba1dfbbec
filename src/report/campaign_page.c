/* campaign_page.c - what came of a campaign, arm by arm and segment by segment. */
#include <math.h>
#include <stdio.h>

#include "report/page_parts.h"

static void arm_rows(struct buf *b, struct json_object *o, struct str label)
{
    struct json_object *arms = answer_child(o, "arms");
    for (size_t i = 0; i < answer_length(arms); i++) {
        static const char *const shares[] = {"seen", "shown", "watched", "valued"};
        struct json_object *a = answer_at(arms, i);
        html_row(b);
        html_cell(b, i == 0 ? label : STR_NONE);
        html_cell(b, answer_str(a, "arm"));
        html_number(b, answer_number(a, "viewers"));
        for (size_t k = 0; k < sizeof(shares) / sizeof(shares[0]); k++)
            html_number(b, 100 * answer_number(a, shares[k]));
        html_row_end(b);
    }
}

static struct html_range effect_range(struct json_object *o, struct str label)
{
    struct json_object *f = answer_child(o, "watched");
    return (struct html_range){label, 100 * answer_number(f, "anytime_low"),
                               100 * answer_number(f, "difference"),
                               100 * answer_number(f, "anytime_high")};
}

static void order(struct buf *b, struct json_object *q)
{
    struct html_point points[HTML_RANGES_MAX];
    struct json_object *curve = answer_child(q, "curve"),
                       *affinity = answer_child(q, "by_affinity");
    size_t n = answer_length(curve) < HTML_RANGES_MAX ? answer_length(curve) : HTML_RANGES_MAX;
    bool expected = str_eq(answer_str(q, "order"), STR("expected uplift"));
    if (n == 0)
        return;
    for (size_t i = 0; i < n; i++) {
        struct json_object *p = answer_at(curve, i);
        points[i] =
            (struct html_point){answer_number(p, "share"), 100 * answer_number(p, "low"),
                                100 * answer_number(p, "gain"), 100 * answer_number(p, "high")};
    }
    html_heading(b, STR("Were those put first who are moved most?"));
    page_say(
        b,
        "Area over random targeting %.3g [%.3g, %.3g] more beginnings per 100 assigned viewers: "
        "%s.",
        100 * answer_number(q, "area"), 100 * answer_number(q, "low"),
        100 * answer_number(q, "high"),
        answer_number(q, "low") > 0    ? "those put first were moved more than the rest"
        : answer_number(q, "high") < 0 ? "those put first were moved less than the rest"
                                       : "the order is not shown to be better than chance");
    if (affinity)
        page_say(b, "In order of who would come anyway: %.3g [%.3g, %.3g].",
                 100 * answer_number(affinity, "area"), 100 * answer_number(affinity, "low"),
                 100 * answer_number(affinity, "high"));
    html_curve(
        b,
        expected ? STR("Qini curve: more beginnings per 100 assigned viewers when the first are "
                       "led to, in order of the uplift that was expected; the dashed line is "
                       "random targeting")
                 : STR("Qini curve: more beginnings per 100 assigned viewers when the first are "
                       "led to, segments as they were given; the dashed line is random targeting"),
        STR("per cent of the assigned viewers"), points, n);
}

void campaign_page(struct buf *b, struct str name, struct json_object *o)
{
    static const char *const heads[] = {"",         "Arm",      "#Assigned", "#Came %",
                                        "#Shown %", "#Began %", "#Liked %"};
    struct html_range ranges[HTML_RANGES_MAX];
    struct json_object *list = answer_child(o, "segments");
    char head[PAGE_LABEL_BYTES];
    struct str of = answer_str(o, "name"), verdict = answer_str(o, "verdict");
    size_t n = 0;
    snprintf(head, sizeof(head), "Campaign: %.*s", of.n ? (int)of.n : (int)name.n,
             of.n ? of.p : name.p);
    html_open(b, str_of(head),
              STR("By intention to treat: all assigned viewers count, shown or not."));
    page_say(b, "Verdict: %.*s.", STR_ARG(verdict));
    html_paragraph(b, answer_str(o, "words"));
    ranges[n++] = effect_range(o, STR("All"));
    for (size_t i = 0; i < answer_length(list) && n < HTML_RANGES_MAX; i++)
        ranges[n++] = effect_range(answer_at(list, i), answer_str(answer_at(list, i), "audience"));
    html_ranges(
        b,
        STR("More who began it, per 100 assigned viewers; the band is the 95 % interval for "
            "all looks together"),
        ranges, n, false, 0);
    order(b, answer_child(o, "qini"));
    html_heading(b, STR("Arms"));
    html_table(b, heads, 7);
    arm_rows(b, o, STR("All"));
    for (size_t i = 0; i < answer_length(list); i++)
        arm_rows(b, answer_at(list, i), answer_str(answer_at(list, i), "audience"));
    html_table_end(b);
}
