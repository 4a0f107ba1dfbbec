/* routes_personalize.c - what the AWS SDKs ask Amazon Personalize: answered from what the engine has. */
#include "http/call.h"
#include "wire/personalize.h"

/* [{itemId, score}], at most `n`. */
static void write_items(struct json *j, const char *key, const struct mq_item *items, size_t n)
{
    json_key(j, str_of(key));
    json_array(j);
    for (size_t i = 0; i < n; i++) {
        json_object(j);
        json_kv_z(j, "itemId", items[i].title);
        json_kv_double(j, "score", items[i].score, 9);
        json_object_end(j);
    }
    json_array_end(j);
}

static void write_list(struct call *c, const char *key, const struct mq_item *items, size_t n,
                       const char *recommendation_id)
{
    json_object(&c->j);
    write_items(&c->j, key, items, n);
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
        write_list(c, "itemList", list.items, list.n_items, list.recommendation_id);
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
        write_list(c, "itemList", row->items, n, page.recommendation_id);
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
        return answer_row(c, &r, "trending", err);
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
        write_list(c, "itemList", list.items, list.n_items, list.recommendation_id);
    return rc;
}

int route_personalize_ranking(struct call *c, struct mq_error *err)
{
    struct personalize_request r;
    struct mq_list list;
    int rc = personalize_read_request(c->q->body, c->arena, &r, err);
    if (rc)
        return rc;
    if (!r.user[0] || r.n_input == 0)
        return mq_fail(err, MQ_INVALID, "%s: missing: rank what, for whom?",
                       r.user[0] ? "inputList" : "userId");
    struct mq_request q = request_of(&r);
    rc = mq_rank(c->w->reader, &q, r.input, r.n_input, &list, err);
    if (rc == 0)
        write_list(c, "personalizedRanking", list.items, list.n_items, list.recommendation_id);
    return rc;
}
