/* trainer.h - trainings at intervals, and old events that leave, while the server runs. Inside http/ only. */
#ifndef MQ_HTTP_TRAINER_H
#define MQ_HTTP_TRAINER_H

#include "http/server.h"

struct trainer;

/* Every o->train_every_s seconds, when the log has grown; events older than o->keep_events_s leave every
 * hour; a canary is looked at every o->canary_every_s. What came of it is said through o->say. */
int trainer_start(struct trainer **ret, struct api *api, const struct server_options *o,
                  struct mq_error *err);
/* After api_stop: ends a training that runs, and waits for it. NULL is allowed. */
void trainer_stop(struct trainer *t);

#endif
