/* calibration.h - are forecasts what came? The model's own out-of-fold forecasts of titles that exist. */
#ifndef MQ_STRATEGY_CALIBRATION_H
#define MQ_STRATEGY_CALIBRATION_H

#include "marquee.h"

enum { CALIBRATION_BINS = 8, CALIBRATION_BIN_LEAST = 20 };

/* forecast, actual (n): natural logs of audiences; forecasts made without their own title. Bins of equal number, by forecast.
 * `inside` of a bin: how many lie in the interval that the other half of all titles gives them (count_model.h), every
 * second one by forecast being of one half. ret (CALIBRATION_BINS); 0 bins: too few titles. MQ_NO_MEMORY. */
int forecast_calibration(const float *forecast, const float *actual, uint32_t n,
                         struct mq_calibration *ret, size_t *ret_n, struct mq_error *err);

#endif
