/* page_replay.h - pages made again for past moments: was the title that the viewer chose next in view?
 *
 * The log is cut by time. What came before trains the model; then every event is taken in, in the order of time, and before
 * some that are a viewer's first of a title that they turn out to like (valued viewing, not mere starts), the viewer's page is made from what was known right then: their history, the
 * counters, the moment and device of that event. Recall@m-by-n: the share of those moments at which the title stood in the first
 * n columns of the first m rows; NDCG@10: at place k of these, read row by row, it counts 1 / log2(k + 1) up to the tenth. Beside the page, grids of as many places: the order of taste alone, popularity, and the most
 * recent titles. Titles already met are left out everywhere.
 * What is to be continued takes a row of the page and can't be asked about; the arms "beside" have as many places as it leaves. */
#ifndef MQ_EVAL_PAGE_REPLAY_H
#define MQ_EVAL_PAGE_REPLAY_H

#include "base/arena.h"
#include "base/json_writer.h"
#include "catalogue/catalogue.h"
#include "event/event.h"
#include "math/bootstrap.h"
#include "train/ials.h"

enum {
    PAGE_EVENTS_MAX = 8 << 20,
    PAGE_QUESTIONS = 8000, /* moments that are asked about, where there are more: drawn */
    PAGE_LEAST_BEFORE = 5, /* titles met before, as in time-split */
};

/* The events of a log that pages are made from, kept in memory. */
struct page_events {
    struct arena text;
    struct event *event;
    size_t n, cap;
};

int page_events_init(struct page_events *p, struct mq_error *err);
/* In any order; copies. MQ_TOO_LARGE. */
int page_events_add(struct page_events *p, const struct event *e, struct mq_error *err);
void page_events_release(struct page_events *p);

enum page_arm {
    PAGE_ARM,
    PAGE_NO_MOOD_ARM,
    PAGE_PLAIN_ARM,
    PAGE_LIST,
    PAGE_LIST_BESIDE,
    PAGE_TASTE,
    PAGE_TASTE_BESIDE,
    PAGE_POPULARITY,
    PAGE_RECENT,
    PAGE_ARMS_USUAL,
    /* Where the truth is told: pages that know what the moment, the mood, or the moods of the sessions before do to each title. */
    PAGE_TOLD_CONTEXT = PAGE_ARMS_USUAL,
    PAGE_TOLD_BEFORE,
    PAGE_TOLD_MOOD,
    PAGE_ARMS
};

/* Which moments: all; a session's first choice, before which it has shown nothing of what the viewer is in for; those after it. A title
 * that is started by hand within three hours of another belongs to its session (as model/mood.h has it). */
enum page_span { PAGE_ALL, PAGE_FIRST, PAGE_LATER, PAGE_SPANS };

/* What moods are worth on the moments of one span: differences to the page without them, paired by viewer. */
struct page_moods_worth {
    uint64_t asked;
    struct interval recall, ndcg; /* ours */
    struct interval told_recall[PAGE_ARMS],
        told_ndcg[PAGE_ARMS]; /* of arms that are told of moods; others: unset */
};

/* Of a world that is known: ret (titles of the catalogue) takes ln of the factor that the arm is told of each at the event. */
typedef void page_truth(void *ctx, const struct event *e, enum page_arm arm, float *ret);

struct page_options {
    unsigned rows, columns; /* in view; 0 = 4 and 5 */
    double cut;             /* the last share of events that is asked about; 0 = 0.1 */
    int64_t gap_ms;         /* above 0: only a viewer's first event after such a gap */
    uint64_t seed;
    page_truth *truth; /* NULL: nothing is known, there are no such arms */
    unsigned told;     /* how many of them; 0: all */
    void *truth_ctx;
    unsigned threads;
    bool (*progress)(void *ctx, const char *what, uint64_t done, uint64_t total);
    void *progress_ctx;
};

struct page_report {
    unsigned rows, columns, arms; /* arms: those up to here were judged */
    uint64_t seed;
    double seconds;
    int64_t cut_ms;
    uint64_t events, few,
        asked; /* after the cut: first events of liked titles; too short a history; judged */
    uint32_t viewers;
    uint32_t moods; /* that the model tells apart; 1: none */
    struct interval recall[PAGE_ARMS], ndcg[PAGE_ARMS];
    struct interval over[PAGE_ARMS],
        ndcg_over[PAGE_ARMS];               /* the page minus this, paired by viewer */
    struct interval told_recall, told_ndcg; /* told the moment, minus the page without it */
    struct page_moods_worth moods_worth[PAGE_SPANS];
    /* Moments at which a title was gone on with that could be continued, and on how many pages it stood in view. */
    uint64_t resumed;
    struct interval resumed_found;
    double order_ndcg,
        order_base; /* of the learnt weights as training judged them; NaN: there are none */
};

/* Sorts p. `c`: titles by the events' ids. MQ_INVALID: too little on one side of the cut. */
int page_replay(struct page_events *p, const struct catalogue *c, const struct page_options *o,
                struct page_report *ret, struct mq_error *err);
const char *page_arm_name(enum page_arm a);
/* {"protocol": "pages", "seed", "seconds", "published": "page", "models": {...}} */
void page_report_write(struct json *j, const struct page_report *r);

#endif
