/* audience_calls.c - the public questions about audiences: found, counted, floored, put in words, audited. */
#include "audience/overlap.h"
#include "engine/audiences.h"

static int check_overlap(const struct mq_audience_request *q, struct mq_error *err)
{
    if (q->n_expressions < 2 || q->n_expressions > MQ_SETS)
        return mq_fail(err, MQ_INVALID, "overlap: %zu expressions: give two or three",
                       q->n_expressions);
    return 0;
}

/* Research remembers nothing: it is for data that is public. */
static int is_too_near(const struct asked *x, const struct audience *const *found, size_t n,
                       bool *ret, struct mq_error *err)
{
    *ret = false;
    for (size_t i = 0; i < n; i++) {
        roaring_bitmap_t *set;
        int rc = audience_viewers(&x->world, found[i], NULL, &set, err);
        if (rc)
            return rc;
        *ret = *ret || floor_differs(x->memory, set, x->floor);
        if (!*ret && roaring_bitmap_get_cardinality(set) >= x->floor)
            floor_remember(x->memory, set);
        roaring_bitmap_free(set);
    }
    return 0;
}

static int overlap(const struct asked *x, const struct mq_audience_request *q,
                   struct mq_overlap *ret, struct mq_error *err)
{
    const struct audience *found[MQ_SETS];
    bool near = false;
    int rc = audiences_find(x, q, found, err);
    if (rc == 0)
        rc = overlap_of(&x->world, x->strata, found, q->n_expressions, x->arena, ret, err);
    if (rc == 0 && !q->research)
        rc = is_too_near(x, found, q->n_expressions, &near, err);
    if (rc)
        return rc;
    ret->research = q->research;
    ret->log_seq = x->log_seq;
    if (!q->research)
        floor_overlap(ret, x->floor, near);
    return overlap_words(found, x->arena, ret, err);
}

int mq_audience_overlap(struct mq_reader *r, const struct mq_audience_request *q,
                        struct mq_overlap *ret, struct mq_error *err)
{
    struct asked x;
    struct mq_overlap o;
    int rc = check_overlap(q, err);
    if (rc == 0)
        rc = audiences_begin(r, q, audiences_need_follows(r, q), &x, err);
    if (rc)
        return rc;
    rc = overlap(&x, q, &o, err);
    audiences_end(r);
    if (rc == 0)
        rc = audiences_audit(r->engine, "overlap", q, o.n_withheld, err);
    if (rc == 0)
        *ret = o;
    return rc;
}
