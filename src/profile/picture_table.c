#include "profile/picture_table.h"

#include <stdlib.h>

void picture_table_free(struct picture_table *t)
{
    if (t)
        free(t->of);
    free(t);
}

const struct title_pictures *pictures_of(const struct picture_table *t, struct title_id title)
{
    size_t low = 0, high = t ? t->n : 0;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (t->of[mid].title.v < title.v)
            low = mid + 1;
        else
            high = mid;
    }
    return t && low < t->n && t->of[low].title.v == title.v ? &t->of[low] : NULL;
}
