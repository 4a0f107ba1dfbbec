#include "model/fold_in.h"

#include <math.h>
#include <string.h>

#include "math/ridge.h"

/* Scratch: the row solve's, then the items that count as (n) columns, weights and targets. */
static size_t rounded(size_t n)
{
    return (n + 15) / 16 * 16;
}

size_t fold_in_scratch(const struct model *m, size_t n)
{
    return ridge_scratch(m->stride) + 3 * rounded(n);
}

static size_t usable_items(const struct model *m, const struct fold_in_item *items, size_t n,
                           uint32_t *col, float *weight, float *target)
{
    size_t used = 0;

    for (size_t i = 0; i < n; i++) {
        bool counts = items[i].title.v < m->n_titles && items[i].weight > 0 &&
                      isfinite(items[i].weight) && isfinite(items[i].preference);
        if (!counts)
            continue;
        col[used] = items[i].title.v;
        weight[used] = items[i].weight;
        target[used++] = items[i].preference;
    }
    return used;
}

/* The inverse's padding (1 / reg on the diagonal) means nothing: 0. */
static void clear_padding(float *inverse, size_t rank, size_t stride)
{
    for (size_t i = rank; i < stride; i++)
        inverse[i * stride + i] = 0;
}

int fold_in(const struct model *m, const struct fold_in_item *items, size_t n, float *scratch,
            float *ret_x, float *ret_inverse, struct mq_error *err)
{
    float *weight = scratch + ridge_scratch(m->stride), *target = weight + rounded(n);
    uint32_t *col = (uint32_t *)(void *)(target + rounded(n));
    struct ridge side = {m->factors, m->gram, m->stride, m->settings.unobserved};
    struct ridge_row row = {col, weight, target, 0, 0};
    int rc;

    row.n = usable_items(m, items, n, col, weight, target);
    if (m->stride == 0)
        return 0;
    if (row.n == 0 && !ret_inverse) {
        memset(ret_x, 0, m->stride * sizeof *ret_x);
        return 0;
    }
    row.regularisation = ridge_regularisation(m->settings.regularisation,
                                              m->settings.frequency_power, m->settings.unobserved,
                                              row.n, m->n_active ? m->n_active : m->n_titles);
    rc = ridge_solve(&side, &row, scratch, ret_x, NULL, ret_inverse, err);
    if (rc == 0 && ret_inverse)
        clear_padding(ret_inverse, m->rank, m->stride);
    return rc;
}
