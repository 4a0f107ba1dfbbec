#include "engine/interleaving.h"

#include <stdlib.h>

#include "base/hash.h"
#include "experiment/interleave.h"

enum { ROWS_MAX = 64, ITEMS_MAX = 1000 };

struct interleaving {
    bool on;
    struct recommender *recommender; /* arm 1's */
    char name[EXPERIMENT_NAME_MAX + 1];
    struct experiment_arm arm; /* 1 */
    bool other_is_live;
    bool no_ranker, no_context; /* without the experiment */
    struct world world;
    struct ask ask;
    size_t row; /* the drafted one; SIZE_MAX: none */
    size_t n;
    struct mq_item items[ITEMS_MAX];
    uint8_t team[ITEMS_MAX];
    uint32_t order[2][ITEMS_MAX];
    struct drafted drafted[ITEMS_MAX];
    struct mq_row rows[ROWS_MAX];
};

void interleaving_free(struct interleaving *x)
{
    if (x)
        recommender_free(x->recommender);
    free(x);
}

int interleaving_join(struct mq_reader *r, const struct experiment *e, const struct mq_request *q,
                      struct mq_error *err)
{
    struct interleaving *x = r->interleaving ? r->interleaving : calloc(1, sizeof(*x));
    int rc = x ? 0 : mq_fail(err, MQ_NO_MEMORY, "interleaving: no memory");
    if (rc == 0 && !x->recommender)
        rc = recommender_new(&x->recommender, err);
    r->interleaving = x;
    if (rc)
        return rc;
    memcpy(x->name, e->name, sizeof(x->name));
    x->arm = e->arm[1];
    x->other_is_live = e->arm[0].model != 0;
    x->no_ranker = q->no_ranker;
    x->no_context = q->no_context;
    x->row = SIZE_MAX;
    x->on = true;
    return 0;
}

bool interleaving_on(const struct mq_reader *r)
{
    return r->interleaving && r->interleaving->on;
}

uint64_t interleaving_model(const struct mq_reader *r)
{
    return r->interleaving->arm.model;
}

bool interleaving_other_is_live(const struct mq_reader *r)
{
    return r->interleaving->other_is_live;
}

void interleaving_off(struct mq_reader *r)
{
    if (r->interleaving)
        r->interleaving->on = false;
}

int interleaving_gather(struct mq_reader *r, const struct world *w, const struct model *model,
                        const struct ask *ask, struct mq_error *err)
{
    struct interleaving *x = r->interleaving;
    x->world = *w;
    x->world.model = model;
    x->ask = *ask;
    x->ask.no_ranker = x->no_ranker || x->arm.no_ranker;
    x->ask.no_context = x->no_context || x->arm.no_context;
    return recommend_prepare(x->recommender, &x->world, &x->ask, err);
}

static bool elsewhere(const struct mq_page *page, size_t row, uint32_t title)
{
    for (size_t i = 0; i < page->n_rows; i++)
        for (size_t k = 0; i != row && k < page->rows[i].n_items; k++)
            if (page->rows[i].items[k].title_number == title)
                return true;
    return false;
}

static size_t find_top(const struct mq_page *page)
{
    for (size_t i = 0; i < page->n_rows; i++)
        if (strcmp(page->rows[i].kind, "top_picks") == 0)
            return i;
    return SIZE_MAX;
}

static const struct mq_item *find_item(const struct mq_item *items, size_t n, uint32_t title)
{
    for (size_t i = 0; i < n; i++)
        if (items[i].title_number == title)
            return &items[i];
    return NULL;
}

/* a (n_a), and of b those that x->order[1] names, into x->items. */
static void draft(struct interleaving *x, const struct mq_item *a, size_t n_a,
                  const struct mq_item *b, size_t n_b, size_t n_order)
{
    struct rng rng;
    uint64_t seed = hash_mix(hash_str(str_of(x->name), 0x7465616d /* "team" */),
                             hash_str(str_of(x->ask.viewer), (uint64_t)x->ask.at_ms));
    for (size_t i = 0; i < n_a; i++)
        x->order[0][i] = a[i].title_number;
    rng_seed(&rng, seed);
    x->n = interleave_team_draft(x->order[0], n_a, x->order[1], n_order, n_a, &rng, x->drafted);
    for (size_t i = 0; i < x->n; i++) {
        const struct drafted *d = &x->drafted[i];
        const struct mq_item *item =
            d->team == TEAM_A ? find_item(a, n_a, d->title) : find_item(b, n_b, d->title);
        x->items[i] = *item;
        x->team[i] = d->team;
    }
}

int interleave_page(struct mq_reader *r, struct mq_page *page, struct mq_error *err)
{
    struct interleaving *x = r->interleaving;
    struct mq_page other;
    size_t top = find_top(page), n = 0;
    if (top == SIZE_MAX || page->n_rows > ROWS_MAX || page->rows[top].n_items > ITEMS_MAX)
        return 0;
    int rc = recommend_home(x->recommender, &x->world, &x->ask, &other, err);
    size_t at = rc ? SIZE_MAX : find_top(&other);
    if (at == SIZE_MAX)
        return rc;
    const struct mq_row *a = &page->rows[top], *b = &other.rows[at];
    for (size_t i = 0; i < b->n_items && n < ITEMS_MAX; i++)
        if (!elsewhere(page, top, b->items[i].title_number))
            x->order[1][n++] = b->items[i].title_number;
    draft(x, a->items, a->n_items, b->items, b->n_items, n);
    memcpy(x->rows, page->rows, page->n_rows * sizeof(*x->rows));
    x->rows[top].items = x->items;
    x->rows[top].n_items = x->n;
    x->row = top;
    page->rows = x->rows;
    return 0;
}

int interleave_list(struct mq_reader *r, struct mq_list *list, struct mq_error *err)
{
    struct interleaving *x = r->interleaving;
    struct mq_list other;
    if (list->n_items > ITEMS_MAX)
        return 0;
    int rc = recommend_list(x->recommender, &x->world, &x->ask, &other, err);
    if (rc)
        return rc;
    size_t n = other.n_items < ITEMS_MAX ? other.n_items : ITEMS_MAX;
    for (size_t i = 0; i < n; i++)
        x->order[1][i] = other.items[i].title_number;
    draft(x, list->items, list->n_items, other.items, other.n_items, n);
    list->items = x->items;
    list->n_items = x->n;
    x->row = 0;
    return 0;
}

const uint8_t *interleaving_teams(const struct mq_reader *r, size_t row)
{
    return interleaving_on(r) && r->interleaving->row == row ? r->interleaving->team : NULL;
}
