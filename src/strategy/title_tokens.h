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

struct title_tokens {
    struct csr x, by_column; /* (titles and concepts, tokens), and transposed */
    uint8_t *group;          /* (tokens) enum token_group */
    float *idf;              /* (tokens) */
    int16_t *year;           /* (rows) with the median where unknown */
    float *runtime;          /* (rows) likewise */
    struct str usual_country, usual_language;
};

int title_tokens_make(const struct strategy_data *d, const struct credit_source *credits,
                      struct title_tokens *ret, struct mq_error *err);
void title_tokens_release(struct title_tokens *t);

#endif
