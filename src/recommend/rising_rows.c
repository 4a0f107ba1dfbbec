/* rising_rows.c - "Rising now in ...": what the viewer's region, or else their country, looks for all of a sudden. */
#include "recommend/shelf.h"

static bool above(const struct recommender *r, uint32_t key, uint32_t title)
{
    for (uint32_t part = 0; part < key; part++)
        for (size_t i = 0; i < r->rising[part].n; i++)
            if (r->rising[part].title[i].title.v == title)
                return true;
    return false;
}

void rising_list(struct recommender *r, struct shelf *s)
{
    const struct rising_now *now = &r->rising[s->key];
    if (now->n == 0 || !shelf_open(r, s, RISING_MAX))
        return;
    for (size_t i = 0; i < now->n; i++) {
        uint32_t t = now->title[i].title.v;
        if (t < r->n_titles && title_free(r, t) && !above(r, s->key, t))
            shelf_insert(s, RISING_MAX, t, now->title[i].improbable);
    }
}

const struct rising_title *rising_of(const struct recommender *r, uint32_t key, uint32_t title)
{
    for (size_t i = 0; i < r->rising[key].n; i++)
        if (r->rising[key].title[i].title.v == title)
            return &r->rising[key].title[i];
    return NULL;
}
