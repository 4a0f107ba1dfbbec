/* marquee_strategy.h - titles that do not exist yet: backtest, forecast, opportunities, pitches, slates. Included by marquee.h, whose manual it continues. */
#ifndef MARQUEE_STRATEGY_H
#define MARQUEE_STRATEGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "marquee_status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct mq_engine;
struct mq_reader;

/* How good forecasts of audiences were; natural logs; NaN: not had. */
struct mq_forecast_metrics {
    double spearman, mdape, rmsle, within_2x, coverage, pinball, auc, auc_within_activity;
    double coverage_by_third[3]; /* of the lowest, middle and highest forecasts */
    double bias_by_third[3];     /* median of log actual - log forecast */
};

struct mq_backtest_request {
    const char *protocol; /* "title-holdout" (NULL) or "rolling-year" */
    uint64_t seed;        /* 0 = 1 */
    unsigned threads;     /* 0 = one per core */
    int64_t as_of_ms;     /* from what was known by then; 0 = all */
    bool no_controls;     /* leave them out: a third of the time */
    mq_progress *progress;
    void *progress_ctx;
};

struct mq_backtest {
    const char *protocol;
    uint64_t seed, titles, viewers, splits, auc_titles;
    double seconds;
    struct mq_forecast_metrics forecast;
    struct mq_forecast_metrics genre_median, director_history, comparables;
    struct mq_forecast_metrics permuted_credits, no_credits;
};

/* Forecasts of titles as if they did not exist yet, held against what came (docs/strategy.md). Reads the whole log; takes
 * minutes on a million ratings. MQ_INVALID: too few titles with viewers, an unknown protocol. */
int mq_strategy_backtest(struct mq_engine *engine, const struct mq_backtest_request *request,
                         struct mq_backtest *ret, struct mq_error *err);

struct mq_interval {
    double p10, p50, p90;
};

struct mq_comparable {
    const char *title, *name;
    int year;        /* 0 = unknown */
    double viewers;  /* NaN: fewer than 50 */
    double likeness; /* 0 to 1; NaN: named by the concept */
    bool named;
    const char *const *ways; /* "actor: ...", "genre: ..." */
    size_t n_ways;
};

/* The concept over the same concept with something else in this element's place; what the model attributes, no cause. */
struct mq_attribution {
    const char *kind, *element, *against;
    double factor, low, high; /* of viewers; 80 % of forests grown from other titles */
};

struct mq_country_share {
    char country[3];
    struct mq_interval viewers_28d;
};

struct mq_community_share {
    unsigned id; /* of the community; 0: everybody else, and communities below 50 viewers */
    const char *name;
    struct mq_interval viewers_28d;
};

struct mq_forecast_support {
    unsigned titles; /* with viewers, and like it */
    bool refused;
    const char *reason;         /* NULL when not */
    const char *const *unknown; /* people of the concept without a title here */
    size_t n_unknown;
};

/* Titles that exist, whose forecasts were alike: the forecast of each was made without it. */
struct mq_calibration {
    uint64_t titles;
    double forecast;           /* of viewers, the middle one */
    struct mq_interval actual; /* what came: a tenth of the titles had fewer than p10 ... */
    double inside; /* share that lay within P10 to P90 of its own forecast; 0.8 is right */
};

/* What a forecast of a launch assumes of its place on pages. */
struct mq_launch {
    bool known; /* the log has launches: the forecast is of one; the rest is 0 else */
    double
        promotion; /* 1: as launches here are put before viewers; 0: as titles that were always there */
    unsigned too_young; /* launches seen for less than 28 days, projected */
    double inside; /* share of launches within the P10-P90 that the others give; NaN: too few */
    double placed, placed_others; /* times on a page per viewer in 28 days, middle launch and middle
                                     other title; NaN: pages are not logged */
    double viewers;               /* who were there in the last 28 days */
};

/* Refused: the figures are NaN and the lists empty. */
struct mq_forecast {
    struct mq_interval viewers_28d, viewers_90d, viewers_all; /* all: as long as the log is */
    struct mq_interval hours_28d, hours_90d;
    double hours_per_viewer;
    const char *decay_basis; /* what the shares of 28 and 90 days rest on */
    unsigned launches;       /* titles that those rest on */
    struct mq_launch launch;
    const struct mq_comparable *comparables;
    size_t n_comparables;
    const struct mq_attribution *attribution;
    size_t n_attribution;
    const struct mq_community_share *communities; /* add up to viewers_28d; empty: none are known */
    size_t n_communities;
    const struct mq_country_share *countries; /* none below 50 viewers */
    size_t n_countries;
    const struct mq_calibration
        *calibration; /* by forecast, ascending; none of fewer than 40 titles */
    size_t n_calibration;
    struct mq_forecast_support support;
    double break_even;       /* chance that 90 days' hours are worth the cost; NaN: not asked */
    double break_even_hours; /* cost / value of an hour */
    uint64_t log_seq;        /* the place in the log that it rests on */
    uint64_t behind;         /* events and records since */
    bool due;                /* so many, or so long ago, that mq_strategy_fit would fit anew */
    void *memory;            /* mq_forecast_release gives it back */
};

struct mq_forecast_request {
    const char *concept; /* JSON: docs/strategy.md */
    size_t n;
    uint64_t seed;    /* 0 = 1 */
    unsigned threads; /* 0 = one per core */
    int64_t as_of_ms; /* from what was known by then; 0 = all */
    bool exact;       /* of the log as it is now, however long that takes */
    mq_progress *progress;
    void *progress_ctx;
};

/* All that depends on the past alone is fitted once for its seed and moment and kept in memory (at most 4 fits, 1 GiB); each concept is then
 * said in well under a second. What came into the log since does not change that until it is fitted anew (mq_strategy_fit).
 *
 * MQ_INVALID: no concept; too few titles with viewers. MQ_CONFLICT: several people of one name. A concept that nothing of the
 * past supports is no failure: see support. */
int mq_strategy_forecast(struct mq_engine *engine, const struct mq_forecast_request *request,
                         struct mq_forecast *ret, struct mq_error *err);
void mq_forecast_release(struct mq_forecast *f);

struct mq_fit_request {
    uint64_t seed;    /* 0 = 1 */
    unsigned threads; /* 0 = one per core */
    int64_t as_of_ms;
    mq_progress *progress;
    void *progress_ctx;
};
struct mq_fit {
    uint64_t log_seq, behind;
    bool made; /* now; else what is kept was new enough */
    double seconds;
    uint64_t titles, bytes; /* that it learnt from; that it holds in memory */
};
/* Fits what forecasts rest on, unless what is kept is not yet due: that is when more than 1 % of the log came since, when anything came and
 * it is ten minutes old, or when communities were found anew. For a background thread, so that mq_strategy_forecast never
 * waits. Fails as that does. */
int mq_strategy_fit(struct mq_engine *engine, const struct mq_fit_request *request,
                    struct mq_fit *ret, struct mq_error *err);
/* Would a forecast be said at once? */
bool mq_strategy_fit_is_there(struct mq_engine *engine, int64_t as_of_ms);

/* What nobody has made yet and many would watch: a maker (director, creator, writer or producer), a lead and a theme whose
 * audiences go together beyond activity and taste, with their forecast (docs/strategy.md). */
struct mq_opportunity_part {
    const char *kind; /* "maker", "lead", "theme" */
    const char
        *role; /* of a person; "title": a theme that is one title, to be made again; else NULL */
    const char *name;
    unsigned titles;
    double viewers; /* who like one of them */
};

enum { MQ_PARTS = 3 };

struct mq_sizes {
    struct mq_interval viewers_28d, viewers_90d, viewers_all;
    double hours_per_viewer;
    unsigned support; /* titles that are like it */
    bool refused;     /* too few are, or nobody among its people has a title: the figures are NaN */
};

struct mq_opportunity {
    struct mq_opportunity_part parts[MQ_PARTS];
    double edges[MQ_PARTS]; /* z: maker and lead, maker and theme, lead and theme */
    double weakest;
    struct {
        double weakest;
        const char *title, *name; /* NULL: none makes it weaker */
    } without_one;                /* the weakest edge with the title left out that carries most */
    double chance;                /* triples as strong in a world of chance, on average */
    double viewers, expected,
        excess; /* want all three; by chance; beyond it, shrunk by the winner's curse */
    unsigned supply, supply_two; /* titles that have all three; that have two */
    double searched;             /* viewers who searched in vain for two of them */
    struct mq_overlap people;    /* maker and lead: the triangulation's one side, exactly */
    struct mq_overlap triangle;  /* all three */
    struct mq_sizes forecast;
    const char *concept; /* JSON, as mq_strategy_forecast takes it */
};

struct mq_unmet_search {
    const char *text;
    double viewers;
};

struct mq_opportunities {
    const struct mq_opportunity *list; /* strongest first */
    size_t n;
    uint64_t tested, strong;   /* triples; whose edges are all above 2 */
    double shuffled_strong;    /* of those in shuffled worlds, on average; NaN: none were made */
    double strongest_shuffled; /* weakest edge of the strongest triple in any of them */
    double
        threshold; /* beyond which chance brings a twentieth of a triple; what is listed is above both */
    unsigned shuffles;
    double
        kept; /* of a find's demand, in viewers who were not searched; NaN: nothing was found there */
    unsigned kept_finds;
    const struct mq_unmet_search *searches; /* that found nothing, most viewers first */
    size_t n_searches;
    bool research, themes_are_genres;
    unsigned floor;
    uint64_t log_seq;
    int64_t as_of_ms;       /* 0: now */
    uint64_t first_dossier; /* what was kept: this one and those after it */
    size_t stored;
    void *memory; /* mq_opportunities_release gives it back */
};

struct mq_opportunities_request {
    struct mq_audience_request request; /* without expressions; n: how many are listed */
    unsigned
        supply; /* titles that may have all of it already, at most; default 1 (0: see no_supply) */
    bool no_supply;    /* none */
    unsigned shuffles; /* 0 = 5 */
    bool no_forecast;
    bool store;    /* keep each as a dossier */
    uint64_t seed; /* 0 = 1 */
};

int mq_strategy_opportunities(struct mq_reader *reader,
                              const struct mq_opportunities_request *request,
                              struct mq_opportunities *ret, struct mq_error *err);
void mq_opportunities_release(struct mq_opportunities *o);

/* Would opportunities found before a day have succeeded? Titles that came out later and have two or three parts of one, over titles
 * like them in genre, time and budget that have not; and over those with one of its people (docs/strategy.md). */
struct mq_retro_request {
    struct mq_audience_request
        request; /* without expressions; n: how many a day are listed, 0 = 100 */
    int64_t from_ms,
        to_ms; /* first and last day; 0: a quarter into the log; as late as the window allows */
    unsigned window_days; /* in which titles come out; 0: five years, or a third of the log */
    unsigned every_days;  /* from day to day; 0: a fifth of the window */
    uint64_t seed;        /* 0 = 1 */
};

struct mq_retro_gain {
    double factor, low,
        high;   /* of viewers, geometric mean over matches; 95 % over titles; NaN: none */
    double won; /* share of matches above the titles like them */
    unsigned matches, titles; /* with a title like them */
};

struct mq_retro_side {
    unsigned listed, matches, titles, whole; /* whole: matches with all three parts */
    struct mq_retro_gain any, one_part;
};

struct mq_retro_example {
    const char *title, *name;
    const char *parts; /* "director A x actor B x C": those that it has */
    int64_t found_ms;
    double factor; /* over titles like it; NaN: there was none */
};

struct mq_retro_test {
    struct mq_retro_side found,
        shuffled; /* shuffled: searched in worlds in which likes have nothing to do with each other */
    unsigned days, every_days, window_days, later;
    int64_t from_ms, to_ms;
    const struct mq_retro_example *examples; /* of found: the first ones, most parts first */
    size_t n_examples;
    unsigned floor;
    bool research;
    uint64_t seed;
    double seconds;
    void *memory; /* mq_retro_test_release gives it back */
};

/* Searches once a day and world; reads the log that often. MQ_INVALID: the log is too short for the days asked about. */
int mq_strategy_retro_test(struct mq_reader *reader, const struct mq_retro_request *request,
                           struct mq_retro_test *ret, struct mq_error *err);
void mq_retro_test_release(struct mq_retro_test *t);

/* An opportunity as it was found, with its date: it was there before the pitch. */
struct mq_dossier {
    uint64_t id;
    int64_t made_ms;  /* when it was computed */
    int64_t as_of_ms; /* from what was known by then */
    uint64_t log_seq;
    unsigned rank; /* in its list */
    struct mq_opportunity_part parts[MQ_PARTS];
    double weakest, chance, viewers, expected, excess;
    struct mq_sizes forecast;
    const char *words, *concept;
};

struct mq_dossier_match {
    struct mq_dossier dossier;
    unsigned parts; /* bit per part that the pitch has: maker, lead, theme */
    bool replayed;  /* computed after the pitch, from what was known before it */
};

struct mq_pitch {
    const struct mq_dossier_match *matches; /* most parts first; at least two */
    size_t n;
    size_t dossiers; /* that are kept */
    int64_t at_ms;
    void *memory; /* mq_pitch_release gives it back */
};

struct mq_pitch_request {
    const char *concept; /* JSON, as of mq_strategy_forecast */
    size_t n;
    int64_t at_ms; /* of the pitch; 0: now */
};

/* The dossiers of before the pitch that speak of it. MQ_INVALID: no concept, or one of which neither people nor themes are said. */
int mq_strategy_pitch(struct mq_engine *engine, const struct mq_pitch_request *request,
                      struct mq_pitch *ret, struct mq_error *err);
void mq_pitch_release(struct mq_pitch *p);

/* A title that came later and has all three parts of a dossier. */
struct mq_outcome {
    uint64_t dossier;
    int64_t as_of_ms;
    const char *title, *name;
    struct mq_interval forecast; /* viewers in 28 days */
    double actual;               /* NaN: the log does not reach so far, or fewer than the floor */
};

struct mq_ledger {
    const struct mq_outcome *outcomes;
    size_t n, dossiers;
    unsigned scored, within,
        within_2x;    /* with an actual; within P10 to P90; within a factor of two of P50 */
    double log_error; /* root of the mean squared difference of logs; NaN: none was scored */
    bool research;
    void *memory; /* mq_ledger_release gives it back */
};

struct mq_ledger_request {
    int64_t as_of_ms;
    unsigned floor;
    bool research;
    mq_progress *progress;
    void *progress_ctx;
};

/* Past promises held against what came. */
int mq_strategy_ledger(struct mq_engine *engine, const struct mq_ledger_request *request,
                       struct mq_ledger *ret, struct mq_error *err);
void mq_ledger_release(struct mq_ledger *l);

/* Which concepts, under a budget, reach the most distinct viewers in 90 days (docs/strategy.md). */
struct mq_slate_item {
    const char *name;
    double cost;
    bool chosen;
    struct mq_sizes forecast; /* refused: it counts as reaching nobody */
    double adds; /* distinct viewers: that it adds to the other chosen ones, or would */
};

struct mq_slate {
    const struct mq_slate_item *items; /* as they were sent */
    size_t n;
    double budget, spent;
    struct mq_interval viewers; /* distinct, over joint draws of all forecasts */
    double mean;                /* of these */
    bool exact;                 /* no other set reaches more, on average */
    double bound;               /* no set reaches more than this */
    unsigned draws;
    void *memory; /* mq_slate_release gives it back */
};

struct mq_slate_request {
    const char *slate; /* JSON */
    size_t n;
    uint64_t seed;    /* 0 = 1 */
    unsigned threads; /* 0 = one per core */
    int64_t as_of_ms;
    mq_progress *progress;
    void *progress_ctx;
};

/* MQ_INVALID: no slate; nothing keeps its limits. MQ_CONFLICT: several people of one name. */
int mq_strategy_slate(struct mq_engine *engine, const struct mq_slate_request *request,
                      struct mq_slate *ret, struct mq_error *err);
void mq_slate_release(struct mq_slate *s);

#ifdef __cplusplus
}
#endif

#endif
