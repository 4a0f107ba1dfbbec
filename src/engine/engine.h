/* engine.h - the inside of struct mq_engine, for the engine's own files, and what the server uses beside
 * include/marquee.h: asynchronous appends and titles.
 *
 * Who may touch what: the store's writing side, residents' and trend's writing side belong to the committer's
 * thread. `catalogue`, `model` and `trend` are replaced whole (atomic pointer; the old one is freed when no
 * reader can hold it). Everything else is constant after mq_engine_open. */
#ifndef MQ_ENGINE_ENGINE_H
#define MQ_ENGINE_ENGINE_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/epoch.h"
#include "catalogue/catalogue.h"
#include "engine/committer.h"
#include "engine/dead_letters.h"
#include "engine/residents.h"
#include "marquee.h"
#include "model/model.h"
#include "profile/trend.h"
#include "store/store.h"

/* A log whose newest event is older than this is an archive: its "now" is that event's time. */
#define ARCHIVE_MS (INT64_C(7) * 24 * 3600 * 1000)

/* By what engagement is judged, and why. */
enum engagement_use {
    ENGAGEMENT_RULES,   /* nothing was fitted */
    ENGAGEMENT_SERVED,  /* by fitted weights */
    ENGAGEMENT_WORSE,   /* fitted, but not shown to do as well as the default rules */
    ENGAGEMENT_DAMAGED, /* the file is refused */
};

struct mq_engine {
    char *dir;    /* the data folder */
    char *models; /* dir/models */
    struct mq_options options;
    struct store *store;
    struct epoch *epoch;
    struct committer *committer;
    struct residents *residents;
    struct dead_letters *dead_letters;
    struct heard_titles *heard;
    struct counting_aside *aside;
    struct audiences *audiences;
    struct kept_forecasts *forecasts;
    struct kept_fits *fits;
    struct page_log *page_log;                         /* what was served */
    _Atomic(struct running_experiments *) experiments; /* NULL: none were ever read */
    pthread_mutex_t experiments_lock;                  /* held while definitions change */
    _Atomic(struct running_campaigns *) campaigns;     /* NULL: none were ever read */
    pthread_mutex_t campaigns_lock;                    /* held while they change */
    /* Since the last check of a canary: of its control, of its version. */
    _Atomic(uint64_t) canary_answers[2], canary_failures[2];
    _Atomic(struct trend *) trend;            /* never NULL */
    _Atomic(struct catalogue *) catalogue;    /* never NULL */
    _Atomic(struct model *) model;            /* NULL: none */
    _Atomic(struct picture_table *) pictures; /* NULL: nothing was learnt yet */
    _Atomic(bool) pictures_learning;
    _Atomic(bool)
        try_new; /* pages have places in which new titles are tried (recommend/pictures.h) */
    _Atomic(int64_t) first_ms, newest_ms; /* oldest and newest at_ms in the log; 0 without events */
    /* The place in the log up to which catalogue, counters and profiles are whole: what an answer names. */
    _Atomic(uint64_t) applied_seq;
    /* Even: that holds. Odd: the committer is changing them. A reader that saw it change while it gathered what
     * its answer needs gathers again, in the end under `quiet`, which the committer takes for each change. */
    _Atomic(uint64_t) apply_version;
    pthread_rwlock_t quiet;
    uint64_t
        kept_seq; /* the committer's: the place up to which counters were kept; 0 = none were */
    uint64_t keep_tried;   /* and at which it was tried last */
    bool catalogue_behind; /* the committer's: the store has titles that are not served yet */
    /* Grows when the past is no longer what it was (an erasure). */
    _Atomic(uint64_t) erasures;
    _Atomic(uint64_t) model_version; /* of the live one; 0 = none */
    _Atomic(bool) stopping;          /* readings of the whole log end */
    _Atomic(bool) training;          /* for metrics: somebody holds the lock below */
    /* NULL: the default rules. Never freed before the engine closes: whoever reads the log may hold it for long. */
    _Atomic(const struct engagement_weights *) engagement;
    _Atomic(enum engagement_use) engagement_use;
    struct engagement_served *engagement_served; /* the committer's: all that were */
    struct source_watch *sources; /* under sources_lock, as sources_fed: something came live */
    bool sources_fed;
    pthread_mutex_t sources_lock;
    pthread_mutex_t training_lock; /* held by the one training that runs */
    pthread_mutex_t library_lock;  /* held while versions come, go or are copied */
    uint64_t refused_model;        /* damaged version that was passed over at open; 0 = none */
};

/* "Now" for answers: the wall clock, or the newest event's time on an archive (*ret_archive, may be NULL). */
int64_t engine_now(const struct mq_engine *e, bool *ret_archive);

/* The dense id of a viewer, of a title; MQ_NOT_FOUND: never seen, unknown. Any thread. */
int engine_find_viewer(struct mq_engine *e, struct str viewer, struct viewer_id *ret,
                       struct mq_error *err);
int engine_title_id(struct mq_engine *e, struct str title, struct title_id *ret,
                    struct mq_error *err);

/* Note what was refused, and why (DIR/dead-letters.ndjson). Any thread; waits for nothing. */
void engine_refused(struct mq_engine *e, struct str source, struct str reason, struct str raw);

/* The weights that profiles, audiences and trainings are judged with now; NULL: the default rules
 * (engagement_fitting.c). */
const struct engagement_weights *engine_engagement(const struct mq_engine *e);
/* Differs between different weights; 0: the default rules. */
uint64_t engine_engagement_version(const struct mq_engine *e);
/* What serves, in words. */
const char *engine_engagement_name(const struct mq_engine *e);

/* For a server: where both want the processor, threads that answer go before the one that writes events, for which many wait
 * together. Any thread but the committer's. */
void engine_let_pages_go_first(struct mq_engine *e);

/* Append without waiting: s->done is called on the committer's thread once it is durable and live. Events
 * must have passed event_check. MQ_BUSY, MQ_CANCELLED: done is not called. */
int engine_submit(struct mq_engine *e, struct submission *s, struct mq_error *err);

/* Lay these over what is stored, durably, and serve them. Waits. ret_changed may be NULL. With `replace`
 * the stored records are replaced instead. */
int engine_put_titles(struct mq_engine *e, struct title *titles, size_t n, bool replace,
                      size_t *ret_changed, struct mq_error *err);
/* The same for a long import: what is served changes at engine_refresh, once at the end. */
int engine_put_titles_later(struct mq_engine *e, struct title *titles, size_t n,
                            size_t *ret_changed, struct mq_error *err);
int engine_refresh(struct mq_engine *e, struct mq_error *err);
int engine_delete_title(struct mq_engine *e, struct str id, struct mq_error *err);
/* As stored; in the arena. MQ_NOT_FOUND. */
int engine_get_title(struct mq_engine *e, struct str id, struct arena *arena, struct title *ret,
                     struct mq_error *err);

/* Small settings in the store's meta family, written by the committer (API keys, audit). */
int engine_put_setting(struct mq_engine *e, struct str key, struct str value, struct mq_error *err);
int engine_delete_setting(struct mq_engine *e, struct str key, struct mq_error *err);

/* The committer's thread: the live state changes between these two; at the end it is whole up to `seq`. */
void engine_change_begin(struct mq_engine *e);
void engine_change_end(struct mq_engine *e, uint64_t seq);
/* The committer's thread: make the catalogue anew from the store and publish it. */
int engine_refresh_catalogue(struct mq_engine *e, struct mq_error *err);
/* The committer's thread: count the log anew (after an erasure) and publish the counters. */
int engine_recount(struct mq_engine *e, struct mq_error *err);
/* The committer's thread: publish these counters (engine_recount does). */
struct counted;
void engine_serve_counters(struct mq_engine *e, const struct counted *n);
/* As mq_publish, without a word to the canary that runs. Takes library_lock (after experiments_lock, where both are held). */
int engine_publish(struct mq_engine *e, uint64_t version, struct mq_error *err);
/* Replace the live model (takes ownership; the old one goes when unused). */
void engine_swap_model(struct mq_engine *e, struct model *m);

/* A catalogue from the store as of max_seq (0 = now), up to the last title with a record: what it holds, and
 * its version, follow from the records alone, not from the names that events bring. */
int catalogue_from_store(const struct store *s, uint64_t max_seq, struct catalogue **ret,
                         struct mq_error *err);

#endif
