/* wide.h - WIDE before a function: built for several widths of vectors, the machine's own chosen when the program starts. For plain
 * loops over arrays that the compiler makes vectors of, with the same result to the bit (nothing is fused: -ffp-contract=off);
 * kernels by hand are math's. */
#ifndef MQ_BASE_WIDE_H
#define MQ_BASE_WIDE_H

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) &&                             \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define WIDE __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define WIDE
#endif

#endif
