#include "engine/expiry.h"

#include "engine/audiences.h"
#include "engine/counting_aside.h"
#include "engine/kept_counters.h"
#include "engine/kept_fits.h"
#include "engine/kept_forecasts.h"
#include "engine/page_log.h"

struct expiring {
    struct mq_engine *engine;
    int64_t before_ms;
    uint64_t removed;
    bool more;
};

/* Read again when next asked for, by the next answer and by the next question about groups. */
static void forget(void *ctx, struct viewer_id viewer)
{
    struct mq_engine *e = ctx;
    struct event one = {.viewer_id = store_root(e->store, viewer, &(struct store_range){0})};
    residents_drop(e->residents, one.viewer_id);
    audiences_note(e->audiences, &one, &(uint8_t){APPEND_ADDED}, 1);
}

/* One step, on the committer's thread; appends go between two. */
static int expire(void *ctx, struct mq_error *err)
{
    struct expiring *x = ctx;
    struct mq_engine *e = x->engine;
    uint64_t removed = 0;
    x->more = false;
    int rc = store_expire(e->store, x->before_ms, forget, e, &removed, &x->more, err);
    x->removed += removed;
    if (removed == 0)
        return rc;
    /* Whoever gathers an answer now met the rows before and behind: a change, so that they gather again. */
    engine_change_begin(e);
    atomic_fetch_add(&e->erasures, 1); /* the past is no longer what it was */
    engine_change_end(e, atomic_load(&e->applied_seq));
    kept_forecasts_forget(e->forecasts);
    kept_fits_forget(e->fits);
    return rc;
}

/* Before the first step: what is kept beside the log must not outlive it. */
static int begin(void *ctx, struct mq_error *err)
{
    struct expiring *x = ctx;
    struct mq_engine *e = x->engine;
    int64_t first = atomic_load(&e->first_ms);
    x->more = first != 0 && first < x->before_ms;
    int rc = x->more ? kept_counters_remove(e, err) : 0;
    if (rc == 0 && x->more)
        audiences_forget_file(e->audiences);
    return rc;
}

int engine_expire(struct mq_engine *e, int64_t before_ms, uint64_t *ret_removed,
                  struct mq_error *err)
{
    struct expiring x = {.engine = e, .before_ms = before_ms};
    uint64_t shown = 0;
    int rc = committer_call(e->committer, begin, &x, err);
    while (rc == 0 && x.more)
        rc = committer_call(e->committer, expire, &x, err);
    if (rc == 0)
        rc = page_log_expire(e->page_log, before_ms, &shown, err);
    if (x.removed > 0) {
        struct mq_error again;
        int recounted = counting_aside(e, rc ? &again : err);
        audiences_forget_all(e->audiences);
        rc = rc ? rc : recounted;
    }
    if (rc == 0 && ret_removed)
        *ret_removed = x.removed + shown;
    return rc;
}
