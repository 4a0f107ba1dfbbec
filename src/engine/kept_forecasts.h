/* kept_forecasts.h - answers about concepts that were asked about before: the same question over the same log is answered without
 * fitting anything again. Another concept is another question.
 *
 * At most KEPT_FORECASTS answers and KEPT_FORECAST_BYTES of memory; whoever was asked for longest ago goes first. Any thread. */
#ifndef MQ_ENGINE_KEPT_FORECASTS_H
#define MQ_ENGINE_KEPT_FORECASTS_H

#include "base/arena.h"
#include "base/hash.h"
#include "marquee.h"

enum { KEPT_FORECASTS = 64, KEPT_FORECAST_BYTES = 32 << 20 };

/* All that an answer is a function of. Zeroed before it is filled: compared as bytes. */
struct forecast_key {
    struct hash128 concept;
    uint64_t bytes;   /* of the concept */
    uint64_t log_seq; /* of the fit that it was said by: events and records */
    uint64_t communities, seed;
    int64_t as_of_ms;
    uint64_t forgotten; /* how often all was forgotten */
};

/* An answer in its memory; whoever holds it has a reference. */
struct kept_forecast {
    _Atomic(uint32_t) references;
    struct forecast_key key;
    struct arena arena; /* of the answer */
    struct mq_forecast answer;
};
/* With one reference, the caller's. */
struct kept_forecast *kept_forecast_new(void);
/* Gives a reference back. NULL is allowed. */
void kept_forecast_release(struct kept_forecast *f);

struct kept_forecasts;
int kept_forecasts_new(struct kept_forecasts **ret, struct mq_error *err);
void kept_forecasts_free(struct kept_forecasts *k);

/* The answer with a reference of the caller's, or NULL. */
struct kept_forecast *kept_forecasts_find(struct kept_forecasts *k, const struct forecast_key *key);
/* Keeps a finished answer under its key (taking a reference of its own), unless all was forgotten since or it is too large. */
void kept_forecasts_keep(struct kept_forecasts *k, struct kept_forecast *f);
/* Somebody is erased: nothing that was answered before is kept, nor what is being computed now. */
void kept_forecasts_forget(struct kept_forecasts *k);
uint64_t kept_forecasts_forgotten(struct kept_forecasts *k);

#endif
