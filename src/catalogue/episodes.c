/* episodes.c - which episode comes after which. */
#include <stdlib.h>

#include "catalogue/catalogue.h"

struct place {
    const struct title_row *row;
    uint32_t title;
};

static int by_place(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    int c = str_cmp(x->row->series, y->row->series);
    if (c == 0)
        c = (x->row->season > y->row->season) - (x->row->season < y->row->season);
    if (c == 0)
        c = (x->row->episode > y->row->episode) - (x->row->episode < y->row->episode);
    return c ? c : (x->title > y->title) - (x->title < y->title);
}

static bool same_number(const struct place *a, const struct place *b)
{
    return a->row->season == b->row->season && a->row->episode == b->row->episode;
}

int catalogue_link_episodes(struct title_row *rows, uint32_t n, struct mq_error *err)
{
    uint32_t m = 0;
    for (uint32_t i = 0; i < n; i++) {
        rows[i].next_episode.v = ID_NONE;
        m += rows[i].described && rows[i].series.n > 0 && rows[i].episode > 0;
    }
    struct place *v = malloc((m + (size_t)1) * sizeof(*v));
    if (!v)
        return mq_fail(err, MQ_NO_MEMORY, "catalogue: %u episodes: no memory", m);
    m = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (rows[i].described && rows[i].series.n > 0 && rows[i].episode > 0)
            v[m++] = (struct place){&rows[i], i};
    }
    qsort(v, m, sizeof(*v), by_place);
    uint32_t next = 0; /* the first behind the run of one number */
    for (uint32_t i = 0; i < m; i++) {
        if (next <= i)
            for (next = i + 1; next < m && same_number(&v[i], &v[next]) &&
                               str_eq(v[i].row->series, v[next].row->series);)
                next++;
        if (next < m && str_eq(v[i].row->series, v[next].row->series))
            rows[v[i].title].next_episode.v = v[next].title;
    }
    free(v);
    return 0;
}
