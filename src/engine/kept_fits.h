/* kept_fits.h - what forecasts rest on (strategy/forecast_fit.h), made once and kept in memory.
 *
 * Of the same question (seed, moment) only the newest is kept; at most KEPT_FITS of them and KEPT_FITS_BYTES: whichever was asked for
 * longest ago goes first, and one that is larger alone is not kept. Nothing of it is written to disk. Any thread. */
#ifndef MQ_ENGINE_KEPT_FITS_H
#define MQ_ENGINE_KEPT_FITS_H

#include "strategy/forecast_fit.h"

enum { KEPT_FITS = 4 };
#define KEPT_FITS_BYTES ((size_t)1 << 30)

/* Zeroed before it is filled: compared as bytes. */
struct fit_key {
    int64_t as_of_ms;
    uint64_t as_of_seq, seed;
};

/* A fit and what it is of; whoever holds it has a reference. */
struct kept_fit {
    _Atomic(uint32_t) references;
    struct fit_key key;
    struct forecast_fit *fit;
    uint64_t log_seq;     /* the place in the log: events and records */
    uint64_t communities; /* their version */
    uint64_t forgotten;   /* how often all had been forgotten when it was begun */
    uint64_t made_ns;     /* monotonic */
    double seconds;       /* that it took */
};

/* What would do: `key`, from this place in the log on (0: any), of these communities (asked only with log_seq). */
struct fit_wish {
    struct fit_key key;
    uint64_t log_seq, communities;
    bool who;
};

struct kept_fits;
int kept_fits_new(struct kept_fits **ret, struct mq_error *err);
void kept_fits_free(struct kept_fits *k);

/* With one reference, the caller's. Takes `fit`, in any case; NULL: no memory. */
struct kept_fit *kept_fit_new(struct forecast_fit *fit);
/* Gives a reference back. NULL is allowed. */
void kept_fit_release(struct kept_fit *f);

/* What does, with a reference of the caller's, or NULL. Waits for nothing. */
struct kept_fit *kept_fits_find(struct kept_fits *k, const struct fit_wish *w);
/* The same; when somebody else makes one of that key, it is waited for. NULL: the caller is to make it, and to call kept_fits_end whatever
 * comes of it. */
struct kept_fit *kept_fits_begin(struct kept_fits *k, const struct fit_wish *w);
/* Keeps `f` (taking a reference of its own; NULL: it failed) unless all was forgotten since it was begun or it is too large. */
void kept_fits_end(struct kept_fits *k, const struct fit_key *key, struct kept_fit *f);

/* Somebody is erased: nothing is kept, nor what is being made now. */
void kept_fits_forget(struct kept_fits *k);
uint64_t kept_fits_forgotten(struct kept_fits *k);
/* How many there are, and about how large. */
size_t kept_fits_count(struct kept_fits *k, size_t *ret_bytes);

#endif
