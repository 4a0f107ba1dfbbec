#include "experiment/interleave.h"

#include <stdbool.h>

static bool is_there(const struct drafted *row, size_t n, uint32_t title)
{
    for (size_t i = 0; i < n; i++) {
        if (row[i].title == title)
            return true;
    }
    return false;
}

size_t interleave_team_draft(const uint32_t *a, size_t na, const uint32_t *b, size_t nb, size_t k,
                             struct rng *rng, struct drafted *ret)
{
    const uint32_t *order[2] = {a, b};
    size_t length[2] = {na, nb}, at[2] = {0, 0}, n = 0;

    while (n < k && (at[0] < na || at[1] < nb)) {
        unsigned first = (unsigned)(rng_u64(rng) >> 63);
        for (unsigned turn = 0; turn < 2 && n < k; turn++) {
            unsigned team = first ^ turn;
            while (at[team] < length[team] && is_there(ret, n, order[team][at[team]]))
                at[team]++;
            if (at[team] < length[team])
                ret[n++] = (struct drafted){order[team][at[team]++], (uint8_t)team};
        }
    }
    return n;
}
