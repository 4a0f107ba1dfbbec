/* ranker_log.h - what viewers chose, each choice with the viewer as they were then and what was on offer.
 *
 * The log is read viewer by viewer. Some choices (drawn by hash) of titles new to their viewer, from `from_ms` on, are kept with a
 * snapshot of the profile just before; and, where the page that led to one is known, with what stood on it and the chance that this
 * place is looked at. How good the choice was is told by what became of it. Starts where something was there to be continued go to
 * resume_choices.h too. */
#ifndef MQ_TRAIN_RANKER_LOG_H
#define MQ_TRAIN_RANKER_LOG_H

#include "dataset/shown_links.h"
#include "profile/profile.h"
#include "profile/trend.h"
#include "train/examination.h"
#include "train/resume_choices.h"

struct ranker_choice {
    struct profile *profile; /* before it */
    uint32_t title;
    int64_t at_ms;
    struct context context;            /* without text */
    float gain;                        /* above 0: it was liked */
    uint32_t *shown;                   /* (n_shown) what stood on its page; NULL: not known */
    uint8_t *shown_row, *shown_column; /* (n_shown) where; with `shown` */
    uint32_t n_shown;
};

/* One event of those that the counters count, without text. */
struct counted_event {
    int64_t at_ms;
    uint64_t seq;
    uint32_t title;
    float value, scale;
    int16_t offset_min;
    country_code country;
    uint8_t device, kind;
};

struct ranker_log_settings {
    const struct catalogue *catalogue;
    const struct engagement_weights *weights;
    int64_t from_ms;
    double share; /* of the choices that are kept */
    uint64_t seed;
};

enum {
    RANKER_CHOICES_MAX = 12000,
    RANKER_COUNTED_MAX = 8 << 20,
    RANKER_COUNTED_DAYS = 91, /* before from_ms: what is older hardly counts any more */
};

struct ranker_log {
    struct ranker_log_settings settings;
    struct profile_builder *builder;
    struct viewer_id viewer;
    struct shown_links links;
    struct ranker_choice *choices; /* (n) */
    size_t n, cap, first;          /* first: of the viewer at hand */
    struct counted_event *counted; /* (n_counted) */
    size_t n_counted, cap_counted;
    struct examination examination;
    struct resume_choices resumed;
};

int ranker_log_init(struct ranker_log *l, const struct ranker_log_settings *s,
                    struct mq_error *err);
void ranker_log_release(struct ranker_log *l);
/* The next viewer: ends the one before. Their pages come before their events. */
int ranker_log_viewer(struct ranker_log *l, struct viewer_id viewer, struct mq_error *err);
int ranker_log_page(struct ranker_log *l, struct str bytes, int64_t at_ms, struct mq_error *err);
int ranker_log_event(struct ranker_log *l, const struct event *e, struct mq_error *err);
/* After the last event: ends the last viewer, and puts choices and counted events in order of time. */
int ranker_log_finish(struct ranker_log *l, struct mq_error *err);

#endif
