#include "sim/films.h"

#include <math.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/intern.h"
#include "base/rng.h"

static const char *const genres[FILM_GENRES_MAX] = {
    "Action", "Adventure", "Animation", "Comedy",  "Crime",     "Documentary", "Drama",
    "Family", "Fantasy",   "History",   "Horror",  "Music",     "Mystery",     "Romance",
    "SciFi",  "Thriller",  "War",       "Western", "Biography", "Political",
};

const char *film_genre_name(unsigned genre)
{
    return genre < FILM_GENRES_MAX ? genres[genre] : "";
}

unsigned film_genre_find(struct str name)
{
    unsigned g = 0;
    while (g < FILM_GENRES_MAX && !str_eq(name, str_of(genres[g])))
        g++;
    return g;
}

static int read_line(struct str line, uint32_t number, struct film *ret, struct mq_error *err)
{
    *ret = (struct film){0};
    struct str rest = line;
    unsigned n = 0;
    while (rest.p) {
        struct str part = str_cut(&rest, '|');
        if (n < FILM_FIELDS)
            ret->field[n] = part;
        n++;
    }
    int64_t year, runtime;
    if (n != FILM_FIELDS)
        return mq_fail(err, MQ_INVALID, "films: line %u: %u fields: give %d", number, n,
                       FILM_FIELDS);
    if (!str_to_i64(ret->field[FILM_YEAR], &year) || year < 1888 || year > 2100)
        return mq_fail(err, MQ_INVALID, "films: line %u: year %.*s: give four digits", number,
                       STR_ARG(ret->field[FILM_YEAR]));
    if (!str_to_i64(ret->field[FILM_RUNTIME], &runtime) || runtime < 1 || runtime > 1000)
        return mq_fail(err, MQ_INVALID, "films: line %u: runtime %.*s: give minutes", number,
                       STR_ARG(ret->field[FILM_RUNTIME]));
    struct str list = ret->field[FILM_GENRES];
    while (list.p) {
        struct str genre = str_cut(&list, ';');
        if (film_genre_find(genre) == FILM_GENRES_MAX)
            return mq_fail(err, MQ_INVALID, "films: line %u: genre %.*s: is none of films.md",
                           number, STR_ARG(genre));
    }
    ret->year = (int16_t)year;
    ret->runtime_min = (uint16_t)runtime;
    return 0;
}

int films_read(struct str text, struct film **ret, uint32_t *ret_n, struct mq_error *err)
{
    struct film *films = calloc(FILMS_MAX, sizeof(*films));
    if (!films)
        return mq_fail(err, MQ_NO_MEMORY, "films: no memory for %d", FILMS_MAX);
    uint32_t n = 0;
    int rc = 0;
    struct str rest = text;
    for (uint32_t number = 1; rest.p && rc == 0; number++) {
        struct str line = str_cut(&rest, '\n');
        if (line.n == 0 || line.p[0] == '#')
            continue;
        if (n == FILMS_MAX)
            rc = mq_fail(err, MQ_TOO_LARGE, "films: line %u: at most %d titles", number, FILMS_MAX);
        else
            rc = read_line(line, number, &films[n++], err);
    }
    if (rc) {
        free(films);
        return rc;
    }
    *ret = films;
    *ret_n = n;
    return 0;
}

static bool list_has(struct str list, struct str name)
{
    while (list.p) {
        if (str_eq(str_cut(&list, ';'), name))
            return true;
    }
    return false;
}

static bool is_pinned(const struct film *f)
{
    const struct {
        const char *name;
        int16_t year;
    } titles[] = {{"House of Cards", 1990}, {"The Queen", 2006}, {"Frost/Nixon", 2008}};
    for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++) {
        if (f->year == titles[i].year && str_eq(f->field[FILM_NAME], str_of(titles[i].name)))
            return true;
    }
    return list_has(f->field[FILM_DIRECTORS], STR("David Fincher")) ||
           list_has(f->field[FILM_ACTORS], STR("Kevin Spacey"));
}

static const enum film_field people_fields[] = {FILM_DIRECTORS, FILM_ACTORS, FILM_CREATORS};
enum { PEOPLE_FIELDS = sizeof(people_fields) / sizeof(people_fields[0]), PEOPLE_MAX = 32768 };

/* Adds to counts[person] for each person of the film. */
static int count_people(struct intern *people, const struct film *f, uint32_t *counts,
                        struct mq_error *err)
{
    for (size_t i = 0; i < PEOPLE_FIELDS; i++) {
        struct str list = f->field[people_fields[i]];
        while (list.p) {
            uint32_t id;
            int rc = intern_add(people, str_cut(&list, ';'), &id, NULL, err);
            if (rc)
                return rc;
            if (id >= PEOPLE_MAX)
                return mq_fail(err, MQ_TOO_LARGE, "films: people: at most %d", PEOPLE_MAX);
            counts[id]++;
        }
    }
    return 0;
}

/* What hardly anyone would not have heard of. */
static const char *const well_known[] = {
    "Se7en",
    "Fight Club",
    "The Queen",
    "House of Cards",
    "Downton Abbey",
    "Sherlock",
    "The West Wing",
    "The Sopranos",
    "The Wire",
    "Breaking Bad",
    "Mad Men",
    "Lost",
    "The X-Files",
    "Twin Peaks",
    "Game of Thrones",
    "True Detective",
    "Seinfeld",
    "Friends",
    "The Office",
    "The Simpsons",
    "Black Mirror",
    "Planet Earth",
    "Jaws",
    "Raiders of the Lost Ark",
    "E.T. the Extra-Terrestrial",
    "Jurassic Park",
    "Schindler's List",
    "Saving Private Ryan",
    "Back to the Future",
    "Forrest Gump",
    "The Sixth Sense",
    "Taxi Driver",
    "Goodfellas",
    "The Departed",
    "The Wolf of Wall Street",
    "The Godfather",
    "The Godfather Part II",
    "Apocalypse Now",
    "The Shining",
    "2001: A Space Odyssey",
    "Casablanca",
    "Psycho",
    "Vertigo",
    "Star Wars",
    "Alien",
    "Blade Runner",
    "Gladiator",
    "The Terminator",
    "Aliens",
    "Titanic",
    "Memento",
    "The Dark Knight",
    "Inception",
    "Fargo",
    "The Big Lebowski",
    "Reservoir Dogs",
    "Pulp Fiction",
    "Inglourious Basterds",
    "Heat",
    "Trainspotting",
    "Slumdog Millionaire",
    "Pride & Prejudice",
    "Amélie",
    "Spirited Away",
    "Toy Story",
    "Finding Nemo",
    "WALL·E",
    "The Lion King",
    "The Matrix",
    "Die Hard",
    "The Shawshank Redemption",
    "Groundhog Day",
    "The Silence of the Lambs",
    "Braveheart",
    "The King's Speech",
    "The Princess Bride",
};
#define WELL_KNOWN_FAME 2.0

static bool is_well_known(const struct film *f)
{
    for (size_t i = 0; i < sizeof(well_known) / sizeof(well_known[0]); i++) {
        if (str_eq(f->field[FILM_NAME], str_of(well_known[i])))
            return true;
    }
    return false;
}

static double fame_of(const struct intern *people, const struct film *f, const uint32_t *counts)
{
    double known = 0;
    for (size_t i = 0; i < PEOPLE_FIELDS; i++) {
        struct str list = f->field[people_fields[i]];
        while (list.p) {
            struct str name = str_cut(&list, ';');
            if (name.n > 0)
                known += log((double)counts[intern_find(people, name)]);
        }
    }
    struct rng r;
    rng_seed(&r, hash_str(f->field[FILM_NAME], (uint64_t)f->year));
    return 0.05 * known + 0.01 * (f->year - 1990) + 0.5 * rng_normal(&r) +
           (is_well_known(f) ? WELL_KNOWN_FAME : 0);
}

int films_rank(struct film *films, uint32_t n, struct mq_error *err)
{
    struct intern *people = NULL;
    uint32_t *counts = calloc(PEOPLE_MAX, sizeof(*counts));
    int rc = counts ? intern_new(&people, err) : mq_fail(err, MQ_NO_MEMORY, "films: no memory");
    for (uint32_t i = 0; i < n && rc == 0; i++)
        rc = count_people(people, &films[i], counts, err);
    for (uint32_t i = 0; i < n && rc == 0; i++) {
        films[i].fame = fame_of(people, &films[i], counts);
        films[i].pinned = is_pinned(&films[i]);
    }
    intern_free(people);
    free(counts);
    return rc;
}

struct order {
    double key;
    uint32_t at;
};

static int by_key(const void *a, const void *b)
{
    const struct order *x = a, *y = b;
    if (x->key != y->key)
        return x->key > y->key ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

int films_choose(const struct film *films, uint32_t n, uint32_t wanted, bool *keep,
                 struct mq_error *err)
{
    struct order *order = calloc(n > 0 ? n : 1, sizeof(*order));
    if (!order)
        return mq_fail(err, MQ_NO_MEMORY, "films: no memory");
    for (uint32_t i = 0; i < n; i++) {
        order[i] = (struct order){films[i].fame + (films[i].pinned ? 1000 : 0), i};
        keep[i] = false;
    }
    qsort(order, n, sizeof(*order), by_key);
    for (uint32_t i = 0; i < n && i < wanted; i++)
        keep[order[i].at] = true;
    free(order);
    return 0;
}
