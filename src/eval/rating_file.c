#include "eval/rating_file.h"

#include <math.h>
#include <stdlib.h>

#include "base/file.h"
#include "wire/interactions.h"
#include "wire/table.h"

int id_book_init(struct id_book *b, struct mq_error *err)
{
    *b = (struct id_book){0};
    int rc = intern_new(&b->viewers, err);
    if (rc == 0)
        rc = intern_new(&b->titles, err);
    if (rc)
        id_book_release(b);
    return rc;
}

void id_book_release(struct id_book *b)
{
    intern_free(b->viewers);
    intern_free(b->titles);
    *b = (struct id_book){0};
}

static int open_bytes(const char *path, struct file_map *map, struct mq_error *err)
{
    if (file_is_dir(path))
        return mq_fail(err, MQ_INVALID, "%s: is a folder: give the file itself", path);
    int rc = file_map_open(path, map, err);
    if (rc == 0 && map->n == 0)
        rc = mq_fail(err, MQ_INVALID, "%s: is empty: give a file with rows", path);
    return rc;
}

/* How rows are taken. */
struct taking {
    double positive_min;
    bool rated, timed;
};

static int add_row(const struct interaction_row *row, struct taking *how, struct id_book *book,
                   struct triples *ret, struct mq_error *err)
{
    uint32_t viewer;
    uint32_t title;
    int rc = intern_add(book->viewers, row->viewer, &viewer, NULL, err);
    if (rc == 0)
        rc = intern_add(book->titles, row->title, &title, NULL, err);
    if (rc)
        return rc;
    if (how->rated && !isfinite(row->value))
        return mq_fail(err, MQ_INVALID, "rating: missing: give viewer, title, rating");
    if (how->positive_min > 0 && !(row->value >= how->positive_min))
        return 0;
    how->timed &= row->has_at;
    return triples_add(ret, viewer, title, how->rated ? (float)row->value : 1,
                       row->has_at ? row->at_ms : (int64_t)row->index, err);
}

static int read_rows(const char *path, struct taking *how, struct id_book *book,
                     struct triples *ret, struct mq_error *err)
{
    struct file_map map = {0};
    struct interactions *t = NULL;
    int rc = open_bytes(path, &map, err);
    if (rc == 0)
        rc = interactions_over(&t, path, (struct str){map.p, map.n}, NULL, err);
    while (rc == 0) {
        struct interaction_row row;
        int got = interactions_next(t, &row, err);
        if (got == 0)
            break;
        rc = got < 0 ? got : add_row(&row, how, book, ret, err);
        if (rc)
            mq_error_prefix(err, "%s:%llu", path, (unsigned long long)row.line);
    }
    interactions_free(t);
    file_map_close(&map);
    return rc;
}

int rating_file_read(const char *path, double positive_min, struct id_book *book,
                     struct triples *ret, struct mq_error *err)
{
    struct taking how = {.positive_min = positive_min};
    return read_rows(path, &how, book, ret, err);
}

int rating_file_read_rated(const char *path, struct id_book *book, struct triples *ret,
                           bool *ret_timed, struct mq_error *err)
{
    struct taking how = {.rated = true, .timed = true};
    int rc = read_rows(path, &how, book, ret, err);
    *ret_timed &= how.timed;
    return rc;
}

/* One line; `numbers` has room for TABLE_FIELDS_MAX. */
static int read_negatives(const struct table_row *row, struct id_book *book, uint32_t *numbers,
                          negatives_visit *visit, void *ctx, struct mq_error *err)
{
    uint32_t viewer;
    uint32_t target;
    size_t n = 0;
    if (row->n < 2)
        return mq_fail(err, MQ_INVALID, "negatives: a line needs a viewer and the held-out title");
    int rc = intern_add(book->viewers, row->field[0], &viewer, NULL, err);
    if (rc == 0)
        rc = intern_add(book->titles, row->field[1], &target, NULL, err);
    for (size_t i = 2; rc == 0 && i < row->n; i++) {
        uint32_t title;
        if (row->field[i].n == 0)
            continue;
        rc = intern_add(book->titles, row->field[i], &title, NULL, err);
        if (rc == 0 && title != target)
            numbers[n++] = title;
    }
    return rc ? rc : visit(ctx, viewer, target, numbers, n, err);
}

int negatives_read(const char *path, struct id_book *book, negatives_visit *visit, void *ctx,
                   struct mq_error *err)
{
    struct file_map map = {0};
    struct table *t = NULL;
    uint32_t *numbers = malloc(TABLE_FIELDS_MAX * sizeof(*numbers));
    struct table_options o = {.header = TABLE_NO};
    int rc =
        numbers ? open_bytes(path, &map, err) : mq_fail(err, MQ_NO_MEMORY, "negatives: no memory");
    if (rc == 0)
        rc = table_over(&t, path, (struct str){map.p, map.n}, &o, err);
    while (rc == 0) {
        struct table_row row;
        int got = table_next(t, &row, err);
        if (got == 0)
            break;
        rc = got < 0 ? got : read_negatives(&row, book, numbers, visit, ctx, err);
        if (rc)
            mq_error_prefix(err, "%s:%llu", path, (unsigned long long)row.line);
    }
    table_free(t);
    free(numbers);
    file_map_close(&map);
    return rc;
}
