/* time_in_log.h - for how much of the log a title was there: what came out while it was written could be met for a part of it only.
 *
 * The share of all meetings (of any title) that happened after the release, as a natural log. A title that does not exist yet is asked
 * for as if it were there all along, 0. How many viewers a title draws need not follow that share: what is launched on a service
 * draws most of its viewers at once. So audiences are compared after `power` times it, found among the titles to learn from. */
#ifndef MQ_STRATEGY_TIME_IN_LOG_H
#define MQ_STRATEGY_TIME_IN_LOG_H

#include "strategy/count_features.h"

/* ret (n_titles): log shares, 0 = there all along, or nothing is known of its release. All 0 where releases and log do not fit
 * together: more than a fifth of the meetings of titles that came out after the log began are from before their release. O(meetings).
 * MQ_NO_MEMORY. */
int exposure_shares(const struct strategy_data *d, float *ret, struct mq_error *err);

/* How audiences follow it, 0 to 1: drawn towards 1 where little tells. Two more linear forecasts of the training titles.
 * share: as above; t->log_audience as it is. */
int exposure_power(const struct count_task *t, const float *share, float *ret,
                   struct mq_error *err);

#endif
