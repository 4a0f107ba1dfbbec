/* gram.h - Y'Y of a tall factor matrix, on all threads. */
#ifndef MQ_MATH_GRAM_H
#define MQ_MATH_GRAM_H

#include <stddef.h>

#include "base/error.h"
#include "base/pool.h"

/* ret (stride, stride), both triangles = rows'rows over n rows. The rows are cut into parts by n alone and
 * the parts are added in order and in double precision: the same bytes whatever the number of threads.
 * Takes gram_memory bytes for its run. O(n stride^2). MQ_NO_MEMORY. */
int gram(const float *rows, size_t n, size_t stride, struct pool *pool, float *ret,
         struct mq_error *err);
size_t gram_memory(size_t n, size_t stride);

#endif
