/* Better titles come first; clicks that a page's places distort are put right by the chance of being looked at, which
 * draws of neighbours tell; where the order was chance to begin with, there is nothing to put right. */
#include <math.h>

#include "base/rng.h"
#include "experiment/plackett_luce.h"
#include "math/bootstrap.h"
#include "support/check.h"
#include "train/examination.h"
#include "train/lambdamart.h"
#include "train/place_weights.h"

enum { TITLES = 12, QUESTIONS = 3000, ASKED = 500, COLUMNS = 4 };

/* What a viewer likes depends on the first two columns; the third one is what the old ranker went by; the fourth
 * is noise. */
static double liking(const float *x)
{
    double v = 1.6 * (double)x[0] + (x[1] > 0.3f ? 1.2 : -0.4) - 1.2;
    return 1 / (1 + exp(-v));
}

static double examined(uint32_t column)
{
    return pow(1.0 + column, -1.0);
}

struct world {
    struct rng rng;
    float x[QUESTIONS * TITLES * COLUMNS], gain[QUESTIONS * TITLES], weight[QUESTIONS * TITLES];
    uint32_t start[QUESTIONS + 1], viewer[QUESTIONS * TITLES]; /* one page each */
    struct examination examination;
};

static void order_by(const float *key, uint32_t *order)
{
    for (uint32_t i = 0; i < TITLES; i++)
        order[i] = i;
    for (uint32_t i = 1; i < TITLES; i++)
        for (uint32_t k = i; k > 0 && key[order[k - 1]] < key[order[k]]; k--) {
            uint32_t t = order[k];
            order[k] = order[k - 1];
            order[k - 1] = t;
        }
}

/* A page of the old ranker, two neighbours in an order that chance decides; or all by chance. */
static void show(struct world *w, uint32_t q, bool random)
{
    float *x = w->x + (size_t)q * TITLES * COLUMNS, key[TITLES];
    struct shown_item items[TITLES];
    uint32_t order[TITLES], chosen[TITLES];
    size_t n = 0;
    for (uint32_t i = 0; i < TITLES; i++) {
        for (uint32_t c = 0; c < COLUMNS; c++)
            x[i * COLUMNS + c] = (float)rng_normal(&w->rng);
        key[i] = random ? (float)rng_double(&w->rng) : x[i * COLUMNS + 2];
    }
    order_by(key, order);
    uint32_t from = (uint32_t)rng_below(&w->rng, TITLES - 1);
    struct chosen drawn[2];
    double left[2];
    const float none[2] = {0, 0};
    plackett_luce_draw(none, 2, 2, &w->rng, left, drawn);
    const uint32_t pair[2] = {order[from], order[from + 1]};
    for (uint32_t k = 0; k < 2; k++)
        order[from + k] = pair[drawn[k].index];
    for (uint32_t k = 0; k < TITLES; k++) {
        uint32_t i = order[k], row = q * TITLES + i;
        bool is_drawn = k == from || k == from + 1;
        items[k] = (struct shown_item){.title = {i},
                                       .propensity = is_drawn ? drawn[k - from].propensity : NAN};
        bool click = rng_double(&w->rng) < examined(k) * liking(x + (size_t)i * COLUMNS);
        w->gain[row] = click;
        w->viewer[row] = q;
        w->weight[row] = (float)k; /* the place; the chance is put in when it is known */
    }
    for (uint32_t i = 0; i < TITLES; i++)
        if (w->gain[q * TITLES + i] > 0)
            chosen[n++] = i;
    struct shown_row row = {STR("top_picks"), true, false, TITLES, items, false, 0};
    examination_add(
        &w->examination,
        &(struct shown_page){.n_rows = 1, .rows = &row, .context = {.device = DEVICE_TV}}, chosen,
        n);
    examination_end_viewer(&w->examination);
}

static struct forest fit(const struct world *w, bool weighted)
{
    struct ranking_rows rows = {QUESTIONS * TITLES,          COLUMNS, QUESTIONS, w->x, w->gain,
                                weighted ? w->weight : NULL, w->start};
    struct trees_settings s = {.rounds = 40, .depth = 3, .rate = 0.15f, .seed = 1};
    struct forest f;
    assert_ok(lambdamart_fit(&rows, &s, &f, &test_err));
    return f;
}

/* NDCG@10 towards what is truly liked, question by question. */
static void judge(const struct forest *f, double *ret)
{
    struct rng rng;
    rng_seed(&rng, 99);
    for (size_t q = 0; q < ASKED; q++) {
        float value[TITLES], gain[TITLES];
        for (size_t i = 0; i < TITLES; i++) {
            float x[COLUMNS];
            for (size_t c = 0; c < COLUMNS; c++)
                x[c] = (float)rng_normal(&rng);
            value[i] = forest_value(f, x);
            gain[i] = (float)liking(x);
        }
        ret[q] = lambdamart_ndcg(value, gain, TITLES, 10);
    }
}

struct gain {
    struct interval over; /* weighted over unweighted, over questions */
    struct examined_places places;
};

static struct gain weighted_gain(bool random, uint64_t seed)
{
    struct world *w = calloc(1, sizeof(*w));
    static double with[ASKED], without[ASKED];
    struct gain ret;
    rng_seed(&w->rng, seed);
    for (uint32_t q = 0; q < QUESTIONS; q++) {
        show(w, q, random);
        w->start[q + 1] = (q + 1) * TITLES;
    }
    examination_settle(&w->examination, &ret.places);
    for (size_t i = 0; i < (size_t)QUESTIONS * TITLES; i++)
        w->weight[i] = (float)examined_at(&ret.places, DEVICE_TV, 0, (uint32_t)w->weight[i]);
    assert_ok(place_weights(w->x, QUESTIONS * TITLES, COLUMNS, w->viewer, w->weight, w->gain, 1,
                            w->weight, &test_err));
    struct forest a = fit(w, true), b = fit(w, false);
    judge(&a, with);
    judge(&b, without);
    assert_ok(bootstrap_paired(with, without, ASKED, 1, &ret.over, &test_err));
    trees_release(&a);
    trees_release(&b);
    free(w);
    return ret;
}

/* Of worlds with pages of the old ranker, and of the same many in random order. */
static void weights_find_what_is_liked(void **state)
{
    size_t worlds = test_rounds(2), better = 0, tied = 0;
    double sum[2] = {0, 0}, squares[2] = {0, 0}, least = 1, most = 0;
    (void)state;
    for (size_t w = 0; w < worlds; w++) {
        struct gain biased = weighted_gain(false, test_seed() + w);
        struct gain random = weighted_gain(true, test_seed() + w);
        const double *used = biased.places.used[DEVICE_TV][ALONG_COLUMNS];
        const double gain[2] = {biased.over.mean, random.over.mean};
        printf("world %zu: looked at: column 1 %.2f, 3 %.2f, 7 %.2f (truth %.2f, %.2f, %.2f); "
               "NDCG@10 on true "
               "liking, weighted over unweighted: %+.4f [%+.4f, %+.4f]; pages in random order: "
               "%+.4f [%+.4f, "
               "%+.4f]\n",
               w, used[1], used[3], used[7], examined(1), examined(3), examined(7), gain[0],
               biased.over.low, biased.over.high, gain[1], random.over.low, random.over.high);
        for (int k = 0; k < 2; k++) {
            sum[k] += gain[k] / (double)worlds;
            squares[k] += gain[k] * gain[k] / (double)worlds;
        }
        better += biased.over.low > 0;
        tied += random.over.low <= 0 && random.over.high >= 0;
        least = fmin(least, gain[0]);
        most = fmax(most, fabs(gain[1]));
    }
    for (int k = 0; k < 2; k++)
        printf("%s: mean %+.4f, standard error %.4f over %zu worlds\n",
               k ? "random order" : "old ranker", sum[k],
               sqrt(fmax(squares[k] - sum[k] * sum[k], 0) / (double)(worlds - 1)), worlds);
    printf("better for sure in %zu, the least by %+.4f; ties %zu, the furthest from one %.4f\n",
           better, least, tied, most);
    assert_int_equal(better, worlds);
    assert_true(sum[0] > 0.04);
    assert_true(tied + worlds / 10 >= worlds && most < 0.003);
}

/* Each viewer has a place and a taste of their own, and nothing goes with anything: as rows, what the trees make of it looks sure. Weights are then
 * found in no more services than chance at three standard errors allows; as they are where places do go with the columns. */
static void viewers_are_no_rows(void **state)
{
    enum { SERVICES = 40, PEOPLE = 40, EACH = 60, WIDE = 3 };
    static float x[PEOPLE * EACH * WIDE], chance[PEOPLE * EACH], gain[PEOPLE * EACH];
    static float weight[PEOPLE * EACH];
    static uint32_t viewer[PEOPLE * EACH];
    size_t found[2] = {0, 0};
    (void)state;
    for (unsigned planted = 0; planted < 2; planted++)
        for (size_t service = 0; service < SERVICES; service++) {
            struct rng rng;
            bool any = false;
            rng_seed_stream(&rng, test_seed(), service);
            for (uint32_t i = 0; i < PEOPLE * EACH; i++) {
                static float taste[WIDE], place;
                for (uint32_t c = 0; i % EACH == 0 && c < WIDE; c++)
                    taste[c] = (float)rng_normal(&rng);
                place = i % EACH == 0 ? (float)rng_double(&rng) : place;
                for (uint32_t c = 0; c < WIDE; c++)
                    x[i * WIDE + c] = taste[c] + 0.3f * (float)rng_normal(&rng);
                float with = planted && x[i * WIDE] > 0 ? 0.5f : 0;
                chance[i] = 0.1f + 0.4f * place + with;
                gain[i] = 1;
                viewer[i] = i / EACH;
            }
            assert_ok(
                place_weights(x, PEOPLE * EACH, WIDE, viewer, chance, gain, 1, weight, &test_err));
            for (uint32_t i = 1; i < PEOPLE * EACH; i++)
                any |= weight[i] != weight[0];
            found[planted] += any;
        }
    print_message(
        "of %d services weights are found in %zu where nothing goes with anything, in %zu "
        "where it does\n",
        SERVICES, found[0], found[1]);
    assert_true(found[0] <= SERVICES / 8 && found[1] == SERVICES);
}

static void bad_rows_are_refused(void **state)
{
    float x[4] = {0}, gain[4] = {1, 0, 0, 0};
    uint32_t start[2] = {0, 3};
    struct ranking_rows rows = {4, 1, 1, x, gain, NULL, start};
    struct forest f;
    (void)state;
    assert_fails(MQ_INVALID, lambdamart_fit(&rows, &(struct trees_settings){0}, &f, &test_err));
    start[1] = 4;
    gain[2] = -1;
    assert_fails(MQ_INVALID, lambdamart_fit(&rows, &(struct trees_settings){0}, &f, &test_err));
    assert_true(isnan(lambdamart_ndcg(x, x, 4, 10)));
    const float value[4] = {0, 3, 2, 1}, good[4] = {0, 2, 0, 1};
    double best = 2 + 1 / log2(3), got = 2 + 1 / log2(4);
    assert_true(fabs(lambdamart_ndcg(value, good, 4, 10) - got / best) < 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_find_what_is_liked),
        cmocka_unit_test(viewers_are_no_rows),
        cmocka_unit_test(bad_rows_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
