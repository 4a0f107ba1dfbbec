/* movielens.c - which files are there, and each kind of file row by row. */
#include "wire/movielens.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "list_text.h"
#include "tag_heap.h"
#include "wire/film_name.h"
#include "wire/interactions.h"
#include "wire/when.h"

enum part { PART_TAGS, PART_TITLES, PART_RATINGS, PARTS };

/* Read in this order, so that a title comes with its tags and before its ratings. */
static const char *const part_files[PARTS][4] = {
    [PART_TAGS] = {"tags.csv", "tags.dat", NULL},
    [PART_TITLES] = {"movies.csv", "movies.dat", "u.item", NULL},
    [PART_RATINGS] = {"ratings.csv", "ratings.dat", "u.data", NULL},
};

enum { PROGRESS_EVERY = 4096 };

struct reading {
    const struct movielens_sink *sink;
    int64_t now_ms;
    struct tag_heap *tags;
    uint8_t *tagged;    /* per title of `tags`: it came out with a title */
    struct arena arena; /* of one title */
};

/* ------------------------------------------------------------------ reporting */

static int bad(const struct reading *r, const char *file, uint64_t line, struct str raw,
               const struct mq_error *why, struct mq_error *err)
{
    /* What is not the row's fault ends the reading. */
    if (why->status == MQ_NO_MEMORY || why->status == MQ_IO)
        return mq_fail(err, why->status, "%s", why->text);
    struct bad_row row = {file, line, raw, why};
    return r->sink->bad(r->sink->ctx, &row, err);
}

static int progress(const struct reading *r, const char *file, uint64_t row, uint64_t done,
                    uint64_t total, struct mq_error *err)
{
    if (!r->sink->progress || row % PROGRESS_EVERY != 0)
        return 0;
    return r->sink->progress(r->sink->ctx, file, done, total, err);
}

/* ------------------------------------------------------------------ ratings */

static int read_ratings(struct reading *r, const char *name, struct str bytes, struct mq_error *err)
{
    struct interactions *t;
    struct interaction_row row;
    struct mq_error why;
    struct event e;
    int rc = interactions_over(&t, name, bytes, NULL, err), next;
    if (rc != 0)
        return rc;
    if (!interactions_have_value(t))
        rc = mq_fail(err, MQ_INVALID, "%s: no ratings: a third column is needed", name);
    while (rc == 0 && (next = interactions_next(t, &row, &why)) != 0) {
        bool good = next == 1;
        if (good) {
            interactions_event(&row, 5, &e);
            good = event_check(&e, r->now_ms, &why) == 0;
        }
        rc = good ? r->sink->rating(r->sink->ctx, &e, name, row.line, err)
                  : bad(r, name, row.line, row.raw, &why, err);
        if (rc == 0)
            rc = progress(r, name, row.index + 1, interactions_position(t), bytes.n, err);
    }
    interactions_free(t);
    return rc;
}

/* ------------------------------------------------------------------ titles */

/* u.item's 19 flags, in their order. */
static const struct str flag_names[] = {
    {"unknown", 7},   {"Action", 6},   {"Adventure", 9},    {"Animation", 9}, {"Children's", 10},
    {"Comedy", 6},    {"Crime", 5},    {"Documentary", 11}, {"Drama", 5},     {"Fantasy", 7},
    {"Film-Noir", 9}, {"Horror", 6},   {"Musical", 7},      {"Mystery", 7},   {"Romance", 7},
    {"Sci-Fi", 6},    {"Thriller", 8}, {"War", 3},          {"Western", 7},
};
enum { FLAGS = sizeof flag_names / sizeof *flag_names, FIRST_FLAG = 5 };

static int item_facts(struct reading *r, const struct table_row *row, struct title *t,
                      struct mq_error *err)
{
    if (row->n != FIRST_FLAG + FLAGS)
        return mq_fail(err, MQ_INVALID, "row: %zu fields: u.item has %d", row->n,
                       FIRST_FLAG + FLAGS);
    int32_t day;
    struct str date = str_trim(row->field[2]);
    if (date.n > 0 && !when_day(date, &day))
        return mq_fail(err, MQ_INVALID, "release date: \"%.*s\": give one like 22-Nov-1995",
                       STR_ARG(date));
    if (date.n > 0 && !str_starts(date, STR("01-Jan")))
        t->release_day = day;
    struct str *genres = ARENA_ARRAY(&r->arena, FLAGS, struct str);
    if (!genres)
        return mq_fail(err, MQ_NO_MEMORY, "title: no memory: free some");
    for (int i = 1; i < FLAGS; i++)
        if (str_eq(row->field[FIRST_FLAG + i], STR("1")))
            genres[t->n_genres++] = flag_names[i];
    t->genres = genres;
    return 0;
}

static int movie_facts(struct reading *r, const struct table_row *row, struct title *t,
                       struct mq_error *err)
{
    struct text_list genres = {NULL, 0};
    if (row->n != 3)
        return mq_fail(err, MQ_INVALID, "row: %zu fields: id, title and genres are needed", row->n);
    if (!list_cut(row->field[2], '|', &r->arena, &genres))
        return mq_fail(err, MQ_NO_MEMORY, "title: no memory: free some");
    t->genres = genres.item;
    t->n_genres = genres.n;
    return 0;
}

static int add_tags(struct reading *r, struct title *t, struct mq_error *err)
{
    size_t at = r->tags ? tag_heap_find(r->tags, t->id) : SIZE_MAX;
    if (at == SIZE_MAX)
        return 0;
    struct str *tags = ARENA_ARRAY(&r->arena, MOVIELENS_TAGS, struct str);
    if (!tags)
        return mq_fail(err, MQ_NO_MEMORY, "tags: no memory: free some");
    t->n_tags = (uint16_t)tag_heap_top(r->tags, at, tags, MOVIELENS_TAGS);
    t->tags = tags;
    r->tagged[at] = 1;
    return 0;
}

static int read_title(struct reading *r, const struct table_row *row, bool is_item, struct title *t,
                      struct mq_error *err)
{
    title_init(t);
    int rc = is_item ? item_facts(r, row, t, err) : movie_facts(r, row, t, err);
    struct film_name name;
    if (rc != 0)
        return rc;
    if (!film_name_parse(row->field[1], &r->arena, &name))
        return mq_fail(err, MQ_NO_MEMORY, "title: no memory: free some");
    t->id = row->field[0];
    t->name = name.name;
    t->original_name = name.original_name;
    t->year = name.year;
    t->kind = TITLE_FILM;
    rc = add_tags(r, t, err);
    return rc == 0 ? title_check(t, err) : rc;
}

static int read_titles(struct reading *r, const char *name, struct str bytes, bool is_item,
                       struct mq_error *err)
{
    struct table_options how = {0};
    if (is_item)
        how = (struct table_options){.separator = "|", .header = TABLE_NO};
    struct table *table;
    struct table_row row;
    struct mq_error why;
    int rc = table_over(&table, name, bytes, &how, err), next;
    if (rc != 0)
        return rc;
    while (rc == 0 && (next = table_next(table, &row, &why)) != 0) {
        struct title t;
        arena_reset(&r->arena);
        bool good = next == 1 && read_title(r, &row, is_item, &t, &why) == 0;
        rc = good ? r->sink->title(r->sink->ctx, &t, name, row.line, err)
                  : bad(r, name, row.line, row.raw, &why, err);
        if (rc == 0)
            rc = progress(r, name, row.index + 1, table_position(table), bytes.n, err);
    }
    table_free(table);
    return rc;
}

/* ------------------------------------------------------------------ tags */

/* userId, movieId, tag, timestamp. */
static int read_tag(struct reading *r, const struct table_row *row, struct mq_error *err)
{
    if (row->n < 3)
        return mq_fail(err, MQ_INVALID, "row: %zu fields: user, movie and tag are needed", row->n);
    struct str title = row->field[1], tag = str_trim(row->field[2]);
    if (title.n == 0 || title.n > TITLE_ID_MAX)
        return mq_fail(err, MQ_INVALID, "movie: %zu bytes: give an id of 1 to %d", title.n,
                       TITLE_ID_MAX);
    if (str_has_control(tag))
        return mq_fail(err, MQ_INVALID, "tag: %.*s: holds control characters", STR_ARG(tag));
    return tag_heap_add(r->tags, title, tag, err);
}

static int read_tags(struct reading *r, const char *name, struct str bytes, struct mq_error *err)
{
    struct table *table;
    struct table_row row;
    struct mq_error why;
    int rc = table_over(&table, name, bytes, NULL, err), next;
    if (rc != 0)
        return rc;
    rc = tag_heap_new(MOVIELENS_TAGS_MAX, &r->tags, err);
    while (rc == 0 && (next = table_next(table, &row, &why)) != 0) {
        if (next != 1 || read_tag(r, &row, &why) != 0)
            rc = bad(r, name, row.line, row.raw, &why, err);
        if (rc == 0)
            rc = progress(r, name, row.index + 1, table_position(table), bytes.n, err);
    }
    table_free(table);
    if (rc == 0)
        rc = tag_heap_sort(r->tags, err);
    if (rc == 0 && !(r->tagged = calloc(tag_heap_titles(r->tags) + 1, 1)))
        rc = mq_fail(err, MQ_NO_MEMORY, "tags: no memory: free some");
    return rc;
}

/* Titles that have tags, but stand in no file of movies. */
static int hand_out_tags(struct reading *r, const char *name, struct mq_error *err)
{
    int rc = 0;
    for (size_t i = 0; r->tags && i < tag_heap_titles(r->tags) && rc == 0; i++) {
        if (r->tagged[i])
            continue;
        struct title t;
        title_init(&t);
        t.id = tag_heap_title(r->tags, i);
        arena_reset(&r->arena);
        rc = add_tags(r, &t, err);
        if (rc == 0)
            rc = r->sink->title(r->sink->ctx, &t, name, 0, err);
    }
    return rc;
}

/* ------------------------------------------------------------------ files */

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool begins(const char *s, const char *word)
{
    return strncmp(s, word, strlen(word)) == 0;
}

static int read_part(struct reading *r, enum part part, const char *path, struct str bytes,
                     struct mq_error *err)
{
    const char *name = last_part(path);
    switch (part) {
    case PART_TAGS:
        return read_tags(r, name, bytes, err);
    case PART_TITLES:
        return read_titles(r, name, bytes, begins(name, "u.item"), err);
    case PART_RATINGS:
        return read_ratings(r, name, bytes, err);
    case PARTS:
        break;
    }
    return 0;
}

static int part_of(const char *path, enum part *ret, struct mq_error *err)
{
    const char *name = last_part(path);
    if (begins(name, "links.") || begins(name, "users.") || begins(name, "u.user") ||
        begins(name, "genome-"))
        return mq_fail(err, MQ_INVALID,
                       "%s: it holds nothing that is kept: import ratings, movies or tags", name);
    *ret = begins(name, "tags.")                               ? PART_TAGS
           : begins(name, "movies.") || begins(name, "u.item") ? PART_TITLES
                                                               : PART_RATINGS;
    return 0;
}

/* The part's file in the folder, "" when none is there. */
static void find_part(const char *dir, enum part part, char *ret, size_t max)
{
    ret[0] = '\0';
    for (const char *const *file = part_files[part]; *file && !ret[0]; file++) {
        int n = snprintf(ret, max, "%s/%s", dir, *file);
        if (n < 0 || (size_t)n >= max || !file_exists(ret))
            ret[0] = '\0';
    }
}

static int read_file(struct reading *r, enum part part, const char *path, struct mq_error *err)
{
    struct file_map map;
    int rc = file_map_open(path, &map, err);
    if (rc != 0)
        return rc;
    rc = read_part(r, part, path, (struct str){map.p, map.n}, err);
    file_map_close(&map);
    return rc;
}

static int read_folder(struct reading *r, const char *dir, struct mq_error *err)
{
    enum { PATH_LENGTH = 4096 };
    char path[PATH_LENGTH];
    int found = 0, rc = 0;
    for (int part = 0; part < PARTS && rc == 0; part++) {
        find_part(dir, (enum part)part, path, sizeof path);
        if (part == PART_RATINGS)
            rc = hand_out_tags(r, "tags", err);
        if (rc == 0 && path[0]) {
            found++;
            rc = read_file(r, (enum part)part, path, err);
        }
    }
    if (rc == 0 && found == 0)
        return mq_fail(err, MQ_INVALID,
                       "%s: no MovieLens files: there should be ratings.csv, ratings.dat or u.data",
                       dir);
    return rc;
}

static int reading_init(struct reading *r, int64_t now_ms, const struct movielens_sink *sink,
                        struct mq_error *err)
{
    *r = (struct reading){.sink = sink, .now_ms = now_ms};
    if (arena_init(&r->arena, 64 * 1024, 1 << 22) != 0)
        return mq_fail(err, MQ_NO_MEMORY, "MovieLens: no memory: free some");
    return 0;
}

static void reading_release(struct reading *r)
{
    tag_heap_free(r->tags);
    free(r->tagged);
    arena_release(&r->arena);
}

bool movielens_found(const char *path)
{
    char file[4096];
    bool found = false;
    for (int part = 0; part < PARTS && !found; part++) {
        if (file_is_dir(path)) {
            find_part(path, (enum part)part, file, sizeof file);
            found = file[0] != '\0';
        }
        for (const char *const *name = part_files[part]; *name && !found; name++)
            found = strcmp(last_part(path), *name) == 0 && file_exists(path);
    }
    return found;
}

int movielens_read(const char *path, int64_t now_ms, const struct movielens_sink *sink,
                   struct mq_error *err)
{
    struct reading r;
    enum part part;
    int rc = reading_init(&r, now_ms, sink, err);
    if (rc != 0)
        return rc;
    if (file_is_dir(path)) {
        rc = read_folder(&r, path, err);
    } else {
        rc = part_of(path, &part, err);
        if (rc == 0)
            rc = read_file(&r, part, path, err);
        if (rc == 0)
            rc = hand_out_tags(&r, last_part(path), err);
    }
    reading_release(&r);
    return rc;
}

int movielens_read_bytes(const char *name, struct str bytes, int64_t now_ms,
                         const struct movielens_sink *sink, struct mq_error *err)
{
    struct reading r;
    enum part part;
    int rc = reading_init(&r, now_ms, sink, err);
    if (rc != 0)
        return rc;
    rc = part_of(name, &part, err);
    if (rc == 0)
        rc = read_part(&r, part, name, bytes, err);
    if (rc == 0)
        rc = hand_out_tags(&r, last_part(name), err);
    reading_release(&r);
    return rc;
}
