/* print_audience.c - answers about audiences, for people. */
#include <json-c/json.h>
#include <stdio.h>

#include "cli/command.h"
#include "cli/print.h"

static struct json_object *child(struct json_object *o, const char *key)
{
    struct json_object *v = NULL;
    json_object_object_get_ex(o, key, &v);
    return v;
}

static const char *text_of(struct json_object *o, const char *key)
{
    struct json_object *v = child(o, key);
    return v ? json_object_get_string(v) : "";
}

/* A figure, or a dash where there is none. */
static void put(struct json_object *o, const char *key, int width, bool whole)
{
    struct json_object *v = child(o, key);
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
    struct json_object *regions = child(o, "regions");
    size_t n = regions ? json_object_array_length(regions) : 0;
    if (n > 0)
        printf("\n  a b c   viewers  expected\n");
    for (size_t i = 0; i < n; i++) {
        struct json_object *r = json_object_array_get_idx(regions, i);
        struct json_object *sets = child(r, "sets");
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
    struct json_object *w = child(o, "withheld");
    size_t n = w ? json_object_array_length(w) : 0;
    if (n > 0)
        printf("\nWithheld (groups of fewer than %s):", text_of(o, "floor"));
    for (size_t i = 0; i < n; i++)
        printf("%s %s", i > 0 ? "," : "", json_object_get_string(json_object_array_get_idx(w, i)));
    if (n > 0)
        putchar('\n');
    if (child(o, "research"))
        printf("\nResearch: exact counts, for public data only.\n");
}

static void print_shared(struct json_object *o)
{
    struct json_object *s = child(o, "shared");
    size_t n = s ? json_object_array_length(s) : 0;
    enum { SHOWN = 8 };
    if (n == 0)
        return;
    printf("\nLeft out of both sides:");
    for (size_t i = 0; i < n && i < SHOWN; i++)
        printf("%s %s", i > 0 ? "," : "", text_of(json_object_array_get_idx(s, i), "name"));
    printf(n > SHOWN ? " and %zu more\n" : "\n", n - SHOWN);
}

int print_overlap(struct str answer, bool json)
{
    struct json_object *o = json ? NULL : print_parsed(answer);
    if (!o)
        return print_fields(answer, json);
    struct json_object *names = child(o, "audiences");
    for (size_t i = 0; names && i < json_object_array_length(names); i++)
        printf("%c: %s\n", (int)('a' + i),
               json_object_get_string(json_object_array_get_idx(names, i)));
    putchar('\n');
    table_head();
    table_row("everyone in scope", o);
    table_row("who could have", child(o, "risk_set"));
    struct json_object *one = child(o, "without_one");
    if (one && child(one, "name"))
        printf("without %s: odds %.3g\n", text_of(one, "name"),
               json_object_get_double(child(one, "odds_ratio")));
    print_regions(o);
    printf("\n%s\n", text_of(o, "words"));
    if (text_of(o, "change")[0])
        printf("%s\n", text_of(o, "change"));
    print_shared(o);
    print_withheld(o);
    json_object_put(o);
    return EXIT_DONE;
}
