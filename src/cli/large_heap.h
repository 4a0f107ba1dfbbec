/* large_heap.h - a heap on large pages, for a server.
 *
 * A page of recommendations and an event touch memory all over the heap (profiles, memtables, caches), and each touch of a small
 * page may wait for a look at the page tables, in a virtual machine at two of them: a seventh of a busy server's processor
 * time. glibc from 2.35 on asks for large pages where it is told to before it starts (GLIBC_TUNABLES) and the system gives them to
 * who asks (/sys/kernel/mm/transparent_hugepage/enabled: madvise). */
#ifndef MQ_CLI_LARGE_HEAP_H
#define MQ_CLI_LARGE_HEAP_H

/* Start this program again with that said. Returns when there is nothing to do: another C library or mode of the system,
 * GLIBC_TUNABLES set already to whatever it is, or starting again fails. Call it before anything was opened. */
void large_heap_choose(char **argv);

#endif
