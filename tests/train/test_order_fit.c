/* Weights that made the choices are found again, and are worth nothing where choices go by the scores alone. */
#include "train/order_fit.h"

#include <math.h>

#include "base/rng.h"
#include "recommend/order.h"
#include "recommend/small_world.h"
#include "support/check.h"
#include "train/replay.h"

enum { CHOICES = 900, TESTED = 300, HOUR = 3600000 };

static struct small_world world;
static struct mood_part part;

static int make(void **state)
{
    (void)state;
    small_world_make(&world, (struct small_world_size){300, 800, 16, 3});
    for (uint32_t g = 0; g < world.catalogue->n_genres; g++)
        memcpy(part.genre[g], world.catalogue->genres[g].p, world.catalogue->genres[g].n);
    struct mood_model *m = &part.model;
    *m = (struct mood_model){.n = 1, .own = 5, .moods_own = 5, .prior = {1}, .again = {0.5F, 0.2F}};
    for (uint32_t g = 0; g < SMALL_WORLD_GENRES; g++) {
        m->share[g] = 1.0F / SMALL_WORLD_GENRES;
        for (int c = 1; c < MOOD_CELLS; c++)
            m->by_cell[c][g] = (g + (uint32_t)c) % 4 == 0 ? 1 : -0.3F;
    }
    assert_true(mood_valid(m));
    world.model->moods = &part;
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    world.model->moods = NULL;
    small_world_release(&world);
    return 0;
}

/* A title drawn with chance exp(sum of weight * part). */
static uint32_t draw(const struct recommender *r, const float *weight, struct rng *rng)
{
    uint32_t best = 0;
    double most = -INFINITY;
    for (size_t k = 0; k < r->n_ranked; k++) {
        float x[ORDER_PARTS];
        double worth = -log(rng_exp(rng)); /* Gumbel */
        order_parts(r, r->ranked[k].index, x);
        for (int i = 0; i < ORDER_PARTS; i++)
            worth += (double)(weight[i] * x[i]);
        if (worth > most) {
            most = worth;
            best = r->ranked[k].index;
        }
    }
    return best;
}

/* Choices of invented viewers at hours around the clock, the last TESTED of them by `later`. */
static void choose(struct ranker_log *log, const float *weight, const float *later)
{
    struct replay x;
    struct rng rng;
    rng_seed(&rng, test_seed());
    *log = (struct ranker_log){.choices = calloc(CHOICES, sizeof(*log->choices)), .n = CHOICES};
    assert_non_null(log->choices);
    assert_ok(replay_init(&x, log, &world.world, &test_err));
    for (size_t i = 0; i < CHOICES; i++) {
        struct ranker_choice *c = &log->choices[i];
        *c = (struct ranker_choice){
            .profile = small_world_profile(&world, i % 300, 12),
            .at_ms = SMALL_WORLD_NOW + (int64_t)i * 5 * HOUR,
            .gain = 1,
            .context = {.offset_min = 0, .device = DEVICE_TV, .country = 'G' << 8 | 'B'}};
        c->profile->viewer.v = (uint32_t)(i % 300);
        assert_ok(replay_ask(&x, c, &test_err));
        order_candidates(x.r);
        c->title = draw(x.r, i < CHOICES - TESTED ? weight : later, &rng);
    }
    replay_release(&x);
}

static struct order_part *fit(const float *weight, const float *later)
{
    struct ranker_log log;
    struct order_part *p;
    choose(&log, weight, later);
    struct order_fit_settings s = {.catalogue = world.catalogue,
                                   .generators = world.model,
                                   .test_from_ms =
                                       SMALL_WORLD_NOW + (int64_t)(CHOICES - TESTED) * 5 * HOUR,
                                   .seed = 1};
    assert_ok(order_fit(&log, &s, (struct train_watch){0}, &p, &test_err));
    for (size_t i = 0; i < CHOICES; i++)
        free(log.choices[i].profile);
    free(log.choices);
    return p;
}

static void planted_weights_are_found(void **state)
{
    (void)state;
    const float weight[ORDER_PARTS] = {
        [ORDER_SCORE] = 4, [ORDER_POPULARITY] = -0.5F, [ORDER_MOMENT] = 2.5F};
    struct order_part *p = fit(weight, weight);
    assert_non_null(p);
    for (int i = 0; i < ORDER_PARTS; i++)
        printf("%s %.2f  ", order_part_name((enum order_of)i), (double)p->weight[i]);
    printf("\n");
    assert_int_equal(p->version, ORDER_VERSION);
    assert_int_equal(p->questions, TESTED);
    assert_null(order_fault(p));
    assert_true(fabsf(p->weight[ORDER_SCORE] - 4) < 1.2F);
    assert_true(fabsf(p->weight[ORDER_MOMENT] - 2.5F) < 0.4F);
    assert_true(fabsf(p->weight[ORDER_LAST]) < 0.8F);
    assert_true(p->weight[ORDER_MOOD] == 0); /* one mood: nothing to weigh */
    assert_true(p->ndcg > p->base_ndcg && p->low > 0);
    free(p);
}

/* Where the viewer's score is all there is, no weights do better than its order; they serve all the same, so that rows compare by chances. */
static void the_score_alone_is_no_less(void **state)
{
    (void)state;
    const float weight[ORDER_PARTS] = {[ORDER_SCORE] = 6};
    struct order_part *p = fit(weight, weight);
    assert_non_null(p);
    assert_null(order_fault(p));
    assert_true(p->high >= 0);
    assert_true(p->weight[ORDER_SCORE] > 3);
    assert_true(p->ndcg > p->base_ndcg || p->weight[ORDER_POPULARITY] == 0);
    free(p);
}

/* What others choose has led earlier choices and no longer does. All weights are better than none, for the hour; without the others they are
 * better still. */
static void what_others_choose_gives_way(void **state)
{
    (void)state;
    const float earlier[ORDER_PARTS] = {
        [ORDER_SCORE] = 3, [ORDER_POPULARITY] = 1, [ORDER_MOMENT] = 2.5F};
    const float later[ORDER_PARTS] = {[ORDER_SCORE] = 3, [ORDER_MOMENT] = 2.5F};
    struct order_part *p = fit(earlier, later);
    assert_non_null(p);
    assert_true(p->weight[ORDER_POPULARITY] == 0 && p->weight[ORDER_TREND] == 0);
    assert_true(p->weight[ORDER_MOMENT] > 1.5F && p->low > 0);
    free(p);
}

static void too_few_choices_teach_nothing(void **state)
{
    struct ranker_log none = {.n = 0};
    struct order_part *p;
    struct order_fit_settings s = {.catalogue = world.catalogue, .generators = world.model};
    (void)state;
    assert_ok(order_fit(&none, &s, (struct train_watch){0}, &p, &test_err));
    assert_null(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted_weights_are_found),
        cmocka_unit_test(the_score_alone_is_no_less),
        cmocka_unit_test(what_others_choose_gives_way),
        cmocka_unit_test(too_few_choices_teach_nothing),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
