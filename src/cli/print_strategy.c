/* print_strategy.c - answers about what to make, for people. */
#include <json-c/json.h>
#include <stdio.h>

#include "cli/print.h"
#include "cli/strategy_questions.h"

/* A figure, or a dash where it is withheld or undefined. */
static const char *figure(struct json_object *o, const char *key, const char *format, char *to,
                          size_t size)
{
    struct json_object *v = answer_child(o, key);
    double x = v ? json_object_get_double(v) : 0;
    if (!v)
        snprintf(to, size, "-");
    else if (format[0] == 'g')
        snprintf(to, size, "%.3g", x);
    else
        snprintf(to, size, "%.0f", x);
    return to;
}

#define FIGURE(o, key, format) figure((o), (key), (format), (char[40]){0}, 40)

static void print_part(struct json_object *o, const char *key)
{
    struct json_object *p = answer_child(o, key);
    const char *role = answer_text(p, "role");
    printf("%s%s%s", role, role[0] ? " " : "", answer_text(p, "name"));
}

static void print_theme(struct json_object *o)
{
    struct json_object *p = answer_child(o, "theme");
    bool title = answer_text(p, "role")[0] != '\0';
    printf(" x %s \"%s\"", title ? "made in the manner of" : "theme", answer_text(p, "name"));
}

static void print_size(struct json_object *size)
{
    struct json_object *v = answer_child(size, "viewers_28d");
    struct json_object *w = answer_child(size, "viewers_all");
    if (json_object_get_boolean(answer_child(answer_child(size, "support"), "refused"))) {
        printf("     No forecast: too few titles are like it.\n");
        return;
    }
    printf("     Forecast: %s viewers in 28 days (P10 %s, P90 %s), %s over the whole log; rests on "
           "%s titles.\n",
           FIGURE(v, "p50", "0"), FIGURE(v, "p10", "0"), FIGURE(v, "p90", "0"),
           FIGURE(w, "p50", "0"), FIGURE(answer_child(size, "support"), "titles", "0"));
}

static void print_opportunity(struct json_object *o, size_t rank)
{
    printf("\n%3zu. ", rank);
    print_part(o, "maker");
    printf(" x ");
    print_part(o, "lead");
    print_theme(o);
    putchar('\n');
    printf("     %s viewers want all three, %s by chance; beyond it %s after the winner's curse.\n",
           FIGURE(o, "viewers", "0"), FIGURE(o, "expected", "0"), FIGURE(o, "excess", "0"));
    struct json_object *e = answer_child(o, "edges");
    printf("     Edges z %s (people), %s (maker, theme), %s (lead, theme); so strong by chance: %s "
           "triples.\n",
           FIGURE(e, "maker_lead", "g"), FIGURE(e, "maker_theme", "g"),
           FIGURE(e, "lead_theme", "g"), FIGURE(o, "chance", "g"));
    struct json_object *one = answer_child(o, "without_one");
    if (answer_text(one, "name")[0])
        printf("     Without %s the weakest edge is %s.\n", answer_text(one, "name"),
               FIGURE(one, "weakest", "g"));
    struct json_object *s = answer_child(o, "supply");
    printf("     Titles with all three: %s; with two: %s. Searched in vain for it: %s viewers.\n",
           FIGURE(s, "all", "0"), FIGURE(s, "two", "0"), FIGURE(o, "searched", "0"));
    print_size(answer_child(o, "forecast"));
    printf("     %s\n", answer_text(answer_child(o, "people"), "words"));
}

static void say_opportunities(struct json_object *o)
{
    struct json_object *list = answer_child(o, "opportunities");
    struct json_object *searches = answer_child(o, "searches");
    printf("%s triples of a maker, a lead and a theme tested: %s hold together (%s in a shuffled "
           "world).\n",
           FIGURE(o, "tested", "0"), FIGURE(o, "strong", "0"), FIGURE(o, "shuffled_strong", "0"));
    printf("Listed: those above the strongest of %s shuffled worlds (weakest edge %s).\n",
           FIGURE(o, "shuffles", "0"), FIGURE(o, "strongest_shuffled", "g"));
    struct json_object *curse = answer_child(o, "winners_curse");
    printf("Winner's curse: finds of one half keep %s of their demand in the other (%s finds).\n",
           FIGURE(curse, "kept", "g"), FIGURE(curse, "finds", "0"));
    for (size_t i = 0; i < answer_length(list); i++)
        print_opportunity(json_object_array_get_idx(list, i), i + 1);
    if (answer_length(list) == 0)
        printf(
            "\nNothing is listed: of those that hold together none is stronger than chance, or "
            "each\n"
            "rests on one title, is there for another's sake, or is wanted by too few viewers.\n");
    if (answer_length(searches) > 0)
        printf("\nSearched for, and nothing was found\n");
    for (size_t i = 0; i < answer_length(searches); i++) {
        struct json_object *s = json_object_array_get_idx(searches, i);
        printf("  %-40s %8s viewers\n", answer_text(s, "text"), FIGURE(s, "viewers", "0"));
    }
}

int print_opportunities(struct str answer, bool json)
{
    return print_answer(answer, json, say_opportunities);
}

static void print_match(struct json_object *m)
{
    struct json_object *f = answer_child(answer_child(m, "forecast"), "viewers_28d");
    printf("\nDossier %s of %s", FIGURE(m, "dossier", "0"), answer_text(m, "as_of"));
    if (json_object_get_boolean(answer_child(m, "replayed")))
        printf(" (computed %s from what was known then)", answer_text(m, "made"));
    printf(", number %s of its list:\n  ", FIGURE(m, "rank", "0"));
    print_part(m, "maker");
    printf(" x ");
    print_part(m, "lead");
    print_theme(m);
    printf("\n  the pitch has its");
    struct json_object *parts = answer_child(m, "matched");
    for (size_t i = 0; i < answer_length(parts); i++)
        printf("%s %s", i ? "," : "", json_object_get_string(json_object_array_get_idx(parts, i)));
    printf(".\n  %s viewers wanted all three, %s by chance. Forecast for 28 days: %s (P10 %s, P90 "
           "%s).\n  %s\n",
           FIGURE(m, "viewers", "0"), FIGURE(m, "expected", "0"), FIGURE(f, "p50", "0"),
           FIGURE(f, "p10", "0"), FIGURE(f, "p90", "0"), answer_text(m, "words"));
}

static void say_pitch(struct json_object *o)
{
    struct json_object *list = answer_child(o, "matches");
    printf("Pitched %s; %s dossiers are kept, %zu of before it speak of it.\n",
           answer_text(o, "pitched"), FIGURE(o, "dossiers", "0"), answer_length(list));
    for (size_t i = 0; i < answer_length(list); i++)
        print_match(json_object_array_get_idx(list, i));
}

int print_pitch(struct str answer, bool json)
{
    return print_answer(answer, json, say_pitch);
}

static void say_ledger(struct json_object *o)
{
    struct json_object *list = answer_child(o, "outcomes");
    printf("%s dossiers, %zu outcomes, %s scored: within P10-P90 %s, within a factor of two %s.\n",
           FIGURE(o, "dossiers", "0"), answer_length(list), FIGURE(o, "scored", "0"),
           FIGURE(o, "coverage", "g"), FIGURE(o, "within_2x", "g"));
    for (size_t i = 0; i < answer_length(list); i++) {
        struct json_object *x = json_object_array_get_idx(list, i);
        struct json_object *f = answer_child(x, "viewers_28d");
        printf("  dossier %-5s %-40s forecast %s (%s to %s), came %s\n", FIGURE(x, "dossier", "0"),
               answer_text(x, "name"), FIGURE(f, "p50", "0"), FIGURE(f, "p10", "0"),
               FIGURE(f, "p90", "0"), FIGURE(x, "actual_28d", "0"));
    }
}

int print_ledger(struct str answer, bool json)
{
    return print_answer(answer, json, say_ledger);
}

static void say_slate(struct json_object *o)
{
    struct json_object *list = answer_child(o, "concepts");
    struct json_object *v = answer_child(o, "viewers");
    printf("%s distinct viewers in 90 days (P10 %s, P90 %s) for %s of %s.\n", FIGURE(v, "p50", "0"),
           FIGURE(v, "p10", "0"), FIGURE(v, "p90", "0"), FIGURE(o, "spent", "0"),
           FIGURE(o, "budget", "0"));
    if (json_object_get_boolean(answer_child(o, "exact")))
        printf("No other set reaches more, on average over %s joint draws.\n",
               FIGURE(o, "draws", "0"));
    else
        printf("Chosen greedily: %s on average over %s joint draws; no set reaches more than %s.\n",
               FIGURE(o, "mean", "0"), FIGURE(o, "draws", "0"), FIGURE(o, "bound", "0"));
    for (int chosen = 1; chosen >= 0; chosen--) {
        printf("\n%-42s %12s %12s %12s %12s\n", chosen ? "Chosen" : "Left out", "cost",
               chosen ? "adds" : "would add", "alone", "cost a viewer");
        for (size_t i = 0; i < answer_length(list); i++) {
            struct json_object *x = json_object_array_get_idx(list, i);
            if (json_object_get_boolean(answer_child(x, "chosen")) != chosen)
                continue;
            struct json_object *alone = answer_child(answer_child(x, "forecast"), "viewers_90d");
            printf("%-42.42s %12s %12s %12s %12s\n", answer_text(x, "title"),
                   FIGURE(x, "cost", "0"), FIGURE(x, "adds", "0"), FIGURE(alone, "p50", "0"),
                   FIGURE(x, "cost_per_added", "g"));
        }
    }
}

int print_slate(struct str answer, bool json)
{
    return print_answer(answer, json, say_slate);
}
