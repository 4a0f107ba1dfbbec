/* shadow_report.c - the report in words and as JSON. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "eval/report.h"
#include "eval/shadow.h"

static const char *const side_names[] = {"ours", "theirs"};
static const char *const class_names[] = {"new", "popular", "other"};

static uint64_t sum(const uint64_t v[SHADOW_CLASSES])
{
    return v[SHADOW_NEW] + v[SHADOW_HEAD] + v[SHADOW_TAIL];
}

static void __attribute__((format(printf, 3, 4)))
say(char ret[][SHADOW_SENTENCE], size_t *n, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(ret[(*n)++], SHADOW_SENTENCE, format, args);
    va_end(args);
}

static void say_found(const struct shadow_report *r, enum shadow_side side,
                      char ret[][SHADOW_SENTENCE], size_t *n)
{
    const uint64_t *only = r->only[side];
    if (sum(only) > 0)
        say(ret, n,
            "Found by %s alone: %llu of the titles chosen (%llu new, %llu popular, %llu other).",
            side_names[side], (unsigned long long)sum(only), (unsigned long long)only[SHADOW_NEW],
            (unsigned long long)only[SHADOW_HEAD], (unsigned long long)only[SHADOW_TAIL]);
}

size_t shadow_explain(const struct shadow_report *r, char ret[][SHADOW_SENTENCE])
{
    size_t n = 0;
    const struct shadow_figures *us = &r->side[SHADOW_OURS], *they = &r->side[SHADOW_THEIRS];
    if (r->viewers == 0)
        return 0;
    if (r->ndcg.low > 0)
        say(ret, &n, "Ours puts what was chosen higher: the interval lies above zero.");
    else if (r->ndcg.high < 0)
        say(ret, &n, "Theirs puts what was chosen higher: the interval lies below zero.");
    else
        say(ret, &n, "Neither is shown to be better: the interval holds zero.");
    say_found(r, SHADOW_OURS, ret, &n);
    say_found(r, SHADOW_THEIRS, ret, &n);
    if (r->popularity.low > 0 || r->popularity.high < 0)
        say(ret, &n,
            "%s shows more popular titles: liked by %.1f %% of the viewers on average, %s by %.1f "
            "%%.",
            r->popularity.low > 0 ? "Ours" : "Theirs", 100 * fmax(us->popularity, they->popularity),
            r->popularity.low > 0 ? "theirs" : "ours",
            100 * fmin(us->popularity, they->popularity));
    if (r->fresh.low > 0 || r->fresh.high < 0)
        say(ret, &n, "%s shows more new titles: %.1f %% of its places against %.1f %%.",
            r->fresh.low > 0 ? "Ours" : "Theirs", 100 * fmax(us->fresh, they->fresh),
            100 * fmin(us->fresh, they->fresh));
    if (they->seen > 0.01 || us->seen > 0.01)
        say(ret, &n,
            "Places given to what the viewer had liked before: ours %.1f %%, theirs %.1f %%.",
            100 * us->seen, 100 * they->seen);
    return n;
}

static void write_side(struct json *j, const struct shadow_report *r, enum shadow_side side)
{
    const struct shadow_figures *f = &r->side[side];
    json_key(j, str_of(side_names[side]));
    json_object(j);
    json_kv_double(j, "recall", f->recall, 6);
    json_kv_double(j, "ndcg", f->ndcg, 6);
    json_kv_double(j, "popularity", f->popularity, 6);
    json_kv_double(j, "new", f->fresh, 6);
    json_kv_double(j, "never_liked", f->unknown, 6);
    json_kv_double(j, "liked_before", f->seen, 6);
    json_kv_double(j, "filled", f->filled, 6);
    json_kv_u64(j, "titles", f->distinct);
    json_object_end(j);
}

static void write_counts(struct json *j, const char *name, const uint64_t v[SHADOW_CLASSES])
{
    json_key(j, str_of(name));
    json_object(j);
    for (int c = 0; c < SHADOW_CLASSES; c++)
        json_kv_u64(j, class_names[c], v[c]);
    json_object_end(j);
}

void shadow_write(struct json *j, const struct shadow_report *r)
{
    char sentence[SHADOW_SENTENCES][SHADOW_SENTENCE];
    size_t n = shadow_explain(r, sentence);
    json_object(j);
    json_kv_z(j, "protocol", "shadow");
    json_kv_u64(j, "seed", r->seed);
    json_kv_double(j, "seconds", r->seconds, 4);
    json_kv_time(j, "from", r->from_ms);
    json_kv_time(j, "to", r->to_ms);
    json_kv_u64(j, "k", r->k);
    json_kv_u64(j, "viewers", r->viewers);
    json_kv_u64(j, "without_list", r->without_list);
    json_kv_u64(j, "without_choice", r->without_choice);
    write_side(j, r, SHADOW_OURS);
    write_side(j, r, SHADOW_THEIRS);
    json_key(j, STR("differences"));
    json_object(j);
    report_interval_object(j, "recall", &r->recall);
    report_interval_object(j, "ndcg", &r->ndcg);
    report_interval_object(j, "popularity", &r->popularity);
    report_interval_object(j, "new", &r->fresh);
    json_object_end(j);
    json_kv_double(j, "overlap", r->overlap, 6);
    json_key(j, STR("found"));
    json_object(j);
    write_counts(j, "both", r->both);
    write_counts(j, "ours_alone", r->only[SHADOW_OURS]);
    write_counts(j, "theirs_alone", r->only[SHADOW_THEIRS]);
    write_counts(j, "neither", r->neither);
    json_object_end(j);
    json_key(j, STR("explained"));
    json_array(j);
    for (size_t i = 0; i < n; i++)
        json_str(j, str_of(sentence[i]));
    json_array_end(j);
    json_object_end(j);
}
