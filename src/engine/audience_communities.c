/* audience_communities.c - taste communities: found with the live model, kept beside the store. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "audience/communities.h"
#include "audience/show.h"
#include "base/file.h"
#include "base/hash.h"
#include "engine/audiences.h"
#include "engine/audiences_inside.h"
#include "strategy/strategy_data.h"

enum { TRAILER = 8, LISTED = 5, DAY_S = 24 * 3600, NEW_DAYS = 28 };
static const size_t file_max = (size_t)1 << 30;

void communities_load(struct audiences *a)
{
    struct buf b;
    struct mq_error err;
    if (a->communities || a->communities_tried)
        return;
    a->communities_tried = true;
    buf_init(&b, file_max);
    if (file_read(a->communities_path, &b, &err) == 0 && b.n > TRAILER) {
        struct cursor tail = cursor_over(b.p + b.n - TRAILER, TRAILER);
        struct str body = {b.p, b.n - TRAILER};
        if (cursor_u64le(&tail) == hash64(body.p, body.n, 0) &&
            communities_decode(body, &a->communities, &err) != 0)
            a->communities = NULL;
    }
    buf_release(&b);
}

int communities_save(struct audiences *a, struct mq_error *err)
{
    struct buf b;
    buf_init(&b, file_max);
    int rc = communities_encode(a->communities, &b, err);
    buf_add_u64le(&b, hash64(b.p, b.n, 0));
    if (rc == 0)
        rc = b.failed ? mq_fail(err, MQ_NO_MEMORY, "communities: no memory")
                      : file_write(a->communities_path, buf_str(&b), 0600, err);
    buf_release(&b);
    return rc;
}

static int group(const struct communities *c, struct strategy_data *d, struct mq_error *err)
{
    struct strategy_group list[COMMUNITIES_MAX];
    for (uint32_t i = 0; i < c->n; i++)
        list[i] = (struct strategy_group){c->v[i].id, str_of(c->v[i].name)};
    int rc = strategy_data_groups(d, list, c->n, err);
    for (uint32_t i = 0; rc == 0 && i < c->n; i++) {
        roaring_uint32_iterator_t it;
        roaring_init_iterator(c->v[i].members, &it);
        for (; it.has_value && it.current_value < d->n_viewers;
             roaring_advance_uint32_iterator(&it))
            d->viewer_group[it.current_value] = (uint8_t)i;
    }
    return rc;
}

int audiences_group(struct audiences *a, struct strategy_data *d, struct mq_error *err)
{
    pthread_mutex_lock(&a->lock);
    communities_load(a);
    int rc = a->communities ? group(a->communities, d, err) : 0;
    pthread_mutex_unlock(&a->lock);
    return rc;
}

uint64_t audiences_communities_version(struct audiences *a)
{
    pthread_mutex_lock(&a->lock);
    communities_load(a);
    const struct communities *c = a->communities;
    uint64_t version = c ? hash_mix(c->model_version, c->sets_version) | 1 : 0;
    pthread_mutex_unlock(&a->lock);
    return version;
}

/* Found anew when another model is live; numbers stay with their members. */
static int bring_up_to_date(struct mq_engine *e, const struct asked *x, const struct model *m,
                            const struct mq_audience_request *q, struct mq_error *err)
{
    struct audiences *a = e->audiences;
    struct pool *pool = NULL;
    struct communities *found;
    if (a->communities && m && a->communities->model_version == m->facts.version)
        return 0;
    struct communities_question question = {.seed = 1,
                                            .floor = q->floor ? q->floor : FLOOR_DEFAULT,
                                            .previous = a->communities,
                                            .progress = q->progress,
                                            .progress_ctx = q->progress_ctx};
    int rc = pool_new(q->threads ? q->threads : e->options.threads, &pool, err);
    if (rc == 0)
        rc = communities_find(x->world.sets, x->world.catalogue, m, &question, pool, &found, err);
    pool_free(pool);
    if (rc)
        return rc;
    communities_free(a->communities);
    a->communities = found;
    return communities_save(a, err);
}

/* What members do with what they begin, and how many are new. */
static void habits(const struct viewer_sets *s, const struct community *c, struct mq_community *ret)
{
    uint64_t n[AUDIENCE_SIGNALS] = {0};
    uint32_t newest = 0;
    uint64_t fresh = 0;
    uint64_t members = 0;
    for (uint32_t v = 0; v < s->n_viewers; v++) {
        if (s->viewers[v] && s->viewers[v]->last_s > newest)
            newest = s->viewers[v]->last_s;
    }
    for (uint32_t v = 0; v < s->n_viewers; v++) {
        const struct set_viewer *p = s->viewers[v];
        if (!p || !roaring_bitmap_contains(c->members, v))
            continue;
        members++;
        fresh += newest - p->first_s < NEW_DAYS * DAY_S;
        for (uint32_t i = 0; i < p->n; i++)
            for (int k = 0; k < AUDIENCE_SIGNALS; k++)
                n[k] += p->entries[i].signals >> k & 1;
    }
    double watched = (double)n[AUDIENCE_WATCHED];
    ret->fresh = members > 0 ? floor_figure((double)fresh / (double)members, 2) : NAN;
    ret->finished = watched > 0 ? floor_figure((double)n[AUDIENCE_FINISHED] / watched, 2) : NAN;
    ret->abandoned = watched > 0 ? floor_figure((double)n[AUDIENCE_ABANDONED] / watched, 2) : NAN;
    ret->rewatched = watched > 0 ? floor_figure((double)n[AUDIENCE_REWATCHED] / watched, 2) : NAN;
}

static int tell(const struct asked *x, const struct mq_audience_request *q,
                const struct community *c, struct mq_community *ret, struct mq_error *err)
{
    char text[64];
    const struct expression *e;
    const struct audience *a;
    struct show_question show = {.listed = q->n ? q->n : LISTED, .floor = x->floor};
    snprintf(text, sizeof(text), "watched:community=%u", c->id);
    int rc = expression_parse(str_of(text), x->arena, &e, err);
    if (rc == 0)
        rc = audience_find(&x->world, e, x->arena, &a, err);
    if (rc == 0)
        rc = show_audience(&x->world, x->strata, a, &show, x->arena, &ret->audience, err);
    if (rc)
        return rc;
    struct str name = arena_str(x->arena, (struct str){c->name, strlen(c->name) + 1});
    if (!name.p)
        return mq_fail(err, MQ_NO_MEMORY, "communities: no memory");
    ret->audience.name = ret->name = name.p;
    ret->id = c->id;
    ret->share = ret->audience.size / ret->audience.viewers;
    if (x->floor > 0)
        ret->share = floor_figure(ret->share, 2);
    ret->finished = ret->abandoned = ret->rewatched = ret->fresh = NAN;
    if (!ret->audience.withheld)
        habits(x->world.sets, c, ret);
    return 0;
}

static int list(struct mq_reader *r, struct asked *x, const struct mq_audience_request *q,
                struct mq_communities *ret, struct mq_error *err)
{
    struct audiences *a = r->engine->audiences;
    communities_load(a);
    int rc = bring_up_to_date(r->engine, x, atomic_load(&r->engine->model), q, err);
    if (rc)
        return rc;
    const struct communities *c = a->communities;
    if (!c)
        return mq_fail(err, MQ_BUG, "communities: none were found, and no error either");
    x->world.communities = c;
    struct mq_community *v = ARENA_ARRAY(x->arena, c->n + 1, struct mq_community);
    if (!v)
        return mq_fail(err, MQ_NO_MEMORY, "communities: no memory");
    for (uint32_t i = 0; i < c->n; i++) {
        rc = tell(x, q, &c->v[i], &v[i], err);
        if (rc)
            return rc;
    }
    *ret = (struct mq_communities){.communities = v,
                                   .n = c->n,
                                   .model = c->model_version,
                                   .stability = c->stability,
                                   .likelihood = c->likelihood,
                                   .likelihood_cells = c->likelihood_cells,
                                   .likelihood_random = c->likelihood_random,
                                   .name_found = c->name_found,
                                   .name_trials = c->name_trials,
                                   .names_among = c->names_among,
                                   .names_decoys = c->names_decoys,
                                   .research = q->research,
                                   .floor = x->floor,
                                   .log_seq = x->log_seq};
    return 0;
}

int mq_audience_communities(struct mq_reader *r, const struct mq_audience_request *q,
                            struct mq_communities *ret, struct mq_error *err)
{
    struct asked x;
    struct mq_communities got;
    if (q->n_expressions != 0)
        return mq_fail(err, MQ_INVALID, "communities: takes no expression");
    if (q->as_of_ms != 0 || q->as_of_seq != 0)
        return mq_fail(err, MQ_INVALID,
                       "communities: as of: they are the live model's: ask without");
    if (q->n > SHOW_LISTED_MAX)
        return mq_fail(err, MQ_INVALID, "n: %u: at most %d", q->n, SHOW_LISTED_MAX);
    int rc = audiences_begin(r, q, false, &x, err);
    if (rc)
        return rc;
    rc = list(r, &x, q, &got, err);
    audiences_end(r);
    if (rc == 0)
        rc = audiences_audit(r->engine, "communities", q, 0, err);
    if (rc == 0)
        *ret = got;
    return rc;
}
