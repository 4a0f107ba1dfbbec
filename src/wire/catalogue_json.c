/* catalogue_json.c - reading; writing is in catalogue_json_write.c, since json-c and base/json_writer.h both
 * want the name json_object. */
#include "wire/catalogue_json.h"

#include "availability_json.h"
#include "base/clock.h"
#include "json_body.h"
#include "list_text.h"
#include "wire/countries.h"
#include "wire/when.h"

/* ------------------------------------------------------------------ reading */

struct reading {
    struct arena *arena;
    struct title *t;
};

static int no_room(const struct arena *arena, struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "titles: over %zu bytes: send fewer at once", arena->max);
}

/* `s` as a copy in the arena. */
static int keep(struct arena *arena, struct str *s, struct mq_error *err)
{
    if (s->n == 0)
        return 0;
    *s = arena_str(arena, *s);
    return s->p ? 0 : no_room(arena, err);
}

static int read_text(struct reading *r, const char *field, struct json_object *v, struct str *ret,
                     struct mq_error *err)
{
    int rc = json_read_text(field, v, ret, err);
    return rc == 0 && v ? keep(r->arena, ret, err) : rc;
}

static int read_id(struct reading *r, const char *field, struct json_object *v, struct str *ret,
                   struct mq_error *err)
{
    char digits[JSON_READ_DIGITS];
    int rc = json_read_id(field, v, digits, ret, err);
    return rc == 0 && v ? keep(r->arena, ret, err) : rc;
}

static int read_u16(const char *field, struct json_object *v, uint16_t *ret, struct mq_error *err)
{
    int64_t n = *ret;
    int rc = json_read_whole(field, v, 0, UINT16_MAX, &n, err);
    if (rc == 0)
        *ret = (uint16_t)n;
    return rc;
}

/* A list of texts, or one text. */
static int read_list(struct reading *r, const char *field, struct json_object *v,
                     struct text_list *ret, struct mq_error *err)
{
    if (!v)
        return 0;
    bool one = json_object_is_type(v, json_type_string);
    if (!one && !json_object_is_type(v, json_type_array))
        return mq_fail(err, MQ_INVALID, "%s: must be an array of texts", field);
    size_t n = one ? 1 : json_object_array_length(v);
    if (n > TITLE_LIST_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "%s: %zu entries: at most %d are allowed", field, n,
                       TITLE_LIST_MAX);
    struct str *item = n ? ARENA_ARRAY(r->arena, n, struct str) : NULL;
    if (n && !item)
        return no_room(r->arena, err);
    uint16_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        struct str s = STR_NONE;
        int rc = read_text(r, field, one ? v : json_object_array_get_idx(v, i), &s, err);
        if (rc != 0)
            return rc;
        if (s.n > 0)
            item[kept++] = s;
    }
    *ret = (struct text_list){item, kept};
    return 0;
}

static int read_genres(struct reading *r, struct json_object *v, struct mq_error *err)
{
    struct text_list list = {r->t->genres, r->t->n_genres};
    int rc = read_list(r, "genres", v, &list, err);
    r->t->genres = list.item;
    r->t->n_genres = list.n;
    return rc;
}

static int read_tags(struct reading *r, struct json_object *v, struct mq_error *err)
{
    struct text_list list = {r->t->tags, r->t->n_tags};
    int rc = read_list(r, "tags", v, &list, err);
    r->t->tags = list.item;
    r->t->n_tags = list.n;
    return rc;
}

static int read_pictures(struct reading *r, struct json_object *v, struct mq_error *err)
{
    struct text_list list = {r->t->pictures, r->t->n_pictures};
    int rc = read_list(r, "pictures", v, &list, err);
    r->t->pictures = list.item;
    r->t->n_pictures = list.n;
    return rc;
}

static int read_countries(struct reading *r, struct json_object *v, struct mq_error *err)
{
    struct text_list list = {NULL, 0}, codes;
    int rc = read_list(r, "countries", v, &list, err);
    if (rc != 0 || !v)
        return rc;
    for (uint16_t i = 0; i < list.n; i++) {
        country_code code;
        if (!country_find(list.item[i], &code))
            return mq_fail(err, MQ_INVALID, "countries: %.*s: give the two letters of ISO 3166",
                           STR_ARG(list.item[i]));
    }
    if (!list_countries(list, r->arena, &codes))
        return no_room(r->arena, err);
    r->t->countries = codes.item;
    r->t->n_countries = codes.n;
    return 0;
}

static int read_credit(struct reading *r, struct json_object *v, struct credit *c,
                       struct mq_error *err)
{
    *c = (struct credit){.person_id = {ID_NONE}};
    if (!json_object_is_type(v, json_type_object))
        return mq_fail(err, MQ_INVALID, "credits: each must be an object {role, billing, person}");
    struct str word = STR_NONE;
    enum role role;
    int rc = json_read_text("credits.role", json_object_object_get(v, "role"), &word, err);
    if (rc == 0 && !role_from(word, &role))
        rc = mq_fail(err, MQ_INVALID,
                     "credits.role: \"%.*s\": give director, actor, producer, writer or creator",
                     STR_ARG(word));
    if (rc != 0)
        return rc;
    c->role = (uint8_t)role;
    rc = read_u16("credits.billing", json_object_object_get(v, "billing"), &c->billing, err);
    if (rc == 0)
        rc = read_text(r, "credits.person", json_object_object_get(v, "person"), &c->person, err);
    if (rc == 0)
        rc = read_id(r, "credits.person_id", json_object_object_get(v, "person_id"), &c->person_key,
                     err);
    return rc;
}

static int read_credits(struct reading *r, struct json_object *v, struct mq_error *err)
{
    if (!v)
        return 0;
    if (!json_object_is_type(v, json_type_array))
        return mq_fail(err, MQ_INVALID, "credits: must be an array");
    size_t n = json_object_array_length(v);
    if (n > TITLE_CREDITS_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "credits: %zu: at most %d are allowed", n,
                       TITLE_CREDITS_MAX);
    struct credit *credits = n ? ARENA_ARRAY(r->arena, n, struct credit) : NULL;
    if (n && !credits)
        return no_room(r->arena, err);
    for (size_t i = 0; i < n; i++) {
        int rc = read_credit(r, json_object_array_get_idx(v, i), &credits[i], err);
        if (rc != 0)
            return rc;
    }
    r->t->credits = credits;
    r->t->n_credits = (uint32_t)n;
    r->t->has_credits = true;
    return 0;
}

static int read_kind(struct reading *r, struct json_object *v, struct mq_error *err)
{
    struct str word = STR_NONE;
    enum title_kind kind;
    int rc = json_read_text("kind", v, &word, err);
    if (rc != 0 || word.n == 0)
        return rc;
    if (!title_kind_from(word, &kind))
        return mq_fail(err, MQ_INVALID, "kind: %.*s: give film, series, season, episode or special",
                       STR_ARG(word));
    r->t->kind = (uint8_t)kind;
    return 0;
}

static int read_year(struct reading *r, struct json_object *v, struct mq_error *err)
{
    int64_t year = r->t->year;
    int rc = json_read_whole("year", v, 0, 9999, &year, err);
    if (rc == 0)
        r->t->year = (int16_t)year;
    return rc;
}

static int read_release(struct reading *r, struct json_object *v, struct mq_error *err)
{
    struct str s = STR_NONE;
    int rc = json_read_text("release_date", v, &s, err);
    if (rc != 0 || s.n == 0 || when_day(s, &r->t->release_day))
        return rc;
    return mq_fail(err, MQ_INVALID, "release_date: %.*s: give a date like 1995-11-22", STR_ARG(s));
}

static int read_added(struct reading *r, struct json_object *v, struct mq_error *err)
{
    struct str s = STR_NONE;
    int rc = json_read_text("added", v, &s, err);
    if (rc != 0 || s.n == 0 || time_parse(s, &r->t->added_ms, NULL))
        return rc;
    return mq_fail(err, MQ_INVALID, "added: %.*s: give RFC 3339 (2026-03-01T21:04:11Z)",
                   STR_ARG(s));
}

static int read_availability(struct reading *r, struct json_object *v, struct mq_error *err)
{
    return availability_json_read(v, r->arena, r->t, err);
}

static int read_member(struct reading *r, const char *key, struct json_object *v,
                       struct mq_error *err)
{
    struct title *t = r->t;
    const struct {
        const char *key;
        struct str *text;
    } texts[] = {
        {"name", &t->name},
        {"title", &t->name},
        {"original_name", &t->original_name},
        {"language", &t->language},
        {"maturity", &t->maturity},
        {"description", &t->description},
        {"series", &t->series},
        {"image", &t->image},
    };
    const struct {
        const char *key;
        int (*read)(struct reading *, struct json_object *, struct mq_error *);
    } others[] = {
        {"year", read_year},
        {"kind", read_kind},
        {"release_date", read_release},
        {"added", read_added},
        {"genres", read_genres},
        {"tags", read_tags},
        {"pictures", read_pictures},
        {"countries", read_countries},
        {"country", read_countries},
        {"credits", read_credits},
        {"availability", read_availability},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strcmp(key, texts[i].key) == 0)
            return read_text(r, key, v, texts[i].text, err);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(key, others[i].key) == 0)
            return others[i].read(r, v, err);
    if (strcmp(key, "id") == 0)
        return read_id(r, key, v, &t->id, err);
    if (strcmp(key, "runtime_min") == 0)
        return read_u16(key, v, &t->runtime_min, err);
    if (strcmp(key, "season") == 0)
        return read_u16(key, v, &t->season, err);
    if (strcmp(key, "episode") == 0)
        return read_u16(key, v, &t->episode, err);
    if (strcmp(key, "budget") == 0)
        return json_read_number(key, v, &t->budget, err);
    if (strcmp(key, "gross") == 0)
        return json_read_number(key, v, &t->gross, err);
    return 0;
}

static int read_title(struct json_object *v, struct str id, struct arena *arena, struct title *ret,
                      struct mq_error *err)
{
    if (!json_object_is_type(v, json_type_object))
        return mq_fail(err, MQ_INVALID, "title: must be an object");
    struct title t;
    title_init(&t);
    struct reading r = {arena, &t};
    json_object_object_foreach(v, key, member)
    {
        int rc = read_member(&r, key, member, err);
        if (rc != 0)
            return rc;
    }
    if (id.n > 0 && t.id.n > 0 && !str_eq(id, t.id))
        return mq_fail(err, MQ_INVALID, "id: %.*s: the path says %.*s: leave it out", STR_ARG(t.id),
                       STR_ARG(id));
    if (id.n > 0 && t.id.n == 0) {
        t.id = id;
        int rc = keep(arena, &t.id, err);
        if (rc != 0)
            return rc;
    }
    int rc = title_check(&t, err);
    if (rc == 0)
        *ret = t;
    return rc;
}

int catalogue_json_parse(struct str body, struct str id, struct arena *arena, struct title *ret,
                         struct mq_error *err)
{
    struct json_tokener *tok = json_body_tokener(CATALOGUE_JSON_DEPTH);
    struct json_object *v = NULL;
    size_t at = 0;
    if (!tok)
        return mq_fail(err, MQ_NO_MEMORY, "title: no memory: free some");
    int rc = json_read_value(tok, body, &at, CATALOGUE_JSON_MAX, 1, &v, err);
    if (rc == 0 && (at = json_read_space(body, at)) < body.n)
        rc = json_read_fail(body, at, 1, "text behind the title: send one", err);
    if (rc == 0)
        rc = read_title(v, id, arena, ret, err);
    json_object_put(v);
    json_tokener_free(tok);
    return rc;
}

/* ------------------------------------------------------------------ many */

struct batch {
    struct arena *arena;
    const struct catalogue_json_sink *sink;
};

static int batch_refuse(void *ctx, const struct json_place *at, const struct mq_error *why,
                        struct mq_error *err)
{
    struct batch *b = ctx;
    struct event_place place = {
        at->index, json_place_line(at), {at->body.p + at->from, at->to - at->from}};
    return b->sink->refused(b->sink->ctx, &place, why, err);
}

static int batch_take(void *ctx, struct json_object *v, const struct json_place *at,
                      struct mq_error *err)
{
    struct batch *b = ctx;
    struct title t;
    struct mq_error why;
    int rc = read_title(v, STR_NONE, b->arena, &t, &why);
    if (rc == MQ_NO_MEMORY)
        return mq_fail(err, rc, "%s", why.text);
    return rc == 0 ? b->sink->title(b->sink->ctx, at->index, &t, err)
                   : batch_refuse(b, at, &why, err);
}

int catalogue_json_parse_batch(struct str body, struct arena *arena,
                               const struct catalogue_json_sink *sink, struct mq_error *err)
{
    struct batch batch = {arena, sink};
    struct json_body b = {
        .tok = json_body_tokener(CATALOGUE_JSON_DEPTH),
        .max_value = CATALOGUE_JSON_MAX,
        .max_values = CATALOGUE_BATCH_MAX,
        .what = "titles",
    };
    if (!b.tok)
        return mq_fail(err, MQ_NO_MEMORY, "titles: no memory: free some");
    int rc = json_body_each(
        &b, body,
        &(struct json_body_sink){.ctx = &batch, .value = batch_take, .broken = batch_refuse}, err);
    json_tokener_free(b.tok);
    return rc;
}
