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
#include "model/ensemble.h"
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

/* The blend scores and explains a history within the file. */
static void use_blend(const struct model *m)
{
    const uint32_t history[] = {0, m->n_titles / 2, m->n_titles, 0};
    const uint32_t scored[] = {0, m->n_titles - 1};
    size_t n = m->n_titles > 1 ? 2 : 1;
    struct ensemble e = ensemble_of(m);
    struct mix mix = ensemble_mix(m);
    struct ensemble_view v = {
        .history = history, .n = 4, .now_ms = INT64_MAX, .last_ms = 5000, .before_ms = INT64_MIN};
    const float *parts[INGREDIENTS];
    float losses[LOSS_TITLES];
    struct ensemble_scratch *s;

    if (m->n_titles == 0)
        return;
    if (ensemble_scratch_new(&e, 4, &s, NULL) != 0)
        abort();
    if (ensemble_ingredients(&e, &v, mix_wants(&mix), s, parts, NULL) == 0)
        ensemble_losses(&e, &mix, &v, parts, s, scored, n, history, 1, losses, LOSS_TITLES);
    ensemble_scratch_free(s);
}

/* The moods of any viewer at any moment are finite. */
static void use_moods(const struct model *m)
{
    struct mood_state s = {0};
    struct mood_view v;
    struct mood_table table;
    struct mood_play play = {{1000, DAYPART_EVENING, DEVICE_TV, true}, UINT64_MAX, 100};
    if (!m->moods)
        return;
    mood_table_make(&m->moods->model, &table);
    for (int i = 0; i < 3; i++, play.moment.at_ms += 3600000) {
        mood_look(&m->moods->model, &table, &s, &play.moment, &v);
        float lift = mood_lift(&m->moods->model, &v, 5, 20);
        for (uint32_t z = 0; z < v.n; z++)
            if (!(v.p[z] >= 0 && v.p[z] <= 1))
                abort();
        if (v.n > MOODS_MAX || lift != lift)
            abort();
        mood_feed(&m->moods->model, &s, &v, &play);
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
        use_moods(m);
        use_blend(m);
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
