/* Counts every call of the allocator while answers are made. Sanitizers bring their own allocator, so the
 * counting needs a plain build. */
#include "recommend/recommend.h"

#include "recommend/small_world.h"
#include "support/check.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define COUNTING 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define COUNTING 0
#endif
#endif
#ifndef COUNTING
#define COUNTING 1
#endif

static size_t calls;

#if COUNTING && defined(__GLIBC__)
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t alignment, size_t n);
void __libc_free(void *p);

void *malloc(size_t n)
{
    calls++;
    return __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
    calls++;
    return __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
    calls++;
    return __libc_realloc(p, n);
}

void *aligned_alloc(size_t alignment, size_t n)
{
    calls++;
    return __libc_memalign(alignment, n);
}

void free(void *p)
{
    calls++;
    __libc_free(p);
}
#endif

static void answers_allocate_nothing(void **state)
{
    (void)state;
    struct small_world w;
    struct recommender *r;
    struct profile *viewers[40];
    uint64_t seed = test_seed();
    small_world_make(&w, (struct small_world_size){600, 800, 16, seed});
    assert_ok(recommender_new(&r, &test_err));
    assert_ok(recommender_fit(r, 600, 16, &test_err));
    for (uint32_t v = 0; v < 40; v++)
        viewers[v] = small_world_profile(&w, seed + v, v * 5);
    const char *include[] = {"genre=Drama|Comedy|Crime"}, *boost[] = {"year>2000*2"},
               *pin[] = {"genre=Drama@0.1"};
    static struct rules some, none;
    assert_ok(rules_parse(
        &(struct mq_rules){.include = include, .n_include = 1, .boost = boost, .n_boost = 1}, &some,
        &test_err));
    assert_ok(rules_parse(&(struct mq_rules){.pin = pin, .n_pin = 1}, &none, &test_err));
    size_t before = calls;
    void *volatile probe = malloc(1);
    free(probe);
    if (calls == before) {
        printf("skipped: this build's allocator can not be counted\n");
    } else {
        before = calls;
        for (uint32_t v = 0; v < 40; v++) {
            struct title_id few[3] = {{1}, {v}, {9}};
            struct ask ask = {.profile = v ? viewers[v] : NULL,
                              .viewer = "v",
                              .at_ms = SMALL_WORLD_NOW,
                              .rows = v % 3 == 2 ? 16 : 0,
                              .columns = v % 3 == 2 ? 100 : 0,
                              .n = v % 2 ? 500 : 0,
                              .rules = v % 4 == 0   ? &some
                                       : v % 4 == 3 ? &none
                                                    : NULL,
                              .context = {.offset_min = 60, .country = 'G' << 8 | 'B'}};
            struct mq_page page;
            struct mq_list list;
            struct mq_explanation why;
            assert_int_equal(recommend_home(r, &w.world, &ask, &page, &test_err), 0);
            assert_int_equal(recommend_list(r, &w.world, &ask, &list, &test_err), 0);
            ask.rules = v % 4 == 1 ? &some : NULL;
            assert_int_equal(recommend_rank(r, &w.world, &ask, few, 3, &list, &test_err), 0);
            assert_int_equal(
                recommend_similar(r, &w.world, &(struct ask){.n = 20}, few[1], &list, &test_err),
                0);
            assert_int_equal(recommend_explain(r, &w.world, &ask, few[1], &why, &test_err), 0);
        }
        size_t made = calls - before;
        assert_int_equal(made, 0);
    }
    for (uint32_t v = 0; v < 40; v++)
        free(viewers[v]);
    recommender_free(r);
    small_world_release(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_allocate_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
