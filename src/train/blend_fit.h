/* blend_fit.h - the log's rows -> the model that is served, with what it gained on questions held out.
 *
 * Settings and weights are chosen on the newest part of the rows (time_validation.h, lineup_search.h), then everything
 * is trained on all of them. What a page can't afford is cut before it is measured: BLEND_LINKS_KEPT links of each
 * title. Titles that few or none watched lie where their content puts them (catalogue_content.h). An episode of a series that
 * the viewer is in the midst of is no discovery: it is not asked for. Catalogues whose pairs pass BLEND_EASE_BYTES have neighbours in the place of EASE, and `note` says so. */
#ifndef MQ_TRAIN_BLEND_FIT_H
#define MQ_TRAIN_BLEND_FIT_H

#include "catalogue/catalogue.h"
#include "dataset/triples.h"
#include "train/lineup_search.h"

enum {
    BLEND_LINKS_KEPT = 256,
    BLEND_QUESTIONS_LEAST =
        300, /* fewer teach no settings, and weights are drawn to what is usual */
    BLEND_ROWS_SEARCHED =
        2000000, /* of more rows the usual settings are taken: trying others would cost minutes */
    BLEND_VIEWERS_LEAST = 100, /* fewer decide nothing between two models */
};
#define BLEND_EASE_BYTES ((size_t)1 << 30)

struct blend_fit_options {
    uint64_t seed;
    struct lineup_settings given; /* 0 fields are chosen */
    const struct blend_facts *
        like; /* publishes the model that this one does, where weights can be learnt; NULL: the best */
    uint32_t
        only; /* the models to choose among, as bits of enum lineup_model; 0: all but popularity */
    const struct catalogue *catalogue; /* NULL: nothing is known of titles */
    const struct model
        *live; /* its settings are measured on the same questions; NULL: nothing is */
    struct train_watch watch;
};

/* How a model did on the questions. */
struct blend_found {
    struct lineup_choice choice; /* scores; n of questions 0: nothing was measured */
    enum lineup_model published;
    double rival_ndcg; /* of the live model's settings, weights learnt anew; NaN: not measured */
    char note[160];    /* what was left out, and why; "" = nothing */
};

/* rows: one per viewer and title, a negative weight says that it was not liked. ret: heap memory, as train_model;
 * facts but for what the caller knows. Popularity published has no taste. The same rows, options and number of threads give the same bytes on the same
 * processor. MQ_INVALID: no title was liked by anybody, too many titles, too few questions for the only
 * models that are asked for. MQ_NO_MEMORY, MQ_SINGULAR, MQ_CANCELLED. */
int blend_fit(const struct triples *rows, uint32_t n_viewers, uint32_t n_titles,
              const struct blend_fit_options *o, struct pool *pool, struct model *ret,
              struct blend_found *ret_found, struct mq_error *err);

#endif
