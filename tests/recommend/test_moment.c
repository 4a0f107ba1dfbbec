/* Hour, device and mood on pages: factors of a model made by hand. */
#include "recommend/home.h"
#include "recommend/order.h"

#include <math.h>

#include "recommend/small_world.h"
#include "support/check.h"

static struct small_world world;
static struct recommender *rec;
static struct mood_part part;

static uint8_t genre(const char *name)
{
    return catalogue_genre(world.catalogue, str_of(name));
}

/* Moods of drama and of comedy; late on a television horror is chosen three times as often. */
static int make(void **state)
{
    (void)state;
    small_world_make(&world, (struct small_world_size){800, 1500, 16, 11});
    for (uint32_t g = 0; g < world.catalogue->n_genres; g++)
        memcpy(part.genre[g], world.catalogue->genres[g].p, world.catalogue->genres[g].n);
    struct mood_model *m = &part.model;
    *m = (struct mood_model){.n = 2, .keep = 0.5F, .own = 5, .moods_own = 5, .prior = {0.5F, 0.5F}};
    for (uint32_t g = 0; g < SMALL_WORLD_GENRES; g++)
        m->share[g] = 1.0F / SMALL_WORLD_GENRES;
    for (int i = 0; i < MOOD_FIELD; i++) {
        m->field.genres[i] = UINT64_C(1) << (i % SMALL_WORLD_GENRES);
        m->field.runtime_min[i] = 100;
    }
    m->mood[0][genre("Drama")] = m->mood[1][genre("Comedy")] = 1.2F;
    m->mood[0][genre("Comedy")] = m->mood[1][genre("Drama")] = -1.2F;
    struct mood_moment late = {SMALL_WORLD_NOW, DAYPART_LATE, DEVICE_TV, true};
    m->by_cell[mood_cell(&late)][genre("Horror")] = logf(3);
    m->daypart_mood[DAYPART_MORNING][1] = 2;
    assert_true(mood_valid(m));
    world.model->moods = &part;
    assert_ok(recommender_new(&rec, &test_err));
    return 0;
}

static int unmake(void **state)
{
    (void)state;
    recommender_free(rec);
    world.model->moods = NULL;
    small_world_release(&world);
    return 0;
}

static double share_of(const struct mq_list *list, const char *name)
{
    double n = 0;
    for (size_t i = 0; i < list->n_items; i++)
        n += (double)(world.catalogue->titles[list->items[i].title_number].genres >> genre(name) &
                      1);
    return n / (double)list->n_items;
}

static void the_hour_moves_titles(void **state)
{
    (void)state;
    double late = 0, evening = 0, plain = 0, nowhere = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct profile *p = small_world_profile(&world, seed, 20);
        struct mq_list list;
        struct ask ask = small_world_ask(p);
        ask.mood = "off";
        ask.at_ms += INT64_C(3) * 3600000; /* 23:00 */
        assert_ok(recommend_list(rec, &world.world, &ask, &list, &test_err));
        late += share_of(&list, "Horror");
        for (size_t i = 1; i < list.n_items; i++)
            assert_true(list.items[i].score <= list.items[i - 1].score);
        ask.context.device = DEVICE_NONE; /* says nothing itself; the hour is as late */
        assert_ok(recommend_list(rec, &world.world, &ask, &list, &test_err));
        nowhere += share_of(&list, "Horror");
        ask.no_context = true;
        assert_ok(recommend_list(rec, &world.world, &ask, &list, &test_err));
        plain += share_of(&list, "Horror");
        ask = small_world_ask(p);
        ask.mood = "off";
        assert_ok(recommend_list(rec, &world.world, &ask, &list, &test_err));
        evening += share_of(&list, "Horror");
        free(p);
    }
    assert_true(late > 1.3 * plain);
    assert_true(fabs(evening - plain) < 0.15 * (late - plain) + 0.3);
    assert_true(fabs(nowhere - late) < 0.15 * (late - plain) + 0.3);
}

static void absurd_moments(void **state)
{
    (void)state;
    static const int64_t times[] = {0, -1, INT64_C(-62135596800000), INT64_C(253402300799999)};
    struct profile *p = small_world_profile(&world, 2, 20);
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        struct mq_page page;
        struct ask ask = small_world_ask(p);
        ask.at_ms = times[i];
        ask.context.device =
            (uint8_t)(i % 2 ? DEVICE_OTHER : DEVICE_CAST); /* never seen in training */
        ask.context.country = 'Z' << 8 | 'Z';
        assert_ok(recommend_home(rec, &world.world, &ask, &page, &test_err));
        assert_true(page.n_rows > 0);
        for (size_t z = 0; z < page.n_moods; z++)
            assert_true(page.moods[z].probability >= 0 && page.moods[z].probability <= 1);
    }
    free(p);
}

static const struct mq_row *mood_row(const struct mq_page *page)
{
    for (size_t i = 0; i < page->n_rows; i++) {
        if (strcmp(page->rows[i].kind, "mood") == 0)
            return &page->rows[i];
    }
    return NULL;
}

static void moods_are_named_and_chosen(void **state)
{
    (void)state;
    struct profile *p = small_world_profile(&world, 3, 20);
    struct mq_page page;
    struct ask ask = small_world_ask(p);
    assert_ok(recommend_home(rec, &world.world, &ask, &page, &test_err));
    assert_int_equal(page.n_moods, 2);
    assert_string_equal(page.moods[0].name, "Drama");
    assert_string_equal(page.moods[1].name, "Comedy");
    assert_true(fabs(page.moods[0].probability + page.moods[1].probability - 1) < 1e-4);
    assert_true(strncmp(page.mood_source, "the moment", 10) == 0);
    static const char *const by[] = {"comedy", "2"};
    for (int i = 0; i < 2; i++) {
        ask.mood = by[i];
        assert_ok(recommend_home(rec, &world.world, &ask, &page, &test_err));
        assert_string_equal(page.mood.name, "Comedy");
        assert_string_equal(page.mood_source, "chosen");
        const struct mq_row *row = mood_row(&page);
        assert_non_null(row);
        assert_string_equal(row->name, "Comedy for this evening");
        for (size_t k = 0; k < row->n_items; k++) {
            assert_true(
                world.catalogue->titles[row->items[k].title_number].genres >> genre("Comedy") & 1);
            assert_int_equal(row->items[k].reason.kind, MQ_REASON_MOOD);
        }
    }
    ask.mood = "off";
    assert_ok(recommend_home(rec, &world.world, &ask, &page, &test_err));
    assert_null(page.mood.name);
    assert_null(mood_row(&page));
    ask.mood = "gloomy";
    assert_fails(MQ_INVALID, recommend_home(rec, &world.world, &ask, &page, &test_err));
    assert_non_null(strstr(test_err.text, "Drama, Comedy"));
    free(p);
}

/* The morning speaks for comedy, and what was played just now too. */
static void the_moment_speaks_for_a_mood(void **state)
{
    (void)state;
    struct profile *p = small_world_profile(&world, 3, 20);
    struct mq_page evening, morning;
    struct ask ask = small_world_ask(p);
    assert_ok(recommend_home(rec, &world.world, &ask, &evening, &test_err));
    double before = evening.moods[1].probability;
    ask.at_ms += INT64_C(10) * 3600000; /* 06:00 */
    assert_ok(recommend_home(rec, &world.world, &ask, &morning, &test_err));
    assert_true(morning.moods[1].probability > before + 0.1);
    assert_non_null(mood_row(&morning));
    ask = small_world_ask(p);
    for (uint32_t i = 0; i < p->n; i++) {
        if (world.catalogue->titles[p->signals[i].title.v].genres >> genre("Comedy") & 1) {
            p->signals[i].last_s = (uint32_t)(SMALL_WORLD_NOW / 1000) - 600;
            p->signals[i].chosen_s = p->signals[i].last_s - 5400;
            p->signals[i].sessions = 4; /* gone on with since: it tells all the same */
            p->signals[i].flags |= SIGNAL_PLAYED | SIGNAL_FINISHED;
            assert_ok(recommend_home(rec, &world.world, &ask, &evening, &test_err));
            assert_string_equal(evening.mood_source, "the moment and recent plays");
            assert_true(evening.moods[1].probability > before);
            break;
        }
    }
    /* What lies behind the moment says nothing. */
    for (uint32_t i = 0; i < p->n; i++)
        p->signals[i].last_s = (uint32_t)(SMALL_WORLD_NOW / 1000) + 600;
    assert_ok(recommend_home(rec, &world.world, &ask, &evening, &test_err));
    assert_string_equal(evening.mood_source, "the moment");
    free(p);
}

static void no_mood_without_a_model_of_it(void **state)
{
    (void)state;
    struct profile *p = small_world_profile(&world, 3, 20);
    struct mq_page page;
    struct ask ask = small_world_ask(NULL);
    assert_ok(recommend_home(rec, &world.world, &ask, &page, &test_err));
    assert_null(page.mood.name); /* nobody is known to be in for anything */
    ask = small_world_ask(p);
    ask.no_profiling = true;
    assert_ok(recommend_home(rec, &world.world, &ask, &page, &test_err));
    assert_null(page.mood.name);
    world.model->moods = NULL;
    world.model->facts.version++;
    ask = small_world_ask(p);
    assert_ok(recommend_home(rec, &world.world, &ask, &page, &test_err));
    assert_null(page.mood.name);
    ask.mood = "Comedy";
    assert_fails(MQ_INVALID, recommend_home(rec, &world.world, &ask, &page, &test_err));
    ask.mood = "off";
    assert_ok(recommend_home(rec, &world.world, &ask, &page, &test_err));
    world.model->moods = &part;
    world.model->facts.version++;
    free(p);
}

/* What the served order is must be the parts, weighed: training learns from these. */
static void learnt_weights_order(void **state)
{
    (void)state;
    struct order_part order = {.version = ORDER_VERSION,
                               .weight = {[ORDER_SCORE] = 3,
                                          [ORDER_POPULARITY] = -0.2F,
                                          [ORDER_TREND] = 0.5F,
                                          [ORDER_MOMENT] = 0.7F,
                                          [ORDER_DEVICE] = 0.4F,
                                          [ORDER_HABITS] = 0.3F,
                                          [ORDER_LAST] = 0.9F,
                                          [ORDER_MOOD] = 1.1F}};
    order.blend = world.model->blend.n > 0;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct profile *p = small_world_profile(&world, seed, 20);
        struct ask ask = small_world_ask(p);
        struct mq_page page;
        world.model->order = &order;
        ask.at_ms += (int64_t)(seed % 4) * 5 * 3600000;
        assert_ok(recommend_home(rec, &world.world, &ask, &page, &test_err));
        assert_true(order_learnt(rec));
        double sum = 0, first = 0;
        for (size_t k = 0; k < rec->n_ranked; k++) {
            float x[ORDER_PARTS];
            double worth = 0;
            uint32_t t = rec->ranked[k].index;
            order_parts(rec, t, x);
            for (int i = 0; i < ORDER_PARTS; i++)
                worth += (double)(order.weight[i] * x[i]);
            first = k == 0 ? worth - log((double)rec->ordered[t]) : first;
            assert_true(fabs(worth - log((double)rec->ordered[t]) - first) < 1e-3);
            sum += (double)rec->ordered[t];
            assert_true(title_free(rec, t));
        }
        assert_true(fabs(sum - 1) < 1e-3);
        for (uint32_t t = 0; t < rec->n_titles; t++)
            assert_true(rec->ordered[t] >= 0 && rec->ordered[t] <= 1);
        order.version++; /* of another version: left alone */
        assert_ok(recommend_home(rec, &world.world, &ask, &page, &test_err));
        assert_false(order_learnt(rec));
        order.version--;
        world.model->order = NULL;
        free(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hour_moves_titles),
        cmocka_unit_test(absurd_moments),
        cmocka_unit_test(moods_are_named_and_chosen),
        cmocka_unit_test(the_moment_speaks_for_a_mood),
        cmocka_unit_test(no_mood_without_a_model_of_it),
        cmocka_unit_test(learnt_weights_order),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
