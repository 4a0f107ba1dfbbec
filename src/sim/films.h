/* films.h - the real films and series that the program carries (films.txt; its format is in films.md). */
#ifndef MQ_SIM_FILMS_H
#define MQ_SIM_FILMS_H

#include "base/error.h"
#include "base/str.h"

enum film_field {
    FILM_NAME,
    FILM_YEAR,
    FILM_KIND,
    FILM_COUNTRIES,
    FILM_LANGUAGE,
    FILM_GENRES,
    FILM_RUNTIME,
    FILM_DIRECTORS,
    FILM_ACTORS,
    FILM_PRODUCERS,
    FILM_CREATORS,
    FILM_WRITERS,
    FILM_TAGS,
    FILM_FIELDS
};

enum { FILMS_MAX = 4096, FILM_GENRES_MAX = 20 };

/* Points into the text. */
struct film {
    struct str field[FILM_FIELDS];
    int16_t year;
    uint16_t runtime_min;
    bool pinned; /* stays in the smallest catalogue: the titles that the planted habits are about */
    double fame; /* how well known, in standard deviations; see films_rank */
};

/* The embedded text, comment lines left out. */
struct str films_text(void);

/* Reads every line; *ret is the caller's to free. MQ_INVALID names the line that breaks the format. */
int films_read(struct str text, struct film **ret, uint32_t *ret_n, struct mq_error *err);

/* Sets `pinned` and `fame`. No figures of viewing are in films.txt, so fame is a stand-in: how many
 * other titles here share its people, how recent it is, a part drawn from its name, and a short list
 * of titles that hardly anyone has not heard of. */
int films_rank(struct film *films, uint32_t n, struct mq_error *err);

/* Marks in keep[n] the `wanted` titles to have: pinned ones first, then by fame. */
int films_choose(const struct film *films, uint32_t n, uint32_t wanted, bool *keep,
                 struct mq_error *err);

/* The fixed list of films.md, 0 to FILM_GENRES_MAX - 1; "" beyond. */
const char *film_genre_name(unsigned genre);
/* FILM_GENRES_MAX when it is none. */
unsigned film_genre_find(struct str name);

#endif
