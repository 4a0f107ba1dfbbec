/* routes_audiences.c - groups of viewers. */
#include "base/clock.h"
#include "http/call.h"
#include "http/render.h"

/* Exact counts below the floor are for public data: whoever administers the service says so. */
static int check_research(const struct call *c, bool research, struct mq_error *err)
{
    if (research && c->q->role < API_ADMIN)
        return mq_fail(err, MQ_DENIED, "research: needs the role admin: ask without it");
    return 0;
}

static int take_as_of(const char *text, struct mq_audience_request *q, struct mq_error *err)
{
    if (!text)
        return 0;
    if (text[0] != '@') {
        if (time_parse(str_of(text), &q->as_of_ms, NULL))
            return 0;
        return mq_fail(err, MQ_INVALID, "as_of: %.80s: give a time as 2026-03-01T21:00:00Z", text);
    }
    if (!str_to_u64(str_of(text + 1), &q->as_of_seq) || q->as_of_seq == 0)
        return mq_fail(err, MQ_INVALID, "as_of: %.40s: give a position in the log, as @1000", text);
    return 0;
}

static int check_small(const char *what, uint64_t v, struct mq_error *err)
{
    enum { MOST = 1000000 };
    return v <= MOST ? 0
                     : mq_fail(err, MQ_INVALID, "%s: %llu: at most %d", what, (unsigned long long)v,
                               MOST);
}

int route_overlap(struct call *c, struct mq_error *err)
{
    enum { EXPRESSIONS, STRATA, FLOOR, RESEARCH, AS_OF, FIELDS };
    struct body_field f[FIELDS] = {
        [EXPRESSIONS] = {.name = "expressions", .type = BODY_TEXTS},
        [STRATA] = {.name = "strata", .type = BODY_WHOLE},
        [FLOOR] = {.name = "floor", .type = BODY_WHOLE},
        [RESEARCH] = {.name = "research", .type = BODY_FLAG},
        [AS_OF] = {.name = "as_of", .type = BODY_TEXT},
    };
    struct mq_overlap o;
    int rc = body_fields_read(c->q->body, c->arena, f, FIELDS, err);
    if (rc == 0)
        rc = check_small("strata", f[STRATA].whole, err);
    if (rc == 0 && f[STRATA].given && f[STRATA].whole == 0)
        rc = mq_fail(err, MQ_INVALID, "strata: 0: give 1 or more");
    if (rc == 0)
        rc = check_small("floor", f[FLOOR].whole, err);
    if (rc)
        return rc;
    struct mq_audience_request q = {.expressions = f[EXPRESSIONS].texts,
                                    .n_expressions = f[EXPRESSIONS].n_texts,
                                    .strata = (unsigned)f[STRATA].whole,
                                    .floor = (unsigned)f[FLOOR].whole,
                                    .research = f[RESEARCH].flag,
                                    .who = api_role_name(c->q->role),
                                    .progress = call_progress,
                                    .progress_ctx = c->w->api};
    rc = check_research(c, q.research, err);
    if (rc == 0)
        rc = take_as_of(f[AS_OF].text, &q, err);
    if (rc == 0)
        rc = mq_audience_overlap(c->w->reader, &q, &o, err);
    if (rc == 0)
        render_overlap(&c->j, &o);
    return rc;
}
