/* reader.h - one request: what was asked -> the world it is asked of -> an answer that is whole. */
#ifndef MQ_ENGINE_READER_H
#define MQ_ENGINE_READER_H

#include "engine/past.h"
#include "experiment/arms.h"
#include "profile/shown_counts.h"
#include "recommend/recommend.h"
#include "recommend/rules.h"

struct mq_reader {
    struct mq_engine *engine;
    unsigned slot; /* in the engine's epoch */
    bool inside;   /* the last answer may still point into the world */
    bool for_page; /* the answer at hand is a page of rows */
    struct recommender *recommender;
    struct past *past; /* the last past that was asked about */
    /* Experiments that the viewer at hand takes part in, and a copy of their names. */
    struct shown_arm arms[SHOWN_ARMS_MAX];
    char arm_names[SHOWN_ARMS_MAX][EXPERIMENT_NAME_MAX + 1];
    uint32_t n_arms;
    uint32_t n_experiment_arms;        /* of them; behind them campaigns' */
    struct interleaving *interleaving; /* NULL: no viewer took part in one yet */
    bool may_interleave;               /* a page or a list is asked for */
    struct lead lead;                  /* of a campaign, while ask->lead points here */
    int canary;                        /* arm of the viewer in the canary that runs, or ARM_NONE */
    bool canary_failed;
    bool arm_model; /* the version is an arm's wish: without it the live one serves */
    struct shown_title passed_by[SHOWN_COUNTS_MAX]; /* of the viewer at hand */
    struct shown_scratch *shown;                    /* to note what was served */
    /* The last model that was asked for beside the live one: by its version, or as of a time with this
     * version live. */
    struct {
        struct model *model;
        uint64_t version, live;
        int64_t as_of_ms;
        uint64_t as_of_seq;
    } chosen;
    bool has_answer;
    struct arena answer;      /* of reports about audiences */
    struct profile *borrowed; /* built for this answer: a viewer not in memory, or a past one */
    struct rules rules;       /* of the request */
    char viewer[EVENT_ID_MAX + 1];
    char region[EVENT_TEXT_MAX + 1];
};

/* Computes an answer from a world that does not change meanwhile, into what ctx points to. */
typedef int reader_compute(struct mq_reader *r, const struct world *w, const struct ask *ask,
                           void *ctx, struct mq_error *err);

/* Gathers all that the answer is made from, as of one place in the log, and computes. The world stays until the
 * reader's next call; what compute takes from w->trend must have been gathered before (recommend_prepare). */
int reader_answer(struct mq_reader *r, const struct mq_request *q, reader_compute *compute,
                  void *ctx, struct mq_error *err);

/* Go in where only the catalogue and the model matter. */
void reader_enter(struct mq_reader *r, struct world *w);
/* As the request says as of what and of which model; into *ask the moment and the place in the log. */
int reader_enter_asked(struct mq_reader *r, const struct mq_request *q, struct world *w,
                       struct ask *ask, struct mq_error *err);

#endif
