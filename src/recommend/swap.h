/* swap.h - now and then two neighbours of a page change places by the toss of a coin: two rows, or two columns of one row.
 *
 * What is chosen more often in the one place than in the other, over many such pages, is the place's doing and no title's
 * (train/examination.h). It is bounded: of a share of the pages (ask->swaps times ask->exploration), one pair each, among the first
 * SWAP_COLUMNS columns. Both orders of the pair are equally likely, so the chance of the first in its place is 1/2 and that of the
 * second, given the first, is 1: exact, and noted with the page, whichever way the coin fell. Whether a page has a pair, and which,
 * follows from viewer, moment and model.
 *
 * None for viewers who are not to be profiled, children, pages with pins or a campaign's title, or where an experiment draws
 * (draw.h). What is to be continued stays where it is; so does the row New where titles are tried in it. Inside the room only. */
#ifndef MQ_RECOMMEND_SWAP_H
#define MQ_RECOMMEND_SWAP_H

#include "recommend/shelf.h"

enum { SWAP_COLUMNS = 12 };

struct page_swap {
    enum { SWAP_NONE, SWAP_ROWS, SWAP_IN_ROW } what;
    size_t row, column; /* of rows: row and the next; in a row: column and the next */
    bool turned;        /* the coin said so */
};

/* shelf, n (rows): what each row is of, and how many titles it has. */
struct page_swap swap_choose(const struct recommender *r, const struct shelf *const *shelf,
                             const size_t *n, size_t rows);

/* In row `row`, once chance (n) is filled: turns at (n) and says both chances, if it is this row's turn. */
void swap_columns(const struct page_swap *s, size_t row, uint32_t *at, size_t n, float *chance);
/* The chance of a row in its place; 0: chance has no part in it. */
double swap_row_chance(const struct page_swap *s, size_t row);

#endif
