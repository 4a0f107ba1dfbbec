/* routes_strategy.c - titles that do not exist yet. */
#include <stdatomic.h>

#include "base/clock.h"
#include "http/call.h"
#include "http/render.h"

#define FIT_PATH "/v1/strategy/fit"

/* The body is the concept. */
int route_forecast(struct call *c, struct mq_error *err)
{
    struct api *api = c->w->api;
    struct mq_forecast_request q = {
        .concept = c->q->body.p, .n = c->q->body.n, .progress = call_progress, .progress_ctx = api};
    struct mq_forecast f;
    int rc = call_unsigned(c, "seed", UINT64_MAX, &q.seed, err);
    if (rc == 0)
        rc = call_time(c, "as_of", &q.as_of_ms, err);
    if (rc == 0)
        rc = call_flag(c, "exact", &q.exact, err);
    if (rc == 0)
        rc = mq_strategy_forecast(c->engine, &q, &f, err);
    if (rc)
        return rc;
    render_forecast(&c->j, &f);
    /* One for everybody at a time, when nobody waits for it. */
    if (f.due && c->q->query.n == 0 && api->later && !atomic_exchange(&api->fit_asked, true) &&
        !api->later(api->later_ctx, API_POST, FIT_PATH))
        atomic_store(&api->fit_asked, false); /* the next one asks again */
    mq_forecast_release(&f);
    return 0;
}

int route_fit(struct call *c, struct mq_error *err)
{
    struct mq_fit_request q = {.progress = call_progress, .progress_ctx = c->w->api};
    struct mq_fit f;
    atomic_store(&c->w->api->fit_asked, false);
    int rc = call_unsigned(c, "seed", UINT64_MAX, &q.seed, err);
    if (rc == 0)
        rc = call_time(c, "as_of", &q.as_of_ms, err);
    if (rc == 0)
        rc = mq_strategy_fit(c->engine, &q, &f, err);
    else
        return rc;
    if (rc ==
        MQ_INVALID) { /* too few titles to learn from: there is nothing to fit yet, which is no fault of who asks */
        f = (struct mq_fit){0};
        rc = 0;
    }
    if (rc == 0)
        render_fit(&c->j, &f);
    return rc;
}

/* ---------------------------------------------------------------- what nobody has made */

static int small(const char *what, uint64_t v, uint64_t most, struct mq_error *err)
{
    return v <= most ? 0
                     : mq_fail(err, MQ_INVALID, "%s: %llu: at most %llu", what,
                               (unsigned long long)v, (unsigned long long)most);
}

/* A body's as_of: a time, or "@N", a place in the log. NULL: now. */
static int strategy_as_of(const char *text, int64_t *ret_ms, uint64_t *ret_seq,
                          struct mq_error *err)
{
    if (!text)
        return 0;
    if (text[0] == '@' && str_to_u64(str_of(text + 1), ret_seq) && *ret_seq > 0)
        return 0;
    if (text[0] != '@' && time_asked(str_of(text), ret_ms))
        return 0;
    return mq_fail(
        err, MQ_INVALID,
        "as_of: %.80s: give a time as 2026-03-01T21:00:00Z, or a place in the log as @1000", text);
}

int route_opportunities(struct call *c, struct mq_error *err)
{
    enum { STRATA, FLOOR, RESEARCH, AS_OF, N, SUPPLY, SHUFFLES, SEED, NO_FORECAST, STORE, FIELDS };
    struct body_field f[FIELDS] = {
        [STRATA] = {.name = "strata", .type = BODY_WHOLE},
        [FLOOR] = {.name = "floor", .type = BODY_WHOLE},
        [RESEARCH] = {.name = "research", .type = BODY_FLAG},
        [AS_OF] = {.name = "as_of", .type = BODY_TEXT},
        [N] = {.name = "n", .type = BODY_WHOLE},
        [SUPPLY] = {.name = "supply", .type = BODY_WHOLE},
        [SHUFFLES] = {.name = "shuffles", .type = BODY_WHOLE},
        [SEED] = {.name = "seed", .type = BODY_WHOLE},
        [NO_FORECAST] = {.name = "no_forecast", .type = BODY_FLAG},
        [STORE] = {.name = "store", .type = BODY_FLAG},
    };
    struct mq_opportunities o;
    int rc = body_fields_read(c->q->body, c->arena, f, FIELDS, err);
    for (int i = STRATA; i < SEED && rc == 0; i++)
        rc = small(f[i].name, f[i].whole, 1000000, err);
    if (rc == 0 && f[RESEARCH].flag && c->q->role < API_ADMIN)
        rc = mq_fail(err, MQ_DENIED, "research: needs the role admin: ask without it");
    if (rc)
        return rc;
    struct mq_opportunities_request q = {.request = {.strata = (unsigned)f[STRATA].whole,
                                                     .floor = (unsigned)f[FLOOR].whole,
                                                     .research = f[RESEARCH].flag,
                                                     .n = (unsigned)f[N].whole,
                                                     .who = api_role_name(c->q->role),
                                                     .progress = call_progress,
                                                     .progress_ctx = c->w->api},
                                         .supply = (unsigned)f[SUPPLY].whole,
                                         .no_supply = f[SUPPLY].given && f[SUPPLY].whole == 0,
                                         .shuffles = (unsigned)f[SHUFFLES].whole,
                                         .no_forecast = f[NO_FORECAST].flag,
                                         .store = f[STORE].flag,
                                         .seed = f[SEED].whole};
    rc = strategy_as_of(f[AS_OF].text, &q.request.as_of_ms, &q.request.as_of_seq, err);
    if (rc == 0)
        rc = mq_strategy_opportunities(c->w->reader, &q, &o, err);
    if (rc)
        return rc;
    render_opportunities(&c->j, &o);
    mq_opportunities_release(&o);
    return 0;
}

/* The body is the concept; ?at= the day of the pitch. */
int route_pitch(struct call *c, struct mq_error *err)
{
    struct mq_pitch_request q = {.concept = c->q->body.p, .n = c->q->body.n};
    struct mq_pitch p;
    int rc = call_time(c, "at", &q.at_ms, err);
    if (rc == 0)
        rc = mq_strategy_pitch(c->engine, &q, &p, err);
    if (rc)
        return rc;
    render_pitch(&c->j, &p);
    mq_pitch_release(&p);
    return 0;
}

int route_ledger(struct call *c, struct mq_error *err)
{
    struct mq_ledger_request q = {.progress = call_progress, .progress_ctx = c->w->api};
    struct mq_ledger l;
    uint64_t floor = 0;
    int rc = call_unsigned(c, "floor", 1000000, &floor, err);
    if (rc == 0)
        rc = call_flag(c, "research", &q.research, err);
    if (rc == 0)
        rc = call_time(c, "as_of", &q.as_of_ms, err);
    if (rc == 0 && q.research && c->q->role < API_ADMIN)
        rc = mq_fail(err, MQ_DENIED, "research: needs the role admin: ask without it");
    q.floor = (unsigned)floor;
    if (rc == 0)
        rc = mq_strategy_ledger(c->engine, &q, &l, err);
    if (rc)
        return rc;
    render_ledger(&c->j, &l);
    mq_ledger_release(&l);
    return 0;
}

/* The body is the slate. */
int route_slate(struct call *c, struct mq_error *err)
{
    struct mq_slate_request q = {.slate = c->q->body.p,
                                 .n = c->q->body.n,
                                 .progress = call_progress,
                                 .progress_ctx = c->w->api};
    struct mq_slate s;
    int rc = call_unsigned(c, "seed", UINT64_MAX, &q.seed, err);
    if (rc == 0)
        rc = call_time(c, "as_of", &q.as_of_ms, err);
    if (rc == 0)
        rc = mq_strategy_slate(c->engine, &q, &s, err);
    if (rc)
        return rc;
    render_slate(&c->j, &s);
    mq_slate_release(&s);
    return 0;
}
