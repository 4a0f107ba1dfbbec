#include "wire/feedback_table.h"

#include "list_text.h"
#include "wire/gorse.h"
#include "wire/personalize.h"
#include "wire/table.h"
#include "wire/when.h"

enum column {
    C_USER,
    C_ITEM,
    C_AT,
    C_TYPE,
    C_VALUE,
    C_SHOWN,
    C_RECOMMENDATION,
    C_GENRES,
    C_TAGS,
    C_NAME,
    COLUMNS
};

static const char *const names[COLUMNS][4] = {
    [C_USER] = {"USER_ID", NULL},
    [C_ITEM] = {"ITEM_ID", NULL},
    [C_AT] = {"TIMESTAMP", "TIME_STAMP", "CREATION_TIMESTAMP", NULL},
    [C_TYPE] = {"EVENT_TYPE", "FEEDBACK_TYPE", NULL},
    [C_VALUE] = {"EVENT_VALUE", "VALUE", NULL},
    [C_SHOWN] = {"IMPRESSION", NULL},
    [C_RECOMMENDATION] = {"RECOMMENDATION_ID", NULL},
    [C_GENRES] = {"GENRES", "CATEGORIES", NULL},
    [C_TAGS] = {"LABELS", NULL},
    [C_NAME] = {"TITLE", "NAME", "DESCRIPTION", NULL},
};

struct reading {
    enum feedback_form form;
    int64_t now_ms;
    int column[COLUMNS];
    struct table_row row;
    struct arena arena; /* of a row */
    const struct feedback_sink *sink;
};

static struct str field(const struct reading *r, enum column c)
{
    int at = r->column[c];
    return at >= 0 && (size_t)at < r->row.n ? str_trim(r->row.field[at]) : STR_NONE;
}

/* ---------------------------------------------------------------- items */

static int read_title(struct reading *r, struct title *t, struct mq_error *err)
{
    struct text_list genres, tags;
    struct str at = field(r, C_AT);
    title_init(t);
    t->id = field(r, C_ITEM);
    t->name = field(r, C_NAME);
    if (t->name.n == 0)
        t->name = t->id;
    if (at.n > 0 && !when_parse(at, &t->added_ms))
        return mq_fail(err, MQ_INVALID, "time: %.*s: is none", STR_ARG(at));
    if (!list_cut(field(r, C_GENRES), '|', &r->arena, &genres) ||
        !list_cut(field(r, C_TAGS), '|', &r->arena, &tags))
        return mq_fail(err, MQ_NO_MEMORY, "lists: no memory: free some");
    t->genres = genres.item;
    t->n_genres = genres.n;
    t->tags = tags.item;
    t->n_tags = tags.n;
    return title_check(t, err);
}

/* ---------------------------------------------------------------- events */

static int read_event(struct reading *r, struct event *e, struct mq_error *err)
{
    double value = 0;
    struct str type = field(r, C_TYPE), text = field(r, C_VALUE), at = field(r, C_AT);
    if (r->form == FEEDBACK_GORSE)
        return gorse_feedback_event(type, field(r, C_USER), field(r, C_ITEM), text, at, r->now_ms,
                                    e, err);
    event_init(e);
    e->source = STR("personalize");
    e->viewer = field(r, C_USER);
    e->title = field(r, C_ITEM);
    e->recommendation = field(r, C_RECOMMENDATION);
    if (!when_parse(at, &e->at_ms))
        return mq_fail(err, MQ_INVALID, "TIMESTAMP: \"%.*s\": give epoch seconds", STR_ARG(at));
    if (text.n > 0 && !str_to_double(text, &value))
        return mq_fail(err, MQ_INVALID, "EVENT_VALUE: \"%.*s\": is no number", STR_ARG(text));
    personalize_set_type(e, type.n > 0 ? type : STR("Watch"), text.n > 0, value);
    return event_check(e, r->now_ms, err);
}

/* What was shown beside it. */
static int put_shown(struct reading *r, const struct event *of, struct mq_error *err)
{
    struct event_item items[PERSONALIZE_IMPRESSIONS];
    struct str rest = field(r, C_SHOWN);
    struct mq_error why;
    struct event e;
    if (r->form == FEEDBACK_GORSE || rest.n == 0)
        return 0;
    event_init(&e);
    e.source = of->source;
    e.viewer = of->viewer;
    e.at_ms = of->at_ms;
    e.archived = true;
    e.kind = EVENT_IMPRESSION;
    e.recommendation = of->recommendation;
    for (uint16_t i = 0; rest.p && e.n_items < PERSONALIZE_IMPRESSIONS; i++) {
        struct str title = str_trim(str_cut(&rest, '|'));
        if (title.n > 0)
            items[e.n_items++] = (struct event_item){.title = title,
                                                     .title_id = {ID_NONE},
                                                     .column = i,
                                                     .propensity = __builtin_nanf("")};
    }
    e.items = items;
    if (e.n_items == 0 || event_check(&e, r->now_ms, &why) != 0)
        return 0;
    return r->sink->event(r->sink->ctx, &e, r->row.line, err);
}

/* ---------------------------------------------------------------- the table */

static int read_row(struct reading *r, const char *name, struct mq_error *err)
{
    struct mq_error why;
    struct event e;
    struct title t;
    bool items = r->column[C_USER] < 0;
    arena_reset(&r->arena);
    int rc = items ? read_title(r, &t, &why) : read_event(r, &e, &why);
    if (rc == MQ_NO_MEMORY)
        return mq_fail(err, why.status, "%s", why.text);
    if (rc) {
        struct bad_row bad = {name, r->row.line, r->row.raw, &why};
        return r->sink->bad(r->sink->ctx, &bad, err);
    }
    if (items)
        return r->sink->title(r->sink->ctx, &t, r->row.line, err);
    e.archived = true;
    rc = r->sink->event(r->sink->ctx, &e, r->row.line, err);
    return rc ? rc : put_shown(r, &e, err);
}

static int read_rows(struct reading *r, struct table *table, struct mq_error *err)
{
    struct mq_error why;
    int rc;
    while ((rc = table_next(table, &r->row, &why)) != 0) {
        if (rc < 0 && rc != MQ_INVALID)
            return mq_fail(err, why.status, "%s", why.text);
        struct bad_row bad = {table_name(table), r->row.line, r->row.raw, &why};
        rc = rc < 0 ? r->sink->bad(r->sink->ctx, &bad, err) : read_row(r, table_name(table), err);
        if (rc)
            return rc;
    }
    return 0;
}

static int find_columns(struct reading *r, const struct table *table, struct mq_error *err)
{
    for (int c = 0; c < COLUMNS; c++)
        r->column[c] = table_column_of(table, names[c]);
    bool events = r->column[C_USER] >= 0;
    if (r->column[C_ITEM] >= 0 &&
        (!events || r->form == FEEDBACK_PERSONALIZE || r->column[C_TYPE] >= 0))
        return 0;
    return mq_fail(err, MQ_INVALID, "%s: has no columns %s: is it one of these tables?",
                   table_name(table),
                   r->form == FEEDBACK_GORSE ? "item_id, or feedback_type, user_id and item_id"
                                             : "ITEM_ID, or USER_ID, ITEM_ID and TIMESTAMP");
}

int feedback_table_read(const char *name, struct str bytes, enum feedback_form form, int64_t now_ms,
                        const struct feedback_sink *sink, struct mq_error *err)
{
    struct reading r = {.form = form, .now_ms = now_ms, .sink = sink};
    struct table_options how = {.header = TABLE_YES, .separator = ",", .quotes = TABLE_YES};
    struct table *table;
    int rc = table_over(&table, name, bytes, &how, err);
    if (rc)
        return rc;
    rc = find_columns(&r, table, err);
    if (rc == 0 && arena_init(&r.arena, 1 << 16, 1 << 22) != 0)
        rc = mq_fail(err, MQ_NO_MEMORY, "%s: no memory: free some", name);
    if (rc == 0) {
        rc = read_rows(&r, table, err);
        arena_release(&r.arena);
    }
    table_free(table);
    return rc;
}
