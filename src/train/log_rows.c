#include "train/log_rows.h"

void log_rows_init(struct log_rows *r, const struct catalogue *c,
                   const struct engagement_weights *weights)
{
    *r = (struct log_rows){.catalogue = c, .weights = weights, .viewer = {ID_NONE}};
}

static int add_signals(struct log_rows *r, const struct profile *p, struct mq_error *err)
{
    int rc = 0;
    if (p->consent) /* nothing is learnt from who is not profiled, nor from children */
        return 0;
    for (uint32_t i = 0; rc == 0 && i < p->n; i++) {
        const struct title_signal *s = &p->signals[i];
        if (s->rating)
            rc = triples_add(&r->ratings, p->viewer.v, s->title.v, title_signal_stars(s),
                             (int64_t)s->last_s * 1000, err);
        if (rc || !(s->confidence > 0) || s->preference == 0)
            continue;
        float weight = s->preference > 0 ? s->confidence : -s->confidence;
        rc = triples_add(&r->triples, p->viewer.v, s->title.v, weight, (int64_t)s->last_s * 1000,
                         err);
    }
    return rc;
}

int log_rows_finish(struct log_rows *r, struct mq_error *err)
{
    if (!r->builder)
        return 0;
    struct profile *p;
    int rc = profile_snapshot(r->builder, r->weights, &p, err);
    if (rc == 0) {
        rc = add_signals(r, p, err);
        mood_rows_next(&r->moods, p->consent != 0);
        profile_free(p);
    }
    profile_builder_free(r->builder);
    r->builder = NULL;
    return rc;
}

int log_rows_feed(struct log_rows *r, const struct event *e, struct mq_error *err)
{
    int rc = 0;
    if (e->viewer_id.v != r->viewer.v || !r->builder) {
        rc = log_rows_finish(r, err);
        if (rc == 0)
            rc = profile_builder_new(e->viewer_id, &r->builder, err);
        if (rc)
            return rc;
        r->viewer = e->viewer_id;
        if (e->viewer_id.v >= r->n_viewers)
            r->n_viewers = e->viewer_id.v + 1;
    }
    rc = profile_feed(r->builder, e, r->catalogue, err);
    if (rc == 0)
        rc = mood_rows_feed(&r->moods, e, r->catalogue, err);
    if (rc == PROFILE_LATE)
        rc = mq_fail(err, MQ_BUG, "training: viewer %u: the scan is out of order", e->viewer_id.v);
    if (e->seq > r->last_seq)
        r->last_seq = e->seq;
    r->events++;
    return rc;
}

void log_rows_release(struct log_rows *r)
{
    profile_builder_free(r->builder);
    triples_release(&r->triples);
    triples_release(&r->ratings);
    mood_rows_release(&r->moods);
    *r = (struct log_rows){.viewer = {ID_NONE}};
}
