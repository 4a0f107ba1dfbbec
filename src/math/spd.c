#include "math/spd.h"

#include <cblas.h>
#include <lapacke.h>
#include <sched.h>
#include <string.h>

/* OpenBLAS has threads of its own, which would not leave the processor to others as a thread that was told to does: that
 * one works alone. */
static void use_threads(size_t threads)
{
    if (sched_getscheduler(0) != SCHED_OTHER)
        threads = 1;
    openblas_set_num_threads(threads > 0 ? (int)threads : openblas_get_num_procs());
}

/* In tiles, since the matrix is read by rows and by columns. */
static void mirror_lower(float *a, size_t n)
{
    enum { TILE = 64 };
    for (size_t bi = 0; bi < n; bi += TILE) {
        for (size_t bj = 0; bj <= bi; bj += TILE) {
            for (size_t i = bi; i < n && i < bi + TILE; i++) {
                for (size_t j = bj; j < i && j < bj + TILE; j++)
                    a[j * n + i] = a[i * n + j];
            }
        }
    }
}

static int not_positive(lapack_int row, struct mq_error *err)
{
    return mq_fail(err, MQ_SINGULAR,
                   "matrix: row %d: not positive definite: raise the regularisation", (int)row);
}

static int check_rows(size_t n, struct mq_error *err)
{
    if (n > SPD_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "matrix: %zu rows: at most %d can be factored", n,
                       SPD_MAX);
    return 0;
}

int spd_inverse(float *a, size_t n, size_t threads, struct mq_error *err)
{
    int rc = check_rows(n, err);
    if (rc || n == 0)
        return rc;
    use_threads(threads);
    /* Upper by columns is lower by rows: no transposition. */
    lapack_int info = LAPACKE_spotrf_work(LAPACK_COL_MAJOR, 'U', (lapack_int)n, a, (lapack_int)n);
    if (info == 0)
        info = LAPACKE_spotri_work(LAPACK_COL_MAJOR, 'U', (lapack_int)n, a, (lapack_int)n);
    if (info != 0)
        return not_positive(info, err);
    mirror_lower(a, n);
    return 0;
}

/* Rows one after another are columns by columns: the upper half by rows is LAPACK's lower one. */
static char half_by_columns(enum spd_half half)
{
    return half == SPD_LOWER ? 'U' : 'L';
}

int spd_factor(float *a, size_t n, size_t stride, enum spd_half half, size_t threads,
               struct mq_error *err)
{
    int rc = check_rows(n, err);
    if (rc || n == 0)
        return rc;
    use_threads(threads);
    lapack_int info = LAPACKE_spotrf_work(LAPACK_COL_MAJOR, half_by_columns(half), (lapack_int)n, a,
                                          (lapack_int)stride);
    return info == 0 ? 0 : not_positive(info, err);
}

void spd_solve_by(const float *a, size_t n, size_t stride, enum spd_half half, float *x,
                  size_t rows, size_t threads)
{
    if (n == 0 || rows == 0)
        return;
    use_threads(threads);
    (void)LAPACKE_spotrs_work(LAPACK_COL_MAJOR, half_by_columns(half), (lapack_int)n,
                              (lapack_int)rows, a, (lapack_int)stride, x, (lapack_int)n);
}

int spd_whiten(float *k, size_t n, float *x, size_t cols, size_t threads, struct mq_error *err)
{
    int rc = check_rows(n, err);
    if (rc || n == 0)
        return rc;
    use_threads(threads);
    lapack_int info = LAPACKE_spotrf_work(LAPACK_COL_MAJOR, 'L', (lapack_int)n, k, (lapack_int)n);
    if (info != 0)
        return not_positive(info, err);
    /* Lower by columns is upper by rows: k = U'U. */
    cblas_strsm(CblasRowMajor, CblasLeft, CblasUpper, CblasTrans, CblasNonUnit, (int)n, (int)cols,
                1, k, (int)n, x, (int)cols);
    return 0;
}

void spd_gram(const float *x, size_t rows, size_t n, size_t threads, float *ret)
{
    use_threads(threads);
    cblas_ssyrk(CblasRowMajor, CblasLower, CblasTrans, (int)n, (int)rows, 1, x, (int)n, 0, ret,
                (int)n);
    mirror_lower(ret, n);
}

const char *spd_core_name(void)
{
    return openblas_get_corename();
}

const char *spd_better_core(void)
{
#if defined(__x86_64__)
    static const char *const narrow[] = {"Haswell", "Zen", "Sandybridge", "Nehalem", "Prescott"};
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512vl") ||
        !__builtin_cpu_supports("avx512bw") || !__builtin_cpu_supports("avx512dq"))
        return NULL;
    for (size_t i = 0; i < sizeof(narrow) / sizeof(narrow[0]); i++)
        if (strcmp(spd_core_name(), narrow[i]) == 0)
            return "SkylakeX";
#endif
    return NULL;
}
