/* interleaving.h - both arms of an experiment on one row, by team draft (experiment/interleave.h): each viewer compares them at once.
 *
 * The answer is arm 0's. Of a list all items are drafted; of a page those of its row "top_picks", where arm 1's titles that stand
 * on other rows of the page are passed over. Which team placed which item is noted with the page. The coin follows from viewer, moment and
 * the experiment's name. Without a row of both, nothing is drafted and nothing noted. */
#ifndef MQ_ENGINE_INTERLEAVING_H
#define MQ_ENGINE_INTERLEAVING_H

#include "engine/experiments.h"
#include "engine/reader.h"

struct interleaving;
void interleaving_free(struct interleaving *x);

/* The viewer takes part: `q` as it is without this experiment. The memory of a reader's first time stays. */
int interleaving_join(struct mq_reader *r, const struct experiment *e, const struct mq_request *q,
                      struct mq_error *err);
bool interleaving_on(const struct mq_reader *r);
void interleaving_off(struct mq_reader *r);
/* The version that arm 1 is to be answered from; 0: the live one. */
uint64_t interleaving_model(const struct mq_reader *r);
/* Arm 0 alone has a version of its own: arm 1's is the live one. */
bool interleaving_other_is_live(const struct mq_reader *r);
/* After arm 0's was gathered: what arm 1's answer needs, of the same moment. */
int interleaving_gather(struct mq_reader *r, const struct world *w, const struct model *model,
                        const struct ask *ask, struct mq_error *err);

/* Draft the answer, which was made from arm 0's world. It stays until the reader's next answer. */
int interleave_page(struct mq_reader *r, struct mq_page *page, struct mq_error *err);
int interleave_list(struct mq_reader *r, struct mq_list *list, struct mq_error *err);
/* Of row `row` of the answer at hand, (n) teams; NULL: it was not drafted. */
const uint8_t *interleaving_teams(const struct mq_reader *r, size_t row);

#endif
