#include "train/choose_settings.h"

#include <math.h>

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

int train_choose(const struct csr *earlier, const struct csr *later,
                 struct train_settings *settings, struct pool *pool, struct train_watch watch,
                 struct held_out *ret, struct mq_error *err)
{
    static const float coarse_unobserved[] = {1, 0.5f, 2, 8};
    static const float coarse_regularisation[] = {1, 4, 16};
    static const float fine[] = {1, 0.5f, 2};
    struct choice c = {
        .earlier = earlier, .later = later, .pool = pool, .watch = watch, .best = *settings};
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
    if (rc)
        return rc;
    *settings = c.best;
    *ret = c.held_out;
    return 0;
}
