/* sim_viewer.h - who a viewer is (drawn once, never changes) and how far they have come. */
#ifndef MQ_SIM_VIEWER_H
#define MQ_SIM_VIEWER_H

#include "sim/sim_log.h"
#include "sim/sim_world.h"

enum {
    VIEWER_FOLLOWS_MAX = 8,
    VIEWER_PLAN_MAX = 4, /* sessions a day */
    VIEWER_RESUME_MAX = 4,
    VIEWER_SEEN_MAX = 256, /* titles done with; older ones are forgotten */
};

struct viewer_traits {
    float u[SIM_RANK];            /* unit length */
    float theta[SIM_COMMUNITIES]; /* shares in the communities, sum 1 */
    float daypart[2][DAYPARTS];   /* weekday, weekend: share of sessions */
    float moods[SIM_MOODS];       /* shares, sum 1, before the hour's part */
    float sessions_per_week;
    float star_bias; /* added to preference when giving stars */
    float
        star_share; /* chance of rating after a viewing that was liked to the full; 0: never rates */
    float thumb_share;
    uint32_t follows[VIEWER_FOLLOWS_MAX]; /* people */
    uint8_t n_follows;
    uint8_t habits;     /* bit per planted habit: is a member */
    uint8_t affinities; /* bit per planted affinity: is a member */
    uint8_t favours;    /* bit per planted habit: likes its title */
    uint8_t place;
    uint8_t devices; /* bit per enum device */
    bool kid;
    bool opportunity; /* is a member of the planted one */
    uint8_t response; /* enum sim_response: to the campaign */
    bool led;         /* the campaign leads to them: neither held out nor a child */
    int64_t joins_ms;
};

/* A title to go on with: half watched, or the next episode of a series (position 0). */
struct viewer_resume {
    uint32_t title;
    uint32_t position_ms;
    uint16_t episodes_left;
};

struct viewer_state {
    struct rng rng;
    int64_t free_ms;                /* end of the last session */
    int32_t day;                    /* local day that is planned next */
    uint16_t plan[VIEWER_PLAN_MAX]; /* minutes of the local day `day` - 1, may pass 1440 */
    uint8_t n_plan, at_plan;
    uint8_t n_resume;
    struct viewer_resume resume[VIEWER_RESUME_MAX];
    uint32_t *seen; /* a ring, grown up to VIEWER_SEEN_MAX */
    uint32_t n_seen, cap_seen;
    uint32_t sessions, events, recommendations; /* numbers given so far */
    struct sim_log *log;                        /* of the session under way */
    int64_t mood_ms;                            /* last session that had one */
    float pleased;                              /* see staying.h */
    uint8_t mood;
    bool gone; /* for good */
};

void viewer_draw(const struct sim_world *w, uint32_t viewer, struct viewer_traits *ret);

/* Begin of the next session, ms since 1970; INT64_MAX when the world ends before. */
int64_t viewer_next_session(const struct sim_world *w, const struct viewer_traits *t,
                            struct viewer_state *s);

/* One of the devices owned, by the habits of the hour. */
enum device viewer_device(const struct viewer_traits *t, enum daypart d, struct rng *r);

bool viewer_has_seen(const struct viewer_state *s, uint32_t title);
/* Best effort: without memory a title is not remembered. */
void viewer_saw(struct viewer_state *s, uint32_t title);

/* See SIM_TASTE_WEIGHT. */
double viewer_preference(const struct sim_world *w, const struct viewer_traits *t, uint32_t title);
/* What the moment adds to it: does the length fit, does the genre suit the hour? 0 when context is off. */
double moment_fit(const struct sim_world *w, const struct sim_title *t, enum device device,
                  enum daypart daypart, bool weekend);
/* Minutes that fit best, and how much an hour suits a genre; the truth file prints both. */
double moment_length(enum device device, enum daypart daypart, bool weekend);
double moment_genre(enum daypart daypart, unsigned genre);

#endif
