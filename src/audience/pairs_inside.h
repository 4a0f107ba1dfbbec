/* pairs_inside.h - what the files of pairs share. Inside audience/ only. */
#ifndef MQ_AUDIENCE_PAIRS_INSIDE_H
#define MQ_AUDIENCE_PAIRS_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>

#include "audience/likes.h"
#include "audience/pairs.h"

/* A person in a role. */
struct side {
    uint32_t person;
    uint32_t n_titles, first; /* into the roster's titles: those that somebody likes */
    uint32_t viewers;
    uint64_t *bits; /* (words) by rank */
    uint64_t *once; /* (words) of them, who is there by one title alone */
    double *x, *y;  /* (k), see pairs.h */
};

struct roster {
    struct side *v;
    uint32_t n;
    uint32_t *titles;
    uint64_t *bits;
    double *moments;
};

struct shared_pair {
    uint32_t a, b, title;
};

struct found {
    double p;
    uint32_t a, b;
};

struct work {
    const struct viewer_sets *sets;
    const struct catalogue *catalogue;
    const struct strata *strata;
    const struct pairs_question *question;
    struct pool *pool;
    struct likes likes;
    struct roster a, b;
    size_t words;
    struct shared_pair *shared; /* (n_shared) sorted by a, b, title */
    size_t n_shared;
    float *ratio; /* (a.n, b.n) both / expected; NaN: not tested */
    bool keep_ratio;
    /* of one pass */
    struct found *found;
    size_t n_found, cap_found;
    uint64_t tested;
    pthread_mutex_t lock;
    uint64_t **scratch; /* (threads): two sets */
    double **moments;   /* (threads): (4 k) */
    bool failed, stopped;
    _Atomic(uint64_t) done;
    const char *stage;
    struct mq_error *err;
};

int pairs_no_memory(struct mq_error *err);

/* People in a role who may be large enough, with their titles. */
int pairs_roster_init(struct work *w, enum role which, struct roster *r);
void pairs_roster_release(struct roster *r);
/* Their viewers, by the likes as they are now. */
void pairs_lay_out_all(struct work *w, struct roster *r);
/* Those below the least go, once: a shuffled world asks about the same people. */
void pairs_keep_large(struct work *w, struct roster *r);
int pairs_find_shared(struct work *w);

/* The first entry of w->shared at or after (a, b). */
size_t pairs_shared_at(const struct work *w, uint32_t a, uint32_t b);
/* A side's set without the titles at [from, to) of the shared ones. Returns how many titles are left. */
uint32_t pairs_lay_out_rest(const struct work *w, const struct roster *r, const struct side *s,
                            size_t from, size_t to, uint64_t *bits);
/* x and y of pairs.h; returns the viewers. */
uint32_t pairs_moments(const struct work *w, const uint64_t *bits, double *x, double *y);

/* Of w->found the first `passed`, with their q. */
int pairs_list(struct work *w, uint64_t passed, const double *q, struct arena *arena,
               struct mq_pairs *ret);

#endif
