/* order_part.h - how scores, popularity, the moment and the mood together order a viewer's titles.
 *
 * ln of a title's worth at a moment is a sum of parts with learnt weights: a conditional logit (McFadden 1974), the model whose
 * words and moods (mood.h) and whose blend (train/ensemble_fit.h) are fitted each on its own. recommend/order.h computes the
 * parts, in training and in serving; train/order_fit.h learns the weights. Plain numbers, so that it lies in a model file as
 * it is. */
#ifndef MQ_MODEL_ORDER_PART_H
#define MQ_MODEL_ORDER_PART_H

#include <stdint.h>

/* X(constant, name). Numbers stand in model files: ORDER_VERSION grows when one changes its meaning. */
#define ORDER_TABLE(X)                                                                             \
    X(ORDER_SCORE, "score")                                                                        \
    X(ORDER_POPULARITY, "popularity")                                                              \
    X(ORDER_TREND, "chosen lately")                                                                \
    X(ORDER_MOMENT, "hour and day")                                                                \
    X(ORDER_DEVICE, "device")                                                                      \
    X(ORDER_HABITS, "own habits at this hour")                                                     \
    X(ORDER_LAST, "last title")                                                                    \
    X(ORDER_MOOD, "mood")                                                                          \
    X(ORDER_NEW, "released lately")                                                                \
    X(ORDER_UNKNOWN, "never chosen before the training")                                           \
    X(ORDER_IS_NEW, "released within a year")

enum order_of {
#define ORDER_ENUM(code, name) code,
    ORDER_TABLE(ORDER_ENUM)
#undef ORDER_ENUM
        ORDER_PARTS
};

enum { ORDER_VERSION = 3, ORDER_ROOM = 16 /* weights that a file has room for */ };

/* ln of how many times as likely a title that may be continued is gone on with as anything new is chosen: a sum of parts, whose
 * weights stand behind those above, from ORDER_RESUME on; all 0: not learnt. */
enum resume_of {
    RESUME_ANY,    /* 1 */
    RESUME_AGE,    /* ln(1 + hours since it was left) */
    RESUME_PASSED, /* ln(1 + titles that something was done with since) */
    RESUME_SHARE,  /* of its runtime watched, in [0, 1]; of an episode after a finished one 1 */
    RESUME_PARTS
};
enum { ORDER_RESUME = ORDER_ROOM - RESUME_PARTS, RESUME_SEEN = 5 /* titles that are looked at */ };

struct order_part {
    float weight[ORDER_ROOM];
    uint32_t version; /* ORDER_VERSION when it was fitted */
    uint32_t blend;   /* 1: ORDER_SCORE is a learnt blend's, else taste alone: another scale */
    /* NDCG@10 of all titles on choices that neither the generators nor the weights had seen; of the order without them. */
    double ndcg, base_ndcg;
    double low, high; /* 95 % interval of the difference, over viewers */
    uint64_t questions;
};

const char *order_part_name(enum order_of part);
/* NULL, or what is wrong with it. */
const char *order_fault(const struct order_part *p);

#endif
