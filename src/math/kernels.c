#include "math/kernels.h"

#include "math/kernel_tables.h"

const struct kernels *kernels_v4(void)
{
#if MATH_X86
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("fma"))
        return kernel_table_v4();
#endif
    return NULL;
}

const struct kernels *kernels_v4p(void)
{
#if MATH_X86
    if (kernels_v4() && __builtin_cpu_supports("avx512vpopcntdq"))
        return kernel_table_v4p();
#endif
    return NULL;
}

const struct kernels *kernels_v3(void)
{
#if MATH_X86
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
        __builtin_cpu_supports("bmi2"))
        return kernel_table_v3();
#endif
    return NULL;
}

const struct kernels *kernels_base(void)
{
    return kernel_table_base();
}

const struct kernels *math_kernels(void)
{
    const struct kernels *k = kernels_v4p();

    if (!k)
        k = kernels_v4();
    if (!k)
        k = kernels_v3();
    return k ? k : kernels_base();
}
