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
 * PARTS: this file (opening, data in, learning, asking, operating), marquee_audience.h, marquee_strategy.h; all are included here.
 *
 * All functions that return int follow marquee_status.h. (Opening is mq_engine_open, not mq_engine_open: POSIX has that
 * name for message queues.) */
#ifndef MARQUEE_H
#define MARQUEE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "marquee_audience.h"
#include "marquee_status.h"
#include "marquee_strategy.h"

#ifdef __cplusplus
extern "C" {
#endif

struct mq_engine; /* an open data folder; its functions may be called from any thread */
struct mq_reader; /* one thread's way to ask: scratch memory and a slot */

/* "0.1.0" */
const char *mq_version(void);

/* ------------------------------------------------------------------ opening */

#define MQ_SWAPS_MAX 0.2

struct mq_options {
    bool must_exist;      /* MQ_NOT_FOUND instead of making a new folder */
    unsigned threads;     /* for training; 0 = one per core */
    size_t cache_bytes;   /* the store's block cache; 0 = 64 MiB */
    size_t profile_bytes; /* most memory for viewers' live profiles; 0 = 256 MiB */
    size_t queue_events;  /* events waiting to be written before MQ_BUSY; 0 = 65,536 */
    /* How much chance has to do with what is shown: pictures, new titles that are tried, swaps. (0, 1]; 0 = 1, below 0: nothing. */
    double exploration;
    /* Of this share of the home pages, times exploration, two neighbouring rows or columns change places by the toss of a coin, so
     * that it can be told how often a place is looked at. [0, MQ_SWAPS_MAX]; 0: none. */
    double swaps;
};

/* MQ_NOT_FOUND, MQ_LOCKED, MQ_VERSION, MQ_CORRUPT, MQ_FULL, MQ_IO. `options` may be NULL. */
int mq_engine_open(const char *dir, const struct mq_options *options, struct mq_engine **ret,
                   struct mq_error *err);
/* Finishes what was acknowledged, stops the threads, closes the folder. No reader may be open. NULL is
 * allowed. */
void mq_engine_close(struct mq_engine *engine);

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
    /* Publish the best of these models alone, names of struct mq_model_info separated by commas; what orders their candidates, the
     * second stage, is left out. NULL: the best of all, and the second stage. */
    const char *only;
    bool no_ranker;   /* leave the second stage out */
    double canary;    /* before this share of the viewers first, (0, 0.5]; 0: publish at once */
    unsigned threads; /* 0: as many as the engine was opened with */
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
    /* Choices between columns, rows that were swapped by chance, by which the trees' choices were weighted for how often their places are
     * looked at; 0: so few that all of them were assumed to be looked at alike. */
    double ranker_columns_swapped, ranker_rows_swapped;
    /* The same of the weights of the moment, over the order without them, among all titles. 0 questions: there are none, as
     * they did no better or too little was there. */
    uint64_t order_questions;
    double order_ndcg, order_base_ndcg, order_low, order_high;
};

/* MQ_INVALID: what mq_train refuses of its options, whatever the log holds. */
int mq_train_check(const struct mq_train_options *options, struct mq_error *err);
/* Train on the log as it is now and publish; serving goes on meanwhile and swaps when it is done. Settings that are
 * not given come from the last mq_tune of this folder, else from a short search of the same kind.
 * MQ_CONFLICT: another training runs. MQ_INVALID: nothing to learn from, for what is asked for. */
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

/* What the live model's second stage asks about a title: its trees' features, in their own order. share: of how far
 * splits move the score, as if viewings halved at each split; the shares add up to 1. n 0: it has no trees. MQ_NO_MODEL. */
enum { MQ_FEATURES_MAX = 64, MQ_SIGNALS_MAX = 16, MQ_RATING_BINS = 10 };
struct mq_ranker_feature {
    const char *name;
    bool score; /* a generator's score of the title, not a fact about it or the viewer */
    uint64_t splits;
    double share;
};
struct mq_ranker_features {
    uint64_t version;
    unsigned trees;
    struct mq_ranker_feature feature[MQ_FEATURES_MAX];
    size_t n;
};
int mq_ranker_features(struct mq_engine *engine, struct mq_ranker_features *ret,
                       struct mq_error *err);

/* What each thing that viewers do says of a later rating, as `marquee train --only engagement` measured it last
 * (docs/engagement.md). weight: of the preference, -1 to 1; 95 % interval over viewers; NaN: too rare. right: the share of two
 * titles that a held-out viewer graded differently whose better liked one is above. n 0: never measured. */
struct mq_signal {
    const char *name;
    double weight, low, high;
    uint64_t viewings; /* rated ones that had it */
};
struct mq_signals {
    const char *judged_by; /* what serves: "default rules", "fitted weights" ... */
    struct mq_signal signal[MQ_SIGNALS_MAX];
    size_t n;
    double right_fitted, right_rules, right_completion;
};
int mq_signals(struct mq_engine *engine, struct mq_signals *ret, struct mq_error *err);

/* Are predicted ratings what came? A tenth of the log's ratings is held out, the rest learnt from as a training does (as long as
 * that takes), and up to 5,000 of the tenth are predicted from their viewer's others. Stars of five; in bins of equal number by
 * prediction, with the 95 % interval over viewers of the mean that came. inside: share within the prediction's own interval,
 * which is to hold 0.9. n 0: too few ratings. MQ_CONFLICT: a training runs. MQ_INVALID as mq_train. */
struct mq_rating_check_request {
    uint64_t seed; /* 0 = 1 */
    mq_progress *progress;
    void *progress_ctx;
};
struct mq_rating_bin {
    double predicted, actual, low, high;
    uint64_t ratings;
};
struct mq_rating_check {
    uint64_t ratings, asked, viewers; /* there are; predicted; of so many viewers */
    double rmse, title_mean_rmse, inside;
    struct mq_rating_bin bin[MQ_RATING_BINS];
    size_t n;
};
int mq_check_ratings(struct mq_engine *engine, const struct mq_rating_check_request *request,
                     struct mq_rating_check *ret, struct mq_error *err);

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
    unsigned rows, columns, n; /* 0 = 8, 20 (fewer on a tablet and on a phone) and 20 */
    bool no_context, no_profiling;
    unsigned draw;      /* 2 to 8: so many neighbours of each row in an order by chance; 0: none */
    bool no_ranker;     /* lists and rankings in the generators' own order */
    bool preview;       /* only looked at: it is not noted as shown to the viewer */
    int64_t as_of_ms;   /* answer from what was known by then; 0 = all */
    uint64_t as_of_seq; /* or by the log's position; 0 = all */
    /* This version; 0 = the live one (with as_of_ms: the one live then; with as_of_seq: if it was trained on more than that, the
     * newest that was not). */
    uint64_t model;
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
    MQ_REASON_RISING,   /* chosen suddenly where the viewer is; no evidence of the viewer's */
    MQ_REASON_NEW,      /* new, and in the order of the viewer's taste */
    MQ_REASON_CONTINUE, /* evidence: the title itself */
    MQ_REASON_MOOD,     /* suits the moment's mood; no evidence of the viewer's */
    MQ_REASON_PINNED,   /* a rule of the request put it there; no evidence */
    MQ_REASON_CAMPAIGN, /* a campaign put it there; no evidence of the viewer's */
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
    /* Which of the title's pictures (or trailers) to show it with: NULL: the catalogue has none. */
    const char *picture;
    unsigned picture_number;   /* from 1; 0: none */
    double picture_propensity; /* chance of this one; NaN: chance had no part */
    struct mq_reason reason;
};

struct mq_row {
    const char *kind; /* top_picks, because, popular, new, genre, person, continue */
    const char *name; /* "Because you watched Zodiac" */
    const char *reason;
    const struct mq_item *items;
    size_t n_items;
    double
        propensity; /* chance of this row in its place given those above; 0: no chance had a part in it */
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
    const struct mq_evidence *evidence; /* the largest share of the score first */
    size_t n_evidence;
    struct mq_rating rating; /* how the viewer would rate it, as mq_predict_rating */
    const char *campaign;    /* that places it at the head of this viewer's page now; NULL: none */
};

/* MQ_NO_MODEL never: without a model pages are popular titles. Answers live until the reader's next call. */
int mq_home(struct mq_reader *reader, const struct mq_request *request, struct mq_page *ret,
            struct mq_error *err);
int mq_recommend(struct mq_reader *reader, const struct mq_request *request, struct mq_list *ret,
                 struct mq_error *err);
/* MQ_NOT_FOUND: no such title. */
int mq_rank(struct mq_reader *reader, const struct mq_request *request, const char *const *titles,
            size_t n, struct mq_list *ret, struct mq_error *err);
/* Of the request, which may be NULL, count n, at_ms, as_of_ms, as_of_seq, model, country and rules (without pins). */
int mq_similar(struct mq_reader *reader, const char *title, const struct mq_request *request,
               struct mq_list *ret, struct mq_error *err);
int mq_explain(struct mq_reader *reader, const struct mq_request *request, const char *title,
               struct mq_explanation *ret, struct mq_error *err);
/* How would this viewer rate that? From the model's ratings and the viewer's own, but for one of this very title; of
 * somebody who rated nothing as of any viewer. NaN when the model has no ratings of the title. */
int mq_predict_rating(struct mq_reader *reader, const struct mq_request *request, const char *title,
                      struct mq_rating *ret, struct mq_error *err);

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
