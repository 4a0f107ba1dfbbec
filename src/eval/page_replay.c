#include "eval/page_replay.h"

#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/rng.h"
#include "eval/page_judge.h"
#include "eval/report.h"
#include "train/second_stage.h"
#include "train/train.h"

enum { TEXT_BLOCK = 1 << 20 };
static const size_t text_max = (size_t)4 << 30;

int page_events_init(struct page_events *p, struct mq_error *err)
{
    *p = (struct page_events){.n = 0};
    if (arena_init(&p->text, TEXT_BLOCK, text_max) != 0)
        return mq_fail(err, MQ_NO_MEMORY, "pages: no memory");
    return 0;
}

void page_events_release(struct page_events *p)
{
    arena_release(&p->text);
    free(p->event);
    *p = (struct page_events){.n = 0};
}

static bool keep(struct arena *a, struct str *s)
{
    if (s->n == 0)
        return true;
    *s = arena_str(a, *s);
    return s->p != NULL;
}

int page_events_add(struct page_events *p, const struct event *e, struct mq_error *err)
{
    if (e->kind == EVENT_IMPRESSION || e->kind == EVENT_SEARCH)
        return 0;
    if (p->n == PAGE_EVENTS_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "pages: over %d events: evaluate a smaller folder",
                       PAGE_EVENTS_MAX);
    if (p->n == p->cap) {
        size_t cap = p->cap ? 2 * p->cap : 4096;
        struct event *grown = realloc(p->event, cap * sizeof(*grown));
        if (!grown)
            return mq_fail(err, MQ_NO_MEMORY, "pages: %zu events: no memory", cap);
        p->event = grown;
        p->cap = cap;
    }
    struct event *to = &p->event[p->n];
    *to = *e;
    to->id = to->viewer = to->title = to->recommendation = to->app = to->chosen = STR_NONE;
    to->other = to->attributes = STR_NONE;
    to->items = NULL;
    to->n_items = 0;
    if (!keep(&p->text, &to->session) || !keep(&p->text, &to->source) ||
        !keep(&p->text, &to->custom) || !keep(&p->text, &to->query) ||
        !keep(&p->text, &to->context.region) || !keep(&p->text, &to->context.mood))
        return mq_fail(err, MQ_NO_MEMORY, "pages: no memory");
    p->n++;
    return 0;
}

static int by_time(const void *a, const void *b)
{
    const struct event *x = a;
    const struct event *y = b;
    if (x->at_ms != y->at_ms)
        return x->at_ms < y->at_ms ? -1 : 1;
    return (x->seq > y->seq) - (x->seq < y->seq);
}

static int by_viewer(const void *a, const void *b)
{
    const struct event *x = a;
    const struct event *y = b;
    if (x->viewer_id.v != y->viewer_id.v)
        return x->viewer_id.v < y->viewer_id.v ? -1 : 1;
    return by_time(a, b);
}

/* What viewers made of titles within the first n events. Release ret_rows whatever comes out. */
static int read_rows(struct page_events *p, size_t n, const struct catalogue *c,
                     struct log_rows *ret_rows, struct mq_error *err)
{
    int rc = 0;
    log_rows_init(ret_rows, c, NULL);
    qsort(p->event, n, sizeof(*p->event), by_viewer);
    for (size_t i = 0; i < n && rc == 0; i++)
        rc = log_rows_feed(ret_rows, &p->event[i], err);
    if (rc == 0)
        rc = log_rows_finish(ret_rows, err);
    qsort(p->event, n, sizeof(*p->event), by_time);
    return rc;
}

struct reading {
    struct page_events *events;
    size_t n;
};

static int read_choices(void *ctx, struct ranker_log *log, struct mq_error *err)
{
    struct reading *x = ctx;
    struct event *e = x->events->event;
    int rc = 0;
    qsort(e, x->n, sizeof(*e), by_viewer);
    for (size_t i = 0; i < x->n && rc == 0; i++) {
        if (e[i].viewer_id.v != log->viewer.v)
            rc = ranker_log_viewer(log, e[i].viewer_id, err);
        if (rc == 0)
            rc = ranker_log_event(log, &e[i], err);
    }
    if (rc == 0)
        rc = ranker_log_finish(log, err);
    qsort(e, x->n, sizeof(*e), by_time);
    return rc;
}

/* The model of the first n events, as `train` makes it. */
static int train(struct page_events *p, size_t n, const struct catalogue *c,
                 const struct page_options *o, struct model *ret, struct mq_error *err)
{
    struct log_rows rows;
    struct pool *pool = NULL;
    struct blend_found found;
    struct mood_part *moods = NULL;
    struct train_watch watch = {o->progress, o->progress_ctx};
    struct blend_fit_options fit = {.seed = o->seed, .catalogue = c, .watch = watch};
    struct reading reading = {p, n};
    struct second_stage stage = {.order = NULL};
    struct second_stage_options second = {
        .fit = fit, .read = read_choices, .ctx = &reading, .no_trees = true};
    int rc = read_rows(p, n, c, &rows, err);
    if (rc == 0)
        rc = pool_new(o->threads, &pool, err);
    if (rc == 0)
        rc = blend_fit(&rows.triples, rows.n_viewers, c->n_titles, &fit, pool, ret, &found, err);
    if (rc == 0 && rows.moods.n > 0)
        rc = mood_rows_fit(&rows.moods, c, o->seed, watch, &moods, err);
    ret->moods = moods;
    if (rc == 0 && ret->rank > 0)
        rc = second_stage_fit(&rows, ret, &second, pool, &stage, err);
    ret->order = stage.order;
    pool_free(pool);
    log_rows_release(&rows);
    return rc;
}

/* The share in view of what was gone on with, over viewers with any. */
static int sum_resumed(struct page_judge *j, const struct page_options *o, struct page_report *ret,
                       struct mq_error *err)
{
    size_t n = 0;
    for (uint32_t v = 0; v < j->n_ids; v++) {
        if (j->resumed[v] == 0)
            continue;
        ret->resumed += (uint64_t)j->resumed[v];
        j->found[n] = j->found[v];
        j->resumed[n++] = j->resumed[v];
    }
    return bootstrap_ratio(j->found, NULL, j->resumed, n, false, o->seed, &ret->resumed_found, err);
}

/* `arm` minus `without` (PAGE_ARMS: nothing) over the moments of a span. */
static int compare(const struct page_judge *j, enum page_span span, enum page_arm arm,
                   enum page_arm without, uint64_t seed, struct interval *recall,
                   struct interval *ndcg, struct mq_error *err)
{
    const struct page_sums *s = &j->sums[span];
    bool alone = without == PAGE_ARMS;
    int rc = bootstrap_ratio(s->hits[arm], alone ? NULL : s->hits[without], s->asked, j->n_viewers,
                             false, seed, recall, err);
    if (rc == 0)
        rc = bootstrap_ratio(s->gain[arm], alone ? NULL : s->gain[without], s->asked, j->n_viewers,
                             false, seed, ndcg, err);
    return rc;
}

static int sum_up_moods(const struct page_judge *j, enum page_span span, unsigned arms,
                        uint64_t seed, struct page_moods_worth *ret, struct mq_error *err)
{
    int rc = compare(j, span, PAGE_ARM, PAGE_NO_MOOD_ARM, seed, &ret->recall, &ret->ndcg, err);
    ret->asked = j->sums[span].n;
    for (unsigned a = PAGE_TOLD_BEFORE; a < arms && rc == 0; a++)
        rc = compare(j, span, (enum page_arm)a, PAGE_NO_MOOD_ARM, seed, &ret->told_recall[a],
                     &ret->told_ndcg[a], err);
    return rc;
}

static int summarise(const struct page_judge *j, const struct page_options *o,
                     struct page_report *ret, struct mq_error *err)
{
    int rc = 0;
    for (unsigned a = 0; a < ret->arms && rc == 0; a++) {
        rc = compare(j, PAGE_ALL, (enum page_arm)a, PAGE_ARMS, o->seed, &ret->recall[a],
                     &ret->ndcg[a], err);
        if (rc == 0 && a != PAGE_ARM)
            rc = compare(j, PAGE_ALL, PAGE_ARM, (enum page_arm)a, o->seed, &ret->over[a],
                         &ret->ndcg_over[a], err);
    }
    if (rc == 0 && o->truth)
        rc = compare(j, PAGE_ALL, PAGE_TOLD_CONTEXT, PAGE_PLAIN_ARM, o->seed, &ret->told_recall,
                     &ret->told_ndcg, err);
    for (unsigned s = 0; s < PAGE_SPANS && rc == 0; s++)
        rc = sum_up_moods(j, (enum page_span)s, ret->arms, o->seed, &ret->moods_worth[s], err);
    ret->over[PAGE_ARM] = ret->ndcg_over[PAGE_ARM] = (struct interval){NAN, NAN, NAN, 0};
    return rc;
}

static int replay(struct page_events *p, size_t cut, const struct catalogue *c,
                  const struct page_options *o, struct page_report *ret, struct mq_error *err)
{
    struct model m = {0};
    struct page_judge j = {0};
    struct log_rows all;
    int rc = read_rows(p, p->n, c, &all, err);
    if (rc == 0)
        rc = train(p, cut, c, o, &m, err);
    if (rc == 0)
        rc = page_judge_init(&j, p, cut, &all.triples, c, &m, o, ret, err);
    if (rc == 0)
        ret->moods = m.moods ? m.moods->model.n : 0;
    ret->order_ndcg = m.order ? m.order->ndcg : NAN;
    ret->order_base = m.order ? m.order->base_ndcg : NAN;
    log_rows_release(&all);
    for (size_t i = 0; i < p->n && rc == 0; i++) {
        if (i % 65536 == 0 && o->progress && !o->progress(o->progress_ctx, "pages", i, p->n))
            rc = mq_fail(err, MQ_CANCELLED, "pages: stopped");
        if (rc == 0)
            rc = page_judge_event(&j, &p->event[i], i >= cut, err);
    }
    if (rc == 0 && j.sums[PAGE_ALL].n == 0)
        rc = mq_fail(err, MQ_INVALID,
                     "pages: %llu first plays of liked titles after the cut: none of a viewer with "
                     "%d titles before",
                     (unsigned long long)j.firsts, PAGE_LEAST_BEFORE);
    if (rc == 0) {
        ret->events = j.firsts;
        ret->few = j.few;
        ret->asked = j.sums[PAGE_ALL].n;
        ret->viewers = j.n_viewers;
        rc = summarise(&j, o, ret, err);
        if (rc == 0)
            rc = sum_resumed(&j, o, ret, err);
    }
    page_judge_release(&j);
    train_release(&m);
    return rc;
}

static unsigned told_up_to(const struct page_options *o)
{
    unsigned most = PAGE_ARMS - PAGE_ARMS_USUAL, n = o->told > 0 && o->told < most ? o->told : most;
    return PAGE_ARMS_USUAL + (o->truth ? n : 0);
}

int page_replay(struct page_events *p, const struct catalogue *c, const struct page_options *o,
                struct page_report *ret, struct mq_error *err)
{
    int64_t started = clock_mono_ns();
    double share = o->cut > 0 ? o->cut : 0.1;
    if (!(share < 1))
        return mq_fail(err, MQ_INVALID, "cut: %g: give a share below 1", share);
    if (p->n > 0)
        qsort(p->event, p->n, sizeof(*p->event), by_time);
    size_t cut = p->n - (size_t)((double)p->n * share);
    if (cut == 0 || cut >= p->n)
        return mq_fail(err, MQ_INVALID, "cut: %g of %zu events: leaves nothing on one side", share,
                       p->n);
    struct page_report r = {.rows = o->rows ? o->rows : 4,
                            .columns = o->columns ? o->columns : 5,
                            .arms = told_up_to(o),
                            .seed = o->seed,
                            .cut_ms = p->event[cut].at_ms};
    int rc = replay(p, cut, c, o, &r, err);
    if (rc)
        return rc;
    r.seconds = (double)(clock_mono_ns() - started) / 1e9;
    *ret = r;
    return 0;
}

const char *page_arm_name(enum page_arm a)
{
    static const char *const names[PAGE_ARMS] = {"page",
                                                 "page_without_mood",
                                                 "page_without_context",
                                                 "list",
                                                 "list_beside_continue",
                                                 "taste",
                                                 "taste_beside_continue",
                                                 "popularity",
                                                 "most_recent",
                                                 "told_the_moment",
                                                 "told_the_moods_before",
                                                 "told_the_mood"};
    return names[a];
}

static const char *page_span_name(enum page_span s)
{
    static const char *const names[PAGE_SPANS] = {"all", "first_choice", "later_choices"};
    return names[s];
}

static void write_moods_worth(struct json *j, const struct page_report *r, const char *recall)
{
    json_key(j, STR("mood_gain"));
    json_object(j);
    for (unsigned s = 0; s < PAGE_SPANS; s++) {
        const struct page_moods_worth *w = &r->moods_worth[s];
        json_key(j, str_of(page_span_name((enum page_span)s)));
        json_object(j);
        json_kv_u64(j, "judged", w->asked);
        report_interval(j, recall, &w->recall);
        report_interval(j, "ndcg@10", &w->ndcg);
        json_object_end(j);
    }
    json_object_end(j);
}

void page_report_write(struct json *j, const struct page_report *r)
{
    char key[32];
    struct buf b;
    buf_over(&b, key, sizeof(key));
    buf_printf(&b, "recall@%ux%u", r->rows, r->columns);
    buf_add_char(&b, '\0');
    json_object(j);
    json_kv_z(j, "protocol", "pages");
    json_kv_u64(j, "seed", r->seed);
    json_kv_double(j, "seconds", r->seconds, 4);
    json_kv_z(j, "published", "page");
    json_kv_u64(j, "rows", r->rows);
    json_kv_u64(j, "columns", r->columns);
    json_kv_u64(j, "viewers", r->viewers);
    json_kv_u64(j, "first_plays", r->events);
    json_kv_u64(j, "few_before", r->few);
    json_kv_u64(j, "judged", r->asked);
    json_kv_u64(j, "moods", r->moods);
    json_kv_u64(j, "resumed", r->resumed);
    report_interval(j, "resumed_in_view", &r->resumed_found);
    report_number(j, "order_ndcg@10", "", r->order_ndcg);
    report_number(j, "order_without_weights", "", r->order_base);
    write_moods_worth(j, r, key);
    json_key(j, STR("models"));
    json_object(j);
    for (unsigned a = 0; a < r->arms; a++) {
        json_key(j, str_of(page_arm_name((enum page_arm)a)));
        json_object(j);
        report_interval(j, key, &r->recall[a]);
        report_interval(j, "ndcg@10", &r->ndcg[a]);
        if (a != PAGE_ARM) {
            report_interval(j, "page_minus_this", &r->over[a]);
            report_interval(j, "ndcg_minus_this", &r->ndcg_over[a]);
        }
        json_object_end(j);
    }
    json_object_end(j);
    json_object_end(j);
}
