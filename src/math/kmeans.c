#include "math/kmeans.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LANES = 16 };

/* In lanes, so that the compiler uses vectors; in the same order on every processor, so that groups are the same. */
static float dot(const float *a, const float *b, size_t n)
{
    float sum[LANES] = {0};
    for (size_t i = 0; i < n; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            sum[k] += a[i + k] * b[i + k];
    for (size_t half = LANES / 2; half > 0; half /= 2)
        for (size_t k = 0; k < half; k++)
            sum[k] += sum[k + half];
    return sum[0];
}

struct assigning {
    const float *rows, *centre;
    const uint32_t *pick; /* NULL: all */
    size_t stride;
    uint32_t k;
    uint8_t *ret;
};

static void assign_part(void *ctx, size_t from, size_t to, size_t worker)
{
    const struct assigning *a = ctx;
    (void)worker;
    for (size_t i = from; i < to; i++) {
        const float *row = a->rows + (a->pick ? a->pick[i] : i) * a->stride;
        float best = -INFINITY;
        for (uint32_t c = 0; c < a->k; c++) {
            float s = dot(row, a->centre + c * a->stride, a->stride);
            if (s > best) {
                best = s;
                a->ret[i] = (uint8_t)c;
            }
        }
    }
}

enum { PART = 512, DRAWS = 4 };

void kmeans_assign(const float *rows, size_t n, size_t stride, const float *centre, uint32_t k,
                   struct pool *pool, uint8_t *ret)
{
    struct assigning a = {rows, centre, NULL, stride, k, ret};
    pool_for(pool, n, PART, assign_part, &a);
}

/* What is left of the distances once row `at` is a centre too; kept in `far` when `keep`. */
static double distances_with(const float *rows, size_t stride, const uint32_t *pick, size_t m,
                             size_t at, bool first, bool keep, float *far)
{
    const float *centre = rows + pick[at] * stride;
    double sum = 0;
    for (size_t i = 0; i < m; i++) {
        float d = 2 - 2 * dot(rows + pick[i] * stride, centre, stride);
        d = d > 0 ? d : 0;
        if (!first && far[i] < d)
            d = far[i];
        sum += d;
        if (keep)
            far[i] = d;
    }
    return sum;
}

/* k-means++: the next centre is the best of a few rows drawn by their distance from those there are. */
static void seed_centres(const float *rows, size_t stride, const uint32_t *pick, size_t m,
                         uint32_t k, struct rng *rng, float *far, float *centre)
{
    double sum = 0;
    for (uint32_t c = 0; c < k; c++) {
        size_t best = 0;
        double least = INFINITY;
        for (int i = 0; i < (c == 0 ? 1 : DRAWS); i++) {
            size_t at = c == 0 ? rng_below(rng, m) : 0;
            double left = c == 0 ? 0 : rng_double(rng) * sum;
            for (; c > 0 && at + 1 < m && left >= far[at]; at++)
                left -= far[at];
            double with = distances_with(rows, stride, pick, m, at, c == 0, false, far);
            if (with < least) {
                least = with;
                best = at;
            }
        }
        sum = distances_with(rows, stride, pick, m, best, c == 0, true, far);
        memcpy(centre + c * stride, rows + pick[best] * stride, stride * sizeof(*centre));
    }
}

static bool move_centres(const float *rows, size_t stride, const uint32_t *pick, size_t m,
                         uint32_t k, const uint8_t *group, float *centre)
{
    bool moved = false;
    float sum[1024];
    for (uint32_t c = 0; c < k; c++) {
        double length = 0;
        memset(sum, 0, stride * sizeof(*sum));
        for (size_t i = 0; i < m; i++) {
            const float *row = rows + pick[i] * stride;
            for (size_t d = 0; group[i] == c && d < stride; d++)
                sum[d] += row[d];
        }
        for (size_t d = 0; d < stride; d++)
            length += (double)sum[d] * sum[d];
        if (length <= 0)
            continue; /* an empty group stays where it is */
        float scale = (float)(1 / sqrt(length));
        for (size_t d = 0; d < stride; d++) {
            float x = sum[d] * scale;
            moved = moved || fabsf(x - centre[c * stride + d]) > 1e-4f;
            centre[c * stride + d] = x;
        }
    }
    return moved;
}

static int check(uint32_t k, size_t m, size_t stride, struct mq_error *err)
{
    return k > 0 && k <= KMEANS_MAX && m >= k && stride <= 1024 && stride % LANES == 0
               ? 0
               : mq_fail(err, MQ_INVALID, "groups: %u of %zu: give 1 to %d, and more members", k, m,
                         KMEANS_MAX);
}

int kmeans_refine(const float *rows, size_t stride, const uint32_t *pick, size_t m, uint32_t k,
                  unsigned rounds, struct pool *pool, float *centre, struct mq_error *err)
{
    int rc = check(k, m, stride, err);
    if (rc)
        return rc;
    uint8_t *group = calloc(m, 1);
    if (!group)
        return mq_fail(err, MQ_NO_MEMORY, "groups: no memory");
    struct assigning a = {rows, centre, pick, stride, k, group};
    for (unsigned r = 0; r < rounds; r++) {
        pool_for(pool, m, PART, assign_part, &a);
        if (!move_centres(rows, stride, pick, m, k, group, centre))
            break;
    }
    free(group);
    return 0;
}

/* Sum of the cosines of the picked rows with their nearest centre. */
static double closeness(const float *rows, size_t stride, const uint32_t *pick, size_t m,
                        const float *centre, uint32_t k)
{
    double sum = 0;
    for (size_t i = 0; i < m; i++) {
        float best = -INFINITY;
        for (uint32_t c = 0; c < k; c++) {
            float d = dot(rows + pick[i] * stride, centre + c * stride, stride);
            best = d > best ? d : best;
        }
        sum += best;
    }
    return sum;
}

int kmeans(const float *rows, size_t stride, const uint32_t *pick, size_t m, uint32_t k,
           unsigned rounds, unsigned tries, struct rng *rng, struct pool *pool, float *ret_centre,
           struct mq_error *err)
{
    int rc = check(k, m, stride, err);
    if (rc)
        return rc;
    float *centre = calloc(k * stride, sizeof(*centre));
    float *far = calloc(m, sizeof(*far));
    double best = -INFINITY;
    if (!centre || !far)
        rc = mq_fail(err, MQ_NO_MEMORY, "groups: no memory");
    for (unsigned i = 0; rc == 0 && i < tries; i++) {
        seed_centres(rows, stride, pick, m, k, rng, far, centre);
        rc = kmeans_refine(rows, stride, pick, m, k, rounds, pool, centre, err);
        double sum = rc == 0 ? closeness(rows, stride, pick, m, centre, k) : -INFINITY;
        if (rc || sum <= best)
            continue;
        best = sum;
        memcpy(ret_centre, centre, k * stride * sizeof(*centre));
    }
    free(centre);
    free(far);
    return rc;
}

static double pairs_of(double n)
{
    return n * (n - 1) / 2;
}

double adjusted_rand(const uint8_t *a, const uint8_t *b, size_t n)
{
    uint32_t cells[KMEANS_MAX][KMEANS_MAX] = {{0}};
    uint32_t in_a[KMEANS_MAX] = {0};
    uint32_t in_b[KMEANS_MAX] = {0};
    for (size_t i = 0; i < n; i++) {
        cells[a[i]][b[i]]++;
        in_a[a[i]]++;
        in_b[b[i]]++;
    }
    double both = 0;
    double sum_a = 0;
    double sum_b = 0;
    for (int i = 0; i < KMEANS_MAX; i++) {
        sum_a += pairs_of(in_a[i]);
        sum_b += pairs_of(in_b[i]);
        for (int j = 0; j < KMEANS_MAX; j++)
            both += pairs_of(cells[i][j]);
    }
    double all = pairs_of((double)n);
    double expected = all > 0 ? sum_a * sum_b / all : 0;
    double most = (sum_a + sum_b) / 2;
    return most > expected ? (both - expected) / (most - expected) : 1;
}

/* Rows are added one by one; a shortest augmenting path by reduced costs finds the new row its column. Column k is the
 * virtual one where a path begins. */
void assign_best(const double *gain, uint32_t k, uint32_t *ret_column)
{
    double u[KMEANS_MAX + 1] = {0};
    double v[KMEANS_MAX + 1] = {0};
    uint32_t row_of[KMEANS_MAX + 1];
    for (uint32_t j = 0; j <= k; j++)
        row_of[j] = k; /* none */
    for (uint32_t row = 0; row < k; row++) {
        double least[KMEANS_MAX + 1];
        uint32_t from[KMEANS_MAX + 1];
        bool used[KMEANS_MAX + 1] = {false};
        uint32_t at = k;
        row_of[k] = row;
        for (uint32_t j = 0; j <= k; j++) {
            least[j] = INFINITY;
            from[j] = k;
        }
        do {
            uint32_t r = row_of[at];
            uint32_t next = k;
            double delta = INFINITY;
            used[at] = true;
            for (uint32_t j = 0; j < k; j++) {
                if (used[j])
                    continue;
                double cost = -gain[r * k + j] - u[r] - v[j];
                if (cost < least[j]) {
                    least[j] = cost;
                    from[j] = at;
                }
                if (least[j] < delta) {
                    delta = least[j];
                    next = j;
                }
            }
            for (uint32_t j = 0; j <= k; j++) {
                if (used[j]) {
                    u[row_of[j]] += delta;
                    v[j] -= delta;
                } else {
                    least[j] -= delta;
                }
            }
            at = next;
        } while (row_of[at] != k);
        while (at != k) {
            row_of[at] = row_of[from[at]];
            at = from[at];
        }
    }
    for (uint32_t j = 0; j < k; j++)
        ret_column[row_of[j]] = j;
}
