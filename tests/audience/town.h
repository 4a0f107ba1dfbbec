/* town.h - an invented town of viewers: 60 titles with people, genres and tags, and who rated what. */
#ifndef MQ_TEST_TOWN_H
#define MQ_TEST_TOWN_H

#include "audience/audience.h"
#include "base/rng.h"
#include "support/check.h"

enum { TOWN_TITLES = 60, TOWN_PEOPLE = 14, TOWN_VIEWERS_MAX = 4096 };

struct town {
    struct viewer_sets *sets;
    struct catalogue *catalogue;
    /* What was put: stars 0 (none) to 5 by viewer and title. */
    uint8_t (*stars)[TOWN_TITLES];
    bool *present;
    uint32_t n;
    struct audience_world world;
};

/* `n` viewers; some like everything. Person p directs titles with t % 7 == p (p < 7) and acts in t % 5 == p - 7 or
 * t % 11 == p - 7 (p >= 7). */
void town_init(struct town *t, uint32_t n, uint64_t seed);
void town_release(struct town *t);
/* (Re)put viewer v from its stars. */
void town_put(struct town *t, uint32_t v);
bool town_directs(uint32_t person, uint32_t title);
bool town_acts(uint32_t person, uint32_t title);

#endif
