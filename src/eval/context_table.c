#include "eval/context_table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "wire/table.h"

/* What LDOS-CoMoDa asks about after the film: it holds the answer. */
static const char *const after_viewing[] = {"endEmo", "dominantEmo"};

struct columns {
    int viewer, title, value, context[CONTEXT_COLUMNS];
};

static int column_of(const struct table *t, const char *name, const char *option, int *ret,
                     struct mq_error *err)
{
    uint64_t number;
    int found = table_column(t, name);
    if (found < 0 && str_to_u64(str_of(name), &number) && number >= 1 && number <= table_width(t))
        found = (int)number - 1;
    if (found < 0)
        return mq_fail(err, MQ_INVALID, "--%s: %s: no such column in %s", option, name,
                       table_name(t));
    *ret = found;
    return 0;
}

/* The last of c->context as a column of context, whether it was named or numbered. */
static int check_context(const struct table *t, const char *name, size_t n, const struct columns *c,
                         struct mq_error *err)
{
    int at = c->context[n - 1];
    for (size_t i = 0; i < sizeof(after_viewing) / sizeof(after_viewing[0]); i++) {
        if (at == table_column(t, after_viewing[i]))
            return mq_fail(err, MQ_INVALID,
                           "--context: %s: is recorded after viewing and tells the answer: "
                           "leave it out",
                           name);
    }
    if (at == c->value || at == c->viewer || at == c->title)
        return mq_fail(err, MQ_INVALID,
                       "--context: %s: is the viewer, the title or what is asked: leave it out",
                       name);
    for (size_t i = 0; i + 1 < n; i++) {
        if (at == c->context[i])
            return mq_fail(err, MQ_INVALID, "--context: %s: is named twice: name it once", name);
    }
    return 0;
}

static int context_columns(const struct table *t, const struct context_options *o,
                           struct context_table *ret, struct columns *c, struct mq_error *err)
{
    struct str rest = str_of(o->context);
    int rc = 0;
    while (rc == 0 && rest.p) {
        struct str part = str_trim(str_cut(&rest, ','));
        if (part.n == 0 || part.n >= sizeof(ret->name[0]) || ret->n_columns == CONTEXT_COLUMNS)
            return mq_fail(err, MQ_INVALID,
                           "--context: %s: give up to %d column names joined by commas", o->context,
                           CONTEXT_COLUMNS);
        char *name = ret->name[ret->n_columns];
        memcpy(name, part.p, part.n);
        rc = column_of(t, name, "context", &c->context[ret->n_columns++], err);
        if (rc == 0)
            rc = check_context(t, name, ret->n_columns, c, err);
    }
    return rc;
}

static int find_columns(const struct table *t, const struct context_options *o,
                        struct context_table *ret, struct columns *c, struct mq_error *err)
{
    int rc = column_of(t, o->viewer, "viewer", &c->viewer, err);
    if (rc == 0)
        rc = column_of(t, o->title, "title", &c->title, err);
    if (rc == 0)
        rc = column_of(t, o->rating ? o->rating : o->count, o->rating ? "rating" : "count",
                       &c->value, err);
    return rc ? rc : context_columns(t, o, ret, c, err);
}

/* Codes are kept as they come; those of "not known" are put right at the end, when all levels are there. */
struct reading {
    const struct context_options *o;
    struct context_table *t;
    struct columns at;
    struct intern *values[CONTEXT_COLUMNS];
    size_t cap;
};

static int add_codes(struct reading *r, const struct table_row *row, struct mq_error *err)
{
    struct context_table *t = r->t;
    if (t->rows.n > r->cap) {
        r->cap = t->rows.n * 2 + 1024;
        for (size_t c = 0; c < t->n_columns; c++) {
            uint32_t *grown = realloc(t->code[c], r->cap * sizeof(*grown));
            if (!grown)
                return mq_fail(err, MQ_NO_MEMORY, "context: no memory: give the process more");
            t->code[c] = grown;
        }
    }
    for (size_t c = 0; c < t->n_columns; c++) {
        struct str value = str_trim(row->field[r->at.context[c]]);
        uint32_t code = INTERN_NONE;
        bool known = value.n > 0 && !(r->o->missing && str_eq(value, str_of(r->o->missing)));
        int rc = known ? intern_add(r->values[c], value, &code, NULL, err) : 0;
        if (rc)
            return rc;
        t->code[c][t->rows.n - 1] = code;
    }
    return 0;
}

static int add_row(struct reading *r, const struct table_row *row, struct mq_error *err)
{
    const struct columns *at = &r->at;
    int most = at->viewer > at->title ? at->viewer : at->title;
    most = at->value > most ? at->value : most;
    for (size_t c = 0; c < r->t->n_columns; c++)
        most = at->context[c] > most ? at->context[c] : most;
    if (row->n <= (size_t)most)
        return mq_fail(err, MQ_INVALID, "row: %zu fields: at least %d are needed", row->n,
                       most + 1);
    struct str text = row->field[at->value];
    double value;
    uint32_t viewer;
    uint32_t title;
    if (!str_to_double(str_trim(text), &value) || (r->o->count && !(value > 0)))
        return mq_fail(err, MQ_INVALID, "%s: %.*s: give a %s", r->o->rating ? "rating" : "count",
                       STR_ARG(text), r->o->rating ? "number" : "number above 0");
    int rc = intern_add(r->t->book.viewers, row->field[at->viewer], &viewer, NULL, err);
    if (rc == 0)
        rc = intern_add(r->t->book.titles, row->field[at->title], &title, NULL, err);
    if (rc == 0)
        rc = triples_add(&r->t->rows, viewer, title, (float)value, 0, err);
    return rc ? rc : add_codes(r, row, err);
}

static int read_rows(struct reading *r, struct table *t, struct mq_error *err)
{
    int rc = find_columns(t, r->o, r->t, &r->at, err);
    for (size_t c = 0; rc == 0 && c < r->t->n_columns; c++)
        rc = intern_new(&r->values[c], err);
    while (rc == 0) {
        struct table_row row;
        int got = table_next(t, &row, err);
        if (got == 0)
            break;
        rc = got < 0 ? got : add_row(r, &row, err);
        if (rc)
            mq_error_prefix(err, "%s:%llu", r->o->table, (unsigned long long)row.line);
    }
    if (rc == 0 && r->t->rows.n == 0)
        rc = mq_fail(err, MQ_INVALID, "%s: no row below the header", r->o->table);
    for (size_t c = 0; rc == 0 && c < r->t->n_columns; c++) {
        r->t->levels[c] = intern_count(r->values[c]);
        for (size_t i = 0; i < r->t->rows.n; i++) {
            if (r->t->code[c][i] == INTERN_NONE)
                r->t->code[c][i] = r->t->levels[c];
        }
    }
    return rc;
}

int context_table_read(const struct context_options *o, struct context_table *ret,
                       struct mq_error *err)
{
    struct context_table out = {0};
    struct reading r = {.o = o, .t = &out};
    struct file_map map = {0};
    struct table *t = NULL;
    struct table_options header = {.header = TABLE_YES};
    if (!o->table || !o->viewer || !o->title || !o->context || !o->rating == !o->count)
        return mq_fail(err, MQ_INVALID,
                       "context: needs --table, --viewer, --title, --context and one of --rating "
                       "and --count");
    int rc = file_is_dir(o->table)
                 ? mq_fail(err, MQ_INVALID, "%s: is a folder: give the file", o->table)
                 : file_map_open(o->table, &map, err);
    if (rc == 0)
        rc = id_book_init(&out.book, err);
    if (rc == 0)
        rc = table_over(&t, o->table, (struct str){map.p, map.n}, &header, err);
    if (rc == 0)
        rc = read_rows(&r, t, err);
    for (size_t c = 0; c < CONTEXT_COLUMNS; c++)
        intern_free(r.values[c]);
    table_free(t);
    file_map_close(&map);
    if (rc)
        context_table_release(&out);
    else
        *ret = out;
    return rc;
}

void context_table_release(struct context_table *t)
{
    id_book_release(&t->book);
    triples_release(&t->rows);
    for (size_t c = 0; c < CONTEXT_COLUMNS; c++)
        free(t->code[c]);
    *t = (struct context_table){0};
}
