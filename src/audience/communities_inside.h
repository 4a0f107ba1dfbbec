/* communities_inside.h - what the files of communities share. Inside audience/ only. */
#ifndef MQ_AUDIENCE_COMMUNITIES_INSIDE_H
#define MQ_AUDIENCE_COMMUNITIES_INSIDE_H

#include "audience/communities.h"
#include "base/rng.h"
#include "math/kmeans.h"

/* The viewers who have enough likes, one row each. */
struct tastes {
    uint32_t n;
    size_t stride;
    uint32_t *viewer; /* (n) dense ids, ascending */
    float *rows;      /* (n, stride) length 1; from all but the newest fifth, or from everything */
    uint32_t *cut;    /* (n) likes of this last_s or later are held out; UINT32_MAX: none */
};

/* `all`: from everything. */
int tastes_init(const struct viewer_sets *s, const struct model *m, bool all, struct pool *pool,
                struct tastes *ret, struct mq_error *err);
void tastes_release(struct tastes *t);

static inline bool is_like(const struct set_entry *e)
{
    return e->signals >> AUDIENCE_LIKED & 1;
}

/* Mean log-likelihood of a held-out like by the popularity of its group among the others, smoothed by everybody's. */
int held_out_likelihood(const struct viewer_sets *s, const struct tastes *t, const uint8_t *group,
                        uint32_t k, double *ret, struct mq_error *err);

/* Name each group (k) by what its members like more than others do; fills name, traits. */
int name_groups(const struct viewer_sets *s, const struct catalogue *c, const struct tastes *t,
                const uint8_t *group, uint32_t k, struct community *ret, struct mq_error *err);

/* How often a group's name is picked by its held-out titles. */
int try_names(const struct viewer_sets *s, const struct catalogue *c, const struct tastes *t,
              const uint8_t *group, uint32_t k, struct rng *rng, struct communities *ret,
              struct mq_error *err);

#endif
