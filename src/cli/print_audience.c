/* print_audience.c - answers about audiences, for people. */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/print.h"

/* A figure, or a dash where there is none. */
static void put(struct json_object *o, const char *key, int width, bool whole)
{
    struct json_object *v = answer_child(o, key);
    char text[40] = "-";
    if (v)
        snprintf(text, sizeof(text), whole ? "%.0f" : "%.3g", json_object_get_double(v));
    printf(" %*s", width, text);
}

static void put_count(struct json_object *o, const char *key, int width)
{
    put(o, key, width, true);
}

static void put_figure(struct json_object *o, const char *key, int width)
{
    put(o, key, width, false);
}

static void table_head(void)
{
    printf("%-22s %9s %9s %9s %9s %9s %7s %7s %15s %9s\n", "", "viewers", "a", "b", "both",
           "expected", "lift", "odds", "95 % interval", "p");
}

static void table_row(const char *name, struct json_object *o)
{
    printf("%-22s", name);
    put_count(o, "viewers", 9);
    put_count(o, "a", 9);
    put_count(o, "b", 9);
    put_count(o, "both", 9);
    put_count(o, "expected", 9);
    put_figure(o, "lift", 7);
    put_figure(o, "odds_ratio", 7);
    put_figure(o, "odds_ratio_low", 7);
    put_figure(o, "odds_ratio_high", 7);
    put_figure(o, "p", 9);
    putchar('\n');
}

static void print_regions(struct json_object *o)
{
    struct json_object *regions = answer_child(o, "regions");
    size_t n = regions ? json_object_array_length(regions) : 0;
    if (n > 0)
        printf("\n  a b c   viewers  expected\n");
    for (size_t i = 0; i < n; i++) {
        struct json_object *r = json_object_array_get_idx(regions, i);
        struct json_object *sets = answer_child(r, "sets");
        char in[] = ". . .";
        for (size_t k = 0; k < json_object_array_length(sets); k++) {
            const char *s = json_object_get_string(json_object_array_get_idx(sets, k));
            in[2 * (s[0] - 'a')] = '*';
        }
        printf("  %s", in);
        put_count(r, "viewers", 9);
        put_count(r, "expected", 9);
        putchar('\n');
    }
}

static void print_withheld(struct json_object *o)
{
    struct json_object *w = answer_child(o, "withheld");
    size_t n = w ? json_object_array_length(w) : 0;
    if (n > 0)
        printf("\nWithheld (groups of fewer than %s):", answer_text(o, "floor"));
    for (size_t i = 0; i < n; i++)
        printf("%s %s", i > 0 ? "," : "", json_object_get_string(json_object_array_get_idx(w, i)));
    if (n > 0)
        putchar('\n');
    if (answer_child(o, "research"))
        printf("\nResearch: exact counts, for public data only.\n");
}

static void print_shared(struct json_object *o)
{
    struct json_object *s = answer_child(o, "shared");
    size_t n = s ? json_object_array_length(s) : 0;
    enum { SHOWN = 8 };
    if (n == 0)
        return;
    printf("\nLeft out of both sides:");
    for (size_t i = 0; i < n && i < SHOWN; i++)
        printf("%s %s", i > 0 ? "," : "", answer_text(json_object_array_get_idx(s, i), "name"));
    printf(n > SHOWN ? " and %zu more\n" : "\n", n - SHOWN);
}

static void say_overlap(struct json_object *o)
{
    struct json_object *names = answer_child(o, "audiences");
    for (size_t i = 0; names && i < json_object_array_length(names); i++)
        printf("%c: %s\n", (int)('a' + i),
               json_object_get_string(json_object_array_get_idx(names, i)));
    putchar('\n');
    table_head();
    table_row("everyone in scope", o);
    table_row("who could have", answer_child(o, "risk_set"));
    struct json_object *one = answer_child(o, "without_one");
    if (one && answer_child(one, "name"))
        printf("without %s: odds %.3g\n", answer_text(one, "name"),
               json_object_get_double(answer_child(one, "odds_ratio")));
    print_regions(o);
    printf("\n%s\n", answer_text(o, "words"));
    if (answer_text(o, "change")[0])
        printf("%s\n", answer_text(o, "change"));
    print_shared(o);
    print_withheld(o);
}

int print_overlap(struct str answer, bool json)
{
    return print_answer(answer, json, say_overlap);
}

/* ---------------------------------------------------------------- one audience, and pairs */

static void print_kind(struct json_object *o, const char *key, const char *heading)
{
    struct json_object *v = answer_child(o, key);
    size_t n = v ? json_object_array_length(v) : 0;
    if (n == 0)
        return;
    printf("\n%-44s %9s %9s %7s %7s %15s\n", heading, "viewers", "expected", "lift", "odds",
           "95 % interval");
    for (size_t i = 0; i < n; i++) {
        struct json_object *x = json_object_array_get_idx(v, i);
        char name[200];
        const char *role = answer_text(x, "role");
        snprintf(name, sizeof(name), "%s%s%s%s", answer_text(x, "name"), role[0] ? " (" : "", role,
                 role[0] ? ")" : "");
        printf("  %-42.42s", name);
        put_count(x, "both", 9);
        put_count(x, "expected", 9);
        put_figure(x, "lift", 7);
        put_figure(x, "odds_ratio", 7);
        put_figure(x, "odds_ratio_low", 7);
        put_figure(x, "odds_ratio_high", 7);
        putchar('\n');
    }
}

static void say_audience(struct json_object *o)
{
    printf("Who %s:", answer_text(o, "audience"));
    put_count(o, "size", 0);
    printf(" of");
    put_count(o, "viewers", 0);
    printf(" viewers; titles liked on average:");
    put_figure(o, "likes", 0);
    printf(", by everybody");
    put_figure(o, "scope_likes", 0);
    putchar('\n');
    print_kind(o, "titles", "also like");
    print_kind(o, "people", "people");
    print_kind(o, "genres", "genres");
    print_kind(o, "countries", "countries");
    print_kind(o, "devices", "devices");
    print_kind(o, "dayparts", "hours");
    print_withheld(o);
}

int print_audience(struct str answer, bool json)
{
    return print_answer(answer, json, say_audience);
}

static void say_pairs(struct json_object *o)
{
    struct json_object *v = answer_child(o, "pairs");
    size_t n = v ? json_object_array_length(v) : 0;
    printf("%s pairs of a %s and a %s tested; %s go together at q <= %s; in a shuffled world, "
           "where none does, ",
           answer_text(o, "tested"), answer_text(o, "role_a"), answer_text(o, "role_b"),
           answer_text(o, "passed"), answer_text(o, "level"));
    printf("%s.\n",
           answer_child(o, "shuffled_passed") ? answer_text(o, "shuffled_passed") : "not asked");
    if (n > 0)
        printf("\n%-50s %7s %9s %7s %15s %9s %9s  %s\n", "by the lower end of the odds ratio",
               "both", "expected", "odds", "95 % interval", "q", "standing", "without");
    for (size_t i = 0; i < n; i++) {
        struct json_object *x = json_object_array_get_idx(v, i);
        struct json_object *names = answer_child(x, "names");
        struct json_object *one = answer_child(x, "without_one");
        char name[200];
        snprintf(name, sizeof(name), "%s - %s",
                 json_object_get_string(json_object_array_get_idx(names, 0)),
                 json_object_get_string(json_object_array_get_idx(names, 1)));
        printf("%-50.50s", name);
        put_count(x, "both", 7);
        put_count(x, "expected", 9);
        put_figure(x, "odds_ratio", 7);
        put_figure(x, "odds_ratio_low", 7);
        put_figure(x, "odds_ratio_high", 7);
        put_figure(x, "q", 9);
        put_figure(x, "standing", 9);
        printf(" ");
        put_figure(one, "odds_ratio", 0);
        printf(" (%s)\n", answer_text(one, "name"));
    }
    if (answer_text(o, "pairs_withheld")[0] && answer_text(o, "pairs_withheld")[0] != '0')
        printf("\n%s more would stand among these, but for groups of fewer than %s.\n",
               answer_text(o, "pairs_withheld"), answer_text(o, "floor"));
}

int print_pairs(struct str answer, bool json)
{
    return print_answer(answer, json, say_pairs);
}

static void print_names(struct json_object *o, const char *key)
{
    struct json_object *v = answer_child(o, key);
    size_t n = v ? json_object_array_length(v) : 0;
    const char *last = "";
    for (size_t i = 0; i < n; i++) {
        const char *name = answer_text(json_object_array_get_idx(v, i), "name");
        if (strcmp(name, last) != 0) /* once, who is there in two roles */
            printf("%s%s", i == 0 ? "" : ", ", name);
        last = name;
    }
    printf(n > 0 ? "\n" : "-\n");
}

static void say_communities(struct json_object *o)
{
    struct json_object *v = answer_child(o, "communities");
    struct json_object *held = answer_child(o, "held_out");
    for (size_t i = 0; v && i < json_object_array_length(v); i++) {
        struct json_object *x = json_object_array_get_idx(v, i);
        printf("%s. %s:", answer_text(x, "id"), answer_text(x, "name"));
        put_count(x, "size", 0);
        printf(" viewers\n     titles  ");
        print_names(x, "titles");
        printf("     people  ");
        print_names(x, "people");
        printf("     genres  ");
        print_names(x, "genres");
    }
    printf("\nStability (adjusted Rand index on resampled viewers):");
    put_figure(o, "stability", 0);
    printf("\nA held-out like's log-likelihood by the popularity in its community:");
    put_figure(held, "communities", 0);
    printf("; in equally large cells of country and device:");
    put_figure(held, "country_device_cells", 0);
    printf("; in random groups:");
    put_figure(held, "random", 0);
    printf("\nNames picked by held-out titles, among %s:", answer_text(held, "names_among"));
    put_figure(held, "name_found", 0);
    printf(" of %s trials", answer_text(held, "name_trials"));
    if (strcmp(answer_text(held, "names_of_other_groups"), "0") != 0)
        printf("; %s of the names are of groups made to fill up",
               answer_text(held, "names_of_other_groups"));
    printf("\n");
}

int print_communities(struct str answer, bool json)
{
    return print_answer(answer, json, say_communities);
}
