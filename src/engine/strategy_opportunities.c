/* strategy_opportunities.c - what nobody has made: searched, triangulated, forecast, floored. */
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "audience/overlap.h"
#include "engine/audiences.h"
#include "engine/strategy_calls.h"
#include "engine/strategy_dossiers.h"
#include "engine/strategy_fits.h"
#include "math/bits.h"
#include "strategy/forecast_sizes.h"
#include "strategy/opportunities.h"
#include "strategy/opportunity_concept.h"

enum { ARENA_FIRST = 1 << 16, LISTED = 10, SEARCHES = 20, CONCEPT_BYTES = 4096, DAY_MS = 86400000 };
#define ANSWER_MAX ((size_t)1 << 30)

struct job {
    struct mq_reader *r;
    const struct mq_opportunities_request *q;
    struct arena *arena;
    struct strategy_data *d;
    uint64_t log_seq; /* that d was read up to */
    struct vain_searches *vain;
    struct pool *pool;
    uint64_t *known;
    struct opportunities found;
    struct title *titles; /* concepts, (found.n) */
    struct mq_opportunity *list;
    struct mq_opportunities *out;
    struct mq_error *err;
};

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "opportunities: no memory");
}

static const char *text_of(struct arena *arena, struct str s)
{
    char *p = arena_alloc(arena, s.n + 1);
    if (p && s.n)
        memcpy(p, s.p, s.n);
    return p;
}

int strategy_titles_out(const struct catalogue *c, int64_t as_of_ms, uint64_t **ret,
                        struct mq_error *err)
{
    struct tm tm;
    time_t at = (time_t)(as_of_ms / 1000);
    uint64_t *known = calloc(bits_words(c->n_titles) + 1, sizeof(*known));
    if (!known)
        return no_memory(err);
    bool dated = gmtime_r(&at, &tm) != NULL;
    for (uint32_t t = 0; t < c->n_titles; t++) {
        const struct title_row *row = &c->titles[t];
        bool out = row->release_day == TITLE_NO_DATE ? !dated || row->year <= tm.tm_year + 1900
                                                     : row->release_day <= as_of_ms / DAY_MS;
        if (out)
            bits_set(known, t);
    }
    *ret = known;
    return 0;
}

static int search(struct job *j, const struct asked *x)
{
    const struct mq_opportunities_request *q = j->q;
    struct opportunities_question o = {.least_viewers =
                                           q->request.floor ? q->request.floor : FLOOR_DEFAULT,
                                       .supply_max = q->no_supply ? 0
                                                     : q->supply  ? q->supply
                                                                  : 1,
                                       .listed = q->request.n ? q->request.n : LISTED,
                                       .shuffles = q->shuffles ? q->shuffles : OPPORTUNITY_SHUFFLES,
                                       .sensitive = q->request.research,
                                       .seed = q->seed ? q->seed : 1,
                                       .progress = q->request.progress,
                                       .progress_ctx = q->request.progress_ctx};
    /* Of the past only titles that were out count. */
    int rc = q->request.as_of_ms
                 ? strategy_titles_out(x->world.catalogue, q->request.as_of_ms, &j->known, j->err)
                 : 0;
    o.known = j->known;
    if (rc == 0)
        rc = opportunities_find(&x->world, x->strata, j->vain, &o, j->pool, j->arena, &j->found,
                                j->err);
    j->out->floor = o.least_viewers;
    j->out->shuffles = o.shuffles;
    return rc;
}

/* ---------------------------------------------------------------- triangulation */

/* An id is read as it stands; one that an operator could be part of is quoted and would be a name. */
static bool is_plain(struct str id)
{
    for (size_t i = 0; i < id.n; i++) {
        if (strchr("&|()\"' ", id.p[i]))
            return false;
    }
    return id.n > 0;
}

static const char *expression_of(struct job *j, const struct vertex *v)
{
    struct buf b;
    struct str label = v->label;
    buf_init(&b, 1024);
    if (v->role == VERTEX_TITLE && is_plain(j->d->titles[v->number].id)) {
        buf_printf(&b, "liked:title=%.*s", STR_ARG(j->d->titles[v->number].id));
    } else if (v->kind != VERTEX_THEME) {
        buf_printf(&b, "liked:%s=#%u", role_name((enum role)v->role), v->number);
    } else {
        bool genre = j->found.vertices.themes_are_genres;
        buf_printf(&b, "liked:%s=\"", v->role == VERTEX_TITLE ? "title" : genre ? "genre" : "tag");
        for (size_t i = 0; i < label.n; i++) {
            if (label.p[i] == '"' || label.p[i] == '\\')
                buf_add_char(&b, '\\');
            buf_add_char(&b, label.p[i]);
        }
        buf_add_char(&b, '"');
    }
    const char *text = b.failed ? NULL : text_of(j->arena, buf_str(&b));
    buf_release(&b);
    return text;
}

static int overlap(struct job *j, const struct asked *x, const char *const *expressions, size_t n,
                   struct mq_overlap *ret)
{
    const struct audience *found[MQ_SETS];
    struct mq_audience_request q = j->q->request;
    struct asked own = *x;
    q.expressions = expressions;
    q.n_expressions = n;
    own.arena = j->arena;
    bool near = false;
    int rc = audiences_find(&own, &q, found, j->err);
    if (rc == 0 && !q.research)
        rc = audiences_too_near(x, found, n, &near, j->err);
    if (rc == 0)
        rc = overlap_of(&x->world, x->strata, found, n, j->arena, ret, j->err);
    if (rc)
        return rc;
    ret->research = q.research;
    ret->log_seq = x->log_seq;
    if (!q.research)
        floor_overlap(ret, x->floor, near);
    return overlap_words(found, j->arena, ret, j->err);
}

static int triangulate(struct job *j, const struct asked *x, const struct triangle *t,
                       struct mq_opportunity *o)
{
    const char *expressions[MQ_PARTS];
    for (int k = 0; k < MQ_PARTS; k++) {
        expressions[k] = expression_of(j, &j->found.vertices.v[t->v[k]]);
        if (!expressions[k])
            return no_memory(j->err);
    }
    int rc = overlap(j, x, expressions, 2, &o->people);
    return rc ? rc : overlap(j, x, expressions, MQ_PARTS, &o->triangle);
}

/* ---------------------------------------------------------------- telling */

static double count_out(const struct job *j, double count)
{
    const struct mq_audience_request *q = &j->q->request;
    return q->research ? count : floor_count(count, q->floor ? q->floor : FLOOR_DEFAULT);
}

static void tell_without_one(const struct job *j, const struct found_opportunity *f,
                             struct mq_opportunity *o)
{
    bool research = j->q->request.research;
    o->without_one.weakest =
        research ? (double)f->without_one : floor_figure((double)f->without_one, 2);
    if (f->without_title >= j->d->n_titles)
        return;
    o->without_one.title = text_of(j->arena, j->d->titles[f->without_title].id);
    o->without_one.name = text_of(j->arena, j->d->titles[f->without_title].name);
}

static int tell_one(struct job *j, const struct found_opportunity *f, uint32_t sampled,
                    struct mq_opportunity *o)
{
    static const char *const kinds[] = {"maker", "lead", "theme"};
    static const struct mq_interval none = {NAN, NAN, NAN};
    bool research = j->q->request.research;
    *o = (struct mq_opportunity){.weakest = (double)f->triangle.weakest,
                                 .chance = f->chance,
                                 .supply = f->triangle.supply,
                                 .supply_two = f->two};
    o->forecast = (struct mq_sizes){none, none, none, NAN, 0, true};
    for (int k = 0; k < MQ_PARTS; k++) {
        const struct vertex *v = &j->found.vertices.v[f->triangle.v[k]];
        o->parts[k] = (struct mq_opportunity_part){.kind = kinds[k],
                                                   .role = v->role == VERTEX_TITLE ? "title"
                                                           : k == VERTEX_THEME
                                                               ? NULL
                                                               : role_name((enum role)v->role),
                                                   .name = text_of(j->arena, v->label),
                                                   .titles = v->n_titles,
                                                   .viewers = count_out(j, v->viewers)};
        o->edges[k] =
            research ? (double)f->triangle.edge[k] : floor_figure((double)f->triangle.edge[k], 2);
        if (!o->parts[k].name)
            return no_memory(j->err);
    }
    tell_without_one(j, f, o);
    if (!research)
        o->weakest = floor_figure(o->weakest, 2);
    o->viewers = count_out(j, f->demand.viewers * sampled);
    bool shown = !isnan(o->viewers); /* what is beyond chance would give the count away */
    o->expected = shown ? count_out(j, f->demand.expected * sampled) : NAN;
    o->excess = shown ? count_out(j, f->excess) : NAN;
    o->searched = count_out(j, f->searched);
    return 0;
}

static int write_concept(struct job *j, const struct triangle *triangle, const struct title *t,
                         struct mq_opportunity *o)
{
    const struct vertex *theme = &j->found.vertices.v[triangle->v[VERTEX_THEME]];
    struct buf b;
    buf_init(&b, CONCEPT_BYTES);
    opportunity_concept_write(t, theme->role == VERTEX_TITLE ? theme->label : STR_NONE, &b);
    o->concept = b.failed ? NULL : text_of(j->arena, buf_str(&b));
    buf_release(&b);
    return o->concept ? 0 : no_memory(j->err);
}

static int tell_searches(struct job *j, const struct asked *x)
{
    struct vain_text top[SEARCHES];
    size_t n;
    uint32_t least = j->q->request.research ? 1 : x->floor;
    int rc = vain_top(j->vain, x->strata->rank, x->world.sets->n_viewers, least, top, SEARCHES, &n,
                      j->err);
    if (rc)
        return rc;
    struct mq_unmet_search *list = ARENA_ARRAY(j->arena, n + 1, struct mq_unmet_search);
    if (!list)
        return no_memory(j->err);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (!j->q->request.research && floor_is_sensitive(top[i].text))
            continue;
        list[kept++] =
            (struct mq_unmet_search){text_of(j->arena, top[i].text), count_out(j, top[i].viewers)};
    }
    j->out->searches = list;
    j->out->n_searches = kept;
    return 0;
}

/* Under the audiences' lock. */
static int find(struct job *j, const struct asked *x)
{
    int rc = search(j, x);
    const struct opportunities *f = &j->found;
    if (rc)
        return rc;
    j->list = ARENA_ARRAY(j->arena, f->n + 1, struct mq_opportunity);
    j->titles = ARENA_ARRAY(j->arena, f->n + 1, struct title);
    if (!j->list || !j->titles)
        return no_memory(j->err);
    uint32_t sampled = x->strata->n / TRIANGLES_VIEWERS + 1;
    for (uint32_t i = 0; i < f->n && rc == 0; i++) {
        rc = tell_one(j, &f->list[i], sampled, &j->list[i]);
        if (rc == 0)
            rc = triangulate(j, x, &f->list[i].triangle, &j->list[i]);
        if (rc == 0)
            rc = opportunity_concept(j->d, &f->vertices, &f->list[i].triangle, j->arena,
                                     &j->titles[i], j->err);
        if (rc == 0)
            rc = write_concept(j, &f->list[i].triangle, &j->titles[i], &j->list[i]);
    }
    if (rc == 0)
        rc = tell_searches(j, x);
    j->out->log_seq = x->log_seq;
    return rc;
}

static int forecast(struct job *j)
{
    uint32_t n = j->found.n;
    struct forecast_size *size = calloc((size_t)n + 1, sizeof(*size));
    if (!size)
        return no_memory(j->err);
    const struct mq_audience_request *q = &j->q->request;
    struct kept_fit *fit = NULL;
    int rc = strategy_fit(j->r->engine,
                          &(struct fit_question){.as_of_ms = q->as_of_ms,
                                                 .as_of_seq = q->as_of_seq,
                                                 .seed = j->q->seed,
                                                 .exact = true,
                                                 .threads = q->threads,
                                                 .data = &j->d,
                                                 .log_seq = j->log_seq},
                          &fit, j->err);
    if (rc == 0)
        rc = forecast_sizes(fit->fit, j->titles, NULL, n, j->pool, j->arena, size, NULL, j->err);
    kept_fit_release(fit);
    for (uint32_t i = 0; i < n && rc == 0; i++)
        j->list[i].forecast =
            (struct mq_sizes){size[i].viewers_28d,      size[i].viewers_90d, size[i].viewers_all,
                              size[i].hours_per_viewer, size[i].support,     size[i].refused};
    free(size);
    /* Too few titles to learn from: the list stands without forecasts. */
    return rc == MQ_INVALID ? 0 : rc;
}

static int answer(struct job *j)
{
    const struct mq_audience_request *q = &j->q->request;
    struct asked x;
    uint64_t last = store_last_seq(j->r->engine->store);
    j->log_seq = q->as_of_seq && q->as_of_seq < last ? q->as_of_seq : last;
    struct strategy_reading reading = {.as_of_ms = q->as_of_ms,
                                       .as_of_seq = j->log_seq,
                                       .progress = q->progress,
                                       .progress_ctx = q->progress_ctx};
    int rc = vain_searches_new(&j->vain, j->err);
    reading.vain = j->vain;
    if (rc == 0)
        rc = pool_new(q->threads ? q->threads : j->r->engine->options.threads, &j->pool, j->err);
    if (rc == 0)
        rc = strategy_read_with(j->r->engine, &reading, &j->d, j->err);
    if (rc == 0)
        rc = audiences_begin(j->r, q, false, &x, j->err);
    if (rc)
        return rc;
    rc = find(j, &x);
    audiences_end(j->r);
    if (rc == 0 && !j->q->no_forecast)
        rc = forecast(j);
    return rc;
}

static void conclude(struct job *j)
{
    const struct opportunities *f = &j->found;
    struct mq_opportunities *o = j->out;
    o->list = j->list;
    o->n = f->n;
    o->tested = f->tested;
    o->strong = f->strong;
    o->shuffled_strong = f->shuffled_strong;
    o->strongest_shuffled = (double)f->strongest_shuffled;
    o->threshold = (double)f->threshold;
    o->kept = f->curse.kept;
    o->kept_finds = f->curse.found;
    o->themes_are_genres = f->vertices.themes_are_genres;
    o->research = j->q->request.research;
    o->as_of_ms = j->q->request.as_of_ms;
    o->memory = j->arena;
}

static int check(const struct mq_opportunities_request *q, struct mq_error *err)
{
    if (q->request.n_expressions != 0)
        return mq_fail(err, MQ_INVALID, "opportunities: takes no expression");
    if (q->request.n > OPPORTUNITIES_MAX)
        return mq_fail(err, MQ_INVALID, "n: %u: at most %d", q->request.n, OPPORTUNITIES_MAX);
    if (q->shuffles > 100)
        return mq_fail(err, MQ_INVALID, "shuffles: %u: at most 100", q->shuffles);
    return 0;
}

int mq_strategy_opportunities(struct mq_reader *r, const struct mq_opportunities_request *q,
                              struct mq_opportunities *ret, struct mq_error *err)
{
    struct mq_opportunities out = {0};
    int rc = check(q, err);
    if (rc)
        return rc;
    struct job j = {
        .r = r, .q = q, .arena = calloc(1, sizeof(struct arena)), .out = &out, .err = err};
    if (!j.arena || arena_init(j.arena, ARENA_FIRST, ANSWER_MAX) != 0) {
        free(j.arena);
        return no_memory(err);
    }
    rc = answer(&j);
    if (rc == 0)
        rc = audiences_audit(r->engine, "opportunities", &q->request, 0, err);
    if (rc == 0)
        conclude(&j);
    if (rc == 0 && q->store)
        rc = dossiers_keep(r->engine, &out, err);
    vain_searches_free(j.vain);
    strategy_data_free(j.d);
    pool_free(j.pool);
    free(j.known);
    if (rc) {
        arena_release(j.arena);
        free(j.arena);
        return rc;
    }
    *ret = out;
    return 0;
}

void mq_opportunities_release(struct mq_opportunities *o)
{
    if (!o->memory)
        return;
    arena_release(o->memory);
    free(o->memory);
    o->memory = NULL;
}
