/* trends.h - how many came to each title, and lately, at moments of the past. */
#ifndef MQ_TRAIN_TRENDS_H
#define MQ_TRAIN_TRENDS_H

#include "dataset/histories.h"
#include "model/ensemble.h"

/* Moments are cut so that as many entries lie between each two: TRENDS_MOMENTS of them, fewer where moments times
 * titles would pass TRENDS_CELLS. Half-lives are a quarter, a 32nd and a 256th of the time that the
 * entries span: what is lately depends on it. Each moment counts what was strictly before it. Up to TRENDS_KEPT entries
 * are kept themselves (12 bytes each), so that a question between two moments knows what came since the first. Release
 * `ret`. MQ_NO_MEMORY. */
enum { TRENDS_MOMENTS = 128, TRENDS_CELLS = 4 << 20, TRENDS_KEPT = 8 << 20 };
int trends_count(const struct histories *h, struct trends *ret, struct mq_error *err);
/* What was kept beside the moments goes: a model that is published has those alone. */
void trends_forget(struct trends *t);
void trends_release(struct trends *t);

#endif
