/* marquee_audience.h - groups of viewers: their overlaps, pairs, communities, followers, retention. Included by marquee.h, whose manual it continues. */
#ifndef MARQUEE_AUDIENCE_H
#define MARQUEE_AUDIENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "marquee_status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct mq_engine;
struct mq_reader;

/* Groups of viewers, never single ones (docs/audiences.md): a count below the floor, and whatever would give it
 * away, is NaN and named in `withheld`; the others are rounded. Without research a figure also is NaN where it is
 * undefined. Answers live in the reader until its next call. */
struct mq_audience_request {
    const char *const *expressions; /* "liked:director=David Fincher" */
    size_t n_expressions;
    unsigned strata;    /* 0 = 50 */
    unsigned floor;     /* smallest group, at least 20; 0 = 50 */
    bool research;      /* public data: exact, no floor, and the answer says so */
    unsigned n;         /* of lists, 0 = 10 */
    unsigned threads;   /* of mq_audience_pairs, 0 = one per core */
    const char *who;    /* asks, for the audit trail; may be NULL */
    int64_t as_of_ms;   /* answer from what was known by then; 0 = all */
    uint64_t as_of_seq; /* or by the log's position; 0 = all */
    mq_progress *progress;
    void *progress_ctx;
};

enum { MQ_WITHHELD = 24, MQ_SETS = 3, MQ_REGIONS = 1 << MQ_SETS };

struct mq_affinity {
    double viewers, a, b, both; /* in scope; in each; in both */
    double lift;                /* both viewers / (a b) */
    double odds_ratio, odds_ratio_low, odds_ratio_high;
    double g2, z, p;
    double expected;   /* of `both` if the two had nothing to do with each other, given activity */
    double share;      /* of a that is in b */
    double comparable; /* of viewers as active as a's who are not in a: the share in b */
};

struct mq_region {
    unsigned sets; /* bit per expression: in these, and in no other */
    double viewers, expected;
};

struct mq_overlap {
    const char *const *names; /* what each expression means, in words */
    size_t n_sets;
    unsigned strata;
    bool research;
    unsigned floor;
    struct mq_affinity all;
    /* Over viewers who did something once all sides' titles were there. */
    struct mq_affinity risk;
    int64_t risk_since_ms;            /* 0: no titles on a side */
    const struct mq_evidence *shared; /* titles of more than one side, taken out of all */
    size_t n_shared;
    size_t n_titles[MQ_SETS]; /* left on each side */
    struct {
        double odds_ratio, share;
        const char *title, *name; /* NULL: none can be left out */
    } without_one;
    double
        fragility; /* share of those in both without whom the interval would reach 1; NaN: it does */
    double c;      /* the third set's size */
    struct mq_region regions[MQ_REGIONS];
    size_t n_regions; /* 0 with two sets */
    const char *words, *change;
    const char *withheld[MQ_WITHHELD];
    size_t n_withheld;
    uint64_t log_seq;
};

/* Two or three expressions. MQ_INVALID (what it says at which byte), MQ_NOT_FOUND (no such name), MQ_CONFLICT
 * (several of that name: lists them). The first call after a start reads the log. */
int mq_audience_overlap(struct mq_reader *reader, const struct mq_audience_request *request,
                        struct mq_overlap *ret, struct mq_error *err);

struct mq_pair {
    const char *a, *b; /* names */
    unsigned titles_a, titles_b;
    size_t n_shared;
    struct mq_affinity figures;
    double q;        /* Benjamini-Hochberg, over all that were tested */
    double standing; /* share of a's other pairs that go together less */
    double without_one;
    const char *without_title, *without_name; /* NULL: none can be left out */
};

struct mq_pairs {
    const char *role_a, *role_b;
    uint64_t people_a, people_b, tested, passed;
    double shuffled_passed; /* NaN: was not done */
    double level;           /* of q */
    unsigned strata, floor;
    bool research;
    struct mq_pair *pairs; /* those that pass, by the lower end of the odds ratio */
    size_t n;
    size_t withheld; /* that would be among them, but for small groups */
    uint64_t log_seq;
};

struct mq_pairs_request {
    struct mq_audience_request request; /* without expressions */
    const char *role_a, *role_b;        /* NULL = director, actor */
    uint64_t seed;                      /* of the shuffled world */
    bool no_shuffle;
};

/* All pairs of people in two roles with three titles a side: seconds to a minute. */
int mq_audience_pairs(struct mq_reader *reader, const struct mq_pairs_request *request,
                      struct mq_pairs *ret, struct mq_error *err);

struct mq_audience_item {
    const char *id;   /* of a title, else NULL */
    const char *role; /* of a person, else NULL */
    const char *name;
    struct mq_affinity figures; /* a: the audience, b: who liked this */
};

struct mq_audience {
    const char *name; /* in words */
    double viewers, size;
    double likes,
        scope_likes; /* titles liked, on average: of the audience, of everybody in scope */
    unsigned strata, floor;
    bool research, withheld; /* the group is too small, or what is left without it */
    const struct mq_audience_item *titles, *people, *genres, *countries, *devices, *dayparts;
    size_t n_titles, n_people, n_genres, n_countries, n_devices, n_dayparts;
    uint64_t log_seq;
};

/* One expression: what sets its viewers apart. */
int mq_audience_show(struct mq_reader *reader, const struct mq_audience_request *request,
                     struct mq_audience *ret, struct mq_error *err);

struct mq_community {
    unsigned id; /* stays from one training to the next */
    const char *name;
    double share;                          /* of viewers in scope */
    double finished, abandoned, rewatched; /* of what members watched */
    double fresh;                          /* members first seen in the last 28 days */
    struct mq_audience audience;           /* its size, and what sets it apart */
};

struct mq_communities {
    const struct mq_community *communities; /* by number */
    size_t n;
    uint64_t model;
    double stability; /* mean adjusted Rand index on resampled viewers */
    /* Mean log-likelihood of a held-out like by its group's popularity. */
    double likelihood, likelihood_cells, likelihood_random;
    double name_found; /* how often held-out titles lead to the name, among ten */
    unsigned name_trials, names_among;
    unsigned
        names_decoys; /* of those it is picked among, not of a community but of groups made to fill up */
    bool research;
    unsigned floor;
    uint64_t log_seq;
};

/* Found when a new model is live, else as they were. MQ_NO_MODEL; MQ_INVALID: too few viewers. */
int mq_audience_communities(struct mq_reader *reader, const struct mq_audience_request *request,
                            struct mq_communities *ret, struct mq_error *err);
/* Does following a person foretell who watches and likes a title that the following knows nothing of? */
struct mq_estimate {
    double value, low, high; /* 95 %, over viewers */
};

enum { MQ_FOLLOW_GROUPS = 4 };

/* Of (viewer, held-out title): followers of the title's person; who liked one of the person's others; as many as follow,
 * of those who liked most of them; followers of another person of the same genre, era and size. NaN: not had. */
struct mq_follow_group {
    const char *name;
    double pairs, watched_pairs;
    struct mq_estimate watched; /* share that watched the title */
    struct mq_estimate lift;    /* times as many as of viewers as active */
    struct mq_estimate liked;   /* of those who watched, share that liked it */
    struct mq_estimate beyond;  /* of those, opinion beyond title, viewer and taste; -1 to 1 */
    struct mq_estimate lift_more, liked_more, beyond_more; /* followers minus this group */
};

struct mq_follow_title {
    const char *id, *name;
    double opinion; /* -1 to 1 */
    double beyond;  /* what title, viewer and taste leave of it */
};

/* What a viewer's titles say. */
struct mq_following {
    double effect, deviation, probability; /* that the effect is positive */
    bool follows;
    const struct mq_follow_title *titles;
    size_t n;
};

struct mq_follows_request {
    struct mq_audience_request
        request;        /* one expression, "follows:director=Name", or none: all people */
    const char *role;   /* without an expression; NULL = director */
    const char *viewer; /* with an expression: this one's evidence; may be NULL */
    uint64_t seed;      /* of folds and resampling */
};

struct mq_follows {
    const char *person; /* NULL: all */
    const char *role;
    unsigned people, titles, viewers; /* judged */
    unsigned folds;
    struct mq_follow_group groups[MQ_FOLLOW_GROUPS];
    bool has_viewer;
    struct mq_following viewer;
    uint64_t log_seq;
};

/* For the owner of the folder, about public data or their own: neither floor nor rounding. Titles are held out a fifth at
 * a time, and the model is fitted without them. MQ_INVALID: nobody has enough titles. */
int mq_audience_follows(struct mq_reader *reader, const struct mq_follows_request *request,
                        struct mq_follows *ret, struct mq_error *err);

#ifdef __cplusplus
}
#endif

#endif
