#include "engine/picture_learning.h"

#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "dataset/shown_links.h"
#include "engine/engagement_fitting.h"
#include "engine/log_scan.h"
#include "engine/page_log.h"
#include "experiment/best_chance.h"

enum { IN_VIEW = 6, SEEN_MAX = 1 << 16 /* titles with a picture, of one viewer */ };

/* What one viewer saw: title * (PICTURES_MAX + 1) + picture, and whether it was valued. */
struct seen {
    uint64_t *key; /* (n) */
    size_t n, cap;
};

struct learning {
    struct mq_engine *e;
    uint64_t events;
    const struct shown_store *shown;
    const struct catalogue *catalogue;
    const struct engagement_weights *weights;
    struct title_pictures *of; /* (n_titles) by title */
    uint32_t n_titles;
    struct viewer_id viewer;
    struct shown_links links;
    struct profile_builder *builder;
    bool in;
    struct seen seen, tried;
    struct mq_error *err;
};

/* A row with places in which new titles are tried. */
static bool is_trial(const struct shown_row *row)
{
    return row->random && str_eq(row->kind, STR("new"));
}

static int take_page(void *ctx, const struct shown_bytes *b)
{
    struct learning *x = ctx;
    size_t n = x->links.n;
    int rc = shown_links_add(&x->links, b->bytes, b->viewer, b->at_ms, x->err);
    if (rc || x->links.n != n + 1)
        return rc;
    const struct shown_page *p = &x->links.pages[n].page;
    for (uint32_t i = 0; i < p->n_rows; i++)
        x->in = x->in || p->rows[i].pictures || is_trial(&p->rows[i]);
    return 0;
}

static int by_key(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static int note(struct learning *x, struct seen *s, uint32_t title, unsigned picture, bool valued)
{
    if (s->n == SEEN_MAX)
        return 0;
    if (s->n == s->cap) {
        size_t cap = s->cap ? 2 * s->cap : 1024;
        uint64_t *p = realloc(s->key, cap * sizeof(*p));
        if (!p)
            return mq_fail(x->err, MQ_NO_MEMORY, "pictures: no memory");
        s->key = p;
        s->cap = cap;
    }
    s->key[s->n++] = ((uint64_t)title * PICTURES_MAX + picture) << 1 | valued;
    return 0;
}

/* Its place in the title's list as it is now, by its key; where there is none, by its number then. PICTURES_MAX: it is not in there. */
static unsigned picture_now(const struct learning *x, const struct shown_item *item)
{
    unsigned i = 0;
    if (item->title.v >= x->n_titles)
        return PICTURES_MAX;
    if (item->picture_key == 0)
        return item->picture - 1u;
    while (i < PICTURES_MAX && x->of[item->title.v].key[i] != item->picture_key)
        i++;
    return i;
}

static bool chosen_from(const struct linked_page *page, uint32_t title)
{
    for (uint32_t k = 0; k < page->n_chosen; k++)
        if (page->chosen[k] == title)
            return true;
    return false;
}

static int note_page(struct learning *x, const struct linked_page *page, const struct profile *p)
{
    int rc = 0;
    for (uint32_t r = 0; r < page->page.n_rows; r++) {
        const struct shown_row *row = &page->page.rows[r];
        for (uint32_t i = 0; rc == 0 && i < row->n && (row->pictures || is_trial(row)); i++) {
            const struct shown_item *item = &row->items[i];
            bool chosen = chosen_from(page, item->title.v);
            const struct title_signal *s = chosen ? profile_signal(p, item->title) : NULL;
            bool valued = s && title_signal_liked(s);
            if (is_trial(row) && !isnan(item->propensity))
                rc = note(x, &x->tried, item->title.v, 0, valued);
            bool seen = row->pictures && item->picture > 0 && (i < IN_VIEW || chosen);
            unsigned picture = seen ? picture_now(x, item) : PICTURES_MAX;
            if (rc == 0 && picture < PICTURES_MAX)
                rc = note(x, &x->seen, item->title.v, picture, valued);
        }
    }
    return rc;
}

/* A viewer counts once for each title and picture: valued if it was so once. */
static void add_viewer(struct learning *x, struct seen *s, bool trial)
{
    if (s->n > 0)
        qsort(s->key, s->n, sizeof(*s->key), by_key);
    for (size_t i = 0; i < s->n; i++) {
        uint64_t pair = s->key[i] >> 1;
        if (i + 1 < s->n && s->key[i + 1] >> 1 == pair)
            continue; /* the last of its kind is the valued one */
        uint32_t title = (uint32_t)(pair / PICTURES_MAX);
        if (title >= x->n_titles)
            continue;
        struct title_pictures *t = &x->of[title];
        uint32_t *shown = trial ? &t->tried : &t->shown[pair % PICTURES_MAX];
        uint32_t *valued = trial ? &t->tried_valued : &t->valued[pair % PICTURES_MAX];
        ++*shown;
        *valued += s->key[i] & 1;
    }
    s->n = 0;
}

static int end_viewer(struct learning *x)
{
    struct profile *p = NULL;
    int rc = 0;
    if (x->builder) {
        rc = profile_snapshot(x->builder, x->weights, &p, x->err);
        for (size_t i = 0; rc == 0 && !p->consent && i < x->links.n; i++)
            rc = note_page(x, &x->links.pages[i], p);
        if (rc == 0) {
            add_viewer(x, &x->seen, false);
            add_viewer(x, &x->tried, true);
        }
        profile_free(p);
    }
    profile_builder_free(x->builder);
    x->builder = NULL;
    return rc;
}

static int begin_viewer(struct learning *x, struct viewer_id viewer)
{
    int rc = end_viewer(x);
    x->viewer = viewer;
    x->in = false;
    shown_links_reset(&x->links);
    if (rc == 0)
        rc = shown_store_viewer(x->shown, viewer, 0, 0, take_page, x, x->err);
    if (rc == 0 && x->in)
        rc = profile_builder_new(viewer, &x->builder, x->err);
    return rc;
}

static int read_event(void *ctx, const struct event *e)
{
    struct learning *x = ctx;
    struct shown_place at;
    int rc = reading_goes_on(x->e, &x->events, "pictures", x->err);
    if (rc == 0 && e->viewer_id.v != x->viewer.v)
        rc = begin_viewer(x, e->viewer_id);
    if (rc || !x->in)
        return rc;
    bool choice = e->kind == EVENT_START || e->kind == EVENT_PLAY || e->kind == EVENT_COMPLETE ||
                  e->kind == EVENT_RATING;
    if (choice && e->title_id.v != ID_NONE && shown_links_find(&x->links, e, &at))
        rc = shown_links_choose(&x->links, &at, e->title_id.v, x->err);
    if (rc == 0)
        rc = profile_feed(x->builder, e, x->catalogue, x->err);
    return rc == PROFILE_LATE ? mq_fail(x->err, MQ_BUG, "pictures: the scan is out of order") : rc;
}

/* The chances of all titles with several pictures. */
static int conclude(struct learning *x, struct picture_table *t, struct mq_error *err)
{
    uint64_t tried_valued = 0;
    for (uint32_t i = 0; i < x->n_titles; i++) {
        t->tried += x->of[i].tried;
        tried_valued += x->of[i].tried_valued;
        for (unsigned k = 0; k < PICTURES_MAX; k++) {
            t->shown += x->of[i].shown[k];
            t->valued += x->of[i].valued[k];
        }
    }
    t->tried_rate = ((double)tried_valued + 1) / ((double)t->tried + 20);
    double rate = ((double)t->valued + 1) / ((double)t->shown + 20);
    t->of = calloc((size_t)x->n_titles + 1, sizeof(*t->of));
    if (!t->of)
        return mq_fail(err, MQ_NO_MEMORY, "pictures: no memory");
    for (uint32_t i = 0; i < x->n_titles; i++) {
        struct variant v[PICTURES_MAX];
        uint16_t n = x->catalogue->titles[i].n_pictures;
        if (n < 2 && x->of[i].tried == 0)
            continue;
        struct title_pictures *p = &t->of[t->n++];
        *p = x->of[i];
        p->title.v = i;
        p->n = (uint8_t)(n < PICTURES_MAX ? n : PICTURES_MAX);
        for (unsigned k = 0; k < p->n; k++)
            v[k] = (struct variant){p->shown[k], p->valued[k]};
        if (p->n > 0)
            best_chance(v, p->n, rate, p->chance);
    }
    return 0;
}

static void take_keys(struct learning *x)
{
    for (uint32_t t = 0; t < x->n_titles; t++) {
        const struct title_row *row = &x->catalogue->titles[t];
        for (unsigned i = 0; i < row->n_pictures && i < PICTURES_MAX; i++)
            x->of[t].key[i] = shown_picture_key(row->pictures[i]);
    }
}

static void free_table(void *t)
{
    picture_table_free(t);
}

static int learn(struct mq_engine *e, struct picture_table *t, struct mq_error *err)
{
    struct catalogue *c = NULL;
    struct learning x = {.e = e, .viewer = {ID_NONE}, .err = err};
    int rc = catalogue_from_store(e->store, 0, &c, err);
    if (rc)
        return rc;
    x.catalogue = c;
    x.n_titles = c->n_titles;
    x.weights = engine_engagement(e);
    x.of = calloc((size_t)x.n_titles + 1, sizeof(*x.of));
    rc = x.of ? shown_links_init(&x.links, err) : mq_fail(err, MQ_NO_MEMORY, "pictures: no memory");
    if (rc == 0)
        take_keys(&x);
    if (rc == 0)
        rc = page_log_reading(e->page_log, &x.shown, err);
    if (rc == 0 && x.shown)
        rc = store_scan_all(e->store, &(struct store_range){0}, read_event, &x, err);
    if (rc == 0)
        rc = end_viewer(&x);
    if (rc == 0)
        rc = conclude(&x, t, err);
    profile_builder_free(x.builder);
    shown_links_release(&x.links);
    free(x.seen.key);
    free(x.tried.key);
    free(x.of);
    catalogue_free(c);
    return rc;
}

int engine_pictures_learn(struct mq_engine *e, struct mq_error *err)
{
    if (atomic_exchange(&e->pictures_learning, true))
        return mq_fail(err, MQ_CONFLICT, "pictures: are being learnt already: wait");
    struct picture_table *t = calloc(1, sizeof(*t));
    int rc = t ? 0 : mq_fail(err, MQ_NO_MEMORY, "pictures: no memory");
    if (rc == 0) {
        t->erasures = atomic_load(&e->erasures);
        t->learnt_ms = clock_wall_ms();
        rc = learn(e, t, err);
    }
    if (rc == 0) {
        t = atomic_exchange(&e->pictures, t);
        if (t)
            epoch_defer(e->epoch, free_table, t);
        t = NULL;
    }
    picture_table_free(t);
    atomic_store(&e->pictures_learning, false);
    return rc;
}

const struct picture_table *picture_learning_now(struct mq_engine *e)
{
    const struct picture_table *t = atomic_load(&e->pictures);
    return t && t->erasures == atomic_load(&e->erasures) ? t : NULL;
}
