/* campaigns.h - a title put before groups of viewers: planned, launched with a hold-out, read from the log.
 *
 * A definition and its viewers lie in the store's settings, under its name for ever: the name is the salt that says who is held
 * out (experiment/arms.h), so a name that was used is never used again. Who belongs to which segment is decided when it is launched, and
 * not again: whoever was assigned is counted, shown or not. While one runs, the home pages of those who are not held out lead with its
 * title, and the record of each page of an assigned viewer notes the arm as that of "campaign:NAME": 0 held out, 1 not.
 *
 * Nobody without profiling, and no child, is assigned (audiences hold neither) or led to (looked at again for each page). Rights, limits,
 * rules, and what the viewer hid or has seen go before a campaign. */
#ifndef MQ_ENGINE_CAMPAIGNS_H
#define MQ_ENGINE_CAMPAIGNS_H

#include "audience/lead.h"
#include "catalogue/campaign_request.h"
#include "engine/audiences.h"
#include "engine/reader.h"
#include "experiment/effect.h"
#include "experiment/qini.h"

enum {
    CAMPAIGNS_MAX = 256,       /* ever */
    CAMPAIGNS_RUNNING_MAX = 8, /* at once */
    CAMPAIGN_LABEL_MAX = CAMPAIGN_NAME_MAX + 16,
    CAMPAIGN_WORDS_MAX = CAMPAIGN_LEAD_MAX + 64,
    CAMPAIGN_ARMS = 2, /* held out, led to */
};
#define CAMPAIGN_LABEL "campaign:"

/* Text lies in the arena of whoever asked. */
struct campaign {
    struct campaign_request is;             /* floor as it was used */
    struct str said[CAMPAIGN_SEGMENTS_MAX]; /* the reason that each segment's viewers read */
    int64_t launched_ms, stopped_ms;        /* stopped: 0 = not yet */
};

/* ---------------------------------------------------------------- life */

/* Finds the segments' viewers (whoever watched the title already is left out) and begins to serve. The caller is a reader's
 * thread; waits for the disk. MQ_CONFLICT: the name was used; too many run. MQ_NOT_FOUND: no such title. MQ_DENIED: a segment of
 * fewer than the floor, or a sensitive one. MQ_INVALID: no name, no segments, what is no expression, a lead that the title does
 * not have. */
int engine_campaign_launch(struct mq_reader *r, const struct campaign_request *q, const char *who,
                           struct mq_error *err);
/* MQ_NOT_FOUND; MQ_CONFLICT: was stopped already. */
int engine_campaign_stop(struct mq_engine *e, struct str name, struct mq_error *err);
int engine_campaign_get(struct mq_engine *e, struct str name, struct arena *arena,
                        struct campaign *ret, struct mq_error *err);
/* By name; ret (CAMPAIGNS_MAX). */
int engine_campaigns(struct mq_engine *e, struct arena *arena, struct campaign *ret, size_t *ret_n,
                     struct mq_error *err);

/* The viewers of each segment, as assigned; the caller's to campaign_viewers_release. */
struct campaign_viewers {
    roaring_bitmap_t *of[CAMPAIGN_SEGMENTS_MAX];
    size_t n;
};
int campaign_viewers_get(struct mq_engine *e, struct str name, struct campaign_viewers *ret,
                         struct mq_error *err);
void campaign_viewers_release(struct campaign_viewers *v);
/* The stored forms, for tests and the fuzzer. MQ_CORRUPT. */
int campaign_decode(struct str text, struct arena *arena, struct campaign *ret,
                    struct mq_error *err);
int campaign_viewers_decode(struct str bytes, struct campaign_viewers *ret, struct mq_error *err);

/* 0 held out, 1 led to: by the campaign's name and the viewer's (root) id. */
int campaign_arm(struct str name, double holdout, struct str viewer);

/* ---------------------------------------------------------------- serving */

struct running_segment {
    roaring_bitmap_t *viewers;
    enum daypart hour;
    enum device device;
    char text[CAMPAIGN_WORDS_MAX];
};
struct running_campaign {
    char name[CAMPAIGN_NAME_MAX + 1];
    char label[CAMPAIGN_LABEL_MAX];
    double holdout;
    int64_t launched_ms;
    struct title_id title;
    size_t n;
    struct running_segment segment[CAMPAIGN_SEGMENTS_MAX];
};
/* By launch; immutable; replaced whole. */
struct running_campaigns {
    size_t n;
    struct running_campaign of[CAMPAIGNS_RUNNING_MAX];
};
/* At opening, once the store is open. */
int campaigns_open(struct mq_engine *e, struct mq_error *err);
void campaigns_close(struct mq_engine *e);
/* Out of every campaign, running or not. Not the committer's thread. */
int campaigns_forget(struct mq_engine *e, uint32_t viewer, struct mq_error *err);
/* Notes the viewer's arms in r, and what the page leads with in ask->lead. Inside the reader's epoch; allocates nothing, takes no lock. */
void campaigns_join(struct mq_reader *r, struct ask *ask);

/* ---------------------------------------------------------------- what came of it */

struct campaign_arm_figures {
    double viewers;         /* assigned; NaN: below the floor */
    double seen;            /* share with a page since the launch */
    double shown;           /* share on one of whose pages the title stood */
    double watched, valued; /* share who began it; who came to like it */
};
struct campaign_comparison {
    struct campaign_arm_figures arm[CAMPAIGN_ARMS];
    struct effect watched, valued; /* share of all assigned viewers */
    bool withheld; /* fewer than the floor in an arm, or what they are would follow for others */
};
/* Did the order of the segments put first those who are moved most? */
struct campaign_order {
    bool
        told; /* else: fewer than two segments, one below the floor or of an arm below 30 viewers */
    bool
        expected; /* in order of the uplift that the plan expected; else as the segments were given */
    struct qini qini;
    bool affinity_told;   /* the plan said who would come anyway */
    struct qini affinity; /* in order of that: whoever likes it most first */
};
struct campaign_reading {
    struct campaign campaign;
    int64_t until_ms;      /* what came before counts */
    double sample_ratio_p; /* the smaller one of assigned and seen viewers */
    struct campaign_comparison all;
    struct effect other; /* other titles that were liked since, a viewer: is something displaced? */
    struct campaign_comparison segment[CAMPAIGN_SEGMENTS_MAX];
    struct campaign_order order;
    const char
        *verdict; /* "effect", "harm", "no effect shown", "too early", "broken", "withheld" */
    const char *words;
};
/* By intention to treat, from what was known at as_of_ms (0 = now). Reads the log and what was shown: seconds. Text in the arena.
 * MQ_NOT_FOUND: no such campaign, or none then. MQ_CANCELLED: log_scan.h. */
int engine_campaign_read(struct mq_engine *e, struct str name, int64_t as_of_ms,
                         struct arena *arena, struct campaign_reading *ret, struct mq_error *err);

/* ---------------------------------------------------------------- plans */

enum { PLAN_MAX = CAMPAIGN_SEGMENTS_MAX };
struct plan_share {
    const char *name; /* NULL: not known */
    double share, everybody;
};
struct plan_segment {
    struct campaign_segment is; /* with the lead that was chosen */
    const char *words, *said;   /* the audience; the reason its viewers would read */
    double viewers;             /* who have not watched the title; NaN: withheld */
    double fresh;               /* of these, in no segment before it */
    double watched;             /* who have watched it; NaN: withheld */
    double lead_odds, lead_low,
        lead_high;                  /* of liking the lead's others, against viewers as active */
    struct plan_share hour, device; /* where they begin most */
    double reach, in_view;     /* share who come in `days`; before whom the title stands already */
    double anyway;             /* share who would watch it without */
    double uplift, low, high;  /* share more; 95 % */
    double more;               /* viewers: fresh x uplift */
    const char *verdict, *why; /* "target", "watches anyway", "not moved", "unknown", "withheld" */
};
struct campaign_plan {
    struct campaign_request is; /* as asked; segments: those to target, the most moved first */
    const char *title_name;
    double scope; /* viewers who may be in audiences at all */
    double pairs; /* viewer and kindred title: what the effect of being seen rests on */
    unsigned kindred;
    double exposed,
        unexposed; /* share who began a kindred title within a week: in view, not in view */
    struct plan_segment segment[PLAN_MAX];
    size_t n, n_target;
    double watched;    /* viewers who have watched the title: not targeted; NaN: withheld */
    const char *words; /* all of it in a sentence or two */
    unsigned floor;
    uint64_t log_seq;
};
/* Lives in the reader until its next call. Errors as engine_campaign_launch, but segments may be missing: then followers of its people,
 * of its genres and kindred titles, and communities are proposed. Reads the log: seconds. */
int engine_campaign_plan(struct mq_reader *r, const struct campaign_request *q, const char *who,
                         struct campaign_plan *ret, struct mq_error *err);

#endif
