/* experiment_reading.c - what came of it: pages with their arms, what was chosen from them, what of that was liked in the end, viewer by
 * viewer; what they chose in the four weeks before takes out what they are like anyway. */
#include <stdlib.h>

#include "dataset/shown_links.h"
#include "engine/engagement_fitting.h"
#include "engine/experiments.h"
#include "engine/log_scan.h"
#include "engine/page_log.h"

#define BEFORE_MS (INT64_C(28) * 24 * 3600 * 1000)

/* A number per viewer of each. */
struct column {
    double *pages, *chosen, *valued, *before;
    size_t n, cap;
};

struct reading {
    struct mq_engine *e;
    uint64_t events;
    int64_t known_ms;                /* 0: all */
    const struct shown_store *shown; /* NULL: nothing was ever shown */
    const struct catalogue *catalogue;
    const struct engagement_weights *weights;
    struct str name;
    struct column arm[EXPERIMENT_ARMS_MAX];
    size_t n_arms;
    bool interleave;
    /* The viewer at hand. */
    struct viewer_id viewer;
    struct shown_links links;
    struct profile_builder *builder;
    int in; /* their arm, or ARM_NONE */
    int64_t first_ms;
    double pages, before;
    struct mq_error *err;
};

static int take_page(void *ctx, const struct shown_bytes *b)
{
    struct reading *x = ctx;
    size_t n = x->links.n;
    if (x->known_ms && b->at_ms > x->known_ms)
        return 0;
    int rc = shown_links_add(&x->links, b->bytes, b->viewer, b->at_ms, x->err);
    if (rc || x->links.n != n + 1)
        return rc;
    const struct shown_page *p = &x->links.pages[n].page;
    for (uint32_t i = 0; i < p->n_arms; i++) {
        if (!str_eq(p->arms[i].experiment, x->name) || p->arms[i].arm >= x->n_arms)
            continue;
        if (x->in == ARM_NONE)
            x->first_ms = p->at_ms;
        x->in = p->arms[i].arm;
        x->pages++;
        return 0;
    }
    x->links.n = n; /* of no concern */
    return 0;
}

static int room_in(struct column *c, struct mq_error *err)
{
    double **const columns[] = {&c->pages, &c->chosen, &c->valued, &c->before};
    return arm_columns_room(columns, 4, c->n, &c->cap, err);
}

/* Which arm placed the title on the page; -1: neither. */
static int team_of(const struct shown_page *p, uint32_t title)
{
    for (uint32_t r = 0; r < p->n_rows; r++)
        for (uint32_t i = 0; p->rows[r].teams && i < p->rows[r].n; i++)
            if (p->rows[r].items[i].title.v == title)
                return p->rows[r].items[i].team & 1;
    return -1;
}

static int add_viewer(struct reading *x, const struct profile *p)
{
    struct column *c = &x->arm[x->in];
    double chosen = 0, valued = 0;
    int rc = room_in(c, x->err);
    if (rc)
        return rc;
    for (size_t i = 0; i < x->links.n; i++) {
        const struct linked_page *page = &x->links.pages[i];
        chosen += page->n_chosen;
        for (uint32_t k = 0; k < page->n_chosen; k++) {
            const struct title_signal *s = profile_signal(p, (struct title_id){page->chosen[k]});
            valued += s && title_signal_liked(s);
        }
    }
    c->pages[c->n] = x->pages;
    c->chosen[c->n] = chosen;
    c->valued[c->n] = valued;
    c->before[c->n++] = x->before;
    return 0;
}

/* What each arm placed, of what was chosen from the drafted rows. */
static int add_drafted(struct reading *x, const struct profile *p)
{
    double chosen[2] = {0, 0}, valued[2] = {0, 0};
    for (size_t i = 0; i < x->links.n; i++) {
        const struct linked_page *page = &x->links.pages[i];
        for (uint32_t k = 0; k < page->n_chosen; k++) {
            const struct title_signal *s = profile_signal(p, (struct title_id){page->chosen[k]});
            int team = team_of(&page->page, page->chosen[k]);
            if (team < 0)
                continue;
            chosen[team]++;
            valued[team] += s && title_signal_liked(s);
        }
    }
    for (int team = 0; team < 2; team++) {
        struct column *c = &x->arm[team];
        int rc = room_in(c, x->err);
        if (rc)
            return rc;
        c->pages[c->n] = x->pages;
        c->chosen[c->n] = chosen[team];
        c->valued[c->n] = valued[team];
        c->before[c->n++] = 0;
    }
    return 0;
}

static int end_viewer(struct reading *x)
{
    struct profile *p = NULL;
    int rc = 0;
    if (x->builder && x->in != ARM_NONE) {
        rc = profile_snapshot(x->builder, x->weights, &p, x->err);
        if (rc == 0 && !p->consent)
            rc = x->interleave ? add_drafted(x, p) : add_viewer(x, p);
        profile_free(p);
    }
    profile_builder_free(x->builder);
    x->builder = NULL;
    return rc;
}

static int begin_viewer(struct reading *x, struct viewer_id viewer)
{
    int rc = end_viewer(x);
    x->viewer = viewer;
    x->in = ARM_NONE;
    x->pages = x->before = 0;
    shown_links_reset(&x->links);
    if (rc == 0 && x->shown)
        rc = shown_store_viewer(x->shown, viewer, 0, 0, take_page, x, x->err);
    if (rc == 0 && x->in != ARM_NONE)
        rc = profile_builder_new(viewer, &x->builder, x->err);
    return rc;
}

static bool is_choice(const struct event *e)
{
    return e->title_id.v != ID_NONE && (e->kind == EVENT_START || e->kind == EVENT_PLAY ||
                                        e->kind == EVENT_COMPLETE || e->kind == EVENT_RATING);
}

static int read_event(void *ctx, const struct event *e)
{
    struct reading *x = ctx;
    struct shown_place at;
    int rc = reading_goes_on(x->e, &x->events, "experiment", x->err);
    if (rc == 0 && e->viewer_id.v != x->viewer.v)
        rc = begin_viewer(x, e->viewer_id);
    if (rc || x->in == ARM_NONE)
        return rc;
    if (is_choice(e)) {
        x->before += e->at_ms < x->first_ms && e->at_ms >= x->first_ms - BEFORE_MS;
        if (shown_links_find(&x->links, e, &at))
            rc = shown_links_choose(&x->links, &at, e->title_id.v, x->err);
    }
    if (rc == 0)
        rc = profile_feed(x->builder, e, x->catalogue, x->err);
    return rc == PROFILE_LATE ? mq_fail(x->err, MQ_BUG, "experiment: the scan is out of order")
                              : rc;
}

static double sum(const double *v, size_t n)
{
    double s = 0;
    for (size_t i = 0; i < n; i++)
        s += v[i];
    return s;
}

static int conclude(const struct reading *x, struct experiment_reading *ret, struct mq_error *err)
{
    double weight[EXPERIMENT_ARMS_MAX], count[EXPERIMENT_ARMS_MAX];
    const struct column *c = x->arm;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < x->n_arms; i++) {
        struct arm_reading *r = &ret->arm[i];
        *r = (struct arm_reading){.viewers = c[i].n,
                                  .pages = sum(c[i].pages, c[i].n),
                                  .chosen = sum(c[i].chosen, c[i].n),
                                  .valued = sum(c[i].valued, c[i].n)};
        weight[i] = ret->experiment.arm[i].weight;
        count[i] = (double)c[i].n;
        struct arm_sample control = {c[0].chosen, c[0].pages, c[0].before, c[0].n};
        struct arm_sample treatment = {c[i].chosen, c[i].pages, c[i].before, c[i].n};
        if (i > 0)
            rc = effect_measure(&control, &treatment, 0, &r->chosen_effect, err);
        control.value = c[0].valued;
        treatment.value = c[i].valued;
        if (rc == 0 && i > 0)
            rc = effect_measure(&control, &treatment, 0, &r->valued_effect, err);
    }
    ret->sample_ratio_p = sample_ratio_p(weight, count, x->n_arms);
    return rc;
}

/* Each viewer compared both: the differences are one sample, beside a control of nothing. */
static int difference(const struct column *a, const double *of_a, const double *of_b,
                      struct effect *ret, struct mq_error *err)
{
    double *d = calloc(2 * a->n + 1, sizeof(*d));
    if (!d)
        return mq_fail(err, MQ_NO_MEMORY, "experiment: no memory");
    for (size_t i = 0; i < a->n; i++)
        d[i] = of_b[i] - of_a[i];
    int rc = effect_measure(&(struct arm_sample){d + a->n, a->pages, NULL, a->n},
                            &(struct arm_sample){d, a->pages, NULL, a->n}, 0, ret, err);
    double pages = sum(a->pages, a->n);
    ret->control = sum(of_a, a->n) / pages;
    ret->treatment = sum(of_b, a->n) / pages;
    free(d);
    return rc;
}

static int conclude_drafted(const struct reading *x, struct experiment_reading *ret,
                            struct mq_error *err)
{
    const struct column *a = &x->arm[0], *b = &x->arm[1];
    for (size_t i = 0; i < 2; i++) {
        const struct column *c = &x->arm[i];
        ret->arm[i] = (struct arm_reading){.viewers = c->n,
                                           .pages = sum(c->pages, c->n),
                                           .chosen = sum(c->chosen, c->n),
                                           .valued = sum(c->valued, c->n)};
    }
    ret->sample_ratio_p = 1; /* nobody is divided */
    int rc = difference(a, a->chosen, b->chosen, &ret->arm[1].chosen_effect, err);
    return rc ? rc : difference(a, a->valued, b->valued, &ret->arm[1].valued_effect, err);
}

int engine_experiment_read(struct mq_engine *e, struct str name, int64_t as_of_ms,
                           struct experiment_reading *ret, struct mq_error *err)
{
    struct experiment x;
    int rc = engine_experiment_get(e, name, &x, err);
    if (rc == 0 && as_of_ms && as_of_ms < x.created_ms)
        rc = mq_fail(err, MQ_NOT_FOUND, "experiment: %.*s: was made later: ask as of a later time",
                     STR_ARG(name));
    if (as_of_ms && x.started_ms > as_of_ms)
        x.started_ms = 0; /* as it was then */
    if (as_of_ms && x.stopped_ms > as_of_ms)
        x.stopped_ms = 0;
    return rc ? rc : engine_experiment_read_of(e, &x, as_of_ms, ret, err);
}

int engine_experiment_read_of(struct mq_engine *e, const struct experiment *of, int64_t as_of_ms,
                              struct experiment_reading *ret, struct mq_error *err)
{
    struct experiment_reading out = {.experiment = *of};
    struct catalogue *c = NULL;
    struct reading x = {
        .e = e, .known_ms = as_of_ms, .viewer = {ID_NONE}, .in = ARM_NONE, .err = err};
    int rc = catalogue_from_store(e->store, 0, &c, err);
    if (rc)
        return rc;
    x.catalogue = c;
    x.weights = engine_engagement(e);
    x.name = str_of(out.experiment.name);
    x.n_arms = out.experiment.n;
    x.interleave = out.experiment.interleave;
    rc = shown_links_init(&x.links, err);
    if (rc == 0)
        rc = page_log_reading(e->page_log, &x.shown, err);
    if (rc == 0)
        rc = store_scan_all(e->store, &(struct store_range){.known_ms = as_of_ms}, read_event, &x,
                            err);
    if (rc == 0)
        rc = end_viewer(&x);
    if (rc == 0)
        rc = x.interleave ? conclude_drafted(&x, &out, err) : conclude(&x, &out, err);
    profile_builder_free(x.builder);
    shown_links_release(&x.links);
    for (size_t i = 0; i < EXPERIMENT_ARMS_MAX; i++) {
        free(x.arm[i].pages);
        free(x.arm[i].chosen);
        free(x.arm[i].valued);
        free(x.arm[i].before);
    }
    catalogue_free(c);
    if (rc == 0)
        *ret = out;
    return rc;
}
