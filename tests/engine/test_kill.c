/* kill -9 in the middle of appending: whatever was acknowledged is there, once, and the folder is whole. */
#include "service.h"
#include "support/child.h"

#include <sys/wait.h>
#include <unistd.h>

enum { BATCH = 7, AT_ONCE = 60 };

static int append(struct mq_engine *engine, unsigned b, struct mq_appended *done)
{
    struct mq_event events[BATCH];
    char ids[BATCH][32], viewers[BATCH][16];
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
    return mq_append(engine, events, BATCH, done, &test_err);
}

/* args: the folder, the first batch. Appends until it is killed, or AT_ONCE batches; tells each batch that was acknowledged. */
static void ingest(int out, char **args)
{
    struct mq_engine *engine;
    struct mq_options options = {.must_exist = true};
    if (mq_engine_open(args[0], &options, &engine, &test_err) != 0)
        _exit(1);
    unsigned b = (unsigned)strtoul(args[1], NULL, 10);
    for (unsigned end = b + AT_ONCE; b < end; b++) {
        struct mq_appended done;
        if (append(engine, b, &done) != 0)
            _exit(2);
        if (done.accepted != BATCH)
            _exit(3);
        child_tell(out, &b, sizeof(b));
    }
    for (;;)
        pause();
}

/* Every event of batches 0..n must be a duplicate now. */
static void all_are_there(struct service *s, unsigned n)
{
    for (unsigned b = 0; b < n; b++) {
        struct mq_appended done;
        assert_ok(append(s->engine, b, &done));
        if (done.duplicates != BATCH)
            fail_msg("batch %u of %u: %llu events are missing", b, n,
                     (unsigned long long)done.accepted);
    }
}

/* Kills a child somewhere among its first batches; how many batches are acknowledged in all. */
static unsigned kill_while_appending(const struct service *s, unsigned next, unsigned wanted)
{
    struct child c;
    char first[16];
    unsigned acknowledged = next, b;
    snprintf(first, sizeof(first), "%u", next);
    child_start(&c, "ingest", (const char *const[]){s->data, first, NULL});
    while (acknowledged - next < wanted && child_hear(&c, &b, sizeof(b))) {
        assert_int_equal(b, acknowledged);
        acknowledged++;
    }
    child_kill(&c);
    while (child_hear(&c, &b, sizeof(b)))
        acknowledged++;
    int status = child_wait(&c);
    if (!WIFSIGNALED(status))
        fail_msg("the child gave up: exit %d", WEXITSTATUS(status));
    assert_true(acknowledged - next >= wanted);
    return acknowledged;
}

static void killed_while_appending(void **state)
{
    struct service *s = *state;
    size_t rounds = test_rounds(20);
    unsigned next = 0; /* batches 0 .. next - 1 are in the log whole */
    uint64_t seed = test_seed();
    service_close(s);
    for (size_t round = 0; round < rounds; round++) {
        unsigned acknowledged = kill_while_appending(s, next, (unsigned)((seed + round * 7) % 13));
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

int main(int argc, char **argv)
{
    static const struct child_role roles[] = {{"ingest", ingest}, {NULL, NULL}};
    child_main(argc, argv, roles);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(killed_while_appending, service_setup, service_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
