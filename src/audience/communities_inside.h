/* communities_inside.h - what the files of communities share. Inside audience/ only. */
#ifndef MQ_AUDIENCE_COMMUNITIES_INSIDE_H
#define MQ_AUDIENCE_COMMUNITIES_INSIDE_H

#include "audience/communities.h"
#include "base/rng.h"
#include "math/kmeans.h"

/* ---------------------------------------------------------------- viewers as directions (community_tastes.c) */

/* From what: everything; all but the newest fifth of each viewer's likes (held out); of what is left then, all but the newest
 * fifth again (held out; what was held out before is left aside). */
enum tastes_part { TASTES_ALL, TASTES_EARLY, TASTES_INNER };

/* The viewers who have enough likes, one row each. */
struct tastes {
    uint32_t n;
    size_t stride;
    uint32_t *viewer; /* (n) dense ids, ascending */
    float *rows;      /* (n, stride) length 1 */
    uint32_t *cut;    /* (n) likes of this last_s or later are held out; UINT32_MAX: none */
    uint32_t *end;    /* (n) likes of this last_s or later are left aside */
};

/* `most`: of more viewers, evenly chosen ones. */
int tastes_init(const struct viewer_sets *s, const struct model *m, enum tastes_part part,
                uint32_t most, struct pool *pool, struct tastes *ret, struct mq_error *err);
void tastes_release(struct tastes *t);

static inline bool is_like(const struct set_entry *e)
{
    return e->signals >> AUDIENCE_LIKED & 1;
}

/* Row i's like of an entry is one of those that groups are made from; is held out. */
static inline bool is_known(const struct tastes *t, uint32_t i, const struct set_entry *e)
{
    return is_like(e) && e->last_s < t->cut[i];
}
static inline bool is_held_out(const struct tastes *t, uint32_t i, const struct set_entry *e)
{
    return is_like(e) && e->last_s >= t->cut[i] && e->last_s < t->end[i];
}

/* Mean log-likelihood of a held-out like by the popularity of its group among the others, smoothed by everybody's. */
int held_out_likelihood(const struct viewer_sets *s, const struct tastes *t, const uint8_t *group,
                        uint32_t k, double *ret, struct mq_error *err);

/* ---------------------------------------------------------------- names (community_names.c) */

enum { COMMUNITY_TOP = 30, COMMUNITY_CANDIDATES = 20 };

/* Likes by group and title. */
struct title_likes {
    uint32_t k;
    size_t n;                     /* titles, and one more */
    uint32_t *likes;              /* (k + 1, n) the last row is everybody; the caller frees it */
    double total[KMEANS_MAX + 1]; /* (k + 1) */
};

/* What groups are named from: likes by trait (genres, decades, people), of everybody and of the group at hand. */
struct naming {
    const struct viewer_sets *sets;
    const struct catalogue *catalogue;
    const struct tastes *tastes;
    uint32_t n_traits;
    uint32_t *all, *here; /* (n_traits) */
    double total_all, total_here;
};

/* MQ_NO_MEMORY. */
int naming_init(const struct viewer_sets *s, const struct catalogue *c, const struct tastes *t,
                struct naming *ret, struct mq_error *err);
void naming_release(struct naming *x);

/* What a group could be called by, and which of it (bits) it is called by. */
struct candidates {
    struct trait v[COMMUNITY_CANDIDATES];
    unsigned n;
    uint32_t chosen;
};

/* A genre, a decade, or a director, creator or lead. */
bool title_has_trait(const struct catalogue *c, uint32_t title, const struct trait *t);

/* Of the rows with group[i] == g, what they like more than others do. O(their likes + traits). */
void naming_candidates(struct naming *x, const uint8_t *group, uint8_t g, struct candidates *ret);

/* The traits that are chosen. */
void take_chosen(const struct candidates *v, struct community *ret);

/* Name each group (k), so that they can be told apart: name, traits. MQ_NO_MEMORY. */
int name_groups(struct naming *x, const uint8_t *group, uint32_t k, struct community *ret,
                struct mq_error *err);

/* ---------------------------------------------------------------- other groups (community_decoys.c) */

enum { NAMES_AMONG = 10, DECOYS_MAX = 30 };

/* Of each group (k), the traits of `n` groups of viewers who are not in it, as large, each around one of them. None when there
 * are NAMES_AMONG groups: they are enough. */
struct decoys {
    unsigned n;
    struct community *names; /* (k, n) */
};

/* O(k n (viewers + their likes)). MQ_NO_MEMORY; released in any case. */
int decoys_init(struct naming *naming, const uint8_t *group, uint32_t k, unsigned n,
                struct rng *rng, struct decoys *ret, struct mq_error *err);
void decoys_release(struct decoys *x);

static inline const struct community *decoy_of(const struct decoys *x, uint32_t g, unsigned i)
{
    return &x->names[(size_t)g * x->n + i];
}

/* ---------------------------------------------------------------- told apart (community_choice.c) */

/* Change what groups (k) are called by where their top titles then fit their own names better beside each other's; each
 * keeps as many traits of each kind. O(rounds x k^2 x traits x candidates x titles). MQ_NO_MEMORY. */
int choose_together(const struct catalogue *c, const struct title_likes *likes,
                    struct candidates *group, uint32_t k, struct mq_error *err);

/* ---------------------------------------------------------------- trials (community_trial.c) */

/* Of the held-out likes, or of the known ones. MQ_NO_MEMORY. */
int likes_by_title(const struct viewer_sets *s, const struct tastes *t, const uint8_t *group,
                   uint32_t k, bool held_out, struct title_likes *ret, struct mq_error *err);

/* The titles of a group that stand out most: ret (COMMUNITY_TOP). MQ_NO_MEMORY. */
int top_titles(const struct title_likes *x, uint32_t g, uint32_t *ret, unsigned *ret_n,
               struct mq_error *err);

/* Log of how much likelier a title, by this trait alone, is among the likes of the trait's group than of everybody. */
double trait_tells(const struct catalogue *c, const struct trait *t, uint32_t title);

struct names_tried {
    double found;           /* share of trials; NaN: none */
    unsigned trials, among; /* names that it is picked from */
    unsigned decoys;        /* of these, not of a community */
};

/* How often a group's name is picked by ten of its thirty held-out titles that stand out most, among ten names: of nine other
 * groups or, where there are fewer, of all of them and of groups made for the purpose, of viewers who are not in it and lie
 * close together. MQ_NO_MEMORY. */
int try_names(const struct viewer_sets *s, const struct catalogue *c, const struct tastes *t,
              const uint8_t *group, uint32_t k, struct rng *rng, struct names_tried *ret,
              struct mq_error *err);

/* ---------------------------------------------------------------- how many (community_number.c) */

/* What communities are found with. */
struct finding {
    const struct viewer_sets *sets;
    const struct catalogue *catalogue;
    const struct communities_question *question;
    struct pool *pool;
    struct tastes inner, early, all;
    uint32_t *pick, *resample;    /* (COMMUNITY_SAMPLE) */
    float *centre, *other, *best; /* (COMMUNITIES_MAX, stride) */
    uint8_t *group, *again;       /* (n) */
    struct rng *rng;
    struct mq_error *err;
};

enum { COMMUNITY_SAMPLE = 20000 /* viewers that centres are made from */, COMMUNITY_ROUNDS = 25 };

/* Rows of `t` that centres are made from: f->pick. Returns how many. */
uint32_t draw_sample(struct finding *f, const struct tastes *t);

/* f->group by f->centre (k); groups below the floor go, their members to the nearest that is left. Returns how many are left. */
uint32_t assign_groups(struct finding *f, const struct tastes *t, uint32_t k);

/* Mean agreement of f->group with groups of resampled viewers. */
int stability(struct finding *f, const struct tastes *t, uint32_t k, double *ret);

/* The number and the centres (f->best) by the inner part alone. */
int choose_number(struct finding *f, uint32_t *ret_k);

#endif
