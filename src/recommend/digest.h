/* digest.h - what is the same for all requests to one catalogue and model: laid out for reading in rows, and
 * estimates for titles that the model does not know. A few milliseconds, once after either is replaced. */
#ifndef MQ_RECOMMEND_DIGEST_H
#define MQ_RECOMMEND_DIGEST_H

#include "recommend/recommender.h"

/* Make it again if it is of another world. scratch (titles). */
void digest_refresh(struct digest *d, const struct world *w, float *scratch);

#endif
