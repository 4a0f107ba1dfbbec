#include "wire/netflix_plays.h"

#include "json_body.h"
#include "netflix_file.h"

enum {
    TRACE_DEPTH = 8,
    ROW_MEMORY = 64 << 20, /* NETFLIX_TRACE_MAX events */
};

/* Beyond it a number is no offset (and no exact double). */
#define OFFSET_MAX (INT64_C(1) << 53)

static enum event_kind kind_of(struct json_object *type)
{
    static const struct {
        const char *word;
        enum event_kind kind;
    } words[] = {{"start", EVENT_START},
                 {"playing", EVENT_PLAY},
                 {"paused", EVENT_PAUSE},
                 {"reposition", EVENT_SEEK},
                 {"stopped", EVENT_STOP}};
    struct mq_error unused;
    struct str word = STR_NONE;
    if (json_read_text("eventType", type, &word, &unused) != 0)
        return EVENT_CUSTOM;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (str_eq(word, str_of(words[i].word)))
            return words[i].kind;
    }
    return EVENT_CUSTOM;
}

static int64_t offset(struct json_object *entry, const char *key)
{
    struct mq_error unused;
    struct json_object *v = NULL;
    int64_t ms = EVENT_ABSENT;
    if (json_object_object_get_ex(entry, key, &v))
        (void)json_read_whole(key, v, -OFFSET_MAX, OFFSET_MAX, &ms, &unused);
    return ms;
}

static bool read_entry(struct json_object *entry, struct event *e)
{
    struct json_object *type = NULL;
    if (!json_object_is_type(entry, json_type_object) ||
        !json_object_object_get_ex(entry, "eventType", &type))
        return false;
    event_init(e);
    e->source = STR(NETFLIX_SOURCE);
    e->kind = kind_of(type);
    e->at_ms = offset(entry, "sessionOffsetMs");
    e->position_ms = offset(entry, "mediaOffsetMs");
    return e->kind != EVENT_CUSTOM && e->at_ms != EVENT_ABSENT;
}

static int read_entries(struct json_object *list, struct arena *arena, struct netflix_play *play,
                        struct mq_error *err)
{
    if (!json_object_is_type(list, json_type_array))
        return mq_fail(err, MQ_INVALID, "Playtraces: is no list: expected [{\"eventType\", ...}]");
    size_t n = json_object_array_length(list);
    if (n > NETFLIX_TRACE_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "Playtraces: %zu entries: at most %d are read", n,
                       NETFLIX_TRACE_MAX);
    struct event *events = ARENA_ARRAY(arena, n, struct event);
    if (n > 0 && !events)
        return mq_fail(err, MQ_NO_MEMORY, "Playtraces: no memory: free some");
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        kept += read_entry(json_object_array_get_idx(list, i), &events[kept]);
    play->events = events;
    play->n_events = kept;
    return 0;
}

static int read_trace(struct json_tokener *tok, struct str text, struct arena *arena,
                      struct netflix_play *play, struct mq_error *err)
{
    size_t at = 0;
    struct json_object *list = NULL;
    if (text.n == 0)
        return 0;
    int rc = json_read_value(tok, text, &at, text.n, 1, &list, err);
    if (rc)
        return mq_error_prefix(err, "Playtraces");
    rc = read_entries(list, arena, play, err);
    json_object_put(list);
    return rc;
}

static int read_row(const struct netflix_file *f, const struct table_row *row,
                    struct json_tokener *tok, struct arena *arena, struct netflix_play *play,
                    struct mq_error *err)
{
    *play = (struct netflix_play){.line = row->line, .raw = row->raw};
    play->profile = netflix_field(f, row, "Profile Name");
    play->title = netflix_field(f, row, "Title Description");
    play->device = netflix_field(f, row, "Device");
    play->country = netflix_field(f, row, "Country");
    play->start = netflix_field(f, row, "Playback Start Utc Ts");
    play->has_start = netflix_time(play->start, &play->start_ms);
    int trace = table_column(f->table, "Playtraces");
    if (trace < 0 || (size_t)trace >= row->n)
        return mq_fail(err, MQ_INVALID, "row: %zu fields: the header has %zu", row->n,
                       table_header(f->table).n);
    return read_trace(tok, netflix_field(f, row, "Playtraces"), arena, play, err);
}

static int read_rows(const char *name, const struct netflix_file *f, struct json_tokener *tok,
                     struct arena *arena, const struct netflix_plays_sink *sink,
                     struct mq_error *err)
{
    struct table_row row;
    struct mq_error why;
    int rc;
    while ((rc = table_next(f->table, &row, &why)) != 0) {
        struct netflix_play play;
        arena_reset(arena);
        if (rc == 1)
            rc = read_row(f, &row, tok, arena, &play, &why) == 0 ? 1 : (int)why.status;
        if (rc == MQ_NO_MEMORY || rc == MQ_IO)
            return mq_fail(err, why.status, "%s", why.text);
        struct bad_row bad = {name, row.line, row.raw, &why};
        rc = rc == 1 ? sink->play(sink->ctx, &play, err) : sink->bad(sink->ctx, &bad, err);
        if (rc != 0)
            return rc;
    }
    return 0;
}

int netflix_plays_read(const char *name, struct str bytes, const struct netflix_plays_sink *sink,
                       struct mq_error *err)
{
    struct netflix_file f;
    struct arena arena;
    int rc = netflix_file_open(&f, name, bytes, err);
    if (rc)
        return rc;
    if (f.kind != NETFLIX_PLAYBACK) {
        netflix_file_close(&f);
        return mq_fail(
            err, MQ_INVALID,
            "%s: has no columns Profile Name, Playback Start Utc Ts and Playtraces: give a "
            "PlaybackRelatedEvents.csv",
            name);
    }
    struct json_tokener *tok = json_body_tokener(TRACE_DEPTH);
    bool ready = tok && arena_init(&arena, 1 << 16, ROW_MEMORY) == 0;
    if (ready) {
        rc = read_rows(name, &f, tok, &arena, sink, err);
        arena_release(&arena);
    } else {
        rc = mq_fail(err, MQ_NO_MEMORY, "%s: no memory: free some", name);
    }
    if (tok)
        json_tokener_free(tok);
    netflix_file_close(&f);
    return rc;
}
