#include "model/model.h"

#include <math.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/large.h"
#include "model/model_layout.h"

/* ------------------------------------------------------------------ is it sound? */

static bool all_finite(const float *v, uint64_t n)
{
    bool fine = true;

    for (uint64_t i = 0; i < n; i++)
        fine &= isfinite(v[i]) != 0;
    return fine;
}

static bool settings_fine(const struct ials_settings *s)
{
    return isfinite(s->unobserved) && s->unobserved >= 0 && isfinite(s->regularisation) &&
           s->regularisation >= 0 && isfinite(s->frequency_power) && isfinite(s->deviation);
}

static bool neighbours_fine(const struct model *m)
{
    uint64_t n = (uint64_t)m->n_titles * m->n_neighbours;

    for (uint64_t i = 0; i < n; i++) {
        if (m->neighbours[i] != ID_NONE && m->neighbours[i] >= m->n_titles)
            return false;
        if (!(m->similarity[i] >= 0 && m->similarity[i] <= 1))
            return false;
    }
    return true;
}

/* Padding must be 0: kernels run over whole strides. */
static bool padding_fine(const float *rows, uint64_t n, uint32_t rank, uint32_t stride)
{
    for (uint64_t r = 0; r < n && rank < stride; r++)
        for (uint32_t c = rank; c < stride; c++)
            if (rows[r * stride + c] != 0)
                return false;
    return true;
}

static bool ratings_fine(const struct model *m)
{
    const struct rating_part *r = &m->ratings;
    size_t each = rating_floats(r), unknowns = 1 + r->rank;
    bool fine = r->n == 0 || all_finite(r->values, r->snapshots * each);

    for (uint32_t i = 0; i < r->n; i++)
        fine &= r->title[i] < m->n_titles && (i == 0 || r->title[i] > r->title[i - 1]);
    for (uint32_t s = 0; fine && s < r->snapshots; s++) {
        const float *head = r->values + s * each;
        const float *variance = head + RATING_HEAD + unknowns;
        fine = head[1] > 0 && head[2] <= head[3];
        for (size_t k = 0; k < unknowns; k++)
            fine &= variance[k] > 0;
    }
    return fine;
}

/* NULL, or what is wrong with the content. */
static const char *fault_of(const struct model *m)
{
    uint64_t n = m->n_titles, stride = m->stride;

    if (!settings_fine(&m->settings))
        return "a setting is negative or not finite";
    if (!all_finite(m->factors, n * stride) || !padding_fine(m->factors, n, m->rank, m->stride))
        return "a factor is not finite, or padding is not 0";
    if (!all_finite(m->gram, stride * stride) || !padding_fine(m->gram, stride, m->rank, m->stride))
        return "the Gram matrix is not finite, or its padding is not 0";
    if (!all_finite(m->popularity, n))
        return "a popularity is not finite";
    if (!neighbours_fine(m))
        return "a neighbour is no title, or a similarity not within [0, 1]";
    if (!ratings_fine(m))
        return "of ratings: a title is out of order, a number not finite, or a variance not above "
               "0";
    const char *fault = blend_fault(&m->blend);
    fault = fault ? fault : ranker_fault(&m->ranker);
    fault = fault || !m->moods ? fault : mood_fault(m->moods);
    return fault || !m->order ? fault : order_fault(m->order);
}

/* ------------------------------------------------------------------ open */

static int corrupt(const char *path, const char *what, struct mq_error *err)
{
    return mq_fail(err, MQ_CORRUPT, "model %s: %s: restore the file, or train again", path, what);
}

static int check_prefix(const struct file_map *map, const char *path, struct mq_error *err)
{
    struct cursor c = cursor_over(map->p, map->n);

    if (map->n < MODEL_HEADER + MODEL_CHECKSUM || memcmp(map->p, MODEL_MAGIC, 8) != 0)
        return corrupt(path, "not a model file", err);
    (void)cursor_u64le(&c);
    uint32_t format = cursor_u32(&c);
    if (format > MODEL_FORMAT)
        return mq_fail(err, MQ_VERSION,
                       "model %s: format %u, this Marquee reads up to %d: use a newer one", path,
                       format, MODEL_FORMAT);
    if (format < 1 || cursor_u32(&c) != MODEL_HEADER || cursor_u64le(&c) != map->n)
        return corrupt(path, "the header's sizes are not the file's", err);
    return 0;
}

static bool checksum_fine(const struct file_map *map)
{
    const uint8_t *p = map->p;
    struct hash128 h = hash128(p, map->n - MODEL_CHECKSUM);
    struct cursor c = cursor_over(p + map->n - MODEL_CHECKSUM, MODEL_CHECKSUM);

    return cursor_u64le(&c) == h.lo && cursor_u64le(&c) == h.hi;
}

static int parse(struct model *m, const char *path, struct mq_error *err)
{
    const uint8_t *p = m->map.p;
    struct model_layout at;
    struct blend_shape blend;
    struct model_extras extras;
    const void *sections[BLEND_SECTIONS];
    int rc = check_prefix(&m->map, path, err);

    if (rc)
        return rc;
    if (!checksum_fine(&m->map))
        return corrupt(path, "the checksum does not match", err);
    model_get_header(cursor_over(p + MODEL_PREFIX, MODEL_HEADER - MODEL_PREFIX), m, &blend,
                     &extras);
    if (!model_layout(m, &blend, &extras, &at) || at.total != m->map.n)
        return corrupt(path, "the dimensions do not match the file's size", err);
    m->factors = (const float *)(const void *)(p + at.factors);
    m->gram = (const float *)(const void *)(p + at.gram);
    m->popularity = (const float *)(const void *)(p + at.popularity);
    m->neighbours = (const uint32_t *)(const void *)(p + at.neighbours);
    m->similarity = (const float *)(const void *)(p + at.similarity);
    m->ratings.title = (const uint32_t *)(const void *)(p + at.rated);
    m->ratings.values = (const float *)(const void *)(p + at.ratings);
    for (size_t i = 0; i < BLEND_SECTIONS; i++)
        sections[i] = p + at.blend[i];
    if (!blend_place(&blend, sections, &m->blend))
        return corrupt(path, "the blend's links do not fill their sections", err);
    const void *ranker[RANKER_SECTIONS];
    for (size_t i = 0; i < RANKER_SECTIONS; i++)
        ranker[i] = p + at.ranker[i];
    ranker_place(ranker, &m->ranker);
    m->moods = extras.moods == sizeof(struct mood_part)
                   ? (const struct mood_part *)(const void *)(p + at.moods)
                   : NULL;
    m->order = extras.order ? (const struct order_part *)(const void *)(p + at.order) : NULL;
    const char *fault = fault_of(m);
    return fault ? corrupt(path, fault, err) : 0;
}

/* Into memory of our own, on large pages: answers read all over it, and what a file's pages hold is given up where nobody asked for a
 * while. Where there is no memory for it, it stays mapped. */
static void take_over(struct model *m)
{
    void *copy = m->map.n <= MODEL_COPIED_MAX ? large_alloc(m->map.n) : NULL;
    if (!copy)
        return;
    memcpy(copy, m->map.p, m->map.n);
    struct file_map file = m->map;
    m->copy = copy;
    m->map = (struct file_map){copy, file.n};
    file_map_close(&file);
}

int model_open(const char *path, struct model **ret, struct mq_error *err)
{
    struct model *m = calloc(1, sizeof *m);
    int rc;

    if (!m)
        return mq_fail(err, MQ_NO_MEMORY, "model %s: no memory: give the process more", path);
    rc = file_map_open(path, &m->map, err);
    if (rc == 0 && m->map.n > 0)
        take_over(m);
    if (rc == 0)
        rc = parse(m, path, err);
    if (rc == 0)
        rc = short_factors_make(m->factors, m->n_titles, m->stride, &m->quick, err);
    if (rc) {
        model_close(m);
        return rc;
    }
    *ret = m;
    return 0;
}

void model_close(struct model *m)
{
    if (!m)
        return;
    if (!m->copy)
        file_map_close(&m->map);
    free(m->copy);
    short_factors_release(&m->quick);
    free(m);
}

/* ------------------------------------------------------------------ write */

static void pad_to(struct buf *b, uint64_t at)
{
    while (!b->failed && b->n < at)
        buf_add_u8(b, 0);
}

static void put_section(struct buf *b, uint64_t at, const void *p, uint64_t bytes)
{
    pad_to(b, at);
    if (bytes > 0)
        buf_add(b, p, (size_t)bytes);
}

static void put_blend(const struct model *m, const struct model_layout *at, struct buf *b)
{
    struct blend_shape shape = blend_shape_of(&m->blend);
    uint64_t sizes[BLEND_SECTIONS];
    double head[BLEND_HEAD];

    blend_sizes(&shape, sizes);
    for (size_t i = 0; i < BLEND_SECTIONS; i++)
        if (sizes[i] > 0)
            put_section(b, at->blend[i], blend_section_of(&m->blend, i, head), sizes[i]);
}

static void put_ranker(const struct model *m, const struct model_layout *at, struct buf *b)
{
    uint64_t sizes[RANKER_SECTIONS];
    double head[RANKER_HEAD];

    ranker_sizes(&m->ranker, sizes);
    for (size_t i = 0; i < RANKER_SECTIONS; i++)
        if (sizes[i] > 0)
            put_section(b, at->ranker[i], ranker_section_of(&m->ranker, i, head), sizes[i]);
}

static void put_sections(const struct model *m, const struct model_layout *at, struct buf *b)
{
    uint64_t n = m->n_titles, stride = m->stride;

    put_section(b, at->factors, m->factors, n * stride * sizeof(float));
    put_section(b, at->gram, m->gram, stride * stride * sizeof(float));
    put_section(b, at->popularity, m->popularity, n * sizeof(float));
    put_section(b, at->neighbours, m->neighbours, n * m->n_neighbours * sizeof(uint32_t));
    put_section(b, at->similarity, m->similarity, n * m->n_neighbours * sizeof(float));
    put_section(b, at->rated, m->ratings.title, m->ratings.n * sizeof(uint32_t));
    put_section(b, at->ratings, m->ratings.values,
                m->ratings.snapshots * rating_floats(&m->ratings) * sizeof(float));
    put_blend(m, at, b);
    put_ranker(m, at, b);
    struct model_extras extras = model_extras_of(m);
    put_section(b, at->moods, m->moods, extras.moods);
    put_section(b, at->order, m->order, extras.order);
    pad_to(b, at->checksum);
}

int model_write(const struct model *m, const char *path, struct mq_error *err)
{
    struct model_layout at;
    struct buf b;
    const char *fault;
    struct blend_shape blend = blend_shape_of(&m->blend);
    int rc;

    struct model_extras extras = model_extras_of(m);
    if (!model_layout(m, &blend, &extras, &at))
        return mq_fail(
            err, MQ_INVALID,
            "model: %u titles, rank %u, stride %u, %u neighbours: at most %u, %d, the rank "
            "rounded up to 16, and %d",
            m->n_titles, m->rank, m->stride, m->n_neighbours, MODEL_TITLES_MAX, MODEL_RANK_MAX,
            MODEL_NEIGHBOURS);
    fault = fault_of(m);
    if (fault)
        return mq_fail(err, MQ_INVALID, "model: %s: train with other settings", fault);
    buf_init(&b, (size_t)at.total);
    buf_reserve(&b, (size_t)at.total);
    model_put_header(m, at.total, &b);
    put_sections(m, &at, &b);
    if (!b.failed) {
        struct hash128 h = hash128(b.p, b.n);
        buf_add_u64le(&b, h.lo);
        buf_add_u64le(&b, h.hi);
    }
    rc = b.failed ? mq_fail(err, MQ_NO_MEMORY, "model: %llu bytes: give the process more memory",
                            (unsigned long long)at.total)
                  : file_write(path, buf_str(&b), 0644, err);
    buf_release(&b);
    return rc;
}
