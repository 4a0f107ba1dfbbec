/* resume.c - "Continue watching": started, not finished, not given up; most recent first. */
#include "recommend/shelf.h"

/* Given up by the moment asked about: the profile's own flag is as old as its last event. */
static bool abandoned(const struct recommender *r, const struct title_signal *s)
{
    enum { DAYS = 14, SHARE = 5 };
    uint32_t runtime_s = title_row(r, s->title.v)->runtime_min * 60u;
    if (s->flags & SIGNAL_ABANDONED)
        return true;
    return runtime_s > 0 && s->content_s < runtime_s / SHARE &&
           r->ask->at_ms / 1000 - (int64_t)s->last_s > DAYS * INT64_C(86400);
}

static bool resumable(const struct recommender *r, const struct title_signal *s)
{
    return s->title.v < r->n_titles && s->flags & SIGNAL_PLAYED &&
           !(s->flags & (SIGNAL_FINISHED | SIGNAL_HIDDEN)) && s->position_s > 0 &&
           !bit_get(r->d->undescribed, s->title.v) && !abandoned(r, s);
}

void resume_list(struct recommender *r, struct shelf *s)
{
    if (!r->profile || !shelf_open(r, s, RECOMMEND_COLUMNS_MAX))
        return;
    for (uint32_t i = 0; i < r->profile->n; i++) {
        const struct title_signal *signal = &r->profile->signals[i];
        if (!resumable(r, signal))
            continue;
        /* Comparable within the row: 1 for what was left just now, half a day later 1/2. */
        double age_s = (double)r->ask->at_ms / 1000 - (double)signal->last_s;
        double score = 1 / (1 + (age_s > 0 ? age_s : 0) / 43200);
        shelf_insert(s, RECOMMEND_COLUMNS_MAX, signal->title.v, (float)score);
    }
}
