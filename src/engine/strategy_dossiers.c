/* strategy_dossiers.c - answers that are kept with their date: stored, found for a pitch, held against what came. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "audience/floor.h"
#include "base/clock.h"
#include "engine/strategy_calls.h"
#include "engine/strategy_dossiers.h"
#include "strategy/dossier.h"
#include "wire/concept_json.h"

#define DOSSIER_PREFIX "strategy/dossier/"
enum { KEY_BYTES = 64, KEPT = 10000, ARENA_FIRST = 1 << 16, FOUND = 10 };
#define ANSWER_MAX ((size_t)512 << 20)
#define DAY_MS INT64_C(86400000)

/* ---------------------------------------------------------------- reading them */

struct dossiers {
    struct arena *arena;
    struct mq_dossier *list;
    size_t n, cap;
    struct mq_error *err;
};

static int see(void *ctx, struct str key, struct str value)
{
    struct dossiers *d = ctx;
    struct str digits = {key.p + strlen(DOSSIER_PREFIX), key.n - strlen(DOSSIER_PREFIX)};
    uint64_t id;
    if (!str_to_u64(digits, &id))
        return 0;
    if (d->n == d->cap) {
        size_t cap = d->cap ? 2 * d->cap : 64;
        struct mq_dossier *p = realloc(d->list, cap * sizeof(*p));
        if (!p)
            return mq_fail(d->err, MQ_NO_MEMORY, "dossiers: no memory");
        d->list = p;
        d->cap = cap;
    }
    int rc = dossier_decode(value, d->arena, &d->list[d->n], d->err);
    if (rc)
        return rc;
    d->list[d->n++].id = id;
    return 0;
}

static int read_all(const struct mq_engine *e, struct arena *arena, struct dossiers *ret,
                    struct mq_error *err)
{
    *ret = (struct dossiers){.arena = arena, .err = err};
    return store_scan_values(e->store, STORE_META, STR(DOSSIER_PREFIX), see, ret, err);
}

/* ---------------------------------------------------------------- keeping them */

static struct str key_of(char *to, uint64_t id)
{
    int n = snprintf(to, KEY_BYTES, DOSSIER_PREFIX "%012llu", (unsigned long long)id);
    return (struct str){to, (size_t)n};
}

static int keep(struct mq_engine *e, const struct mq_dossier *d, struct mq_error *err)
{
    char key[KEY_BYTES];
    struct buf b;
    buf_init(&b, DOSSIER_BYTES_MAX);
    dossier_encode(d, &b);
    int rc = b.failed ? mq_fail(err, MQ_TOO_LARGE, "dossier: over %d bytes", DOSSIER_BYTES_MAX)
                      : engine_put_setting(e, key_of(key, d->id), buf_str(&b), err);
    buf_release(&b);
    return rc;
}

int dossiers_keep(struct mq_engine *e, struct mq_opportunities *o, struct mq_error *err)
{
    struct arena arena;
    struct dossiers all;
    if (arena_init(&arena, ARENA_FIRST, ANSWER_MAX) != 0)
        return mq_fail(err, MQ_NO_MEMORY, "dossiers: no memory");
    int rc = read_all(e, &arena, &all, err);
    uint64_t next = 1;
    for (size_t i = 0; i < all.n; i++)
        next = all.list[i].id >= next ? all.list[i].id + 1 : next;
    if (rc == 0 && all.n + o->n > KEPT)
        rc = mq_fail(err, MQ_TOO_LARGE, "dossiers: %zu are kept: at most %d", all.n, KEPT);
    for (size_t i = 0; i < o->n && rc == 0; i++) {
        const struct mq_opportunity *x = &o->list[i];
        struct mq_dossier d = {.id = next + i,
                               .made_ms = clock_wall_ms(),
                               .as_of_ms = o->as_of_ms ? o->as_of_ms : engine_now(e, NULL),
                               .log_seq = o->log_seq,
                               .rank = (unsigned)i + 1,
                               .weakest = x->weakest,
                               .chance = x->chance,
                               .viewers = x->viewers,
                               .expected = x->expected,
                               .excess = x->excess,
                               .forecast = x->forecast,
                               .words = x->people.words,
                               .concept = x->concept};
        memcpy(d.parts, x->parts, sizeof(d.parts));
        rc = keep(e, &d, err);
    }
    if (rc == 0 && o->n > 0) {
        o->first_dossier = next;
        o->stored = o->n;
    }
    free(all.list);
    arena_release(&arena);
    return rc;
}

/* ---------------------------------------------------------------- answers with memory of their own */

static int arena_made(struct arena **ret, struct mq_error *err)
{
    struct arena *a = calloc(1, sizeof(*a));
    if (!a || arena_init(a, ARENA_FIRST, ANSWER_MAX) != 0) {
        free(a);
        return mq_fail(err, MQ_NO_MEMORY, "dossiers: no memory");
    }
    *ret = a;
    return 0;
}

static void arena_gone(struct arena *a)
{
    if (!a)
        return;
    arena_release(a);
    free(a);
}

/* ---------------------------------------------------------------- a pitch */

static int by_fit(const void *a, const void *b)
{
    const struct mq_dossier_match *x = a;
    const struct mq_dossier_match *y = b;
    int p = __builtin_popcount(x->parts);
    int q = __builtin_popcount(y->parts);
    if (p != q)
        return p > q ? -1 : 1;
    if (x->dossier.rank != y->dossier.rank)
        return x->dossier.rank < y->dossier.rank ? -1 : 1;
    return (x->dossier.id > y->dossier.id) - (x->dossier.id < y->dossier.id);
}

/* Two of the three parts at least, and known before the pitch. */
static int find_for(const struct dossiers *all, const struct concept *c, int64_t at_ms,
                    struct arena *arena, struct mq_pitch *ret, struct mq_error *err)
{
    struct mq_dossier_match *list = ARENA_ARRAY(arena, all->n + 1, struct mq_dossier_match);
    if (!list)
        return mq_fail(err, MQ_NO_MEMORY, "pitch: no memory");
    size_t n = 0;
    for (size_t i = 0; i < all->n; i++) {
        const struct mq_dossier *d = &all->list[i];
        unsigned parts = dossier_matches(d, c);
        if (d->as_of_ms > at_ms || __builtin_popcount(parts) < 2)
            continue;
        list[n++] = (struct mq_dossier_match){*d, parts, d->made_ms > at_ms};
    }
    if (n > 1)
        qsort(list, n, sizeof(*list), by_fit);
    ret->matches = list;
    ret->n = n < FOUND ? n : FOUND;
    ret->dossiers = all->n;
    ret->at_ms = at_ms;
    return 0;
}

int mq_strategy_pitch(struct mq_engine *e, const struct mq_pitch_request *q, struct mq_pitch *ret,
                      struct mq_error *err)
{
    struct arena *arena = NULL;
    struct concept c;
    struct dossiers all = {0};
    struct mq_pitch out = {0};
    int rc = arena_made(&arena, err);
    if (rc == 0)
        rc = concept_json_parse((struct str){q->concept, q->n}, arena, &c, err);
    if (rc == 0 && c.title.n_credits == 0 && c.title.n_tags == 0 && c.title.n_genres == 0)
        rc = mq_fail(err, MQ_INVALID,
                     "pitch: neither people nor themes: give credits, tags or genres");
    if (rc == 0)
        rc = read_all(e, arena, &all, err);
    if (rc == 0)
        rc = find_for(&all, &c, q->at_ms ? q->at_ms : clock_wall_ms(), arena, &out, err);
    free(all.list);
    if (rc) {
        arena_gone(arena);
        return rc;
    }
    out.memory = arena;
    *ret = out;
    return 0;
}

void mq_pitch_release(struct mq_pitch *p)
{
    arena_gone(p->memory);
    p->memory = NULL;
}

/* ---------------------------------------------------------------- the ledger */

/* Distinct viewers within so many days of the first; NaN while the log does not reach so far. */
static double actual_of(const struct strategy_data *d, uint32_t row, int days)
{
    const struct strategy_title *t = &d->titles[row];
    int64_t until = t->first_ms + days * DAY_MS;
    if (t->audience == 0 || until > d->last_ms)
        return NAN;
    uint32_t n = 0;
    for (uint64_t i = d->start[row]; i < d->start[row + 1]; i++)
        n += d->met[i].at_ms < until;
    return n;
}

static bool came_later(const struct strategy_title *t, int64_t as_of_ms)
{
    if (t->audience > 0 && t->first_ms <= as_of_ms)
        return false;
    if (t->release_day != TITLE_NO_DATE)
        return (int64_t)t->release_day * DAY_MS > as_of_ms;
    return t->audience > 0;
}

struct scoring {
    struct mq_engine *engine;
    const struct strategy_data *d;
    const struct dossiers *all;
    struct arena *arena;
    unsigned floor;
    struct mq_ledger *out;
    struct mq_outcome *list;
    size_t cap;
    struct mq_error *err;
};

static const char *copy(struct arena *arena, struct str s)
{
    char *p = arena_alloc(arena, s.n + 1);
    if (p && s.n)
        memcpy(p, s.p, s.n);
    return p ? p : "";
}

static int score(struct scoring *s, const struct mq_dossier *d, uint32_t row)
{
    double actual = actual_of(s->d, row, 28);
    const struct mq_interval *f = &d->forecast.viewers_28d;
    if (s->out->n == s->cap)
        return mq_fail(s->err, MQ_TOO_LARGE, "ledger: over %zu outcomes", s->cap);
    struct mq_outcome o = {.dossier = d->id,
                           .as_of_ms = d->as_of_ms,
                           .title = copy(s->arena, s->d->titles[row].id),
                           .name = copy(s->arena, s->d->titles[row].name),
                           .forecast = *f,
                           .actual = actual};
    if (!isnan(actual) && !d->forecast.refused) {
        s->out->scored++;
        s->out->within += actual >= f->p10 && actual <= f->p90;
        s->out->within_2x += actual <= 2 * f->p50 && actual >= f->p50 / 2;
        s->out->log_error += pow(log(fmax(actual, 1)) - log(fmax(f->p50, 1)), 2);
    }
    if (s->floor > 0)
        o.actual = floor_count(actual, s->floor);
    s->list[s->out->n++] = o;
    return 0;
}

/* All three parts; a catalogue does not say after what a title was made, so where the theme is one, both people are enough. */
static bool takes_up(const struct mq_dossier *d, const struct concept *came)
{
    unsigned need = d->parts[2].role ? 3 : 7;
    return (dossier_matches(d, came) & need) == need;
}

static int see_title(void *ctx, const struct title *t)
{
    struct scoring *s = ctx;
    struct concept came = {.title = *t};
    uint32_t row = t->title_id.v;
    for (size_t i = 0; i < s->all->n && row < s->d->n_titles; i++) {
        const struct mq_dossier *d = &s->all->list[i];
        if (!takes_up(d, &came) || !came_later(&s->d->titles[row], d->as_of_ms))
            continue;
        int rc = score(s, d, row);
        if (rc)
            return rc;
    }
    return 0;
}

static int keep_ledger(struct scoring *s)
{
    enum { OUTCOMES_MAX = 10000 };
    s->cap = OUTCOMES_MAX;
    s->list = ARENA_ARRAY(s->arena, s->cap, struct mq_outcome);
    if (!s->list)
        return mq_fail(s->err, MQ_NO_MEMORY, "ledger: no memory");
    int rc = store_scan_titles(s->engine->store, 0, see_title, s, s->err);
    s->out->outcomes = s->list;
    s->out->dossiers = s->all->n;
    s->out->log_error = s->out->scored ? sqrt(s->out->log_error / (double)s->out->scored) : NAN;
    return rc;
}

int mq_strategy_ledger(struct mq_engine *e, const struct mq_ledger_request *q,
                       struct mq_ledger *ret, struct mq_error *err)
{
    struct arena *arena = NULL;
    struct dossiers all = {0};
    struct strategy_data *d = NULL;
    struct mq_ledger out = {0};
    unsigned floor = 0;
    int rc = arena_made(&arena, err);
    if (rc == 0 && !q->research)
        rc = floor_take(q->floor, &floor, err);
    if (rc == 0)
        rc = read_all(e, arena, &all, err);
    if (rc == 0)
        rc = strategy_read(e, q->as_of_ms, q->progress, q->progress_ctx, &d, err);
    struct scoring s = {
        .engine = e, .d = d, .all = &all, .arena = arena, .floor = floor, .out = &out, .err = err};
    if (rc == 0)
        rc = keep_ledger(&s);
    free(all.list);
    strategy_data_free(d);
    if (rc) {
        arena_gone(arena);
        return rc;
    }
    out.research = q->research;
    out.memory = arena;
    *ret = out;
    return 0;
}

void mq_ledger_release(struct mq_ledger *l)
{
    arena_gone(l->memory);
    l->memory = NULL;
}
