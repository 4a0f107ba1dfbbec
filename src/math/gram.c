#include "math/gram.h"

#include <stdlib.h>
#include <string.h>

#include "math/kernels.h"

enum { PARTS_MAX = 32, PART_ROWS = 1024 };

struct job {
    const struct kernels *k;
    const float *rows;
    size_t n, stride, parts;
    float *sums; /* (parts, stride, stride) */
};

static size_t parts_of(size_t n)
{
    size_t parts = (n + PART_ROWS - 1) / PART_ROWS;

    return parts == 0 ? 1 : parts > PARTS_MAX ? PARTS_MAX : parts;
}

static void run_part(void *ctx, size_t from, size_t to, size_t worker)
{
    struct job *job = ctx;
    size_t square = job->stride * job->stride;

    (void)worker;
    for (size_t p = from; p < to; p++) {
        size_t first = job->n * p / job->parts, end = job->n * (p + 1) / job->parts;
        float *sum = job->sums + p * square;
        memset(sum, 0, square * sizeof *sum);
        job->k->rank_k(sum, job->rows + first * job->stride, end - first, job->stride);
    }
}

static void add_parts(const struct job *job, float *ret)
{
    size_t square = job->stride * job->stride;

    for (size_t i = 0; i < job->stride; i++)
        for (size_t j = i; j < job->stride; j++) {
            double sum = 0;
            for (size_t p = 0; p < job->parts; p++)
                sum += (double)job->sums[p * square + i * job->stride + j];
            ret[i * job->stride + j] = ret[j * job->stride + i] = (float)sum;
        }
}

size_t gram_memory(size_t n, size_t stride)
{
    return parts_of(n) * stride * stride * sizeof(float);
}

int gram(const float *rows, size_t n, size_t stride, struct pool *pool, float *ret,
         struct mq_error *err)
{
    struct job job = {math_kernels(), rows, n, stride, parts_of(n), NULL};

    if (stride == 0)
        return 0;
    job.sums = aligned_alloc(64, gram_memory(n, stride));
    if (!job.sums)
        return mq_fail(err, MQ_NO_MEMORY, "Gram matrix: %zu bytes: give the process more memory",
                       gram_memory(n, stride));
    pool_for(pool, job.parts, 1, run_part, &job);
    add_parts(&job, ret);
    free(job.sums);
    return 0;
}
