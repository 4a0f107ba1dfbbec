#include "profile/picture_table.h"

#include <stdlib.h>

#include "event/shown_page.h"

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

static bool listed_before(const struct str *pictures, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (str_eq(pictures[k], pictures[i]))
            return true;
    return false;
}

void pictures_chances(const struct title_pictures *known, const struct str *pictures, size_t n,
                      float *ret)
{
    size_t unknown = 0;
    float sum = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t key = known ? shown_picture_key(pictures[i]) : 0;
        size_t k = 0;
        while (known && k < known->n && known->key[k] != key)
            k++;
        bool learnt = known && k < known->n;
        ret[i] = !learnt ? -1 : listed_before(pictures, i) ? 0 : known->chance[k];
        unknown += !learnt;
        sum += learnt ? ret[i] : 0;
    }
    float each = 1 / (float)(n ? n : 1), left = 1 - each * (float)unknown;
    for (size_t i = 0; i < n; i++)
        ret[i] = ret[i] < 0 ? each : sum > 0 ? ret[i] / sum * left : left / (float)(n - unknown);
}
