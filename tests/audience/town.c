#include "audience/town.h"

bool town_directs(uint32_t person, uint32_t title)
{
    return person < 7 && title % 7 == person;
}

bool town_acts(uint32_t person, uint32_t title)
{
    return person >= 7 && (title % 5 == person - 7 || title % 11 == person - 7);
}

static const char *const people[TOWN_PEOPLE] = {
    "David Fincher", "Agnès Varda",    "J. J. Abrams",          "Akira Kurosawa", "Jane Campion",
    "Spike Lee",     "Céline Sciamma", "Kevin Spacey",          "J.J. Abrams",    "Toshirô Mifune",
    "Tilda Swinton", "Ana de Armas",   "Jean-Claude Van Damme", "Sidney Poitier",
};

static struct catalogue *make_catalogue(void)
{
    struct catalogue_builder *b;
    struct catalogue *c;
    assert_ok(catalogue_builder_new(&b, &test_err));
    for (uint32_t p = 0; p < TOWN_PEOPLE; p++)
        assert_ok(catalogue_add_person(b, (struct person_id){p}, str_of(people[p]), &test_err));
    for (uint32_t i = 0; i < TOWN_TITLES; i++) {
        struct title t;
        struct credit credits[TOWN_PEOPLE];
        struct str genres[2] = {STR("Drama"), i % 3 ? STR("Sci-Fi") : STR("Film-Noir")};
        struct str tags[1] = {i % 4 ? STR("slow") : STR("Twist Ending")};
        char id[16];
        char name[32];
        title_init(&t);
        snprintf(id, sizeof id, "t%u", i);
        snprintf(name, sizeof name, i == 1 || i == 2 ? "Twins" : "Film number %u", i);
        t.id = str_of(id);
        t.name = str_of(name);
        t.year = (int16_t)(1960 + i);
        t.title_id.v = i;
        t.genres = genres;
        t.n_genres = 2;
        t.tags = tags;
        t.n_tags = 1;
        for (uint32_t p = 0; p < TOWN_PEOPLE; p++) {
            if (town_directs(p, i) || town_acts(p, i))
                credits[t.n_credits++] =
                    (struct credit){.person_id = {p}, .role = p < 7 ? ROLE_DIRECTOR : ROLE_ACTOR};
        }
        t.credits = credits;
        t.has_credits = true;
        assert_ok(catalogue_add(b, &t, &test_err));
    }
    assert_ok(catalogue_build(b, 1, &c, &test_err));
    catalogue_builder_free(b);
    return c;
}

void town_put(struct town *t, uint32_t v)
{
    struct title_signal s[TOWN_TITLES] = {0};
    size_t n = 0;
    for (uint32_t i = 0; i < TOWN_TITLES; i++) {
        if (t->stars[v][i] == 0)
            continue;
        s[n].title.v = i;
        s[n].rating = (uint8_t)(t->stars[v][i] * 40);
        s[n].flags = SIGNAL_PLAYED;
        s[n].preference = t->stars[v][i] * 0.4f - 1;
        s[n].confidence = 1.5f;
        s[n++].last_s = 1000 + v + i;
    }
    struct set_habits h = {.first_ms = 1000,
                           .last_ms = (int64_t)(2000 + v) * 1000,
                           .country = v % 2 ? 'G' << 8 | 'B' : 'F' << 8 | 'R',
                           .devices = (uint8_t)(1 << (1 + v % 3)),
                           .dayparts = (uint8_t)(1 << DAYPART_LATE)};
    assert_ok(viewer_sets_put(t->sets, v, &h, s, n, &test_err));
    t->present[v] = true;
}

void town_init(struct town *t, uint32_t n, uint64_t seed)
{
    struct rng rng;
    rng_seed(&rng, seed);
    *t = (struct town){.n = n};
    t->stars = calloc(n, sizeof *t->stars);
    t->present = calloc(n, sizeof *t->present);
    assert_non_null(t->stars);
    assert_non_null(t->present);
    assert_ok(viewer_sets_new(&t->sets, &test_err));
    t->catalogue = make_catalogue();
    for (uint32_t v = 0; v < n; v++) {
        double activity = rng_double(&rng);
        bool fan = rng_below(&rng, 3) == 0; /* of person 0 and person 7 */
        for (uint32_t i = 0; i < TOWN_TITLES; i++) {
            double more = fan && (town_directs(0, i) || town_acts(7, i)) ? 0.3 : 0;
            if (rng_double(&rng) < activity * activity * 0.5 + more)
                t->stars[v][i] = (uint8_t)(1 + rng_below(&rng, 5));
        }
        if (rng_below(&rng, 20) != 0) /* one in twenty was never seen */
            town_put(t, v);
    }
    t->world = (struct audience_world){.sets = t->sets, .catalogue = t->catalogue};
}

void town_release(struct town *t)
{
    viewer_sets_free(t->sets);
    catalogue_free(t->catalogue);
    free(t->stars);
    free(t->present);
}
