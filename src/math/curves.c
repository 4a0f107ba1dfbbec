#include "math/curves.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/wide.h"

/* log(1 + x) = e log 2 + log m with 1 + x = 2^e m, m in [2/3, 4/3): the series of 2 artanh((m - 1) / (m + 1)). */
static inline float log_of(float y)
{
    uint32_t bits;
    memcpy(&bits, &y, sizeof(bits));
    int32_t e = (int32_t)(bits - 0x3f2aaaabU) >> 23;
    bits -= (uint32_t)e << 23;
    float m;
    memcpy(&m, &bits, sizeof(m));
    float s = (m - 1) / (m + 1);
    float z = s * s;
    float series = 2 + z * (2.0F / 3 + z * (2.0F / 5 + z * (2.0F / 7 + z * (2.0F / 9))));
    return (float)e * 0.69314718F + s * series;
}

float curve_log1p(float x)
{
    return x > 0 ? log_of(1 + x) : 0;
}

WIDE void curves_root(float *v, const float *scale, size_t n)
{
    if (scale)
        for (size_t i = 0; i < n; i++)
            v[i] *= scale[i];
    for (size_t i = 0; i < n; i++)
        v[i] = sqrtf(v[i] > 0 ? v[i] : 0);
}

WIDE void curves_add(float *to, const float *v, float w, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] += w * v[i];
}

WIDE void curves_squash(const float *v, float half, float *restrict ret, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ret[i] = half * (1 + v[i] / (1 + (v[i] < 0 ? -v[i] : v[i])));
}

WIDE void curves_log1p(const float *a, const float *b, float *ret, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float x = b ? a[i] - b[i] : a[i];
        ret[i] = log_of(1 + (x > 0 ? x : 0));
    }
}
