/* kernel_base.c - 128-bit vectors: every 64-bit processor. */
#define KERNEL_LANES 4
#define KERNEL_MR 4
#define KERNEL_NV 2
#define KERNEL_TABLE kernel_table_base
#define KERNEL_NAME "base"
#include "math/kernel_body.h"
