/* netflix.c - which files are there, and what both files of plays say together. */
#include "wire/netflix.h"

#include "base/buf.h"
#include "base/file.h"
#include "netflix_events.h"
#include "netflix_join.h"
#include "wire/netflix_plays.h"

enum { PATH_BYTES = 4096 };
#define EXPORT_MEMORY ((size_t)2 << 30) /* text and events of all plays */

/* A row of PlaybackRelatedEvents. */
struct play {
    struct str device, country;
    struct event *events;
    size_t n;
    uint64_t line;
};

struct plays {
    const char *name;
    bool only_facts;
    struct netflix_row *row; /* (n) */
    union {
        struct netflix_watch *watch;
        struct play *play;
    };
    uint32_t n, cap;
};

struct reading {
    struct netflix_out out;
    struct arena arena; /* of the whole export */
    struct plays watches, plays;
    const struct netflix_part *part; /* the one that is read now */
};

/* ---------------------------------------------------------------- reports */

static int bad(struct reading *r, const struct netflix_at *at, const struct mq_error *why,
               struct mq_error *err)
{
    struct bad_row row = {at->file, at->line, at->raw, why};
    if (why->status == MQ_NO_MEMORY || why->status == MQ_IO)
        return mq_fail(err, why->status, "%s", why->text);
    if (r->part->only_facts) /* told of when the file itself is read */
        return 0;
    return r->out.sink->bad(r->out.sink->ctx, &row, err);
}

/* What a netflix_put_ function gave. */
static int done(struct reading *r, int rc, bool fatal, const struct netflix_at *at,
                const struct mq_error *why, struct mq_error *err)
{
    if (rc == 0)
        return 0;
    if (!fatal)
        return bad(r, at, why, err);
    *err = *why;
    return rc;
}

/* ---------------------------------------------------------------- collecting plays */

/* Room for one more; `size` of an element of the union. */
static int grow(struct reading *r, struct plays *p, size_t size, struct mq_error *err)
{
    if (p->n < p->cap)
        return 0;
    uint32_t cap = p->cap ? 2 * p->cap : 256;
    if (cap > NETFLIX_ROWS_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "%s: more than %d rows: split it", p->name,
                       NETFLIX_ROWS_MAX / 2);
    struct netflix_row *row = ARENA_ARRAY(&r->arena, cap, struct netflix_row);
    void *more = arena_array(&r->arena, cap, size);
    if (!row || !more)
        return mq_fail(err, MQ_NO_MEMORY, "%s: no memory for %u rows", p->name, cap);
    if (p->n > 0) {
        memcpy(row, p->row, p->n * sizeof(*row));
        memcpy(more, p->watch, p->n * size);
    }
    p->row = row;
    p->watch = more;
    p->cap = cap;
    return 0;
}

static bool keep(struct arena *a, struct str *s)
{
    struct str copy = arena_str(a, *s);
    bool ok = s->n == 0 || copy.p;
    *s = copy;
    return ok;
}

static int read_watch(const struct netflix_file *f, const struct table_row *row,
                      struct netflix_row *head, struct netflix_watch *w, struct mq_error *err)
{
    struct str start = netflix_field(f, row, "Start Time");
    struct str duration = netflix_field(f, row, "Duration");
    if (!netflix_time(start, &head->start_ms))
        return mq_fail(err, MQ_INVALID, "Start Time: \"%.*s\": expected 2025-01-26 16:04:28",
                       STR_ARG(start));
    if (!netflix_duration(duration, &w->duration_ms))
        return mq_fail(err, MQ_INVALID, "Duration: \"%.*s\": expected 01:53:02", STR_ARG(duration));
    w->bookmark_ms = EVENT_ABSENT;
    (void)netflix_duration(netflix_field(f, row, "Bookmark"), &w->bookmark_ms);
    head->profile = netflix_field(f, row, "Profile Name");
    head->title = w->title = netflix_field(f, row, "Title");
    w->device = netflix_field(f, row, "Device Type");
    w->country = netflix_field(f, row, "Country");
    w->supplemental = netflix_field(f, row, "Supplemental Video Type").n > 0;
    w->autoplay = str_starts(netflix_field(f, row, "Attributes"), STR("Autoplayed"));
    w->line = row->line;
    return 0;
}

static int collect_watch(struct reading *r, const struct netflix_file *f,
                         const struct table_row *row, struct mq_error *err)
{
    struct netflix_row head = {.partner = NETFLIX_ALONE};
    struct netflix_watch w = {.line = 0};
    struct mq_error why;
    struct netflix_at at = {r->part->name, row->line, row->raw};
    if (read_watch(f, row, &head, &w, &why) != 0)
        return bad(r, &at, &why, err);
    int rc = grow(r, &r->watches, sizeof(w), err);
    if (rc)
        return rc;
    if (!keep(&r->arena, &head.profile) || !keep(&r->arena, &head.title) ||
        !keep(&r->arena, &w.device) || !keep(&r->arena, &w.country))
        return mq_fail(err, MQ_NO_MEMORY, "%s: no memory: free some", r->part->name);
    w.title = head.title;
    r->watches.row[r->watches.n] = head;
    r->watches.watch[r->watches.n++] = w;
    return 0;
}

static int collect_play(void *ctx, const struct netflix_play *from, struct mq_error *err)
{
    struct reading *r = ctx;
    struct netflix_at at = {r->part->name, from->line, from->raw};
    struct mq_error why;
    if (!from->has_start) {
        mq_fail(&why, MQ_INVALID, "Playback Start Utc Ts: \"%.*s\": expected 2025-01-26 16:04:28",
                STR_ARG(from->start));
        return bad(r, &at, &why, err);
    }
    struct netflix_row head = {from->profile, from->title, from->start_ms, NETFLIX_ALONE};
    struct play p = {from->device, from->country, NULL, from->n_events, from->line};
    int rc = grow(r, &r->plays, sizeof(p), err);
    if (rc)
        return rc;
    p.events = ARENA_ARRAY(&r->arena, p.n, struct event);
    if (!keep(&r->arena, &head.profile) || !keep(&r->arena, &head.title) ||
        !keep(&r->arena, &p.device) || !keep(&r->arena, &p.country) || (p.n > 0 && !p.events))
        return mq_fail(err, MQ_NO_MEMORY, "%s: no memory: free some", r->part->name);
    if (p.n > 0)
        memcpy(p.events, from->events, p.n * sizeof(*p.events));
    r->plays.row[r->plays.n] = head;
    r->plays.play[r->plays.n++] = p;
    return 0;
}

static int bad_play(void *ctx, const struct bad_row *row, struct mq_error *err)
{
    struct reading *r = ctx;
    struct netflix_at at = {row->file, row->line, row->raw};
    return bad(r, &at, row->why, err);
}

/* ---------------------------------------------------------------- giving them out */

static int put_plays(struct reading *r, struct mq_error *err)
{
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < r->plays.n; i++) {
        const struct netflix_row *row = &r->plays.row[i];
        const struct play *p = &r->plays.play[i];
        struct netflix_at at = {r->plays.name, p->line, row->title};
        struct mq_error why;
        bool fatal = false;
        uint32_t partner = row->partner;
        /* Read for its facts, it tells only of the plays of the other file; and a trace without events of nothing. */
        bool alone = partner == NETFLIX_ALONE;
        if (alone ? r->plays.only_facts : p->n == 0)
            continue;
        int put = netflix_put_play(&r->out, &at, row->profile, row->title, p->device, p->country,
                                   row->start_ms, p->events, p->n,
                                   alone ? NULL : &r->watches.watch[partner], &fatal, &why);
        rc = done(r, put, fatal, &at, &why, err);
    }
    return rc;
}

static int put_watches(struct reading *r, struct mq_error *err)
{
    int rc = 0;
    if (r->watches.only_facts)
        return 0;
    for (uint32_t i = 0; rc == 0 && i < r->watches.n; i++) {
        const struct netflix_row *row = &r->watches.row[i];
        const struct netflix_watch *w = &r->watches.watch[i];
        struct netflix_at at = {r->watches.name, w->line, row->title};
        struct mq_error why;
        bool fatal = false;
        /* A trace without events says nothing: then this row does. */
        if (row->partner != NETFLIX_ALONE && r->plays.play[row->partner].n > 0)
            continue;
        int put = netflix_put_watch(&r->out, &at, row->profile, row->start_ms, w, &fatal, &why);
        rc = done(r, put, fatal, &at, &why, err);
    }
    return rc;
}

/* ---------------------------------------------------------------- parts */

static int each_row(struct reading *r, const struct netflix_file *f, struct mq_error *err)
{
    struct table_row row;
    struct mq_error why;
    int rc;
    while ((rc = table_next(f->table, &row, &why)) != 0) {
        struct netflix_at at = {r->part->name, row.line, row.raw};
        bool fatal = false;
        if (rc < 0 && rc != MQ_INVALID)
            return mq_fail(err, why.status, "%s", why.text);
        if (rc < 0)
            rc = bad(r, &at, &why, err);
        else if (f->kind == NETFLIX_VIEWING)
            rc = collect_watch(r, f, &row, err);
        else
            rc = done(r, netflix_put_mark(&r->out, &at, f, &row, &fatal, &why), fatal, &at, &why,
                      err);
        if (rc)
            return rc;
    }
    return 0;
}

/* With `marks` the files that stand alone, else those of plays, which are collected. *ret_known: it is ours. */
static int read_part(struct reading *r, bool marks, bool *ret_known, struct mq_error *err)
{
    const struct netflix_part *part = r->part;
    struct netflix_file f;
    int rc = netflix_file_open(&f, part->name, part->bytes, err);
    if (rc)
        return rc;
    enum netflix_kind kind = f.kind;
    *ret_known = kind != NETFLIX_OTHER;
    struct plays *p = kind == NETFLIX_PLAYBACK ? &r->plays : &r->watches;
    bool plays = kind == NETFLIX_PLAYBACK || kind == NETFLIX_VIEWING;
    if (*ret_known && plays && !marks) {
        p->name = part->name;
        p->only_facts = part->only_facts;
    }
    if (*ret_known && plays != marks && kind != NETFLIX_PLAYBACK)
        rc = each_row(r, &f, err);
    netflix_file_close(&f);
    if (rc == 0 && kind == NETFLIX_PLAYBACK && !marks) {
        struct netflix_plays_sink sink = {r, collect_play, bad_play};
        rc = netflix_plays_read(part->name, part->bytes, &sink, err);
    }
    return rc;
}

static int read_all(struct reading *r, const struct netflix_part *parts, size_t n,
                    struct mq_error *err)
{
    static const struct netflix_part joined = {.name = "export"};
    bool known = false;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < n; i++) {
        r->part = &parts[i];
        rc = read_part(r, false, &known, err);
        if (rc == 0 && !known)
            rc = mq_fail(err, MQ_INVALID,
                         "%s: is no file of a Netflix export: expected the columns of "
                         "ViewingActivity, PlaybackRelatedEvents, Ratings, MyList, "
                         "IndicatedPreferences or SearchHistory",
                         parts[i].name);
    }
    r->part = &joined;
    if (rc == 0)
        rc = netflix_join(r->watches.row, r->watches.n, r->plays.row, r->plays.n, &r->arena, err);
    if (rc == 0)
        rc = put_plays(r, err);
    if (rc == 0)
        rc = put_watches(r, err);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        r->part = &parts[i];
        rc = read_part(r, true, &known, err);
    }
    return rc;
}

int netflix_read_parts(const struct netflix_part *parts, size_t n, int64_t now_ms,
                       const struct netflix_sink *sink, struct mq_error *err)
{
    struct reading r = {.part = parts};
    int rc = netflix_out_init(&r.out, sink, now_ms, err);
    if (rc)
        return rc;
    if (arena_init(&r.arena, 1 << 20, EXPORT_MEMORY) != 0) {
        netflix_out_release(&r.out);
        return mq_fail(err, MQ_NO_MEMORY, "export: no memory: free some");
    }
    rc = read_all(&r, parts, n, err);
    arena_release(&r.arena);
    netflix_out_release(&r.out);
    return rc;
}

/* ---------------------------------------------------------------- files */

struct files {
    char path[NETFLIX_KINDS][PATH_BYTES];
    struct file_map map[NETFLIX_KINDS];
    struct netflix_part part[NETFLIX_KINDS];
    size_t n;
};

/* "folder/file"; false when that is too long for a path. */
static bool path_of(char out[PATH_BYTES], struct str folder, const char *under, const char *file)
{
    struct buf b;
    buf_over(&b, out, PATH_BYTES - 1);
    buf_add_str(&b, folder);
    buf_add_z(&b, under);
    buf_add_z(&b, folder.n > 0 ? "/" : "");
    buf_add_z(&b, file);
    out[b.n] = '\0';
    return !b.failed;
}

/* The path stands in f->path[f->n] already. */
static int open_part(struct files *f, bool only_facts, struct mq_error *err)
{
    char *path = f->path[f->n];
    int rc = file_map_open(path, &f->map[f->n], err);
    if (rc)
        return rc;
    struct str bytes = {f->map[f->n].p, f->map[f->n].n};
    f->part[f->n++] = (struct netflix_part){path, bytes, only_facts};
    return 0;
}

static int open_folder(struct files *f, const char *folder, struct mq_error *err)
{
    static const char *const under[] = {"", "/CONTENT_INTERACTION"};
    for (int k = NETFLIX_OTHER + 1; k < NETFLIX_KINDS; k++) {
        const char *file = netflix_kind_file((enum netflix_kind)k);
        bool there = false;
        for (size_t u = 0; u < 2 && !there; u++)
            there = path_of(f->path[f->n], str_of(folder), under[u], file) &&
                    file_exists(f->path[f->n]);
        int rc = there ? open_part(f, false, err) : 0;
        if (rc)
            return rc;
    }
    if (f->n == 0)
        return mq_fail(
            err, MQ_INVALID,
            "%s: holds no ViewingActivity.csv, PlaybackRelatedEvents.csv, Ratings.csv or "
            "another file of a Netflix export",
            folder);
    return 0;
}

/* The file; and for the join, the other file of plays beside it. */
static int open_file(struct files *f, const char *path, struct mq_error *err)
{
    if (!path_of(f->path[0], STR_NONE, "", path))
        return mq_fail(err, MQ_INVALID, "%.60s...: is too long for a path", path);
    int rc = open_part(f, false, err);
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    const char *activity = netflix_kind_file(NETFLIX_VIEWING);
    const char *playback = netflix_kind_file(NETFLIX_PLAYBACK);
    const char *other = strcmp(name, activity) == 0   ? playback
                        : strcmp(name, playback) == 0 ? activity
                                                      : NULL;
    if (rc || !other)
        return rc;
    struct str folder = slash ? (struct str){path, (size_t)(slash - path)} : STR(".");
    bool there = path_of(f->path[1], folder, "", other) && file_exists(f->path[1]);
    return there ? open_part(f, true, err) : 0;
}

int netflix_read(const char *path, int64_t now_ms, const struct netflix_sink *sink,
                 struct mq_error *err)
{
    struct files f = {.n = 0};
    int rc = file_is_dir(path) ? open_folder(&f, path, err) : open_file(&f, path, err);
    if (rc == 0)
        rc = netflix_read_parts(f.part, f.n, now_ms, sink, err);
    for (size_t i = 0; i < f.n; i++)
        file_map_close(&f.map[i]);
    return rc;
}
