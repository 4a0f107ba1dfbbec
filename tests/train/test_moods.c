/* Planted moods are found and followed live; without them, or with the sessions shuffled, there are none. */
#include "support/check.h"

#include <math.h>

#include "base/rng.h"
#include "sim/sim.h"
#include "train/mood_fit.h"

enum { PLAYS_MAX = 200000, VIEWERS_MAX = 1500, TITLES_MAX = 600 };

struct world {
    struct mood_play plays[PLAYS_MAX];
    uint32_t viewer[PLAYS_MAX];
    uint8_t mood[PLAYS_MAX]; /* the truth */
    uint32_t title[PLAYS_MAX];
    size_t n;
};

static struct world *sorted, *raw;

static uint64_t genres_of(const struct title *t)
{
    static struct str names[64];
    static unsigned n;
    uint64_t bits = 0;
    for (uint16_t i = 0; i < t->n_genres; i++) {
        unsigned g = 0;
        while (g < n && !str_eq(names[g], t->genres[i]))
            g++;
        if (g == n) {
            char *copy = malloc(t->genres[i].n);
            memcpy(copy, t->genres[i].p, t->genres[i].n);
            names[n++] = (struct str){copy, t->genres[i].n};
        }
        bits |= UINT64_C(1) << g;
    }
    return bits;
}

static int setup(void **state)
{
    (void)state;
    sorted = calloc(1, sizeof(*sorted));
    raw = calloc(1, sizeof(*raw));
    return sorted && raw ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    free(sorted);
    free(raw);
    return 0;
}

/* Chosen plays of a simulated service, by viewer and time. */
static void play_world(uint32_t viewers, double mood, double context)
{
    static bool played[VIEWERS_MAX][TITLES_MAX];
    struct sim_settings s = sim_defaults();
    struct sim *sim;
    struct event e;
    int rc;

    memset(played, 0, sizeof(played));
    s.viewers = viewers;
    s.sessions_per_week = 14;
    s.days = 40;
    s.mood = mood;
    s.context = context;
    s.taste = 1;
    assert_ok(sim_new(&s, &sim, &test_err));
    raw->n = sorted->n = 0;
    while ((rc = sim_next(sim, &e, &test_err)) > 0) {
        if (e.kind != EVENT_START || e.autoplay == 1 || raw->n == PLAYS_MAX)
            continue;
        const struct title *t = sim_title(sim, e.title_id.v);
        raw->viewer[raw->n] = e.viewer_id.v;
        raw->title[raw->n] = e.title_id.v;
        raw->mood[raw->n] = (uint8_t)sim_mood(sim, e.viewer_id.v);
        raw->plays[raw->n++] = (struct mood_play){
            .moment = {e.at_ms, (uint8_t)daypart_at(e.at_ms, e.context.offset_min),
                       e.context.device, weekend_at(e.at_ms, e.context.offset_min)},
            .genres = genres_of(t),
            .runtime_min = t->runtime_min};
    }
    assert_ok(rc);
    for (uint32_t v = 0; v < s.viewers; v++)
        for (size_t i = 0; i < raw->n; i++) {
            if (raw->viewer[i] != v || played[v][raw->title[i]])
                continue;
            played[v][raw->title[i]] = true;
            sorted->viewer[sorted->n] = v;
            sorted->mood[sorted->n] = raw->mood[i];
            sorted->plays[sorted->n++] = raw->plays[i];
        }
    sim_free(sim);
}

static struct mood_model train(struct mood_gain *gain)
{
    struct mood_plays p = {.plays = sorted->plays, .viewer = sorted->viewer, .n = sorted->n};
    struct mood_model m;
    assert_ok(moods_train(&p,
                          &(struct mood_fit){.seed = 1, .moods_max = test_rounds(1) > 1 ? 0 : 4},
                          (struct train_watch){0}, &m, gain, &test_err));
    assert_true(mood_valid(&m));
    for (unsigned n = 2; n <= MOODS_MAX; n++)
        print_message("%u moods: %+.4f a play (error %.4f)\n", n, gain->gain[n], gain->error[n]);
    print_message("shuffled %+.4f (%.4f)\n", gain->shuffled, gain->shuffled_error);
    print_message("%zu plays; chosen %u, keep %.1f, own %.0f\n", sorted->n, m.n, (double)m.keep,
                  (double)m.own);
    return m;
}

/* Chances without moods times e to the lift less its mean are chances again, as the judging of moods takes them to be. */
static void lifts_tilt_chances(const struct mood_model *m)
{
    struct mood_table table;
    struct mood_state s = {0};
    bool any = false;
    mood_table_make(m, &table);
    for (size_t i = 0; i < 40 && sorted->viewer[i] == sorted->viewer[0]; i++) {
        struct mood_view v;
        double sum = 0, all = 0;
        mood_look(m, &table, &s, &sorted->plays[i].moment, &v);
        float mean = mood_lift_mean(&table, &v);
        for (int f = 0; f < MOOD_FIELD; f++) {
            float lift = mood_lift(m, &v, m->field.genres[f], m->field.runtime_min[f]);
            sum += (double)(v.others[f] * expf(lift - mean));
            all += (double)v.others[f];
            any |= fabsf(lift) > 0.02f;
        }
        assert_true(fabs(sum / all - 1) < 0.02);
        mood_feed(m, &s, &v, &sorted->plays[i]);
    }
    assert_true(any);
}

static void planted_moods_are_found(void **state)
{
    (void)state;
    struct mood_gain gain;
    play_world(VIEWERS_MAX, 4, 1);
    struct mood_model m = train(&gain);
    assert_true(m.n > 1);
    lifts_tilt_chances(&m);
}

static void none_without(void **state)
{
    (void)state;
    struct mood_gain gain;
    play_world(500, 0, 1);
    struct mood_model m = train(&gain);
    assert_int_equal(m.n, 1);
    struct mood_state s = {0};
    struct mood_view v;
    struct mood_table table;
    mood_table_make(&m, &table);
    mood_look(&m, &table, &s, &sorted->plays[0].moment, &v);
    assert_true(mood_lift(&m, &v, sorted->plays[0].genres, 100) == 0);
}

/* The same plays with titles dealt out anew within each viewer: what a session has in common is gone. */
static void none_when_shuffled(void **state)
{
    (void)state;
    struct mood_gain gain;
    struct rng rng;
    play_world(500, 4, 1);
    rng_seed(&rng, 5);
    for (size_t i = 0; i < sorted->n;) {
        size_t end = i;
        while (end < sorted->n && sorted->viewer[end] == sorted->viewer[i])
            end++;
        for (size_t k = end; k > i + 1; k--) {
            size_t other = i + rng_below(&rng, k - i);
            struct mood_play a = sorted->plays[k - 1], b = sorted->plays[other];
            sorted->plays[k - 1].genres = b.genres;
            sorted->plays[k - 1].runtime_min = b.runtime_min;
            sorted->plays[other].genres = a.genres;
            sorted->plays[other].runtime_min = a.runtime_min;
        }
        i = end;
    }
    struct mood_model m = train(&gain);
    assert_int_equal(m.n, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(planted_moods_are_found, setup, teardown),
        cmocka_unit_test_setup_teardown(none_without, setup, teardown),
        cmocka_unit_test_setup_teardown(none_when_shuffled, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
