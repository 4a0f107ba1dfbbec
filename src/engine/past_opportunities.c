/* past_opportunities.c - opportunities of the past, held against what came. */
#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "engine/audiences.h"
#include "engine/strategy_calls.h"
#include "strategy/retro_test.h"

enum { ARENA_FIRST = 1 << 16, LISTED = 100, EXAMPLES = 12, PARTS_BYTES = 1024, DAYS_MAX = 400 };
enum { WINDOW_DAYS = 1826, WINDOW_OF_LOG = 3, FIRST_OF_LOG = 4, EVERY_OF_WINDOW = 5 };
static const int64_t day_ms = 86400000;
#define ANSWER_MAX ((size_t)1 << 28)

struct job {
    struct mq_reader *r;
    const struct mq_retro_request *q;
    struct arena *arena;
    struct strategy_data *d;
    struct pool *pool;
    struct mq_retro_test out;
    struct retro_list found, shuffled;
    struct mq_error *err;
};

static int plan(struct job *j)
{
    const struct mq_retro_request *q = j->q;
    struct mq_retro_test *o = &j->out;
    int64_t span = j->d->last_ms - j->d->first_ms;
    uint64_t third = span > 0 ? (uint64_t)(span / day_ms / WINDOW_OF_LOG) : 0;
    o->window_days = q->window_days        ? q->window_days
                     : third < WINDOW_DAYS ? (unsigned)third
                                           : (unsigned)WINDOW_DAYS;
    o->every_days = q->every_days ? q->every_days : o->window_days / EVERY_OF_WINDOW;
    o->every_days = o->every_days ? o->every_days : 1;
    o->from_ms = q->from_ms ? q->from_ms : j->d->first_ms + span / FIRST_OF_LOG;
    o->to_ms = q->to_ms ? q->to_ms : j->d->last_ms - (int64_t)o->window_days * day_ms;
    if (o->window_days == 0 || o->to_ms < o->from_ms)
        return mq_fail(j->err, MQ_INVALID,
                       "retro-test: no day has %u days of titles after it: give --from, --to, "
                       "--window, or a longer log",
                       o->window_days);
    if ((o->to_ms - o->from_ms) / day_ms / o->every_days >= DAYS_MAX)
        return mq_fail(j->err, MQ_INVALID, "retro-test: more than %d days: give a larger --every",
                       DAYS_MAX);
    return 0;
}

static int look(struct job *j, const struct asked *x, int64_t at_ms, const uint64_t *known,
                bool shuffled)
{
    const struct mq_audience_request *q = &j->q->request;
    struct opportunities found;
    struct arena arena;
    struct opportunities_question o = {.least_viewers = j->out.floor,
                                       .supply_max = 1,
                                       .listed = q->n ? q->n : LISTED,
                                       .sensitive = q->research,
                                       .not_gated = true,
                                       .shuffled = shuffled,
                                       .known = known,
                                       .seed = j->out.seed};
    struct retro_question when = {.cut_day = (int32_t)(at_ms / day_ms),
                                  .window_days = (int32_t)j->out.window_days};
    if (arena_init(&arena, ARENA_FIRST, ANSWER_MAX) != 0)
        return mq_fail(j->err, MQ_NO_MEMORY, "retro-test: no memory");
    int rc = opportunities_find(&x->world, x->strata, NULL, &o, j->pool, &arena, &found, j->err);
    if (rc == 0)
        rc = retro_add(j->d, &found, &when, shuffled ? &j->shuffled : &j->found, j->err);
    arena_release(&arena);
    return rc;
}

static int one_day(struct job *j, int64_t at_ms)
{
    struct mq_audience_request q = j->q->request;
    struct asked x;
    uint64_t *known = NULL;
    q.as_of_ms = at_ms;
    q.as_of_seq = 0;
    q.n_expressions = 0;
    q.progress = NULL;
    int rc = audiences_begin(j->r, &q, false, &x, j->err);
    if (rc)
        return rc;
    j->out.floor = x.floor;
    /* A day on which nobody had done anything yet has nothing to search in. */
    if (x.strata->n > 0)
        rc = strategy_titles_out(x.world.catalogue, at_ms, &known, j->err);
    if (rc == 0 && known)
        rc = look(j, &x, at_ms, known, false);
    if (rc == 0 && known)
        rc = look(j, &x, at_ms, known, true);
    audiences_end(j->r);
    free(known);
    return rc;
}

static struct mq_retro_gain gain_of(const struct retro_side *s)
{
    return (struct mq_retro_gain){.factor = exp(s->gain.mean),
                                  .low = exp(s->gain.low),
                                  .high = exp(s->gain.high),
                                  .won = s->won,
                                  .matches = s->matches,
                                  .titles = s->titles};
}

static int tell_side(struct job *j, const struct retro_list *l, struct mq_retro_side *ret)
{
    struct retro_summary s;
    int rc = retro_summarise(l, j->out.seed, &s, j->err);
    if (rc == 0)
        *ret = (struct mq_retro_side){.listed = l->listed,
                                      .matches = s.matches,
                                      .titles = s.titles,
                                      .whole = s.whole,
                                      .any = gain_of(&s.side[RETRO_ANY]),
                                      .one_part = gain_of(&s.side[RETRO_ONE_PART])};
    return rc;
}

static const char *text_of(struct arena *arena, struct str s)
{
    char *p = arena_alloc(arena, s.n + 1);
    if (p && s.n)
        memcpy(p, s.p, s.n);
    return p;
}

static const char *parts_of(struct job *j, const struct retro_match *m)
{
    struct buf b;
    const struct strategy_title *t = &j->d->titles[m->title];
    buf_init(&b, PARTS_BYTES);
    for (int k = 0; k < VERTEX_THEME; k++) {
        if (!(m->parts >> k & 1) || m->vertex[k] >= j->d->n_people)
            continue;
        const char *role = "";
        for (uint32_t i = 0; i < t->n_credits; i++) {
            if (t->credits[i].person == m->vertex[k] &&
                (t->credits[i].role == ROLE_ACTOR) == (k == VERTEX_LEAD))
                role = role_name((enum role)t->credits[i].role);
        }
        buf_printf(&b, "%s%s %.*s", b.n ? " x " : "", role,
                   STR_ARG(j->d->people[m->vertex[k]].name));
    }
    if (m->parts >> VERTEX_THEME & 1)
        buf_printf(&b, " x theme");
    const char *text = text_of(j->arena, buf_str(&b));
    buf_release(&b);
    return text;
}

/* The first by day, those with all three parts before the others; each title once. */
static int tell_examples(struct job *j)
{
    struct mq_retro_example *list = ARENA_ARRAY(j->arena, EXAMPLES, struct mq_retro_example);
    uint32_t taken[EXAMPLES];
    size_t n = 0;
    if (!list)
        return mq_fail(j->err, MQ_NO_MEMORY, "retro-test: no memory");
    for (int parts = VERTEX_KINDS; parts >= 2; parts--) {
        for (uint32_t i = 0; i < j->found.n && n < EXAMPLES; i++) {
            const struct retro_match *m = &j->found.match[i];
            const struct strategy_title *t = &j->d->titles[m->title];
            bool told = false;
            for (size_t k = 0; k < n; k++)
                told = told || taken[k] == m->title;
            if (told || __builtin_popcount(m->parts) != parts ||
                (!j->out.research && t->audience < j->out.floor))
                continue;
            taken[n] = m->title;
            list[n++] = (struct mq_retro_example){.title = text_of(j->arena, t->id),
                                                  .name = text_of(j->arena, t->name),
                                                  .parts = parts_of(j, m),
                                                  .found_ms = m->cut_day * day_ms,
                                                  .factor = exp(m->gain[RETRO_ANY])};
        }
    }
    j->out.examples = list;
    j->out.n_examples = n;
    return 0;
}

static int answer(struct job *j)
{
    const struct mq_audience_request *q = &j->q->request;
    int rc = pool_new(q->threads ? q->threads : j->r->engine->options.threads, &j->pool, j->err);
    if (rc == 0)
        rc = strategy_read(j->r->engine, q->as_of_ms, q->progress, q->progress_ctx, &j->d, j->err);
    if (rc == 0)
        rc = plan(j);
    struct mq_retro_test *o = &j->out;
    int64_t step = (int64_t)o->every_days * day_ms;
    for (int64_t at = o->from_ms; rc == 0 && at <= o->to_ms; at += step) {
        if (q->progress && !q->progress(q->progress_ctx, "days of the past", o->days,
                                        (uint64_t)((o->to_ms - o->from_ms) / step + 1)))
            rc = mq_fail(j->err, MQ_CANCELLED, "retro-test: stopped");
        if (rc == 0)
            rc = one_day(j, at);
        o->days++;
    }
    o->later = j->found.later;
    if (rc == 0)
        rc = tell_side(j, &j->found, &o->found);
    if (rc == 0)
        rc = tell_side(j, &j->shuffled, &o->shuffled);
    if (rc == 0)
        rc = tell_examples(j);
    return rc ? rc : audiences_audit(j->r->engine, "retro-test", q, 0, j->err);
}

int mq_strategy_retro_test(struct mq_reader *r, const struct mq_retro_request *q,
                           struct mq_retro_test *ret, struct mq_error *err)
{
    int64_t began = clock_mono_ns();
    struct job j = {.r = r, .q = q, .arena = calloc(1, sizeof(struct arena)), .err = err};
    if (q->request.n_expressions != 0 || q->request.n > OPPORTUNITIES_MAX) {
        free(j.arena);
        return mq_fail(err, MQ_INVALID, "retro-test: takes no expression, and lists at most %d",
                       OPPORTUNITIES_MAX);
    }
    if (!j.arena || arena_init(j.arena, ARENA_FIRST, ANSWER_MAX) != 0) {
        free(j.arena);
        return mq_fail(err, MQ_NO_MEMORY, "retro-test: no memory");
    }
    j.out.seed = q->seed ? q->seed : 1;
    j.out.research = q->request.research;
    int rc = answer(&j);
    strategy_data_free(j.d);
    pool_free(j.pool);
    retro_list_release(&j.found);
    retro_list_release(&j.shuffled);
    if (rc) {
        arena_release(j.arena);
        free(j.arena);
        return rc;
    }
    j.out.memory = j.arena;
    j.out.seconds = (double)(clock_mono_ns() - began) * 1e-9;
    *ret = j.out;
    return 0;
}

void mq_retro_test_release(struct mq_retro_test *t)
{
    if (!t->memory)
        return;
    arena_release(t->memory);
    free(t->memory);
    t->memory = NULL;
}
