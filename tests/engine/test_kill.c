/* kill -9 in the middle of appending: whatever was acknowledged is there, once, and the folder is whole. */
#include "service.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BATCH = 7, THREADS = 2 };

/* Appends batches from `first` on; tells the parent each one that was acknowledged. Never returns. */
static void child(const char *data, int out, unsigned first)
{
    struct mq_engine *engine;
    struct mq_error err;
    if (mq_engine_open(data, NULL, &engine, &err) != 0)
        _exit(1);
    for (unsigned b = first;; b++) {
        struct mq_event events[BATCH];
        char ids[BATCH][32], viewers[BATCH][16];
        struct mq_appended done;
        for (unsigned i = 0; i < BATCH; i++) {
            snprintf(ids[i], sizeof(ids[i]), "%u-%u", b, i);
            snprintf(viewers[i], sizeof(viewers[i]), "v%u", (b + i) % 40);
            events[i] = (struct mq_event){.id = ids[i],
                                          .viewer = viewers[i],
                                          .kind = "start",
                                          .title = "t1",
                                          .position_ms = -1,
                                          .from_ms = -1};
        }
        if (mq_append(engine, events, BATCH, &done, &err) != 0)
            _exit(2);
        if (done.accepted != BATCH || write(out, &b, sizeof(b)) != sizeof(b))
            _exit(3);
    }
}

/* Every event of batches 0..n must be a duplicate now. */
static void all_are_there(struct service *s, unsigned n)
{
    for (unsigned b = 0; b < n; b++) {
        struct mq_event events[BATCH];
        char ids[BATCH][32], viewers[BATCH][16];
        struct mq_appended done;
        for (unsigned i = 0; i < BATCH; i++) {
            snprintf(ids[i], sizeof(ids[i]), "%u-%u", b, i);
            snprintf(viewers[i], sizeof(viewers[i]), "v%u", (b + i) % 40);
            events[i] = (struct mq_event){.id = ids[i],
                                          .viewer = viewers[i],
                                          .kind = "start",
                                          .title = "t1",
                                          .position_ms = -1,
                                          .from_ms = -1};
        }
        assert_ok(mq_append(s->engine, events, BATCH, &done, &test_err));
        if (done.duplicates != BATCH)
            fail_msg("batch %u of %u: %llu events are missing", b, n,
                     (unsigned long long)done.accepted);
    }
}

static void killed_while_appending(void **state)
{
    struct service *s = *state;
    skip_where_forks_have_no_threads();
    size_t rounds = test_rounds(20);
    unsigned next = 0; /* batches 0 .. next - 1 are in the log whole */
    uint64_t seed = test_seed();
    service_close(s);
    for (size_t round = 0; round < rounds; round++) {
        int fds[2];
        assert_int_equal(pipe(fds), 0);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            close(fds[0]);
            child(s->data, fds[1], next);
        }
        close(fds[1]);
        /* Somewhere among its first batches. */
        unsigned wanted = (unsigned)((seed + round * 7) % 13);
        unsigned acknowledged = next, b;
        while (acknowledged - next < wanted && read(fds[0], &b, sizeof(b)) == sizeof(b)) {
            assert_int_equal(b, acknowledged);
            acknowledged++;
        }
        assert_int_equal(acknowledged - next, wanted);
        assert_int_equal(kill(pid, SIGKILL), 0);
        int status;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status));
        while (read(fds[0], &b, sizeof(b)) == sizeof(b))
            acknowledged++;
        close(fds[0]);
        service_open(s, s->data);
        struct mq_stats stats;
        assert_ok(mq_stats(s->engine, &stats, &test_err));
        /* Whole batches: those acknowledged, and perhaps the one that was under way. */
        assert_int_equal(stats.events % BATCH, 0);
        assert_in_range(stats.events / BATCH, acknowledged, acknowledged + 1);
        assert_int_equal(stats.last_seq, stats.events);
        struct mq_check check;
        assert_ok(mq_check(s->engine, &check, &test_err));
        next = (unsigned)(stats.events / BATCH);
        all_are_there(s, next);
        assert_ok(mq_stats(s->engine, &stats, &test_err));
        assert_int_equal(stats.events / BATCH, next);
        service_close(s);
    }
    service_open(s, s->data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(killed_while_appending, service_setup, service_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
