/* processor.h - what something cost the processor, whoever else uses the machine meanwhile; and such figures in order. */
#ifndef MQ_BENCH_PROCESSOR_H
#define MQ_BENCH_PROCESSOR_H

#include <time.h>

/* Microseconds so far: of this thread (CLOCK_THREAD_CPUTIME_ID), or of all (CLOCK_PROCESS_CPUTIME_ID). */
static inline double processor_us(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

/* For qsort over doubles, ascending. */
static inline int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

#endif
