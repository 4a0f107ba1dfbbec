/* kernel_v4p.c - kernel_v4.c on processors that also count the bits of a vector (AVX512_VPOPCNTDQ). */
#define KERNEL_LANES 16
#define KERNEL_MR 8
#define KERNEL_NV 3
#define KERNEL_TABLE kernel_table_v4p
#define KERNEL_NAME "x86-64-v4, vpopcntdq"
#include "math/kernel_body.h"
