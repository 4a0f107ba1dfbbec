/* arrange.h - which rows a page gets, and in which order: chosen from the top, each for what it adds to those above.
 *
 * A row is worth what its first titles are: their worth in the viewer's order, less the more the row stands to the right, and
 * less the more rows above already showed titles of those genres, or rows of that kind: who looks at the next row has
 * passed over these (cascade examination: Craswell, Zoeter, Taylor, Ramsey 2008). Titles shown above add nothing. Inside the
 * room only. */
#ifndef MQ_RECOMMEND_ARRANGE_H
#define MQ_RECOMMEND_ARRANGE_H

#include "recommend/shelf.h"

enum { VISIBLE = 5 /* titles of a row that are looked at without moving it */ };

/* A page being planned. */
struct plan {
    struct shelf shelf[SHELVES_MAX];
    size_t n, room;       /* room: shelves that may be considered */
    size_t rows, columns; /* of the page */
    uint64_t genres;      /* that have a shelf */
};

/* Rows and columns where the request does not say: small screens show fewer rows, a phone the shortest. No fewer than six: the last two are
 * what is to be continued and what is new, where these are worth no more, and four are in view. */
void arrange_size(enum device device, size_t *ret_rows, size_t *ret_columns);

/* Put p->shelf into the order of the page and drop what has no place. What is to be continued is worth what is learnt of
 * how likely it is gone on with (resume_worth; not learnt: it stays first), and is on every page; a page has a row of new titles where there is one, and what rises now stands below the first row. O(rows * shelves * titles seen at once), and a selection over all titles. */
void arrange(struct recommender *r, struct plan *p);

#endif
