#include "recommend/swap.h"

#include "base/hash.h"
#include "base/rng.h"
#include "recommend/pictures.h"
#include "recommend/pins.h"

enum { ROWS_MAX = SHELVES_MAX };

static bool any_pins(const struct recommender *r, size_t rows)
{
    size_t pins = 0;
    for (size_t i = 0; i < rows; i++)
        pins += pins_in_row(r, i);
    return pins > 0;
}

static struct page_swap of_rows(const struct shelf *const *shelf, size_t rows, struct rng *rng)
{
    size_t from = rows > 0 && shelf[0]->kind == SHELF_CONTINUE;
    if (rows < from + 2)
        return (struct page_swap){SWAP_NONE, 0, 0, false};
    size_t row = from + (size_t)rng_below(rng, rows - from - 1);
    if (shelf[row]->kind == SHELF_CONTINUE || shelf[row + 1]->kind == SHELF_CONTINUE)
        return (struct page_swap){SWAP_NONE, 0, 0, false};
    return (struct page_swap){SWAP_ROWS, row, 0, rng_below(rng, 2) == 1};
}

static struct page_swap in_row(const struct recommender *r, const struct shelf *const *shelf,
                               const size_t *n, size_t rows, struct rng *rng)
{
    size_t may[ROWS_MAX], left = 0;
    for (size_t i = 0; i < rows && i < ROWS_MAX; i++)
        if (n[i] > 1 && shelf[i]->kind != SHELF_CONTINUE &&
            !(shelf[i]->kind == SHELF_NEW && r->ask->try_new))
            may[left++] = i;
    if (left == 0)
        return (struct page_swap){SWAP_NONE, 0, 0, false};
    size_t row = may[rng_below(rng, left)];
    size_t among = n[row] < SWAP_COLUMNS ? n[row] : SWAP_COLUMNS;
    size_t column = (size_t)rng_below(rng, among - 1);
    return (struct page_swap){SWAP_IN_ROW, row, column, rng_below(rng, 2) == 1};
}

struct page_swap swap_choose(const struct recommender *r, const struct shelf *const *shelf,
                             const size_t *n, size_t rows)
{
    const struct ask *ask = r->ask;
    const struct page_swap none = {SWAP_NONE, 0, 0, false};
    struct rng rng;
    if (!(ask->swaps > 0) || ask->draw > 0 || !exploration_allowed(r) || any_pins(r, rows))
        return none;
    uint64_t model = r->w->model ? r->w->model->facts.version : 0;
    rng_seed(&rng, hash_mix(hash_str(str_of(ask->viewer), 0x73776170 /* "swap" */),
                            hash_mix((uint64_t)ask->at_ms, model)));
    if (rng_double(&rng) >= ask->swaps * ask->exploration)
        return none;
    return rng_below(&rng, 2) ? of_rows(shelf, rows, &rng) : in_row(r, shelf, n, rows, &rng);
}

void swap_columns(const struct page_swap *s, size_t row, uint32_t *at, size_t n, float *chance)
{
    size_t c = s->column;
    if (s->what != SWAP_IN_ROW || s->row != row || c + 1 >= n)
        return;
    uint32_t left = at[c], right = at[c + 1];
    at[c] = s->turned ? right : left;
    at[c + 1] = s->turned ? left : right;
    chance[c] = 0.5f;
    chance[c + 1] = 1;
}

double swap_row_chance(const struct page_swap *s, size_t row)
{
    if (s->what != SWAP_ROWS || (row != s->row && row != s->row + 1))
        return 0;
    return row == s->row ? 0.5 : 1;
}
