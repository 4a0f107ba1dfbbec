#include "planted_titles.h"

#include "support/check.h"

#include "base/rng.h"

static void add_title(struct strategy_data *d, uint32_t row, struct rng *r, bool *ret_drama,
                      double *ret_share)
{
    char id[16], name[32], people[2][16];
    uint32_t director = 2 * (uint32_t)rng_below(r, PLANTED_PEOPLE / 2);
    uint32_t lead = 1 + 2 * (uint32_t)rng_below(r, PLANTED_PEOPLE / 2);
    bool drama = rng_below(r, 2);
    struct str genre = drama ? STR("Drama") : STR("Comedy");
    struct credit credits[2] = {{.role = ROLE_DIRECTOR, .billing = 1, .person_id = {director}},
                                {.role = ROLE_ACTOR, .billing = 1, .person_id = {lead}}};
    struct title t;

    snprintf(id, sizeof id, "%u", row + 1);
    snprintf(name, sizeof name, "Title %c%c%c", 'A' + (int)(row % 26), 'a' + (int)(row / 26 % 26),
             'a' + (int)(row / 676));
    for (int i = 0; i < 2; i++) {
        snprintf(people[i], sizeof people[i], "Person %u", i ? lead : director);
        credits[i].person = str_of(people[i]);
    }
    title_init(&t);
    t.id = str_of(id);
    t.name = str_of(name);
    t.title_id = (struct title_id){row};
    t.year = (int16_t)(1990 + rng_below(r, 30));
    t.genres = &genre;
    t.n_genres = 1;
    t.credits = credits;
    t.n_credits = 2;
    t.has_credits = true;
    assert_ok(strategy_data_title(d, &t, &test_err));
    *ret_drama = drama;
    *ret_share = 0.02 + 0.9 * (double)(director * lead) / (PLANTED_PEOPLE * PLANTED_PEOPLE);
}

struct strategy_data *planted_titles(uint32_t n, uint64_t seed)
{
    struct strategy_data *d;
    struct rng r;

    rng_seed(&r, seed);
    assert_ok(strategy_data_new(&d, &test_err));
    for (uint32_t row = 0; row < n; row++) {
        bool drama;
        double share;
        add_title(d, row, &r, &drama, &share);
        for (uint32_t v = 0; v < PLANTED_VIEWERS; v++) {
            if ((v % 2 == 1) != drama || rng_double(&r) >= share)
                continue;
            struct event e = {.kind = EVENT_RATING,
                              .title = STR("x"),
                              .viewer_id = {v},
                              .title_id = {row},
                              .at_ms = 1000 + row};
            assert_ok(strategy_data_event(d, &e, &test_err));
            e.at_ms++; /* a second time counts once */
            assert_ok(strategy_data_event(d, &e, &test_err));
        }
    }
    assert_ok(strategy_data_finish(d, &test_err));
    return d;
}
