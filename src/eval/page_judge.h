/* page_judge.h - the events of a log one by one, in the order of time, and the pages of some of their moments. Inside the room
 * only; see page_replay.h. */
#ifndef MQ_EVAL_PAGE_JUDGE_H
#define MQ_EVAL_PAGE_JUDGE_H

#include "dataset/triples.h"
#include "eval/page_replay.h"
#include "model/model.h"
#include "recommend/recommend.h"

/* (n_ids) each, by slot. */
struct page_sums {
    double *hits[PAGE_ARMS], *gain[PAGE_ARMS], *asked;
    uint64_t n; /* moments */
};

struct page_judge {
    const struct catalogue *catalogue;
    const struct page_options *options;
    unsigned rows, columns, arms;
    struct world world, taste_alone;
    struct model plain;
    struct trend *trend;
    struct recommender *recommender, *for_taste;
    struct profile_builder **builder; /* (n_ids) NULL: nothing happened yet, or nobody asks */
    uint8_t *wanted;                  /* (n_ids) the viewer has an event after the cut */
    uint64_t *liked;                  /* (n_liked) viewer << 32 | title, ascending: in the end */
    size_t n_liked;
    int64_t *last_ms; /* (n_ids) of the viewer's last event */
    uint32_t n_ids;
    uint32_t *recent; /* (n_recent) described titles, newest first */
    size_t n_recent;
    double draw; /* share of moments that are asked */
    uint64_t firsts, few;
    size_t left;    /* places that the page asked last leaves beside what is to be continued */
    uint32_t *slot; /* (n_ids) the viewer's place in the sums; UINT32_MAX: none */
    uint32_t n_viewers;
    float *told;             /* (titles of the catalogue) scratch */
    double *resumed, *found; /* (n_ids) by viewer: titles gone on with; of them, those in view */
    int64_t *chose_ms;       /* (n_ids) when the viewer last started a title by hand */
    enum page_span span;     /* of the moment that is judged: PAGE_FIRST or PAGE_LATER */
    struct page_sums sums[PAGE_SPANS];
};

/* `liked` (triples of the whole log): weight above 0 is a liking. */
int page_judge_init(struct page_judge *j, const struct page_events *p, size_t cut,
                    const struct triples *liked, const struct catalogue *c, const struct model *m,
                    const struct page_options *o, const struct page_report *sizes,
                    struct mq_error *err);
/* `after`: it lies behind the cut, and may be asked about before it is taken in. */
int page_judge_event(struct page_judge *j, const struct event *e, bool after, struct mq_error *err);
void page_judge_release(struct page_judge *j);

#endif
