/* countries.h - a country's code from whatever a catalogue calls it. */
#ifndef MQ_WIRE_COUNTRIES_H
#define MQ_WIRE_COUNTRIES_H

#include "event/context.h"

/* ISO 3166-1 alpha-2 and alpha-3 codes, English short names, IMDb's names ("USA", "UK", "West Germany",
 * "Soviet Union": the state that followed), common other ones; without regard to case, accents
 * excepted. False, *ret untouched, for a name nobody knows; two letters that are no code are also unknown. */
bool country_find(struct str name, country_code *ret);

#endif
