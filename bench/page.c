/* page.c - time of a home page with reasons and evidence, all in, on one core.
 *
 *     build/bench/bench_page [TITLES [RANK]]       20,000 titles and rank 64 by default; an invented service
 *
 * 200 viewers with 10 to 250 signals each, 40 pages each in turn, 8 rows of 20; then new viewers. First ordered by taste
 * alone, then by a blend of all ingredients with as many links of each title as a training keeps. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "recommend/recommend.h"
#include "recommend/small_world.h"
#include "support/check.h"
#include "train/blend_fit.h"

enum { VIEWERS = 200, ROUNDS = 40, SAMPLES = VIEWERS * ROUNDS };

/* Beside others a page waits for the processor: what it takes of it says more then. */
static double processor_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print_times(const char *what, double *us, double *processor, size_t n, double items)
{
    qsort(us, n, sizeof(*us), by_size);
    qsort(processor, n, sizeof(*processor), by_size);
    printf("%-24s p50 %6.0f us  p99 %6.0f us; processor p50 %6.0f us  p99 %6.0f us; %.0f items\n",
           what, us[n / 2], us[n * 99 / 100], processor[n / 2], processor[n * 99 / 100], items);
}

static void time_pages(struct recommender *r, const struct small_world *w, struct profile **viewers,
                       const char *what)
{
    static double us[SAMPLES], processor[SAMPLES];
    size_t items = 0;
    for (size_t i = 0; i < SAMPLES; i++) {
        struct ask ask = {
            .profile = viewers ? viewers[i % VIEWERS] : NULL,
            .viewer = "v",
            .at_ms = SMALL_WORLD_NOW,
            .context = {.offset_min = 0, .device = DEVICE_PHONE, .country = 'G' << 8 | 'B'},
        };
        struct mq_page page;
        int64_t from = clock_mono_ns();
        double began = processor_us();
        assert_ok(recommend_home(r, &w->world, &ask, &page, &test_err));
        us[i] = (double)(clock_mono_ns() - from) / 1000;
        processor[i] = processor_us() - began;
        for (size_t row = 0; row < page.n_rows; row++)
            items += page.rows[row].n_items;
    }
    print_times(what, us, processor, SAMPLES, (double)items / SAMPLES);
}

static void time_viewers(struct recommender *r, const struct small_world *w)
{
    struct profile *viewers[VIEWERS];
    for (uint32_t signals = 10; signals <= 250; signals = signals == 10 ? 50 : signals + 100) {
        char what[32];
        for (uint32_t v = 0; v < VIEWERS; v++)
            viewers[v] = small_world_profile(w, 1000 + v, signals);
        snprintf(what, sizeof(what), "viewers with %u signals", signals);
        time_pages(r, w, viewers, what);
        for (uint32_t v = 0; v < VIEWERS; v++)
            free(viewers[v]);
    }
    time_pages(r, w, NULL, "new viewers");
}

int main(int argc, char **argv)
{
    uint64_t asked[2] = {20000, 64};
    for (int i = 1; i < argc && i <= 2; i++) {
        if (!str_to_u64(str_of(argv[i]), &asked[i - 1])) {
            fprintf(stderr, "page: %s: give a number\n", argv[i]);
            return 2;
        }
    }
    uint32_t titles = (uint32_t)asked[0], rank = (uint32_t)asked[1];
    struct small_world w;
    struct recommender *r;
    small_world_make(&w, (struct small_world_size){titles, 4000, rank, 1});
    assert_ok(recommender_new(&r, &test_err));
    assert_ok(recommender_fit(r, titles, rank, &test_err));
    printf("%u titles, rank %u, seed 1\n", titles, rank);
    time_viewers(r, &w);
    small_world_blend(&w, BLEND_LINKS_KEPT);
    printf("with a blend of %d links a title\n", BLEND_LINKS_KEPT);
    time_viewers(r, &w);
    recommender_free(r);
    small_world_release(&w);
    return 0;
}
