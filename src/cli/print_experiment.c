/* print_experiment.c - experiments, and how often places are looked at, for people. */
#include <json-c/json.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/print.h"

static const char *const measures[][2] = {{"chosen", "chosen_per_page"},
                                          {"valued", "valued_per_page"}};
enum { MEASURES = sizeof(measures) / sizeof(measures[0]), WORDS = 96 };

/* "plain (context off)". */
static const char *arm(struct json_object *o, char *to, size_t size)
{
    static const char *const switches[] = {"ranker", "context"};
    struct buf b;
    const char *before = " (";
    buf_over(&b, to, size);
    buf_add_z(&b, answer_text(o, "arm"));
    for (size_t i = 0; i < 2; i++)
        if (strcmp(answer_text(o, switches[i]), "off") == 0) {
            buf_printf(&b, "%s%s off", before, switches[i]);
            before = ", ";
        }
    if (answer_child(o, "model")) {
        buf_printf(&b, "%smodel %s", before, answer_text(o, "model"));
        before = ", ";
    }
    if (answer_number(o, "draw") > 0) {
        buf_printf(&b, "%sdraw %s", before, answer_text(o, "draw"));
        before = ", ";
    }
    if (answer_number(o, "weight") != 1) {
        buf_printf(&b, "%sweight %s", before, answer_text(o, "weight"));
        before = ", ";
    }
    buf_add_z(&b, before[0] == ',' ? ")" : "");
    buf_add_char(&b, '\0');
    return b.failed ? answer_text(o, "arm") : to;
}

#define ARM(o) arm((o), (char[WORDS]){0}, WORDS)

static void print_head(struct json_object *o)
{
    const char *state = answer_text(o, "state");
    bool interleaved = json_object_get_boolean(answer_child(o, "interleave"));
    printf("%s: %s", answer_text(o, "name"), state);
    if (answer_child(o, "started_ms"))
        printf(", from %s", ANSWER_MINUTE(o, "started_ms"));
    if (answer_child(o, "stopped_ms"))
        printf(" to %s", ANSWER_MINUTE(o, "stopped_ms"));
    printf(", %.4g %% of viewers%s\n", 100 * answer_number(o, "traffic"),
           interleaved ? ", both arms on one row" : "");
}

static void print_effect(struct json_object *a, const char *what, const char *key)
{
    struct json_object *e = answer_child(a, key);
    double control = answer_number(e, "control"), difference = answer_number(e, "difference");
    if (!e)
        return;
    if (isnan(difference) || isnan(answer_number(e, "low"))) {
        printf("  %s a page: too early\n", what);
        return;
    }
    printf("  %s a page: %+.4f", what, difference);
    if (control > 0)
        printf(" (%+.1f %%)", 100 * difference / control);
    printf("  [%+.4f, %+.4f]", answer_number(e, "low"), answer_number(e, "high"));
    if (isnan(answer_number(e, "anytime_low")))
        printf("; whenever looked at: too early\n");
    else
        printf("; whenever looked at [%+.4f, %+.4f]\n", answer_number(e, "anytime_low"),
               answer_number(e, "anytime_high"));
}

static void print_arms(struct json_object *arms)
{
    int wide = 3;
    for (size_t i = 0; i < answer_length(arms); i++) {
        int n = (int)strlen(ARM(json_object_array_get_idx(arms, i)));
        wide = n > wide ? n : wide;
    }
    printf("\n%-*s %9s %9s %14s %14s\n", wide, "arm", "viewers", "pages", "chosen a page",
           "valued a page");
    for (size_t i = 0; i < answer_length(arms); i++) {
        struct json_object *a = json_object_array_get_idx(arms, i);
        double pages = answer_number(a, "pages");
        printf("%-*s %9.0f %9.0f", wide, ARM(a), answer_number(a, "viewers"), pages);
        for (size_t m = 0; m < MEASURES; m++)
            if (pages > 0)
                printf(" %14.4f", answer_number(a, measures[m][0]) / pages);
            else
                printf(" %14s", "-");
        printf("\n");
    }
}

static void say_experiment(struct json_object *o)
{
    struct json_object *arms = answer_child(o, "arms");
    print_head(o);
    print_arms(arms);
    if (!answer_child(o, "started_ms")) {
        printf("\nIt has not started: nobody's pages are made by it.\n");
    } else if (json_object_get_boolean(answer_child(o, "broken"))) {
        printf("\nBroken: the arms are not filled as they should be (p %.1g). No effect is to be "
               "believed, and none is given.\n",
               answer_number(o, "sample_ratio_p"));
    } else {
        for (size_t i = 1; i < answer_length(arms); i++) {
            struct json_object *a = json_object_array_get_idx(arms, i);
            printf("\n%s beside %s\n", answer_text(a, "arm"),
                   answer_text(json_object_array_get_idx(arms, 0), "arm"));
            for (size_t m = 0; m < MEASURES; m++)
                print_effect(a, measures[m][0], measures[m][1]);
        }
        printf("\nIntervals are of 95 %%, over viewers; \"whenever looked at\" holds however often "
               "one "
               "looks.\n");
        if (!json_object_get_boolean(answer_child(o, "interleave")))
            printf("Arms are filled as they should be (p %.2g).\n",
                   answer_number(o, "sample_ratio_p"));
    }
}

int print_experiment(struct str answer, bool json)
{
    return print_answer(answer, json, say_experiment);
}

static void print_what_it_is(struct json_object *x)
{
    struct json_object *arms = answer_child(x, "arms");
    print_head(x);
    for (size_t k = 0; k < answer_length(arms); k++)
        printf("    %s\n", ARM(json_object_array_get_idx(arms, k)));
}

static void say_change(struct json_object *o)
{
    print_what_it_is(o);
    if (strcmp(answer_text(o, "state"), "created") == 0)
        printf("'marquee experiment start %s' begins it.\n", answer_text(o, "name"));
}

int print_experiment_change(struct str answer, bool json)
{
    return print_answer(answer, json, say_change);
}

static void say_experiments(struct json_object *o)
{
    struct json_object *list = answer_child(o, "experiments");
    if (answer_length(list) == 0)
        printf("No experiment yet: 'marquee experiment create' makes one.\n");
    for (size_t i = 0; i < answer_length(list); i++)
        print_what_it_is(json_object_array_get_idx(list, i));
}

int print_experiments(struct str answer, bool json)
{
    return print_answer(answer, json, say_experiments);
}

static void print_along(struct json_object *o, const char *along)
{
    struct json_object *a = answer_child(o, along);
    printf("%s: %s (%.0f pages, %.0f choices, %.0f viewers)\n", along, answer_text(a, "weights"),
           answer_number(a, "pages"), answer_number(a, "choices"), answer_number(a, "viewers"));
}

static void say_places(struct json_object *o)
{
    struct json_object *list = answer_child(o, "places");
    print_along(o, "columns");
    print_along(o, "rows");
    if (answer_length(list) > 0)
        printf("\nlooked at, beside the first place (0)\n%-8s %-7s %5s %8s %7s  %-16s %6s\n",
               "device", "along", "place", "choices", "ratio", "95 %", "used");
    for (size_t i = 0; i < answer_length(list); i++) {
        struct json_object *p = json_object_array_get_idx(list, i);
        char ratio[16] = "-", interval[48] = "too few";
        if (!isnan(answer_number(p, "low"))) {
            snprintf(ratio, sizeof(ratio), "%.3f", answer_number(p, "ratio"));
            snprintf(interval, sizeof(interval), "[%.3f, %.3f]", answer_number(p, "low"),
                     answer_number(p, "high"));
        }
        printf("%-8s %-7s %5.0f %8.0f %7s  %-16s %6.3f\n", answer_text(p, "device"),
               answer_text(p, "along"), answer_number(p, "place"), answer_number(p, "choices"),
               ratio, interval, answer_number(p, "used"));
    }
    printf("\nassumed: %s\n", answer_text(o, "assumes"));
}

int print_places(struct str answer, bool json)
{
    return print_answer(answer, json, say_places);
}
