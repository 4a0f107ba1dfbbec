#include "eval/choice_log.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/hash.h"
#include "wire/table.h"

enum { USUAL_MAX = 4 };

static const struct {
    const char *word, *usual[USUAL_MAX];
    bool needed;
} columns[CHOICE_COLUMNS] = {
    [CHOICE_ITEM] = {"item", {"item", "item_id", "title"}, true},
    [CHOICE_SLOT] = {"slot", {"slot", "position", "column"}, false},
    [CHOICE_REWARD] = {"reward", {"reward", "click", "played"}, true},
    [CHOICE_PROPENSITY] = {"propensity", {"propensity", "propensity_score"}, true},
    [CHOICE_VIEWER] = {"viewer", {"viewer", "user", "user_id"}, false},
    [CHOICE_PAGE] = {"page", {"page", "recommendation_id"}, false},
};

int choice_map_read(const char *text, struct choice_map *ret, struct mq_error *err)
{
    struct choice_map map = {0};
    struct str rest = str_of(text);

    while (rest.n > 0) {
        struct str part = str_cut(&rest, ','), column = part;
        struct str word = str_cut(&column, '=');
        int c = 0;
        while (c < CHOICE_COLUMNS && !str_eq(word, str_of(columns[c].word)))
            c++;
        if (c == CHOICE_COLUMNS || !column.p || column.n == 0 || column.n >= sizeof(map.name[0]))
            return mq_fail(err, MQ_INVALID,
                           "map: %.*s: say item=COL, slot=, reward=, propensity=, viewer= or page=",
                           STR_ARG(part));
        memcpy(map.name[c], column.p, column.n);
    }
    *ret = map;
    return 0;
}

/* Where each column stands in this table, -1 = nowhere. */
static int find_columns(const struct table *t, const struct choice_map *map, int at[CHOICE_COLUMNS],
                        struct mq_error *err)
{
    for (int c = 0; c < CHOICE_COLUMNS; c++) {
        if (map->name[c][0]) {
            at[c] = table_column(t, map->name[c]);
            if (at[c] < 0)
                return mq_fail(err, MQ_INVALID, "%s: column %s: is not in the header",
                               table_name(t), map->name[c]);
            continue;
        }
        at[c] = table_column_of(t, columns[c].usual);
        if (at[c] < 0 && columns[c].needed)
            return mq_fail(err, MQ_INVALID, "%s: no column for %s: name it with --map %s=COL",
                           table_name(t), columns[c].word, columns[c].word);
    }
    return 0;
}

static int number(const struct table_row *row, int at, double low, double high, const char *what,
                  double *ret, struct mq_error *err)
{
    double v;

    if ((size_t)at >= row->n || !str_to_double(row->field[at], &v) || !(v >= low && v <= high))
        return mq_fail(err, MQ_INVALID, "%s: %.*s: give a number from %g to %g", what,
                       (size_t)at < row->n ? (int)row->field[at].n : 0,
                       (size_t)at < row->n ? row->field[at].p : "", low, high);
    *ret = v;
    return 0;
}

static struct choice_row *grow(struct choice_log *l)
{
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 4096;
        struct choice_row *rows =
            cap <= CHOICE_ROWS_MAX ? realloc(l->rows, cap * sizeof(*rows)) : NULL;
        if (!rows)
            return NULL;
        l->rows = rows;
        l->cap = cap;
    }
    return &l->rows[l->n++];
}

/* A viewer or page by its text; without the column the row's own number. */
static uint64_t key_of(const struct table_row *row, int at)
{
    return at >= 0 && (size_t)at < row->n ? hash_str(row->field[at], 0) : row->index;
}

static int add_row(const struct table_row *row, const int at[CHOICE_COLUMNS], struct intern *items,
                   struct choice_log *l, struct mq_error *err)
{
    double slot = 0, reward = 0, propensity = 0;
    uint32_t item = 0;
    int rc = number(row, at[CHOICE_REWARD], -1e6, 1e6, "reward", &reward, err);

    if (rc == 0)
        rc = number(row, at[CHOICE_PROPENSITY], 1e-9, 1, "propensity", &propensity, err);
    if (rc == 0 && at[CHOICE_SLOT] >= 0)
        rc = number(row, at[CHOICE_SLOT], 0, 1e6, "slot", &slot, err);
    if (rc == 0 && (size_t)at[CHOICE_ITEM] >= row->n)
        rc = mq_fail(err, MQ_INVALID, "item: missing: the row has %zu cells", row->n);
    if (rc == 0)
        rc = intern_add(items, row->field[at[CHOICE_ITEM]], &item, NULL, err);
    if (rc == 0 && item >= CHOICE_ITEMS_MAX)
        rc = mq_fail(err, MQ_TOO_LARGE, "items: over %d: cut the log", CHOICE_ITEMS_MAX);
    if (rc)
        return rc;
    struct choice_row *r = grow(l);
    if (!r)
        return mq_fail(err, MQ_NO_MEMORY, "log: no memory for %zu rows: cut it", l->n);
    *r = (struct choice_row){.viewer = key_of(row, at[CHOICE_VIEWER]),
                             .page = key_of(row, at[CHOICE_PAGE]),
                             .item = item,
                             .slot = (uint32_t)slot,
                             .reward = (float)reward,
                             .propensity = (float)propensity};
    return 0;
}

/* Slots are named 0, 1, 2 or 1, 2, 3: they count from the lowest. */
static int number_slots(struct choice_log *l, const char *path, struct mq_error *err)
{
    uint32_t low = UINT32_MAX, high = 0;

    for (size_t i = 0; i < l->n; i++) {
        low = l->rows[i].slot < low ? l->rows[i].slot : low;
        high = l->rows[i].slot > high ? l->rows[i].slot : high;
    }
    if (l->n == 0)
        return mq_fail(err, MQ_INVALID, "%s: holds no choices", path);
    if (high - low >= CHOICE_SLOTS_MAX)
        return mq_fail(err, MQ_INVALID, "%s: slots %u to %u: at most %d", path, low, high,
                       CHOICE_SLOTS_MAX);
    for (size_t i = 0; i < l->n; i++)
        l->rows[i].slot -= low;
    l->n_slots = high - low + 1;
    return 0;
}

static int read_rows(struct table *t, const struct choice_map *map, struct intern *items,
                     struct choice_log *l, struct mq_error *err)
{
    int at[CHOICE_COLUMNS], rc;
    struct table_row row;

    if (table_header(t).n == 0)
        return mq_fail(err, MQ_INVALID, "%s: has no header: its columns are found by name",
                       table_name(t));
    rc = find_columns(t, map, at, err);
    while (rc == 0) {
        int got = table_next(t, &row, err);
        if (got == 0)
            break;
        rc = got < 0 ? got : add_row(&row, at, items, l, err);
        if (rc)
            mq_error_prefix(err, "%s:%llu", table_name(t), (unsigned long long)row.line);
    }
    return rc;
}

int choice_log_over(const char *name, struct str bytes, const struct choice_map *map,
                    struct intern *items, struct choice_log *ret, struct mq_error *err)
{
    struct choice_log l = {0};
    struct table *t = NULL;
    int rc = table_over(&t, name, bytes, NULL, err);

    if (rc == 0)
        rc = read_rows(t, map, items, &l, err);
    if (rc == 0)
        rc = number_slots(&l, name, err);
    table_free(t);
    if (rc)
        choice_log_release(&l);
    else
        *ret = l;
    return rc;
}

int choice_log_read(const char *path, const struct choice_map *map, struct intern *items,
                    struct choice_log *ret, struct mq_error *err)
{
    struct file_map file = {0};
    int rc = file_map_open(path, &file, err);

    if (rc == 0)
        rc = choice_log_over(path, (struct str){file.p, file.n}, map, items, ret, err);
    file_map_close(&file);
    return rc;
}

void choice_log_release(struct choice_log *l)
{
    free(l->rows);
    *l = (struct choice_log){0};
}
