/* four.h - four floats side by side: sums and roots of all of them at once, to the bit what they are one by one. */
#ifndef MQ_MATH_FOUR_H
#define MQ_MATH_FOUR_H

#include <math.h>
#include <string.h>

typedef float four __attribute__((vector_size(16)));

static inline four four_load(const float *p)
{
    four v;
    memcpy(&v, p, sizeof(v));
    return v;
}

static inline void four_store(float *p, four v)
{
    memcpy(p, &v, sizeof(v));
}

/* Roots; 0 of what is negative or not a number. */
static inline four four_root(four v)
{
    typedef int bits __attribute__((vector_size(16)));
    v = (four)((bits)v & (bits)(v > 0));
#if defined(__SSE__) && defined(__GNUC__) && !defined(__clang__)
    return __builtin_ia32_sqrtps(v);
#else
    for (int i = 0; i < 4; i++)
        v[i] = sqrtf(v[i]);
    return v;
#endif
}

#endif
