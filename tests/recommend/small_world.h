/* small_world.h - an invented service with planted tastes: titles of genres and people, viewers who like
 * two genres and a director, a model trained on them, live counts. */
#ifndef MQ_TEST_SMALL_WORLD_H
#define MQ_TEST_SMALL_WORLD_H

#include "recommend/recommend.h"

struct small_world_size {
    uint32_t titles, viewers, rank;
    uint64_t seed;
};

enum { SMALL_WORLD_GENRES = 12, SMALL_WORLD_UNDESCRIBED = 7 /* a title without a record */ };
/* "Now": 2026-03-01T20:00:00Z, a Sunday evening. */
#define SMALL_WORLD_NOW INT64_C(1772395200000)

struct small_world {
    struct world world;
    struct small_world_size size;
    struct model *model;
    struct catalogue *catalogue;
    struct trend *trend;
    float *taste_of_title; /* (titles, SMALL_WORLD_GENRES) planted */
    float *weight;         /* (titles) planted popularity */
};

/* Aborts the test on failure. Titles from `titles` - 20 on have no observations: unknown to the model,
 * released in the last weeks. */
void small_world_make(struct small_world *w, struct small_world_size size);
/* Give the model a blend of all ingredients, with `links` drawn links of each title and kind. */
void small_world_blend(struct small_world *w, uint32_t links);
void small_world_release(struct small_world *w);

/* A viewer who is not in the training: about `n` liked titles, some disliked ones, one in progress, one
 * hidden. Free with free(). */
struct profile *small_world_profile(const struct small_world *w, uint64_t seed, uint32_t n);

/* A page of television in Great Britain, now. NULL: nobody's. */
static inline struct ask small_world_ask(const struct profile *p)
{
    return (struct ask){
        .profile = p,
        .viewer = "v",
        .at_ms = SMALL_WORLD_NOW,
        .context = {.offset_min = 0, .device = DEVICE_TV, .country = 'G' << 8 | 'B'}};
}

#endif
