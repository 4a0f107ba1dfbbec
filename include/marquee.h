/* marquee.h - Marquee as a library.
 *
 * An engine is one data folder, opened by one process:
 *
 *     struct mq_engine *engine;
 *     struct mq_error err;
 *     if (mq_engine_open("marquee-data", NULL, &engine, &err) != MQ_OK)
 *         ... err.text says what, with which value, and what to do ...
 *     mq_import(engine, &(struct mq_import){.format = "movielens", .paths = &path, .n_paths = 1},
 *               &report, &err);
 *     mq_train(engine, NULL, &trained, &err);
 *     struct mq_reader *reader;
 *     mq_reader_open(engine, &reader, &err);
 *     struct mq_page page;
 *     mq_home(reader, &(struct mq_request){.viewer = "1"}, &page, &err);
 *     ...
 *     mq_reader_close(reader);
 *     mq_engine_close(engine);
 *
 * CAVEATS FIRST
 * - One process per folder. A second mq_engine_open fails with MQ_LOCKED and changes nothing.
 * - A reader belongs to one thread at a time; an answer lives until the next call with its reader.
 * - mq_append returns when the events are on disk. A crash after that loses none of them, a crash before
 *   shows none of them. Sending a batch again is harmless: repetitions are counted and dropped.
 * - After mq_append returned, the next answer for those viewers has seen the events.
 * - Any answer is a function of (log prefix, model version, request): as_of gives yesterday's answer.
 * - Text is UTF-8, terminated by a NUL, and owned by whoever is named as its owner; input text is copied.
 *
 * All functions that return int follow marquee_status.h. (Opening is mq_engine_open, not mq_engine_open: POSIX has that
 * name for message queues.) */
#ifndef MARQUEE_H
#define MARQUEE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "marquee_status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct mq_engine; /* an open data folder; its functions may be called from any thread */
struct mq_reader; /* one thread's way to ask: scratch memory and a slot */

/* "0.1.0" */
const char *mq_version(void);

/* ------------------------------------------------------------------ opening */

struct mq_options {
    bool must_exist;      /* MQ_NOT_FOUND instead of making a new folder */
    unsigned threads;     /* for training; 0 = one per core */
    size_t cache_bytes;   /* the store's block cache; 0 = 64 MiB */
    size_t profile_bytes; /* most memory for viewers' live profiles; 0 = 256 MiB */
    size_t queue_events;  /* events waiting to be written before MQ_BUSY; 0 = 65,536 */
};

/* MQ_NOT_FOUND, MQ_LOCKED, MQ_VERSION, MQ_CORRUPT, MQ_FULL, MQ_IO. `options` may be NULL. */
int mq_engine_open(const char *dir, const struct mq_options *options, struct mq_engine **ret,
                   struct mq_error *err);
/* Finishes what was acknowledged, stops the threads, closes the folder. No reader may be open. NULL is
 * allowed. */
void mq_engine_close(struct mq_engine *engine);

/* ------------------------------------------------------------------ progress */

/* Called now and then during long work, from the calling thread: `what` ("ratings.csv", "ials epoch"),
 * done of total (total 0 = unknown). Return false to stop the work: it ends with MQ_CANCELLED and leaves
 * nothing half-done (an import keeps the whole batches that were written). */
typedef bool mq_progress(void *ctx, const char *what, uint64_t done, uint64_t total);

/* ------------------------------------------------------------------ bringing data in */

struct mq_import {
    const char *format; /* movielens, titles, credits, viewers, events, table */
    const char *const *paths;
    size_t n_paths;
    const char *map;     /* of a table: "viewer=COL,title=COL,value=COL,at=COL" */
    const char *id;      /* of titles and credits: the id column, NULL = the first known one */
    const char *rejects; /* file for refused rows with reasons, or NULL */
    bool strict;         /* stop at the first refused row (MQ_INVALID); rows before it stay */
    mq_progress *progress;
    void *progress_ctx;
};

enum { MQ_EXAMPLES = 5 };

struct mq_import_report {
    uint64_t read, added, duplicates, rejected;
    uint64_t unmatched; /* credits and ratings of titles that no titles table described */
    double seconds;
    char first_rejected[MQ_EXAMPLES][256]; /* "file:line: why"; the first ones, empty when fewer */
    char first_unmatched[MQ_EXAMPLES][256];
};

/* Idempotent: the same file twice adds nothing. Bad rows are counted and the rest goes in.
 * MQ_NOT_FOUND, MQ_INVALID (unknown format, a folder where a file should be, no such column, empty file). */
int mq_import(struct mq_engine *engine, const struct mq_import *what, struct mq_import_report *ret,
              struct mq_error *err);

/* One thing a viewer did. NULL or the value in parentheses = not said. */
struct mq_event {
    const char *id;     /* for dedupe; without one the content is the identity */
    const char *viewer; /* required */
    const char *kind;   /* required: start, play, pause, seek, stop, complete, rating, ... */
    int64_t at_ms;      /* ms since 1970 (0: now) */
    const char *title;
    const char *session;
    int64_t position_ms, from_ms; /* (-1) */
    double value;                 /* rating: stars; thumb: -1, 1, 2 (0: none) */
    double scale;                 /* rating: the most stars there are (0: 5) */
    const char *device, *country, *region, *timezone;
    const char *recommendation_id;
};

struct mq_appended {
    uint64_t accepted, duplicates, rejected;
    size_t first_rejected;     /* index, when rejected > 0 */
    struct mq_error rejection; /* why */
};

/* Durable when it returns. Refused events are counted, the others go in. MQ_BUSY when the queue is full
 * (nothing of this call went in). */
int mq_append(struct mq_engine *engine, const struct mq_event *events, size_t n,
              struct mq_appended *ret, struct mq_error *err);
/* The same from native JSON: one event, an array, or NDJSON (docs/events.md). */
int mq_append_json(struct mq_engine *engine, const char *json, size_t n, struct mq_appended *ret,
                   struct mq_error *err);

/* ------------------------------------------------------------------ learning */

struct mq_train_options {
    uint64_t seed;
    unsigned rank, epochs;                              /* 0 = default */
    double regularisation, unobserved, frequency_power; /* 0 = default */
    bool popularity_only;
    bool no_ranker; /* leave the second stage out */
    mq_progress *progress;
    void *progress_ctx;
};

enum { MQ_TUNING_MODELS = 8 };
struct mq_model_info {
    uint64_t version;
    bool live, readable;
    int64_t trained_ms;
    uint64_t log_seq, viewers, titles, interactions;
    unsigned rank, epochs;
    double seconds;
    /* NDCG@10 on a held-out time split; NaN = not measured */
    double held_out_ndcg, popularity_ndcg;
    double gain_low, gain_high; /* 95 % interval of the difference */
    uint64_t held_out_viewers;
    /* Beside the version that was live then, on the same split (0: not measured). It is kept aside, not published,
     * when it scores over 2 % less; mq_publish can still make it live. */
    bool kept_aside;
    uint64_t rival;
    double rival_ndcg;
    /* The models that were compared on the split, popularity first; the published one is what pages are ordered by.
     * Weights of a blend are judged on viewers that they were not learnt from. */
    const char *published; /* "ials" where nothing was measured */
    struct {
        const char *name;
        double ndcg; /* NDCG@10; NaN = not measured */
    } model[MQ_TUNING_MODELS];
    size_t n_models;
    char note[160]; /* of a training: what was left out, and why; "" = nothing */
    /* Of a training: choices later than everything that generators and trees learnt from, ordered by the trees and by the
     * blend (NDCG@10), the difference's 95 % interval, and the share of the trees' choices whose page was known. The
     * trees serve when the interval lies above zero. 0 questions: too little was there. */
    bool ranker_serves;
    uint64_t ranker_questions;
    double ranker_ndcg, ranker_base_ndcg, ranker_low, ranker_high, ranker_logged;
};

/* Train on the log as it is now and publish; serving goes on meanwhile and swaps when it is done. Settings that are
 * not given come from the last mq_tune of this folder, else from a short search of the same kind.
 * MQ_CONFLICT: another training runs. MQ_INVALID: nothing to learn from. */
int mq_train(struct mq_engine *engine, const struct mq_train_options *options,
             struct mq_model_info *ret, struct mq_error *err);
/* Search settings for at most `seconds` (0 = 240) on the newest part of the log, and keep what was found in the
 * folder (DIR/tuned) for trainings to come. The same log and seed give the same choice on the same machine, unless
 * the time runs out: then `complete` is false, and how far the search came depends on the machine's speed.
 * MQ_CONFLICT, MQ_INVALID as mq_train. */
struct mq_tune_options {
    uint64_t seed;
    double seconds;
    mq_progress *progress;
    void *progress_ctx;
};
struct mq_tuning {
    unsigned rank, epochs, neighbours;
    double regularisation, unobserved, ease_lambda, shrink;
    const char *best; /* of these models, on the held-out events */
    struct {
        const char *name;
        double ndcg; /* NDCG@10; NaN = not measured */
    } model[MQ_TUNING_MODELS];
    size_t n_models, questions;
    unsigned tried;
    bool complete;
    double seconds;
};
int mq_tune(struct mq_engine *engine, const struct mq_tune_options *options, struct mq_tuning *ret,
            struct mq_error *err);
/* Newest first. */
int mq_models(struct mq_engine *engine, struct mq_model_info *ret, size_t max, size_t *ret_n,
              struct mq_error *err);
int mq_publish(struct mq_engine *engine, uint64_t version, struct mq_error *err);
int mq_rollback(struct mq_engine *engine, uint64_t *ret_version, struct mq_error *err);

/* ------------------------------------------------------------------ asking */

int mq_reader_open(struct mq_engine *engine, struct mq_reader **ret, struct mq_error *err);
void mq_reader_close(struct mq_reader *reader);
/* The last answer is no longer needed. A reader that rests holds nothing back; one that does not keeps
 * replaced models and profiles in memory until its next call. */
void mq_reader_rest(struct mq_reader *reader);

/* What to leave out, to prefer and to place (docs/home-page.md): rules like "genre=Drama|Crime & year>=2000". */
struct mq_rules {
    const char *const *include; /* titles that fit all of them */
    const char *const *exclude; /* but none of these */
    const char *const *boost;   /* "genre=Drama*1.5": scores times the factor */
    const char *const
        *pin; /* "t-42@0.2" or "genre=Drama@0.2": row and column from 0; of a list "t-42@2" */
    size_t n_include, n_exclude, n_boost, n_pin;
    const char *language; /* "en,fr"; NULL = any */
    const char
        *max_maturity; /* an age or a certificate: above it, or unknown, is left out; NULL = any */
    bool seen;         /* titles already seen too */
    unsigned fatigue;  /* leave out what was shown so often and never played; 0 = 20 */
    bool no_fatigue;   /* or however often */
};

struct mq_request {
    const char *viewer; /* never seen is no error: they get what is popular in their context */
    int64_t at_ms; /* the moment asked about; 0 = now (on an archive: the newest event's time) */
    const char *device, *country, *region, *timezone;
    const char *mood; /* a mood's name or number from 1, "off"; NULL = the likeliest */
    int offset_min;   /* local time minus UTC, when there is no timezone and has_offset */
    bool has_offset;
    unsigned rows, columns, n; /* 0 = 8, 20 and 20 */
    bool no_context, no_profiling;
    unsigned draw;      /* 2 to 8: so many neighbours of each row in an order by chance; 0: none */
    bool no_ranker;     /* lists and rankings in the generators' own order */
    bool preview;       /* only looked at: it is not noted as shown to the viewer */
    int64_t as_of_ms;   /* answer from what was known by then; 0 = all */
    uint64_t as_of_seq; /* or by the log's position; 0 = all */
    uint64_t model;     /* this version; 0 = the live one (with as_of_ms: the one live then) */
    const struct mq_rules *rules; /* NULL = none */
};
/* As `model`: without one, to repeat an answer whose model is 0. */
#define MQ_MODEL_NONE UINT64_MAX

/* Why an item is there. Text is owned by the answer. */
enum mq_reason_kind {
    MQ_REASON_TASTE,    /* evidence: the viewer's titles that carry the score most */
    MQ_REASON_SIMILAR,  /* evidence: the title of the row */
    MQ_REASON_PERSON,   /* evidence: the viewer's titles with that person */
    MQ_REASON_GENRE,    /* evidence: the viewer's titles of that genre that carry it */
    MQ_REASON_POPULAR,  /* popular here and now; no evidence of the viewer's */
    MQ_REASON_NEW,      /* new, and in the order of the viewer's taste */
    MQ_REASON_CONTINUE, /* evidence: the title itself */
    MQ_REASON_MOOD,     /* suits the moment's mood; no evidence of the viewer's */
    MQ_REASON_PINNED,   /* a rule of the request put it there; no evidence */
    MQ_REASON_KINDS
};

struct mq_evidence {
    const char *title, *name;
    double share; /* of the score, where it is a sum of contributions; else NaN */
};

struct mq_reason {
    enum mq_reason_kind kind;
    const char *text;
    const struct mq_evidence *evidence;
    size_t n_evidence;
};

struct mq_item {
    const char *title, *name;
    uint32_t title_number; /* dense id, for callers inside the engine */
    int year;              /* 0 = unknown */
    double score;          /* comparable within its row */
    int64_t position_ms;   /* in a continue row: where to resume, 0 for a next episode; else 0 */
    double
        propensity; /* chance of this title here given those before it; NaN: chance had no part */
    struct mq_reason reason;
};

struct mq_row {
    const char *kind; /* top_picks, because, popular, new, genre, person, continue */
    const char *name; /* "Because you watched Zodiac" */
    const char *reason;
    const struct mq_item *items;
    size_t n_items;
};

/* What the request's filters took away, in the order in which they did. */
struct mq_filter {
    const char *name; /* "availability", "language fr", "exclude tag=gore", "seen" ... */
    uint64_t removed; /* of what those before it had left */
    uint64_t passing; /* titles that would pass it alone */
};

struct mq_filters {
    uint64_t titles, left; /* before all of them, after */
    const struct mq_filter *steps;
    size_t n_steps;
    const char *note; /* nothing is left: which filter did that; else NULL */
};

/* The context as it was understood; "" = not known. */
struct mq_context {
    const char *daypart, *device, *country, *region;
    bool weekend, has_local_time;
};

/* What the viewer may be in for: learnt from sessions, named by what sets it apart. */
struct mq_mood {
    const char *name;   /* "Short comedy"; also what a request chooses it by */
    double probability; /* at this moment, from it and what came before */
};

struct mq_page {
    const char *viewer;
    bool known; /* the viewer has a history */
    int64_t at_ms;
    struct mq_context context;
    struct mq_mood mood; /* the likeliest, or the chosen one; name NULL: none, or switched off */
    const char *mood_source;     /* "chosen", "the moment", "the moment and recent plays" */
    const struct mq_mood *moods; /* (n_moods) all there are */
    size_t n_moods;
    uint64_t model; /* version; 0 = none */
    uint64_t
        log_seq; /* the log as far as it was read: as_of_seq, model and at_ms give this page again */
    const struct mq_row *rows;
    size_t n_rows;
    const struct mq_filters *filters; /* NULL: none was asked for, and something is left */
    char recommendation_id[33];       /* hash of all that went in: the same page, the same id */
};

struct mq_list {
    const char *viewer; /* "" for similar titles */
    int64_t at_ms;
    uint64_t model, log_seq;
    const struct mq_item *items;
    size_t n_items;
    const struct mq_filters *filters; /* as of a page */
    char recommendation_id[33];
};

/* Stars of five; NaN: nothing is known. [low, high] is to hold the viewer's rating nine times of ten. */
struct mq_rating {
    double expected, low, high;
};

struct mq_explanation {
    const char *viewer, *title, *name;
    uint64_t model;
    double score;
    uint64_t place, of; /* in the viewer's order of all titles, from 1 */
    bool watched, hidden;
    const char *text;
    const struct mq_evidence *evidence; /* most telling first */
    size_t n_evidence;
    struct mq_rating rating; /* how the viewer would rate it, as mq_predict_rating */
};

/* MQ_NO_MODEL never: without a model pages are popular titles. Answers live until the reader's next call. */
int mq_home(struct mq_reader *reader, const struct mq_request *request, struct mq_page *ret,
            struct mq_error *err);
int mq_recommend(struct mq_reader *reader, const struct mq_request *request, struct mq_list *ret,
                 struct mq_error *err);
/* MQ_NOT_FOUND: no such title. */
int mq_rank(struct mq_reader *reader, const struct mq_request *request, const char *const *titles,
            size_t n, struct mq_list *ret, struct mq_error *err);
/* Of the request, which may be NULL, count n, at_ms, country and rules (without pins). */
int mq_similar(struct mq_reader *reader, const char *title, const struct mq_request *request,
               struct mq_list *ret, struct mq_error *err);
int mq_explain(struct mq_reader *reader, const struct mq_request *request, const char *title,
               struct mq_explanation *ret, struct mq_error *err);
/* How would this viewer rate that? From the model's ratings and the viewer's own, but for one of this very title; of
 * somebody who rated nothing as of any viewer. NaN when the model has no ratings of the title. */
int mq_predict_rating(struct mq_reader *reader, const struct mq_request *request, const char *title,
                      struct mq_rating *ret, struct mq_error *err);

/* ------------------------------------------------------------------ audiences */

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
    double name_found; /* how often held-out titles lead to the name */
    unsigned name_trials, names_among;
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

/* ------------------------------------------------------------------ strategy */

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

struct mq_forecast_support {
    unsigned titles; /* with viewers, and like it */
    bool refused;
    const char *reason;         /* NULL when not */
    const char *const *unknown; /* people of the concept without a title here */
    size_t n_unknown;
};

/* Refused: the figures are NaN and the lists empty. */
struct mq_forecast {
    struct mq_interval viewers_28d, viewers_90d, viewers_all; /* all: as long as the log is */
    struct mq_interval hours_28d, hours_90d;
    double hours_per_viewer;
    const char *decay_basis; /* what the shares of 28 and 90 days rest on */
    unsigned launches;
    const struct mq_comparable *comparables;
    size_t n_comparables;
    const struct mq_attribution *attribution;
    size_t n_attribution;
    const struct mq_country_share *countries; /* none below 50 viewers */
    size_t n_countries;
    struct mq_forecast_support support;
    double break_even;       /* chance that 90 days' hours are worth the cost; NaN: not asked */
    double break_even_hours; /* cost / value of an hour */
    void *memory;            /* mq_forecast_release gives it back */
};

struct mq_forecast_request {
    const char *concept; /* JSON: docs/strategy.md */
    size_t n;
    uint64_t seed;    /* 0 = 1 */
    unsigned threads; /* 0 = one per core */
    int64_t as_of_ms; /* from what was known by then; 0 = all */
    mq_progress *progress;
    void *progress_ctx;
};

/* MQ_INVALID: no concept; too few titles with viewers. MQ_CONFLICT: several people of one name. A concept that nothing of the
 * past supports is no failure: see support. */
int mq_strategy_forecast(struct mq_engine *engine, const struct mq_forecast_request *request,
                         struct mq_forecast *ret, struct mq_error *err);
void mq_forecast_release(struct mq_forecast *f);

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
    bool refused;     /* too few are: the figures are NaN */
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

/* ------------------------------------------------------------------ operating */

struct mq_stats {
    uint64_t events, duplicates, viewers, titles, described_titles, people, credits, ratings;
    uint64_t bytes_on_disk, last_seq;
    int64_t first_ms, last_ms;
    uint64_t model; /* live version, 0 = none */
    uint64_t profiles, profile_bytes;
    uint64_t shown_written,
        shown_dropped; /* answers noted since opening, and not noted for want of room */
    uint32_t schema;
    const char *
        engagement; /* what judges how well a viewing was liked: "fitted weights", or "default rules" and why */
};

int mq_stats(struct mq_engine *engine, struct mq_stats *ret, struct mq_error *err);

struct mq_check {
    uint64_t rows, events, faults;
    char first_fault[256];
};
int mq_check(struct mq_engine *engine, struct mq_check *ret, struct mq_error *err);

/* A consistent copy while serving goes on; the target must not exist or be empty (MQ_CONFLICT). */
int mq_backup(struct mq_engine *engine, const char *to, struct mq_error *err);
/* Make a data folder from a backup. Neither may be open. */
int mq_restore(const char *from, const char *to, struct mq_error *err);

struct mq_receipt {
    uint64_t events, seen, values, rows_scanned, rows_left;
    uint64_t files_scanned, bytes_scanned, files_with_name;
    uint64_t shown; /* pages and lists they were shown, taken out of their log */
    int64_t at_ms;
};

/* Forget a viewer for good, and prove it. MQ_NOT_FOUND: never seen. */
int mq_erase(struct mq_engine *engine, const char *viewer, struct mq_receipt *ret,
             struct mq_error *err);

/* Everything stored about a viewer as native events, one JSON object a line, through `write` (false stops:
 * MQ_CANCELLED), but for the first `skip` events. MQ_NOT_FOUND. */
int mq_export(struct mq_engine *engine, const char *viewer, uint64_t skip,
              bool (*write)(void *ctx, const char *p, size_t n), void *ctx, struct mq_error *err);

#ifdef __cplusplus
}
#endif

#endif
