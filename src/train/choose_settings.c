#include "train/choose_settings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

struct choice {
    const struct csr *earlier, *later;
    struct pool *pool;
    struct train_watch watch;
    struct train_settings best;
    struct held_out held_out;
    bool found;
};

static int try_one(struct choice *c, const struct train_settings *settings, struct mq_error *err)
{
    struct held_out h;
    int rc = train_held_out(c->earlier, c->later, settings, c->pool, c->watch, &h, err);
    /* Too strong a regularisation shrinks every factor to nothing: no candidate. The first one's failure is
     * reported, since nothing else may work either. */
    if ((rc == MQ_SINGULAR || rc == MQ_INVALID) && c->found)
        return 0;
    if (rc)
        return rc;
    if (!c->found || h.ndcg > c->held_out.ndcg) {
        c->best = *settings;
        c->held_out = h;
    }
    c->found = true;
    return 0;
}

/* All products, but the settings there are (1, 1), which were tried. */
static int try_grid(struct choice *c, const float *unobserved, size_t n_unobserved,
                    const float *regularisation, size_t n_regularisation, struct mq_error *err)
{
    struct train_settings from = c->best;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < n_unobserved; i++) {
        for (size_t k = 0; rc == 0 && k < n_regularisation; k++) {
            struct train_settings s = from;
            if (unobserved[i] == 1 && regularisation[k] == 1)
                continue;
            s.ials.unobserved *= unobserved[i];
            s.ials.regularisation *= regularisation[k];
            rc = try_one(c, &s, err);
        }
    }
    return rc;
}

/* Which viewers decide, and which measure what was decided: disjoint, by a mix of seed and number. */
static bool decides(uint64_t seed, uint32_t viewer)
{
    return hash_mix(seed, viewer) % 2 == 0;
}

/* The rows of `m` of the viewers that decide (at most CHOOSE_VIEWERS of them), or of those that do not. */
static int rows_of(const struct csr *m, uint64_t seed, bool deciding, struct csr *ret,
                   struct mq_error *err)
{
    *ret = (struct csr){.rows = m->rows, .cols = m->cols};
    ret->start = malloc(((size_t)m->rows + 1) * sizeof(*ret->start));
    ret->col = malloc((csr_nnz(m) + 1) * sizeof(*ret->col));
    ret->value = malloc((csr_nnz(m) + 1) * sizeof(*ret->value));
    if (!ret->start || !ret->col || !ret->value) {
        csr_release(ret);
        return mq_fail(err, MQ_NO_MEMORY, "training: no memory for its validation rows");
    }
    uint64_t n = 0;
    size_t viewers = 0;
    for (uint32_t r = 0; r < m->rows; r++) {
        struct csr_row row = csr_row(m, r);
        ret->start[r] = n;
        if (row.n == 0 || decides(seed, r) != deciding || (deciding && viewers == CHOOSE_VIEWERS))
            continue;
        memcpy(ret->col + n, row.col, row.n * sizeof(*ret->col));
        memcpy(ret->value + n, row.value, row.n * sizeof(*ret->value));
        n += row.n;
        viewers++;
    }
    ret->start[m->rows] = n;
    return 0;
}

static size_t rows_with_any(const struct csr *m)
{
    size_t n = 0;
    for (uint32_t r = 0; r < m->rows; r++)
        n += csr_row(m, r).n > 0;
    return n;
}

static int choose(const struct csr *earlier, const struct csr *deciding,
                  struct train_settings *settings, struct pool *pool, struct train_watch watch,
                  struct mq_error *err)
{
    static const float coarse_unobserved[] = {1, 0.5f, 2, 8};
    static const float coarse_regularisation[] = {1, 4, 16};
    static const float fine[] = {1, 0.5f, 2};
    struct choice c = {
        .earlier = earlier, .later = deciding, .pool = pool, .watch = watch, .best = *settings};
    /* What is given stays as it is: of its factors only the first, 1, is taken. */
    size_t n_unobserved = settings->ials.unobserved > 0 ? 1 : 4;
    size_t n_regularisation = settings->ials.regularisation > 0 ? 1 : 3;
    ials_defaults(earlier, &c.best.ials);
    int rc = try_one(&c, &c.best, err);
    if (rc == 0 && !settings->popularity_only && !isnan(c.held_out.ndcg) &&
        csr_nnz(earlier) <= CHOOSE_INTERACTIONS_MAX) {
        rc = try_grid(&c, coarse_unobserved, n_unobserved, coarse_regularisation, n_regularisation,
                      err);
        if (rc == 0)
            rc = try_grid(&c, fine, n_unobserved > 1 ? 3 : 1, fine, n_regularisation > 1 ? 3 : 1,
                          err);
    }
    if (rc == 0)
        *settings = c.best;
    return rc;
}

int train_choose(const struct csr *earlier, const struct csr *later,
                 struct train_settings *settings, struct pool *pool, struct train_watch watch,
                 struct held_out *ret, struct mq_error *err)
{
    struct csr deciding = {0};
    struct csr measuring = {0};
    uint64_t seed = settings->ials.seed;
    int rc = rows_of(later, seed, true, &deciding, err);
    if (rc == 0)
        rc = rows_of(later, seed, false, &measuring, err);
    if (rc == 0 && rows_with_any(&deciding) >= CHOOSE_VIEWERS_LEAST)
        rc = choose(earlier, &deciding, settings, pool, watch, err);
    if (rc == 0)
        rc = train_held_out(earlier, &measuring, settings, pool, watch, ret, err);
    csr_release(&deciding);
    csr_release(&measuring);
    return rc;
}

int train_rival(const struct csr *earlier, const struct csr *later,
                const struct train_settings *settings, struct pool *pool, struct train_watch watch,
                struct held_out *ret, struct mq_error *err)
{
    struct csr measuring = {0};
    int rc = rows_of(later, settings->ials.seed, false, &measuring, err);
    if (rc == 0)
        rc = train_held_out(earlier, &measuring, settings, pool, watch, ret, err);
    csr_release(&measuring);
    return rc;
}
