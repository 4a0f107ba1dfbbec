#include "model/links.h"

#include <stdlib.h>

void links_add(const struct links *l, uint32_t i, float coefficient, float *to)
{
    if (i >= l->n)
        return;
    if (l->dense) {
        const float *row = l->dense + (size_t)i * l->n;
        for (uint32_t j = 0; j < l->n; j++)
            to[j] += coefficient * row[j];
        return;
    }
    for (uint64_t k = l->start[i]; k < l->start[i + 1]; k++)
        to[l->col[k]] += coefficient * l->value[k];
}

float links_get(const struct links *l, uint32_t i, uint32_t j)
{
    if (i >= l->n || j >= l->n)
        return 0;
    if (l->dense)
        return l->dense[(size_t)i * l->n + j];
    for (uint64_t k = l->start[i]; k < l->start[i + 1]; k++)
        if (l->col[k] == j)
            return l->value[k];
    return 0;
}

void links_release(struct links *l)
{
    free((void *)(uintptr_t)l->dense);
    free((void *)(uintptr_t)l->start);
    free((void *)(uintptr_t)l->col);
    free((void *)(uintptr_t)l->value);
    *l = (struct links){0};
}
