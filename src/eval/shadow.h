/* shadow.h - two systems' lists for the same viewers beside what these then chose: who found what, and what sets them apart.
 *
 * Nobody is shown either list because of this: what viewers chose was led to by whatever page they had, which favours the system that
 * made that page. The report says so. */
#ifndef MQ_EVAL_SHADOW_H
#define MQ_EVAL_SHADOW_H

#include "base/json_writer.h"
#include "dataset/triples.h"
#include "math/bootstrap.h"

enum shadow_side { SHADOW_OURS, SHADOW_THEIRS, SHADOW_SIDES };
/* What a title that was chosen is like: new first, then popular or not. */
enum shadow_class { SHADOW_NEW, SHADOW_HEAD, SHADOW_TAIL, SHADOW_CLASSES };

struct shadow_figures {
    double recall, ndcg;   /* at k, means over viewers */
    double popularity;     /* share of all viewers who had liked the titles shown, mean */
    double fresh, unknown; /* share of titles shown that are new; that nobody had liked */
    double seen;           /* that the viewer had liked before */
    double filled;         /* places filled, of k */
    uint64_t distinct;     /* titles, over all lists */
};

struct shadow_report {
    uint64_t seed;
    double seconds;
    unsigned k;
    int64_t from_ms, to_ms;
    uint64_t viewers;        /* compared: with a list of theirs and something chosen */
    uint64_t without_list;   /* chose something, but no list is there */
    uint64_t without_choice; /* have a list, and chose nothing new */
    struct shadow_figures side[SHADOW_SIDES];
    /* ours - theirs, 95 % by paired bootstrap over viewers */
    struct interval recall, ndcg, popularity, fresh;
    double overlap; /* titles in both lists, of k, mean */
    uint64_t both[SHADOW_CLASSES], only[SHADOW_SIDES][SHADOW_CLASSES], neither[SHADOW_CLASSES];
};

struct shadow;

struct shadow_options {
    unsigned k; /* 1 to 1000; 0: 10 */
    uint64_t seed;
    int64_t from_ms, to_ms; /* the time whose choices are looked for */
    unsigned new_days;      /* a title is new this long after it was first liked; 0: 30 */
};

/* `likings`: of the whole log, one for each viewer and title. Titles numbered later (in no liking) may be in lists. MQ_INVALID: options;
 * MQ_NO_MEMORY. `likings` stays. */
int shadow_new(const struct triples *likings, uint32_t n_viewers, const struct shadow_options *o,
               struct shadow **ret, struct mq_error *err);
void shadow_free(struct shadow *s);

/* Has the viewer chosen something new in that time: is it to be asked about? */
bool shadow_wants(const struct shadow *s, uint32_t viewer);
/* The viewer's lists, best first; what stands beyond k is passed over. Each viewer once. */
int shadow_add(struct shadow *s, uint32_t viewer, const uint32_t *ours, size_t n_ours,
               const uint32_t *theirs, size_t n_theirs, struct mq_error *err);
/* A viewer with a choice whom the other system's file leaves out; one with a list and no choice. */
void shadow_pass(struct shadow *s, bool has_list);
int shadow_conclude(struct shadow *s, struct shadow_report *ret, struct mq_error *err);

/* What sets them apart, in sentences: at most `room` bytes each. Returns how many, at most SHADOW_SENTENCES. */
enum { SHADOW_SENTENCES = 6, SHADOW_SENTENCE = 240 };
size_t shadow_explain(const struct shadow_report *r, char ret[][SHADOW_SENTENCE]);
void shadow_write(struct json *j, const struct shadow_report *r);

#endif
