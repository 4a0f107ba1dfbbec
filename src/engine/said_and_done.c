#include "engine/said_and_done.h"

#include <stdlib.h>

#include "dataset/triples.h"
#include "playback/engagement.h"
#include "profile/profile.h"

static const float stars = 5; /* the scale that all ratings are brought to */
static const float minutes_of_unknown = 90;
static const float share_least = 0.01F; /* a start is one, whatever was seen */

/* Of a title, for the viewer at hand: its row in the lists below, from 1; 0: none. */
struct mark {
    size_t later, taken_back;
};

struct reading {
    struct mq_engine *e;
    struct catalogue *catalogue;
    const struct engagement_weights *weights; /* that serve */
    struct triples times;                     /* of all ratings: where to cut */
    struct triples later;                     /* ratings of the viewer at hand since the cut */
    struct triples taken_back;                /* their titles that they took out of the history */
    struct mark *marks;                       /* (titles) of both */
    uint8_t consent;                          /* theirs, whenever it was given */
    struct profile_builder *builder;          /* of the same viewer, before it */
    struct viewer_id viewer;
    int64_t cut_ms;
    said_visit *visit;
    void *ctx;
    struct mq_error *err;
};

static bool is_rating(const struct event *e)
{
    return e->kind == EVENT_RATING && e->title_id.v != ID_NONE && e->value > 0 && e->scale > 0;
}

static int see_time(void *ctx, const struct event *e)
{
    struct reading *r = ctx;
    return is_rating(e) ? triples_add(&r->times, 0, 0, 1, e->at_ms, r->err) : 0;
}

/* What the viewings alone would say. */
static struct title_signal deeds_of(const struct title_signal *s,
                                    const struct engagement_weights *w)
{
    struct title_signal ret = *s;
    ret.rating = 0;
    ret.thumb = 0;
    ret.flags &= (uint8_t) ~(SIGNAL_LISTED | SIGNAL_HIDDEN);
    engagement_set(&ret, ret.runtime_min * UINT32_C(60), w);
    return ret;
}

static int tell(struct reading *r, enum said_or_done what, struct title_id title, float weight,
                int64_t at_ms)
{
    struct str viewer = intern_name(store_names(r->e->store, NAME_VIEWER), r->viewer.v);
    struct str name = intern_name(store_names(r->e->store, NAME_TITLE), title.v);
    return r->visit(r->ctx, what, viewer, name, weight, at_ms, r->err);
}

/* What a tracker that knows nothing else would learn from. */
static float raw_share(const struct title_signal *s)
{
    float minutes = s->runtime_min > 0 ? (float)s->runtime_min : minutes_of_unknown;
    float share = (float)s->content_s / 60.0F / minutes;
    return share < share_least ? share_least : share < 1 ? share : 1;
}

static bool is_taken_back(const struct reading *r, struct title_id title, int64_t at_ms)
{
    size_t row = r->marks[title.v].taken_back;
    return row > 0 && at_ms <= r->taken_back.at_ms[row - 1];
}

static int tell_before(struct reading *r, const struct profile *p)
{
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < p->n; i++) {
        const struct title_signal *s = &p->signals[i];
        struct title_signal deeds = deeds_of(s, r->weights);
        int64_t at_ms = (int64_t)s->last_s * 1000;
        if (is_taken_back(r, s->title, at_ms))
            continue;
        if (s->rating)
            rc = tell(r, SAID_BEFORE, s->title, title_signal_stars(s), at_ms);
        if (rc || !(deeds.confidence > 0) || deeds.preference == 0)
            continue;
        rc = tell(r, DONE_BEFORE, s->title,
                  deeds.preference > 0 ? deeds.confidence : -deeds.confidence, at_ms);
        if (rc == 0)
            rc = tell(r, SHARE_BEFORE, s->title, raw_share(s), at_ms);
    }
    return rc;
}

static bool met_before(const struct reading *r, const struct profile *p, struct title_id title)
{
    const struct title_signal *s = p ? profile_signal(p, title) : NULL;
    return s && !is_taken_back(r, title, (int64_t)s->last_s * 1000) &&
           (s->rating || deeds_of(s, r->weights).confidence > 0);
}

static int finish_viewer(struct reading *r)
{
    struct profile *p = NULL;
    int rc = r->builder ? profile_snapshot(r->builder, r->weights, &p, r->err) : 0;
    bool counts = r->consent == 0; /* who is not profiled, and children, are left out */
    if (rc == 0 && p && counts)
        rc = tell_before(r, p);
    for (size_t i = 0; rc == 0 && i < r->later.n && counts; i++) {
        struct title_id title = {r->later.title[i]};
        if (!met_before(r, p, title) && !is_taken_back(r, title, r->later.at_ms[i]))
            rc = tell(r, SAID_AFTER, title, r->later.weight[i], r->later.at_ms[i]);
    }
    profile_free(p);
    profile_builder_free(r->builder);
    r->builder = NULL;
    for (size_t i = 0; i < r->later.n; i++)
        r->marks[r->later.title[i]].later = 0;
    for (size_t i = 0; i < r->taken_back.n; i++)
        r->marks[r->taken_back.title[i]].taken_back = 0;
    r->later.n = r->taken_back.n = 0;
    r->consent = 0;
    return rc;
}

/* The last one of a title counts; they come in order of time. *place: the title's row in `list`. */
static int note_last(struct triples *list, size_t *place, const struct event *e, float weight,
                     struct mq_error *err)
{
    if (*place > 0) {
        list->weight[*place - 1] = weight;
        list->at_ms[*place - 1] = e->at_ms;
        return 0;
    }
    int rc = triples_add(list, e->viewer_id.v, e->title_id.v, weight, e->at_ms, err);
    if (rc == 0)
        *place = list->n;
    return rc;
}

static int see_later(struct reading *r, const struct event *e)
{
    return note_last(&r->later, &r->marks[e->title_id.v].later, e, e->value / e->scale * stars,
                     r->err);
}

static int see_event(void *ctx, const struct event *e)
{
    struct reading *r = ctx;
    int rc = 0;
    if (e->viewer_id.v != r->viewer.v) {
        rc = finish_viewer(r);
        r->viewer = e->viewer_id;
    }
    r->consent = event_consent(e, r->consent);
    if (rc == 0 && event_order_of(e) == ORDER_REMOVE_TITLE && e->title_id.v != ID_NONE)
        rc = note_last(&r->taken_back, &r->marks[e->title_id.v].taken_back, e, 1, r->err);
    if (rc == 0 && e->at_ms >= r->cut_ms)
        return is_rating(e) ? see_later(r, e) : 0;
    if (rc == 0 && !r->builder)
        rc = profile_builder_new(e->viewer_id, &r->builder, r->err);
    if (rc == 0)
        rc = profile_feed(r->builder, e, r->catalogue, r->err);
    if (rc == PROFILE_LATE)
        rc = mq_fail(r->err, MQ_BUG, "ratings and viewings: viewer %u: the scan is out of order",
                     e->viewer_id.v);
    return rc;
}

static int find_cut(struct reading *r, double cut)
{
    int64_t first = INT64_MAX;
    int rc = triples_cut(&r->times, 1 - cut, &r->cut_ms, r->err);
    for (size_t i = 0; i < r->times.n; i++)
        first = r->times.at_ms[i] < first ? r->times.at_ms[i] : first;
    if (rc == 0 && (r->times.n < 2 || r->cut_ms <= first))
        rc = mq_fail(r->err, MQ_INVALID,
                     "ratings and viewings: %zu ratings in the log: at least two of different "
                     "times are needed, one to learn from and one to judge by",
                     r->times.n);
    return rc;
}

int engine_said_and_done(struct mq_engine *e, double cut, said_visit *visit, void *ctx,
                         int64_t *ret_ms, struct mq_error *err)
{
    struct store_range prefix = {.max_seq = store_last_seq(e->store)};
    struct reading r = {.e = e,
                        .weights = engine_engagement(e),
                        .viewer = {ID_NONE},
                        .visit = visit,
                        .ctx = ctx,
                        .err = err};
    if (!(cut > 0 && cut < 1))
        return mq_fail(err, MQ_INVALID, "cut: %g: give a share between 0 and 1", cut);
    r.marks = calloc((size_t)intern_count(store_names(e->store, NAME_TITLE)) + 1, sizeof(*r.marks));
    if (!r.marks)
        return mq_fail(err, MQ_NO_MEMORY, "ratings and viewings: no memory");
    int rc = catalogue_from_store(e->store, 0, &r.catalogue, err);
    if (rc == 0)
        rc = store_scan_all(e->store, &prefix, see_time, &r, err);
    if (rc == 0)
        rc = find_cut(&r, cut);
    if (rc == 0)
        rc = store_scan_all(e->store, &prefix, see_event, &r, err);
    if (rc == 0)
        rc = finish_viewer(&r);
    if (rc == 0)
        *ret_ms = r.cut_ms;
    free(r.marks);
    profile_builder_free(r.builder);
    triples_release(&r.times);
    triples_release(&r.later);
    triples_release(&r.taken_back);
    catalogue_free(r.catalogue);
    return rc;
}
