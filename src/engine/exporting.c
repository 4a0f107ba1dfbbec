/* exporting.c - everything stored about a viewer: their events, and what they were shown as impressions. */
#include <math.h>

#include "engine/engine.h"
#include "engine/page_log.h"
#include "wire/native_write.h"

enum { EXPORT_LINE_MAX = 1 << 20 };

struct exporting {
    struct buf line;
    uint64_t skip;
    bool (*write)(void *ctx, const char *p, size_t n);
    void *ctx;
    struct mq_error *err;
    const struct store *store;
    struct arena arena;
};

static int send_line(struct exporting *x)
{
    if (x->line.failed)
        return mq_fail(x->err, MQ_TOO_LARGE, "export: an event exceeds %d bytes", EXPORT_LINE_MAX);
    if (!x->write(x->ctx, x->line.p, x->line.n))
        return mq_fail(x->err, MQ_CANCELLED, "export: stopped by the reader");
    return 0;
}

static bool skipped(struct exporting *x)
{
    if (x->skip == 0)
        return false;
    x->skip--;
    return true;
}

static int export_event(void *ctx, const struct event *e)
{
    struct exporting *x = ctx;
    struct json j;
    if (skipped(x))
        return 0;
    buf_reset(&x->line);
    json_init(&j, &x->line);
    native_write(&j, e);
    buf_add_char(&x->line, '\n');
    return send_line(x);
}

enum { ARENA_BLOCK = 64 * 1024, ARENA_MAX = 4 << 20 };

static uint32_t take_items(struct exporting *x, const struct shown_page *p, struct event_item *ret)
{
    const struct intern *titles = store_names(x->store, NAME_TITLE);
    uint32_t n = 0;
    for (uint32_t r = 0; r < p->n_rows; r++)
        for (uint32_t i = 0; i < p->rows[r].n && n < EVENT_ITEMS_MAX; i++)
            ret[n++] = (struct event_item){
                .title = intern_name(titles, p->rows[r].items[i].title.v),
                .title_id = p->rows[r].items[i].title,
                .row = (uint16_t)r,
                .column = (uint16_t)i,
                .propensity = p->rows[r].items[i].propensity,
            };
    return n;
}

/* Beside what an impression is: what the page was made by. */
static void write_made_by(struct json *j, const struct shown_page *p)
{
    json_object(j);
    json_kv_u64(j, "model", p->model);
    json_kv_u64(j, "log_seq", p->log_seq);
    json_key(j, STR("arms"));
    json_array(j);
    for (uint32_t i = 0; i < p->n_arms; i++) {
        json_object(j);
        json_kv_str(j, "experiment", p->arms[i].experiment);
        json_kv_u64(j, "arm", p->arms[i].arm);
        json_object_end(j);
    }
    json_array_end(j);
    json_object_end(j);
}

static int export_shown(void *ctx, const struct shown_bytes *page)
{
    struct exporting *x = ctx;
    struct shown_page p;
    struct event e;
    struct json j;
    char id[40] = "shown-", recommendation[33];
    if (skipped(x))
        return 0;
    arena_reset(&x->arena);
    int rc = shown_page_decode(page->bytes, page->viewer, page->at_ms, &x->arena, &p, x->err);
    if (rc)
        return rc;
    struct event_item *items = ARENA_ARRAY(&x->arena, EVENT_ITEMS_MAX, struct event_item);
    if (!items)
        return mq_fail(x->err, MQ_NO_MEMORY, "export: no memory");
    shown_id_text(p.id, recommendation);
    memcpy(id + 6, recommendation, sizeof(recommendation));
    event_init(&e);
    e.kind = EVENT_IMPRESSION;
    e.id = str_of(id);
    e.viewer = intern_name(store_names(x->store, NAME_VIEWER), page->viewer.v);
    e.viewer_id = page->viewer;
    e.at_ms = p.at_ms;
    e.recommendation = str_of(recommendation);
    e.context = p.context;
    e.items = items;
    e.n_items = take_items(x, &p, items);
    buf_reset(&x->line);
    json_init(&j, &x->line);
    native_write(&j, &e);
    x->line.n--; /* the object goes on */
    buf_add_z(&x->line, ",\"made_by\":");
    json_init(&j, &x->line);
    write_made_by(&j, &p);
    buf_add_z(&x->line, "}\n");
    return send_line(x);
}

int mq_export(struct mq_engine *e, const char *viewer, uint64_t skip,
              bool (*write)(void *ctx, const char *p, size_t n), void *ctx, struct mq_error *err)
{
    struct viewer_id id;
    int rc = engine_find_viewer(e, str_of(viewer), &id, err);
    if (rc)
        return rc;
    struct exporting x = {.skip = skip, .write = write, .ctx = ctx, .err = err, .store = e->store};
    uint32_t ids[STORE_IDENTITIES_MAX];
    if (arena_init(&x.arena, ARENA_BLOCK, ARENA_MAX) != 0)
        return mq_fail(err, MQ_NO_MEMORY, "export: no memory");
    buf_init(&x.line, EXPORT_LINE_MAX);
    struct store_range all = {.own_ids = true};
    rc = store_scan_viewer(e->store, id, &all, export_event, &x, err);
    size_t n = store_identities(e->store, id, &(struct store_range){0}, ids);
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = page_log_viewer(e->page_log, (struct viewer_id){ids[i]}, export_shown, &x, err);
    arena_release(&x.arena);
    buf_release(&x.line);
    return rc;
}
