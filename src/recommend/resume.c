/* resume.c - "Continue watching": started, not finished, not given up; and the episode after a finished one. Most recent
 * first; of a series the episode that its latest viewing leads to. */
#include "recommend/resume.h"

#include <math.h>

#include "recommend/order.h"
#include "recommend/shelf.h"

static const struct title_row *record(const struct resume_view *v, uint32_t title)
{
    return &v->catalogue->titles[title];
}

static bool may_stand(const struct resume_view *v, uint32_t title)
{
    return title < v->catalogue->n_titles && !(v->barred && bit_get(v->barred, title));
}

/* Given up by the moment asked about: the profile's own flag is as old as its last event. */
static bool abandoned(const struct resume_view *v, const struct title_signal *s)
{
    enum { DAYS = 14, SHARE = 5 };
    uint32_t runtime_s = record(v, s->title.v)->runtime_min * 60u;
    if (s->flags & SIGNAL_ABANDONED)
        return true;
    return runtime_s > 0 && s->content_s < runtime_s / SHARE &&
           v->at_ms / 1000 - (int64_t)s->last_s > DAYS * INT64_C(86400);
}

static bool resumable(const struct resume_view *v, const struct title_signal *s)
{
    return s->flags & SIGNAL_PLAYED && !(s->flags & (SIGNAL_FINISHED | SIGNAL_HIDDEN)) &&
           s->position_s > 0 && may_stand(v, s->title.v) && !abandoned(v, s);
}

/* The episode that follows a finished one, when nothing was done with it yet; else NULL. */
static const struct title_signal *unseen(const struct resume_view *v, const struct title_signal *s,
                                         struct title_id *ret)
{
    if (s->title.v >= v->catalogue->n_titles || !(s->flags & SIGNAL_FINISHED) ||
        s->flags & SIGNAL_HIDDEN)
        return NULL;
    *ret = record(v, s->title.v)->next_episode;
    if (!may_stand(v, ret->v))
        return NULL;
    const struct title_signal *done = profile_signal(v->profile, *ret);
    bool touched = done && (done->flags & (SIGNAL_PLAYED | SIGNAL_FINISHED | SIGNAL_HIDDEN) ||
                            done->rating > 0);
    return touched ? NULL : s;
}

/* The finished episode because of which this one is to be continued with; NULL: it is resumed itself. */
static const struct title_signal *resume_finished_before(const struct resume_view *v,
                                                         uint32_t title)
{
    const struct title_signal *best = NULL;
    for (uint32_t i = 0; i < v->profile->n; i++) {
        const struct title_signal *s = &v->profile->signals[i];
        struct title_id next;
        if (unseen(v, s, &next) && next.v == title && (!best || s->last_s > best->last_s))
            best = s;
    }
    return best;
}

/* Of a series only the latest stays. */
static void offer(const struct resume_view *v, struct shelf *s, size_t most, uint32_t title,
                  uint32_t last_s)
{
    /* Comparable within the row: 1 for what was left just now, half a day later 1/2. */
    double age_s = (double)v->at_ms / 1000 - (double)last_s;
    float score = (float)(1 / (1 + (age_s > 0 ? age_s : 0) / 43200));
    struct str series = record(v, title)->series;
    for (size_t i = 0; series.n > 0 && i < s->n; i++) {
        if (!str_eq(record(v, s->list[i].index)->series, series))
            continue;
        if (s->list[i].score >= score)
            return;
        memmove(&s->list[i], &s->list[i + 1], (s->n - i - 1) * sizeof(s->list[0]));
        s->n--;
        break;
    }
    shelf_insert(s, most, title, score);
}

size_t resume_find(const struct resume_view *v, struct topk_item *list, size_t most)
{
    struct shelf s = {.list = list};
    for (uint32_t i = 0; i < v->profile->n; i++) {
        const struct title_signal *signal = &v->profile->signals[i];
        struct title_id next;
        if (resumable(v, signal))
            offer(v, &s, most, signal->title.v, signal->last_s);
        else if (unseen(v, signal, &next))
            offer(v, &s, most, next.v, signal->last_s);
    }
    return s.n;
}

/* ------------------------------------------------------------------ how likely it is gone on with */

/* When each was left, and how far along it is. */
static void look_at(const struct resume_view *v, uint32_t title, uint32_t *ret_left_s, float *x)
{
    const struct title_signal *s = profile_signal(v->profile, (struct title_id){title});
    uint32_t runtime_s = record(v, title)->runtime_min * 60u;
    x[RESUME_SHARE] = 0;
    if (s && s->flags & SIGNAL_PLAYED) {
        float share = runtime_s > 0 ? (float)s->content_s / (float)runtime_s : 0;
        x[RESUME_SHARE] = share < 1 ? share : 1;
    } else {
        s = resume_finished_before(v, title);
        x[RESUME_SHARE] = 1;
    }
    *ret_left_s = s ? s->last_s : 0;
    double hours = ((double)v->at_ms / 1000 - (double)*ret_left_s) / 3600;
    x[RESUME_AGE] = (float)log1p(hours > 0 ? hours : 0);
}

void resume_parts(const struct resume_view *v, const struct topk_item *list, size_t n,
                  float x[][RESUME_PARTS])
{
    uint32_t left_s[RESUME_SEEN] = {0}, passed[RESUME_SEEN] = {0};
    for (size_t i = 0; i < n; i++)
        look_at(v, list[i].index, &left_s[i], x[i]);
    for (uint32_t k = 0; k < v->profile->n; k++) {
        for (size_t i = 0; i < n; i++)
            passed[i] += v->profile->signals[k].last_s > left_s[i];
    }
    for (size_t i = 0; i < n; i++) {
        x[i][RESUME_ANY] = 1;
        x[i][RESUME_PASSED] = log1pf((float)passed[i]);
    }
}

/* ------------------------------------------------------------------ the row */

static struct resume_view view_of(const struct recommender *r)
{
    return (struct resume_view){r->profile, r->w->catalogue, r->barred, r->ask->at_ms};
}

void resume_list(struct recommender *r, struct shelf *s)
{
    if (!r->profile || !shelf_open(r, s, RECOMMEND_COLUMNS_MAX))
        return;
    struct resume_view v = view_of(r);
    s->n = resume_find(&v, s->list, RECOMMEND_COLUMNS_MAX);
}

const struct title_signal *resume_before(const struct recommender *r, uint32_t title)
{
    struct resume_view v = view_of(r);
    return resume_finished_before(&v, title);
}

static bool learnt(const struct recommender *r)
{
    const float *weight = order_learnt(r) ? r->w->model->order->weight + ORDER_RESUME : NULL;
    bool any = false;
    for (int p = 0; weight && p < RESUME_PARTS; p++)
        any = any || weight[p] != 0;
    return any;
}

float resume_worth(const struct recommender *r, const struct shelf *s, float next_column)
{
    float x[RESUME_SEEN][RESUME_PARTS], attention = 1, sum = 0;
    if (!learnt(r))
        return -1;
    struct resume_view v = view_of(r);
    const float *weight = r->w->model->order->weight + ORDER_RESUME;
    size_t n = s->n < RESUME_SEEN ? s->n : RESUME_SEEN;
    resume_parts(&v, s->list, n, x);
    for (size_t i = 0; i < n; i++) {
        float ln = 0;
        for (int p = 0; p < RESUME_PARTS; p++)
            ln += weight[p] * x[i][p];
        sum += attention * expf(fminf(ln, 10));
        attention *= next_column;
    }
    return sum;
}
