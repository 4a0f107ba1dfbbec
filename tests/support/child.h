/* child.h - a second process of the test's own program, to be killed or to have a folder open.
 *
 * The child is a fresh program (exec), never a bare fork: RocksDB's threads outlive a store, and a fork of a process
 * with threads has their locks without them, so that it hangs, or a sanitizer ends it.
 *
 *   static void ingest(int out, char **args) { ... child_tell(out, &n, sizeof(n)) ... }
 *   static const struct child_role roles[] = {{"ingest", ingest}, {NULL, NULL}};
 *   int main(int argc, char **argv) { child_main(argc, argv, roles); ... the tests ... }
 *
 * Nothing here waits for ever: after CHILD_SECONDS without a word the child is killed and the test fails, saying
 * what was waited for. */
#ifndef MQ_TEST_CHILD_H
#define MQ_TEST_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { CHILD_SECONDS = 240, CHILD_ARGS = 4 };

/* What a child does; `args` ends with NULL. Returning means exit code 0. */
struct child_role {
    const char *name;
    void (*run)(int out, char **args);
};

struct child {
    pid_t pid;
    int from; /* what the child tells */
    const char *role;
};

/* First in main: a process that was started as a child runs its role and never comes back. `roles` ends with
 * a NULL name. */
void child_main(int argc, char **argv, const struct child_role *roles);
/* args: at most CHILD_ARGS texts, ended with NULL; may be NULL. */
void child_start(struct child *c, const char *role, const char *const *args);
/* In the child. Ends it when nobody listens. */
void child_tell(int out, const void *p, size_t n);
/* n bytes; false when the child has ended and said no more. */
bool child_hear(struct child *c, void *p, size_t n);
/* SIGKILL at once; what it said before can still be heard. */
void child_kill(struct child *c);
/* Until it has ended; the status of waitpid. Closes the pipe. */
int child_wait(struct child *c);

#endif
