#include "small_model.h"

#include <stdlib.h>

#include "base/rng.h"

static float *floats(size_t n)
{
    return aligned_alloc(64, (n * sizeof(float) + 127) / 64 * 64);
}

struct model *small_model(uint32_t titles, uint32_t rank, uint32_t neighbours, uint64_t seed)
{
    struct model *m = calloc(1, sizeof *m);
    uint32_t stride = (rank + 15) / 16 * 16;
    float *factors = floats((size_t)titles * stride), *gram = floats((size_t)stride * stride);
    float *popularity = floats(titles), *similarity = floats((size_t)titles * neighbours);
    uint32_t *ids = (uint32_t *)(void *)floats((size_t)titles * neighbours);
    struct rng rng;

    rng_seed(&rng, seed);
    for (size_t i = 0; i < (size_t)titles * stride; i++)
        factors[i] = i % stride < rank ? (float)rng_normal(&rng) : 0;
    for (size_t i = 0; i < stride; i++)
        for (size_t j = 0; j < stride; j++) {
            float sum = 0;
            for (size_t t = 0; t < titles; t++)
                sum += factors[t * stride + i] * factors[t * stride + j];
            gram[i * stride + j] = sum;
        }
    for (size_t t = 0; t < titles; t++)
        popularity[t] = (float)rng_below(&rng, 1000);
    for (size_t k = 0; k < (size_t)titles * neighbours; k++) {
        ids[k] = k % 5 == 4 ? ID_NONE : (uint32_t)rng_below(&rng, titles);
        similarity[k] = k % 5 == 4 ? 0 : (float)rng_double(&rng);
    }
    *m = (struct model){.n_titles = titles,
                        .rank = rank,
                        .stride = stride,
                        .n_neighbours = neighbours,
                        .n_active = titles,
                        .factors = factors,
                        .gram = gram,
                        .popularity = popularity,
                        .neighbours = ids,
                        .similarity = similarity};
    m->settings = (struct ials_settings){.rank = rank,
                                         .epochs = 3,
                                         .unobserved = 0.1f,
                                         .regularisation = 0.01f,
                                         .frequency_power = 1,
                                         .deviation = 0.1f,
                                         .seed = seed};
    m->facts = (struct model_facts){.trained_ms = 1000,
                                    .log_seq = 77,
                                    .n_viewers = 5,
                                    .n_interactions = 9,
                                    .train_seconds = 0.25,
                                    .held_out_ndcg = 0.5};
    return m;
}

void small_model_rate(struct model *m, uint32_t titles, uint32_t rank, uint32_t snapshots)
{
    struct rating_part p = {.n = titles, .rank = rank, .snapshots = snapshots};
    float *values = floats(snapshots * rating_floats(&p));
    uint32_t *title = (uint32_t *)(void *)floats(titles);
    struct rng rng;

    rng_seed(&rng, 4);
    for (uint32_t t = 0; t < titles; t++)
        title[t] = t;
    for (size_t i = 0; i < snapshots * rating_floats(&p); i++)
        values[i] = 0.1F + (float)rng_double(&rng);
    for (size_t s = 0; s < snapshots; s++) {
        values[s * rating_floats(&p) + 2] = 1;
        values[s * rating_floats(&p) + 3] = 5;
    }
    p.title = title;
    p.values = values;
    m->ratings = p;
}

static float *drawn(struct rng *rng, size_t n)
{
    float *v = floats(n);
    for (size_t i = 0; i < n; i++)
        v[i] = (float)rng_double(rng);
    return v;
}

static struct links drawn_links(struct rng *rng, uint32_t n, uint32_t links)
{
    uint64_t *start = (uint64_t *)(void *)floats(2 * ((size_t)n + 1));
    uint32_t *col = (uint32_t *)(void *)floats((size_t)n * links);
    for (uint32_t i = 0; i <= n; i++)
        start[i] = (uint64_t)i * links;
    for (size_t k = 0; k < (size_t)n * links; k++)
        col[k] = (uint32_t)rng_below(rng, n);
    return (struct links){
        .n = n, .start = start, .col = col, .value = drawn(rng, (size_t)n * links)};
}

void small_model_blend(struct model *m, uint32_t links, uint32_t moments)
{
    uint32_t n = m->n_titles;
    struct rng rng;
    rng_seed(&rng, 11);
    struct blend_part b = {.n = n, .popularity = drawn(&rng, n)};
    for (size_t i = 0; i < INGREDIENTS; i++)
        b.mix.weight[i] = 0.1F;
    b.facts = (struct blend_facts){.ease_lambda = 50,
                                   .shrink = 20,
                                   .neighbours = 100,
                                   .published = 3,
                                   .n_scored = 2,
                                   .ndcg = {0.1, 0.25}};
    if (links > 0) {
        b.ease = drawn_links(&rng, n, links);
        b.knn = drawn_links(&rng, n, links);
        for (size_t k = 0; k < TRANSITION_KINDS; k++) {
            b.follows[k] = drawn_links(&rng, n, links);
            b.from_scale[k] = drawn(&rng, n);
            b.to_scale[k] = drawn(&rng, n);
        }
    }
    int64_t *at = (int64_t *)(void *)floats(2 * (size_t)moments);
    for (uint32_t s = 0; s < moments; s++)
        at[s] = 1000 * (int64_t)s;
    b.trends = (struct trends){.moments = moments, .at_ms = at};
    for (size_t k = 0; k < RECENT_SPEEDS; k++) {
        b.trends.recent[k] = drawn(&rng, (size_t)moments * n);
        b.trends.fresh[k] = moments > 0 ? drawn(&rng, n) : NULL;
    }
    b.trends.total = drawn(&rng, (size_t)moments * n);
    m->blend = b;
}

static void free_blend(struct blend_part *b)
{
    links_release(&b->ease);
    links_release(&b->knn);
    for (size_t k = 0; k < TRANSITION_KINDS; k++) {
        links_release(&b->follows[k]);
        free((void *)(uintptr_t)b->from_scale[k]);
        free((void *)(uintptr_t)b->to_scale[k]);
    }
    for (size_t k = 0; k < RECENT_SPEEDS; k++)
        free((void *)(uintptr_t)b->trends.recent[k]), free((void *)(uintptr_t)b->trends.fresh[k]);
    free((void *)(uintptr_t)b->trends.total);
    free((void *)(uintptr_t)b->trends.at_ms);
    free((void *)(uintptr_t)b->popularity);
}

void small_model_free(struct model *m)
{
    free_blend(&m->blend);
    const void *arrays[] = {m->factors,    m->gram,          m->popularity,    m->neighbours,
                            m->similarity, m->ratings.title, m->ratings.values};

    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        free((void *)(uintptr_t)arrays[i]);
    free(m);
}
