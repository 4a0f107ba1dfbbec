/* features.h - what the ranker looks at: one definition, in training and in serving.
 *
 * Training replays the past: for each choice it makes the world as it was then (an older model, the viewer's profile, the
 * counters up to that moment), begins a request in it and asks this file. So a feature cannot mean two things. */
#ifndef MQ_RECOMMEND_FEATURES_H
#define MQ_RECOMMEND_FEATURES_H

#include "recommend/recommender.h"

/* X(constant, name): NaN where it is not known. The generators' scores come first, one for each ingredient. Numbers stand in model
 * files: new ones go to the end, and RANKER_FEATURES_VERSION grows when the meaning of one changes. */
#define FEATURE_TABLE(X)                                                                           \
    X(FEATURE_BLEND, "blend")                                                                      \
    X(FEATURE_TREND, "chosen lately in this context")                                              \
    X(FEATURE_CHOSEN, "choices behind that")                                                       \
    X(FEATURE_POPULARITY, "popularity")                                                            \
    X(FEATURE_POPULARITY_OVER_OWN, "popularity over the viewer's usual")                           \
    X(FEATURE_RUNTIME, "runtime")                                                                  \
    X(FEATURE_RUNTIME_OVER_OWN, "runtime over the viewer's usual")                                 \
    X(FEATURE_GENRE_MEAN, "liking of its genres, mean")                                            \
    X(FEATURE_GENRE_BEST, "liking of its genres, best")                                            \
    X(FEATURE_LANGUAGE, "share of the viewer's likes in its language")                             \
    X(FEATURE_COUNTRY, "made where the viewer is")                                                 \
    X(FEATURE_AGE, "age its certificate asks for")                                                 \
    X(FEATURE_RELEASED, "days since release")                                                      \
    X(FEATURE_YEAR_OVER_OWN, "year over the viewer's usual")                                       \
    X(FEATURE_KIND, "kind of title")                                                               \
    X(FEATURE_LISTED, "on the viewer's list")                                                      \
    X(FEATURE_TRIED, "part of it watched before")                                                  \
    X(FEATURE_LIKED, "titles the viewer likes")                                                    \
    X(FEATURE_DAYPART, "part of the day")                                                          \
    X(FEATURE_WEEKEND, "weekend")                                                                  \
    X(FEATURE_DEVICE, "device")                                                                    \
    X(FEATURE_HABIT, "share of the viewer's sessions at this time on this device")                 \
    X(FEATURE_IDLE, "days since the viewer's last event")                                          \
    X(FEATURE_ORDER, "ln of its worth at this moment")                                             \
    X(FEATURE_MOMENT, "kind chosen at this hour")                                                  \
    X(FEATURE_ON_DEVICE, "kind chosen on this device")                                             \
    X(FEATURE_HABITS, "kind the viewer chooses at this hour")                                      \
    X(FEATURE_LAST, "like the last title")                                                         \
    X(FEATURE_MOOD, "suits the mood")

enum { RANKER_FEATURES_VERSION = 3 };

enum feature {
    FEATURE_BEHIND_PARTS = INGREDIENTS - 1,
#define FEATURE_ENUM(code, name) code,
    FEATURE_TABLE(FEATURE_ENUM)
#undef FEATURE_ENUM
        FEATURES
};

/* What is the same for all titles of a request. */
struct features {
    const struct recommender *r;
    float genre[CATALOGUE_GENRES_MAX]; /* share of the viewer's liking */
    struct str language[8];            /* of liked titles, and their share */
    float language_share[8];
    size_t n_languages;
    float popularity, runtime, year; /* means over liked titles; NaN: none */
    float habit, idle, weekend;
};

/* After recommender_begin. O(liked titles). */
void features_begin(const struct recommender *r, struct features *ret);
/* x (FEATURES). */
void features_of(const struct features *f, uint32_t title, float *x);
/* What the trees have to beat: the order that stands without them. */
float features_base(const float *x);
const char *feature_name(unsigned feature);

#endif
