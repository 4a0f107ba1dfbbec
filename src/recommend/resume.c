/* resume.c - "Continue watching": started, not finished, not given up; and the episode after a finished one. Most recent
 * first; of a series the episode that its latest viewing leads to. */
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
           !bit_get(r->barred, s->title.v) && !abandoned(r, s);
}

/* The episode that follows a finished one, when nothing was done with it yet; else NULL. */
static const struct title_signal *unseen(const struct recommender *r, const struct title_signal *s,
                                         struct title_id *ret)
{
    if (s->title.v >= r->n_titles || !(s->flags & SIGNAL_FINISHED) || s->flags & SIGNAL_HIDDEN)
        return NULL;
    *ret = title_row(r, s->title.v)->next_episode;
    if (ret->v >= r->n_titles || bit_get(r->barred, ret->v))
        return NULL;
    const struct title_signal *done = profile_signal(r->profile, *ret);
    bool touched = done && (done->flags & (SIGNAL_PLAYED | SIGNAL_FINISHED | SIGNAL_HIDDEN) ||
                            done->rating > 0);
    return touched ? NULL : s;
}

const struct title_signal *resume_finished_before(const struct recommender *r, uint32_t title)
{
    const struct title_signal *best = NULL;
    for (uint32_t i = 0; i < r->profile->n; i++) {
        const struct title_signal *s = &r->profile->signals[i];
        struct title_id next;
        if (unseen(r, s, &next) && next.v == title && (!best || s->last_s > best->last_s))
            best = s;
    }
    return best;
}

/* Of a series only the latest stays. */
static void offer(struct recommender *r, struct shelf *s, uint32_t title, uint32_t last_s)
{
    /* Comparable within the row: 1 for what was left just now, half a day later 1/2. */
    double age_s = (double)r->ask->at_ms / 1000 - (double)last_s;
    float score = (float)(1 / (1 + (age_s > 0 ? age_s : 0) / 43200));
    struct str series = title_row(r, title)->series;
    for (size_t i = 0; series.n > 0 && i < s->n; i++) {
        if (!str_eq(title_row(r, s->list[i].index)->series, series))
            continue;
        if (s->list[i].score >= score)
            return;
        memmove(&s->list[i], &s->list[i + 1], (s->n - i - 1) * sizeof(s->list[0]));
        s->n--;
        break;
    }
    shelf_insert(s, RECOMMEND_COLUMNS_MAX, title, score);
}

void resume_list(struct recommender *r, struct shelf *s)
{
    if (!r->profile || !shelf_open(r, s, RECOMMEND_COLUMNS_MAX))
        return;
    for (uint32_t i = 0; i < r->profile->n; i++) {
        const struct title_signal *signal = &r->profile->signals[i];
        struct title_id next;
        if (resumable(r, signal))
            offer(r, s, signal->title.v, signal->last_s);
        else if (unseen(r, signal, &next))
            offer(r, s, next.v, signal->last_s);
    }
}
