/* heard_titles.h - what players' servers tell of a title beside what was done with it. It fills what the catalogue does not
 * know, and never changes what it does.
 *
 * Heard facts wait in a bounded buffer for the committer's thread; the same facts again are recognised and passed over. When the
 * buffer is full they are dropped: they come again with the next event. */
#ifndef MQ_ENGINE_HEARD_TITLES_H
#define MQ_ENGINE_HEARD_TITLES_H

#include "engine/engine.h"

struct heard_titles;

int heard_titles_new(struct heard_titles **ret, struct mq_error *err);
/* NULL is allowed. */
void heard_titles_free(struct heard_titles *h);

/* Any thread; waits for nothing. Without id or name, or what title_check refuses, is passed over. */
void engine_heard_title(struct mq_engine *e, const struct title *t);

/* The committer's thread: put what waits. What fails is dropped. */
void heard_titles_take(struct mq_engine *e);

#endif
