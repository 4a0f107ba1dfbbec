/* credits_table.c - rows and TMDB's JSON into the heap, then out by title. */
#include "wire/credits_table.h"

#include "base/arena.h"
#include "credit_heap.h"
#include "json_body.h"
#include "list_text.h"

enum { C_ID, C_ROLE, C_BILLING, C_PERSON, C_PERSON_ID, COLUMNS };

enum {
    TMDB_DEPTH = 16,
    TMDB_VALUE_MAX = 16 << 20, /* bytes of one title's credits */
};

static const char *const names[COLUMNS][6] = {
    [C_ID] = {"itemId", "title_id", "movieId", "id", "tconst", NULL},
    [C_ROLE] = {"role", "category", "job", NULL},
    [C_BILLING] = {"billing", "order", "ordering", "position", NULL},
    [C_PERSON] = {"person", "person_name", "name", NULL},
    [C_PERSON_ID] = {"person_id", "nconst", NULL},
};

/* ------------------------------------------------------------------ a table */

static int find_columns(const struct table *t, const struct credits_options *options,
                        int column[COLUMNS], struct mq_error *err)
{
    size_t width = table_width(t);
    bool header = table_header(t).n > 0;
    for (int c = 0; c < COLUMNS; c++)
        column[c] = header ? table_column_of(t, names[c]) : (size_t)c < width ? c : -1;
    if (options && options->id) {
        column[C_ID] = table_column(t, options->id);
        if (column[C_ID] < 0)
            return mq_fail(err, MQ_INVALID, "%s: no column \"%s\": name one of the header's",
                           table_name(t), options->id);
    }
    if (column[C_ID] < 0)
        return mq_fail(err, MQ_INVALID,
                       "%s: no id column: name it with --id, or itemId, title_id, movieId or id",
                       table_name(t));
    if (column[C_ROLE] < 0)
        return mq_fail(err, MQ_INVALID, "%s: no role column: name it role", table_name(t));
    if (column[C_PERSON] < 0 && column[C_PERSON_ID] < 0)
        return mq_fail(err, MQ_INVALID, "%s: no person column: name it person", table_name(t));
    return 0;
}

static struct str field(const struct table_row *row, int column)
{
    if (column < 0 || (size_t)column >= row->n)
        return STR_NONE;
    struct str s = str_trim(row->field[column]);
    return str_eq(s, STR("\\N")) ? STR_NONE : s;
}

static int read_row(const struct table_row *row, const int column[COLUMNS], struct str *ret_id,
                    struct credit *c, struct mq_error *err)
{
    *c = (struct credit){.person_id = {ID_NONE}};
    *ret_id =
        column[C_ID] >= 0 && (size_t)column[C_ID] < row->n ? row->field[column[C_ID]] : STR_NONE;
    if (ret_id->n == 0 || ret_id->n > TITLE_ID_MAX)
        return mq_fail(err, MQ_INVALID, "title id: %s: every row needs one of 1 to %d bytes",
                       ret_id->n ? "too long" : "missing", TITLE_ID_MAX);
    struct str word = field(row, column[C_ROLE]);
    enum role role;
    if (!role_from(word, &role))
        return mq_fail(err, MQ_INVALID,
                       "role: \"%.*s\": give director, actor, producer, writer or creator",
                       STR_ARG(word));
    c->role = (uint8_t)role;
    struct str billing = field(row, column[C_BILLING]);
    double place = 0;
    if (!text_is_nothing(billing) &&
        (!str_to_double(billing, &place) || !(place >= 0 && place <= UINT16_MAX)))
        return mq_fail(err, MQ_INVALID, "billing: \"%.*s\": give a whole number from 1, or nothing",
                       STR_ARG(billing));
    c->billing = (uint16_t)place;
    c->person = field(row, column[C_PERSON]);
    c->person_key = field(row, column[C_PERSON_ID]);
    if (c->person.n == 0 && c->person_key.n == 0)
        return mq_fail(err, MQ_INVALID, "person: missing: every row needs one");
    if (!str_is_utf8(c->person) || c->person.n > TITLE_NAME_MAX)
        return mq_fail(err, MQ_INVALID, "person: %.60s: must be UTF-8 of at most %d bytes",
                       c->person.n > TITLE_NAME_MAX ? "too long" : "broken text", TITLE_NAME_MAX);
    return 0;
}

static int read_table(struct table *t, const int column[COLUMNS], struct credit_heap *heap,
                      const struct credits_sink *sink, struct mq_error *err)
{
    struct table_row row;
    struct mq_error why;
    int rc;
    while ((rc = table_next(t, &row, &why)) != 0) {
        struct str id;
        struct credit c;
        if (rc == MQ_NO_MEMORY)
            return mq_fail(err, why.status, "%s", why.text);
        if (rc == 1 && read_row(&row, column, &id, &c, &why) == 0) {
            rc = credit_heap_add(heap, id, &c, row.line, err);
        } else {
            struct bad_row bad = {table_name(t), row.line, row.raw, &why};
            rc = sink->bad(sink->ctx, &bad, err);
        }
        if (rc != 0)
            return rc;
    }
    return 0;
}

static int from_table(const char *name, struct str bytes, const struct credits_options *options,
                      struct credit_heap *heap, const struct credits_sink *sink,
                      struct mq_error *err)
{
    struct table_options how = options ? options->table : (struct table_options){0};
    struct table *t;
    int column[COLUMNS];
    if (options && options->id && how.header == TABLE_DETECT)
        how.header = TABLE_YES;
    int rc = table_over(&t, name, bytes, &how, err);
    if (rc != 0)
        return rc;
    rc = find_columns(t, options, column, err);
    if (rc == 0)
        rc = read_table(t, column, heap, sink, err);
    table_free(t);
    return rc;
}

/* ------------------------------------------------------------------ TMDB */

struct tmdb {
    const char *name;
    struct credit_heap *heap;
    const struct credits_sink *sink;
};

/* One of cast or crew. `places` counts the billing of each role of the crew. */
static int tmdb_person(struct tmdb *t, struct str title, struct json_object *v, bool cast,
                       uint16_t places[ROLES], uint64_t line, struct mq_error *err)
{
    if (!json_object_is_type(v, json_type_object))
        return mq_fail(err, MQ_INVALID, "%s: each must be an object", cast ? "cast" : "crew");
    struct credit c = {.person_id = {ID_NONE}, .role = ROLE_ACTOR};
    char digits[JSON_READ_DIGITS];
    struct str job = STR_NONE;
    int64_t order = -1;
    int rc = json_read_text("name", json_object_object_get(v, "name"), &c.person, err);
    if (rc == 0)
        rc = json_read_id("id", json_object_object_get(v, "id"), digits, &c.person_key, err);
    if (rc == 0 && cast)
        rc = json_read_whole("order", json_object_object_get(v, "order"), 0, UINT16_MAX - 1, &order,
                             err);
    if (rc == 0 && !cast)
        rc = json_read_text("job", json_object_object_get(v, "job"), &job, err);
    if (rc != 0)
        return rc;
    enum role role;
    if (!cast && !role_from(job, &role))
        return 0;
    if (!cast)
        c.role = (uint8_t)role;
    c.billing = cast ? (uint16_t)(order + 1) : ++places[c.role];
    if (c.person.n == 0 && c.person_key.n == 0)
        return mq_fail(err, MQ_INVALID, "person: missing: give name or id");
    return credit_heap_add(t->heap, title, &c, line, err);
}

static int tmdb_list(struct tmdb *t, struct str title, struct json_object *list, bool cast,
                     uint64_t line, struct mq_error *err)
{
    uint16_t places[ROLES] = {0};
    if (!list)
        return 0;
    if (!json_object_is_type(list, json_type_array))
        return mq_fail(err, MQ_INVALID, "%s: must be an array", cast ? "cast" : "crew");
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        int rc = tmdb_person(t, title, json_object_array_get_idx(list, i), cast, places, line, err);
        if (rc != 0)
            return rc;
    }
    return 0;
}

static int tmdb_bad(void *ctx, const struct json_place *at, const struct mq_error *why,
                    struct mq_error *err)
{
    struct tmdb *t = ctx;
    struct bad_row bad = {
        t->name, json_place_line(at), {at->body.p + at->from, at->to - at->from}, why};
    return t->sink->bad(t->sink->ctx, &bad, err);
}

static int tmdb_title(void *ctx, struct json_object *v, const struct json_place *at,
                      struct mq_error *err)
{
    struct tmdb *t = ctx;
    struct mq_error why;
    char digits[JSON_READ_DIGITS];
    struct str id = STR_NONE;
    uint64_t line = json_place_line(at);
    int rc = json_object_is_type(v, json_type_object)
                 ? json_read_id("id", json_object_object_get(v, "id"), digits, &id, &why)
                 : mq_fail(&why, MQ_INVALID, "credits: each must be an object {id, cast, crew}");
    if (rc == 0 && (id.n == 0 || id.n > TITLE_ID_MAX))
        rc = mq_fail(&why, MQ_INVALID, "id: missing or over %d bytes: give the title's",
                     TITLE_ID_MAX);
    if (rc == 0)
        rc = tmdb_list(t, id, json_object_object_get(v, "cast"), true, line, &why);
    if (rc == 0)
        rc = tmdb_list(t, id, json_object_object_get(v, "crew"), false, line, &why);
    if (rc == MQ_NO_MEMORY)
        return mq_fail(err, why.status, "%s", why.text);
    return rc == 0 ? 0 : tmdb_bad(t, at, &why, err);
}

static int from_tmdb(const char *name, struct str bytes, struct credit_heap *heap,
                     const struct credits_sink *sink, struct mq_error *err)
{
    struct tmdb t = {name, heap, sink};
    struct json_body b = {
        .tok = json_body_tokener(TMDB_DEPTH), .max_value = TMDB_VALUE_MAX, .what = "credits"};
    if (!b.tok)
        return mq_fail(err, MQ_NO_MEMORY, "%s: no memory: free some", name);
    int rc = json_body_each(
        &b, bytes, &(struct json_body_sink){.ctx = &t, .value = tmdb_title, .broken = tmdb_bad},
        err);
    json_tokener_free(b.tok);
    return rc;
}

int credits_read(const char *name, struct str bytes, const struct credits_options *options,
                 const struct credits_sink *sink, struct mq_error *err)
{
    struct credit_heap *heap;
    struct str text =
        str_starts(bytes, STR("\xef\xbb\xbf")) ? (struct str){bytes.p + 3, bytes.n - 3} : bytes;
    text = str_trim(text);
    bool json = text.n > 0 && (*text.p == '{' || *text.p == '[');
    int rc = credit_heap_new(bytes, &heap, err);
    if (rc != 0)
        return rc;
    rc = json ? from_tmdb(name, bytes, heap, sink, err)
              : from_table(name, bytes, options, heap, sink, err);
    if (rc == 0)
        rc = credit_heap_hand_out(heap, name, sink, err);
    credit_heap_free(heap);
    return rc;
}
