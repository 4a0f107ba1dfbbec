#include "eval/page_judge.h"

#include <math.h>
#include <stdlib.h>

#include "base/hash.h"
#include "recommend/resume.h"

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "pages: no memory");
}

/* Which of a viewer's events choose a title: not what follows from it. */
static bool chooses(const struct event *e)
{
    return e->title_id.v != ID_NONE && (e->kind == EVENT_START || e->kind == EVENT_RATING);
}

struct dated {
    int64_t day;
    uint32_t title;
};

static int newest_first(const void *a, const void *b)
{
    const struct dated *x = a;
    const struct dated *y = b;
    if (x->day != y->day)
        return x->day > y->day ? -1 : 1;
    return (x->title > y->title) - (x->title < y->title);
}

/* By release, failing that by year; among titles without either by id. */
static int list_recent(struct page_judge *j, struct mq_error *err)
{
    uint32_t n = j->catalogue->n_titles;
    struct dated *all = calloc((size_t)n + 1, sizeof(*all));
    j->recent = calloc((size_t)n + 1, sizeof(*j->recent));
    if (!all || !j->recent) {
        free(all);
        return no_memory(err);
    }
    for (uint32_t t = 0; t < n; t++) {
        const struct title_row *row = &j->catalogue->titles[t];
        if (row->described)
            all[j->n_recent++] = (struct dated){row->release_day != TITLE_NO_DATE
                                                    ? row->release_day
                                                    : (int64_t)(row->year - 1970) * 365,
                                                t};
    }
    qsort(all, j->n_recent, sizeof(*all), newest_first);
    for (size_t i = 0; i < j->n_recent; i++)
        j->recent[i] = all[i].title;
    free(all);
    return 0;
}

static bool sums_init(struct page_sums *s, size_t n)
{
    bool whole = (s->asked = calloc(n, sizeof(*s->asked))) != NULL;
    for (int a = 0; a < PAGE_ARMS; a++) {
        s->hits[a] = calloc(n, sizeof(*s->hits[a]));
        s->gain[a] = calloc(n, sizeof(*s->gain[a]));
        whole = whole && s->hits[a] && s->gain[a];
    }
    return whole;
}

static void sums_release(struct page_sums *s)
{
    free(s->asked);
    for (int a = 0; a < PAGE_ARMS; a++) {
        free(s->hits[a]);
        free(s->gain[a]);
    }
}

static int make_sums(struct page_judge *j, struct mq_error *err)
{
    size_t n = (size_t)j->n_ids + 1;
    j->builder = calloc(n, sizeof(struct profile_builder *));
    j->wanted = calloc(n, 1);
    j->last_ms = calloc(n, sizeof(*j->last_ms));
    j->slot = malloc(n * sizeof(*j->slot));
    j->chose_ms = malloc(n * sizeof(*j->chose_ms));
    j->told = calloc((size_t)j->catalogue->n_titles + 1, sizeof(*j->told));
    j->resumed = calloc(n, sizeof(*j->resumed));
    j->found = calloc(n, sizeof(*j->found));
    bool whole = j->builder && j->wanted && j->last_ms && j->slot && j->chose_ms && j->told &&
                 j->resumed && j->found;
    for (int s = 0; s < PAGE_SPANS; s++)
        whole = sums_init(&j->sums[s], n) && whole;
    if (!whole)
        return no_memory(err);
    for (size_t i = 0; i < n; i++)
        j->chose_ms[i] = INT64_MIN / 2; /* never */
    memset(j->slot, 0xff, n * sizeof(*j->slot));
    return 0;
}

static int ascending(const void *a, const void *b)
{
    const uint64_t *x = a;
    const uint64_t *y = b;
    return (*x > *y) - (*x < *y);
}

static int list_liked(struct page_judge *j, const struct triples *t, struct mq_error *err)
{
    j->liked = malloc((t->n + 1) * sizeof(*j->liked));
    if (!j->liked)
        return no_memory(err);
    for (size_t i = 0; i < t->n; i++) {
        if (t->weight[i] > 0)
            j->liked[j->n_liked++] = (uint64_t)t->viewer[i] << 32 | t->title[i];
    }
    qsort(j->liked, j->n_liked, sizeof(*j->liked), ascending);
    return 0;
}

static bool is_liked(const struct page_judge *j, const struct event *e)
{
    uint64_t key = (uint64_t)e->viewer_id.v << 32 | e->title_id.v;
    return bsearch(&key, j->liked, j->n_liked, sizeof(key), ascending) != NULL;
}

int page_judge_init(struct page_judge *j, const struct page_events *p, size_t cut,
                    const struct triples *liked, const struct catalogue *c, const struct model *m,
                    const struct page_options *o, const struct page_report *sizes,
                    struct mq_error *err)
{
    size_t choices = 0;
    *j = (struct page_judge){.catalogue = c,
                             .options = o,
                             .rows = sizes->rows,
                             .columns = sizes->columns,
                             .arms = sizes->arms};
    for (size_t i = 0; i < p->n; i++) {
        if (p->event[i].viewer_id.v >= j->n_ids)
            j->n_ids = p->event[i].viewer_id.v + 1;
    }
    int rc = make_sums(j, err);
    if (rc == 0)
        rc = list_liked(j, liked, err);
    if (rc == 0)
        rc = list_recent(j, err);
    if (rc == 0)
        rc = trend_new(&j->trend, err);
    if (rc == 0)
        rc = recommender_new(&j->recommender, err);
    if (rc == 0)
        rc = recommender_new(&j->for_taste, err);
    if (rc)
        return rc;
    for (size_t i = cut; i < p->n; i++) {
        choices += chooses(&p->event[i]) && is_liked(j, &p->event[i]);
        j->wanted[p->event[i].viewer_id.v] = 1;
    }
    j->draw = choices > PAGE_QUESTIONS ? (double)PAGE_QUESTIONS / (double)choices : 1;
    j->world = (struct world){m, c, j->trend, NULL};
    j->plain = *m; /* its arrays, without the blend, moods and trees */
    j->plain.blend = (struct blend_part){.n = 0};
    j->plain.ranker = (struct ranker_part){.meaning = 0};
    j->plain.moods = NULL;
    j->plain.facts.version++;
    j->taste_alone = (struct world){&j->plain, c, j->trend, NULL};
    return 0;
}

void page_judge_release(struct page_judge *j)
{
    for (uint32_t v = 0; j->builder && v < j->n_ids; v++)
        profile_builder_free(j->builder[v]);
    recommender_free(j->recommender);
    recommender_free(j->for_taste);
    trend_free(j->trend);
    free(j->builder);
    free(j->wanted);
    free(j->liked);
    free(j->last_ms);
    free(j->recent);
    free(j->slot);
    free(j->chose_ms);
    free(j->told);
    free(j->resumed);
    free(j->found);
    for (int s = 0; s < PAGE_SPANS; s++)
        sums_release(&j->sums[s]);
    *j = (struct page_judge){0};
}

/* ------------------------------------------------------------------ a moment */

/* The title's place in an arm's view, read row by row, from 0; `hidden`: it is not in view. */
enum { NDCG_PLACES = 10 };
static const size_t hidden = SIZE_MAX;

static void note(struct page_judge *j, enum page_arm arm, uint32_t slot, size_t place)
{
    double gain = place < NDCG_PLACES ? 1 / log2((double)place + 2) : 0;
    j->sums[PAGE_ALL].hits[arm][slot] += place != hidden;
    j->sums[PAGE_ALL].gain[arm][slot] += gain;
    j->sums[j->span].hits[arm][slot] += place != hidden;
    j->sums[j->span].gain[arm][slot] += gain;
}

/* What is to be continued takes a row, and no places: it can't be asked about. */
static size_t place_in_view(const struct page_judge *j, const struct mq_page *page, uint32_t title)
{
    size_t place = 0;
    for (size_t i = 0; i < page->n_rows && i < j->rows; i++) {
        const struct mq_row *row = &page->rows[i];
        bool counts = strcmp(row->kind, "continue") != 0;
        for (size_t k = 0; k < row->n_items && k < j->columns; k++, place += counts) {
            if (row->items[k].title_number == title)
                return place;
        }
    }
    return hidden;
}

static int judge_page(struct page_judge *j, struct ask *ask, uint32_t title, enum page_arm arm,
                      uint32_t slot, struct mq_error *err)
{
    struct mq_page page;
    int rc = recommend_home(j->recommender, &j->world, ask, &page, err);
    if (rc)
        return rc;
    note(j, arm, slot, place_in_view(j, &page, title));
    j->left = (size_t)j->rows * j->columns;
    for (size_t i = 0; i < page.n_rows && i < j->rows; i++)
        j->left -= strcmp(page.rows[i].kind, "continue") == 0 ? j->columns : 0;
    return 0;
}

/* A flat list of as many places as are in view, of this world; the arm behind `arm` has those beside the row of what is
 * to be continued. */
static int judge_list(struct page_judge *j, const struct world *w, struct ask *ask, uint32_t title,
                      enum page_arm arm, uint32_t slot, struct mq_error *err)
{
    struct mq_list list;
    bool plain = w == &j->taste_alone;
    size_t place = hidden;
    ask->n = j->rows * j->columns;
    int rc = recommend_list(plain ? j->for_taste : j->recommender, w, ask, &list, err);
    for (size_t i = 0; rc == 0 && i < list.n_items; i++)
        place = list.items[i].title_number == title ? i : place;
    if (rc == 0) {
        note(j, arm, slot, place);
        note(j, (enum page_arm)(arm + 1), slot, place < j->left ? place : hidden);
    }
    return rc;
}

static bool met(const struct profile *p, uint32_t title)
{
    return profile_signal(p, (struct title_id){title}) != NULL;
}

/* Its place among the most popular that were not met yet. */
static size_t popular_place(const struct page_judge *j, const struct profile *p, uint32_t title)
{
    const struct model *m = j->world.model;
    size_t better = 0, places = (size_t)j->rows * j->columns;
    if (title >= m->n_titles)
        return hidden;
    for (uint32_t t = 0; t < m->n_titles && better < places; t++) {
        bool above = m->popularity[t] > m->popularity[title] ||
                     (t < title && m->popularity[t] == m->popularity[title]);
        better += above && j->catalogue->titles[t].described && !met(p, t);
    }
    return better < places ? better : hidden;
}

/* Its place among those released by then, newest first. */
static size_t recent_place(const struct page_judge *j, const struct profile *p, int64_t at_ms,
                           uint32_t title)
{
    int64_t today = at_ms / 86400000;
    size_t place = 0, places = (size_t)j->rows * j->columns;
    for (size_t i = 0; i < j->n_recent && place < places; i++) {
        uint32_t t = j->recent[i];
        const struct title_row *row = &j->catalogue->titles[t];
        int64_t day = row->release_day != TITLE_NO_DATE ? row->release_day
                                                        : (int64_t)(row->year - 1970) * 365;
        if (day > today || met(p, t))
            continue;
        if (t == title)
            return place;
        place++;
    }
    return hidden;
}

static uint32_t slot_of(struct page_judge *j, uint32_t viewer)
{
    if (j->slot[viewer] == UINT32_MAX)
        j->slot[viewer] = j->n_viewers++;
    return j->slot[viewer];
}

/* The pages of who knows the truth, each where nothing else says of it. */
static int judge_told(struct page_judge *j, const struct event *e, struct ask ask, uint32_t slot,
                      struct mq_error *err)
{
    int rc = 0;
    ask.mood = "off";
    ask.told = j->told;
    for (unsigned a = PAGE_ARMS_USUAL; a < j->arms && rc == 0; a++) {
        j->options->truth(j->options->truth_ctx, e, (enum page_arm)a, j->told);
        ask.no_context = a == PAGE_TOLD_CONTEXT;
        rc = judge_page(j, &ask, e->title_id.v, (enum page_arm)a, slot, err);
    }
    return rc;
}

static struct ask ask_at(const struct event *e, const struct profile *p)
{
    struct ask ask = {.profile = p, .viewer = "", .at_ms = e->at_ms, .context = e->context};
    if (ask.context.offset_min == OFFSET_NONE) /* as serving does */
        ask.context.offset_min = p->offset_min;
    if (ask.context.country == 0)
        ask.context.country = p->country;
    ask.context.mood = STR_NONE;
    return ask;
}

/* A title that is gone on with: is it in view, in any row? */
static int judge_resumed(struct page_judge *j, const struct event *e, const struct profile *p,
                         struct mq_error *err)
{
    struct topk_item list[RESUME_SEEN];
    struct resume_view v = {.profile = p, .catalogue = j->catalogue, .at_ms = e->at_ms};
    struct ask ask = ask_at(e, p);
    struct mq_page page;
    size_t n = resume_find(&v, list, RESUME_SEEN), at = 0;
    while (at < n && list[at].index != e->title_id.v)
        at++;
    if (at == n)
        return 0;
    int rc = recommend_home(j->recommender, &j->world, &ask, &page, err);
    if (rc)
        return rc;
    j->resumed[e->viewer_id.v]++;
    j->found[e->viewer_id.v] += place_in_view(j, &page, e->title_id.v) != hidden;
    return 0;
}

static int judge(struct page_judge *j, const struct event *e, const struct profile *p,
                 struct mq_error *err)
{
    struct ask ask = ask_at(e, p);
    uint32_t title = e->title_id.v, v = slot_of(j, e->viewer_id.v);
    j->span = e->at_ms - j->chose_ms[e->viewer_id.v] < MOOD_SESSION_MS ? PAGE_LATER : PAGE_FIRST;
    int rc = judge_page(j, &ask, title, PAGE_ARM, v, err);
    size_t left = j->left;
    if (rc == 0)
        rc = judge_told(j, e, ask, v, err);
    ask.mood = "off";
    if (rc == 0)
        rc = judge_page(j, &ask, title, PAGE_NO_MOOD_ARM, v, err);
    ask.no_context = true;
    if (rc == 0)
        rc = judge_page(j, &ask, title, PAGE_PLAIN_ARM, v, err);
    j->left = left;
    ask.no_context = false;
    ask.mood = NULL;
    if (rc == 0)
        rc = judge_list(j, &j->world, &ask, title, PAGE_LIST, v, err);
    ask.no_context = true;
    if (rc == 0)
        rc = judge_list(j, &j->taste_alone, &ask, title, PAGE_TASTE, v, err);
    note(j, PAGE_POPULARITY, v, popular_place(j, p, title));
    note(j, PAGE_RECENT, v, recent_place(j, p, e->at_ms, title));
    for (int s = 0; s < PAGE_SPANS; s++) {
        bool of_it = s == PAGE_ALL || s == (int)j->span;
        j->sums[s].asked[v] += of_it;
        j->sums[s].n += of_it;
    }
    return rc;
}

/* A first event of a title, or what is gone on with, that has a record, of a viewer with enough before, by the luck of the draw. */
static int consider(struct page_judge *j, const struct event *e, struct mq_error *err)
{
    struct profile_builder *b = j->builder[e->viewer_id.v];
    struct profile *p = NULL;
    int rc = 0;
    if (!chooses(e) || !is_liked(j, e) || e->title_id.v >= j->catalogue->n_titles ||
        !j->catalogue->titles[e->title_id.v].described)
        return 0;
    if (j->options->gap_ms > 0 && e->at_ms - j->last_ms[e->viewer_id.v] < j->options->gap_ms)
        return 0;
    uint64_t luck = hash_mix(hash_mix(e->viewer_id.v, e->title_id.v), j->options->seed);
    if ((double)(luck >> 11) * 0x1p-53 >= j->draw)
        return 0;
    if (b)
        rc = profile_snapshot(b, NULL, &p, err);
    if (rc)
        return rc;
    if (!p || !met(p, e->title_id.v)) {
        j->firsts++;
        if (!p || p->n < PAGE_LEAST_BEFORE || p->consent)
            j->few++;
        else
            rc = judge(j, e, p, err);
    } else if (e->kind == EVENT_START && e->autoplay != 1 && p->n >= PAGE_LEAST_BEFORE &&
               !p->consent) {
        rc = judge_resumed(j, e, p, err);
    }
    profile_free(p);
    return rc;
}

int page_judge_event(struct page_judge *j, const struct event *e, bool after, struct mq_error *err)
{
    uint32_t v = e->viewer_id.v;
    int rc = after ? consider(j, e, err) : 0;
    if (rc == 0)
        rc = trend_feed(j->trend, e, err);
    if (rc == 0 && j->wanted[v] && !j->builder[v])
        rc = profile_builder_new(e->viewer_id, &j->builder[v], err);
    if (rc == 0 && j->wanted[v])
        rc = profile_feed(j->builder[v], e, j->catalogue, err);
    j->last_ms[v] = e->at_ms;
    if (event_chooses(e))
        j->chose_ms[v] = e->at_ms;
    return rc > 0 ? mq_fail(err, MQ_BUG, "pages: events out of order") : rc;
}
