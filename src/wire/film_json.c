/* film_json.c - Trakt's lists and TMDB's, as their interfaces and exports give them. */
#include <math.h>
#include <stdio.h>

#include "film_row.h"
#include "json_body.h"
#include "json_envelope.h"
#include "wire/when.h"

enum { DEPTH = 16, VALUE_MAX = 64 << 20, ID_BYTES = 64 };

/* Nothing leaves *ret as it is. */
static int instant(struct json_object *v, const char *key, int64_t *ret, struct mq_error *err)
{
    struct str s = json_member_text(v, key);
    if (s.n == 0 || when_parse(s, ret))
        return 0;
    return mq_fail(err, MQ_INVALID, "%s: \"%.*s\": is no time", key, STR_ARG(s));
}

static int whole(struct json_object *v, const char *key, int64_t most, int64_t *ret,
                 struct mq_error *err)
{
    return json_read_whole(key, json_member(v, key), 0, most, ret, err);
}

/* IMDb's where there is one: it is the same from every site. */
static int id_of(struct film_reading *r, struct json_object *ids, struct title *t)
{
    char digits[JSON_READ_DIGITS];
    struct str imdb = json_member_text(ids, "imdb");
    struct str own = json_member_id(ids, film_site_name(r->site), digits);
    if (imdb.n > 0) {
        t->id = imdb;
        return 0;
    }
    char *p = arena_alloc(&r->arena, ID_BYTES);
    if (!p)
        return MQ_NO_MEMORY;
    if (own.n > 0 && own.n < ID_BYTES / 2)
        t->id = (struct str){
            p, (size_t)snprintf(p, ID_BYTES, "%s:%.*s", film_site_name(r->site), STR_ARG(own))};
    return 0;
}

/* ---------------------------------------------------------------- Trakt */

static int trakt_film(struct film_reading *r, struct json_object *v, struct title *t,
                      struct mq_error *err)
{
    int64_t year = 0;
    int64_t runtime = 0;
    t->name = json_member_text(v, "title");
    int rc = whole(v, "year", 9999, &year, err);
    if (rc == 0)
        rc = whole(v, "runtime", UINT16_MAX, &runtime, err);
    if (rc == 0 && id_of(r, json_member(v, "ids"), t) != 0)
        rc = mq_fail(err, MQ_NO_MEMORY, "%s: no memory: free some", r->name);
    t->year = (int16_t)year;
    t->runtime_min = (uint16_t)runtime;
    return rc;
}

static int trakt_title(struct film_reading *r, struct json_object *v, struct title *t,
                       struct mq_error *err)
{
    struct json_object *movie = json_member(v, "movie");
    struct json_object *show = json_member(v, "show");
    struct json_object *episode = json_member(v, "episode");
    struct json_object *season = json_member(v, "season");
    int64_t number = 0;
    int64_t of_season = 0;
    t->kind = movie ? TITLE_FILM : episode ? TITLE_EPISODE : season ? TITLE_SEASON : TITLE_SERIES;
    if (!movie && !show && !episode)
        return mq_fail(err, MQ_INVALID, "row: has neither movie nor show nor episode: left out");
    int rc = trakt_film(r, movie ? movie : episode ? episode : season ? season : show, t, err);
    if (rc == 0 && episode)
        rc = whole(episode, "season", UINT16_MAX, &of_season, err);
    if (rc == 0 && (episode || season))
        rc = whole(episode ? episode : season, "number", UINT16_MAX, &number, err);
    if (episode || season)
        t->series = json_member_text(show, "title");
    t->season = (uint16_t)(episode ? of_season : number);
    t->episode = (uint16_t)(episode ? number : 0);
    if (t->name.n == 0 && (episode || season) && t->series.n > 0) {
        /* Seasons have no names, and not all episodes do. */
        enum { NAME = TITLE_NAME_MAX };
        char *p = arena_alloc(&r->arena, NAME + 1);
        int n = !p        ? 0
                : episode ? snprintf(p, NAME + 1, "%.*s %ux%02u", STR_ARG(t->series), t->season,
                                     t->episode)
                          : snprintf(p, NAME + 1, "%.*s: Season %u", STR_ARG(t->series), t->season);
        t->name = (struct str){p, (size_t)(n > NAME ? 0 : n)};
    }
    return rc;
}

static int trakt_row(struct film_reading *r, struct json_object *v, struct film_row *row,
                     struct mq_error *err)
{
    char digits[JSON_READ_DIGITS];
    struct str id = json_member_id(v, "id", digits);
    int rc = trakt_title(r, v, &row->title, err);
    if (rc == 0)
        rc = instant(v, "watched_at", &row->watched_ms, err);
    bool history = row->watched_ms != EVENT_ABSENT;
    if (rc == 0)
        rc = instant(v, "last_watched_at", &row->watched_ms, err);
    if (rc == 0)
        rc = instant(v, "listed_at", &row->listed_ms, err);
    if (rc == 0)
        rc = json_read_number("rating", json_member(v, "rating"), &row->rating, err);
    if (rc == 0 && row->rating > 0) {
        row->rated_ms = film_row_time(r);
        rc = instant(v, "rated_at", &row->rated_ms, err);
    }
    if (history && id.n > 0)
        row->event_id = arena_str(&r->arena, id);
    return rc;
}

/* ---------------------------------------------------------------- TMDB */

static int tmdb_row(struct film_reading *r, struct json_object *v, struct film_row *row,
                    struct mq_error *err)
{
    struct title *t = &row->title;
    char digits[JSON_READ_DIGITS];
    struct str id = json_member_id(v, "id", digits);
    struct str release = json_member_text(v, "release_date");
    struct json_object *account = json_member(v, "account_rating");
    bool film = json_member(v, "title") != NULL;
    t->name = json_member_text(v, film ? "title" : "name");
    t->original_name = json_member_text(v, film ? "original_title" : "original_name");
    if (release.n == 0)
        release = json_member_text(v, "first_air_date");
    t->language = json_member_text(v, "original_language");
    t->kind = film ? TITLE_FILM : TITLE_SERIES;
    if (json_member(v, "episode_number"))
        t->kind = TITLE_EPISODE;
    int32_t day;
    if (when_day(release, &day))
        t->release_day = day;
    double year;
    if (release.n >= 4 && str_to_double((struct str){release.p, 4}, &year) && year > 0)
        t->year = (int16_t)year;
    char *p = arena_alloc(&r->arena, ID_BYTES);
    if (!p)
        return mq_fail(err, MQ_NO_MEMORY, "%s: no memory: free some", r->name);
    if (id.n > 0 && id.n < ID_BYTES / 2)
        t->id = (struct str){
            p, (size_t)snprintf(p, ID_BYTES, "tmdb:%.*s%.*s", film ? 0 : 3, "tv:", STR_ARG(id))};
    int64_t at = film_row_time(r);
    int rc = json_read_number("rating", json_member(v, "rating"), &row->rating, err);
    if (rc == 0 && account)
        rc = json_read_number("account_rating", json_member(account, "value"), &row->rating, err);
    if (rc == 0 && account)
        rc = instant(account, "created_at", &at, err);
    if (rc == 0 && row->rating > 0)
        row->rated_ms = at;
    else if (r->liked)
        row->liked_ms = at;
    else if (r->listed)
        row->listed_ms = at;
    return rc;
}

/* ---------------------------------------------------------------- both */

static int refuse(void *ctx, const struct json_place *at, const struct mq_error *why,
                  struct mq_error *err)
{
    struct film_reading *r = ctx;
    struct film_row row = {.line = json_place_line(at),
                           .raw = {at->body.p + at->from, at->to - at->from}};
    return film_row_refuse(r, &row, why, err);
}

static int take(struct film_reading *r, struct json_object *v, const struct json_place *at,
                struct mq_error *err)
{
    struct film_row row;
    struct mq_error why;
    arena_reset(&r->arena);
    film_row_init(&row);
    row.line = json_place_line(at);
    row.raw = (struct str){at->body.p + at->from, at->to - at->from};
    int rc = !json_object_is_type(v, json_type_object)
                 ? mq_fail(&why, MQ_INVALID, "row: is no object: left out")
             : r->site == SITE_TMDB ? tmdb_row(r, v, &row, &why)
                                    : trakt_row(r, v, &row, &why);
    if (rc == MQ_NO_MEMORY)
        return mq_fail(err, why.status, "%s", why.text);
    return rc ? film_row_refuse(r, &row, &why, err) : film_row_put(r, &row, err);
}

/* A row, or a page {results: [rows]} or a list of rows. */
static int take_value(void *ctx, struct json_object *v, const struct json_place *at,
                      struct mq_error *err)
{
    struct film_reading *r = ctx;
    struct json_object *list = json_member(v, "results");
    if (!list && json_object_is_type(v, json_type_array))
        list = v;
    if (!list || !json_object_is_type(list, json_type_array))
        return take(r, v, at, err);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < json_object_array_length(list); i++)
        rc = take(r, json_object_array_get_idx(list, i), at, err);
    return rc;
}

int film_json_read(struct film_reading *r, struct str bytes, struct mq_error *err)
{
    if (r->site != SITE_TRAKT && r->site != SITE_TMDB)
        return mq_fail(err, MQ_INVALID, "%s: is JSON: %s exports tables", r->name,
                       film_site_name(r->site));
    struct json_body b = {.tok = json_body_tokener(DEPTH), .max_value = VALUE_MAX, .what = "rows"};
    if (!b.tok)
        return mq_fail(err, MQ_NO_MEMORY, "%s: no memory: free some", r->name);
    int rc = json_body_each(
        &b, bytes, &(struct json_body_sink){.ctx = r, .value = take_value, .broken = refuse}, err);
    json_tokener_free(b.tok);
    return rc;
}
