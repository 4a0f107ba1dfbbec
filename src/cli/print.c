#include "cli/print.h"

#include <json-c/json.h>
#include <stdio.h>

#include "base/clock.h"
#include "cli/command.h"

/* The answer as a value; NULL when it is no JSON. */
static struct json_object *parsed(struct str answer)
{
    struct json_tokener *t = json_tokener_new_ex(64);
    if (!t)
        return NULL;
    struct json_object *o = json_tokener_parse_ex(t, answer.p ? answer.p : "", (int)answer.n);
    json_tokener_free(t);
    return o;
}

const char *answer_minute(struct json_object *o, const char *key, char *to)
{
    struct json_object *v = answer_child(o, key);
    struct buf b;
    if (!v)
        return "-";
    buf_over(&b, to, MINUTE_TEXT);
    time_format(&b, json_object_get_int64(v));
    buf_add_char(&b, '\0');
    if (b.n > 16) /* to the minute */
        memcpy(to + 16, "Z", 2);
    return to;
}

int print_answer(struct str answer, bool json, void (*say)(struct json_object *o))
{
    if (json) {
        fwrite(answer.p, 1, answer.n, stdout);
        if (answer.n == 0 || answer.p[answer.n - 1] != '\n')
            putchar('\n');
        return EXIT_DONE;
    }
    struct json_object *o = parsed(answer);
    if (!o) {
        fputs("marquee: answer: is no JSON: this is a bug\n", stderr);
        return EXIT_FAILED;
    }
    say(o);
    json_object_put(o);
    return EXIT_DONE;
}

/* "Zodiac (2007)" */
static void print_name(struct json_object *item)
{
    struct json_object *year = answer_child(item, "year");
    printf("%s", answer_text(item, "name"));
    if (year)
        printf(" (%d)", json_object_get_int(year));
}

static void print_items(struct json_object *items, bool numbered)
{
    size_t n = items ? json_object_array_length(items) : 0;
    for (size_t i = 0; i < n; i++) {
        struct json_object *item = json_object_array_get_idx(items, i);
        if (numbered)
            printf("%3zu. ", i + 1);
        else
            printf("    ");
        print_name(item);
        const char *why = answer_text(answer_child(item, "reason"), "text");
        printf("%s%s\n", why[0] ? "  - " : "", why);
    }
}

static void print_context(struct json_object *page)
{
    struct json_object *c = answer_child(page, "context");
    static const char *const keys[] = {"day_type", "daypart", "device", "country", "region"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const char *v = answer_text(c, keys[i]);
        if (v[0])
            printf(" - %s", v);
    }
}

/* False when the answer says nothing about filters. */
static bool print_filters(struct json_object *answer)
{
    struct json_object *f = answer_child(answer, "filters"), *steps = answer_child(f, "steps");
    if (!f)
        return false;
    const char *note = answer_text(f, "note");
    if (note[0]) {
        printf("\n%s.\n", note);
        return true;
    }
    printf("\n%s of %s titles are left", answer_text(f, "left"), answer_text(f, "titles"));
    size_t n = steps ? json_object_array_length(steps) : 0;
    for (size_t i = 0; i < n; i++) {
        struct json_object *step = json_object_array_get_idx(steps, i);
        printf("%s%s took %s", i ? "; " : ": ", answer_text(step, "name"),
               answer_text(step, "removed"));
    }
    printf(".\n");
    return true;
}

static void say_page(struct json_object *page)
{
    printf("Home of %s%s at %s", answer_text(page, "viewer"),
           json_object_get_boolean(answer_child(page, "known")) ? "" : " (a new viewer)",
           answer_text(page, "at"));
    print_context(page);
    struct json_object *mood = answer_child(page, "mood");
    if (mood)
        printf(" - mood: %s (%.0f in 100, from %s)", answer_text(mood, "name"),
               100 * json_object_get_double(answer_child(mood, "probability")),
               answer_text(mood, "source"));
    const char *model = answer_text(page, "model");
    printf("\n%s%s\n", model[0] ? "model " : "no model was trained yet: popular titles", model);
    struct json_object *rows = answer_child(page, "rows");
    size_t n = rows ? json_object_array_length(rows) : 0;
    for (size_t i = 0; i < n; i++) {
        struct json_object *row = json_object_array_get_idx(rows, i);
        printf("\n%s\n", answer_text(row, "name"));
        print_items(answer_child(row, "items"), false);
    }
    if (!print_filters(page) && n == 0)
        printf("\nNothing to show: the catalogue is empty or everything was watched.\n");
}

int print_page(struct str answer, bool json)
{
    return print_answer(answer, json, say_page);
}

static void say_list(struct json_object *list)
{
    print_items(answer_child(list, "items"), true);
    print_filters(list);
}

int print_list(struct str answer, bool json)
{
    return print_answer(answer, json, say_list);
}

static void say_explanation(struct json_object *e)
{
    printf("%s, for %s\n%s\n", answer_text(e, "name"), answer_text(e, "viewer"),
           answer_text(e, "text"));
    struct json_object *rating = answer_child(e, "rating");
    if (rating)
        printf("Would rate it %s of 5 stars, nine times of ten between %s and %s.\n",
               answer_text(rating, "expected"), answer_text(rating, "low"),
               answer_text(rating, "high"));
    struct json_object *evidence = answer_child(e, "evidence");
    size_t n = evidence ? json_object_array_length(evidence) : 0;
    printf("Score %s%s\n", answer_text(e, "score"), n > 0 ? ", of it by" : "");
    for (size_t i = 0; i < n; i++) {
        struct json_object *x = json_object_array_get_idx(evidence, i);
        struct json_object *share = answer_child(x, "share");
        printf("  %-50s", answer_text(x, "name"));
        if (share)
            printf(" %+.1f %%", 100 * json_object_get_double(share));
        putchar('\n');
    }
}

int print_explanation(struct str answer, bool json)
{
    return print_answer(answer, json, say_explanation);
}

static void say_models(struct json_object *o)
{
    struct json_object *models = answer_child(o, "models");
    size_t n = models ? json_object_array_length(models) : 0;
    printf("%-8s %-5s %-26s %12s %5s  %s\n", "version", "", "trained", "interactions", "rank",
           "held-out NDCG@10 (popularity)");
    for (size_t i = 0; i < n; i++) {
        struct json_object *m = json_object_array_get_idx(models, i);
        bool readable = json_object_get_boolean(answer_child(m, "readable"));
        struct json_object *h = answer_child(m, "held_out");
        const char *ndcg = answer_text(h, "ndcg@10");
        printf("%-8s %-5s %-26s %12s %5s  %s (%s)\n", answer_text(m, "version"),
               !readable                                          ? "BAD"
               : json_object_get_boolean(answer_child(m, "live")) ? "live"
                                                                  : "",
               answer_text(m, "trained"), answer_text(m, "interactions"), answer_text(m, "rank"),
               ndcg[0] ? ndcg : "not measured", answer_text(h, "popularity_ndcg@10"));
    }
    printf("what was watched is judged by: %s\n", answer_text(o, "engagement"));
}

int print_models(struct str answer, bool json)
{
    return print_answer(answer, json, say_models);
}

static void say_import(struct json_object *o)
{
    static const char *const keys[] = {"read", "added", "duplicates", "rejected", "unmatched"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        struct json_object *v = NULL;
        json_object_object_get_ex(o, keys[i], &v);
        printf("%s%s %s", i ? ", " : "", keys[i], v ? json_object_get_string(v) : "?");
    }
    struct json_object *v = NULL;
    if (json_object_object_get_ex(o, "seconds", &v))
        printf(" in %.2f s", json_object_get_double(v));
    putchar('\n');
    static const char *const lists[] = {"first_rejected", "first_unmatched"};
    for (size_t k = 0; k < 2; k++) {
        if (!json_object_object_get_ex(o, lists[k], &v))
            continue;
        for (size_t i = 0; i < json_object_array_length(v); i++)
            fprintf(stderr, "%s: %s\n", k == 0 ? "rejected" : "unmatched",
                    json_object_get_string(json_object_array_get_idx(v, i)));
    }
}

int print_import(struct str answer, bool json)
{
    return print_answer(answer, json, say_import);
}
