/* kernel_tables.h - what the files compiled per instruction set give to kernels.c. Call only after a look
 * at the processor. */
#ifndef MQ_MATH_KERNEL_TABLES_H
#define MQ_MATH_KERNEL_TABLES_H

#include "math/kernels.h"

#if defined(__x86_64__)
#define MATH_X86 1
const struct kernels *kernel_table_v4(void);
const struct kernels *kernel_table_v4p(void);
const struct kernels *kernel_table_v3(void);
#else
#define MATH_X86 0
#endif
const struct kernels *kernel_table_base(void);

#endif
