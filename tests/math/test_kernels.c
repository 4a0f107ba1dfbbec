/* Each set of kernels against the plain loops, and the plain loops against the definition. */
#include "support/check.h"

#include <math.h>

#include "base/rng.h"
#include "math/kernels.h"

enum { STRIDE_MAX = 144, ROWS = 200 };

static float *floats(size_t n)
{
    size_t bytes = (n * sizeof(float) + 127) / 64 * 64;
    float *p = aligned_alloc(64, bytes);

    assert_non_null(p);
    memset(p, 0, bytes);
    return p;
}

static float *normals(struct rng *rng, size_t rows, size_t rank, size_t stride)
{
    float *p = floats(rows * stride);

    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < rank; c++)
            p[r * stride + c] = (float)rng_normal(rng);
    return p;
}

static void assert_close(const float *expected, const float *got, size_t n, double tolerance)
{
    for (size_t i = 0; i < n; i++) {
        double scale = 1 + fabs((double)expected[i]);
        if (!(fabs((double)expected[i] - (double)got[i]) <= tolerance * scale))
            fail_msg("at %zu: expected %.9g, got %.9g", i, (double)expected[i], (double)got[i]);
    }
}

static void check_dots(const struct kernels *k, struct rng *rng, size_t stride)
{
    float *rows = normals(rng, ROWS, stride - 3, stride), *x = normals(rng, 1, stride - 3, stride);
    float expected[ROWS], got[ROWS + 1];

    for (size_t n = 0; n <= ROWS; n += n < 40 ? 1 : 37) {
        got[n] = 77;
        kernels_plain()->dots(rows, n, stride, x, expected);
        k->dots(rows, n, stride, x, got);
        assert_close(expected, got, n, 1e-5);
        assert_true(got[n] == 77);
    }
    free(rows);
    free(x);
}

static void check_dots_short(const struct kernels *k, struct rng *rng, size_t stride)
{
    int16_t *rows = aligned_alloc(64, ROWS * stride * sizeof(*rows));
    float *x = normals(rng, 1, stride - 3, stride), scale[ROWS];
    float expected[ROWS], got[ROWS + 1];

    assert_non_null(rows);
    for (size_t i = 0; i < ROWS * stride; i++)
        rows[i] = (int16_t)((int)rng_below(rng, 65535) - 32767);
    for (size_t i = 0; i < ROWS; i++)
        scale[i] = (float)rng_double(rng) / 32767;
    for (size_t n = 0; n <= ROWS; n += n < 40 ? 1 : 37) {
        got[n] = 77;
        kernels_plain()->dots_short(rows, scale, n, stride, x, expected);
        k->dots_short(rows, scale, n, stride, x, got);
        assert_close(expected, got, n, 1e-5);
        assert_true(got[n] == 77);
    }
    free(rows);
    free(x);
}

static void check_above(const struct kernels *k, struct rng *rng)
{
    float v[65];
    for (size_t i = 0; i < 65; i++)
        v[i] = rng_below(rng, 8) ? (float)rng_below(rng, 9) : NAN;
    for (int bar = -1; bar < 9; bar++)
        assert_true(k->above(v + 1, (float)bar) == kernels_plain()->above(v + 1, (float)bar));
    assert_true(k->above(v, INFINITY) == 0);
}

static void check_project(const struct kernels *k, struct rng *rng, size_t stride)
{
    float *rows = normals(rng, 70, stride, stride), *x = normals(rng, 1, stride, stride);

    for (size_t n = 0; n <= 70; n++) {
        float *expected = normals(rng, 1, stride, stride), *got = floats(stride);
        memcpy(got, expected, stride * sizeof *got);
        kernels_plain()->project(rows, n, stride, x, expected);
        k->project(rows, n, stride, x, got);
        assert_close(expected, got, stride, 1e-3);
        free(expected);
        free(got);
    }
    free(rows);
    free(x);
}

static void check_times(const struct kernels *k, struct rng *rng, size_t stride)
{
    float *y = normals(rng, 30, stride, stride), *m = floats(stride * stride);
    float *v = normals(rng, KERNEL_BLOCK, stride, stride), *work = floats(stride * KERNEL_BLOCK);
    float *expected = floats(KERNEL_BLOCK * stride), *got = floats(KERNEL_BLOCK * stride);

    for (size_t i = 0; i < stride; i++)
        for (size_t j = 0; j < stride; j++)
            m[i * stride + j] = y[i] * y[j] + (i == j ? 2 : 0);
    kernels_plain()->times(m, stride, v, work, expected);
    k->times(m, stride, v, work, got);
    assert_close(expected, got, KERNEL_BLOCK * stride, 1e-3);
    memset(v + stride, 0, (KERNEL_BLOCK - 1) * stride * sizeof *v);
    k->times(m, stride, v, work, expected); /* a row does not feel the others */
    assert_memory_equal(expected, got, stride * sizeof *got);
    free(y);
    free(m);
    free(v);
    free(work);
    free(expected);
    free(got);
}

static void check_rank_k(const struct kernels *k, struct rng *rng, size_t stride)
{
    for (size_t n = 0; n <= ROWS; n += n < 3 ? 1 : 61) {
        float *y = normals(rng, n + 1, stride, stride);
        float *expected = normals(rng, stride, stride, stride), *got = floats(stride * stride);
        memcpy(got, expected, stride * stride * sizeof *got);
        kernels_plain()->rank_k(expected, y, n, stride);
        k->rank_k(got, y, n, stride);
        assert_close(expected, got, stride * stride, 1e-5);
        free(y);
        free(expected);
        free(got);
    }
}

static void check_gather(const struct kernels *k, struct rng *rng, size_t stride)
{
    float *factors = normals(rng, ROWS, stride, stride);
    uint32_t col[KERNEL_PACK];
    float weight[KERNEL_PACK], target[KERNEL_PACK];

    for (size_t i = 0; i < KERNEL_PACK; i++) {
        col[i] = (uint32_t)rng_below(rng, ROWS);
        weight[i] = (float)rng_normal(rng);
        target[i] = (float)rng_normal(rng);
    }
    for (int given = 0; given < 2; given++) {
        float *pack[2], *b[2];
        for (int i = 0; i < 2; i++) {
            pack[i] = floats(KERNEL_PACK * stride);
            b[i] = floats(stride);
            (i ? k : kernels_plain())
                ->gather(factors, stride, col, weight, given ? target : NULL, KERNEL_PACK - 1,
                         pack[i], b[i]);
        }
        assert_close(pack[0], pack[1], KERNEL_PACK * stride, 1e-6);
        assert_close(b[0], b[1], stride, 1e-5);
        for (int i = 0; i < 2; i++) {
            free(pack[i]);
            free(b[i]);
        }
    }
    free(factors);
}

/* The upper triangle alone is read below the blocks of the diagonal: spoil the rest. */
static float *upper_with_junk(const float *a, size_t stride)
{
    float *u = floats(stride * stride);

    for (size_t i = 0; i < stride; i++)
        for (size_t j = 0; j < stride; j++)
            u[i * stride + j] = j / KERNEL_BLOCK >= i / KERNEL_BLOCK ? a[i * stride + j] : 1e30f;
    return u;
}

static void check_cholesky(const struct kernels *k, struct rng *rng, size_t stride)
{
    float *y = normals(rng, 2 * stride, stride, stride), *a = floats(stride * stride);
    float *work = floats(stride * stride), *inverse = floats(stride * stride);
    float *x = normals(rng, 1, stride, stride), *b = floats(stride);

    kernels_plain()->rank_k(a, y, 2 * stride, stride);
    for (size_t i = 0; i < stride; i++) {
        a[i * stride + i] += 1;
        for (size_t j = 0; j < i; j++)
            a[i * stride + j] = a[j * stride + i];
    }
    float *u = upper_with_junk(a, stride);
    assert_int_equal(k->cholesky(u, stride), 0);
    kernels_plain()->dots(a, stride, stride, x, b); /* b = a x */
    k->solve(u, stride, b);
    assert_close(x, b, stride, 2e-3);
    k->inverse(u, stride, work, inverse);
    for (size_t i = 0; i < stride; i++) {
        float *unit = floats(stride), *got = floats(stride);
        unit[i] = 1;
        kernels_plain()->dots(inverse, stride, stride, a + i * stride, got);
        assert_close(unit, got, stride, 2e-3);
        free(unit);
        free(got);
    }
    free(y);
    free(a);
    free(u);
    free(work);
    free(inverse);
    free(x);
    free(b);
}

static void check_singular(const struct kernels *k, size_t stride)
{
    for (size_t bad = 0; bad < stride; bad++) {
        float *a = floats(stride * stride);
        for (size_t i = 0; i < stride; i++)
            a[i * stride + i] = i == bad ? (bad % 2 ? 0.0f : -1.0f) : 2.0f;
        assert_int_equal(k->cholesky(a, stride), 1 + bad / KERNEL_BLOCK);
        memset(a, 0xff, stride * stride * sizeof *a); /* NaN */
        assert_int_equal(k->cholesky(a, stride), 1);
        free(a);
    }
}

/* The sums of draws, and what a step does to them, against the plain loops. */
static void check_lanes(const struct kernels *k, struct rng *rng)
{
    static struct kernel_lane lane[2][ROWS];
    uint32_t col[ROWS];
    for (uint32_t i = 0; i < ROWS; i++) {
        lane[0][i] = lane[1][i] = (struct kernel_lane){
            (float)rng_normal(rng), (float)rng_normal(rng), (float)rng_double(rng), 1};
        col[i] = i;
    }
    rng_shuffle_u32(rng, col, ROWS);
    for (size_t n = 0; n <= ROWS; n += n < 20 ? 1 : 60) {
        struct kernel_sums expected = kernels_plain()->lanes_sum(lane[0], col, n);
        struct kernel_sums got = k->lanes_sum(lane[1], col, n);
        assert_true(fabs(expected.hh - got.hh) < 1e-3 && fabs(expected.he - got.he) < 1e-3);
        float step = (float)rng_normal(rng);
        kernels_plain()->lanes_move(lane[0], col, n, step);
        k->lanes_move(lane[1], col, n, step);
        assert_close(&lane[0][0].he, &lane[1][0].he, (size_t)4 * ROWS, 1e-4);
    }
}

static void check_rows(const struct kernels *k, struct rng *rng)
{
    enum { N = 1200 };
    static float total[2][N], e[2][N];
    for (size_t r = 0; r < N; r++) {
        total[0][r] = total[1][r] = (float)rng_normal(rng);
        e[0][r] = e[1][r] = (float)rng_normal(rng);
    }
    for (size_t n = 0; n < N - 3; n += n < 40 ? 1 : 229) {
        size_t from = n % 3; /* any alignment */
        float own = (float)rng_normal(rng);
        float step = (float)rng_normal(rng);
        struct kernel_sums expected =
            kernels_plain()->rows_sum(total[0] + from, e[0] + from, n, own);
        struct kernel_sums got = k->rows_sum(total[1] + from, e[1] + from, n, own);
        assert_true(fabs(expected.hh - got.hh) < 1e-4 * (1 + expected.hh));
        assert_true(fabs(expected.he - got.he) < 1e-4 * (1 + expected.hh));
        kernels_plain()->rows_move(total[0] + from, e[0] + from, n, own, step);
        k->rows_move(total[1] + from, e[1] + from, n, own, step);
        assert_close(total[0], total[1], N, 1e-4);
        assert_close(e[0], e[1], N, 1e-3);
    }
}

static void check_counts(const struct kernels *k, struct rng *rng)
{
    enum { WORDS = 150 };
    uint64_t v[5][WORDS];
    for (int i = 0; i < 5; i++)
        for (int w = 0; w < WORDS; w++)
            v[i][w] = rng_u64(rng) & rng_u64(rng);
    for (size_t n = 0; n <= WORDS; n += n < 40 ? 1 : 11) {
        const uint64_t *const four[4] = {v[1], v[2], v[3], v[4]};
        uint32_t got[4];
        k->count_four(v[0], four, n, got);
        for (int i = 0; i < 4; i++) {
            assert_int_equal(kernels_plain()->count_both(v[0], four[i], n), got[i]);
            assert_int_equal(k->count_both(v[0], four[i], n), got[i]);
        }
    }
}

static void check_all(const struct kernels *k)
{
    struct rng rng;

    if (!k) {
        print_message("skipped: this processor can't run them\n");
        return;
    }
    print_message("kernels %s\n", k->name);
    rng_seed(&rng, test_seed());
    for (size_t stride = 16; stride <= STRIDE_MAX; stride += 16) {
        check_dots(k, &rng, stride);
        check_dots_short(k, &rng, stride);
        check_above(k, &rng);
        check_project(k, &rng, stride);
        check_times(k, &rng, stride);
        check_rank_k(k, &rng, stride);
        check_gather(k, &rng, stride);
        check_cholesky(k, &rng, stride);
        check_singular(k, stride);
    }
    check_lanes(k, &rng);
    check_counts(k, &rng);
    check_rows(k, &rng);
}

static void plain(void **state)
{
    (void)state;
    check_all(kernels_plain());
}

static void base(void **state)
{
    (void)state;
    check_all(kernels_base());
}

static void v3(void **state)
{
    (void)state;
    check_all(kernels_v3());
}

static void v4(void **state)
{
    (void)state;
    check_all(kernels_v4());
}

static void v4p(void **state)
{
    (void)state;
    check_all(kernels_v4p());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain), cmocka_unit_test(base), cmocka_unit_test(v3),
        cmocka_unit_test(v4),    cmocka_unit_test(v4p),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
