/* catalogue_search.h - titles and people by what stands in their names: for whoever types into a box. */
#ifndef MQ_ENGINE_CATALOGUE_SEARCH_H
#define MQ_ENGINE_CATALOGUE_SEARCH_H

#include "catalogue/catalogue.h"
#include "engine/engine.h"

/* The served catalogue. Lives until the reader's next call. */
const struct catalogue *engine_catalogue(struct mq_reader *r);

/* The row of a title, or ID_NONE: unknown, or not in this catalogue. */
struct title_id engine_find_title(struct mq_engine *e, const struct catalogue *c, struct str id);

/* Rows of described titles (of people) whose name has `words` in it, without regard to case, accents and punctuation; a title's id
 * counts too. Equal names first, then names that begin with it, then the others; among these titles as they lie, people
 * with more titles first. Empty `words`: all. *ret_rows is in the arena. MQ_NO_MEMORY. O(names). */
int catalogue_search_titles(const struct catalogue *c, struct str words, struct arena *arena,
                            uint32_t **ret_rows, size_t *ret_n, struct mq_error *err);
int catalogue_search_people(const struct catalogue *c, struct str words, struct arena *arena,
                            uint32_t **ret_rows, size_t *ret_n, struct mq_error *err);

#endif
