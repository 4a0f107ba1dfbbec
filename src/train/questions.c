#include "train/questions.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

static int no_memory(const struct questions *q, struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "questions: %zu: no memory", q->n);
}

void questions_release(struct questions *q)
{
    for (size_t i = 0; q->kept && i < q->n; i++)
        free(q->kept[i]);
    free(q->list);
    free((void *)q->kept);
    free(q->items);
    *q = (struct questions){0};
}

static int grow(struct questions *q, struct mq_error *err)
{
    size_t cap = q->cap ? 2 * q->cap : 1024;
    struct question *list = realloc(q->list, cap * sizeof(*list));
    if (list)
        q->list = list;
    uint32_t **kept = realloc((void *)q->kept, cap * sizeof(*kept));
    if (kept)
        q->kept = kept;
    if (!list || !kept)
        return no_memory(q, err);
    q->cap = cap;
    return 0;
}

static int add(struct questions *q, uint32_t viewer, struct history h, int64_t now_ms,
               const uint32_t *targets, size_t n, struct mq_error *err)
{
    int rc = q->n == q->cap ? grow(q, err) : 0;
    if (rc)
        return rc;
    uint32_t *kept = malloc((n + 1) * sizeof(*kept));
    if (!kept)
        return no_memory(q, err);
    memcpy(kept, targets, n * sizeof(*kept));
    q->kept[q->n] = kept;
    q->list[q->n++] = (struct question){.history = h.title,
                                        .n_history = h.n,
                                        .targets = kept,
                                        .n_targets = n,
                                        .viewer = viewer,
                                        .now_ms = now_ms,
                                        .last_ms = h.at_ms[h.n - 1]};
    return 0;
}

static bool holds(const uint32_t *titles, size_t n, uint32_t t)
{
    for (size_t k = 0; k < n; k++)
        if (titles[k] == t)
            return true;
    return false;
}

int questions_of_viewers(const struct histories *known, const struct csr *targets,
                         struct questions *ret, struct mq_error *err)
{
    uint32_t *open = malloc(((size_t)known->titles + 1) * sizeof(*open));
    int rc = open ? 0 : no_memory(ret, err);
    for (uint32_t v = 0; rc == 0 && v < known->rows && v < targets->rows; v++) {
        struct history h = history_of(known, v, SIZE_MAX);
        struct csr_row row = csr_row(targets, v);
        size_t n = 0;
        for (size_t k = 0; k < row.n; k++)
            if (!holds(h.title, h.n, row.col[k]))
                open[n++] = row.col[k];
        if (h.n > 0 && n > 0)
            rc = add(ret, v, h, h.at_ms[h.n - 1], open, n, err);
    }
    free(open);
    return rc;
}

int questions_of_events(const struct histories *all, const uint32_t *from, size_t least,
                        int64_t gap_ms, struct questions *ret, struct events_asked *counted,
                        struct mq_error *err)
{
    int rc = 0;
    *counted = (struct events_asked){0};
    for (uint32_t v = 0; rc == 0 && v < all->rows; v++) {
        struct history whole = history_of(all, v, SIZE_MAX);
        for (size_t k = from[v]; rc == 0 && k < whole.n; k++) {
            counted->events++;
            if (k < least || k == 0) {
                counted->few++;
            } else if (holds(whole.title, k, whole.title[k])) {
                counted->seen++;
            } else if (gap_ms > 0 && whole.at_ms[k] - whole.at_ms[k - 1] < gap_ms) {
                counted->no_gap++;
            } else {
                struct history before = {whole.title, whole.at_ms, k};
                rc = add(ret, v, before, whole.at_ms[k], &whole.title[k], 1, err);
            }
        }
    }
    return rc;
}

/* Was this row known when the question was asked? Of rows of the same moment, those of the history were. */
static bool known_by(const struct question *q, const struct triples *t, size_t row)
{
    if (t->weight[row] == 0 || holds(q->targets, q->n_targets, t->title[row]))
        return false;
    return t->at_ms[row] < q->now_ms ||
           (t->at_ms[row] == q->now_ms && holds(q->history, q->n_history, t->title[row]));
}

/* Rows of viewer v are row[start[v] .. start[v + 1]). */
static void by_viewer(const struct triples *t, uint32_t n_viewers, uint64_t *start, size_t *row)
{
    for (size_t i = 0; i < t->n; i++)
        start[t->viewer[i] + 1]++;
    for (uint32_t v = 0; v < n_viewers; v++)
        start[v + 1] += start[v];
    for (size_t i = 0; i < t->n; i++)
        row[start[t->viewer[i]]++] = i;
    for (uint32_t v = n_viewers; v > 0; v--)
        start[v] = start[v - 1];
    start[0] = 0;
}

int questions_weigh(struct questions *q, const struct triples *t, uint32_t n_viewers,
                    struct mq_error *err)
{
    uint64_t *start = calloc((size_t)n_viewers + 2, sizeof(*start));
    size_t *row = malloc((t->n + 1) * sizeof(*row));
    size_t total = 0;
    if (start && row)
        by_viewer(t, n_viewers, start, row);
    for (size_t i = 0; start && i < q->n; i++)
        total += (size_t)(start[q->list[i].viewer + 1] - start[q->list[i].viewer]);
    struct fold_in_item *items = malloc((total + 1) * sizeof(*items));
    if (!start || !row || !items) {
        free(start);
        free(row);
        free(items);
        return no_memory(q, err);
    }
    size_t at = 0;
    for (size_t i = 0; i < q->n; i++) {
        struct question *one = &q->list[i];
        one->items = items + at;
        for (uint64_t k = start[one->viewer]; k < start[one->viewer + 1]; k++) {
            float w = t->weight[row[k]];
            if (known_by(one, t, row[k]))
                items[at++] =
                    (struct fold_in_item){{t->title[row[k]]}, w > 0 ? 1.0F : 0.0F, w > 0 ? w : -w};
        }
        one->n_items = (size_t)(items + at - one->items);
    }
    free(q->items);
    q->items = items;
    free(start);
    free(row);
    return 0;
}

static bool goes_on(const struct question *q, const uint32_t *series)
{
    for (size_t k = 0; k < q->n_targets; k++) {
        uint32_t of = series[q->targets[k]];
        for (size_t i = 0; of > 0 && i < q->n_history; i++)
            if (series[q->history[i]] == of)
                return true;
    }
    return false;
}

void questions_leave_series(struct questions *q, const uint32_t *series)
{
    size_t kept = 0;
    for (size_t i = 0; i < q->n; i++) {
        if (goes_on(&q->list[i], series)) {
            free(q->kept[i]);
            continue;
        }
        q->list[kept] = q->list[i];
        q->kept[kept++] = q->kept[i];
    }
    q->n = kept;
}

int questions_draw(struct questions *q, size_t most, uint64_t seed, struct mq_error *err)
{
    if (q->n <= most)
        return 0;
    uint32_t *order = malloc(q->n * sizeof(*order));
    uint8_t *stays = calloc(q->n, 1);
    struct rng rng;
    if (!order || !stays) {
        free(order);
        free(stays);
        return no_memory(q, err);
    }
    for (size_t i = 0; i < q->n; i++)
        order[i] = (uint32_t)i;
    rng_seed_stream(&rng, seed, 4);
    rng_shuffle_u32(&rng, order, q->n);
    for (size_t i = 0; i < most; i++)
        stays[order[i]] = 1;
    size_t kept = 0;
    for (size_t i = 0; i < q->n; i++) {
        if (!stays[i]) {
            free(q->kept[i]);
            continue;
        }
        q->list[kept] = q->list[i];
        q->kept[kept++] = q->kept[i];
    }
    q->n = kept;
    free(order);
    free(stays);
    return 0;
}

int questions_among(struct questions *q, size_t i, const uint32_t *titles, size_t n,
                    struct mq_error *err)
{
    struct question *to = &q->list[i];
    uint32_t *kept = realloc(q->kept[i], (to->n_targets + n + 1) * sizeof(*kept));
    if (!kept)
        return no_memory(q, err);
    q->kept[i] = kept;
    to->targets = kept;
    uint32_t *among = kept + to->n_targets;
    to->among = among;
    to->n_among = 0;
    for (size_t k = 0; k < n; k++)
        if (!holds(kept, to->n_targets + to->n_among, titles[k]))
            among[to->n_among++] = titles[k];
    return 0;
}

int questions_draw_among(struct questions *q, uint32_t n_titles, size_t n, uint64_t seed,
                         struct mq_error *err)
{
    uint32_t *drawn = malloc((n + 1) * sizeof(*drawn));
    int rc = drawn ? 0 : no_memory(q, err);
    for (size_t i = 0; rc == 0 && i < q->n; i++) {
        const struct question *one = &q->list[i];
        struct rng rng;
        size_t found = 0;
        rng_seed_stream(&rng, seed ^ UINT64_C(0x5eed), i);
        for (size_t tries = 0; found < n && tries < 20 * n; tries++) {
            uint32_t t = (uint32_t)rng_below(&rng, n_titles);
            if (!holds(one->history, one->n_history, t) && !holds(drawn, found, t))
                drawn[found++] = t;
        }
        rc = questions_among(q, i, drawn, found, err);
    }
    free(drawn);
    return rc;
}
