#include "engine/past.h"

#include <stdlib.h>

#include "engine/kept_counters.h"

struct counting {
    struct past *past;
    struct mq_error *err;
};

static int count(void *ctx, const struct event *e)
{
    struct counting *c = ctx;
    /* Not when it arrived: two servers that were sent the same would look at it from two moments. */
    if (c->past->newest_ms == 0 || e->at_ms > c->past->newest_ms)
        c->past->newest_ms = e->at_ms;
    return trend_feed(c->past->trend, e, c->err);
}

int past_open(const struct store *s, const struct past_key *key, struct past **ret,
              struct mq_error *err)
{
    struct past *p = calloc(1, sizeof(*p));
    if (!p)
        return mq_fail(err, MQ_NO_MEMORY, "as of: no memory");
    p->key = *key;
    p->range = (struct store_range){.max_seq = key->seq, .known_ms = key->known_ms};
    struct counting c = {p, err};
    int rc = counted_trend_new(&p->trend, err);
    /* To the store 0 is "all"; here it is the place before the first event. */
    if (rc == 0 && key->seq > 0)
        rc = store_scan_all(s, &p->range, count, &c, err);
    /* Records carry a place in the log but no time: by time alone the catalogue is the one at `seq`. */
    if (rc == 0)
        rc = catalogue_from_store(s, key->seq, &p->catalogue, err);
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
    free(p);
}
