/* Between a request and its body our rooms take no memory. The linker sends their calls here (--wrap). */
#include <stdatomic.h>
#include <unistd.h>

#include "small_service.h"
#include "support/check.h"

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__real_aligned_alloc(size_t alignment, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
void *__wrap_aligned_alloc(size_t alignment, size_t n);

static _Thread_local bool counting; /* of this thread: the committer has its own work */
static _Thread_local size_t calls;

void *__wrap_malloc(size_t n)
{
    calls += counting;
    return __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
    calls += counting;
    return __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
    calls += counting;
    return __real_realloc(p, n);
}

void *__wrap_aligned_alloc(size_t alignment, size_t n)
{
    calls += counting;
    return __real_aligned_alloc(alignment, n);
}

static size_t calls_of(struct service *s, const char *path)
{
    calls = 0;
    counting = true;
    int status = service_call(s, API_READ, API_GET, path, "");
    counting = false;
    assert_int_equal(status, 200);
    return calls;
}

/* A viewer who was not asked about is read from the log, and kept; soon their answers take nothing. */
static void test_resident_viewers(void **state)
{
    static const char *const paths[] = {
        "/v1/viewers/v1/home?device=tv&country=GB&timezone=Europe/London&at=2026-03-10T20:00:00Z",
        "/v1/viewers/v1/home?no_context=1&rows=40&columns=100",
        "/v1/viewers/v1/recommendations?n=1000",
        "/v1/viewers/v1/explain/t3",
        "/v1/viewers/nobody/home",
        "/v1/titles/t1/similar",
    };
    struct service s;
    (void)state;
    service_open(&s);
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        size_t last = 1;
        for (int round = 0; round < 2000 && last > 0; round++) {
            last = calls_of(&s, paths[i]);
            if (last > 0)
                usleep(1000);
        }
        for (int round = 0; round < 50; round++)
            last += calls_of(&s, paths[i]);
        if (last > 0)
            fail_msg("%s: %zu allocations", paths[i], last);
    }
    service_close(&s);
}

/* The counter counts: an answer for a viewer who is not in memory reads their log, which takes memory. */
static void test_the_counter(void **state)
{
    struct service s;
    (void)state;
    service_open(&s);
    assert_true(calls_of(&s, "/v1/viewers/v5/home?as_of=@100") > 0);
    service_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_counter),
        cmocka_unit_test(test_resident_viewers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
