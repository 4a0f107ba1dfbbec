/* planted_titles.h - a past whose rules are known: what a title draws follows from its genre, its lead and its director. */
#ifndef MQ_TEST_PLANTED_TITLES_H
#define MQ_TEST_PLANTED_TITLES_H

#include "strategy/strategy_data.h"

enum { PLANTED_VIEWERS = 300, PLANTED_PEOPLE = 24 };

/* Titles "1" .. "n" of the years 1990 to 2019. Person p < PLANTED_PEOPLE is "Person p"; even ones direct, odd ones lead; the higher
 * the number the more they draw. Viewers of odd number only watch drama, those of even number only comedy. Release. */
struct strategy_data *planted_titles(uint32_t n, uint64_t seed);

#endif
