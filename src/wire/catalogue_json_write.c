#include <stdio.h>

#include "base/clock.h"
#include "base/json_writer.h"
#include "wire/catalogue_json.h"

static void text(struct json *j, const char *key, struct str s)
{
    if (s.n > 0)
        json_kv_str(j, key, s);
}

static void whole(struct json *j, const char *key, int64_t n)
{
    if (n != 0)
        json_kv_i64(j, key, n);
}

static void list(struct json *j, const char *key, const struct str *item, size_t n)
{
    if (n == 0)
        return;
    json_key(j, str_of(key));
    json_array(j);
    for (size_t i = 0; i < n; i++)
        json_str(j, item[i]);
    json_array_end(j);
}

static void credits(struct json *j, const struct title *t)
{
    json_key(j, STR("credits"));
    json_array(j);
    for (uint32_t i = 0; i < t->n_credits; i++) {
        const struct credit *c = &t->credits[i];
        json_object(j);
        json_kv_z(j, "role", role_name((enum role)c->role));
        whole(j, "billing", c->billing);
        text(j, "person", c->person);
        text(j, "person_id", c->person_key);
        json_object_end(j);
    }
    json_array_end(j);
}

static void day(struct json *j, const char *key, int32_t days)
{
    int64_t year;
    unsigned month, of_month;
    char date[32];
    time_civil_from_days(days, &year, &month, &of_month);
    snprintf(date, sizeof date, "%04lld-%02u-%02u", (long long)year, month, of_month);
    json_kv_z(j, key, date);
}

/* 0: not known, and left out. */
static void instant(struct json *j, const char *key, int64_t ms)
{
    if (ms != 0)
        json_kv_time(j, key, ms);
}

static void availability(struct json *j, const struct title *t)
{
    json_key(j, STR("availability"));
    json_array(j);
    for (uint16_t i = 0; i < t->n_windows; i++) {
        const struct window *w = &t->windows[i];
        json_object(j);
        instant(j, "from", w->from_ms);
        instant(j, "until", w->until_ms);
        if (w->n_countries > 0) {
            json_key(j, STR("countries"));
            json_array(j);
            for (uint16_t k = 0; k < w->n_countries; k++) {
                char letters[3];
                country_text(w->countries[k], letters);
                json_str(j, str_of(letters));
            }
            json_array_end(j);
        }
        json_object_end(j);
    }
    json_array_end(j);
}

void catalogue_json_write(struct json *j, const struct title *t)
{
    enum { MONEY_DIGITS = 15 };
    json_object(j);
    json_kv_str(j, "id", t->id);
    text(j, "name", t->name);
    text(j, "original_name", t->original_name);
    whole(j, "year", t->year);
    text(j, "kind", str_of(title_kind_name((enum title_kind)t->kind)));
    whole(j, "runtime_min", t->runtime_min);
    text(j, "language", t->language);
    text(j, "maturity", t->maturity);
    text(j, "description", t->description);
    text(j, "series", t->series);
    text(j, "image", t->image);
    whole(j, "season", t->season);
    whole(j, "episode", t->episode);
    if (t->budget > 0)
        json_kv_double(j, "budget", t->budget, MONEY_DIGITS);
    if (t->gross > 0)
        json_kv_double(j, "gross", t->gross, MONEY_DIGITS);
    if (t->release_day != TITLE_NO_DATE)
        day(j, "release_date", t->release_day);
    instant(j, "added", t->added_ms);
    list(j, "genres", t->genres, t->n_genres);
    list(j, "tags", t->tags, t->n_tags);
    list(j, "countries", t->countries, t->n_countries);
    list(j, "pictures", t->pictures, t->n_pictures);
    if (t->has_credits)
        credits(j, t);
    if (t->has_windows)
        availability(j, t);
    json_object_end(j);
}
