#include "train/examination.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/trees.h"

/* A device's own ratio counts like this many choices of all devices', and theirs like as many of no difference. */
static const double prior = 20;
static const double least = 0.05; /* a weight of 20 at most */

static bool is_chosen(const uint32_t *chosen, size_t n, uint32_t title)
{
    for (size_t low = 0, high = n; low < high;) {
        size_t middle = (low + high) / 2;
        if (chosen[middle] == title)
            return true;
        if (chosen[middle] < title)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* c and its right neighbour stand in one draw, all of whose orders were equally likely: the chances are 1 / m, 1 / (m - 1). */
static bool drawn_together(const struct shown_row *row, uint32_t c)
{
    float here = row->items[c].propensity, next = row->items[c + 1].propensity;
    return here < 1 && fabsf(1 / next - (1 / here - 1)) < 0.01f; /* NaN: no */
}

void examination_add(struct examination *x, const struct shown_page *page, const uint32_t *chosen,
                     size_t n)
{
    bool any = false;
    unsigned device = page->context.device < DEVICES ? page->context.device : DEVICE_OTHER;
    for (uint32_t r = 0; r < page->n_rows; r++) {
        const struct shown_row *row = &page->rows[r];
        for (uint32_t c = 0; row->random && c + 1 < row->n && c < EXAMINED_COLUMNS; c++) {
            if (!drawn_together(row, c))
                continue;
            bool left = is_chosen(chosen, n, row->items[c].title.v);
            bool right = is_chosen(chosen, n, row->items[c + 1].title.v);
            x->left[device][c] += left;
            x->right[device][c] += right;
            x->choices += (uint64_t)left + right;
            any = true;
        }
    }
    x->pages += any;
}

double examination_of(const struct examination *x, enum device device, uint32_t column)
{
    double chance = 1;
    for (uint32_t c = 0; c < column && c < EXAMINED_COLUMNS; c++) {
        double left = prior, right = prior;
        for (unsigned d = 0; d < DEVICES; d++) {
            left += x->left[d][c];
            right += x->right[d][c];
        }
        double all = right / left;
        chance *= (x->right[device][c] + prior * all) / (x->left[device][c] + prior);
    }
    chance = chance > 1 ? 1 : chance;
    return chance < least ? least : chance;
}

/* ---------------------------------------------------------------- expected by what the ranker sees */

enum { LEARNT_MOST = 100000 /* rows; of more, every second or third … */ };

int examination_expected(const float *x, uint32_t n, uint32_t columns, const float *examined,
                         uint64_t seed, float *ret, struct mq_error *err)
{
    uint32_t step = n / LEARNT_MOST + 1, rows = (n + step - 1) / step;
    struct trees_settings s = {
        .rounds = 60, .depth = 3, .rate = 0.15f, .min_child = 200, .lambda = 10, .seed = seed};
    float *some = malloc(((size_t)rows * columns + 1) * sizeof(*some));
    float *target = malloc(((size_t)rows + 1) * sizeof(*target));
    struct forest f;
    float low = INFINITY, high = 0;
    int rc = some && target ? 0 : mq_fail(err, MQ_NO_MEMORY, "ranker: no memory");
    for (uint32_t i = 0; rc == 0 && i < rows; i++) {
        memcpy(some + (size_t)i * columns, x + (size_t)i * step * columns, columns * sizeof(*some));
        target[i] = examined[(size_t)i * step];
    }
    if (rc == 0)
        rc = trees_fit(some, rows, columns, target, NULL, &s, &f, err);
    free(some);
    free(target);
    if (rc)
        return rc;
    for (uint32_t i = 0; i < n; i++) {
        low = fminf(low, examined[i]);
        high = fmaxf(high, examined[i]);
    }
    for (uint32_t i = 0; i < n; i++)
        ret[i] = fminf(fmaxf(forest_value(&f, x + (size_t)i * columns), low), high);
    trees_release(&f);
    return 0;
}
