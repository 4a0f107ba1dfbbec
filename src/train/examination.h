/* examination.h - how often is a place of a page looked at at all?
 *
 * Where chance decided the order of neighbours (recommend/swap.h, recommend/draw.h), each of them stood in each of the places equally
 * often, so whatever is chosen more often in one place than in the next is the place's doing (Joachims et al. 2017, the swap
 * experiment; intervention harvesting: Agarwal et al. 2019). From neighbour to neighbour follows the chance of each column and each row,
 * as a share of the first one's, for each kind of device. What is assumed: whether a place is looked at does not depend on what stands
 * there, and row and column act apart (chance = row's times column's).
 *
 * Two answers. `ratio`, with its interval, is the swaps' alone: the product of neighbours' ratios, its variance from the viewers'
 * influences (whoever comes often is one person). `used` is what weights are made of: the same counts drawn towards a power of the
 * place's number, a device's towards all devices', each as strongly as the counts themselves say (beta-binomial). */
#ifndef MQ_TRAIN_EXAMINATION_H
#define MQ_TRAIN_EXAMINATION_H

#include "base/error.h"
#include "event/shown_page.h"

enum {
    EXAMINED_PLACES =
        24, /* columns of a row, rows of a page; what lies beyond counts as the last */
    EXAMINED_CHOICES = 100, /* fewer choices along columns (rows) between swaps: nothing is used */
    EXAMINED_VIEWERS = 30,
    EXAMINED_PAIR = 5, /* choices on each side of each pair of neighbours: fewer have no interval */
};
#define EXAMINED_LEAST 0.05 /* as a chance: no choice counts more than twenty times */

enum examined_along { ALONG_COLUMNS, ALONG_ROWS, ALONG };

/* Choices in place i and in i + 1 where chance ordered both: [i] and [EXAMINED_PLACES + i]. */
struct swap_counts {
    double sum[2 * EXAMINED_PLACES];
    double product[2 * EXAMINED_PLACES][2 * EXAMINED_PLACES]; /* over viewers, of their own sums */
    uint32_t viewers;                                         /* with any */
};

/* 340 KiB; zeros to begin with. */
struct examination {
    struct swap_counts of[DEVICES + 1][ALONG];            /* [DEVICES]: all of them */
    uint64_t pages[ALONG];                                /* with such a swap */
    double mine[DEVICES + 1][ALONG][2 * EXAMINED_PLACES]; /* the viewer's at hand */
};

/* A page of the viewer at hand, and which of its titles were chosen from it (ascending ids; n may be 0). */
void examination_add(struct examination *x, const struct shown_page *page, const uint32_t *chosen,
                     size_t n);
/* That was the viewer's last page. */
void examination_end_viewer(struct examination *x);

struct examined {
    double ratio, low, high; /* over the first place's, 95 %; NaN: too few choices on the way */
    double used;
    double choices; /* between this place and the one before, of both */
};

/* What weights are made of; ones where too little was seen. */
struct examined_places {
    double used[DEVICES + 1][ALONG][EXAMINED_PLACES];
    bool known[ALONG]; /* false: all places are assumed to be looked at alike */
    uint64_t choices[ALONG];
};
void examination_settle(const struct examination *x, struct examined_places *ret);
/* One place; device DEVICES: all. */
void examination_measure(const struct examination *x, const struct examined_places *p,
                         unsigned device, enum examined_along along, uint32_t place,
                         struct examined *ret);
/* The chance over that of the page's first place, within [EXAMINED_LEAST, 1]. */
double examined_at(const struct examined_places *p, enum device device, uint32_t row,
                   uint32_t column);

#endif
