/* concept_json.h - a concept as JSON: {title, kind, genres[], tags[], country, language, runtime_min, budget, maturity,
 * release_date, description, credits: [{role, billing, person}], comparables[], cost, value_per_hour,
 * launch: {promotion}}; anything
 * may be missing.
 *
 * The title's part is read as catalogue_json.h reads titles. Refused: what that refuses, unknown fields, a concept of which
 * nothing is said (no genre, tag, credit, country, language, series, description or comparable), comparables that are no
 * texts or more than CONCEPT_COMPARABLES_MAX, a cost or value below 0, a promotion
 * outside 0 to 1. */
#ifndef MQ_WIRE_CONCEPT_JSON_H
#define MQ_WIRE_CONCEPT_JSON_H

#include "base/arena.h"
#include "catalogue/concept.h"

/* Text lies in the arena. MQ_INVALID, MQ_TOO_LARGE, MQ_NO_MEMORY. */
int concept_json_parse(struct str body, struct arena *arena, struct concept *ret,
                       struct mq_error *err);

#endif
