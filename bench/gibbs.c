/* gibbs.c - samples per second and RMSE of rating prediction: viewers, titles, implicit sets both ways, no time.
 * usage: bench_gibbs TRAIN TEST RANK SAMPLES CHAINS THREADS */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "eval/rating_design.h"

/* Of all threads: on a busy machine the fairer figure. */
static double processor_seconds(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

static int run(char **argv, struct mq_error *err)
{
    struct id_book book;
    struct triples train = {0}, test = {0};
    struct rating_design d;
    struct pool *pool;
    struct gibbs_answer a;
    struct train_watch quiet = {0};
    bool timed = true;
    int rc = id_book_init(&book, err);
    if (rc == 0)
        rc = rating_file_read_rated(argv[1], &book, &train, &timed, err);
    if (rc == 0)
        rc = rating_file_read_rated(argv[2], &book, &test, &timed, err);
    if (rc == 0)
        rc = rating_design_init(&d, &train, &test, &book, false, NULL, err);
    if (rc == 0)
        rc = pool_new(strtoul(argv[6], NULL, 10), &pool, err);
    if (rc)
        return rc;
    struct gibbs_settings s = {.rank = (uint32_t)strtoul(argv[3], NULL, 10),
                               .samples = (uint32_t)strtoul(argv[4], NULL, 10),
                               .chains = (uint32_t)strtoul(argv[5], NULL, 10),
                               .burn_in = 10,
                               .seed = 1};
    int64_t started = clock_mono_ns();
    double used = processor_seconds();
    rc = gibbs_run(&d.data, &s, pool, quiet, &a, err);
    if (rc)
        return rc;
    double seconds = (double)(clock_mono_ns() - started) / 1e9;
    used = processor_seconds() - used;
    double square = 0;
    for (size_t i = 0; i < test.n; i++)
        square += pow(a.mean[i] - (double)test.weight[i], 2);
    uint32_t sweeps = s.chains * (s.samples + s.burn_in);
    printf("marquee: %u sweeps in %.2f s, %.1f a second, %.1f a processor second, RMSE %.4f\n",
           sweeps, seconds, sweeps / seconds, sweeps / used, sqrt(square / (double)test.n));
    return 0;
}

int main(int argc, char **argv)
{
    struct mq_error err;
    if (argc != 7) {
        fprintf(stderr, "usage: bench_gibbs TRAIN TEST RANK SAMPLES CHAINS THREADS\n");
        return 2;
    }
    if (run(argv, &err) == 0)
        return 0;
    fprintf(stderr, "bench_gibbs: %s\n", err.text);
    return 1;
}
