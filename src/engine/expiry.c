#include "engine/expiry.h"

#include "engine/audiences.h"
#include "engine/kept_counters.h"
#include "engine/page_log.h"

struct expiring {
    struct mq_engine *engine;
    int64_t before_ms;
    uint64_t removed;
};

static int expire(void *ctx, struct mq_error *err)
{
    struct expiring *x = ctx;
    struct mq_engine *e = x->engine;
    int64_t first = atomic_load(&e->first_ms);
    bool more = first != 0 && first < x->before_ms;
    int rc = more ? kept_counters_remove(e, err) : 0;
    while (rc == 0 && more) {
        uint64_t removed = 0;
        rc = store_expire(e->store, x->before_ms, &removed, &more, err);
        x->removed += removed;
    }
    if (x->removed == 0)
        return rc;
    audiences_forget_file(e->audiences);
    atomic_fetch_add(&e->erasures, 1); /* the past is no longer what it was */
    engine_change_begin(e);
    residents_drop_all(e->residents);
    engine_change_end(e, store_last_seq(e->store));
    struct mq_error again;
    int recounted = engine_recount(e, rc ? &again : err);
    return rc ? rc : recounted;
}

int engine_expire(struct mq_engine *e, int64_t before_ms, uint64_t *ret_removed,
                  struct mq_error *err)
{
    struct expiring x = {.engine = e, .before_ms = before_ms};
    uint64_t shown = 0;
    int rc = committer_call(e->committer, expire, &x, err);
    if (rc == 0)
        rc = page_log_expire(e->page_log, before_ms, &shown, err);
    if (x.removed > 0)
        audiences_forget_all(e->audiences);
    if (rc == 0 && ret_removed)
        *ret_removed = x.removed + shown;
    return rc;
}
