/* print_campaign.c - plans and readings, for people. */
#include <json-c/json.h>
#include <stdio.h>

#include "cli/campaign_questions.h"
#include "cli/print.h"

/* "12.3" of a share, or a dash. */
static const char *percent(struct json_object *o, const char *key, char *to, size_t size)
{
    struct json_object *v = answer_child(o, key);
    if (v)
        snprintf(to, size, "%.3g %%", 100 * json_object_get_double(v));
    else
        snprintf(to, size, "-");
    return to;
}

static const char *count(struct json_object *o, const char *key, char *to, size_t size)
{
    struct json_object *v = answer_child(o, key);
    if (v)
        snprintf(to, size, "%.0f", json_object_get_double(v));
    else
        snprintf(to, size, "-");
    return to;
}

#define PERCENT(o, key) percent((o), (key), (char[32]){0}, 32)
#define COUNT(o, key) count((o), (key), (char[32]){0}, 32)

static void say_campaign(struct json_object *c)
{
    struct json_object *segments = answer_child(c, "segments");
    printf("%s: %s, from %s", answer_text(c, "name"), answer_text(c, "state"),
           ANSWER_MINUTE(c, "launched_ms"));
    if (answer_child(c, "stopped_ms"))
        printf(" to %s", ANSWER_MINUTE(c, "stopped_ms"));
    printf(", title %s, %s of viewers held out\n", answer_text(c, "title"), PERCENT(c, "holdout"));
    for (size_t i = 0; i < answer_length(segments); i++) {
        struct json_object *s = json_object_array_get_idx(segments, i);
        printf("%4zu. %s: %s\n", i + 1, answer_text(s, "audience"), answer_text(s, "lead_text"));
    }
}

int print_campaign(struct str answer, bool json)
{
    return print_answer(answer, json, say_campaign);
}

static void say_campaigns(struct json_object *o)
{
    struct json_object *list = answer_child(o, "campaigns");
    if (answer_length(list) == 0)
        printf("No campaign yet: 'marquee campaign plan' proposes one.\n");
    for (size_t i = 0; i < answer_length(list); i++)
        say_campaign(json_object_array_get_idx(list, i));
}

int print_campaigns(struct str answer, bool json)
{
    return print_answer(answer, json, say_campaigns);
}

static void print_planned(struct json_object *s, size_t i)
{
    struct json_object *hour = answer_child(s, "hour");
    struct json_object *device = answer_child(s, "device");
    printf("\n%2zu. %s: %s\n", i + 1, answer_text(s, "words"), answer_text(s, "verdict"));
    printf("    %s viewers, %s of them in no segment before; %s would watch anyway, %s more "
           "[%s, %s]\n",
           COUNT(s, "viewers"), COUNT(s, "new_viewers"), PERCENT(s, "anyway"), PERCENT(s, "uplift"),
           PERCENT(s, "uplift_low"), PERCENT(s, "uplift_high"));
    printf("    %s\n", answer_text(s, "lead_text"));
    if (answer_child(hour, "name") || answer_child(device, "name"))
        printf("    mostly %s (%s; everybody %s), on %s (%s; everybody %s)\n",
               answer_child(hour, "name") ? answer_text(hour, "name") : "at any hour",
               PERCENT(hour, "share"), PERCENT(hour, "everybody"),
               answer_child(device, "name") ? answer_text(device, "name") : "any device",
               PERCENT(device, "share"), PERCENT(device, "everybody"));
    printf("    %s\n", answer_text(s, "audience"));
}

static void say_campaign_plan(struct json_object *p)
{
    struct json_object *segments = answer_child(p, "segments");
    struct json_object *not_target = answer_child(p, "not_target");
    struct json_object *basis = answer_child(p, "basis");
    printf("%s\n%s\n", answer_text(p, "name"), answer_text(p, "words"));
    for (size_t i = 0; i < answer_length(segments); i++)
        print_planned(json_object_array_get_idx(segments, i), i);
    printf("\nNot to be targeted\n");
    for (size_t i = 0; i < answer_length(not_target); i++) {
        struct json_object *s = json_object_array_get_idx(not_target, i);
        printf("  %s (%s viewers): %s; %s\n", answer_text(s, "words"), COUNT(s, "viewers"),
               answer_text(s, "verdict"), answer_text(s, "why"));
    }
    printf("\nRests on %s observations of %s titles like it: %s began one within a week of its "
           "coming into view, %s\nof those before whom it did not stand. Who ranks titles puts "
           "before people what they like: an upper guess,\nuntil a launch with a hold-out says.\n",
           COUNT(basis, "observations"), COUNT(basis, "titles_like_it"),
           PERCENT(basis, "began_when_seen"), PERCENT(basis, "began_unseen"));
}

int print_campaign_plan(struct str answer, bool json)
{
    return print_answer(answer, json, say_campaign_plan);
}

static void print_comparison(struct json_object *o, const char *indent)
{
    struct json_object *arms = answer_child(o, "arms");
    struct json_object *effect = answer_child(o, "watched");
    if (json_object_get_boolean(answer_child(o, "withheld"))) {
        printf("%swithheld: an arm has fewer viewers than the privacy floor\n", indent);
        return;
    }
    for (size_t i = 0; i < answer_length(arms); i++) {
        struct json_object *a = json_object_array_get_idx(arms, i);
        printf("%s%-9s %8s viewers, %8s came, %8s were shown it, %8s began it, %8s came to like "
               "it\n",
               indent, answer_text(a, "arm"), COUNT(a, "viewers"), PERCENT(a, "seen"),
               PERCENT(a, "shown"), PERCENT(a, "watched"), PERCENT(a, "valued"));
    }
    if (effect)
        printf("%sbegan it: %s more; one look [%s, %s], all looks [%s, %s]\n", indent,
               PERCENT(effect, "difference"), PERCENT(effect, "low"), PERCENT(effect, "high"),
               PERCENT(effect, "anytime_low"), PERCENT(effect, "anytime_high"));
}

static double number(struct json_object *o, const char *key)
{
    return json_object_get_double(answer_child(o, key));
}

/* Did the order put first those who are moved most? */
static void print_order(struct json_object *q)
{
    struct json_object *curve = answer_child(q, "curve");
    struct json_object *affinity = answer_child(q, "by_affinity");
    if (!q)
        return;
    printf(
        "\nQini: segments in order of %s; area over random %.3g [%.3g, %.3g] more beginnings per "
        "100 assigned: %s\n",
        strcmp(answer_text(q, "order"), "as given") == 0 ? "how they were given"
                                                         : "the uplift that was expected",
        100 * number(q, "area"), 100 * number(q, "low"), 100 * number(q, "high"),
        number(q, "low") > 0    ? "those put first were moved more than the rest"
        : number(q, "high") < 0 ? "those put first were moved less than the rest"
                                : "no better than chance is shown");
    if (affinity)
        printf("by who would come anyway: %.3g [%.3g, %.3g]\n", 100 * number(affinity, "area"),
               100 * number(affinity, "low"), 100 * number(affinity, "high"));
    for (size_t i = 0; i < answer_length(curve); i++) {
        struct json_object *p = json_object_array_get_idx(curve, i);
        printf("  first %3.0f %%: %6.2f more per 100 [%.2f, %.2f], at random %.2f\n",
               100 * number(p, "share"), 100 * number(p, "gain"), 100 * number(p, "low"),
               100 * number(p, "high"), 100 * number(p, "random"));
    }
}

static void say_campaign_reading(struct json_object *r)
{
    struct json_object *segments = answer_child(r, "segments");
    printf("%s (%s): %s\n%s\n\n", answer_text(r, "name"), answer_text(r, "state"),
           answer_text(r, "verdict"), answer_text(r, "words"));
    print_comparison(r, "");
    print_order(answer_child(r, "qini"));
    for (size_t i = 0; i < answer_length(segments); i++) {
        struct json_object *s = json_object_array_get_idx(segments, i);
        printf("\n%zu. %s\n   %s\n", i + 1, answer_text(s, "audience"),
               answer_text(s, "lead_text"));
        print_comparison(s, "   ");
    }
}

int print_campaign_reading(struct str answer, bool json)
{
    return print_answer(answer, json, say_campaign_reading);
}
