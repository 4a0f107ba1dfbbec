/* ials.c - how fast does iALS learn? bench/run-ials says how it is used beside the Python library implicit.
 *
 *   ials make DIR ROWS COLS NNZ SEED              write the matrix
 *   ials train DIR RANK EPOCHS A0 LAMBDA NU THREADS   one line an epoch: seconds so far, loss, quality
 *   ials judge DIR RANK VIEWERS TITLES            quality of factors (float32, no padding) in two files
 *   ials floor DIR RANK THREADS                   the machine's sgemm and memory, and what an epoch needs */
#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "ials_data.h"
#include "math/kernels.h"
#include "math/ridge.h"
#include "train/ials.h"

static int fail(const char *what)
{
    fprintf(stderr, "ials: %s\n", what);
    return 1;
}

/* A number of the command line; ends the program where there is none. */
static double number(const char *z)
{
    double v;

    if (!str_to_double(str_of(z), &v) || v < 0) {
        fprintf(stderr, "ials: %s: not a number from 0 on\n", z);
        exit(2);
    }
    return v;
}

static double seconds(void)
{
    return (double)clock_mono_ns() * 1e-9;
}

/* What all threads together have used: on a busy machine the fairer figure. */
static double processor_seconds(void)
{
    struct rusage u;

    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

static float *floats(size_t n)
{
    float *p = aligned_alloc(64, (n * sizeof(float) + 127) / 64 * 64);

    if (p)
        memset(p, 0, (n * sizeof(float) + 127) / 64 * 64);
    return p;
}

static int make(char **arg)
{
    struct ials_data d;

    if (ials_data_make((uint32_t)number(arg[1]), (uint32_t)number(arg[2]), (uint64_t)number(arg[3]),
                       (uint64_t)number(arg[4]), &d))
        return fail("no memory");
    if (ials_data_write(&d, arg[0]))
        return fail("cannot write the matrix");
    printf("matrix %u x %u, %llu observed, %llu held out, seed %s\n", d.train.rows, d.train.cols,
           (unsigned long long)csr_nnz(&d.train), (unsigned long long)csr_nnz(&d.held_out), arg[4]);
    ials_data_release(&d);
    return 0;
}

static void print_epoch(const struct ials_data *d, const struct ials *a, double spent, double used)
{
    struct ials_quality q = ials_quality(d, a->viewers, a->titles, a->stride);

    printf("epoch %u seconds %.3f cpu %.3f loss %.6g ndcg50 %.5f recall50 %.5f\n", a->epochs, spent,
           used, a->loss[a->epochs - 1], q.ndcg, q.recall);
    fflush(stdout);
}

/* ru_maxrss would count the judging too, which is small beside the training. */
static int train(char **arg)
{
    struct ials_settings s = {.rank = (uint32_t)number(arg[1]), .epochs = (uint32_t)number(arg[2])};
    struct ials_data d;
    struct ials_run *run;
    struct pool *pool;
    struct mq_error err;
    struct rusage usage;

    s.unobserved = (float)number(arg[3]);
    s.regularisation = (float)number(arg[4]);
    s.frequency_power = number(arg[5]) > 0 ? (float)number(arg[5]) : 1e-9f; /* 0 is "default" */
    s.seed = 1;
    if (ials_data_read(arg[0], &d))
        return fail("cannot read the matrix");
    if (pool_new((size_t)number(arg[6]), &pool, &err))
        return fail(err.text);
    double from = seconds(), cpu = processor_seconds(), spent, used;
    if (ials_start(&d.train, &s, pool, &run, &err))
        return fail(err.text);
    spent = seconds() - from;
    used = processor_seconds() - cpu;
    printf("start seconds %.3f predicted MiB %.0f kernels %s threads %zu\n", spent,
           (double)ials_memory(&d.train, s.rank, pool_threads(pool)) / 1048576,
           math_kernels()->name, pool_threads(pool));
    for (uint32_t e = 0; e < s.epochs; e++) {
        from = seconds();
        cpu = processor_seconds();
        if (ials_epoch(run, &err))
            return fail(err.text);
        spent += seconds() - from;
        used += processor_seconds() - cpu;
        print_epoch(&d, ials_state(run), spent, used);
    }
    getrusage(RUSAGE_SELF, &usage);
    printf("peak MiB %.0f\n", (double)usage.ru_maxrss / 1024);
    ials_run_free(run);
    pool_free(pool);
    ials_data_release(&d);
    return 0;
}

static float *read_factors(const char *path, size_t rows, size_t rank, size_t stride)
{
    float *p = floats(rows * stride);
    FILE *f = fopen(path, "rb");

    for (size_t r = 0; p && f && r < rows; r++)
        if (fread(p + r * stride, sizeof *p, rank, f) != rank) {
            free(p);
            p = NULL;
        }
    if (!f)
        return NULL;
    fclose(f);
    return p;
}

static int judge(char **arg)
{
    size_t rank = (size_t)number(arg[1]), stride = (rank + 15) / 16 * 16;
    struct ials_data d;

    if (ials_data_read(arg[0], &d))
        return fail("cannot read the matrix");
    float *viewers = read_factors(arg[2], d.train.rows, rank, stride);
    float *titles = read_factors(arg[3], d.train.cols, rank, stride);
    if (!viewers || !titles)
        return fail("cannot read the factors");
    struct ials_quality q = ials_quality(&d, viewers, titles, stride);
    printf("ndcg50 %.5f recall50 %.5f\n", q.ndcg, q.recall);
    free(viewers);
    free(titles);
    ials_data_release(&d);
    return 0;
}

/* The best of some tries at a square product, in GFLOP/s, by OpenBLAS on `threads` threads. */
static double sgemm_rate(int threads)
{
    enum { N = 2048, TRIES = 7 };
    float *a = floats((size_t)N * N), *b = floats((size_t)N * N), *c = floats((size_t)N * N);
    double best = 1e9;

    if (!a || !b || !c)
        return 0;
    openblas_set_num_threads(threads);
    for (size_t i = 0; i < (size_t)N * N; i++)
        a[i] = b[i] = (float)(i % 1000) * 1e-3f;
    for (int t = 0; t < TRIES; t++) {
        double from = seconds();
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, N, N, N, 1, a, N, b, N, 0, c, N);
        double spent = seconds() - from;
        best = spent < best ? spent : best;
    }
    free(a);
    free(b);
    free(c);
    return 2.0 * N * N * N / best * 1e-9;
}

struct reading {
    const float *p;
    double *sum; /* (parts) */
    size_t part;
};

static void read_part(void *ctx, size_t from, size_t to, size_t worker)
{
    struct reading *r = ctx;

    (void)worker;
    for (size_t k = from; k < to; k++) {
        float sum[16] = {0};
        for (size_t i = k * r->part; i < (k + 1) * r->part; i += 16)
            for (size_t j = 0; j < 16; j++)
                sum[j] += r->p[i + j];
        r->sum[k] = (double)(sum[0] + sum[15]);
    }
}

/* GB/s read one after another from 1 GiB, which no cache of ours holds alone. */
static double memory_rate(struct pool *pool)
{
    enum { PARTS = 256 };
    size_t n = (size_t)1 << 28;
    double sums[PARTS], best = 1e9;
    struct reading r = {floats(n), sums, n / PARTS};

    if (!r.p)
        return 0;
    for (int t = 0; t < 4; t++) {
        double from = seconds();
        pool_for(pool, PARTS, 1, read_part, &r);
        double spent = seconds() - from;
        best = spent < best ? spent : best;
    }
    free((void *)(uintptr_t)r.p);
    return (double)n * 4 / best * 1e-9;
}

/* What an epoch needs at least: each observation's half of y y' and its row on both sides; a Cholesky
 * factor and two triangular solves for each row; both Gram matrices. */
static int floor_of(char **arg)
{
    double d = number(arg[1]);
    size_t threads = (size_t)number(arg[2]);
    struct ials_data data;
    struct pool *pool;
    struct mq_error err;

    if (ials_data_read(arg[0], &data))
        return fail("cannot read the matrix");
    if (pool_new(threads, &pool, &err))
        return fail(err.text);
    double nnz = (double)csr_nnz(&data.train), rows = (double)data.train.rows + data.train.cols;
    double flops =
        2 * nnz * (d * (d + 1) + 2 * d) + rows * (d * d * d / 3 + 4 * d * d + d * (d + 1));
    double bytes = 2 * nnz * (4 * d + 8) + rows * 4 * d * 3;
    double sgemm = sgemm_rate((int)pool_threads(pool)), one = sgemm_rate(1),
           memory = memory_rate(pool);
    printf("floor gflop %.1f gbytes %.1f sgemm_gflops %.1f one_thread %.1f (%s) memory_gbs %.1f "
           "arithmetic_seconds %.3f memory_seconds %.3f\n",
           flops * 1e-9, bytes * 1e-9, sgemm, one, openblas_get_corename(), memory,
           flops * 1e-9 / sgemm, bytes * 1e-9 / memory);
    pool_free(pool);
    ials_data_release(&data);
    return 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    if (strcmp(what, "make") == 0 && argc == 7)
        return make(argv + 2);
    if (strcmp(what, "train") == 0 && argc == 9)
        return train(argv + 2);
    if (strcmp(what, "judge") == 0 && argc == 6)
        return judge(argv + 2);
    if (strcmp(what, "floor") == 0 && argc == 5)
        return floor_of(argv + 2);
    return fail("usage: ials make|train|judge|floor ...: see the head of bench/ials.c");
}
