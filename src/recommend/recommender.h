/* recommender.h - inside the room: one thread's scratch and the state of the request being answered. */
#ifndef MQ_RECOMMEND_RECOMMENDER_H
#define MQ_RECOMMEND_RECOMMENDER_H

#include "base/hash.h"
#include "math/kernels.h"
#include "math/topk.h"
#include "model/ensemble.h"
#include "recommend/recommend.h"

enum {
    RECOMMEND_ROWS_MAX = 40,     /* of a page */
    RECOMMEND_COLUMNS_MAX = 100, /* of a row */
    RECOMMEND_LIST_MAX = 1000,   /* of a list */
    SHELVES_MAX = 16,            /* rows that may be made for a page: a bit each in rows_of */
    DEPTH = 192,                 /* titles that compete for places when evidence is weighed */
    LIKED_MAX = 512,             /* liked titles that rows are made from, the surest ones */
    EVIDENCE_MAX = 16,           /* titles named behind one item */
    WITNESSES_MAX = 32,          /* liked titles weighed as evidence of one row */
    WITNESSES_HEARD = 128,       /* those of which they are picked */
    CONTENT_MAX = 1024,          /* new titles that are judged by their content */
    PEOPLE_MAX = 2048,           /* (person, role) pairs counted in one request */
    PEOPLE_SLOTS = 2 * PEOPLE_MAX,
    RANKED = 512,      /* titles told apart by their place in the viewer's order */
    LATELY_KEPT = 128, /* titles chosen lately that are put in order once for a request */
    RULE_CACHE = 16,   /* conditions whose titles are remembered */
    FILTER_STEPS_MAX = RULES_MAX + 5, /* rules, availability, hidden, seen, series, fatigue */
};

/* Out within the last days, this year, the year before. */
enum { FRESH_DAYS, FRESH_YEAR, FRESH_YEAR_BEFORE, FRESH_KINDS };

/* What is the same for all requests to one catalogue and model: made again when either is replaced. */
struct digest {
    const struct catalogue *catalogue;
    const struct model *model;
    const float *factors;
    uint64_t catalogue_version, model_version;
    uint32_t n_titles;
    uint64_t *undescribed;        /* (words) set: no record */
    uint64_t *unknown;            /* (words) set: the model has no factor for it */
    uint64_t *mood_genres;        /* (titles) genres as the words of the model's moods */
    struct mood_table mood_table; /* of the model's moods */
    uint64_t *windowed;           /* (words) set: it may be watched at times or in places only */
    bool any_window;
    uint64_t *genre;              /* (CATALOGUE_GENRES_MAX, words) set: has the genre */
    uint64_t *fresh[FRESH_KINDS]; /* (words) set: new on fresh_day in this way (fresh.c) */
    int32_t fresh_day;
    bool has_fresh;
    int32_t *release_day;            /* (titles) */
    int16_t *year;                   /* (titles) */
    uint16_t *runtime_min;           /* (titles) close together: rows are far apart */
    struct topk_item *content_title; /* (CONTENT_MAX) the newest titles unknown to the model */
    float *content; /* (CONTENT_MAX, stride) and what their people and genres let expect */
    size_t n_content;
    float *genre_mean; /* (CATALOGUE_GENRES_MAX, stride) mean factor of the genre's titles */
    double genre_popularity[CATALOGUE_GENRES_MAX];
    double popularity; /* of all titles together */
};

/* A title that the viewer liked. */
struct liked {
    struct title_id title;
    float preference, weight;
    uint32_t last_s;
    bool known; /* to the model */
};

/* How often a person stands in one role behind the viewer's liked titles. */
struct person_count {
    uint64_t key; /* person * ROLES + role + 1; 0: free */
    float liking; /* sum of preferences */
    uint32_t n;
};

/* The liked titles that can be named as evidence, and what each does to the taste vector: of a long history the latest, and
 * those that the viewer surely liked. */
struct witnesses {
    size_t n;
    uint32_t *title;    /* (WITNESSES_HEARD) */
    float *weight;      /* (WITNESSES_HEARD) w */
    float *z;           /* (WITNESSES_HEARD, stride) W y */
    float *leverage;    /* (WITNESSES_HEARD) y' W y */
    float *coefficient; /* (WITNESSES_HEARD) x without it is x - coefficient z */
    float *together; /* (WITNESSES_HEARD, WITNESSES_HEARD) y' W y of two; NaN: not asked for yet */
    float *shift;    /* (stride) W x times the fall of the regularisation when one title leaves */
};

/* The titles that fit a condition, as long as the catalogue stays. */
struct rule_memory {
    struct hash128 key;
    const struct catalogue *catalogue;
    uint64_t version;
    uint64_t used;  /* when last asked for; 0: never */
    uint64_t *bits; /* (words) */
};

struct filter_step {
    const char *name;
    struct str text;       /* of a rule */
    size_t removed, alone; /* of what was left; that would pass it alone */
};

struct pin {
    uint32_t title;
    uint16_t row, column;
    const struct lead *lead; /* NULL: a rule of the request */
};

enum { MOMENT_TABLES = ORDER_MOOD - ORDER_MOMENT };

/* The moment, as the model's factors see it. */
struct moment {
    bool on;       /* its factors apply: the model has them */
    bool moods;    /* there are moods to tell apart, and they were not switched off */
    bool chosen;   /* by the request */
    bool recent;   /* plays of this session speak for it */
    uint32_t mood; /* the likeliest, or the chosen one */
    struct mood_view view;
    /* ln of factors: hour and day, device, the viewer's habits at this hour, what the last title says; as ORDER_MOMENT and on */
    float words[MOMENT_TABLES][MOOD_WORDS];
};

/* Score and popularity of titles by how much they are chosen lately: a line each (order.c). */
struct order_usual {
    bool known;
    float score, score_slope, popularity, popularity_slope;
};

/* What rises where the request comes from. */
enum { RISING_REGION, RISING_COUNTRY, RISING_PARTS };
struct rising_now {
    struct rising_title title[RISING_MAX];
    size_t n;
};

struct recommender {
    struct arena arena; /* the answer */
    uint32_t cap_titles, cap_stride;
    struct digest digest;
    void *block;           /* one allocation behind all arrays below and the digest's */
    float *taste;          /* (titles) x . y; content's estimate where the model knows nothing */
    float *score;          /* (titles) the blend: what rows and lists are ordered by */
    float *trend;          /* (titles) */
    uint32_t *chosen;      /* (titles) trend_chosen_count and _parts of each */
    uint64_t *seen;        /* (words) set: watched, hidden or undescribed: never on a row */
    uint64_t *skip;        /* (words) scratch of generators */
    uint64_t *barred;      /* (words) set: rights, limits or rules keep it from every row */
    uint64_t *base, *left; /* (words) titles asked about; of them, what the filters leave */
    float *boost;          /* (titles) factors of the rules; valid with has_boost */
    float *
        ordered; /* (titles) what each is worth by its place in the viewer's order, the moment and boosts */
    struct topk_item
        *ranked; /* (RANKED) the titles that may be shown and come into question (order.h) */
    size_t n_ranked;
    bool ranked_first; /* best first, and all other titles are worth less than the last of them */
    struct topk_item
        *lately;     /* (LATELY_KEPT) the titles chosen most lately that may be shown, best first */
    size_t n_lately; /* 0: they were not looked for */
    float *boosted;  /* (titles) scratch: scores with them */
    struct rule_memory *rule_memory; /* (RULE_CACHE) */
    uint64_t rule_clock;
    float *content_score;       /* (CONTENT_MAX) scratch */
    uint16_t *rows_of;          /* (titles) bit per shelf that has it as a candidate */
    uint64_t *claimed;          /* (words) on the page already */
    struct fold_in_item *items; /* (PROFILE_TITLES_MAX) */
    uint64_t *key;              /* (PROFILE_TITLES_MAX) scratch of sorting */
    uint32_t *history;          /* (PROFILE_TITLES_MAX) liked titles, latest last */
    struct ensemble_scratch *ensemble_scratch; /* beside the block */
    float *scratch;                            /* of fold-in */
    float *x;                                  /* (stride) */
    float *inverse;                            /* (stride, stride) */
    struct liked *liked;         /* (LIKED_MAX) by weight of preference, surest first */
    struct person_count *people; /* (PEOPLE_SLOTS) all free between requests */
    uint32_t *people_used;       /* (PEOPLE_MAX) */
    struct witnesses witnesses;
    float *field; /* (DEPTH, stride) factors of the titles that compete */
    float
        *effect; /* (WITNESSES_MAX, DEPTH) y' W y of witness and competitor, times taste's weight */
    float *
        loss; /* (WITNESSES_HEARD, DEPTH) what a competitor loses beside taste without each witness */
    uint32_t *lost; /* (DEPTH) the titles that `loss` is of */
    size_t n_lost;
    size_t n_field;     /* as many of `lost` have their factors in `field`; 0: none */
    float *row_scratch; /* (WITNESSES_HEARD) */

    /* of the request */
    const struct world *w;
    const struct ask *ask;
    struct rising_now rising[RISING_PARTS]; /* read with trend and chosen */
    const struct ask *prepared;    /* trend and chosen were read for this one; NULL: for none */
    const struct profile *profile; /* NULL: no history, or not to be used */
    struct context context;
    struct digest *d;
    const struct kernels *math;
    uint32_t n_titles;
    size_t words;
    size_t n_items;           /* of the fold-in */
    struct ensemble ensemble; /* of the model, with its weights */
    struct mix mix;
    struct ensemble_view view;      /* the history as it goes in */
    const float *part[INGREDIENTS]; /* (model's titles) each; NULL: it has no weight */
    size_t n_liked;
    size_t depth; /* candidates a row lists at most; 0: as many as its kind needs */
    struct filter_step step[FILTER_STEPS_MAX];
    size_t n_steps;
    struct pin pin[RULES_MAX + 1]; /* by row, then column; the last may be a campaign's */
    size_t n_pins;
    bool has_boost;
    bool has_order; /* rows by score go by r->ordered: the moment moves titles */
    struct moment moment;
    struct order_usual usual; /* with what r->ranked was chosen */
    bool has_taste;           /* x says something */
    bool has_trend;           /* some title was chosen lately */
};

static inline bool bit_get(const uint64_t *bits, uint32_t i)
{
    return bits[i / 64] >> (i % 64) & 1;
}

static inline void bit_set(uint64_t *bits, uint32_t i)
{
    bits[i / 64] |= UINT64_C(1) << (i % 64);
}

static inline const struct title_row *title_row(const struct recommender *r, uint32_t t)
{
    return &r->w->catalogue->titles[t];
}

static inline bool title_known(const struct recommender *r, uint32_t t)
{
    return !bit_get(r->d->unknown, t);
}

/* May it stand on a row: described, not watched, not hidden. */
static inline bool title_free(const struct recommender *r, uint32_t t)
{
    return !bit_get(r->seen, t);
}

/* The day of the request since 1970, in UTC, as release days are counted. */
static inline int64_t request_day(const struct recommender *r)
{
    const int64_t day_ms = 86400000;
    return r->ask->at_ms / day_ms - (r->ask->at_ms % day_ms < 0);
}

/* Popularity to compare tastes with: viewers in training, or without a model the live counts. */
static inline float title_mass(const struct recommender *r, uint32_t t)
{
    const struct model *m = r->w->model;
    if (!m)
        return r->trend[t];
    return t < m->n_titles ? m->popularity[t] : 0.0f;
}

/* Take in the request: digest, history, taste and trend. MQ_INVALID for limits. */
int recommender_begin(struct recommender *r, const struct world *w, const struct ask *ask,
                      struct mq_error *err);
/* Only what does not depend on a viewer (similar titles). */
int recommender_begin_world(struct recommender *r, const struct world *w, struct mq_error *err);

#endif
