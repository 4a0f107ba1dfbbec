#include "recommend/faithfulness.h"

#include <math.h>
#include <stdlib.h>

#include "recommend/home.h"

struct cut {
    struct title_id title[EVIDENCE_MAX];
    size_t n;
};

struct measuring {
    struct recommender *r;
    const struct world *w;
    const struct ask *ask;
    struct profile *cut; /* memory for the history without some titles */
};

static bool in_cut(const struct cut *c, uint32_t title)
{
    for (size_t i = 0; i < c->n; i++) {
        if (c->title[i].v == title)
            return true;
    }
    return false;
}

static double popularity(const struct world *w, uint32_t title)
{
    const struct model *m = w->model;
    return m && title < m->n_titles ? log1p((double)m->popularity[title]) : 0;
}

/* For each evidence title the liked title nearest in popularity that is not taken yet. */
static bool find_control(const struct measuring *m, const struct cut *evidence, uint32_t item,
                         struct cut *ret)
{
    const struct profile *p = m->ask->profile;
    ret->n = 0;
    if (!p)
        return false;
    for (size_t e = 0; e < evidence->n; e++) {
        const struct title_signal *best = NULL;
        double nearest = INFINITY;
        for (uint32_t i = 0; i < p->n; i++) {
            const struct title_signal *s = &p->signals[i];
            if (!(s->preference > 0) || !(s->confidence > 0) || s->title.v == item ||
                in_cut(evidence, s->title.v) || in_cut(ret, s->title.v))
                continue;
            double apart =
                fabs(popularity(m->w, s->title.v) - popularity(m->w, evidence->title[e].v));
            if (apart < nearest) {
                nearest = apart;
                best = s;
            }
        }
        if (!best)
            return false;
        ret->title[ret->n++] = best->title;
    }
    return true;
}

/* The item's place in its row made again without the titles in `cut`. */
static int find_place(const struct measuring *m, const struct shelf *row, const struct cut *cut,
                      uint32_t title, uint32_t *ret_all, uint32_t *ret_away, struct mq_error *err)
{
    const struct profile *p = m->ask->profile;
    struct ask ask = *m->ask;
    struct shelf s = *row;
    memcpy(m->cut, p, sizeof(*p));
    m->cut->n = 0;
    for (uint32_t i = 0; i < p->n; i++) {
        if (!in_cut(cut, p->signals[i].title.v))
            m->cut->signals[m->cut->n++] = p->signals[i];
    }
    ask.profile = m->cut;
    int rc = recommender_begin(m->r, m->w, &ask, err);
    if (rc)
        return rc;
    m->r->depth = m->r->n_titles;
    shelf_make(m->r, &s);
    *ret_all = *ret_away = m->r->n_titles + 1;
    uint32_t away = 1;
    for (uint32_t i = 0; i < s.n; i++) {
        if (s.list[i].index == title) {
            *ret_all = i + 1;
            *ret_away = away;
            return 0;
        }
        away += !in_cut(cut, s.list[i].index);
    }
    return 0;
}

static int measure(const struct measuring *m, const struct shelf *row, const struct placed *placed,
                   struct faithful_item *ret, struct mq_error *err)
{
    struct cut evidence = {.n = placed->n_evidence}, control, none = {.n = 0};
    memcpy(evidence.title, placed->evidence, placed->n_evidence * sizeof(struct title_id));
    ret->has_control = find_control(m, &evidence, placed->title, &control);
    if (!ret->has_control)
        return 0;
    int rc = find_place(m, row, &none, placed->title, &ret->all.before, &ret->away.before, err);
    if (!rc)
        rc = find_place(m, row, &evidence, placed->title, &ret->all.without_evidence,
                        &ret->away.without_evidence, err);
    if (!rc)
        rc = find_place(m, row, &control, placed->title, &ret->all.without_control,
                        &ret->away.without_control, err);
    return rc;
}

/* Making rows again overwrites the page: what it consists of is copied out first. */
struct copied {
    struct shelf shelf;
    struct placed placed;
    enum mq_reason_kind kind;
};

static size_t copy_page(const struct mq_page *page, const struct home_trace *trace,
                        struct copied *ret, size_t max)
{
    size_t n = 0;
    for (size_t row = 0; row < page->n_rows; row++) {
        for (size_t i = 0; i < page->rows[row].n_items && n < max; i++) {
            ret[n].shelf = trace->shelf[row];
            ret[n].placed = trace->placed[row][i];
            ret[n++].kind = page->rows[row].items[i].reason.kind;
        }
    }
    return n;
}

int faithful_page(struct recommender *r, const struct world *w, const struct ask *ask,
                  struct faithful_item *ret, size_t max, size_t *ret_n, struct mq_error *err)
{
    struct mq_page page;
    struct home_trace trace;
    int rc = home_make(r, w, ask, &page, &trace, err);
    if (rc)
        return rc;
    size_t signals = ask->profile ? ask->profile->n : 0;
    struct copied *copy = calloc(max ? max : 1, sizeof(*copy));
    struct measuring m = {r, w, ask, NULL};
    m.cut = malloc(sizeof(struct profile) + signals * sizeof(struct title_signal));
    if (!copy || !m.cut) {
        free(copy);
        free(m.cut);
        return mq_fail(err, MQ_NO_MEMORY, "faithfulness: %zu items: no memory", max);
    }
    size_t n = copy_page(&page, &trace, copy, max);
    for (size_t i = 0; i < n && !rc; i++) {
        ret[i] = (struct faithful_item){
            .title = {copy[i].placed.title},
            .kind = copy[i].kind,
            .row = (uint32_t)copy[i].placed.shelf,
            .n_evidence = (uint32_t)copy[i].placed.n_evidence,
        };
        if (ret[i].n_evidence > 0)
            rc = measure(&m, &copy[i].shelf, &copy[i].placed, &ret[i], err);
    }
    free(copy);
    free(m.cut);
    *ret_n = rc ? 0 : n;
    return rc;
}
