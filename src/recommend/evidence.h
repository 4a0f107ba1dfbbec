/* evidence.h - which of the viewer's own titles put a title where it is?
 *
 * Taste is x = W sum_j w_j p_j y_j with W from the fold-in, so a score is a sum over the history (Hu,
 * Koren, Volinsky 2008, section 5). What counts for a reason is more than a large summand: without the
 * named titles the item has to fall in its row. So sets of liked titles, as small as will do, are taken out
 * of the normal equations exactly (Sherman-Morrison-Woodbury), and of the other ingredients one by one
 * (ensemble_losses, taken as a sum), and the places in the row are counted again. */
#ifndef MQ_RECOMMEND_EVIDENCE_H
#define MQ_RECOMMEND_EVIDENCE_H

#include "recommend/recommender.h"

/* Up to EVIDENCE_FEW are searched for; a long history may need more, up to EVIDENCE_NAMED. */
enum { EVIDENCE_FEW = 3, EVIDENCE_NAMED = 12, GENRE_ANY = 255 };

struct evidence {
    struct title_id title[EVIDENCE_NAMED];
    float share
        [EVIDENCE_NAMED]; /* of the score: w p y_i' W y_j / score; NaN for scores not above 0 */
    size_t n;
};

/* The titles that compete for places: a row's candidates, best first. */
struct field {
    const struct topk_item *list;
    size_t n;
    uint8_t genre; /* that all titles of the row have; GENRE_ANY: none in particular */
    size_t n_witnesses;
    uint16_t witness[WITNESSES_MAX]; /* into r->witnesses, row by row of r->effect */
    float score[DEPTH];
    float drift[DEPTH]; /* what the lower regularisation adds when one title leaves */
};

/* Once per request, after taste_begin. */
void evidence_begin(struct recommender *r);

/* Weigh the witnesses against this field; only the first DEPTH titles of the list count, and of
 * `explained` (indices into the list) the evidence will be asked for. */
void field_init(struct recommender *r, struct field *f, const struct topk_item *list, size_t n,
                uint8_t genre, const uint32_t *explained, size_t n_explained);

/* What title loses beside taste without witness j: ret[j * DEPTH], until the next field. */
const float *evidence_losses(struct recommender *r, uint32_t title);

/* The smallest set found that makes title `at` of the list fall by at least one place, and by more places than
 * the best other set of that size. Only liked titles of genre `named` are taken (GENRE_ANY: all).
 * n = 0: there is none. */
void evidence_choose(const struct recommender *r, const struct field *f, size_t at, uint8_t named,
                     struct evidence *ret);

#endif
