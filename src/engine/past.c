#include "engine/past.h"

#include <stdlib.h>

#include "model/library.h"

struct counting {
    struct past *past;
    struct mq_error *err;
};

static int count(void *ctx, const struct event *e)
{
    struct counting *c = ctx;
    if (e->seq > c->past->last_seq)
        c->past->last_seq = e->seq;
    int64_t known = event_known_ms(e);
    if (known > c->past->newest_ms)
        c->past->newest_ms = known;
    return trend_feed(c->past->trend, e, c->err);
}

static int open_model(struct mq_engine *e, const struct past_key *key, struct model **ret,
                      struct mq_error *err)
{
    if (key->model != 0)
        return library_open_version(e->dir, key->model, ret, err);
    uint64_t refused;
    int rc = key->as_of_ms != 0 ? library_open_as_of(e->dir, key->as_of_ms, ret, err)
                                : library_open_live(e->dir, ret, &refused, err);
    if (rc == MQ_NO_MODEL || rc == MQ_NOT_FOUND) {
        *ret = NULL;
        return 0;
    }
    return rc;
}

int past_open(struct mq_engine *e, const struct past_key *key, struct past **ret, struct mq_error *err)
{
    struct past *p = calloc(1, sizeof(*p));
    if (!p)
        return mq_fail(err, MQ_NO_MEMORY, "as of: no memory");
    p->key = *key;
    p->range = (struct store_range){.max_seq = key->as_of_seq, .known_ms = key->as_of_ms};
    struct counting c = {p, err};
    int rc = trend_new(&p->trend, err);
    if (rc == 0)
        rc = store_scan_all(e->store, &p->range, count, &c, err);
    /* The catalogue's records carry the log's position at which they were put. A log without events then
     * has the catalogue as it stood before the first one: position 0 would mean "now". */
    if (rc == 0)
        rc = catalogue_from_store(e->store, key->as_of_seq, &p->catalogue, err);
    if (rc == 0)
        rc = open_model(e, key, &p->model, err);
    if (rc) {
        past_free(p);
        return rc;
    }
    *ret = p;
    return 0;
}

void past_free(struct past *p)
{
    if (!p)
        return;
    trend_free(p->trend);
    catalogue_free(p->catalogue);
    model_close(p->model);
    free(p);
}
