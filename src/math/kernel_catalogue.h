/* kernel_catalogue.h - of kernel_body.h, what goes over a whole catalogue: scores from short factors, and which are above a
 * bar. Included there only, once per instruction set. */
#ifndef MQ_MATH_KERNEL_CATALOGUE_H
#define MQ_MATH_KERNEL_CATALOGUE_H

typedef int16_t shorts __attribute__((vector_size(KERNEL_LANES * 2), may_alias));
typedef int32_t longs __attribute__((vector_size(KERNEL_LANES * 4), may_alias));

INLINE vec load_short(const int16_t *p)
{
#if KERNEL_LANES == 16 && defined(__AVX512F__) && !defined(__clang__)
    /* As one instruction: gcc 12 widens the two halves apart and puts them together again. */
    longs whole = (longs)__builtin_ia32_pmovsxwd512_mask(*(const shorts *)(const void *)p,
                                                         (longs){0}, UINT16_MAX);
#else
    longs whole = __builtin_convertvector(*(const shorts *)(const void *)p, longs);
#endif
    return __builtin_convertvector(whole, vec);
}

INLINE vec dots_short_group(const int16_t *rows, size_t stride, const float *x)
{
    vec sum[LANES];

    UNROLL
    for (int i = 0; i < LANES; i++)
        sum[i] = (vec){0};
    for (size_t c = 0; c < stride; c += LANES) {
        vec xc = load(x + c);
        UNROLL
        for (int i = 0; i < LANES; i++)
            sum[i] += load_short(rows + (size_t)i * stride + c) * xc;
    }
    return sum_lanes(sum);
}

static void dots_short(const int16_t *rows, const float *scale, size_t n, size_t stride,
                       const float *x, float *ret)
{
    size_t r = 0;

    for (; r + LANES <= n; r += LANES) {
        vec sums = dots_short_group(rows + r * stride, stride, x), by;
        memcpy(&by, scale + r, sizeof by);
        sums *= by;
        memcpy(ret + r, &sums, sizeof sums);
    }
    for (; r < n; r++) {
        vec all[LANES] = {{0}};
        for (size_t c = 0; c < stride; c += LANES)
            all[0] += load_short(rows + r * stride + c) * load(x + c);
        ret[r] = sum_lanes(all)[0] * scale[r];
    }
}

/* Compilers do not find the instructions that make a bit of each comparison. */
INLINE uint64_t signs_of(const float *v, float bar)
{
    vec loaded;
    memcpy(&loaded, v, sizeof(loaded));
#if KERNEL_LANES == 16 && defined(__AVX512F__)
    enum { GREATER = 30, KEEP_ROUNDING = 4 };
    return (uint16_t)__builtin_ia32_cmpps512_mask(loaded, spread(bar), GREATER, UINT16_MAX,
                                                  KEEP_ROUNDING);
#elif KERNEL_LANES == 8 && defined(__AVX__)
    return (uint8_t)__builtin_ia32_movmskps256((vec)(loaded > spread(bar)));
#elif KERNEL_LANES == 4 && defined(__SSE__)
    return (uint8_t)__builtin_ia32_movmskps((vec)(loaded > spread(bar)));
#else
    uint64_t ret = 0;
    for (unsigned i = 0; i < LANES; i++)
        ret |= (uint64_t)(loaded[i] > bar) << i;
    return ret;
#endif
}

static uint64_t above(const float *v, float bar)
{
    uint64_t ret = 0;
    UNROLL
    for (unsigned i = 0; i < 64; i += LANES)
        ret |= signs_of(v + i, bar) << i;
    return ret;
}

#endif
