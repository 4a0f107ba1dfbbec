/* faithfulness.c - are the reasons on real pages true? For viewers drawn by seed from a data folder: each item
 * with named evidence is ranked again without the evidence, and without as many other liked titles of like
 * popularity (recommend/faithfulness.h; a tie is a failure). Shares with 95 % intervals, bootstrap over viewers.
 *
 *     build/bench/bench_faithfulness DATA [ITEMS=1000] [SEED=1] */
#include <stdio.h>
#include <stdlib.h>

#include "base/rng.h"
#include "engine/engine.h"
#include "math/bootstrap.h"
#include "recommend/faithfulness.h"

enum { PAGE_ITEMS = 400, VIEWERS_MAX = 100000 };

static const char *const kind_names[MQ_REASON_KINDS] = {"taste",   "similar", "person",  "genre",
                                                        "popular", "rising",  "new",     "continue",
                                                        "mood",    "pinned",  "campaign"};

struct tally {
    size_t items, named, measured, faithful;
};

struct measuring {
    struct mq_engine *engine;
    struct recommender *recommender;
    struct world world;
    struct tally kind[MQ_REASON_KINDS];
    double *share; /* of each viewer */
    size_t n_viewers, measured;
};

static void die(const struct mq_error *err)
{
    fprintf(stderr, "faithfulness: %s\n", err->text);
    exit(1);
}

static void count(struct measuring *m, const struct faithful_item *items, size_t n)
{
    size_t measured = 0;
    size_t good = 0;
    for (size_t i = 0; i < n; i++) {
        struct tally *t = &m->kind[items[i].kind];
        t->items++;
        t->named += items[i].n_evidence > 0;
        if (items[i].n_evidence == 0 || !items[i].has_control)
            continue;
        bool yes = faithful(&items[i].all);
        t->measured++;
        t->faithful += yes;
        measured++;
        good += yes;
    }
    if (measured > 0)
        m->share[m->n_viewers++] = (double)good / (double)measured;
    m->measured += measured;
}

static void measure_viewer(struct measuring *m, uint32_t viewer)
{
    struct store_range all = {0};
    struct faithful_item items[PAGE_ITEMS];
    struct profile *p = NULL;
    struct mq_error err;
    size_t n = 0;
    struct viewer_id id = {viewer};
    if (profile_from_log(m->engine->store, id, &all, m->world.catalogue,
                         engine_engagement(m->engine), &p, &err) != 0)
        die(&err);
    if (!p)
        return;
    struct ask ask = {.profile = p,
                      .viewer = "",
                      .at_ms = engine_now(m->engine, NULL),
                      .context = {.offset_min = p->offset_min, .country = p->country},
                      .log_seq = store_last_seq(m->engine->store)};
    if (faithful_page(m->recommender, &m->world, &ask, items, PAGE_ITEMS, &n, &err) != 0)
        die(&err);
    count(m, items, n);
    profile_free(p);
}

static void print(const struct measuring *m, uint64_t seed)
{
    struct interval i;
    struct mq_error err;
    printf("%-9s %8s %8s %8s %9s\n", "kind", "items", "named", "measured", "faithful");
    for (int k = 0; k < MQ_REASON_KINDS; k++) {
        const struct tally *t = &m->kind[k];
        if (t->items == 0)
            continue;
        printf("%-9s %8zu %8zu %8zu", kind_names[k], t->items, t->named, t->measured);
        if (t->measured > 0)
            printf(" %7.1f %%", 100 * (double)t->faithful / (double)t->measured);
        putchar('\n');
    }
    if (bootstrap_paired(m->share, NULL, m->n_viewers, seed, &i, &err) != 0)
        die(&err);
    printf("all: %.1f %% [%.1f, %.1f] of %zu items with evidence, %zu viewers, seed %llu\n",
           100 * i.mean, 100 * i.low, 100 * i.high, m->measured, m->n_viewers,
           (unsigned long long)seed);
}

int main(int argc, char **argv)
{
    struct measuring m = {0};
    struct mq_error err;
    struct rng rng;
    if (argc < 2) {
        fprintf(stderr, "usage: %s DATA [ITEMS] [SEED]\n", argv[0]);
        return 2;
    }
    size_t wanted = argc > 2 ? strtoul(argv[2], NULL, 10) : 1000;
    uint64_t seed = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;
    struct mq_options options = {.must_exist = true};
    if (mq_engine_open(argv[1], &options, &m.engine, &err) != 0 ||
        recommender_new(&m.recommender, &err) != 0)
        die(&err);
    m.world = (struct world){.model = atomic_load(&m.engine->model),
                             .catalogue = atomic_load(&m.engine->catalogue),
                             .trend = atomic_load(&m.engine->trend)};
    uint32_t viewers = intern_count(store_names(m.engine->store, NAME_VIEWER));
    m.share = malloc(VIEWERS_MAX * sizeof(*m.share));
    if (!m.share || viewers == 0)
        return 1;
    rng_seed(&rng, seed);
    for (int i = 0; i < VIEWERS_MAX && m.measured < wanted; i++)
        measure_viewer(&m, (uint32_t)rng_below(&rng, viewers));
    print(&m, seed);
    free(m.share);
    recommender_free(m.recommender);
    mq_engine_close(m.engine);
    return 0;
}
