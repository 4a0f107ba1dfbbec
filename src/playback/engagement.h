/* engagement.h - how much a signal says that the viewer liked the title, and how sure that is. */
#ifndef MQ_PLAYBACK_ENGAGEMENT_H
#define MQ_PLAYBACK_ENGAGEMENT_H

#include "playback/signal.h"

/* Sets s->preference and s->confidence from the rest of it. `runtime_s` 0 = unknown. The rules and their
 * defaults stand in docs/engagement.md and in engagement.c beside each number. */
void engagement_set(struct title_signal *s, uint32_t runtime_s);

#endif
