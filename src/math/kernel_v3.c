/* kernel_v3.c - 256-bit vectors with fused multiply-add (x86-64-v3). */
#define KERNEL_LANES 8
#define KERNEL_MR 4
#define KERNEL_NV 2
#define KERNEL_TABLE kernel_table_v3
#define KERNEL_NAME "x86-64-v3"
#include "math/kernel_body.h"
