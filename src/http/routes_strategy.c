/* routes_strategy.c - titles that do not exist yet. */
#include "http/call.h"
#include "http/render.h"

/* The body is the concept. */
int route_forecast(struct call *c, struct mq_error *err)
{
    struct mq_forecast_request q = {.concept = c->q->body.p,
                                    .n = c->q->body.n,
                                    .progress = call_progress,
                                    .progress_ctx = c->w->api};
    struct mq_forecast f;
    int rc = mq_strategy_forecast(c->engine, &q, &f, err);
    if (rc)
        return rc;
    render_forecast(&c->j, &f);
    mq_forecast_release(&f);
    return 0;
}
