/* film_export.c - rows into titles and events, whatever the file they stood in. */
#include "wire/film_export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "film_row.h"
#include "wire/interactions.h"

enum { TOLD_FIRST = 1 << 10, TOLD_MAX = 1 << 24 };

const char *film_site_name(enum film_site s)
{
    static const char *const names[FILM_SITES] = {"trakt", "tmdb", "imdb", "letterboxd"};
    return names[s];
}

void film_row_init(struct film_row *r)
{
    *r = (struct film_row){.scale = 10,
                           .rated_ms = EVENT_ABSENT,
                           .watched_ms = EVENT_ABSENT,
                           .listed_ms = EVENT_ABSENT,
                           .liked_ms = EVENT_ABSENT};
    title_init(&r->title);
}

int64_t film_row_time(const struct film_reading *r)
{
    return INTERACTIONS_EPOCH_MS + 1000 * (int64_t)r->index;
}

int film_row_refuse(struct film_reading *r, const struct film_row *row, const struct mq_error *why,
                    struct mq_error *err)
{
    struct bad_row bad = {r->name, row->line, row->raw, why};
    return r->sink->bad(r->sink->ctx, &bad, err);
}

/* "letterboxd:Name (Year)" for what has no id; a hash of it where that would be too long. p == NULL without room. */
static struct str made_up_id(struct film_reading *r, const struct title *t)
{
    char *p = arena_alloc(&r->arena, TITLE_ID_MAX + 1);
    if (!p)
        return STR_NONE;
    const char *site = film_site_name(r->site);
    int n = t->year > 0
                ? snprintf(p, TITLE_ID_MAX + 1, "%s:%.*s (%d)", site, STR_ARG(t->name), t->year)
                : snprintf(p, TITLE_ID_MAX + 1, "%s:%.*s", site, STR_ARG(t->name));
    if (n > TITLE_ID_MAX)
        n = snprintf(p, TITLE_ID_MAX + 1, "%s:%016llx-%d", site,
                     (unsigned long long)hash_str(t->name, 0), t->year);
    return (struct str){p, (size_t)n};
}

/* ---------------------------------------------------------------- titles that were handed out */

static uint64_t *place_of(const struct film_reading *r, uint64_t hash)
{
    size_t at = hash & (r->cap_told - 1);
    while (r->told[at] && r->told[at] != hash)
        at = (at + 1) & (r->cap_told - 1);
    return &r->told[at];
}

static int grow_told(struct film_reading *r, struct mq_error *err)
{
    struct film_reading bigger = *r;
    bigger.cap_told = r->cap_told ? r->cap_told * 2 : TOLD_FIRST;
    bigger.told =
        bigger.cap_told <= TOLD_MAX ? calloc(bigger.cap_told, sizeof(*bigger.told)) : NULL;
    if (!bigger.told)
        return mq_fail(err, MQ_NO_MEMORY, "%s: no memory for %zu titles", r->name, r->n_told);
    for (size_t i = 0; i < r->cap_told; i++)
        if (r->told[i])
            *place_of(&bigger, r->told[i]) = r->told[i];
    free(r->told);
    r->told = bigger.told;
    r->cap_told = bigger.cap_told;
    return 0;
}

/* *ret_new: for the first time. */
static int tell_once(struct film_reading *r, struct str id, bool *ret_new, struct mq_error *err)
{
    uint64_t hash = hash_str(id, 0) | 1;
    if (r->n_told * 2 >= r->cap_told) {
        int rc = grow_told(r, err);
        if (rc)
            return rc;
    }
    uint64_t *place = place_of(r, hash);
    *ret_new = *place == 0;
    r->n_told += *place == 0;
    *place = hash;
    return 0;
}

/* ---------------------------------------------------------------- a row */

struct put {
    struct film_reading *r;
    struct film_row *row;
    struct event e[4];
    size_t n;
};

/* An event of the row, when it says so. */
static int add(struct put *p, enum event_kind kind, int64_t at_ms, struct mq_error *why)
{
    if (at_ms == EVENT_ABSENT)
        return 0;
    struct event *e = &p->e[p->n];
    event_init(e);
    e->source = str_of(film_site_name(p->r->site));
    e->viewer = p->r->viewer;
    e->title = p->row->title.id;
    e->kind = kind;
    e->at_ms = at_ms;
    e->archived = true;
    if (kind == EVENT_RATING) {
        e->value = (float)p->row->rating;
        e->scale = p->row->scale;
    } else if (kind == EVENT_THUMB) {
        e->value = 1;
    } else if (kind == EVENT_COMPLETE) {
        e->id = p->row->event_id;
    }
    int rc = event_check(e, p->r->now_ms, why);
    p->n += rc == 0;
    return rc;
}

static int collect(struct put *p, struct mq_error *why)
{
    struct film_row *row = p->row;
    int rc = add(p, EVENT_LIST_ADD, row->listed_ms, why);
    if (rc == 0)
        rc = add(p, EVENT_COMPLETE, row->watched_ms, why);
    if (rc == 0)
        rc = add(p, EVENT_RATING, row->rated_ms, why);
    if (rc == 0)
        rc = add(p, EVENT_THUMB, row->liked_ms, why);
    if (rc == 0 && p->n == 0)
        rc = mq_fail(why, MQ_INVALID, "row: says neither rated nor watched nor listed: left out");
    return rc;
}

int film_row_put(struct film_reading *r, struct film_row *row, struct mq_error *err)
{
    struct put p = {.r = r, .row = row};
    struct title *t = &row->title;
    struct mq_error why;
    struct str known;
    bool is_new = false;
    int rc = 0;
    r->index++;
    if (t->name.n == 0)
        rc = mq_fail(&why, MQ_INVALID, "title: has no name: left out");
    if (rc == 0 && t->id.n == 0) {
        t->id = made_up_id(r, t);
        if (!t->id.p)
            return mq_fail(err, MQ_NO_MEMORY, "%s: no memory: free some", r->name);
    }
    if (rc == 0)
        rc = title_check(t, &why);
    bool found = rc == 0 && r->sink->find(r->sink->ctx, t, &known);
    if (found)
        t->id = known;
    if (rc == 0)
        rc = collect(&p, &why);
    if (rc)
        return film_row_refuse(r, row, &why, err);
    if (!found)
        rc = tell_once(r, t->id, &is_new, err);
    if (rc == 0 && is_new)
        rc = r->sink->title(r->sink->ctx, t, row->line, err);
    for (size_t i = 0; rc == 0 && i < p.n; i++)
        rc = r->sink->event(r->sink->ctx, &p.e[i], row->line, err);
    return rc;
}

/* ---------------------------------------------------------------- a file */

/* The last two parts of the path: "likes/films.csv". */
static bool name_says(const char *name, const char *word)
{
    const char *from = strrchr(name, '/');
    while (from && from > name && from[-1] != '/')
        from--;
    for (const char *p = from ? from : name; *p; p++)
        if (strncasecmp(p, word, strlen(word)) == 0)
            return true;
    return false;
}

int film_export_read(const char *name, struct str bytes, enum film_site site, struct str viewer,
                     int64_t now_ms, const struct film_sink *sink, struct mq_error *err)
{
    struct film_reading r = {.name = name,
                             .site = site,
                             .viewer = viewer,
                             .now_ms = now_ms,
                             .sink = sink,
                             .listed = name_says(name, "watchlist"),
                             .liked = name_says(name, "likes") || name_says(name, "favorite")};
    struct str text =
        str_starts(bytes, STR("\xef\xbb\xbf")) ? (struct str){bytes.p + 3, bytes.n - 3} : bytes;
    text = str_trim(text);
    if (text.n == 0)
        return mq_fail(err, MQ_INVALID, "%s: is empty: nothing to import", name);
    if (str_starts(text, STR("PK\x03\x04")))
        return mq_fail(err, MQ_INVALID, "%s: is a zip archive: unpack it and give the folder",
                       name);
    if (arena_init(&r.arena, 1 << 14, 1 << 22) != 0)
        return mq_fail(err, MQ_NO_MEMORY, "%s: no memory: free some", name);
    bool json = *text.p == '{' || *text.p == '[';
    int rc = json ? film_json_read(&r, text, err) : film_table_read(&r, bytes, err);
    arena_release(&r.arena);
    free(r.told);
    return rc;
}
