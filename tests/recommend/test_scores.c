/* What is served is what was measured: the same order, from the same history, by the model file's blend. */
#include "recommend/scores.h"

#include <math.h>
#include <unistd.h>

#include "base/rng.h"
#include "recommend/small_world.h"
#include "support/check.h"
#include "train/blend_fit.h"
#include "train/catalogue_content.h"
#include "train/questions.h"
#include "train/train.h"

enum {
    TITLES = 300,
    UNKNOWN = 20 /* the last ones */,
    VIEWERS = 240,
    EACH = 24,
    FIRST_TITLES = 40
};

struct fitted {
    struct small_world world;
    struct profile *viewers[VIEWERS];
    struct triples rows;
    struct blend_found found;
    struct model *model; /* mapped */
    struct pool *pool;
};

/* Watched in the order of the titles' numbers: what comes next can be learnt. */
static void in_order(struct profile *p, struct rng *rng)
{
    for (uint32_t i = 0; i < p->n; i++)
        p->signals[i].last_s =
            (uint32_t)(SMALL_WORLD_NOW / 1000 - 90 * 86400 + i * 86400 + rng_below(rng, 3600));
}

/* As train/log_rows.c adds them. */
static void add_rows(struct triples *to, uint32_t viewer, const struct profile *p)
{
    for (uint32_t i = 0; i < p->n; i++) {
        const struct title_signal *s = &p->signals[i];
        if (!(s->confidence > 0) || s->preference == 0)
            continue;
        assert_ok(triples_add(to, viewer, s->title.v,
                              s->preference > 0 ? s->confidence : -s->confidence,
                              (int64_t)s->last_s * 1000, &test_err));
    }
}

static int make(void **state)
{
    struct fitted *f = calloc(1, sizeof(*f));
    struct blend_fit_options o = {.seed = 3, .given.ials = {.rank = 16, .epochs = 4}};
    struct model m;
    struct rng rng;
    char path[4096];
    const char *dir = test_dir();
    rng_seed(&rng, test_seed());
    small_world_make(&f->world, (struct small_world_size){TITLES, 200, 16, 5});
    for (uint32_t v = 0; v < VIEWERS; v++) {
        f->viewers[v] = small_world_profile(&f->world, 100 + v, EACH);
        in_order(f->viewers[v], &rng);
        add_rows(&f->rows, v, f->viewers[v]);
    }
    assert_ok(pool_new(2, &f->pool, &test_err));
    o.catalogue = f->world.catalogue;
    assert_ok(blend_fit(&f->rows, VIEWERS, TITLES, &o, f->pool, &m, &f->found, &test_err));
    m.facts.version = 9;
    snprintf(path, sizeof(path), "%s/a.model", dir);
    assert_ok(model_write(&m, path, &test_err));
    train_release(&m);
    assert_ok(model_open(path, &f->model, &test_err));
    unlink(path);
    test_dir_remove(dir);
    f->world.world.model = f->model;
    *state = f;
    return 0;
}

static int unmake(void **state)
{
    struct fitted *f = *state;
    for (uint32_t v = 0; v < VIEWERS; v++)
        free(f->viewers[v]);
    model_close(f->model);
    triples_release(&f->rows);
    pool_free(f->pool);
    small_world_release(&f->world);
    free(f);
    return 0;
}

static void the_blend_was_worth_it(void **state)
{
    const struct fitted *f = *state;
    const double *ndcg = f->model->blend.facts.ndcg;
    assert_true(f->found.choice.questions >= BLEND_QUESTIONS_LEAST);
    assert_true(f->found.published == LINEUP_SEQUENCE || f->found.published == LINEUP_BLEND);
    assert_int_equal(f->model->blend.facts.published, f->found.published);
    assert_true(ndcg[f->found.published] > 1.2 * ndcg[LINEUP_IALS]);
    assert_true(f->model->facts.held_out_ndcg == ndcg[f->found.published]);
    assert_true(f->model->facts.held_out_low > 0);
    assert_true(f->model->blend.follows[0].n == TITLES);
}

/* One question about everything that the viewer did, as evaluation asks it. */
static void ask_evaluation(const struct fitted *f, uint32_t v, const struct ensemble *e,
                           struct answers *ret)
{
    struct triples mine = {0};
    struct histories h;
    struct questions q = {0};
    uint32_t target = TITLES - 1;
    struct csr targets;
    uint32_t zero = 0;
    float one = 1;
    add_rows(&mine, 0, f->viewers[v]);
    assert_ok(histories_from(&mine, NULL, 1, TITLES, &h, &test_err));
    assert_ok(csr_from_triples(1, TITLES, &zero, &target, &one, 1, &targets, &test_err));
    assert_ok(questions_of_viewers(&h, &targets, &q, &test_err));
    assert_int_equal(q.n, 1);
    q.list[0].now_ms = SMALL_WORLD_NOW;
    assert_ok(questions_weigh(&q, &mine, 1, &test_err));
    struct mix mix = ensemble_mix(f->model);
    struct contestant_mixes mixes = {&mix, 1, NULL};
    assert_ok(answers_rank(e, q.list, 1, &mixes, ANSWERS_DEPTH, f->pool, ret, &test_err));
    questions_release(&q);
    csr_release(&targets);
    histories_release(&h);
    triples_release(&mine);
}

static void served_is_what_was_measured(void **state)
{
    struct fitted *f = *state;
    struct recommender *r;
    struct ensemble e = ensemble_of(f->model);
    assert_ok(recommender_new(&r, &test_err));
    for (uint32_t v = 0; v < VIEWERS; v += 12) {
        struct answers measured;
        struct ask ask = {.profile = f->viewers[v],
                          .viewer = "v",
                          .at_ms = SMALL_WORLD_NOW,
                          .context = {.offset_min = OFFSET_NONE}};
        struct topk_item served[FIRST_TITLES];
        uint64_t history[(TITLES + 63) / 64] = {0};
        ask_evaluation(f, v, &e, &measured);
        assert_ok(recommender_begin(r, &f->world.world, &ask, &test_err));
        for (uint32_t i = 0; i < f->viewers[v]->n; i++)
            if (f->viewers[v]->signals[i].preference > 0)
                bit_set(history, f->viewers[v]->signals[i].title.v);
        /* No filters: only the history stays out, as in evaluation, and what the model doesn't know. */
        assert_int_equal(topk_select(r->score, TITLES - UNKNOWN, history, FIRST_TITLES, served),
                         FIRST_TITLES);
        size_t at = 0;
        for (size_t k = 0; k < FIRST_TITLES; k++, at++) {
            while (measured.list[at] >= TITLES - UNKNOWN)
                at++;
            assert_int_equal(served[k].index, measured.list[at]);
            assert_true(served[k].score == measured.score[at]);
            struct title_scores s = scores_of(r, served[k].index);
            float sum = 0;
            for (size_t i = 0; i < INGREDIENTS; i++)
                sum += r->mix.weight[i] * s.part[i];
            assert_true(s.known && s.blend == served[k].score);
            assert_true(fabsf(sum - s.blend) < 1e-3F);
        }
        answers_release(&measured);
    }
    recommender_free(r);
}

static float planted(const struct fitted *f, const struct profile *p, uint32_t title)
{
    enum { G = SMALL_WORLD_GENRES };
    float sum = 0;
    for (uint32_t i = 0; i < p->n; i++)
        for (size_t g = 0; p->signals[i].preference > 0 && g < G; g++)
            sum += f->world.taste_of_title[(size_t)p->signals[i].title.v * G + g] *
                   f->world.taste_of_title[(size_t)title * G + g];
    return sum;
}

/* Titles that nobody has watched are told apart by what they are: those nearer to what a viewer likes stand higher. */
static void new_titles_find_their_viewers(void **state)
{
    struct fitted *f = *state;
    struct recommender *r;
    size_t right = 0, wrong = 0;
    assert_ok(recommender_new(&r, &test_err));
    for (uint32_t v = 0; v < VIEWERS; v += 4) {
        const struct profile *p = f->viewers[v];
        struct ask ask = {.profile = p,
                          .viewer = "v",
                          .at_ms = SMALL_WORLD_NOW,
                          .context = {.offset_min = OFFSET_NONE}};
        assert_ok(recommender_begin(r, &f->world.world, &ask, &test_err));
        for (uint32_t a = TITLES - UNKNOWN; a < TITLES; a++)
            for (uint32_t b = a + 1; b < TITLES; b++) {
                float nearer = planted(f, p, a) - planted(f, p, b);
                bool agree = (nearer > 0) == (r->taste[a] > r->taste[b]);
                right += agree;
                wrong += !agree;
            }
    }
    printf("  pairs of new titles in the order of what was planted: %zu of %zu\n", right,
           right + wrong);
    assert_true(right * 100 > (right + wrong) * 65);
    recommender_free(r);
}

/* What is watched enough stands on its own: content changes nothing. */
static void content_is_blended_out(void **state)
{
    struct fitted *f = *state;
    struct blend_fit_options o = {.seed = 3, .given.ials = {.rank = 16, .epochs = 4}};
    struct blend_found found;
    struct model m;
    size_t same = 0, moved = 0;
    assert_ok(blend_fit(&f->rows, VIEWERS, TITLES, &o, f->pool, &m, &found, &test_err));
    for (uint32_t t = 0; t < TITLES; t++) {
        size_t bytes = m.stride * sizeof(float), at = (size_t)t * m.stride;
        bool equal = memcmp(m.factors + at, f->model->factors + at, bytes) == 0;
        if (m.popularity[t] >= CONTENT_OUT)
            assert_true(equal);
        else if (t != SMALL_WORLD_UNDESCRIBED)
            assert_false(equal);
        same += equal;
        moved += !equal;
    }
    assert_true(same > 50 && moved >= UNKNOWN);
    train_release(&m);
}

/* The same rows, seed and threads give the same bytes. */
static void a_fit_is_repeatable(void **state)
{
    struct fitted *f = *state;
    struct blend_fit_options o = {
        .seed = 3, .given.ials = {.rank = 16, .epochs = 4}, .catalogue = f->world.catalogue};
    struct blend_found found;
    struct model m;
    assert_ok(blend_fit(&f->rows, VIEWERS, TITLES, &o, f->pool, &m, &found, &test_err));
    assert_memory_equal(&m.blend.mix, &f->model->blend.mix, sizeof(m.blend.mix));
    assert_memory_equal(m.factors, f->model->factors, (size_t)TITLES * m.stride * sizeof(float));
    train_release(&m);
}

/* Whatever did best: it publishes what the other one does. */
static void a_fit_like_another_publishes_the_same_model(void **state)
{
    static const enum lineup_model kinds[] = {LINEUP_IALS, LINEUP_ITEM_KNN};
    struct fitted *f = *state;
    struct blend_found found;
    struct model m;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const struct blend_facts like = {.published = kinds[i]};
        struct blend_fit_options o = {.seed = 3,
                                      .given.ials = {.rank = 16, .epochs = 4},
                                      .like = &like,
                                      .catalogue = f->world.catalogue};
        assert_ok(blend_fit(&f->rows, VIEWERS, TITLES, &o, f->pool, &m, &found, &test_err));
        assert_int_equal(found.published, kinds[i]);
        assert_int_equal(m.blend.facts.published, kinds[i]);
        train_release(&m);
    }
}

/* Regularisation that shrinks every factor to nothing, as where only popularity is to be found, is lowered until it does not. */
static void too_much_regularisation_is_eased(void **state)
{
    struct fitted *f = *state;
    struct blend_fit_options o = {
        .seed = 3,
        .given.ials = {.rank = 16, .epochs = 4, .regularisation = 3, .unobserved = 0.1F}};
    struct blend_found found;
    struct model m;
    assert_ok(blend_fit(&f->rows, VIEWERS, TITLES, &o, f->pool, &m, &found, &test_err));
    assert_true(m.settings.regularisation < 3);
    train_release(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_blend_was_worth_it),
        cmocka_unit_test(served_is_what_was_measured),
        cmocka_unit_test(new_titles_find_their_viewers),
        cmocka_unit_test(content_is_blended_out),
        cmocka_unit_test(a_fit_is_repeatable),
        cmocka_unit_test(a_fit_like_another_publishes_the_same_model),
        cmocka_unit_test(too_much_regularisation_is_eased),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
