/* large.h - memory for arrays that are read from end to end, or here and there, with every request. */
#ifndef MQ_BASE_LARGE_H
#define MQ_BASE_LARGE_H

#include <stddef.h>

/* n bytes, aligned to 64, for free(); NULL without memory. From 1 MiB on the system is asked for large pages, where it has them
 * (/sys/kernel/mm/transparent_hugepage/enabled: always, madvise): without, most of such reads also wait for a look at the page
 * tables, in a virtual machine at two of them. Up to 2 MiB more are taken than asked for. */
void *large_alloc(size_t n);

#endif
