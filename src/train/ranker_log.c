#include "train/ranker_log.h"

#include <stdlib.h>

#include "base/hash.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

int ranker_log_init(struct ranker_log *l, const struct ranker_log_settings *s, struct mq_error *err)
{
    *l = (struct ranker_log){.settings = *s, .viewer = {ID_NONE}};
    return shown_links_init(&l->links, err);
}

void ranker_log_release(struct ranker_log *l)
{
    for (size_t i = 0; i < l->n; i++) {
        profile_free(l->choices[i].profile);
        free(l->choices[i].shown);
        free(l->choices[i].shown_row);
        free(l->choices[i].shown_column);
    }
    free(l->choices);
    free(l->counted);
    profile_builder_free(l->builder);
    shown_links_release(&l->links);
    resume_choices_release(&l->resumed);
    *l = (struct ranker_log){0};
}

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "ranker: no memory");
}

static void drop_from(struct ranker_log *l, size_t i)
{
    profile_free(l->choices[i].profile);
    free(l->choices[i].shown);
    free(l->choices[i].shown_row);
    free(l->choices[i].shown_column);
    l->choices[i] = l->choices[--l->n];
}

/* How good the viewer's choices were, now that it is known; those of which nothing good is known go. Nothing is learnt from who is
 * not profiled, nor from children. */
static void judge(struct ranker_log *l, const struct profile *end)
{
    for (size_t i = l->n; i-- > l->first;) {
        struct ranker_choice *c = &l->choices[i];
        const struct title_signal *s =
            end->consent ? NULL : profile_signal(end, (struct title_id){c->title});
        c->gain = s && s->confidence > 0 && s->preference > 0 ? 1 + s->preference : 0;
        if (!(c->gain > 0))
            drop_from(l, i);
    }
}

static int end_viewer(struct ranker_log *l, struct mq_error *err)
{
    if (!l->builder)
        return 0;
    struct profile *p;
    int rc = profile_snapshot(l->builder, l->settings.weights, &p, err);
    if (rc == 0) {
        judge(l, p);
        resume_choices_judge(&l->resumed, p->consent ? NULL : p);
        for (size_t i = 0; !p->consent && i < l->links.n; i++)
            examination_add(&l->examination, &l->links.pages[i].page, l->links.pages[i].chosen,
                            l->links.pages[i].n_chosen);
        examination_end_viewer(&l->examination);
        profile_free(p);
    }
    profile_builder_free(l->builder);
    l->builder = NULL;
    l->first = l->n;
    return rc;
}

int ranker_log_viewer(struct ranker_log *l, struct viewer_id viewer, struct mq_error *err)
{
    int rc = end_viewer(l, err);
    shown_links_reset(&l->links);
    l->viewer = viewer;
    return rc ? rc : profile_builder_new(viewer, &l->builder, err);
}

int ranker_log_page(struct ranker_log *l, struct str bytes, int64_t at_ms, struct mq_error *err)
{
    return shown_links_add(&l->links, bytes, l->viewer, at_ms, err);
}

static bool is_choice(const struct event *e)
{
    return e->title_id.v != ID_NONE &&
           (e->kind == EVENT_START || e->kind == EVENT_PLAY || e->kind == EVENT_COMPLETE ||
            e->kind == EVENT_RATING || (e->kind == EVENT_THUMB && e->value > 0));
}

static bool is_counted(const struct event *e)
{
    return e->title_id.v != ID_NONE &&
           (e->kind == EVENT_START || e->kind == EVENT_COMPLETE || e->kind == EVENT_RATING ||
            e->kind == EVENT_THUMB || e->kind == EVENT_LIST_ADD);
}

static int note_counted(struct ranker_log *l, const struct event *e, struct mq_error *err)
{
    if (!is_counted(e) || e->at_ms < l->settings.from_ms - RANKER_COUNTED_DAYS * DAY_MS ||
        l->n_counted == RANKER_COUNTED_MAX)
        return 0;
    if (l->n_counted == l->cap_counted) {
        size_t cap = l->cap_counted ? 2 * l->cap_counted : 4096;
        struct counted_event *c = realloc(l->counted, cap * sizeof(*c));
        if (!c)
            return no_memory(err);
        l->counted = c;
        l->cap_counted = cap;
    }
    l->counted[l->n_counted++] = (struct counted_event){.at_ms = e->at_ms,
                                                        .seq = e->seq,
                                                        .title = e->title_id.v,
                                                        .value = e->value,
                                                        .scale = e->scale,
                                                        .offset_min = e->context.offset_min,
                                                        .country = e->context.country,
                                                        .device = e->context.device,
                                                        .kind = (uint8_t)e->kind};
    return 0;
}

static bool is_drawn(const struct ranker_log *l, const struct event *e)
{
    uint64_t pair = (uint64_t)l->viewer.v << 32 | e->title_id.v;
    return (double)(hash_mix(pair, l->settings.seed) >> 11) * 0x1p-53 < l->settings.share;
}

/* A title that was begun is none: whatever comes of it, the profile knows already that it was chosen. */
static bool is_new(const struct profile *p, uint32_t title)
{
    const struct title_signal *s = profile_signal(p, (struct title_id){title});
    return !s ||
           (s->sessions == 0 && !(s->flags & (SIGNAL_PLAYED | SIGNAL_FINISHED | SIGNAL_HIDDEN)) &&
            s->rating == 0 && s->thumb == 0);
}

/* What stood on the page, the chosen title among it. */
static int take_page(struct ranker_choice *c, const struct shown_links *links,
                     const struct shown_place *at, struct mq_error *err)
{
    const struct shown_page *p = &links->pages[at->page].page;
    c->context.device = p->context.device;
    for (uint32_t r = 0; r < p->n_rows; r++)
        c->n_shown += p->rows[r].n;
    c->shown = malloc((c->n_shown + 1) * sizeof(*c->shown));
    c->shown_row = malloc((c->n_shown + 1) * sizeof(*c->shown_row));
    c->shown_column = malloc((c->n_shown + 1) * sizeof(*c->shown_column));
    if (!c->shown || !c->shown_row || !c->shown_column)
        return no_memory(err);
    uint32_t n = 0;
    for (uint32_t r = 0; r < p->n_rows; r++)
        for (uint32_t i = 0; i < p->rows[r].n; i++) {
            c->shown_row[n] = (uint8_t)r;
            c->shown_column[n] = (uint8_t)(i < UINT8_MAX ? i : UINT8_MAX);
            c->shown[n++] = p->rows[r].items[i].title.v;
        }
    return 0;
}

static int keep_choice(struct ranker_log *l, const struct event *e, const struct shown_place *at,
                       struct mq_error *err)
{
    struct ranker_choice c = {.title = e->title_id.v, .at_ms = e->at_ms, .context = e->context};
    c.context.region = c.context.mood = STR_NONE;
    if (l->n == l->cap) {
        size_t cap = l->cap ? 2 * l->cap : 256;
        struct ranker_choice *p = realloc(l->choices, cap * sizeof(*p));
        if (!p)
            return no_memory(err);
        l->choices = p;
        l->cap = cap;
    }
    int rc = profile_snapshot(l->builder, l->settings.weights, &c.profile, err);
    if (rc)
        return rc;
    if (c.profile->n == 0 || !is_new(c.profile, c.title)) {
        profile_free(c.profile);
        return 0;
    }
    rc = at ? take_page(&c, &l->links, at, err) : 0;
    if (rc) {
        profile_free(c.profile);
        free(c.shown);
        free(c.shown_row);
        free(c.shown_column);
    } else {
        l->choices[l->n++] = c;
    }
    return rc;
}

int ranker_log_event(struct ranker_log *l, const struct event *e, struct mq_error *err)
{
    struct shown_place at;
    if (e->kind == EVENT_IMPRESSION) {
        int added = shown_links_impression(&l->links, e, err);
        if (added)
            return added;
    }
    bool linked = is_choice(e) && shown_links_find(&l->links, e, &at);
    int rc = note_counted(l, e, err);
    if (rc == 0 && linked)
        rc = shown_links_choose(&l->links, &at, e->title_id.v, err);
    if (rc == 0 && is_choice(e) && e->at_ms >= l->settings.from_ms && is_drawn(l, e) &&
        l->n < RANKER_CHOICES_MAX)
        rc = keep_choice(l, e, linked ? &at : NULL, err);
    if (rc == 0 && e->kind == EVENT_START && e->at_ms >= l->settings.from_ms && is_drawn(l, e))
        rc = resume_choices_take(&l->resumed, l->builder, l->settings.catalogue, e, err);
    if (rc == 0)
        rc = profile_feed(l->builder, e, l->settings.catalogue, err);
    return rc == PROFILE_LATE ? mq_fail(err, MQ_BUG, "ranker: the scan is out of order") : rc;
}

static int by_time(const void *a, const void *b)
{
    const struct ranker_choice *x = a, *y = b;
    if (x->at_ms != y->at_ms)
        return x->at_ms < y->at_ms ? -1 : 1;
    return (x->profile->viewer.v > y->profile->viewer.v) -
           (x->profile->viewer.v < y->profile->viewer.v);
}

static int counted_by_time(const void *a, const void *b)
{
    const struct counted_event *x = a, *y = b;
    if (x->at_ms != y->at_ms)
        return x->at_ms < y->at_ms ? -1 : 1;
    return (x->seq > y->seq) - (x->seq < y->seq);
}

int ranker_log_finish(struct ranker_log *l, struct mq_error *err)
{
    int rc = end_viewer(l, err);
    if (rc)
        return rc;
    if (l->n > 0)
        qsort(l->choices, l->n, sizeof(*l->choices), by_time);
    if (l->n_counted > 0)
        qsort(l->counted, l->n_counted, sizeof(*l->counted), counted_by_time);
    return 0;
}
