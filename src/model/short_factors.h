/* short_factors.h - titles' factors in two bytes each, for scores of the whole catalogue: what these take is the reading of
 * all factors, and half as many bytes are read in half the time. */
#ifndef MQ_MODEL_SHORT_FACTORS_H
#define MQ_MODEL_SHORT_FACTORS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* A title's factors are scale times row, each within scale / 2, scale being its largest factor / 32,767. rows NULL: there
 * are none. */
struct short_factors {
    int16_t *rows; /* (n, stride) 64-byte aligned */
    float *scale;  /* (n) */
};

/* Of finite factors (n, stride); on the heap. */
int short_factors_make(const float *factors, size_t n, size_t stride, struct short_factors *ret,
                       struct mq_error *err);
void short_factors_release(struct short_factors *s);

#endif
