/* routes_events.c - appends, for callers that wait. */
#include "http/call.h"
#include "http/event_batch.h"

int route_events(struct call *c, struct mq_error *err)
{
    struct event_batch *b = c->w->batch;
    int rc = event_batch_read(b, c->w, c->q, err);
    if (rc) {
        event_batch_problem(b, err, c->q->path, c->ret);
        return 0;
    }
    rc = committer_append(c->engine->committer, b->submission.events, b->submission.n,
                          b->submission.outcome, true, err);
    if (rc)
        return rc;
    event_batch_answer(b, c->w->api, 0, NULL, c->ret);
    return 0;
}
