#include "model/model_layout.h"

#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "sections are mapped as they stand");

static uint64_t aligned(uint64_t at)
{
    return (at + 63) / 64 * 64;
}

static bool ratings_fit(const struct model *m)
{
    const struct rating_part *r = &m->ratings;

    if (r->n == 0)
        return r->rank == 0 && r->snapshots == 0;
    return r->n <= RATED_TITLES_MAX && r->n <= m->n_titles && r->rank >= 1 &&
           r->rank <= RATING_RANK_MAX && r->snapshots >= 1 && r->snapshots <= RATING_SNAPSHOTS_MAX;
}

/* At most 2^24 titles and 512 floats a row: nothing here comes near 2^64. */
struct model_extras model_extras_of(const struct model *m)
{
    return (struct model_extras){m->moods ? (uint32_t)sizeof(*m->moods) : 0,
                                 m->order ? (uint32_t)sizeof(*m->order) : 0};
}

bool model_layout(const struct model *m, const struct blend_shape *blend,
                  const struct model_extras *extras, struct model_layout *ret)
{
    uint64_t n = m->n_titles, stride = m->stride;

    if (n > MODEL_TITLES_MAX || m->rank > MODEL_RANK_MAX || m->n_neighbours > MODEL_NEIGHBOURS ||
        m->stride != (m->rank + 15) / 16 * 16 || m->n_active > n || !ratings_fit(m) ||
        !blend_shape_fits(blend, m->n_titles) || !ranker_shape_fits(&m->ranker) ||
        (extras->moods != 0 && extras->moods != sizeof(struct mood_part) &&
         extras->moods != MOOD_PART_BEFORE_8) ||
        (extras->order != 0 && extras->order != sizeof(struct order_part)))
        return false;
    ret->factors = MODEL_HEADER;
    ret->gram = aligned(ret->factors + n * stride * sizeof(float));
    ret->popularity = aligned(ret->gram + stride * stride * sizeof(float));
    ret->neighbours = aligned(ret->popularity + n * sizeof(float));
    ret->similarity = aligned(ret->neighbours + n * m->n_neighbours * sizeof(uint32_t));
    ret->rated = aligned(ret->similarity + n * m->n_neighbours * sizeof(float));
    ret->ratings = aligned(ret->rated + m->ratings.n * sizeof(uint32_t));
    uint64_t at = ret->ratings + m->ratings.snapshots * rating_floats(&m->ratings) * sizeof(float);
    uint64_t sizes[BLEND_SECTIONS];
    blend_sizes(blend, sizes);
    for (size_t i = 0; i < BLEND_SECTIONS; i++) {
        ret->blend[i] = aligned(at);
        at = ret->blend[i] + sizes[i];
    }
    uint64_t ranker[RANKER_SECTIONS];
    ranker_sizes(&m->ranker, ranker);
    for (size_t i = 0; i < RANKER_SECTIONS; i++) {
        ret->ranker[i] = aligned(at);
        at = ret->ranker[i] + ranker[i];
    }
    ret->moods = aligned(at);
    ret->order = aligned(ret->moods + extras->moods);
    ret->checksum = aligned(ret->order + extras->order);
    ret->total = ret->checksum + MODEL_CHECKSUM;
    return ret->total <= SIZE_MAX / 2;
}

static void put_double(struct buf *out, double v)
{
    uint64_t bits;

    memcpy(&bits, &v, sizeof bits);
    buf_add_u64le(out, bits);
}

static double get_double(struct cursor *c)
{
    uint64_t bits = cursor_u64le(c);
    double v;

    memcpy(&v, &bits, sizeof v);
    return v;
}

static void put_settings(const struct ials_settings *s, struct buf *out)
{
    buf_add_u32(out, s->rank);
    buf_add_u32(out, s->epochs);
    buf_add_f32(out, s->unobserved);
    buf_add_f32(out, s->regularisation);
    buf_add_f32(out, s->frequency_power);
    buf_add_f32(out, s->deviation);
    buf_add_u64le(out, s->seed);
}

static void put_facts(const struct model_facts *f, struct buf *out)
{
    buf_add_u64le(out, f->version);
    buf_add_u64le(out, (uint64_t)f->trained_ms);
    buf_add_u64le(out, f->log_seq);
    buf_add_u64le(out, f->n_viewers);
    buf_add_u64le(out, f->n_interactions);
    put_double(out, f->train_seconds);
    put_double(out, f->held_out_ndcg);
    put_double(out, f->popularity_ndcg);
    put_double(out, f->held_out_low);
    put_double(out, f->held_out_high);
    buf_add_u64le(out, f->held_out_viewers);
    buf_add_u64le(out, f->rival);
    put_double(out, f->rival_ndcg);
    buf_add_u8(out, f->kept_aside);
}

void model_put_header(const struct model *m, uint64_t total, struct buf *out)
{
    size_t start = out->n;

    buf_add(out, MODEL_MAGIC, sizeof MODEL_MAGIC - 1);
    struct blend_shape blend = blend_shape_of(&m->blend);
    buf_add_u32(out, m->moods                      ? MODEL_FORMAT
                     : blend.fresh                 ? 7
                     : m->order                    ? 6
                     : m->ranker.trees.n_trees > 0 ? 4
                     : m->blend.n > 0              ? 3
                     : m->ratings.n > 0            ? 2
                                                   : 1);
    buf_add_u32(out, MODEL_HEADER);
    buf_add_u64le(out, total);
    buf_add_u32(out, m->n_titles);
    buf_add_u32(out, m->rank);
    buf_add_u32(out, m->stride);
    buf_add_u32(out, m->n_neighbours);
    buf_add_u32(out, m->n_active);
    buf_add_u32(out, 0);
    put_settings(&m->settings, out);
    put_facts(&m->facts, out);
    buf_add_u32(out, m->ratings.n);
    buf_add_u32(out, m->ratings.rank);
    buf_add_u32(out, m->ratings.snapshots);
    blend_put_shape(&blend, out);
    buf_add_u32(out, m->ranker.trees.n_trees);
    buf_add_u32(out, m->ranker.trees.n_nodes);
    struct model_extras extras = model_extras_of(m);
    buf_add_u32(out, extras.moods);
    buf_add_u32(out, extras.order);
    buf_add_u8(out, (uint8_t)blend.fresh);
    while (!out->failed && out->n - start < MODEL_HEADER)
        buf_add_u8(out, 0);
}

static struct ials_settings get_settings(struct cursor *c)
{
    struct ials_settings s = {0};

    s.rank = cursor_u32(c);
    s.epochs = cursor_u32(c);
    s.unobserved = cursor_f32(c);
    s.regularisation = cursor_f32(c);
    s.frequency_power = cursor_f32(c);
    s.deviation = cursor_f32(c);
    s.seed = cursor_u64le(c);
    return s;
}

static struct model_facts get_facts(struct cursor *c)
{
    struct model_facts f = {0};

    f.version = cursor_u64le(c);
    f.trained_ms = (int64_t)cursor_u64le(c);
    f.log_seq = cursor_u64le(c);
    f.n_viewers = cursor_u64le(c);
    f.n_interactions = cursor_u64le(c);
    f.train_seconds = get_double(c);
    f.held_out_ndcg = get_double(c);
    f.popularity_ndcg = get_double(c);
    f.held_out_low = get_double(c);
    f.held_out_high = get_double(c);
    f.held_out_viewers = cursor_u64le(c);
    /* Zeros in files of earlier versions. */
    f.rival = cursor_u64le(c);
    f.rival_ndcg = get_double(c);
    f.kept_aside = cursor_u8(c) != 0;
    return f;
}

void model_get_header(struct cursor c, struct model *ret, struct blend_shape *ret_blend,
                      struct model_extras *ret_extras)
{
    ret->n_titles = cursor_u32(&c);
    ret->rank = cursor_u32(&c);
    ret->stride = cursor_u32(&c);
    ret->n_neighbours = cursor_u32(&c);
    ret->n_active = cursor_u32(&c);
    (void)cursor_u32(&c);
    ret->settings = get_settings(&c);
    ret->facts = get_facts(&c);
    ret->ratings.n = cursor_u32(&c); /* zeros in files of earlier versions */
    ret->ratings.rank = cursor_u32(&c);
    ret->ratings.snapshots = cursor_u32(&c);
    *ret_blend = blend_get_shape(&c);
    ret->ranker.trees.n_trees = cursor_u32(&c);
    ret->ranker.trees.n_nodes = cursor_u32(&c);
    ret_extras->moods = cursor_u32(&c); /* zeros in files of earlier versions */
    ret_extras->order = cursor_u32(&c);
    ret_blend->fresh = cursor_u8(&c);
}
