/* ease.c - EASE beside what it can't do without: LAPACK's Cholesky and inverse of the same matrix, by the same OpenBLAS.
 *
 * usage: bench_ease TITLES VIEWERS OBSERVATIONS THREADS        bench/run-ease says with what
 *
 * One run, one matrix: X'X of a planted matrix (ials_data.h) plus lambda on the diagonal. "marquee" is ease_train as
 * every command calls it (copy, ridge, inverse, weights), "lapack" is spotrf and spotri alone on a copy of the same
 * matrix. Both are run TRIES times in turn (from LARGE titles on once) and
 * the best of each counts. The weights made by hand from LAPACK's inverse
 * must be the same. */
#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/str.h"
#include "ials_data.h"
#include "math/spd.h"
#include "train/ease.h"

enum { TRIES = 3, LARGE = 10000 };
static const double lambda = 500;

static int fail(const char *what)
{
    fprintf(stderr, "bench_ease: %s\n", what);
    return 1;
}

static double number(const char *z)
{
    double v;
    if (!str_to_double(str_of(z), &v) || v < 1) {
        fprintf(stderr, "bench_ease: %s: not a number from 1 on\n", z);
        exit(2);
    }
    return v;
}

struct moment {
    double wall, processor;
};

static struct moment now(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (struct moment){(double)clock_mono_ns() * 1e-9,
                           (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
                               (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6};
}

static struct moment since(struct moment start)
{
    struct moment end = now();
    return (struct moment){end.wall - start.wall, end.processor - start.processor};
}

static void keep_best(struct moment *best, struct moment m)
{
    best->wall = fmin(best->wall, m.wall);
    best->processor = fmin(best->processor, m.processor);
}

/* p = the same matrix -> its inverse, one triangle; 0 or LAPACK's code. */
static lapack_int by_lapack(const struct co_counts *c, float *p, struct moment *ret)
{
    size_t n = c->n;
    memcpy(p, c->count, n * n * sizeof(*p));
    for (size_t i = 0; i < n; i++)
        p[i * n + i] += (float)lambda;
    struct moment start = now();
    lapack_int info = LAPACKE_spotrf_work(LAPACK_COL_MAJOR, 'U', (lapack_int)n, p, (lapack_int)n);
    if (info == 0)
        info = LAPACKE_spotri_work(LAPACK_COL_MAJOR, 'U', (lapack_int)n, p, (lapack_int)n);
    *ret = since(start);
    return info;
}

/* The largest difference between B and what follows from p (lower by rows). */
static double difference(const struct links *b, const float *p)
{
    size_t n = b->n;
    double worst = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++) {
            double down = -(double)p[i * n + j] / (double)p[j * n + j];
            double up = -(double)p[i * n + j] / (double)p[i * n + i];
            worst = fmax(worst, fabs(down - (double)b->dense[i * n + j]));
            worst = fmax(worst, fabs(up - (double)b->dense[j * n + i]));
        }
    }
    return worst;
}

static int compare(const struct csr *m, struct pool *pool, struct mq_error *err)
{
    struct co_counts c;
    struct moment start = now();
    if (co_counts_of(m, pool, &c, err))
        return fail(err->text);
    struct moment counting = since(start);
    float *p = malloc(((size_t)c.n * c.n + 1) * sizeof(*p));
    struct moment ours = {HUGE_VAL, HUGE_VAL};
    struct moment lapack = ours;
    double worst = 0;
    if (!p)
        return fail("no memory");
    openblas_set_num_threads((int)pool_threads(pool));
    for (int t = 0; t < (m->cols < LARGE ? TRIES : 1); t++) {
        struct moment spent;
        struct links b;
        if (by_lapack(&c, p, &spent) != 0)
            return fail("LAPACK: not positive definite");
        keep_best(&lapack, spent);
        start = now();
        if (ease_train(m, &c, lambda, pool, &b, err))
            return fail(err->text);
        keep_best(&ours, since(start));
        worst = difference(&b, p);
        links_release(&b);
    }
    free(p);
    double flop = pow(c.n, 3) * 1e-9;
    printf("counts of pairs     %8.2f s, %.2f of the processors\n", counting.wall,
           counting.processor);
    printf("lapack inverse      %8.2f s, %.2f of the processors, %.0f GFLOP/s\n", lapack.wall,
           lapack.processor, flop / lapack.wall);
    printf("marquee, weights    %8.2f s, %.2f of the processors\n", ours.wall, ours.processor);
    printf("marquee / lapack    %8.2f by the clock, %.2f by processor time (promised: at most "
           "1.50)\n",
           ours.wall / lapack.wall, ours.processor / lapack.processor);
    printf("largest difference  %8.1e\n", worst);
    co_counts_release(&c);
    return 0;
}

int main(int argc, char **argv)
{
    struct ials_data d;
    struct pool *pool;
    struct mq_error err;
    struct rusage usage;
    if (argc != 5)
        return fail("usage: bench_ease TITLES VIEWERS OBSERVATIONS THREADS");
    uint32_t titles = (uint32_t)number(argv[1]);
    if (ials_data_make((uint32_t)number(argv[2]), titles, (uint64_t)number(argv[3]), 1, &d))
        return fail("no memory");
    if (pool_new((size_t)number(argv[4]), &pool, &err))
        return fail(err.text);
    printf("EASE of %u titles: %u viewers, %llu observations, %zu threads, OpenBLAS kernels %s; "
           "will take %.2f GB\n",
           titles, d.train.rows, (unsigned long long)csr_nnz(&d.train), pool_threads(pool),
           spd_core_name(), (double)ease_memory(titles) / 1e9);
    fflush(stdout);
    int rc = compare(&d.train, pool, &err);
    getrusage(RUSAGE_SELF, &usage);
    printf("peak                %8.2f GB, of which %.2f are LAPACK's copy\n",
           (double)usage.ru_maxrss * 1024e-9, 4e-9 * titles * (double)titles);
    pool_free(pool);
    ials_data_release(&d);
    return rc;
}
