/* sim_world.h - what does not change while the world runs: titles, people, tastes, popularity, places. */
#ifndef MQ_SIM_WORLD_H
#define MQ_SIM_WORLD_H

#include "base/arena.h"
#include "base/intern.h"
#include "base/rng.h"
#include "sim/films.h"
#include "sim/sim.h"

enum {
    SIM_RANK = 24, /* length of taste vectors */
    SIM_COMMUNITIES = 10,
    SIM_PLANTED = 2,
    SIM_MOODS = 5,
    SIM_AFFINITIES = 4,
    SIM_ALL_SIDES = 4,
    SIM_ALWAYS = INT32_MIN, /* launch_day of a title that was there from the beginning */
    SIM_FRESH_DAYS = 14,    /* how long a launch stays in the row "new" */
};

#define SIM_DAY_MS INT64_C(86400000)
/* preference = taste * (SIM_TASTE_WEIGHT * u.x + SIM_FOLLOW_WEIGHT * followed) + SIM_QUALITY_WEIGHT * q */
#define SIM_TASTE_WEIGHT 4.5
#define SIM_FOLLOW_WEIGHT 2.2
#define SIM_QUALITY_WEIGHT 0.4
/* A title's lure is added to what is chosen, not to what is liked: lure * SIM_LURE_WEIGHT * standard normal. */
#define SIM_LURE_WEIGHT 1.2
/* A launch is this many times as popular on its first day; the excess decays with this many days. */
#define SIM_BURST 8.0
#define SIM_BURST_DAYS 4.0

/* What each part of the world draws from: rng_seed_stream(r, hash_mix(seed, STREAM), index). */
enum sim_stream {
    STREAM_FEATURE = 1,
    STREAM_TITLE,
    STREAM_INVENT,
    STREAM_LAUNCH,
    STREAM_VIEWER,
    STREAM_LIFE,
    STREAM_LURE,
    STREAM_BURST,
    STREAM_MOOD,
    STREAM_AFFINITY,
    STREAM_MEMBER,
    STREAM_OPPORTUNITY,
    STREAM_LATER,
    STREAM_CAMPAIGN,
};

struct sim_title {
    struct title record;
    float x[SIM_RANK];  /* unit length, centred over the catalogue */
    float quality;      /* standard normal */
    float lure;         /* standard normal */
    double fame;        /* orders titles by popularity */
    double popularity;  /* weight without burst; sums to 1 */
    uint32_t genres;    /* bit per film_genre_name */
    int32_t launch_day; /* day it came within the period, else SIM_ALWAYS */
    uint8_t affinities; /* bit per planted affinity: of one of its sides */
    uint8_t
        opportunity;  /* 1 + side of the planted one; SIM_ALL_SIDES: later_titles.h; 0: of none */
    uint8_t takes_up; /* later_titles.h; 0: nothing */
    bool real;
};

struct sim_community {
    const char *name;
    const char *features; /* see title_taste.c */
    float x[SIM_RANK];    /* unit length */
};

/* A habit put into the world on purpose: its members follow two people and like one title. */
struct sim_planted {
    const char *name;
    const char *person_a, *person_b, *title; /* names */
    int16_t title_year;
    uint8_t community; /* whose viewers are members more often */
    uint32_t a, b, t;  /* resolved; ID_NONE when not in this catalogue */
};

/* See affinities.h. */
struct sim_affinity {
    uint32_t a, b;    /* people; b ID_NONE: a theme */
    struct str theme; /* a tag */
    uint32_t *titles; /* (n) of a, from n_first on of the other side */
    uint32_t n, n_first;
};

/* See opportunity.h. */
struct sim_opportunity {
    uint32_t maker, actor; /* people */
    struct str theme;      /* a tag */
    uint32_t *titles;      /* by side: maker's, actor's, the theme's */
    uint32_t end[3];
};

/* See sim_campaign.h. */
enum sim_response { SIM_NOT_MOVED, SIM_MOVED, SIM_PUT_OFF, SIM_RESPONSES };
struct sim_campaign {
    uint32_t title; /* ID_NONE: there is no campaign */
    int64_t begins_ms;
    uint8_t response[SIM_COMMUNITIES]; /* of whom the community has the largest share in */
};

struct sim_place {
    const char *country, *timezone, *region;
    double weight;
};

struct sim_world {
    struct sim_settings settings;
    double taste, context, mood, bursts, lure, leave, affinity,
        opportunity; /* strengths; 0 in the null world */
    int64_t start_ms, end_ms;
    struct arena arena;
    struct intern *people;
    struct str *person_keys; /* (n_people) "p-1" ... */
    uint32_t n_titles, n_real, n_people, n_credits;
    struct sim_title *titles;
    struct sim_community communities[SIM_COMMUNITIES];
    struct sim_planted planted[SIM_PLANTED];
    struct sim_affinity affinities[SIM_AFFINITIES];
    unsigned n_affinities;
    struct sim_opportunity planted_opportunity;
    bool has_opportunity;
    uint32_t later; /* titles; 0 in the null world */
    double campaign;
    struct sim_campaign planted_campaign;
    uint32_t *ranked;   /* (n_titles) most popular first */
    double *cumulative; /* (n_titles) running sum of popularity, by title */
    uint32_t *launches; /* (n_launches) titles that come within the period */
    uint32_t n_launches;
    struct sim_burst *burst; /* (n_bursts) */
    uint32_t n_bursts;
    uint32_t *person_titles;  /* person p: person_first[p] up to person_first[p + 1] */
    uint32_t *person_first;   /* (n_people + 1) */
    uint32_t *genre_titles;   /* genre g: genre_first[g] up to genre_first[g + 1] */
    double *genre_cumulative; /* beside it, running sum within the genre */
    uint32_t genre_first[FILM_GENRES_MAX + 1];
};

int world_new(const struct sim_settings *s, struct sim_world **ret, struct mq_error *err);
void world_free(struct sim_world *w);

/* real_titles.c and invented_titles.c: fill titles[from ..]. Credits get person_id and the person's name. */
int real_titles_add(struct sim_world *w, struct mq_error *err);
int invented_titles_add(struct sim_world *w, struct mq_error *err);
/* Credits of one title; for the two above. */
int world_credit(struct sim_world *w, struct credit *c, enum role role, uint16_t billing,
                 struct str person, struct mq_error *err);

/* launches.c: which titles come within the period, and when. */
int launches_plan(struct sim_world *w, struct mq_error *err);
/* Times its usual popularity on a day on or after its launch; 1 for titles that were always there. */
double launch_burst(const struct sim_title *t, int32_t day);

/* popularity.c: ranks, weights and what is needed to draw by them. */
int popularity_build(struct sim_world *w, struct mq_error *err);
/* By popularity; perhaps a title that has not come yet. */
uint32_t popularity_draw(const struct sim_world *w, struct rng *r);
/* Within a genre that has titles. */
uint32_t popularity_draw_genre(const struct sim_world *w, unsigned genre, struct rng *r);

/* title_taste.c: x, quality and the communities. */
void title_taste_build(struct sim_world *w);
/* weight * the vector of a feature: 'g' genre, 't' tag, 'p' person, 'c' country, 'l' language, 'd' decade. */
void feature_add(const struct sim_world *w, char kind, struct str name, double weight,
                 float x[SIM_RANK]);
void vector_unit(float x[SIM_RANK]);

/* places.c */
const struct sim_place *place_at(unsigned i); /* NULL past the last */
unsigned place_draw(struct rng *r);
/* Local wall-clock minutes since 1970 -> ms since 1970 in UTC. */
int64_t place_utc_ms(unsigned place, int64_t local_min);
int place_offset_min(unsigned place, int64_t at_ms);
/* MQ_NOT_FOUND when the system doesn't know one of the zones. */
int places_check(struct mq_error *err);

/* name_grammar.c: names of what is invented. */
void name_title(struct rng *r, struct buf *out);
void name_person(struct rng *r, struct buf *out);

static inline int32_t day_of(int64_t ms)
{
    return (int32_t)(ms / SIM_DAY_MS - (ms % SIM_DAY_MS < 0));
}

static inline double sigmoid(double x)
{
    return 1.0 / (1.0 + __builtin_exp(-x));
}

#endif
