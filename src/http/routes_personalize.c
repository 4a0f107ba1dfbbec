/* routes_personalize.c - what the AWS SDKs ask Amazon Personalize: answered from what the engine has. */
#include "http/call.h"
#include "wire/personalize.h"

static void write_items(struct json *j, const struct mq_item *items, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        json_object(j);
        json_kv_z(j, "itemId", items[i].title);
        json_kv_double(j, "score", items[i].score, 9);
        json_object_end(j);
    }
}

static void write_list(struct call *c, const struct mq_item *items, size_t n,
                       const char *recommendation_id)
{
    json_object(&c->j);
    json_key(&c->j, STR("itemList"));
    json_array(&c->j);
    write_items(&c->j, items, n);
    json_array_end(&c->j);
    json_kv_z(&c->j, "recommendationId", recommendation_id);
    json_object_end(&c->j);
}

static struct mq_request request_of(const struct personalize_request *r)
{
    return (struct mq_request){
        .viewer = r->user, .n = r->n, .device = r->device, .country = r->country};
}

/* What is recommended to somebody of whom nothing is known. */
static int answer_popular(struct call *c, const struct personalize_request *r, struct mq_error *err)
{
    struct mq_request q = request_of(r);
    struct mq_list list;
    q.viewer = r->user[0] ? r->user : "-";
    q.no_profiling = true;
    int rc = mq_recommend(c->w->reader, &q, &list, err);
    if (rc == 0)
        write_list(c, list.items, list.n_items, list.recommendation_id);
    return rc;
}

/* A row of a page that knows nothing of the viewer; what is popular where it has none of that kind. */
static int answer_row(struct call *c, const struct personalize_request *r, const char *kind,
                      struct mq_error *err)
{
    struct mq_request q = request_of(r);
    struct mq_page page;
    q.viewer = r->user[0] ? r->user : "-";
    q.no_profiling = true;
    q.rows = 40;
    q.columns = 100;
    int rc = mq_home(c->w->reader, &q, &page, err);
    if (rc)
        return rc;
    for (size_t i = 0; i < page.n_rows; i++) {
        const struct mq_row *row = &page.rows[i];
        if (strcmp(row->kind, kind) != 0)
            continue;
        size_t n = row->n_items < r->n ? row->n_items : r->n;
        write_list(c, row->items, n, page.recommendation_id);
        return 0;
    }
    return answer_popular(c, r, err);
}

int route_personalize_recommendations(struct call *c, struct mq_error *err)
{
    struct personalize_request r;
    struct mq_request q;
    struct mq_list list;
    int rc = personalize_read_request(c->q->body, c->arena, &r, err);
    if (rc)
        return rc;
    switch (r.recipe) {
    case PERSONALIZE_POPULAR:
        return answer_popular(c, &r, err);
    case PERSONALIZE_TRENDING:
        return answer_row(c, &r, "rising", err);
    case PERSONALIZE_BECAUSE:
    case PERSONALIZE_MORE_LIKE:
        if (!r.item[0])
            return mq_fail(err, MQ_INVALID, "itemId: missing: this recipe is about a title");
        rc = mq_similar(c->w->reader, r.item, &(struct mq_request){.n = r.n}, &list, err);
        break;
    case PERSONALIZE_TOP_PICKS:
        if (!r.user[0])
            return mq_fail(err, MQ_INVALID, "userId: missing: say for whom");
        q = request_of(&r);
        rc = mq_recommend(c->w->reader, &q, &list, err);
        break;
    }
    if (rc == 0)
        write_list(c, list.items, list.n_items, list.recommendation_id);
    return rc;
}

/* What the service does with titles that it was never told of: they come last, as they came. `known` and `unknown` have
 * room for all. */
static int write_ranking(struct call *c, const struct personalize_request *r, const char **known,
                         struct mq_item *unknown, struct mq_error *err)
{
    struct mq_request q = request_of(r);
    struct mq_list list;
    struct title_id id;
    size_t n_known = 0, n_unknown = 0;
    for (size_t i = 0; i < r->n_input; i++) {
        if (engine_title_id(c->engine, str_of(r->input[i]), &id, NULL) == 0)
            known[n_known++] = r->input[i];
        else
            unknown[n_unknown++].title = r->input[i];
    }
    int rc = mq_rank(c->w->reader, &q, known, n_known, &list, err);
    if (rc)
        return rc;
    json_object(&c->j);
    json_key(&c->j, STR("personalizedRanking"));
    json_array(&c->j);
    write_items(&c->j, list.items, list.n_items);
    write_items(&c->j, unknown, n_unknown);
    json_array_end(&c->j);
    json_kv_z(&c->j, "recommendationId", list.recommendation_id);
    json_object_end(&c->j);
    return 0;
}

int route_personalize_ranking(struct call *c, struct mq_error *err)
{
    struct personalize_request r;
    int rc = personalize_read_request(c->q->body, c->arena, &r, err);
    if (rc)
        return rc;
    if (!r.user[0] || r.n_input == 0)
        return mq_fail(err, MQ_INVALID, "%s: missing: rank what, for whom?",
                       r.user[0] ? "inputList" : "userId");
    const char **known = arena_array(c->arena, r.n_input, sizeof(*known));
    struct mq_item *unknown = arena_array(c->arena, r.n_input, sizeof(*unknown));
    if (!known || !unknown)
        return mq_fail(err, MQ_NO_MEMORY, "inputList: no memory for %zu titles", r.n_input);
    return write_ranking(c, &r, known, unknown, err);
}
