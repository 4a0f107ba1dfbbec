#include "strategy/forecast_support.h"

#include <stdlib.h>

int forecast_near(const struct forecast_fit *f, const struct seen_title *seen,
                  struct forecast_near *ret, struct mq_error *err)
{
    float *scratch = calloc((size_t)f->tokens.x.rows + 1, sizeof(*scratch));
    if (!scratch)
        return mq_fail(err, MQ_NO_MEMORY, "forecast: no memory");
    ret->n =
        likeness_nearest(&f->count.features.likeness, seen, scratch, ret->of, FORECAST_NEAR_MAX);
    ret->titles = 0;
    for (uint32_t i = 0; i < ret->n; i++)
        ret->titles += ret->of[i].likeness >= FORECAST_LIKENESS;
    free(scratch);
    return 0;
}

/* Whom nobody here has seen, nothing is known of. */
static bool only_strangers(const struct title *t)
{
    for (uint32_t i = 0; i < t->n_credits; i++)
        if (t->credits[i].person_id.v != ID_NONE)
            return false;
    return t->n_credits > 0;
}

const char *forecast_refusal(const struct title *t, unsigned titles)
{
    if (only_strangers(t))
        return "nobody among its people has a title here: name somebody who has, or leave the "
               "credits out";
    if (titles < FORECAST_SUPPORT_MIN)
        return "too few titles are like it: say more of it (genres, tags, people, a description)";
    return NULL;
}
