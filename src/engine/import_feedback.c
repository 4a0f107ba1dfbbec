/* import_feedback.c - bulk tables of Amazon Personalize and Gorse, and Gorse's feedback as JSON -> the batch. */
#include "base/clock.h"
#include "engine/importing.h"
#include "wire/event_sink.h"
#include "wire/feedback_table.h"
#include "wire/gorse.h"

static int put_event(void *ctx, struct event *e, uint64_t line, struct mq_error *err)
{
    return import_event(ctx, e, line, err);
}

static int put_title(void *ctx, const struct title *t, uint64_t line, struct mq_error *err)
{
    (void)line;
    return import_title(ctx, t, err);
}

static int put_json(void *ctx, size_t index, struct event *e, struct mq_error *err)
{
    e->archived = true;
    return import_event(ctx, e, index + 1, err);
}

static int refuse_json(void *ctx, const struct event_place *place, const struct mq_error *why,
                       struct mq_error *err)
{
    struct import *im = ctx;
    struct bad_row bad = {.file = im->file, .line = place->line, .raw = place->raw, .why = why};
    return import_bad_row(im, &bad, err);
}

static int read_json(struct import *im, struct str bytes, struct mq_error *err)
{
    struct event_sink sink = {im, put_json, refuse_json, NULL};
    struct arena arena;
    if (arena_init(&arena, 1 << 20, (size_t)1 << 30) != 0)
        return mq_fail(err, MQ_NO_MEMORY, "import: no memory");
    int rc = gorse_read_events(bytes, GORSE_FEEDBACK, clock_wall_ms(), &arena, &sink, err);
    arena_release(&arena);
    return rc;
}

static int read_file(struct import *im, const char *path, enum feedback_form form,
                     struct mq_error *err)
{
    struct feedback_sink sink = {im, put_event, put_title, import_bad_row};
    struct file_map map;
    if (file_is_dir(path))
        return mq_fail(err, MQ_INVALID, "%s: is a folder: give the file itself", path);
    int rc = file_map_open(path, &map, err);
    if (rc)
        return rc;
    struct str bytes = {map.p, map.n}, text = str_trim(bytes);
    im->size = map.n;
    if (text.n == 0)
        rc = mq_fail(err, MQ_INVALID, "%s: is empty: nothing to import", path);
    else if (form == FEEDBACK_GORSE && (text.p[0] == '[' || text.p[0] == '{'))
        rc = read_json(im, bytes, err);
    else
        rc = feedback_table_read(path, bytes, form, clock_wall_ms(), &sink, err);
    file_map_close(&map);
    return rc;
}

int import_personalize(struct import *im, const char *path, struct mq_error *err)
{
    return read_file(im, path, FEEDBACK_PERSONALIZE, err);
}

int import_gorse(struct import *im, const char *path, struct mq_error *err)
{
    return read_file(im, path, FEEDBACK_GORSE, err);
}
