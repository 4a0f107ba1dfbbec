/* routes_viewers.c - pages, lists and reasons for a viewer. */
#include "base/clock.h"
#include "http/call.h"
#include "http/render.h"
#include "http/rule_parameters.h"

static int take_offset(const struct call *c, struct mq_request *q, struct mq_error *err)
{
    const char *text = call_parameter(c, "offset_min");
    int64_t v;
    if (!text)
        return 0;
    struct str s = str_of(text);
    if (s.n > 0 && s.p[0] == '+')
        s = (struct str){s.p + 1, s.n - 1};
    if (!str_to_i64(s, &v) || v < -24 * 60 || v > 24 * 60)
        return mq_fail(err, MQ_INVALID, "offset_min: %.40s: give minutes within a day", text);
    q->offset_min = (int)v;
    q->has_offset = true;
    return 0;
}

static int take_request(const struct call *c, struct mq_request *q, struct mq_rules *rules,
                        struct mq_error *err)
{
    uint64_t rows = 0;
    uint64_t columns = 0;
    uint64_t n = 0;
    *q = (struct mq_request){.viewer = c->value[0],
                             .device = call_parameter(c, "device"),
                             .country = call_parameter(c, "country"),
                             .region = call_parameter(c, "region"),
                             .timezone = call_parameter(c, "timezone"),
                             .mood = call_parameter(c, "mood"),
                             .rules = rules};
    if (q->timezone && !q->timezone[0])
        q->timezone = NULL;
    int rc = call_time(c, "at", &q->at_ms, err);
    if (rc == 0)
        rc = take_offset(c, q, err);
    if (rc == 0)
        rc = call_as_of(c, &q->as_of_ms, &q->as_of_seq, err);
    if (rc == 0)
        rc = call_flag(c, "no_context", &q->no_context, err);
    if (rc == 0)
        rc = call_flag(c, "no_profiling", &q->no_profiling, err);
    if (rc == 0)
        rc = call_flag(c, "no_ranker", &q->no_ranker, err);
    if (rc == 0)
        rc = call_flag(c, "preview", &q->preview, err);
    if (rc == 0)
        rc = call_unsigned(c, "rows", 40, &rows, err);
    if (rc == 0)
        rc = call_unsigned(c, "columns", 100, &columns, err);
    if (rc == 0)
        rc = call_unsigned(c, "n", 1000, &n, err);
    if (rc == 0)
        rc = call_unsigned(c, "model", UINT64_MAX, &q->model, err);
    if (rc == 0)
        rc = rule_parameters(c, rules, err);
    q->rows = (unsigned)rows;
    q->columns = (unsigned)columns;
    q->n = (unsigned)n;
    return rc;
}

int route_home(struct call *c, struct mq_error *err)
{
    struct mq_request q;
    struct mq_rules rules;
    struct mq_page page;
    int rc = take_request(c, &q, &rules, err);
    if (rc == 0)
        rc = mq_home(c->w->reader, &q, &page, err);
    if (rc == 0)
        render_page(&c->j, &page);
    return rc;
}

int route_recommendations(struct call *c, struct mq_error *err)
{
    struct mq_request q;
    struct mq_rules rules;
    struct mq_list list;
    int rc = take_request(c, &q, &rules, err);
    if (rc == 0)
        rc = mq_recommend(c->w->reader, &q, &list, err);
    if (rc == 0)
        render_list(&c->j, &list);
    return rc;
}

int route_rank(struct call *c, struct mq_error *err)
{
    struct mq_request q;
    struct mq_rules rules;
    struct mq_list list;
    struct body_field titles = {.name = "titles", .type = BODY_TEXTS};
    int rc = take_request(c, &q, &rules, err);
    if (rc == 0)
        rc = body_fields_read(c->q->body, c->arena, &titles, 1, err);
    if (rc == 0 && !titles.given)
        rc = mq_fail(err, MQ_INVALID, "titles: missing: send {\"titles\": [\"id\", ...]}");
    if (rc == 0)
        rc = mq_rank(c->w->reader, &q, titles.texts, titles.n_texts, &list, err);
    if (rc == 0)
        render_list(&c->j, &list);
    return rc;
}

int route_explain(struct call *c, struct mq_error *err)
{
    struct mq_request q;
    struct mq_rules rules;
    struct mq_explanation e;
    int rc = take_request(c, &q, &rules, err);
    if (rc == 0)
        rc = mq_explain(c->w->reader, &q, c->value[1], &e, err);
    if (rc == 0)
        render_explanation(&c->j, &e);
    return rc;
}
