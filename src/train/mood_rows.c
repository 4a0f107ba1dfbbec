#include "train/mood_rows.h"

#include <stdlib.h>
#include <string.h>

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "moods: no memory for the log's plays");
}

static bool begin(struct mood_rows *r, const struct catalogue *c)
{
    r->n_titles = c->n_titles;
    r->started = calloc((size_t)c->n_titles / 64 + 1, sizeof(*r->started));
    return r->started != NULL;
}

static bool grow(struct mood_rows *r)
{
    size_t cap = r->cap ? 2 * r->cap : 4096;
    struct mood_play *plays = realloc(r->plays, cap * sizeof(*plays));
    if (!plays)
        return false;
    r->plays = plays;
    uint32_t *viewer = realloc(r->viewer, cap * sizeof(*viewer));
    if (!viewer)
        return false;
    r->viewer = viewer;
    r->cap = cap;
    return true;
}

int mood_rows_feed(struct mood_rows *r, const struct event *e, const struct catalogue *c,
                   struct mq_error *err)
{
    uint32_t t = e->title_id.v;
    if (!c || !event_chooses(e) || t >= c->n_titles || !c->titles[t].described ||
        r->n == MOOD_ROWS_MAX)
        return 0;
    if (!r->started && !begin(r, c))
        return no_memory(err);
    if (t >= r->n_titles || r->started[t / 64] >> (t % 64) & 1)
        return 0;
    if (r->n == r->cap && !grow(r))
        return no_memory(err);
    r->started[t / 64] |= UINT64_C(1) << (t % 64);
    r->viewer[r->n] = e->viewer_id.v;
    r->plays[r->n++] = (struct mood_play){
        .moment = {.at_ms = e->at_ms,
                   .daypart = (uint8_t)daypart_at(e->at_ms, e->context.offset_min),
                   .device = e->context.device,
                   .weekend = weekend_at(e->at_ms, e->context.offset_min)},
        .genres = c->titles[t].genres,
        .runtime_min = c->titles[t].runtime_min,
    };
    return 0;
}

void mood_rows_next(struct mood_rows *r, bool drop)
{
    if (r->started)
        memset(r->started, 0, ((size_t)r->n_titles / 64 + 1) * sizeof(*r->started));
    if (drop)
        r->n = r->mark;
    r->mark = r->n;
}

void mood_rows_release(struct mood_rows *r)
{
    free(r->plays);
    free(r->viewer);
    free(r->started);
    *r = (struct mood_rows){.n = 0};
}

static void name_genres(struct mood_part *p, const struct catalogue *c)
{
    for (uint32_t g = 0; g < c->n_genres && g < MOOD_GENRES; g++) {
        struct str name = c->genres[g];
        size_t n = 0;
        while (n < name.n) {
            size_t width = str_utf8_width(name, n);
            if (width == 0 || n + width >= MOOD_GENRE_NAME)
                break;
            n += width;
        }
        memcpy(p->genre[g], name.p, n);
    }
}

static int fit(const struct mood_rows *r, const struct catalogue *c, const struct mood_fit *how,
               struct train_watch watch, struct mood_part **ret, struct mq_error *err)
{
    struct mood_plays plays = {.plays = r->plays, .viewer = r->viewer, .n = r->n};
    struct mood_gain gain;
    struct mood_part *p = calloc(1, sizeof(*p));
    if (!p)
        return no_memory(err);
    int rc = r->n > 0 ? moods_train(&plays, how, watch, &p->model, &gain, err)
                      : mq_fail(err, MQ_INVALID, "moods: no plays to learn from");
    if (rc) {
        free(p);
        return rc;
    }
    name_genres(p, c);
    p->gain = gain.gain[p->model.n > 1 ? p->model.n : 0];
    p->error = gain.error[p->model.n > 1 ? p->model.n : 0];
    p->shuffled = gain.shuffled;
    p->shuffled_error = gain.shuffled_error;
    p->plays = gain.plays;
    *ret = p;
    return 0;
}

int mood_rows_fit(const struct mood_rows *r, const struct catalogue *c, uint64_t seed,
                  struct train_watch watch, struct mood_part **ret, struct mq_error *err)
{
    return fit(r, c, &(struct mood_fit){.seed = seed}, watch, ret, err);
}

int mood_rows_fit_before(const struct mood_rows *r, const struct catalogue *c, int64_t before_ms,
                         unsigned moods, uint64_t seed, struct train_watch watch,
                         struct mood_part **ret, struct mq_error *err)
{
    struct mood_rows earlier = {.plays = malloc((r->n + 1) * sizeof(*r->plays)),
                                .viewer = malloc((r->n + 1) * sizeof(*r->viewer))};
    int rc = earlier.plays && earlier.viewer ? 0 : no_memory(err);
    for (size_t i = 0; rc == 0 && i < r->n; i++) {
        if (r->plays[i].moment.at_ms >= before_ms)
            continue;
        earlier.plays[earlier.n] = r->plays[i];
        earlier.viewer[earlier.n++] = r->viewer[i];
    }
    if (rc == 0 && earlier.n > 0)
        rc = fit(&earlier, c, &(struct mood_fit){.exactly = moods, .seed = seed}, watch, ret, err);
    mood_rows_release(&earlier);
    return rc;
}
