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

static int try_times(struct choice *c, const float *factor, size_t n, bool regularisation,
                     struct mq_error *err)
{
    struct train_settings from = c->best;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < n; i++) {
        struct train_settings s = from;
        if (regularisation)
            s.ials.regularisation *= factor[i];
        else
            s.ials.unobserved *= factor[i];
        rc = try_one(c, &s, err);
    }
    return rc;
}

int train_choose(const struct csr *earlier, const struct csr *later,
                 struct train_settings *settings, struct pool *pool, struct train_watch watch,
                 struct held_out *ret, struct mq_error *err)
{
    static const float unobserved[] = {4, 16, 64};
    static const float regularisation[] = {0.25f, 4};
    struct choice c = {
        .earlier = earlier, .later = later, .pool = pool, .watch = watch, .best = *settings};
    bool weight_given = settings->ials.unobserved > 0;
    bool regularisation_given = settings->ials.regularisation > 0;
    ials_defaults(earlier, &c.best.ials);
    int rc = try_one(&c, &c.best, err);
    bool try_more = rc == 0 && !settings->popularity_only && !isnan(c.held_out.ndcg) &&
                    csr_nnz(earlier) <= CHOOSE_INTERACTIONS_MAX;
    if (try_more && !weight_given)
        rc = try_times(&c, unobserved, 3, false, err);
    if (rc == 0 && try_more && !regularisation_given)
        rc = try_times(&c, regularisation, 2, true, err);
    if (rc)
        return rc;
    *settings = c.best;
    *ret = c.held_out;
    return 0;
}
