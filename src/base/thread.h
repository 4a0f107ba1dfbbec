/* thread.h - what the system calls a thread, and how it counts it beside others. Wishes: where the system refuses, the thread works
 * all the same. */
#ifndef MQ_BASE_THREAD_H
#define MQ_BASE_THREAD_H

#include <sys/types.h>

/* For `thread_is`: a niceness at which a thread has a quarter of a processor that one of the usual niceness wants too. */
enum { THREAD_AS_IT_IS = -20, THREAD_BEHIND = 5 };

/* This thread is called `name` (15 bytes at most; top -H shows it), and has at least this niceness. */
void thread_is(const char *name, int niceness);

/* This thread works for a millisecond or less at a time, and somebody waits for it: when it wakes it goes before threads that
 * work for longer, instead of waiting for the end of their slices (Linux from 6.12 on). */
void thread_is_brief(void);

/* Each thread of this process, those of libraries too: a number for getpriority() and the like. Those that begin or end meanwhile may be missed;
 * where the system does not list them, none is visited. */
void thread_visit_all(void (*visit)(void *ctx, pid_t thread), void *ctx);

#endif
