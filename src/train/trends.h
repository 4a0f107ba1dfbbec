/* trends.h - how many came to each title, and lately, at moments of the past. */
#ifndef MQ_TRAIN_TRENDS_H
#define MQ_TRAIN_TRENDS_H

#include "dataset/histories.h"
#include "model/ensemble.h"

/* Moments are cut so that as many entries lie between each two: TRENDS_MOMENTS of them, fewer where moments times
 * titles would pass TRENDS_CELLS. Half-lives are a quarter, a sixteenth and a sixty-fourth of the time that the
 * entries span: what is lately depends on it. Each moment counts what was strictly before it. Release `ret`.
 * MQ_NO_MEMORY. */
enum { TRENDS_MOMENTS = 128, TRENDS_CELLS = 4 << 20 };
int trends_count(const struct histories *h, struct trends *ret, struct mq_error *err);
void trends_release(struct trends *t);

#endif
