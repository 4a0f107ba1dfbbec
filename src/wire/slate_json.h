/* slate_json.h - a slate to choose, as JSON: {budget, concepts: [concept with cost], at_least: [{genre or language, n}], at_most:
 * [...]}; concepts as concept_json.h reads them. The last two may be missing. */
#ifndef MQ_WIRE_SLATE_JSON_H
#define MQ_WIRE_SLATE_JSON_H

#include "base/arena.h"
#include "catalogue/slate_request.h"

/* Text lies in the arena. Refused: a budget or cost that is missing, no number or below 0; no concepts, or more than
 * SLATE_CONCEPTS_MAX; rules of neither or both kinds; fields of another name; what concept_json.h refuses. MQ_INVALID, MQ_TOO_LARGE,
 * MQ_NO_MEMORY. */
int slate_json_parse(struct str body, struct arena *arena, struct slate_request *ret,
                     struct mq_error *err);

#endif
