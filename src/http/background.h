/* background.h - work that nobody waits for, beside requests. Inside http/ only. */
#ifndef MQ_HTTP_BACKGROUND_H
#define MQ_HTTP_BACKGROUND_H

#include <stdbool.h>

/* What such work is owed: of one core, over any long time, the share `floor`. It gets that or more of what nobody else wants, as long
 * as somebody leaves anything; where all cores are full it would stand still, and after `patience_s` of that its threads count for
 * more, until they have had what they were owed. They are looked at every `every_s`. */
struct pace_settings {
    double floor, patience_s, every_s; /* NULL or 0: BACKGROUND_FLOOR ... */
};
#define BACKGROUND_FLOOR 0.05
#define BACKGROUND_PATIENCE_S 10.0
#define BACKGROUND_EVERY_S 1.0

struct pace {
    struct pace_settings settings;
    double owed_s;
};
void pace_init(struct pace *p, const struct pace_settings *settings);
/* In `passed_s` the work had `got_s` of the processor. True: it is to count for more from now on. Pure. */
bool pace_step(struct pace *p, double passed_s, double got_s);

/* Do `work` in a thread that, with those it starts, yields to everything else (SCHED_IDLE), and wait for it; what it is owed it gets as
 * SCHED_BATCH at a niceness of its own, about a tenth of a full core. Without the right to come back from SCHED_IDLE (CAP_SYS_NICE or
 * RLIMIT_NICE) it is SCHED_BATCH at niceness 19 all the time, about a sixtieth. In this thread, when there can't be another.
 * Returns what `work` returns. */
int background_run(int (*work)(void *ctx), void *ctx, const struct pace_settings *settings);

#endif
