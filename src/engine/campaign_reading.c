/* campaign_reading.c - what came of a campaign: all viewers who were assigned, shown or not, arm beside arm; what they chose in the four
 * weeks before takes out what they are like anyway. */
#include <math.h>
#include <stdlib.h>

#include "engine/campaigns.h"
#include "engine/engagement_fitting.h"
#include "engine/log_scan.h"
#include "engine/page_log.h"
#include "event/shown_page.h"

#define BEFORE_MS (INT64_C(28) * 24 * 3600 * 1000)
#define BROKEN_BELOW 0.001
enum { ARENA_FIRST = 64 * 1024, ARENA_MOST = 8 << 20, WORDS = 1024 };

/* A number per viewer of each. */
struct column {
    double *watched, *valued, *other, *before;
    uint32_t *segment;
    size_t n, cap;
    uint64_t seen[CAMPAIGN_SEGMENTS_MAX], shown[CAMPAIGN_SEGMENTS_MAX];
};

struct reading {
    struct mq_engine *e;
    uint64_t events;
    const struct campaign *campaign;
    const struct campaign_viewers *viewers;
    const struct shown_store *shown; /* NULL: nothing was ever shown */
    const struct catalogue *catalogue;
    const struct engagement_weights *weights;
    uint32_t title;
    char label[CAMPAIGN_LABEL_MAX];
    int64_t until_ms, known_ms;
    struct column arm[CAMPAIGN_ARMS];
    struct arena arena; /* of one page */
    /* The viewer at hand. */
    struct viewer_id viewer;
    struct profile_builder *builder;
    int in; /* their segment, or -1 */
    bool seen, saw, began;
    double before;
    struct mq_error *err;
};

/* ---------------------------------------------------------------- viewer by viewer */

static int room_in(struct column *c, struct mq_error *err)
{
    double **const columns[] = {&c->watched, &c->valued, &c->other, &c->before};
    size_t cap = c->cap;
    int rc = arm_columns_room(columns, 4, c->n, &cap, err);
    if (rc || cap == c->cap)
        return rc;
    uint32_t *p = realloc(c->segment, cap * sizeof(*p));
    if (!p)
        return mq_fail(err, MQ_NO_MEMORY, "campaign: no memory");
    c->segment = p;
    c->cap = cap;
    return 0;
}

static int add_viewer(struct reading *x, const struct profile *p)
{
    struct str name = intern_name(store_names(x->e->store, NAME_VIEWER), x->viewer.v);
    if (name.n == 0) /* erased */
        return 0;
    int arm = campaign_arm(str_of(x->label), x->campaign->is.holdout, name);
    struct column *c = &x->arm[arm];
    int rc = room_in(c, x->err);
    if (rc)
        return rc;
    double other = 0;
    bool valued = false;
    for (uint32_t i = 0; i < p->n; i++) {
        const struct title_signal *s = &p->signals[i];
        if (s->title.v == x->title)
            valued = title_signal_liked(s);
        else
            other += title_signal_liked(s) && (int64_t)s->last_s * 1000 >= x->campaign->launched_ms;
    }
    c->watched[c->n] = x->began;
    c->valued[c->n] = x->began && valued;
    c->other[c->n] = other;
    c->before[c->n] = x->before;
    c->segment[c->n++] = (uint32_t)x->in;
    c->seen[x->in] += x->seen;
    c->shown[x->in] += x->saw;
    return 0;
}

static int end_viewer(struct reading *x)
{
    struct profile *p = NULL;
    int rc = 0;
    if (x->builder && x->in >= 0) {
        rc = profile_snapshot(x->builder, x->weights, &p, x->err);
        if (rc == 0 && !p->consent)
            rc = add_viewer(x, p);
        profile_free(p);
    }
    profile_builder_free(x->builder);
    x->builder = NULL;
    return rc;
}

static int take_page(void *ctx, const struct shown_bytes *b)
{
    struct reading *x = ctx;
    struct shown_page p;
    struct mq_error none;
    arena_reset(&x->arena);
    if (b->at_ms >= x->until_ms || /* damaged ones say nothing */
        shown_page_decode(b->bytes, b->viewer, b->at_ms, &x->arena, &p, &none) != 0)
        return 0;
    x->seen = true;
    for (uint32_t r = 0; r < p.n_rows && !x->saw; r++) {
        for (uint32_t i = 0; i < p.rows[r].n && !x->saw; i++)
            x->saw = p.rows[r].items[i].title.v == x->title;
    }
    return 0;
}

static int begin_viewer(struct reading *x, struct viewer_id viewer)
{
    int rc = end_viewer(x);
    x->viewer = viewer;
    x->in = -1;
    x->seen = x->saw = x->began = false;
    x->before = 0;
    for (size_t i = 0; i < x->viewers->n && x->in < 0; i++)
        x->in = roaring_bitmap_contains(x->viewers->of[i], viewer.v) ? (int)i : -1;
    if (rc == 0 && x->in >= 0 && x->shown)
        rc = shown_store_viewer(x->shown, viewer, x->campaign->launched_ms, INT64_MAX, take_page, x,
                                x->err);
    if (rc == 0 && x->in >= 0)
        rc = profile_builder_new(viewer, &x->builder, x->err);
    return rc;
}

static int take_event(void *ctx, const struct event *e)
{
    struct reading *x = ctx;
    int64_t launched = x->campaign->launched_ms;
    int rc = reading_goes_on(x->e, &x->events, "campaign", x->err);
    if (rc == 0 && e->viewer_id.v != x->viewer.v)
        rc = begin_viewer(x, e->viewer_id);
    if (rc || x->in < 0)
        return rc;
    /* Settings hold whenever they were given: who left profiling afterwards is not counted either. */
    bool later = e->at_ms >= x->until_ms || (x->known_ms && event_known_ms(e) > x->known_ms);
    if (later && event_order_of(e) == ORDER_NONE)
        return 0;
    bool choice =
        e->title_id.v != ID_NONE && (e->kind == EVENT_START || e->kind == EVENT_PLAY ||
                                     e->kind == EVENT_COMPLETE || e->kind == EVENT_RATING);
    /* What a client says that it showed counts as what was served does. */
    if (e->kind == EVENT_IMPRESSION && e->n_items > 0 && e->at_ms >= launched) {
        x->seen = true;
        for (uint32_t i = 0; i < e->n_items && !x->saw; i++)
            x->saw = e->items[i].title_id.v == x->title;
    }
    if (choice) {
        x->before += e->at_ms < launched && e->at_ms >= launched - BEFORE_MS;
        x->began = x->began || (e->title_id.v == x->title && e->at_ms >= launched);
    }
    rc = profile_feed(x->builder, e, x->catalogue, x->err);
    return rc == PROFILE_LATE ? mq_fail(x->err, MQ_BUG, "campaign: the scan is out of order") : rc;
}

/* ---------------------------------------------------------------- arm beside arm */

/* Of one segment, or of all (-1): a view of the columns. */
struct part {
    double *watched, *valued, *other, *before;
    size_t n;
    double seen, shown;
};

static int take_part(const struct column *c, int segment, struct part *ret, struct mq_error *err)
{
    double *block = calloc(4 * c->n + 1, sizeof(*block));
    if (!block)
        return mq_fail(err, MQ_NO_MEMORY, "campaign: no memory");
    struct part p = {block, block + c->n, block + 2 * c->n, block + 3 * c->n, 0, 0, 0};
    for (size_t i = 0; i < c->n; i++) {
        if (segment >= 0 && c->segment[i] != (uint32_t)segment)
            continue;
        p.watched[p.n] = c->watched[i];
        p.valued[p.n] = c->valued[i];
        p.other[p.n] = c->other[i];
        p.before[p.n++] = c->before[i];
    }
    for (int i = 0; i < CAMPAIGN_SEGMENTS_MAX; i++) {
        p.seen += segment < 0 || segment == i ? (double)c->seen[i] : 0;
        p.shown += segment < 0 || segment == i ? (double)c->shown[i] : 0;
    }
    *ret = p;
    return 0;
}

static double mean(const double *v, size_t n)
{
    double s = 0;
    for (size_t i = 0; i < n; i++)
        s += v[i];
    return n ? s / (double)n : NAN;
}

static int measure(const struct part p[CAMPAIGN_ARMS], const double *control,
                   const double *treatment, struct effect *ret, struct mq_error *err)
{
    struct arm_sample a = {control, NULL, p[0].before, p[0].n};
    struct arm_sample b = {treatment, NULL, p[1].before, p[1].n};
    /* All who will ever count are assigned already: there the anytime interval is to be tightest. */
    return effect_measure(&a, &b, (double)(p[0].n + p[1].n), ret, err);
}

static int compare(struct reading *x, int segment, struct campaign_comparison *ret,
                   struct effect *other, double *sample_ratio)
{
    struct part p[CAMPAIGN_ARMS] = {{0}};
    double holdout = x->campaign->is.holdout;
    double weight[CAMPAIGN_ARMS] = {holdout, 1 - holdout};
    double count[CAMPAIGN_ARMS], seen[CAMPAIGN_ARMS];
    unsigned floor = x->campaign->is.floor;
    int rc = take_part(&x->arm[0], segment, &p[0], x->err);
    if (rc == 0)
        rc = take_part(&x->arm[1], segment, &p[1], x->err);
    for (int i = 0; i < CAMPAIGN_ARMS && rc == 0; i++) {
        double n = (double)p[i].n;
        ret->withheld = ret->withheld || n < floor;
        ret->arm[i] = (struct campaign_arm_figures){.viewers = n,
                                                    .seen = p[i].seen / n,
                                                    .shown = p[i].shown / n,
                                                    .watched = mean(p[i].watched, p[i].n),
                                                    .valued = mean(p[i].valued, p[i].n)};
        count[i] = n;
        seen[i] = p[i].seen;
    }
    if (rc == 0)
        rc = measure(p, p[0].watched, p[1].watched, &ret->watched, x->err);
    if (rc == 0)
        rc = measure(p, p[0].valued, p[1].valued, &ret->valued, x->err);
    if (rc == 0 && other)
        rc = measure(p, p[0].other, p[1].other, other, x->err);
    if (rc == 0 && sample_ratio)
        *sample_ratio = fmin(sample_ratio_p(weight, count, CAMPAIGN_ARMS),
                             sample_ratio_p(weight, seen, CAMPAIGN_ARMS));
    free(p[0].watched);
    free(p[1].watched);
    return rc;
}

/* ---------------------------------------------------------------- the order */

static int measure_order(const struct campaign *c, struct campaign_reading *r, struct mq_error *err)
{
    struct qini_group by_uplift[CAMPAIGN_SEGMENTS_MAX], by_anyway[CAMPAIGN_SEGMENTS_MAX];
    struct campaign_order o = {.told = c->is.n >= 2, .expected = true, .affinity_told = true};
    for (size_t i = 0; i < c->is.n; i++) {
        const struct campaign_comparison *x = &r->segment[i];
        const struct campaign_segment *s = &c->is.segments[i];
        o.told = o.told && !x->withheld && x->watched.n_control >= EFFECT_VIEWERS_MIN &&
                 x->watched.n_treatment >= EFFECT_VIEWERS_MIN;
        o.expected = o.expected && s->uplift != 0;
        o.affinity_told = o.affinity_told && s->anyway != 0;
        by_uplift[i] = (struct qini_group){.viewers = x->arm[0].viewers + x->arm[1].viewers,
                                           .difference = x->watched.difference,
                                           .standard_error = x->watched.standard_error};
    }
    if (!o.told)
        return 0;
    for (size_t i = 0; i < c->is.n; i++) {
        by_anyway[i] = by_uplift[i];
        by_uplift[i].score = o.expected ? c->is.segments[i].uplift : -(double)i;
        by_anyway[i].score = c->is.segments[i].anyway;
    }
    int rc = qini_measure(by_uplift, c->is.n, &o.qini, err);
    if (rc == 0 && o.affinity_told)
        rc = qini_measure(by_anyway, c->is.n, &o.affinity, err);
    if (rc == 0)
        r->order = o;
    return rc;
}

/* ---------------------------------------------------------------- the verdict */

static void judge(struct campaign_reading *r)
{
    const struct effect *f = &r->all.watched;
    if (r->sample_ratio_p < BROKEN_BELOW)
        r->verdict = "broken";
    else if (r->all.withheld)
        r->verdict = "withheld";
    else if (f->n_control < EFFECT_VIEWERS_MIN || f->n_treatment < EFFECT_VIEWERS_MIN ||
             f->control + f->treatment <= 0)
        r->verdict = "too early";
    else if (f->anytime_low > 0)
        r->verdict = "effect";
    else if (f->anytime_high < 0)
        r->verdict = "harm";
    else
        r->verdict = "no effect shown";
}

static const char *in_words(const struct campaign_reading *r, struct arena *arena)
{
    const struct effect *f = &r->all.watched;
    char space[WORDS];
    struct buf b;
    buf_over(&b, space, sizeof(space));
    if (strcmp(r->verdict, "broken") == 0)
        buf_add_z(&b, "The arms are not filled as they should be: no effect is to be believed.");
    else if (strcmp(r->verdict, "withheld") == 0)
        buf_add_z(&b, "An arm has fewer viewers than the privacy floor: nothing is told.");
    else if (strcmp(r->verdict, "too early") == 0)
        buf_printf(&b,
                   "Nobody began it yet, or an arm has fewer than %d viewers: nothing can be said.",
                   EFFECT_VIEWERS_MIN);
    else
        buf_printf(&b,
                   "Of 100 assigned viewers %.2g began it; of 100 who were held out %.2g: "
                   "%+.2g [%+.2g, %+.2g] at every look together. %s",
                   100 * f->treatment, 100 * f->control, 100 * f->difference, 100 * f->anytime_low,
                   100 * f->anytime_high,
                   strcmp(r->verdict, "no effect shown") == 0
                       ? "The interval holds zero: no effect is shown."
                   : strcmp(r->verdict, "effect") == 0 ? "More began it because of the campaign."
                                                       : "Fewer began it because of the campaign.");
    buf_add_char(&b, '\0');
    struct str kept = b.failed ? STR_NONE : arena_str(arena, buf_str(&b));
    return kept.p ? kept.p : "";
}

/* What is withheld would follow from the whole less the segments that are told: as many go, the smallest first, that those that are withheld have
 * the floor's viewers together, in both arms. */
static void withhold_enough(struct campaign_reading *r)
{
    const struct campaign_request *q = &r->campaign.is;
    for (;;) {
        double left[CAMPAIGN_ARMS] = {0, 0};
        bool any = false;
        struct campaign_comparison *smallest = NULL;
        for (size_t i = 0; i < q->n; i++) {
            struct campaign_comparison *c = &r->segment[i];
            double n = c->arm[0].viewers + c->arm[1].viewers;
            any = any || c->withheld;
            for (int arm = 0; arm < CAMPAIGN_ARMS && c->withheld; arm++)
                left[arm] += c->arm[arm].viewers;
            if (!c->withheld &&
                (!smallest || n < smallest->arm[0].viewers + smallest->arm[1].viewers))
                smallest = c;
        }
        if (!any || !smallest || (left[0] >= q->floor && left[1] >= q->floor))
            return;
        smallest->withheld = true;
    }
}

static int conclude(struct reading *x, struct arena *arena, struct campaign_reading *ret)
{
    int rc = compare(x, -1, &ret->all, &ret->other, &ret->sample_ratio_p);
    for (size_t i = 0; i < x->campaign->is.n && rc == 0; i++)
        rc = compare(x, (int)i, &ret->segment[i], NULL, NULL);
    if (rc == 0)
        rc = measure_order(x->campaign, ret, x->err);
    if (rc)
        return rc;
    withhold_enough(ret);
    judge(ret);
    ret->words = in_words(ret, arena);
    return 0;
}

static void release(struct reading *x)
{
    profile_builder_free(x->builder);
    for (int i = 0; i < CAMPAIGN_ARMS; i++) {
        free(x->arm[i].watched);
        free(x->arm[i].valued);
        free(x->arm[i].other);
        free(x->arm[i].before);
        free(x->arm[i].segment);
    }
    arena_release(&x->arena);
}

static int read_log(struct reading *x, struct arena *arena, struct campaign_reading *ret)
{
    struct catalogue *c = NULL;
    struct mq_engine *e = x->e;
    int rc = catalogue_from_store(e->store, 0, &c, x->err);
    if (rc)
        return rc;
    x->catalogue = c;
    rc = page_log_reading(e->page_log, &x->shown, x->err);
    if (rc == 0)
        rc = store_scan_all(e->store, &(struct store_range){0}, take_event, x, x->err);
    if (rc == 0)
        rc = end_viewer(x);
    if (rc == 0)
        rc = conclude(x, arena, ret);
    catalogue_free(c);
    return rc;
}

/* What came before counts: to the campaign's end, or to `as_of_ms` where that is earlier. */
static int64_t end_of(const struct campaign *c, int64_t as_of_ms, int64_t still_runs)
{
    int64_t end = c->stopped_ms ? c->stopped_ms : still_runs;
    return as_of_ms && as_of_ms < end ? as_of_ms + 1 : end;
}

int engine_campaign_read(struct mq_engine *e, struct str name, int64_t as_of_ms,
                         struct arena *arena, struct campaign_reading *ret, struct mq_error *err)
{
    struct campaign_reading out = {.words = ""};
    struct campaign_viewers viewers = {.n = 0};
    struct reading x = {.e = e, .viewer = {ID_NONE}, .in = -1, .err = err};
    int rc = engine_campaign_get(e, name, arena, &out.campaign, err);
    if (rc == 0 && as_of_ms && as_of_ms < out.campaign.launched_ms)
        rc = mq_fail(err, MQ_NOT_FOUND,
                     "campaign: %.*s: was launched later: ask as of a later time", STR_ARG(name));
    if (rc == 0)
        rc = campaign_viewers_get(e, name, &viewers, err);
    if (rc)
        return rc;
    if (as_of_ms && out.campaign.stopped_ms > as_of_ms)
        out.campaign.stopped_ms = 0; /* it ran still */
    if (arena_init(&x.arena, ARENA_FIRST, ARENA_MOST) != 0) {
        campaign_viewers_release(&viewers);
        return mq_fail(err, MQ_NO_MEMORY, "campaign: no memory");
    }
    out.until_ms = end_of(&out.campaign, as_of_ms, engine_now(e, NULL));
    x.campaign = &out.campaign;
    x.viewers = &viewers;
    x.weights = engine_engagement(e);
    x.title = intern_find(store_names(e->store, NAME_TITLE), out.campaign.is.title);
    x.until_ms = end_of(&out.campaign, as_of_ms, INT64_MAX);
    x.known_ms = as_of_ms;
    snprintf(x.label, sizeof(x.label), CAMPAIGN_LABEL "%.*s", STR_ARG(name));
    rc = read_log(&x, arena, &out);
    release(&x);
    campaign_viewers_release(&viewers);
    if (rc == 0)
        *ret = out;
    return rc;
}
