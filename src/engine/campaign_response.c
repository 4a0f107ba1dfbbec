#include "engine/campaign_response.h"

#include <stdlib.h>

#include "engine/log_scan.h"
#include "engine/page_log.h"
#include "event/shown_page.h"
#include "recommend/arrange.h"

#define WEEK_MS (INT64_C(7) * 24 * 3600 * 1000)
#define DAY_MS (INT64_C(24) * 3600 * 1000)
#define NEVER INT64_MAX
enum { ARENA_FIRST = 64 * 1024, ARENA_MOST = 8 << 20 };

struct scan {
    struct mq_engine *e;
    const struct response_question *q;
    struct response_group *groups;
    size_t n_groups;
    const struct shown_store *shown; /* NULL: nothing was ever shown */
    struct arena arena;              /* of one page */
    int16_t *place;                  /* (n_place) by title: its place in kindred, else -1 */
    uint32_t n_place;
    /* The viewer at hand. */
    uint32_t viewer;
    int64_t exposed[LEAD_KINDRED_MAX], played[LEAD_KINDRED_MAX]; /* first time, or NEVER */
    int64_t first_page, last_page;
    int64_t pages[64]; /* the first ones; of those behind them the last one stands for all */
    size_t n_pages;
    bool came, in_view;
    uint32_t hours[DAYPARTS], devices[DEVICES];
    struct exposure *observed; /* (n) */
    size_t n, cap;
    uint64_t events;
    struct mq_error *err;
};

static int observe(struct scan *x, uint32_t title, unsigned groups, unsigned flags)
{
    if (groups == 0)
        return 0;
    if (x->n == x->cap) {
        size_t cap = x->cap ? 2 * x->cap : 4096;
        struct exposure *p = cap <= RESPONSE_MAX ? realloc(x->observed, cap * sizeof(*p)) : NULL;
        if (!p)
            return cap > RESPONSE_MAX
                       ? mq_fail(x->err, MQ_TOO_LARGE,
                                 "campaign: over %d observations of titles like it", RESPONSE_MAX)
                       : mq_fail(x->err, MQ_NO_MEMORY, "campaign: no memory");
        x->observed = p;
        x->cap = cap;
    }
    x->observed[x->n++] =
        (struct exposure){x->viewer, (uint16_t)groups, (uint8_t)title, (uint8_t)flags};
    return 0;
}

/* ---------------------------------------------------------------- pages */

static void see_page(struct scan *x, int64_t at_ms)
{
    x->first_page = at_ms < x->first_page ? at_ms : x->first_page;
    x->last_page = at_ms > x->last_page ? at_ms : x->last_page;
    x->came = x->came || at_ms > x->q->now_ms - (int64_t)x->q->days * DAY_MS;
    if (x->n_pages < sizeof(x->pages) / sizeof(x->pages[0]))
        x->pages[x->n_pages++] = at_ms;
}

static void see_title(struct scan *x, uint32_t title, uint32_t row, uint32_t column, int64_t at_ms)
{
    if (row >= RESPONSE_ROWS || column >= VISIBLE)
        return;
    if (title == x->q->title)
        x->in_view = x->in_view || at_ms > x->q->now_ms - (int64_t)x->q->days * DAY_MS;
    int place = title < x->n_place ? x->place[title] : -1;
    if (place >= 0 && at_ms < x->exposed[place])
        x->exposed[place] = at_ms;
}

static int take_page(void *ctx, const struct shown_bytes *b)
{
    struct scan *x = ctx;
    struct shown_page p;
    struct mq_error none;
    arena_reset(&x->arena);
    if (b->at_ms > x->q->now_ms || /* damaged ones say nothing */
        shown_page_decode(b->bytes, b->viewer, b->at_ms, &x->arena, &p, &none) != 0)
        return 0;
    see_page(x, b->at_ms);
    for (uint32_t r = 0; r < p.n_rows && r < RESPONSE_ROWS; r++) {
        for (uint32_t i = 0; i < p.rows[r].n && i < VISIBLE; i++)
            see_title(x, p.rows[r].items[i].title.v, r, i, b->at_ms);
    }
    return 0;
}

static int begin_viewer(struct scan *x, uint32_t viewer)
{
    x->viewer = viewer;
    for (uint32_t i = 0; i < x->q->n_kindred; i++)
        x->exposed[i] = x->played[i] = NEVER;
    x->first_page = NEVER;
    x->last_page = INT64_MIN;
    x->n_pages = 0;
    x->came = x->in_view = false;
    memset(x->hours, 0, sizeof(x->hours));
    memset(x->devices, 0, sizeof(x->devices));
    return x->shown && roaring_bitmap_contains(x->q->scope, viewer)
               ? shown_store_viewer(x->shown, (struct viewer_id){viewer}, 0, 0, take_page, x,
                                    x->err)
               : 0;
}

/* ---------------------------------------------------------------- a viewer's end */

/* The viewer's first page, at or after `from`; NEVER. */
static int64_t page_after(const struct scan *x, int64_t from)
{
    int64_t best = x->last_page >= from ? x->last_page : NEVER;
    for (size_t i = 0; i < x->n_pages; i++) {
        if (x->pages[i] >= from && x->pages[i] < best)
            best = x->pages[i];
    }
    return best;
}

static int observe_title(struct scan *x, uint32_t i, unsigned groups)
{
    int64_t exposed = x->exposed[i];
    int64_t played = x->played[i];
    int64_t last = x->q->now_ms - WEEK_MS; /* a week that begins later is not over */
    int rc = 0;
    if (exposed <= last && played >= exposed) {
        bool began = played != NEVER && played <= exposed + WEEK_MS;
        rc = observe(x, i, groups, EXPOSURE_SEEN | (began ? EXPOSURE_BEGAN : 0u));
    }
    int64_t from = page_after(x, (int64_t)x->q->since_s[i] * 1000);
    if (rc || from > last || played < from)
        return rc;
    int64_t until = from + WEEK_MS;
    bool within = played <= until;
    if (exposed <= until && !(within && played < exposed))
        return 0; /* it came into view */
    return observe(x, i, groups, within ? EXPOSURE_BEGAN : 0);
}

static bool is_in(const roaring_bitmap_t *set, uint32_t viewer)
{
    return !set || roaring_bitmap_contains(set, viewer);
}

/* The groups that the viewer is in, for that title. */
static unsigned groups_for(const struct scan *x, uint32_t title, unsigned member)
{
    unsigned groups = 0;
    for (size_t g = 0; g < x->n_groups; g++) {
        const struct response_group *p = &x->groups[g];
        const roaring_bitmap_t *own = p->without ? p->without[title] : NULL;
        bool in = own ? roaring_bitmap_contains(own, x->viewer) : member >> g & 1;
        groups |= (unsigned)in << g;
    }
    return groups;
}

static int end_viewer(struct scan *x)
{
    unsigned member = 0;
    int rc = 0;
    if (x->viewer == ID_NONE || !roaring_bitmap_contains(x->q->scope, x->viewer))
        return 0;
    for (size_t g = 0; g < x->n_groups; g++) {
        struct response_group *p = &x->groups[g];
        if (!is_in(p->viewers, x->viewer))
            continue;
        member |= 1u << g;
        p->size++;
        p->came += x->came;
        p->in_view += x->in_view;
        for (int i = 0; i < DAYPARTS; i++)
            p->hours[i] += x->hours[i];
        for (int i = 0; i < DEVICES; i++)
            p->devices[i] += x->devices[i];
    }
    for (uint32_t i = 0; i < x->q->n_kindred && x->first_page != NEVER && rc == 0; i++)
        rc = observe_title(x, i, groups_for(x, i, member));
    return rc;
}

/* ---------------------------------------------------------------- the log */

static void take_start(struct scan *x, const struct event *e)
{
    int place = e->title_id.v < x->n_place ? x->place[e->title_id.v] : -1;
    if (e->kind == EVENT_START || e->kind == EVENT_PLAY) {
        x->devices[e->context.device]++;
        if (e->context.offset_min != OFFSET_NONE)
            x->hours[daypart_at(e->at_ms, e->context.offset_min)]++;
    }
    if (place >= 0 && e->at_ms < x->played[place])
        x->played[place] = e->at_ms;
}

static int take_event(void *ctx, const struct event *e)
{
    struct scan *x = ctx;
    const struct response_question *q = x->q;
    int rc = reading_goes_on(x->e, &x->events, "campaign", x->err);
    if (rc == 0 && e->viewer_id.v != x->viewer) {
        rc = end_viewer(x);
        if (rc == 0)
            rc = begin_viewer(x, e->viewer_id.v);
    }
    if (rc || e->at_ms > q->now_ms)
        return rc;
    if (e->kind == EVENT_IMPRESSION && e->n_items > 0) {
        see_page(x, e->at_ms);
        for (uint32_t i = 0; i < e->n_items; i++)
            see_title(x, e->items[i].title_id.v, e->items[i].row, e->items[i].column, e->at_ms);
    }
    bool begins = e->kind == EVENT_START || e->kind == EVENT_PLAY || e->kind == EVENT_COMPLETE ||
                  e->kind == EVENT_RATING;
    if (begins && e->title_id.v != ID_NONE)
        take_start(x, e);
    return 0;
}

static int prepare(struct scan *x, struct mq_error *err)
{
    const struct response_question *q = x->q;
    for (uint32_t i = 0; i < q->n_kindred; i++)
        x->n_place = q->kindred[i] >= x->n_place ? q->kindred[i] + 1 : x->n_place;
    x->place = malloc(((size_t)x->n_place + 1) * sizeof(*x->place));
    if (!x->place)
        return mq_fail(err, MQ_NO_MEMORY, "campaign: no memory");
    for (uint32_t t = 0; t < x->n_place; t++)
        x->place[t] = -1;
    for (uint32_t i = 0; i < q->n_kindred; i++)
        x->place[q->kindred[i]] = (int16_t)i;
    if (arena_init(&x->arena, ARENA_FIRST, ARENA_MOST) != 0) {
        free(x->place);
        return mq_fail(err, MQ_NO_MEMORY, "campaign: no memory");
    }
    return 0;
}

int response_measure(struct mq_engine *e, const struct response_question *q,
                     struct response_group *groups, size_t n, struct mq_error *err)
{
    struct store_range range = {.max_seq = atomic_load(&e->applied_seq), .known_ms = q->known_ms};
    struct scan x = {
        .e = e, .q = q, .groups = groups, .n_groups = n, .viewer = ID_NONE, .err = err};
    int rc = prepare(&x, err);
    if (rc)
        return rc;
    rc = page_log_reading(e->page_log, &x.shown, err);
    if (rc == 0 && range.max_seq > 0)
        rc = store_scan_all(e->store, &range, take_event, &x, err);
    if (rc == 0)
        rc = end_viewer(&x);
    for (size_t g = 0; g < n && rc == 0; g++)
        exposure_measure(x.observed, x.n, (unsigned)g, &groups[g].effect);
    arena_release(&x.arena);
    free(x.observed);
    free(x.place);
    return rc;
}
