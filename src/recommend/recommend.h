/* recommend.h - what next, for whom, why? Pure: reads what it is given, answers into an arena. */
#ifndef MQ_RECOMMEND_RECOMMEND_H
#define MQ_RECOMMEND_RECOMMEND_H

#include "catalogue/catalogue.h"
#include "marquee.h"
#include "model/model.h"
#include "profile/picture_table.h"
#include "profile/profile.h"
#include "profile/trend.h"
#include "recommend/rules.h"

/* All that an answer depends on beside the request; constant during the call. */
struct world {
    const struct model *model;            /* NULL: none was trained yet */
    const struct catalogue *catalogue;    /* never NULL */
    const struct trend *trend;            /* never NULL */
    const struct picture_table *pictures; /* what was learnt of titles' pictures; NULL: nothing */
};

/* A title that a campaign places at the head of the viewer's page. Text lives as long as the answer is computed and read. */
struct lead {
    struct title_id title;
    const char *campaign; /* name */
    const char *text;     /* the reason: what it leads with */
};

/* How often a title stood on the viewer's pages since they last played it. */
struct shown_title {
    struct title_id title;
    uint32_t times;
};

struct ask {
    const struct profile *profile; /* NULL: a viewer without history */
    const char *viewer;            /* external id, copied to the answer as it is (pointer) */
    uint64_t
        log_seq; /* the log as far as the profile and the trend were made from it; for the answer's id */
    int64_t at_ms;
    struct context context;
    const char *mood;   /* "off", a mood's name or number; NULL: the likeliest */
    bool no_context;    /* leave device, place and hour out */
    bool no_profiling;  /* leave the viewer's history out (already watched ones stay left out) */
    bool no_ranker;     /* the blend's own order */
    bool no_rows;       /* no page is asked for: what only its rows are made of is not read */
    bool try_new;       /* pictures.h: new titles in places where they are tried */
    double exploration; /* pictures.h, swap.h: 1 by chance alone, 0 the best one always */
    double swaps;       /* swap.h: of this share of the pages two neighbours change places */
    unsigned draw;      /* draw.h: so many neighbours of each row in an order by chance; 0: none */
    unsigned rows, columns;          /* of a page; 0 = 8 and 20 */
    unsigned n;                      /* of a list; 0 = 20 */
    const struct rules *rules;       /* NULL: none */
    const struct shown_title *shown; /* (n_shown) any order, each once */
    size_t n_shown;
    const struct lead *lead; /* NULL: none. Of home pages and explanations */
    const float *
        told; /* (titles) ln of a factor of each, where weights of the order are learnt: for evaluations that know
                          what is true of a moment. NULL: nothing */
};

/* One thread's scratch: arrays over titles and an arena for the answer. Answers live until the next call
 * with the same recommender. Sized by recommender_fit; calls within that size allocate nothing. */
struct recommender;
int recommender_new(struct recommender **ret, struct mq_error *err);
void recommender_free(struct recommender *r);
/* Make room for this many titles and this rank; called when the world's sizes grow (not per request). */
int recommender_fit(struct recommender *r, uint32_t n_titles, uint32_t rank, struct mq_error *err);

/* Read now what the answer to `ask` needs of w->trend; the next answers to this very `ask` then no longer look
 * there. So a caller whose counters move can see to it that they, the profile and log_seq are of one moment, without
 * waiting for the whole answer. Optional: without it an answer reads w->trend itself. */
int recommend_prepare(struct recommender *r, const struct world *w, const struct ask *ask,
                      struct mq_error *err);

int recommend_home(struct recommender *r, const struct world *w, const struct ask *ask,
                   struct mq_page *ret, struct mq_error *err);
int recommend_list(struct recommender *r, const struct world *w, const struct ask *ask,
                   struct mq_list *ret, struct mq_error *err);
/* The given titles in the viewer's order (what is unknown to the model comes last). */
int recommend_rank(struct recommender *r, const struct world *w, const struct ask *ask,
                   const struct title_id *titles, size_t n, struct mq_list *ret,
                   struct mq_error *err);
/* Of ask count n, the moment, the country and the rules (without pins), and of a profile what is hidden or seen. */
int recommend_similar(struct recommender *r, const struct world *w, const struct ask *ask,
                      struct title_id title, struct mq_list *ret, struct mq_error *err);
/* Why would this title (not) be shown: its score, place in the viewer's order, and each piece of evidence
 * with what it adds. */
int recommend_explain(struct recommender *r, const struct world *w, const struct ask *ask,
                      struct title_id title, struct mq_explanation *ret, struct mq_error *err);

#endif
