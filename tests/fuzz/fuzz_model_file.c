/* fuzz_model_file.c - model files: any bytes, with the checksum put right so that the rest is reached. What
 * opens must be usable: fold in, score and follow neighbours without leaving the file. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/hash.h"
#include "math/kernels.h"
#include "model/fold_in.h"
#include "model/model_layout.h"
#include "model/rate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(const struct model *m)
{
    struct fold_in_item items[] = {{{0}, 1, 1}, {{1}, 0, 2}, {{m->n_titles}, 1, 1}};
    float *scratch = aligned_alloc(64, (fold_in_scratch(m, 3) + 16) / 16 * 64);
    float *x = aligned_alloc(64, (size_t)m->stride * 4 + 64);
    float *score = calloc((size_t)m->n_titles + 1, sizeof *score);

    if (!scratch || !x || !score)
        abort();
    if (fold_in(m, items, 3, scratch, x, NULL, NULL) == 0)
        math_kernels()->dots(m->factors, m->n_titles, m->stride, x, score);
    for (size_t k = 0; k < (size_t)m->n_titles * m->n_neighbours; k++)
        if (m->neighbours[k] != ID_NONE)
            score[m->neighbours[k]] += m->similarity[k] + m->popularity[m->neighbours[k]];
    free(scratch);
    free(x);
    free(score);
    for (uint32_t t = 0; t < m->ratings.n && t < 2; t++) {
        struct rated known[] = {{{m->ratings.title[0]}, 4},
                                {{m->ratings.title[m->ratings.n - 1]}, 1}};
        struct rating_forecast f;
        if (rate_forecast(&m->ratings, known, 2, (struct title_id){m->ratings.title[t]}, &f) &&
            !(f.low <= f.expected && f.expected <= f.high))
            abort();
    }
}

static void open_and_use(const uint8_t *data, size_t size)
{
    char path[64];
    struct model *m;
    int fd = memfd_create("model", MFD_CLOEXEC);

    if (fd < 0 || (size > 0 && write(fd, data, size) != (ssize_t)size))
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (model_open(path, &m, NULL) == 0) {
        use(m);
        model_close(m);
    }
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    open_and_use(data, size);
    if (size < MODEL_CHECKSUM)
        return 0;
    uint8_t *right = malloc(size);
    if (!right)
        abort();
    memcpy(right, data, size);
    struct hash128 h = hash128(right, size - MODEL_CHECKSUM);
    memcpy(right + size - 16, &h.lo, 8);
    memcpy(right + size - 8, &h.hi, 8);
    open_and_use(right, size);
    free(right);
    return 0;
}
