#include "support/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "support/check.h"

#define CHILD_FLAG "--child"

/* Where the pipe lies in the child. */
enum { CHILD_OUT = 3, POLL_MS = 2 };

void child_main(int argc, char **argv, const struct child_role *roles)
{
    if (argc < 3 || strcmp(argv[1], CHILD_FLAG) != 0)
        return;
    for (; roles->name; roles++) {
        if (strcmp(roles->name, argv[2]) != 0)
            continue;
        roles->run(CHILD_OUT, argv + 3);
        _exit(0);
    }
    fprintf(stderr, "child: %s: is no role of this program\n", argv[2]);
    _exit(127);
}

void child_start(struct child *c, const char *role, const char *const *args)
{
    extern char **environ;
    /* posix_spawn takes them as char *, and changes none. */
    union {
        const char *given[4 + CHILD_ARGS];
        char *taken[4 + CHILD_ARGS];
    } argv = {.given = {"/proc/self/exe", CHILD_FLAG, role}};
    for (size_t i = 0; args && args[i]; i++) {
        assert_true(i < CHILD_ARGS);
        argv.given[3 + i] = args[i];
    }
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    posix_spawn_file_actions_t actions;
    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    assert_int_equal(posix_spawn_file_actions_adddup2(&actions, ends[1], CHILD_OUT), 0);
    int failed = posix_spawn(&c->pid, "/proc/self/exe", &actions, NULL, argv.taken, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (failed)
        fail_msg("child %s: cannot start: %s", role, strerror(failed));
    c->from = ends[0];
    c->role = role;
}

void child_tell(int out, const void *p, size_t n)
{
    if (write(out, p, n) != (ssize_t)n)
        _exit(126);
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void give_up(struct child *c, const char *what)
{
    kill(c->pid, SIGKILL);
    waitpid(c->pid, NULL, 0);
    close(c->from);
    fail_msg("child %s: %s for %d s: killed", c->role, what, CHILD_SECONDS);
}

bool child_hear(struct child *c, void *p, size_t n)
{
    int64_t end = now_ms() + CHILD_SECONDS * INT64_C(1000);
    size_t got = 0;
    while (got < n) {
        struct pollfd ready = {.fd = c->from, .events = POLLIN};
        int64_t left = end - now_ms();
        if (left <= 0)
            give_up(c, "said nothing");
        if (poll(&ready, 1, (int)left) <= 0)
            continue;
        ssize_t more = read(c->from, (char *)p + got, n - got);
        if (more == 0 || (more < 0 && errno != EINTR))
            return false;
        got += more > 0 ? (size_t)more : 0;
    }
    return true;
}

void child_kill(struct child *c)
{
    assert_int_equal(kill(c->pid, SIGKILL), 0);
}

int child_wait(struct child *c)
{
    int64_t end = now_ms() + CHILD_SECONDS * INT64_C(1000);
    int status = 0;
    for (;;) {
        pid_t ended = waitpid(c->pid, &status, WNOHANG);
        if (ended == c->pid)
            break;
        if (now_ms() > end)
            give_up(c, "did not end");
        struct timespec pause = {.tv_nsec = POLL_MS * 1000000};
        nanosleep(&pause, NULL);
    }
    close(c->from);
    return status;
}
