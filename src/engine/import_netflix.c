/* import_netflix.c - a Netflix personal export -> the batch. Its titles have no ids: where exactly one title of the
 * catalogue has the name, that is the one. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/hash.h"
#include "engine/importing.h"
#include "wire/netflix.h"

/* A name and whose it is; name == 0 never occurs. */
struct name_entry {
    uint64_t name; /* hash of the comparable form */
    uint32_t title;
};

struct netflix_import {
    struct import *im;
    struct catalogue *catalogue;
    struct name_entry *names; /* (n) by name */
    size_t n;
};

enum { COMPARABLE_MAX = 2 * TITLE_NAME_MAX };

static uint64_t name_hash(struct str name)
{
    char comparable[COMPARABLE_MAX];
    size_t n = name_normalise(name, comparable, sizeof(comparable));
    return n > 0 ? hash64(comparable, n, 0) : 0;
}

static int by_name(const void *x, const void *y)
{
    const struct name_entry *a = x, *b = y;
    if (a->name != b->name)
        return a->name < b->name ? -1 : 1;
    return (a->title > b->title) - (a->title < b->title);
}

static int index_names(struct netflix_import *n, struct mq_error *err)
{
    const struct catalogue *c = n->catalogue;
    n->names = malloc(((size_t)c->n_titles + 1) * sizeof(*n->names));
    if (!n->names)
        return mq_fail(err, MQ_NO_MEMORY, "import: no memory for %u names", c->n_titles);
    for (uint32_t i = 0; i < c->n_titles; i++) {
        const struct title_row *t = &c->titles[i];
        uint64_t name = t->described && t->kind != TITLE_EPISODE && t->kind != TITLE_SEASON
                            ? name_hash(t->name)
                            : 0;
        if (name)
            n->names[n->n++] = (struct name_entry){name, i};
    }
    qsort(n->names, n->n, sizeof(*n->names), by_name);
    return 0;
}

static bool is_ours(struct str id)
{
    return str_starts(id, STR("netflix:"));
}

/* Titles that an earlier export brought do not make a name ambiguous, and lose against the catalogue's own. */
static bool find_name(void *ctx, struct str name, struct str *ret_id)
{
    const struct netflix_import *n = ctx;
    uint64_t h = name_hash(name);
    size_t low = 0, high = n->n, found = 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (n->names[middle].name < h)
            low = middle + 1;
        else
            high = middle;
    }
    for (; h && low < n->n && n->names[low].name == h; low++) {
        struct str id = n->catalogue->titles[n->names[low].title].id;
        if (is_ours(id) || id.n == 0)
            continue;
        *ret_id = id;
        found++;
    }
    return found == 1;
}

static int put_title(void *ctx, const struct title *t, const char *file, uint64_t line,
                     struct mq_error *err)
{
    struct netflix_import *n = ctx;
    (void)line;
    n->im->file = file;
    return import_title(n->im, t, err);
}

static int put_event(void *ctx, struct event *e, const char *file, uint64_t line,
                     struct mq_error *err)
{
    struct netflix_import *n = ctx;
    n->im->file = file;
    return import_event(n->im, e, line, err);
}

static int put_bad(void *ctx, const struct bad_row *bad, struct mq_error *err)
{
    struct netflix_import *n = ctx;
    return import_bad_row(n->im, bad, err);
}

int import_netflix(struct import *im, const char *path, struct mq_error *err)
{
    struct netflix_import n = {.im = im};
    struct netflix_sink sink = {
        .ctx = &n, .find = find_name, .title = put_title, .event = put_event, .bad = put_bad};
    int rc = catalogue_from_store(im->engine->store, 0, &n.catalogue, err);
    if (rc)
        return rc;
    rc = index_names(&n, err);
    if (rc == 0)
        rc = netflix_read(path, clock_wall_ms(), &sink, err);
    im->file = path; /* the reader's own names end with it */
    free(n.names);
    catalogue_free(n.catalogue);
    return rc;
}
