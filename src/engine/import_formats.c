/* import_formats.c - one function per format: a path -> wire's reader -> the batch. */
#include "base/clock.h"
#include "engine/importing.h"
#include "wire/credits_table.h"
#include "wire/interactions.h"
#include "wire/movielens.h"
#include "wire/native.h"
#include "wire/segment.h"
#include "wire/titles_table.h"
#include "wire/viewers_table.h"

/* A regular file with something in it, mapped. */
static int open_file(struct import *im, const char *path, struct file_map *map,
                     struct mq_error *err)
{
    if (file_is_dir(path))
        return mq_fail(err, MQ_INVALID, "%s: is a folder: give the file itself", path);
    int rc = file_map_open(path, map, err);
    if (rc)
        return rc;
    if (map->n == 0) {
        file_map_close(map);
        return mq_fail(err, MQ_INVALID, "%s: is empty: nothing to import", path);
    }
    im->size = map->n;
    return 0;
}

static int put_title(void *ctx, const struct title *t, uint64_t line, struct mq_error *err)
{
    (void)line;
    return import_title(ctx, t, err);
}

int import_titles(struct import *im, const char *path, struct mq_error *err)
{
    struct file_map map;
    int rc = open_file(im, path, &map, err);
    if (rc)
        return rc;
    struct titles_options o = {.id = im->what->id};
    struct titles_sink sink = {.ctx = im, .title = put_title, .bad = import_bad_row};
    rc = titles_table_read(path, (struct str){map.p, map.n}, &o, &sink, err);
    file_map_close(&map);
    return rc;
}

static int put_credits(void *ctx, const struct title *t, uint64_t rows, uint64_t line,
                       struct mq_error *err)
{
    return import_credits(ctx, t, rows, line, err);
}

int import_credits_file(struct import *im, const char *path, struct mq_error *err)
{
    struct file_map map;
    int rc = open_file(im, path, &map, err);
    if (rc)
        return rc;
    struct credits_options o = {.id = im->what->id};
    struct credits_sink sink = {.ctx = im, .credits = put_credits, .bad = import_bad_row};
    rc = credits_read(path, (struct str){map.p, map.n}, &o, &sink, err);
    file_map_close(&map);
    /* The last batch: its titles were counted by rows as they came. */
    if (rc == 0) {
        struct mq_import_report before = im->report;
        rc = import_flush(im, err);
        im->report.added = before.added;
        im->report.duplicates = before.duplicates;
    }
    return rc;
}

static int put_viewer(void *ctx, const struct event *e, uint64_t line, struct mq_error *err)
{
    return import_event(ctx, e, line, err);
}

/* Said at the newest event's time: so an archive stays one. */
int import_viewers(struct import *im, const char *path, struct mq_error *err)
{
    struct file_map map;
    int rc = open_file(im, path, &map, err);
    if (rc)
        return rc;
    struct viewers_options o = {.id = im->what->id, .at_ms = atomic_load(&im->engine->newest_ms)};
    struct viewers_sink sink = {.ctx = im, .event = put_viewer, .bad = import_bad_row};
    if (o.at_ms == 0)
        o.at_ms = clock_wall_ms();
    rc = viewers_table_read(path, (struct str){map.p, map.n}, &o, &sink, err);
    file_map_close(&map);
    return rc;
}

/* ---------------------------------------------------------------- native events */

enum { CHUNK_BYTES = 4 << 20 };

struct native_reading {
    struct import *im;
    const char *path;
    uint64_t first_line; /* of the piece that is read now */
};

static int native_event(void *ctx, size_t index, struct event *e, struct mq_error *err)
{
    struct native_reading *r = ctx;
    /* Its line, as long as each event has one. */
    return import_event(r->im, e, r->first_line + index, err);
}

static int native_refused(void *ctx, const struct event_place *place, const struct mq_error *why,
                          struct mq_error *err)
{
    struct native_reading *r = ctx;
    struct bad_row bad = {.file = r->path, .line = place->line, .raw = place->raw, .why = why};
    return import_bad_row(r->im, &bad, err);
}

/* Whole lines, about CHUNK_BYTES of them. */
static struct str next_chunk(struct str *rest)
{
    size_t n = rest->n;
    if (n > CHUNK_BYTES) {
        const char *end = memchr(rest->p + CHUNK_BYTES, '\n', rest->n - CHUNK_BYTES);
        n = end ? (size_t)(end - rest->p) + 1 : rest->n;
    }
    struct str chunk = {rest->p, n};
    rest->p += n;
    rest->n -= n;
    return chunk;
}

/* Lines of one event each, unless an array begins here, or an object over several lines. */
static bool is_lines(struct str bytes)
{
    struct str s = str_trim(bytes);
    if (s.n == 0 || s.p[0] != '{')
        return false;
    const char *end = memchr(s.p, '\n', s.n);
    return str_trim((struct str){s.p, end ? (size_t)(end - s.p) : s.n}).n > 1;
}

static uint64_t lines_in(struct str s)
{
    uint64_t n = 0;
    for (const char *p = s.p; (p = memchr(p, '\n', (size_t)(s.p + s.n - p))); p++)
        n++;
    return n;
}

/* Reads whole lines, the first of which is `first_line` of the file; or all of the file when it is not of lines. */
typedef int chunk_fn(void *ctx, struct str chunk, bool lines, uint64_t first_line,
                     const struct event_sink *sink, struct mq_error *err);

static int read_chunks(struct import *im, const char *path, chunk_fn *read, void *ctx,
                       struct str bytes, struct mq_error *err)
{
    struct native_reading r = {im, path, 1};
    struct event_sink sink = {.ctx = &r, .event = native_event, .refused = native_refused};
    /* An array or an indented object is one body; lines are read piece by piece. */
    bool lines = is_lines(bytes);
    int rc = 0;
    while (rc == 0 && bytes.n > 0) {
        struct str chunk = lines ? next_chunk(&bytes) : bytes;
        if (!lines)
            bytes.n = 0;
        if (str_trim(chunk).n > 0)
            rc = read(ctx, chunk, lines, r.first_line, &sink, err);
        r.first_line += lines_in(chunk);
        im->position += chunk.n;
        if (rc == 0)
            rc = import_progress(im, err);
    }
    return rc;
}

static int native_chunk(void *ctx, struct str chunk, bool lines, uint64_t first_line,
                        const struct event_sink *sink, struct mq_error *err)
{
    struct native_options o = {.form = lines ? NATIVE_LINES : NATIVE_ANY,
                               .source = STR("import"),
                               .archived = true,
                               .now_ms = clock_wall_ms(),
                               .first_line = first_line};
    return native_parse(ctx, chunk, &o, sink, err);
}

int import_native(struct import *im, const char *path, struct mq_error *err)
{
    struct file_map map;
    struct native_parser *parser;
    int rc = open_file(im, path, &map, err);
    if (rc)
        return rc;
    rc = native_parser_new(&parser, err);
    if (rc == 0) {
        rc = read_chunks(im, path, native_chunk, parser, (struct str){map.p, map.n}, err);
        native_parser_free(parser);
    }
    file_map_close(&map);
    return rc;
}

/* ---------------------------------------------------------------- Segment's calls */

static int segment_chunk(void *ctx, struct str chunk, bool lines, uint64_t first_line,
                         const struct event_sink *sink, struct mq_error *err)
{
    struct segment_file_options o = {
        .lines = lines, .now_ms = clock_wall_ms(), .first_line = first_line, .arena = ctx};
    return segment_read_file(chunk, &o, sink, err);
}

int import_segment(struct import *im, const char *path, struct mq_error *err)
{
    struct file_map map;
    struct arena arena;
    int rc = open_file(im, path, &map, err);
    if (rc)
        return rc;
    if (arena_init(&arena, 1 << 20, (size_t)64 << 20) == 0) {
        rc = read_chunks(im, path, segment_chunk, &arena, (struct str){map.p, map.n}, err);
        arena_release(&arena);
    } else {
        rc = mq_fail(err, MQ_NO_MEMORY, "import: no memory");
    }
    file_map_close(&map);
    return rc;
}

/* ---------------------------------------------------------------- tables */

static int reject_row(struct import *im, const char *path, const struct interaction_row *row,
                      const struct mq_error *why, struct mq_error *err)
{
    struct bad_row bad = {.file = path, .line = row->line, .raw = row->raw, .why = why};
    return import_bad_row(im, &bad, err);
}

static int read_rows(struct import *im, struct interactions *t, const char *path, float scale,
                     struct mq_error *err)
{
    int64_t now = clock_wall_ms();
    for (;;) {
        struct interaction_row row;
        struct mq_error why;
        struct event e;
        int rc = interactions_next(t, &row, &why);
        if (rc == 0)
            return 0;
        if (rc < 0 && rc != MQ_INVALID) {
            *err = why;
            return rc;
        }
        if (rc > 0) {
            interactions_event(&row, scale, &e);
            rc = interactions_in_scale(&row, scale, &why);
            rc = rc ? rc : event_check(&e, now, &why);
        }
        rc = rc < 0 ? reject_row(im, path, &row, &why, err) : import_event(im, &e, row.line, err);
        if (rc)
            return rc;
        im->position = interactions_position(t);
    }
}

int import_table(struct import *im, const char *path, struct mq_error *err)
{
    struct file_map map;
    struct interactions *t;
    int rc = open_file(im, path, &map, err);
    if (rc)
        return rc;
    struct interactions_options o = {.map = im->what->map};
    struct str bytes = {map.p, map.n};
    float scale = 5;
    rc = interactions_scale(path, bytes, &o, &scale, err);
    if (rc == 0)
        rc = interactions_over(&t, path, bytes, &o, err);
    if (rc == 0) {
        rc = read_rows(im, t, path, scale, err);
        interactions_free(t);
    }
    file_map_close(&map);
    return rc;
}

/* ---------------------------------------------------------------- MovieLens */

static int movielens_title(void *ctx, const struct title *t, const char *file, uint64_t line,
                           struct mq_error *err)
{
    struct import *im = ctx;
    (void)line;
    im->file = file;
    return import_title(im, t, err);
}

static int movielens_rating(void *ctx, struct event *e, const char *file, uint64_t line,
                            struct mq_error *err)
{
    struct import *im = ctx;
    im->file = file;
    return import_event(im, e, line, err);
}

static int movielens_progress(void *ctx, const char *file, uint64_t done, uint64_t total,
                              struct mq_error *err)
{
    struct import *im = ctx;
    im->file = file;
    im->position = done;
    im->size = total;
    return import_progress(im, err);
}

int import_movielens(struct import *im, const char *path, struct mq_error *err)
{
    struct movielens_sink sink = {.ctx = im,
                                  .title = movielens_title,
                                  .rating = movielens_rating,
                                  .bad = import_bad_row,
                                  .progress = movielens_progress};
    int rc = movielens_read(path, clock_wall_ms(), &sink, err);
    im->file = path; /* the reader's own names end with it */
    return rc;
}
