#include "eval/rival_lists.h"

#include <math.h>
#include <stdlib.h>

#include "base/file.h"
#include "wire/table.h"

struct columns {
    int viewer, title, rank, score;
};

static int find_columns(const struct table *t, struct columns *ret, struct mq_error *err)
{
    static const char *const viewers[] = {"viewer", "user", "user_id", "viewer_id", NULL};
    static const char *const titles[] = {"title", "item", "item_id", "title_id", "movie_id", NULL};
    static const char *const ranks[] = {"rank", "position", NULL};
    static const char *const scores[] = {"score", NULL};
    if (table_header(t).n == 0) {
        size_t n = table_width(t);
        if (n < 2 || n > 4)
            return mq_fail(err, MQ_INVALID,
                           "%s: %zu columns without a header: give viewer, title; viewer, title, "
                           "rank; or viewer, rank, title, score",
                           table_name(t), n);
        *ret = n == 4 ? (struct columns){0, 2, 1, -1} : (struct columns){0, 1, n == 3 ? 2 : -1, -1};
        return 0;
    }
    *ret = (struct columns){table_column_of(t, viewers), table_column_of(t, titles),
                            table_column_of(t, ranks), table_column_of(t, scores)};
    if (ret->viewer < 0 || ret->title < 0)
        return mq_fail(err, MQ_INVALID, "%s: no column for the %s: name it %s", table_name(t),
                       ret->viewer < 0 ? "viewer" : "title", ret->viewer < 0 ? "viewer" : "title");
    return 0;
}

static int cell(const struct table_row *row, int at, const char *what, struct str *ret,
                struct mq_error *err)
{
    if ((size_t)at >= row->n || row->field[at].n == 0)
        return mq_fail(err, MQ_INVALID, "%s: missing: the row has %zu cells", what, row->n);
    *ret = row->field[at];
    return 0;
}

static int add(struct rival_lists *l, struct rival_row row, struct mq_error *err)
{
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 4096;
        struct rival_row *rows =
            cap <= RIVAL_ROWS_MAX ? realloc(l->rows, cap * sizeof(*rows)) : NULL;
        if (!rows)
            return mq_fail(err, cap <= RIVAL_ROWS_MAX ? MQ_NO_MEMORY : MQ_TOO_LARGE,
                           "lists: %zu rows: cut the file", l->n);
        l->rows = rows;
        l->cap = cap;
    }
    l->rows[l->n++] = row;
    return 0;
}

static int add_row(struct rival_lists *l, const struct table_row *row, const struct columns *c,
                   struct id_book *book, struct mq_error *err)
{
    struct str viewer = STR_NONE, titles = STR_NONE;
    struct rival_row r = {.place = 0, .line = row->line};
    int number = c->rank >= 0 ? c->rank : c->score;
    int rc = cell(row, c->viewer, "viewer", &viewer, err);
    if (rc == 0)
        rc = cell(row, c->title, "title", &titles, err);
    if (rc == 0 && number >= 0 &&
        ((size_t)number >= row->n || !str_to_double(row->field[number], &r.place) ||
         !isfinite(r.place)))
        rc = mq_fail(err, MQ_INVALID, "%s: is no number", c->rank >= 0 ? "rank" : "score");
    if (rc == 0)
        rc = intern_add(book->viewers, viewer, &r.viewer, NULL, err);
    if (number >= 0 && c->rank < 0)
        r.place = -r.place;
    while (rc == 0 && titles.p) {
        struct str title = str_cut(&titles, '|');
        if (title.n == 0)
            return mq_fail(err, MQ_INVALID, "title: an empty one in the list");
        rc = intern_add(book->titles, title, &r.title, NULL, err);
        if (rc == 0)
            rc = add(l, r, err);
    }
    return rc;
}

/* In a whole-list cell the order of the cells' titles is that of adding: places tie, so the sort must keep it. */
struct keyed {
    struct rival_row row;
    size_t at;
};

static int by_place(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    if (x->row.viewer != y->row.viewer)
        return x->row.viewer < y->row.viewer ? -1 : 1;
    if (x->row.place < y->row.place || x->row.place > y->row.place)
        return x->row.place < y->row.place ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

static int by_title(const void *a, const void *b)
{
    const struct rival_row *x = a, *y = b;
    if (x->title != y->title)
        return x->title < y->title ? -1 : 1;
    return x->line < y->line ? -1 : x->line > y->line;
}

static int check_viewer(const char *name, const struct rival_row *rows, size_t n,
                        const struct id_book *book, struct rival_row *scratch, struct mq_error *err)
{
    struct str viewer = intern_name(book->viewers, rows->viewer);
    if (n > RIVAL_DEPTH_MAX)
        return mq_fail(err, MQ_INVALID, "%s:%llu: viewer %.*s: %zu titles: at most %d", name,
                       (unsigned long long)rows[n - 1].line, STR_ARG(viewer), n, RIVAL_DEPTH_MAX);
    memcpy(scratch, rows, n * sizeof(*rows));
    qsort(scratch, n, sizeof(*scratch), by_title);
    for (size_t i = 1; i < n; i++)
        if (scratch[i].title == scratch[i - 1].title)
            return mq_fail(err, MQ_INVALID, "%s:%llu: viewer %.*s: title %.*s: is there twice",
                           name, (unsigned long long)scratch[i].line, STR_ARG(viewer),
                           STR_ARG(intern_name(book->titles, scratch[i].title)));
    return 0;
}

static int arrange(const char *name, struct rival_lists *l, const struct id_book *book,
                   struct mq_error *err)
{
    struct rival_row scratch[RIVAL_DEPTH_MAX];
    struct keyed *k = calloc(l->n, sizeof(*k));
    int rc = k ? 0 : mq_fail(err, MQ_NO_MEMORY, "lists: %zu rows: no memory: cut the file", l->n);
    for (size_t i = 0; rc == 0 && i < l->n; i++)
        k[i] = (struct keyed){l->rows[i], i};
    if (rc == 0)
        qsort(k, l->n, sizeof(*k), by_place);
    for (size_t i = 0; rc == 0 && i < l->n; i++)
        l->rows[i] = k[i].row;
    free(k);
    for (size_t from = 0, to; rc == 0 && from < l->n; from = to) {
        for (to = from + 1; to < l->n && l->rows[to].viewer == l->rows[from].viewer;)
            to++;
        rc = check_viewer(name, l->rows + from, to - from, book, scratch, err);
    }
    return rc;
}

int rival_lists_over(const char *name, struct str bytes, struct id_book *book,
                     struct rival_lists *ret, struct mq_error *err)
{
    struct rival_lists l = {.n = 0};
    struct table *t = NULL;
    struct table_row row = {.line = 0};
    struct columns c = {-1, -1, -1, -1};
    int rc = table_over(&t, name, bytes, NULL, err);
    if (rc == 0)
        rc = find_columns(t, &c, err);
    while (rc == 0) {
        int got = table_next(t, &row, err);
        if (got == 0)
            break;
        rc = got < 0 ? got : add_row(&l, &row, &c, book, err);
        if (rc)
            mq_error_prefix(err, "%s:%llu", name, (unsigned long long)row.line);
    }
    table_free(t);
    if (rc == 0 && l.n == 0)
        rc = mq_fail(err, MQ_INVALID, "%s: holds no lists", name);
    if (rc == 0)
        rc = arrange(name, &l, book, err);
    if (rc)
        rival_lists_release(&l);
    else
        *ret = l;
    return rc;
}

int rival_lists_read(const char *path, struct id_book *book, struct rival_lists *ret,
                     struct mq_error *err)
{
    struct file_map file = {0};
    int rc = file_map_open(path, &file, err);
    if (rc == 0)
        rc = rival_lists_over(path, (struct str){file.p, file.n}, book, ret, err);
    file_map_close(&file);
    return rc;
}

void rival_lists_release(struct rival_lists *l)
{
    free(l->rows);
    *l = (struct rival_lists){.n = 0};
}

const struct rival_row *rival_list(const struct rival_lists *l, uint32_t viewer, size_t *ret_n)
{
    size_t low = 0, high = l->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (l->rows[mid].viewer < viewer)
            low = mid + 1;
        else
            high = mid;
    }
    for (high = low; high < l->n && l->rows[high].viewer == viewer;)
        high++;
    *ret_n = high - low;
    return l->rows + low;
}
