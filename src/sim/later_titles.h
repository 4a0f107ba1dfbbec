/* later_titles.h - titles that come in the second half of the period and take up what was planted: what a dossier that was stored before
 * foretold can then be held against what came. Switched off by `later` 0.
 *
 * In turn they take up the opportunity (when one is planted) and the habits. One of the opportunity has all three of its sides: the
 * maker, the actor and the theme. One of a habit has both of its people and is made again after its favoured title, whose name and
 * themes it has. The rest (genres, country, language, length, how well known) is as in a title of the maker's, or the favoured one.
 *
 * These titles are invented, whoever is credited on them, and the world says so (README.txt, `later` in truth.json). */
#ifndef MQ_SIM_LATER_TITLES_H
#define MQ_SIM_LATER_TITLES_H

#include "sim/sim_world.h"

/* sim_title.takes_up: 0 nothing, TAKES_UP_OPPORTUNITY, TAKES_UP_HABIT + number of the habit. */
enum { TAKES_UP_OPPORTUNITY = 1, TAKES_UP_HABIT = 2 };

/* Adds w->later titles behind the others, once habits and opportunity are known: the first comes half way, the last 29 days before
 * the end. Where nothing is planted, none: w->later becomes 0. MQ_NO_MEMORY. */
int later_titles_add(struct sim_world *w, struct mq_error *err);
/* "opportunity", or the habit's name. */
const char *later_takes_up(const struct sim_world *w, uint32_t title);

#endif
