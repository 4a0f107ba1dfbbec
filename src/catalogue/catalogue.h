/* catalogue.h - all titles and people, read-only, in memory: made by a builder, published whole,
 * replaced whole. Rows are dense ids, so that a model's row and a title's row are the same number. */
#ifndef MQ_CATALOGUE_CATALOGUE_H
#define MQ_CATALOGUE_CATALOGUE_H

#include "catalogue/title.h"

enum { CATALOGUE_GENRES_MAX = 64, GENRE_NONE = 255, AGE_UNKNOWN = 255 };

struct credit_row {
    struct person_id person;
    uint8_t role;
    uint16_t billing;
};

/* What serving reads of a title. Text is terminated by a NUL (public answers hand it out as it is). */
struct title_row {
    struct str id;   /* external; empty: the dense id was given up */
    struct str name; /* the id where no name is known */
    uint64_t genres; /* bit per genre number */
    int32_t release_day;
    int16_t year;
    uint16_t runtime_min;
    uint8_t kind;
    bool described; /* it has a name: a record exists, not only events or credits about an id */
    country_code country; /* the first one */
    const country_code *countries;
    uint16_t n_countries;
    uint16_t n_windows;
    const struct window *windows; /* none: always and everywhere */
    uint8_t age; /* what `maturity` asks for in years (maturity_age), or AGE_UNKNOWN */
    struct str language, maturity, original_name;
    double budget, gross;             /* 0 = unknown */
    int64_t added_ms;                 /* 0 = unknown */
    uint32_t first_credit, n_credits; /* into credits, by role then billing */
    const struct str *tags;
    uint16_t n_tags, n_pictures;
    const struct str *pictures;   /* terminated */
    struct str series;            /* what its episodes name alike; empty: it belongs to none */
    uint16_t season, episode;     /* 0 = unknown */
    struct title_id next_episode; /* ID_NONE: none is known */
};

struct person_row {
    struct str name;
    uint32_t first_title, n_titles; /* into person_titles: ascending by title id, each title once */
};

struct catalogue {
    uint32_t n_titles, n_people, n_genres;
    const struct title_row *titles;  /* (n_titles) */
    const struct person_row *people; /* (n_people) */
    const struct credit_row *credits;
    const struct title_id *person_titles;
    const uint8_t *person_roles; /* beside person_titles: bit per role */
    struct str genres[CATALOGUE_GENRES_MAX];
    uint64_t version;   /* the builder's caller's: equal for equal content */
    struct arena arena; /* owns everything above */
};

/* Building. Ids may come in any order; a title known only by its id is added with catalogue_add_id. */
struct catalogue_builder;
int catalogue_builder_new(struct catalogue_builder **ret, struct mq_error *err);
void catalogue_builder_free(struct catalogue_builder *b);
/* `t` as title_decode gives it, t->id and t->title_id set. Copies. */
int catalogue_add(struct catalogue_builder *b, const struct title *t, struct mq_error *err);
int catalogue_add_id(struct catalogue_builder *b, struct title_id id, struct str external,
                     struct mq_error *err);
int catalogue_add_person(struct catalogue_builder *b, struct person_id id, struct str name,
                         struct mq_error *err);
/* Consumes what was added; the builder is empty afterwards. */
int catalogue_build(struct catalogue_builder *b, uint64_t version, struct catalogue **ret,
                    struct mq_error *err);
void catalogue_free(struct catalogue *c);

/* Sets next_episode of the n rows: of the described episodes (an episode number above 0) of one series the next by
 * season, episode, id; of several with one number the first counts. catalogue_build does it. MQ_NO_MEMORY. */
int catalogue_link_episodes(struct title_row *rows, uint32_t n, struct mq_error *err);

/* The age in years that a certificate asks for: of the MPA ("PG-13"), US television ("TV-14"), the BBFC ("12A"), the FSK
 * ("FSK 16"), or a number ("16", "16+"). AGE_UNKNOWN for any other text, also "Unrated". */
uint8_t maturity_age(struct str text);

/* May the title be watched at that moment in that country? country 0, not known: only where a window holds
 * everywhere. */
bool title_available(const struct title_row *row, int64_t at_ms, country_code country);

/* Genre number of a name (without regard to case), or GENRE_NONE. */
uint8_t catalogue_genre(const struct catalogue *c, struct str name);

/* Names compare without regard to case, accents, punctuation, and a leading article or one put behind a
 * comma ("Usual Suspects, The"). Writes the comparable form, at most `max` bytes, returns its length. */
size_t name_normalise(struct str name, char *out, size_t max);

#endif
