/* top_picks.c - "Top picks for you": the order of the blend. */
#include "recommend/order.h"
#include "recommend/shelf.h"

void top_list(struct recommender *r, struct shelf *s)
{
    if (!r->has_taste)
        return;
    for (size_t i = 0; i < r->words; i++)
        r->skip[i] = r->seen[i] | r->d->unknown[i];
    order_admit(r, r->skip);
    shelf_select(r, s, r->score, r->skip);
}
