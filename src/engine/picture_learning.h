/* picture_learning.h - from what was shown and what came of it to the chances that pictures are served by.
 *
 * One reward, as everywhere: a title that stood on a page with that picture was chosen from it and came to be liked. A viewer counts once for a title and
 * a picture (known by its address, wherever it stands in the title's list), and only where it stood in view (the first columns). So with new titles in the places where they
 * are tried (recommend/pictures.h). Whoever is not to be profiled, and children, teach nothing. What was learnt
 * is a cache of the log: it is made anew when the folder is opened, and passed over as soon as somebody was erased, until it is learnt without them. */
#ifndef MQ_ENGINE_PICTURE_LEARNING_H
#define MQ_ENGINE_PICTURE_LEARNING_H

#include "engine/engine.h"
#include "profile/picture_table.h"

/* Reads the log and what was shown, and serves what it learnt. Any thread, one at a time. MQ_CONFLICT: somebody else does. */
int engine_pictures_learn(struct mq_engine *e, struct mq_error *err);
/* What is served now, NULL: nothing. Inside an epoch. */
const struct picture_table *picture_learning_now(struct mq_engine *e);

#endif
