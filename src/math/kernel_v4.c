/* kernel_v4.c - 512-bit vectors with fused multiply-add (x86-64-v4). */
#define KERNEL_LANES 16
#define KERNEL_MR 8
#define KERNEL_NV 3
#define KERNEL_TABLE kernel_table_v4
#define KERNEL_NAME "x86-64-v4"
#include "math/kernel_body.h"
