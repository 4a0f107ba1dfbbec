/* engagement_rows.c - a viewer is played through the profile that serving would have (profile/profile.h); before a title is
 * rated for the first time its signal is kept, and at the viewer's end each title becomes a row. */
#include "train/engagement_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "profile/profile.h"

#define MATURE_S (UINT32_C(24) * 3600 * ENGAGEMENT_MATURE_DAYS)

/* What was done with a title before it was rated. */
struct said {
    struct title_signal deeds; /* without sessions: it was rated first */
    bool resumed;              /* played again within the days that make a title abandoned */
};

struct engagement_viewer {
    struct viewer_id id;
    struct profile_builder *profile; /* NULL: no event yet */
    struct said *said;               /* (n) ascending by title */
    uint32_t n, cap;
};

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "engagement: no memory for the viewings");
}

int engagement_rows_init(struct engagement_rows *r, const struct catalogue *c, struct mq_error *err)
{
    *r = (struct engagement_rows){.catalogue = c, .newest_ms = INT64_MIN};
    r->now = calloc(1, sizeof(*r->now));
    r->shares = calloc(1, sizeof(*r->shares));
    if (!r->now || !r->shares) {
        engagement_rows_release(r);
        return no_memory(err);
    }
    r->now->id.v = ID_NONE;
    return 0;
}

static void forget_viewer(struct engagement_viewer *w)
{
    profile_builder_free(w->profile);
    w->profile = NULL;
    w->n = 0;
}

void engagement_rows_release(struct engagement_rows *r)
{
    if (r->now) {
        forget_viewer(r->now);
        free(r->now->said);
    }
    free(r->now);
    free(r->shares);
    free(r->v);
    *r = (struct engagement_rows){0};
}

/* ---------------------------------------------------------------- what was said */

/* Where the title is or belongs. */
static uint32_t place_of(const struct engagement_viewer *w, uint32_t title)
{
    uint32_t lo = 0;
    uint32_t hi = w->n;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (w->said[mid].deeds.title.v < title)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static struct said *said_of(struct engagement_viewer *w, uint32_t title)
{
    uint32_t at = place_of(w, title);
    return at < w->n && w->said[at].deeds.title.v == title ? &w->said[at] : NULL;
}

/* The title is about to be rated: keep what was done until now. */
static int keep_deeds(struct engagement_viewer *w, const struct event *e, struct mq_error *err)
{
    if (said_of(w, e->title_id.v))
        return 0;
    if (w->n == w->cap) {
        uint32_t cap = w->cap ? w->cap * 2 : 64;
        struct said *said = realloc(w->said, cap * sizeof(*said));
        if (!said)
            return no_memory(err);
        w->said = said;
        w->cap = cap;
    }
    struct said s = {.deeds = {.title = e->title_id}};
    (void)profile_builder_signal(w->profile, e->title_id, NULL, &s.deeds);
    uint32_t at = place_of(w, e->title_id.v);
    memmove(w->said + at + 1, w->said + at, (w->n - at) * sizeof(*w->said));
    w->said[at] = s;
    w->n++;
    return 0;
}

static void forget_title(struct engagement_viewer *w, uint32_t title)
{
    struct said *s = said_of(w, title);
    if (!s)
        return;
    w->n--;
    memmove(s, s + 1, (size_t)(w->said + w->n - s) * sizeof(*s));
}

static int note_words(struct engagement_viewer *w, const struct event *e, struct mq_error *err)
{
    if (e->title_id.v == ID_NONE)
        return 0;
    if (event_order_of(e) == ORDER_REMOVE_TITLE)
        forget_title(w, e->title_id.v);
    else if (e->kind == EVENT_RATING || e->kind == EVENT_THUMB)
        return keep_deeds(w, e, err);
    else if (event_kind_is_playback(e->kind)) {
        struct said *s = said_of(w, e->title_id.v);
        if (s && e->at_ms / 1000 - (int64_t)s->deeds.last_s <= MATURE_S)
            s->resumed = true;
    }
    return 0;
}

/* ---------------------------------------------------------------- rows */

/* What engagement makes of the words alone. */
static float liking(const struct title_signal *s)
{
    struct title_signal words = {.rating = s->rating, .thumb = s->thumb};
    engagement_set(&words, 0, NULL);
    return words.confidence > 0 ? words.preference : NAN;
}

/* Of a log that ends long enough after it: who did not come back has abandoned it. `x` gets the group's share in the place
 * of its quantile. */
static void row_of(const struct title_signal *done, bool resumed, float liked, uint32_t viewer,
                   struct engagement_row *ret)
{
    static const struct engagement_shares none;
    struct title_signal s = *done;
    uint32_t runtime_s = s.runtime_min * UINT32_C(60);
    s.rating = 0;
    s.thumb = 0;
    s.flags &= (uint8_t) ~(SIGNAL_ABANDONED | SIGNAL_HIDDEN);
    if (!resumed && !(s.flags & SIGNAL_FINISHED) && s.content_s * UINT64_C(5) < runtime_s)
        s.flags |= SIGNAL_ABANDONED;
    engagement_set(&s, runtime_s, NULL);
    *ret = (struct engagement_row){
        .viewer = viewer,
        .last_s = s.last_s,
        .share = fminf(1, (float)s.content_s / (float)runtime_s),
        .defaults = s.preference,
        .liked = liked,
        .runtime_min = s.runtime_min,
        .group = (uint16_t)engagement_group(&s, runtime_s),
    };
    engagement_values(&s, runtime_s, &none, ret->x);
    ret->x[ENGAGEMENT_ATTENDED] = engagement_attended_share(&s, runtime_s);
}

static int reserve(struct engagement_rows *r, size_t more, struct mq_error *err)
{
    if (r->n + more <= r->cap)
        return 0;
    size_t cap = (r->n + more) * 2;
    struct engagement_row *v = realloc(r->v, cap * sizeof(*v));
    if (!v)
        return no_memory(err);
    r->v = v;
    r->cap = cap;
    return 0;
}

static void add_rows(struct engagement_rows *r, const struct profile *p)
{
    size_t before = r->n;
    for (uint32_t i = 0; i < p->n; i++) {
        const struct title_signal *now = &p->signals[i];
        const struct said *s = said_of(r->now, now->title.v);
        const struct title_signal *done = s ? &s->deeds : now;
        if (done->played_s == 0)
            continue;
        if (done->runtime_min == 0) {
            r->unknown_runtime++;
            continue;
        }
        row_of(done, s && s->resumed, s ? liking(now) : NAN, r->n_viewers, &r->v[r->n++]);
    }
    r->n_viewers += r->n > before;
}

static int finish_viewer(struct engagement_rows *r, struct mq_error *err)
{
    struct engagement_viewer *w = r->now;
    struct profile *p;
    if (!w->profile)
        return 0;
    int rc = profile_snapshot(w->profile, NULL, &p, err);
    if (rc)
        return rc;
    if (p->consent == 0 && r->n + p->n > ENGAGEMENT_ROWS_MAX)
        r->too_many++;
    else if (p->consent == 0 && p->n > 0)
        rc = reserve(r, p->n, err);
    if (rc == 0 && p->consent == 0 && r->n + p->n <= ENGAGEMENT_ROWS_MAX)
        add_rows(r, p);
    profile_free(p);
    forget_viewer(w);
    return rc;
}

int engagement_rows_feed(struct engagement_rows *r, const struct event *e, struct mq_error *err)
{
    struct engagement_viewer *w = r->now;
    int rc = 0;
    r->events++;
    r->newest_ms = e->at_ms > r->newest_ms ? e->at_ms : r->newest_ms;
    if (!w->profile || e->viewer_id.v != w->id.v) {
        rc = finish_viewer(r, err);
        if (rc == 0)
            rc = profile_builder_new(e->viewer_id, &w->profile, err);
        w->id = e->viewer_id;
    }
    if (rc == 0)
        rc = note_words(w, e, err);
    if (rc == 0)
        rc = profile_feed(w->profile, e, r->catalogue, err);
    return rc == PROFILE_LATE ? mq_fail(err, MQ_BUG, "engagement: the scan is out of order") : rc;
}

/* ---------------------------------------------------------------- quantiles */

static int by_group(const void *a, const void *b)
{
    const struct engagement_row *x = *(struct engagement_row *const *)a;
    const struct engagement_row *y = *(struct engagement_row *const *)b;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    float sx = x->x[ENGAGEMENT_ATTENDED];
    float sy = y->x[ENGAGEMENT_ATTENDED];
    return (sx > sy) - (sx < sy);
}

static void find_shares(struct engagement_row **v, size_t n, struct engagement_shares *ret)
{
    unsigned group = v[0]->group;
    ret->known[group] = n >= ENGAGEMENT_VIEWINGS_LEAST;
    for (size_t i = 0; i < ENGAGEMENT_KNOTS; i++)
        ret->knot[group][i] = v[i * (n - 1) / (ENGAGEMENT_KNOTS - 1)]->x[ENGAGEMENT_ATTENDED];
}

static void leave_out_young(struct engagement_rows *r)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->n; i++)
        if (r->newest_ms / 1000 - (int64_t)r->v[i].last_s > MATURE_S)
            r->v[kept++] = r->v[i];
    r->young += r->n - kept;
    r->n = kept;
}

int engagement_rows_finish(struct engagement_rows *r, struct mq_error *err)
{
    int rc = finish_viewer(r, err);
    if (rc)
        return rc;
    leave_out_young(r);
    if (r->n == 0)
        return 0;
    struct engagement_row **order = malloc(r->n * sizeof(struct engagement_row *));
    if (!order)
        return no_memory(err);
    for (size_t i = 0; i < r->n; i++)
        order[i] = &r->v[i];
    qsort(order, r->n, sizeof(struct engagement_row *), by_group);
    for (size_t i = 0, j; i < r->n; i = j) {
        for (j = i + 1; j < r->n && order[j]->group == order[i]->group; j++)
            ;
        find_shares(order + i, j - i, r->shares);
    }
    free(order);
    for (size_t i = 0; i < r->n; i++) {
        float *x = &r->v[i].x[ENGAGEMENT_ATTENDED];
        *x = engagement_quantile(r->shares, r->v[i].group, *x) - 0.5F;
    }
    return 0;
}
