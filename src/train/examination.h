/* examination.h - how often is a place looked at at all?
 *
 * Where chance decided the order of neighbouring titles, each of them stood in each of those places equally often, so
 * whatever is chosen more often in one place than in the next is the place's doing (Joachims et al. 2017, the swap experiment). From
 * such neighbours the chance of each column follows, next to next, as a share of the first one's; for each kind of device, towards all
 * devices' where one has few choices. */
#ifndef MQ_TRAIN_EXAMINATION_H
#define MQ_TRAIN_EXAMINATION_H

#include "base/error.h"
#include "event/shown_page.h"

enum { EXAMINED_COLUMNS = 24 };

/* Choices in column c and in c + 1, of pages on which chance ordered both. */
struct examination {
    double left[DEVICES][EXAMINED_COLUMNS], right[DEVICES][EXAMINED_COLUMNS];
    uint64_t pages, choices; /* with such a place; choices in one */
};

/* A page, and which of its titles were chosen from it (ascending ids; n may be 0). */
void examination_add(struct examination *x, const struct shown_page *page, const uint32_t *chosen,
                     size_t n);

/* The chance that column c is looked at over that of column 0, for a device; at least .05, 1 for column 0, and 1
 * everywhere while nothing was seen. Beyond EXAMINED_COLUMNS the last one's. */
double examination_of(const struct examination *x, enum device device, uint32_t column);

/* What counts as the chance that a title was looked at is its mean over the places where the pages put such titles (Oosterhuis, de Rijke
 * 2020, "Policy-Aware Unbiased Learning to Rank for Top-k Rankings"), estimated by a few small trees from the columns that the
 * ranker sees: as unbiased as the place's own chance, and where the order was chance it is the same for all, so that weights
 * then cost nothing. x (n, columns); examined (n): examination_of each row's place; ret (n), within the range of examined.
 * MQ_NO_MEMORY, MQ_BUG. */
int examination_expected(const float *x, uint32_t n, uint32_t columns, const float *examined,
                         uint64_t seed, float *ret, struct mq_error *err);

#endif
