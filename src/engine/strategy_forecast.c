/* strategy_forecast.c - a concept's forecast, from its text to the answer. */
#include <stdlib.h>

#include "engine/audiences.h"
#include "engine/strategy_calls.h"
#include "strategy/forecast.h"
#include "wire/concept_json.h"

enum { ARENA_FIRST = 1 << 16 };
#define ANSWER_MAX ((size_t)256 << 20)

static int forecast(struct mq_engine *e, const struct mq_forecast_request *q, struct arena *arena,
                    struct mq_forecast *ret, struct mq_error *err)
{
    struct concept c;
    struct strategy_data *d = NULL;
    struct pool *pool = NULL;
    int rc = concept_json_parse((struct str){q->concept, q->n}, arena, &c, err);
    if (rc == 0)
        rc = pool_new(q->threads ? q->threads : e->options.threads, &pool, err);
    if (rc == 0)
        rc = strategy_read(e, q->as_of_ms, q->progress, q->progress_ctx, &d, err);
    /* Of the past nobody knew today's communities. */
    if (rc == 0 && q->as_of_ms == 0)
        rc = audiences_group(e->audiences, d, err);
    if (rc == 0)
        rc = forecast_make(d, &c, q->seed ? q->seed : 1, pool, arena, ret, err);
    strategy_data_free(d);
    pool_free(pool);
    return rc;
}

int mq_strategy_forecast(struct mq_engine *e, const struct mq_forecast_request *q,
                         struct mq_forecast *ret, struct mq_error *err)
{
    struct mq_forecast f;
    struct arena *arena = calloc(1, sizeof(*arena));
    if (!arena || arena_init(arena, ARENA_FIRST, ANSWER_MAX) != 0) {
        free(arena);
        return mq_fail(err, MQ_NO_MEMORY, "forecast: no memory");
    }
    int rc = forecast(e, q, arena, &f, err);
    if (rc) {
        arena_release(arena);
        free(arena);
        return rc;
    }
    f.memory = arena;
    *ret = f;
    return 0;
}

void mq_forecast_release(struct mq_forecast *f)
{
    if (!f->memory)
        return;
    arena_release(f->memory);
    free(f->memory);
    f->memory = NULL;
}
