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
        if (time_asked(str_of(text), &q->as_of_ms))
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

/* What the GET routes have in common. */
static int take_request(const struct call *c, struct mq_audience_request *q, struct mq_error *err)
{
    uint64_t strata = 0;
    uint64_t floor = 0;
    uint64_t n = 0;
    *q = (struct mq_audience_request){
        .who = api_role_name(c->q->role), .progress = call_progress, .progress_ctx = c->w->api};
    int rc = call_unsigned(c, "strata", 1000000, &strata, err);
    if (rc == 0)
        rc = call_unsigned(c, "floor", 1000000, &floor, err);
    if (rc == 0)
        rc = call_unsigned(c, "n", 1000000, &n, err);
    if (rc == 0)
        rc = call_flag(c, "research", &q->research, err);
    if (rc == 0)
        rc = check_research(c, q->research, err);
    if (rc == 0)
        rc = take_as_of(call_parameter(c, "as_of"), q, err);
    q->strata = (unsigned)strata;
    q->floor = (unsigned)floor;
    q->n = (unsigned)n;
    return rc;
}

static int show(struct call *c, const char *expression, struct mq_error *err)
{
    struct mq_audience_request q;
    struct mq_audience a;
    int rc = take_request(c, &q, err);
    if (rc)
        return rc;
    q.expressions = &expression;
    q.n_expressions = 1;
    rc = mq_audience_show(c->w->reader, &q, &a, err);
    if (rc == 0)
        render_audience(&c->j, &a);
    return rc;
}

int route_audience(struct call *c, struct mq_error *err)
{
    const char *expression = call_parameter(c, "expression");
    if (!expression)
        return mq_fail(err, MQ_INVALID, "expression: missing: give one as liked:genre=Drama");
    return show(c, expression, err);
}

/* An id that holds operators stands in quotes. */
int route_title_audience(struct call *c, struct mq_error *err)
{
    const char *signal = call_parameter(c, "signal");
    const char *id = c->value[0];
    bool plain = strpbrk(id, "&|-()\"' ") == NULL;
    struct buf b;
    buf_init(&b, 4096);
    buf_printf(&b, "%s:title=%s", signal ? signal : "liked", plain ? "" : "\"");
    for (const char *p = id; *p; p++) {
        if (!plain && (*p == '"' || *p == '\\'))
            buf_add_char(&b, '\\');
        buf_add_char(&b, *p);
    }
    buf_add_z(&b, plain ? "" : "\"");
    buf_add_char(&b, '\0');
    int rc = b.failed ? mq_fail(err, MQ_TOO_LARGE, "title: too long") : show(c, b.p, err);
    buf_release(&b);
    return rc;
}

int route_pairs(struct call *c, struct mq_error *err)
{
    struct mq_pairs_request q = {
        .role_a = call_parameter(c, "role_a"), .role_b = call_parameter(c, "role_b"), .seed = 1};
    struct mq_pairs p;
    int rc = take_request(c, &q.request, err);
    if (rc == 0)
        rc = call_unsigned(c, "seed", UINT64_MAX, &q.seed, err);
    if (rc == 0)
        rc = call_flag(c, "no_shuffle", &q.no_shuffle, err);
    if (rc == 0)
        rc = mq_audience_pairs(c->w->reader, &q, &p, err);
    if (rc == 0)
        render_pairs(&c->j, &p);
    return rc;
}

int route_communities(struct call *c, struct mq_error *err)
{
    struct mq_audience_request q;
    struct mq_communities found;
    int rc = take_request(c, &q, err);
    if (rc == 0)
        rc = mq_audience_communities(c->w->reader, &q, &found, err);
    if (rc == 0)
        render_communities(&c->j, &found);
    return rc;
}
