/* title_tokens.h - what is known of a title before anyone watched it, as a sparse row: genres, era, country,
 * language, words, people.
 *
 * Fame must not leak in through how much is written about a title: blocks (words, tags, each role's people) have length
 * 1 however many there are; a country, a language or a year that is unknown counts as the most usual one. */
#ifndef MQ_STRATEGY_TITLE_TOKENS_H
#define MQ_STRATEGY_TITLE_TOKENS_H

#include "math/csr.h"
#include "strategy/strategy_data.h"

enum token_group {
    TOKEN_GENRE,
    TOKEN_GENRE_PAIR,
    TOKEN_COUNTRY,
    TOKEN_LANGUAGE,
    TOKEN_MATURITY,
    TOKEN_KIND,
    TOKEN_YEAR,
    TOKEN_WORD, /* of description and tags */
    TOKEN_TAG,
    TOKEN_TITLE_WORD,
    TOKEN_SERIES, /* titles of one series, or whose names begin alike */
    TOKEN_ROLE,   /* a person in a role: TOKEN_ROLE + role */
    TOKEN_PERSON = TOKEN_ROLE + ROLES,
    TOKEN_GROUPS
};

/* Whose credits a title has: its own, or for the controls those of another or none. */
struct credit_source {
    const uint32_t *row_of; /* NULL: its own */
    bool none;
};

struct credit_list {
    const struct strategy_credit *credit;
    uint32_t n;
};

static inline struct credit_list credits_of(const struct strategy_data *d,
                                            const struct credit_source *s, uint32_t row)
{
    if (s->none)
        return (struct credit_list){NULL, 0};
    const struct strategy_title *t = &d->titles[s->row_of ? s->row_of[row] : row];
    return (struct credit_list){t->credits, t->n_credits};
}

struct intern;
struct title_tokens {
    struct csr x, by_column; /* (titles, tokens), and transposed */
    struct intern *names;    /* of tokens */
    uint8_t *group;          /* (tokens) enum token_group */
    uint32_t *rows_with;     /* (tokens) */
    float *idf;              /* (tokens) */
    int16_t *year;           /* (rows) with the median where unknown */
    float *runtime;          /* (rows) likewise */
    int16_t usual_year;      /* the median */
    float usual_runtime;
    struct str usual_country, usual_language;
};

int title_tokens_make(const struct strategy_data *d, const struct credit_source *credits,
                      struct title_tokens *ret, struct mq_error *err);
void title_tokens_release(struct title_tokens *t);

/* How much it makes two titles alike when both have a token of this group. */
float token_likeness(uint8_t group);

/* A title as the models see it: one of the past, or one that does not exist yet. */
struct seen_title {
    const struct strategy_title *title;
    struct csr_row tokens;
    struct credit_list credits;
    int16_t year;
    float runtime;
    float unknown; /* squared length of what no title has, in the measure of likeness */
    uint32_t row;  /* among the titles; ID_NONE: not there */
};
struct seen_title title_seen(const struct strategy_data *d, const struct title_tokens *t,
                             const struct credit_source *credits, uint32_t row);

/* Titles that do not exist yet, in the tokens of those that do: nothing about the past changes with what is asked. A token
 * that no title has counts as one that a single title has. */
struct concept_tokens {
    struct strategy_title *titles; /* (n) in the arena */
    struct csr x;                  /* (n, tokens) */
    int16_t *year;                 /* (n) */
    float *runtime, *unknown;      /* (n) */
    uint32_t n;
};
int concept_tokens_make(const struct title_tokens *known, const struct title *concepts, uint32_t n,
                        struct arena *arena, struct concept_tokens *ret, struct mq_error *err);
void concept_tokens_release(struct concept_tokens *c);
struct seen_title concept_seen(const struct concept_tokens *c, uint32_t i);

#endif
