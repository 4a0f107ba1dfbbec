/* popular.c - "Popular now", for everyone alike: what is chosen in this context. */
#include "recommend/shelf.h"

void popular_list(struct recommender *r, struct shelf *s)
{
    shelf_select(r, s, r->trend, r->seen);
    while (s->n > 0 && s->list[s->n - 1].score <= 0)
        s->n--;
}
