/* import_films.c - what Trakt, TMDB, IMDb and Letterboxd hand to their users -> the batch. A title whose id is not known is the
 * catalogue's when exactly one there has its name, and its year (or the next one) where both tell one. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/hash.h"
#include "engine/importing.h"
#include "wire/film_export.h"

enum { COMPARABLE_MAX = 2 * TITLE_NAME_MAX, FILES_MAX = 256, VIEWER_BYTES = EVENT_ID_MAX + 1 };

struct name_entry {
    uint64_t name; /* hash of the comparable form, never 0 */
    uint32_t title;
};

struct film_import {
    struct import *im;
    struct catalogue *catalogue;
    struct name_entry *names; /* (n) by name */
    size_t n;
    /* Letterboxd's folder says some things twice: a rating in the diary stands in ratings.csv as well, and what is in the
     * diary is in watched.csv. */
    uint64_t *diary; /* (n_diary) hashes of the titles in it */
    size_t n_diary, cap_diary;
    enum { ALL, DIARY, WATCHED } now;
};

static uint64_t name_hash(struct str name)
{
    char comparable[COMPARABLE_MAX];
    size_t n = name_normalise(name, comparable, sizeof(comparable));
    return n > 0 ? hash64(comparable, n, 0) | 1 : 0;
}

static int by_name(const void *x, const void *y)
{
    const struct name_entry *a = x;
    const struct name_entry *b = y;
    if (a->name != b->name)
        return a->name < b->name ? -1 : 1;
    return (a->title > b->title) - (a->title < b->title);
}

static int index_names(struct film_import *f, struct mq_error *err)
{
    const struct catalogue *c = f->catalogue;
    f->names = malloc(((size_t)c->n_titles + 1) * sizeof(*f->names));
    if (!f->names)
        return mq_fail(err, MQ_NO_MEMORY, "import: no memory for %u names", c->n_titles);
    for (uint32_t i = 0; i < c->n_titles; i++) {
        const struct title_row *t = &c->titles[i];
        uint64_t name = t->described && t->id.n > 0 ? name_hash(t->name) : 0;
        if (name)
            f->names[f->n++] = (struct name_entry){name, i};
    }
    qsort(f->names, f->n, sizeof(*f->names), by_name);
    return 0;
}

static bool alike(const struct title_row *a, const struct title *b)
{
    bool part = a->kind == TITLE_EPISODE || a->kind == TITLE_SEASON;
    bool other_part = b->kind == TITLE_EPISODE || b->kind == TITLE_SEASON;
    if (part != other_part)
        return false;
    if (part)
        return a->season == b->season && a->episode == b->episode &&
               name_hash(a->series) == name_hash(b->series);
    return a->year == 0 || b->year == 0 || abs(a->year - b->year) <= 1;
}

static bool find(void *ctx, const struct title *t, struct str *ret_id)
{
    const struct film_import *f = ctx;
    const struct catalogue *c = f->catalogue;
    uint32_t id = intern_find(store_names(f->im->engine->store, NAME_TITLE), t->id);
    if (id != INTERN_NONE && id < c->n_titles && c->titles[id].described) {
        *ret_id = t->id;
        return true;
    }
    uint64_t h = name_hash(t->name);
    size_t low = 0;
    size_t high = f->n;
    size_t found = 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (f->names[middle].name < h)
            low = middle + 1;
        else
            high = middle;
    }
    for (; h && low < f->n && f->names[low].name == h; low++) {
        const struct title_row *row = &c->titles[f->names[low].title];
        if (!alike(row, t))
            continue;
        *ret_id = row->id;
        found++;
    }
    return found == 1;
}

static int put_title(void *ctx, const struct title *t, uint64_t line, struct mq_error *err)
{
    struct film_import *f = ctx;
    (void)line;
    return import_title(f->im, t, err);
}

static int by_hash(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static int note_diary(struct film_import *f, uint64_t title, struct mq_error *err)
{
    if (f->n_diary == f->cap_diary) {
        size_t cap = f->cap_diary ? f->cap_diary * 2 : 256;
        uint64_t *p = realloc(f->diary, cap * sizeof(*p));
        if (!p)
            return mq_fail(err, MQ_NO_MEMORY, "import: no memory for the diary");
        f->diary = p;
        f->cap_diary = cap;
    }
    f->diary[f->n_diary++] = title;
    return 0;
}

static int put_event(void *ctx, struct event *e, uint64_t line, struct mq_error *err)
{
    struct film_import *f = ctx;
    uint64_t title = hash_str(e->title, 0);
    int rc = 0;
    if (f->now == DIARY && e->kind == EVENT_RATING)
        return 0;
    if (f->now == DIARY && e->kind == EVENT_COMPLETE)
        rc = note_diary(f, title, err);
    if (f->now == WATCHED && f->n_diary > 0 &&
        bsearch(&title, f->diary, f->n_diary, sizeof(title), by_hash))
        return 0;
    return rc ? rc : import_event(f->im, e, line, err);
}

static int put_bad(void *ctx, const struct bad_row *bad, struct mq_error *err)
{
    struct film_import *f = ctx;
    return import_bad_row(f->im, bad, err);
}

/* ---------------------------------------------------------------- whose it is */

/* "viewer=ID" of --map; "letterboxd-NAME-2024-05-31-..." of a folder; else the site. */
static int viewer_of(const struct import *im, const char *path, enum film_site site,
                     char ret[VIEWER_BYTES], struct mq_error *err)
{
    const char *map = im->what->map;
    const char *at = strrchr(path, '/');
    if (map && strncmp(map, "viewer=", 7) == 0 && map[7] && strlen(map + 7) < VIEWER_BYTES) {
        snprintf(ret, VIEWER_BYTES, "%s", map + 7);
        return 0;
    }
    if (map && map[0])
        return mq_fail(err, MQ_INVALID,
                       "map: %.60s: here it says whose export it is: give viewer=ID", map);
    at = at ? at + 1 : path;
    const char *end = strncmp(at, "letterboxd-", 11) == 0 ? strchr(at + 11, '-') : NULL;
    if (site == SITE_LETTERBOXD && end && end > at + 11 && end - at - 11 < VIEWER_BYTES)
        snprintf(ret, VIEWER_BYTES, "%.*s", (int)(end - at - 11), at + 11);
    else
        snprintf(ret, VIEWER_BYTES, "%s", film_site_name(site));
    return 0;
}

/* ---------------------------------------------------------------- files */

static int read_file(struct film_import *f, const char *path, enum film_site site,
                     const char *viewer, struct mq_error *err)
{
    struct film_sink sink = {f, find, put_title, put_event, put_bad};
    struct file_map map;
    int rc = file_map_open(path, &map, err);
    if (rc)
        return rc;
    f->im->size = map.n;
    f->im->position = 0;
    rc = import_progress(f->im, err);
    if (rc == 0)
        rc = film_export_read(path, (struct str){map.p, map.n}, site, str_of(viewer),
                              clock_wall_ms(), &sink, err);
    file_map_close(&map);
    return rc;
}

/* Of an export's folder: what says the same as another file of it (reviews of the diary) or nothing of titles is passed
 * over. */
static const char *const files[FILM_SITES][8] = {
    [SITE_TRAKT] = {NULL},
    [SITE_LETTERBOXD] = {"ratings.csv", "diary.csv", "watched.csv", "watchlist.csv",
                         "likes/films.csv", NULL},
    [SITE_IMDB] = {"ratings.csv", "watchlist.csv", "WATCHLIST.csv", NULL},
    [SITE_TMDB] = {"ratings.csv", "watchlist.csv", "favorites.csv", "ratings.json",
                   "watchlist.json", "favorites.json", NULL},
};

/* Trakt cuts long lists: history.json, history-1.json, watched-history-2.json ... */
static bool is_trakt(const char *name)
{
    static const char *const beginnings[] = {"history", "watched-history", "ratings", "watchlist",
                                             "lists-watchlist"};
    size_t n = strlen(name);
    if (n < 6 || strcmp(name + n - 5, ".json") != 0)
        return false;
    for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
        if (strncmp(name, beginnings[i], strlen(beginnings[i])) == 0)
            return true;
    return false;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names of the folder's files to read, in an order that does not depend on the disk. */
static size_t trakt_files(const char *path, char *ret[FILES_MAX])
{
    size_t n = 0;
    DIR *d = opendir(path);
    for (struct dirent *e = d ? readdir(d) : NULL; e && n < FILES_MAX; e = readdir(d))
        if (is_trakt(e->d_name) && (ret[n] = strdup(e->d_name)))
            n++;
    if (d)
        closedir(d);
    if (n > 1)
        qsort(ret, n, sizeof(*ret), by_text);
    return n;
}

static int read_named(struct film_import *f, const char *folder, const char *name,
                      enum film_site site, const char *viewer, size_t *found, struct mq_error *err)
{
    enum { PATH_BYTES = 4096 };
    char path[PATH_BYTES];
    int n = snprintf(path, sizeof(path), "%s/%s", folder, name);
    if (n < 0 || n >= PATH_BYTES || !file_exists(path))
        return 0;
    (*found)++;
    f->im->file = path;
    int rc = read_file(f, path, site, viewer, err);
    /* Events stand in the batch with their own text; the name must not. */
    f->im->file = folder;
    return rc;
}

static int read_folder(struct film_import *f, const char *path, enum film_site site,
                       const char *viewer, struct mq_error *err)
{
    char *names[FILES_MAX];
    size_t n = site == SITE_TRAKT ? trakt_files(path, names) : 0;
    size_t found = 0;
    int rc = 0;
    for (size_t i = 0; i < n; i++) {
        if (rc == 0)
            rc = read_named(f, path, names[i], site, viewer, &found, err);
        free(names[i]);
    }
    for (const char *const *name = files[site]; rc == 0 && *name; name++) {
        bool letterboxd = site == SITE_LETTERBOXD;
        f->now = letterboxd && strcmp(*name, "diary.csv") == 0 && found > 0 ? DIARY
                 : letterboxd && strcmp(*name, "watched.csv") == 0          ? WATCHED
                                                                            : ALL;
        if (f->now == WATCHED && f->n_diary > 1)
            qsort(f->diary, f->n_diary, sizeof(*f->diary), by_hash);
        rc = read_named(f, path, *name, site, viewer, &found, err);
    }
    if (rc == 0 && found == 0)
        rc =
            mq_fail(err, MQ_INVALID, "%s: has no file of a %s export: docs/importing.md names them",
                    path, film_site_name(site));
    return rc;
}

static int import_site(struct import *im, const char *path, enum film_site site,
                       struct mq_error *err)
{
    struct film_import f = {.im = im};
    char viewer[VIEWER_BYTES];
    int rc = viewer_of(im, path, site, viewer, err);
    if (rc == 0)
        rc = catalogue_from_store(im->engine->store, 0, &f.catalogue, err);
    if (rc)
        return rc;
    rc = index_names(&f, err);
    if (rc == 0)
        rc = file_is_dir(path) ? read_folder(&f, path, site, viewer, err)
                               : read_file(&f, path, site, viewer, err);
    free(f.names);
    free(f.diary);
    catalogue_free(f.catalogue);
    return rc;
}

int import_trakt(struct import *im, const char *path, struct mq_error *err)
{
    return import_site(im, path, SITE_TRAKT, err);
}

int import_tmdb(struct import *im, const char *path, struct mq_error *err)
{
    return import_site(im, path, SITE_TMDB, err);
}

int import_imdb(struct import *im, const char *path, struct mq_error *err)
{
    return import_site(im, path, SITE_IMDB, err);
}

int import_letterboxd(struct import *im, const char *path, struct mq_error *err)
{
    return import_site(im, path, SITE_LETTERBOXD, err);
}
