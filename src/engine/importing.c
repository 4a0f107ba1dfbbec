/* importing.c - mq_import: formats by name, batches, the report. */
#include "engine/importing.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"

enum { ARENA_BLOCK = 1 << 20 };
static const size_t batch_text = (size_t)1 << 30;

static const struct {
    const char *name;
    int (*read)(struct import *im, const char *path, struct mq_error *err);
} formats[] = {
    {"movielens", import_movielens},
    {"viewers", import_viewers},
    {"titles", import_titles},
    {"credits", import_credits_file},
    {"events", import_native},
    {"table", import_table},
    {"segment", import_segment},
    {"netflix-export", import_netflix},
    {"personalize", import_personalize},
    {"gorse", import_gorse},
    {"trakt", import_trakt},
    {"tmdb", import_tmdb},
    {"imdb", import_imdb},
    {"letterboxd", import_letterboxd},
};

/* ---------------------------------------------------------------- reports */

static void example(char to[256], const char *file, uint64_t line, const char *text)
{
    struct buf b;
    buf_over(&b, to, 255); /* what does not fit is cut piece by piece */
    buf_add_z(&b, file);
    buf_add_char(&b, ':');
    buf_add_u64(&b, line);
    buf_add_z(&b, ": ");
    size_t left = 255 - b.n;
    size_t n = strlen(text);
    buf_add(&b, text, n < left ? n : left);
    to[b.n] = '\0';
}

int import_bad_row(void *ctx, const struct bad_row *bad, struct mq_error *err)
{
    struct import *im = ctx;
    im->report.read++;
    im->report.rejected++;
    if (im->n_rejected < MQ_EXAMPLES)
        example(im->report.first_rejected[im->n_rejected++], bad->file, bad->line, bad->why->text);
    if (im->rejects) {
        size_t n = bad->raw.n < 65536 ? bad->raw.n : 65536;
        fprintf(im->rejects, "%s:%llu: %s\t%.*s\n", bad->file, (unsigned long long)bad->line,
                bad->why->text, (int)n, n ? bad->raw.p : "");
    }
    if (im->what->strict)
        return bad_row_fail(bad, err);
    return 0;
}

static void unmatched(struct import *im, const char *file, uint64_t rows, uint64_t line,
                      struct str title)
{
    char text[200];
    im->report.unmatched += rows;
    if (im->n_unmatched == MQ_EXAMPLES)
        return;
    snprintf(text, sizeof(text), "title %.*s: no titles table describes it",
             (int)(title.n < 80 ? title.n : 80), title.n ? title.p : "");
    example(im->report.first_unmatched[im->n_unmatched++], file, line, text);
}

int import_progress(struct import *im, struct mq_error *err)
{
    const struct mq_import *w = im->what;
    const char *slash = strrchr(im->file, '/');
    if (w->progress &&
        !w->progress(w->progress_ctx, slash ? slash + 1 : im->file, im->position, im->size))
        return mq_fail(err, MQ_CANCELLED, "import: stopped: what was written stays");
    return 0;
}

/* ---------------------------------------------------------------- events */

static int count_title(struct import *im, struct title_id id, uint64_t line, struct mq_error *err)
{
    if (id.v == ID_NONE)
        return 0;
    if (id.v >= im->seen_cap) {
        uint32_t cap = im->seen_cap ? im->seen_cap : 4096;
        while (cap <= id.v)
            cap *= 2;
        uint32_t *seen = realloc(im->seen, cap * sizeof(*seen));
        if (seen)
            im->seen = seen;
        uint64_t *seen_line = realloc(im->seen_line, cap * sizeof(*seen_line));
        if (seen_line)
            im->seen_line = seen_line;
        uint32_t *seen_path = realloc(im->seen_path, cap * sizeof(*seen_path));
        if (seen_path)
            im->seen_path = seen_path;
        if (!seen || !seen_line || !seen_path)
            return mq_fail(err, MQ_NO_MEMORY, "import: %u titles: no memory", cap);
        memset(seen + im->seen_cap, 0, (cap - im->seen_cap) * sizeof(*seen));
        im->seen_cap = cap;
    }
    if (im->seen[id.v]++ == 0) {
        im->seen_line[id.v] = line;
        im->seen_path[id.v] = im->path;
    }
    return 0;
}

static int flush_events(struct import *im, struct mq_error *err)
{
    int rc =
        committer_append(im->engine->committer, im->events, im->n_events, im->outcome, false, err);
    for (size_t i = 0; rc == 0 && i < im->n_events; i++) {
        if (im->outcome[i] == APPEND_ADDED)
            im->report.added++;
        else
            im->report.duplicates++;
        rc = count_title(im, im->events[i].title_id, im->line[i], err);
    }
    im->n_events = 0;
    return rc;
}

/* Text of a batch lives in the arena until the batch is written. */
static bool keep(struct arena *a, struct str *s)
{
    struct str copy = arena_str(a, *s);
    if (s->n > 0 && !copy.p)
        return false;
    *s = copy;
    return true;
}

static bool keep_event(struct arena *a, struct event *e)
{
    struct str *const texts[] = {
        &e->id,      &e->app,    &e->source,         &e->viewer,         &e->title,
        &e->session, &e->custom, &e->recommendation, &e->context.region, &e->context.mood,
        &e->query,   &e->chosen, &e->other,          &e->attributes};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (!keep(a, texts[i]))
            return false;
    }
    if (e->n_items > 0) {
        struct event_item *items = ARENA_ARRAY(a, e->n_items, struct event_item);
        if (!items)
            return false;
        memcpy(items, e->items, e->n_items * sizeof(*items));
        for (uint32_t i = 0; i < e->n_items; i++) {
            if (!keep(a, &items[i].title))
                return false;
        }
        e->items = items;
    }
    return true;
}

int import_event(struct import *im, const struct event *e, uint64_t line, struct mq_error *err)
{
    struct event *to = &im->events[im->n_events];
    im->report.read++;
    *to = *e;
    if (!keep_event(&im->arena, to))
        return mq_fail(err, MQ_NO_MEMORY, "import: no memory for a batch");
    im->line[im->n_events++] = line;
    if (im->n_events < IMPORT_BATCH_EVENTS)
        return 0;
    return import_flush(im, err);
}

/* ---------------------------------------------------------------- titles */

static bool keep_list(struct arena *a, const struct str **list, uint16_t n)
{
    struct str *copy = ARENA_ARRAY(a, n, struct str);
    if (n > 0 && !copy)
        return false;
    for (uint16_t i = 0; i < n; i++) {
        copy[i] = (*list)[i];
        if (!keep(a, &copy[i]))
            return false;
    }
    *list = copy;
    return true;
}

static bool keep_windows(struct arena *a, struct title *t)
{
    struct window *windows = ARENA_ARRAY(a, t->n_windows, struct window);
    if (t->n_windows > 0 && !windows)
        return false;
    for (uint16_t i = 0; i < t->n_windows; i++) {
        uint16_t n = t->windows[i].n_countries;
        country_code *codes = ARENA_ARRAY(a, n, country_code);
        if (n > 0 && !codes)
            return false;
        windows[i] = t->windows[i];
        if (n > 0)
            memcpy(codes, windows[i].countries, n * sizeof(*codes));
        windows[i].countries = codes;
    }
    t->windows = windows;
    return true;
}

static bool keep_title(struct arena *a, struct title *t)
{
    struct str *const texts[] = {&t->id,       &t->name,        &t->original_name, &t->language,
                                 &t->maturity, &t->description, &t->series,        &t->image};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (!keep(a, texts[i]))
            return false;
    }
    if (!keep_list(a, &t->genres, t->n_genres) || !keep_list(a, &t->tags, t->n_tags) ||
        !keep_list(a, &t->countries, t->n_countries) ||
        !keep_list(a, &t->pictures, t->n_pictures) || !keep_windows(a, t))
        return false;
    struct credit *credits = ARENA_ARRAY(a, t->n_credits, struct credit);
    if (t->n_credits > 0 && !credits)
        return false;
    for (uint32_t i = 0; i < t->n_credits; i++) {
        credits[i] = t->credits[i];
        if (!keep(a, &credits[i].person) || !keep(a, &credits[i].person_key))
            return false;
    }
    t->credits = credits;
    return true;
}

static int flush_titles(struct import *im, struct mq_error *err)
{
    size_t changed = 0;
    int rc = engine_put_titles_later(im->engine, im->titles, im->n_titles, &changed, err);
    if (rc == 0) {
        im->report.added += changed;
        im->report.duplicates += im->n_titles - changed;
    }
    im->n_titles = 0;
    return rc;
}

static int keep_for_batch(struct import *im, const struct title *t, struct mq_error *err)
{
    im->titles[im->n_titles] = *t;
    if (!keep_title(&im->arena, &im->titles[im->n_titles]))
        return mq_fail(err, MQ_NO_MEMORY, "import: no memory for a batch");
    im->n_titles++;
    return 0;
}

int import_title(struct import *im, const struct title *t, struct mq_error *err)
{
    im->report.read++;
    int rc = keep_for_batch(im, t, err);
    if (rc == 0 && im->n_titles == IMPORT_BATCH_TITLES)
        rc = import_flush(im, err);
    return rc;
}

/* ---------------------------------------------------------------- credits */

static bool same_person(const struct credit *stored, const struct credit *sent)
{
    return sent->person.n == 0 || str_eq(stored->person, sent->person);
}

static bool same_credits(const struct title *stored, const struct title *sent)
{
    if (stored->n_credits != sent->n_credits)
        return false;
    for (uint32_t i = 0; i < sent->n_credits; i++) {
        const struct credit *a = &stored->credits[i];
        const struct credit *b = &sent->credits[i];
        if (a->role != b->role || a->billing != b->billing || !same_person(a, b))
            return false;
    }
    return true;
}

/* Credits are counted by the rows they stood in; a title's are replaced whole. */
int import_credits(struct import *im, const struct title *t, uint64_t rows, uint64_t line,
                   struct mq_error *err)
{
    struct arena arena;
    struct title stored;
    im->report.read += rows;
    if (arena_init(&arena, ARENA_BLOCK / 16, batch_text) != 0)
        return mq_fail(err, MQ_NO_MEMORY, "import: no memory");
    int rc = engine_get_title(im->engine, t->id, &arena, &stored, err);
    bool described = rc == 0 && stored.name.n > 0;
    bool same = rc == 0 && same_credits(&stored, t);
    arena_release(&arena);
    if (rc != 0 && rc != MQ_NOT_FOUND)
        return rc;
    if (!described)
        unmatched(im, im->file, rows, line, t->id);
    if (same) {
        im->report.duplicates += rows;
        return 0;
    }
    im->report.added += rows;
    rc = keep_for_batch(im, t, err);
    if (rc == 0 && im->n_titles == IMPORT_BATCH_TITLES) {
        struct mq_import_report before = im->report;
        rc = import_flush(im, err);
        im->report.added = before.added; /* counted by rows above */
        im->report.duplicates = before.duplicates;
    }
    return rc;
}

int import_flush(struct import *im, struct mq_error *err)
{
    int rc = 0;
    if (im->n_titles > 0)
        rc = flush_titles(im, err);
    if (rc == 0 && im->n_events > 0)
        rc = flush_events(im, err);
    arena_reset(&im->arena);
    return rc ? rc : import_progress(im, err);
}

/* ---------------------------------------------------------------- the whole */

/* Ratings and events of titles that nothing describes, known only now that all files were read. */
static void report_unmatched_events(struct import *im)
{
    const struct store *s = im->engine->store;
    struct arena arena;
    struct mq_error err;
    if (im->seen_cap == 0 || arena_init(&arena, ARENA_BLOCK / 16, batch_text) != 0)
        return;
    for (uint32_t id = 0; id < im->seen_cap; id++) {
        struct title t;
        if (im->seen[id] == 0)
            continue;
        int rc = store_get_title(s, (struct title_id){id}, 0, &arena, &t, &err);
        if (rc != 0 || t.name.n == 0)
            unmatched(im, im->what->paths[im->seen_path[id]], im->seen[id], im->seen_line[id],
                      intern_name(store_names(s, NAME_TITLE), id));
        arena_reset(&arena);
    }
    arena_release(&arena);
}

static int begin(struct import *im, struct mq_error *err)
{
    im->events = malloc(IMPORT_BATCH_EVENTS * sizeof(*im->events));
    im->outcome = malloc(IMPORT_BATCH_EVENTS);
    im->line = malloc(IMPORT_BATCH_EVENTS * sizeof(*im->line));
    im->titles = malloc(IMPORT_BATCH_TITLES * sizeof(*im->titles));
    if (!im->events || !im->outcome || !im->line || !im->titles ||
        arena_init(&im->arena, ARENA_BLOCK, batch_text) != 0)
        return mq_fail(err, MQ_NO_MEMORY, "import: no memory");
    if (im->what->rejects) {
        im->rejects = fopen(im->what->rejects, "we");
        if (!im->rejects)
            return mq_fail_errno(err, errno, "rejects: %s: cannot be written", im->what->rejects);
    }
    return 0;
}

static int end(struct import *im, int rc, struct mq_error *err)
{
    if (im->rejects) {
        bool failed = ferror(im->rejects) != 0;
        failed = fclose(im->rejects) != 0 || failed;
        if (rc == 0 && failed)
            rc = mq_fail(err, MQ_IO, "rejects: %s: could not be written whole", im->what->rejects);
    }
    free(im->events);
    free(im->outcome);
    free(im->line);
    free(im->titles);
    free(im->seen);
    free(im->seen_line);
    free(im->seen_path);
    arena_release(&im->arena);
    return rc;
}

/* A strict import ended at a refused row, whose error is in err. */
static bool stopped_at_row(const struct import *im, int rc)
{
    return im->what->strict && im->report.rejected > 0 && rc == MQ_INVALID;
}

/* The rows before it stay. */
static int flush_rest(struct import *im, int rc, struct mq_error *err)
{
    struct mq_error writing;
    int flushed = import_flush(im, &writing);
    if (flushed == 0)
        return rc;
    *err = writing;
    return flushed;
}

static int read_paths(struct import *im,
                      int (*read)(struct import *, const char *, struct mq_error *),
                      struct mq_error *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < im->what->n_paths; i++) {
        im->file = im->what->paths[i];
        im->path = (uint32_t)i;
        im->position = im->size = 0;
        rc = read(im, im->what->paths[i], err);
        if (rc == 0)
            rc = import_flush(im, err);
        else if (stopped_at_row(im, rc))
            rc = flush_rest(im, rc, err);
    }
    /* Whole batches stay also after a failure, so what is served must know them. */
    struct mq_error refreshing;
    int refreshed = engine_refresh(im->engine, &refreshing);
    if (rc == 0 && refreshed != 0) {
        *err = refreshing;
        rc = refreshed;
    }
    return rc;
}

static int no_such_format(const char *format, struct mq_error *err)
{
    char names[512];
    struct buf b;
    buf_over(&b, names, sizeof(names) - 1);
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        buf_add_z(&b, i ? ", " : "");
        buf_add_z(&b, formats[i].name);
    }
    names[b.n] = '\0';
    return mq_fail(err, MQ_INVALID, "format: %s: is none of %s", format ? format : "none given",
                   names);
}

int mq_import(struct mq_engine *e, const struct mq_import *what, struct mq_import_report *ret,
              struct mq_error *err)
{
    int (*read)(struct import *, const char *, struct mq_error *) = NULL;
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        if (what->format && strcmp(what->format, formats[i].name) == 0)
            read = formats[i].read;
    }
    if (!read)
        return no_such_format(what->format, err);
    struct mq_error unused;
    int64_t started = clock_mono_ns();
    struct import *im = calloc(1, sizeof(*im));
    if (!im)
        return mq_fail(err, MQ_NO_MEMORY, "import: no memory");
    im->engine = e;
    im->what = what;
    im->file = "";
    int rc = begin(im, err ? err : &unused);
    if (rc == 0)
        rc = read_paths(im, read, err ? err : &unused);
    if (rc == 0)
        report_unmatched_events(im);
    im->report.seconds = (double)(clock_mono_ns() - started) / 1e9;
    rc = end(im, rc, err ? err : &unused);
    if (rc == 0)
        *ret = im->report;
    free(im);
    return rc;
}
