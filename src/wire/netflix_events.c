#include "netflix_events.h"

#include <stdlib.h>

#include "base/hash.h"
#include "netflix_title.h"
#include "wire/netflix_plays.h"

enum {
    VIEWING_MS_MAX = 48 * 3600 * 1000,
    ROW_BLOCK = 1 << 16,
    ROW_MEMORY = 64 << 20,
    TOLD_MAX = 1 << 24, /* titles of an export */
};
#define SESSION_MS_MAX (INT64_C(31) * 24 * 3600 * 1000)

int netflix_out_init(struct netflix_out *o, const struct netflix_sink *sink, int64_t now_ms,
                     struct mq_error *err)
{
    *o = (struct netflix_out){.sink = sink, .now_ms = now_ms};
    if (arena_init(&o->row, ROW_BLOCK, ROW_MEMORY) != 0)
        return mq_fail(err, MQ_NO_MEMORY, "export: no memory: free some");
    return 0;
}

void netflix_out_release(struct netflix_out *o)
{
    arena_release(&o->row);
    free(o->told);
}

static int no_memory(bool *fatal, struct mq_error *err)
{
    *fatal = true;
    return mq_fail(err, MQ_NO_MEMORY, "export: no memory for a row: free some");
}

/* ---------------------------------------------------------------- titles */

/* True the first time; grows. */
static int first_time(struct netflix_out *o, struct str id, bool *ret_first)
{
    uint64_t h = hash_str(id, 0) | 1;
    if (2 * (o->n_told + 1) > o->told_cap) {
        size_t cap = o->told_cap ? 2 * o->told_cap : 1024;
        uint64_t *told = cap > TOLD_MAX ? NULL : calloc(cap, sizeof(*told));
        if (!told)
            return -1;
        for (size_t i = 0; i < o->told_cap; i++) {
            if (o->told[i] == 0)
                continue;
            size_t at = o->told[i] & (cap - 1);
            while (told[at])
                at = (at + 1) & (cap - 1);
            told[at] = o->told[i];
        }
        free(o->told);
        o->told = told;
        o->told_cap = cap;
    }
    size_t at = h & (o->told_cap - 1);
    while (o->told[at] && o->told[at] != h)
        at = (at + 1) & (o->told_cap - 1);
    *ret_first = o->told[at] == 0;
    o->told[at] = h;
    o->n_told += *ret_first;
    return 0;
}

/* The catalogue's id of a name, or ours. */
static struct str name_id(struct netflix_out *o, struct str name, bool *ret_ours)
{
    struct str id;
    *ret_ours = true;
    if (o->sink->find && o->sink->find(o->sink->ctx, name, &id)) {
        struct str ours = netflix_name_id(name, &o->row);
        *ret_ours = str_eq(ours, id);
        return arena_str(&o->row, id);
    }
    return netflix_name_id(name, &o->row);
}

static int tell(struct netflix_out *o, const struct netflix_at *at, const struct title *t,
                bool *fatal, struct mq_error *err)
{
    bool first;
    int rc = title_check(t, err);
    if (rc)
        return rc;
    if (first_time(o, t->id, &first) != 0)
        return no_memory(fatal, err);
    if (!first)
        return 0;
    rc = o->sink->title(o->sink->ctx, t, at->file, at->line, err);
    *fatal = rc != 0;
    return rc;
}

/* Sets *ret_id; tells of the title, and of its show, where that was not done. `kind` is what a bare name is. */
static int put_title(struct netflix_out *o, const struct netflix_at *at, struct str text,
                     enum title_kind kind, struct str *ret_id, bool *fatal, struct mq_error *err)
{
    struct netflix_title n;
    struct title t;
    struct str show = STR_NONE;
    bool ours;
    netflix_title_parse(text, &n);
    title_init(&t);
    if (n.kind != TITLE_UNKNOWN) {
        show = name_id(o, n.show, &ours);
        t.id = show;
        t.name = n.show;
        t.kind = TITLE_SERIES;
        int rc = !show.p ? no_memory(fatal, err) : ours ? tell(o, at, &t, fatal, err) : 0;
        if (rc)
            return rc;
    }
    title_init(&t);
    if (n.kind == TITLE_UNKNOWN) {
        t.id = name_id(o, n.name, &ours);
    } else {
        t.id = netflix_title_id(&n, &o->row);
        ours = true;
    }
    if (!t.id.p)
        return no_memory(fatal, err);
    t.name = n.name;
    t.kind = n.kind == TITLE_UNKNOWN ? (uint8_t)kind : n.kind;
    t.series = show;
    t.season = n.season;
    t.episode = n.number;
    int rc = ours ? tell(o, at, &t, fatal, err) : 0;
    *ret_id = t.id;
    return rc;
}

/* ---------------------------------------------------------------- events */

/* "nf-" and a hash: of what tells a row from others, and of which of its events. */
static struct str row_key(struct netflix_out *o, const char *what, struct str profile,
                          int64_t at_ms, struct str text, uint64_t index)
{
    struct buf b;
    char *p = arena_alloc(&o->row, profile.n + text.n + 128);
    if (!p)
        return STR_NONE;
    buf_over(&b, p, profile.n + text.n + 128);
    buf_add_lenstr(&b, str_of(what));
    buf_add_lenstr(&b, profile);
    buf_add_svarint(&b, at_ms);
    buf_add_lenstr(&b, text);
    buf_add_varint(&b, index);
    struct hash128 h = hash128(b.p, b.n);
    buf_reset(&b);
    buf_printf(&b, "nf-%016llx%016llx", (unsigned long long)h.hi, (unsigned long long)h.lo);
    return buf_str(&b);
}

/* All or none of a row's events. */
static int send(struct netflix_out *o, const struct netflix_at *at, struct event *events, size_t n,
                bool *fatal, struct mq_error *err)
{
    for (size_t i = 0; i < n; i++) {
        if (!events[i].id.p)
            return no_memory(fatal, err);
        int rc = event_check(&events[i], o->now_ms, err);
        if (rc)
            return rc;
    }
    for (size_t i = 0; i < n; i++) {
        int rc = o->sink->event(o->sink->ctx, &events[i], at->file, at->line, err);
        if (rc) {
            *fatal = true;
            return rc;
        }
    }
    return 0;
}

static void set_common(struct event *e, struct str profile, struct str device, struct str country)
{
    e->source = STR(NETFLIX_SOURCE);
    e->archived = true;
    e->viewer = profile;
    e->context.device = (uint8_t)netflix_device(device);
    e->context.country = netflix_country(country);
}

static int check_row(struct str profile, struct str title, struct mq_error *err)
{
    if (profile.n == 0)
        return mq_fail(err, MQ_INVALID, "Profile Name: empty: whose row is it?");
    if (title.n == 0)
        return mq_fail(err, MQ_INVALID, "Title: empty: a play is of something");
    return 0;
}

static int check_offsets(const struct event *e, struct mq_error *err)
{
    if (e->at_ms < -SESSION_MS_MAX || e->at_ms > SESSION_MS_MAX)
        return mq_fail(err, MQ_INVALID,
                       "sessionOffsetMs: %lld: over 31 days: no session is that long",
                       (long long)e->at_ms);
    if (e->position_ms != EVENT_ABSENT &&
        (e->position_ms > VIEWING_MS_MAX || e->position_ms < -VIEWING_MS_MAX))
        return mq_fail(err, MQ_INVALID, "mediaOffsetMs: %lld: over 48 hours: no title is that long",
                       (long long)e->position_ms);
    return 0;
}

static int passed_over(struct netflix_out *o, const struct netflix_at *at, bool *fatal,
                       struct mq_error *err)
{
    int rc = o->sink->passed_over ? o->sink->passed_over(o->sink->ctx, at->file, at->line, err) : 0;
    *fatal = rc != 0;
    return rc;
}

int netflix_put_play(struct netflix_out *o, const struct netflix_at *at, struct str profile,
                     struct str title, struct str device, struct str country, int64_t start_ms,
                     struct event *events, size_t n, const struct netflix_watch *facts, bool *fatal,
                     struct mq_error *err)
{
    struct str id;
    arena_reset(&o->row);
    int rc = check_row(profile, title, err);
    if (rc)
        return rc;
    if (facts ? facts->supplemental : netflix_title_is_extra(title))
        return passed_over(o, at, fatal, err);
    for (size_t i = 0; i < n && rc == 0; i++)
        rc = check_offsets(&events[i], err);
    if (rc == 0)
        rc = put_title(o, at, facts ? facts->title : title, TITLE_FILM, &id, fatal, err);
    if (rc)
        return rc;
    struct str session = row_key(o, "play", profile, start_ms, title, 0);
    for (size_t i = 0; i < n; i++) {
        struct event *e = &events[i];
        set_common(e, profile, device, country);
        e->title = id;
        e->session = session;
        e->id = row_key(o, "trace", profile, start_ms, title, i);
        e->at_ms += start_ms;
        if (e->kind == EVENT_START && facts)
            e->autoplay = facts->autoplay;
    }
    return send(o, at, events, n, fatal, err);
}

int netflix_put_watch(struct netflix_out *o, const struct netflix_at *at, struct str profile,
                      int64_t start_ms, const struct netflix_watch *w, bool *fatal,
                      struct mq_error *err)
{
    static const enum event_kind kinds[] = {EVENT_START, EVENT_PLAY, EVENT_STOP};
    struct event events[3];
    struct str id;
    arena_reset(&o->row);
    int rc = check_row(profile, w->title, err);
    if (rc)
        return rc;
    if (w->supplemental)
        return passed_over(o, at, fatal, err);
    if (w->duration_ms > VIEWING_MS_MAX)
        return mq_fail(err, MQ_INVALID, "Duration: %lld s: over 48 hours: no viewing is that long",
                       (long long)(w->duration_ms / 1000));
    rc = put_title(o, at, w->title, TITLE_FILM, &id, fatal, err);
    if (rc)
        return rc;
    int64_t from = 0, to = w->duration_ms;
    if (w->bookmark_ms != EVENT_ABSENT) {
        to = w->bookmark_ms;
        from = to > w->duration_ms ? to - w->duration_ms : 0;
    }
    struct str session = row_key(o, "watch", profile, start_ms, w->title, 0);
    for (size_t i = 0; i < 3; i++) {
        struct event *e = &events[i];
        event_init(e);
        set_common(e, profile, w->device, w->country);
        e->kind = kinds[i];
        e->title = id;
        e->session = session;
        e->id = row_key(o, "activity", profile, start_ms, w->title, i);
        e->at_ms = start_ms + (e->kind == EVENT_STOP ? w->duration_ms : 0);
        e->position_ms = e->kind == EVENT_STOP ? to : from;
        if (e->kind == EVENT_START)
            e->autoplay = w->autoplay;
    }
    return send(o, at, events, 3, fatal, err);
}

/* ---------------------------------------------------------------- ratings, lists, searches */

static bool is_yes(struct str s)
{
    static const char *const words[] = {"yes", "true", "1", "y"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (str_eq_nocase(s, str_of(words[i])))
            return true;
    }
    return false;
}

static int set_rating(const struct netflix_file *f, const struct table_row *row, struct event *e,
                      struct mq_error *err)
{
    struct str thumbs = netflix_field(f, row, "Thumbs Value");
    struct str stars = netflix_field(f, row, "Star Value");
    double v;
    if (str_to_double(thumbs, &v) && (v == 1 || v == 2 || v == 3)) {
        e->kind = EVENT_THUMB;
        e->value = v == 1 ? -1.0f : v == 2 ? 1.0f : 2.0f;
        return 0;
    }
    if (str_to_double(stars, &v) && v > 0 && v <= 5) {
        e->kind = EVENT_RATING;
        e->value = (float)v;
        e->scale = 5;
        return 0;
    }
    return mq_fail(
        err, MQ_INVALID,
        "rating: thumbs \"%.*s\", stars \"%.*s\": expected 1 to 3 thumbs or up to 5 stars",
        STR_ARG(thumbs), STR_ARG(stars));
}

/* Which columns a kind of file has. */
static const struct {
    const char *title, *at, *device, *country;
} columns[NETFLIX_KINDS] = {
    [NETFLIX_RATINGS] = {"Title Name", "Event Utc Ts", "Device Model", ""},
    [NETFLIX_LIST] = {"Title Name", "Utc Title Add Date", "", "Country"},
    [NETFLIX_PREFERENCES] = {"Show", "Event Date", "", ""},
    [NETFLIX_SEARCHES] = {"Displayed Name", "Utc Timestamp", "Device", "Country Iso Code"},
};

/* What the row says, without title and id; *ret_second: the second half of a preference. */
static int set_kind(const struct netflix_file *f, const struct table_row *row, struct event *e,
                    bool *ret_second, struct mq_error *err)
{
    bool watched;
    *ret_second = false;
    switch (f->kind) {
    case NETFLIX_RATINGS:
        return set_rating(f, row, e, err);
    case NETFLIX_LIST:
        e->kind = EVENT_LIST_ADD;
        return 0;
    case NETFLIX_SEARCHES:
        e->kind = EVENT_SEARCH;
        e->query = netflix_field(f, row, "Query Typed");
        return 0;
    default:
        e->kind = EVENT_CUSTOM;
        watched = is_yes(netflix_field(f, row, "Has Watched"));
        *ret_second = watched && is_yes(netflix_field(f, row, "Is Interested"));
        e->custom = watched                                          ? STR("indicated_watched")
                    : is_yes(netflix_field(f, row, "Is Interested")) ? STR("indicated_interest")
                                                                     : STR("indicated_preference");
        return 0;
    }
}

/* What was chosen may be a person or a genre: only a title that is known gets its id. */
static int set_title(struct netflix_out *o, const struct netflix_at *at, enum netflix_kind kind,
                     struct str text, struct event *e, bool *fatal, struct mq_error *err)
{
    if (kind != NETFLIX_SEARCHES)
        return put_title(o, at, text, TITLE_UNKNOWN, &e->title, fatal, err);
    struct str id;
    e->chosen = text;
    if (text.n > 0 && o->sink->find && o->sink->find(o->sink->ctx, text, &id))
        e->chosen = arena_str(&o->row, id);
    return e->chosen.n > 0 && !e->chosen.p ? no_memory(fatal, err) : 0;
}

int netflix_put_mark(struct netflix_out *o, const struct netflix_at *at,
                     const struct netflix_file *f, const struct table_row *row, bool *fatal,
                     struct mq_error *err)
{
    struct event e[2];
    bool second;
    arena_reset(&o->row);
    struct str profile = netflix_field(f, row, "Profile Name");
    struct str title = netflix_field(f, row, columns[f->kind].title);
    struct str when = netflix_field(f, row, columns[f->kind].at);
    event_init(&e[0]);
    set_common(&e[0], profile, netflix_field(f, row, columns[f->kind].device),
               netflix_field(f, row, columns[f->kind].country));
    int rc = f->kind == NETFLIX_SEARCHES ? check_row(profile, STR("-"), err)
                                         : check_row(profile, title, err);
    if (rc == 0 && !netflix_time(when, &e[0].at_ms))
        rc = mq_fail(err, MQ_INVALID, "%s: \"%.*s\": expected 2025-01-26 16:04:28",
                     columns[f->kind].at, STR_ARG(when));
    if (rc == 0)
        rc = set_kind(f, row, &e[0], &second, err);
    if (rc == 0)
        rc = set_title(o, at, f->kind, title, &e[0], fatal, err);
    if (rc)
        return rc;
    struct str what = e[0].kind == EVENT_SEARCH ? e[0].query : title;
    e[0].id = row_key(o, netflix_kind_file(f->kind), profile, e[0].at_ms, what, 0);
    e[1] = e[0];
    e[1].custom = STR("indicated_interest");
    e[1].id = row_key(o, netflix_kind_file(f->kind), profile, e[0].at_ms, what, 1);
    return send(o, at, e, second ? 2 : 1, fatal, err);
}
