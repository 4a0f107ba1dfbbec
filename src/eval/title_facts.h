/* title_facts.h - what is known of titles beside the ratings, as sets of dense features. */
#ifndef MQ_EVAL_TITLE_FACTS_H
#define MQ_EVAL_TITLE_FACTS_H

#include "eval/rating_file.h"

/* Kinds of features, a set each; a title's year counts by five. People are known by name or id and role. */
enum title_fact { FACT_GENRES, FACT_YEAR, FACT_PLACE, FACT_TAGS, FACT_PEOPLE, TITLE_FACTS };

struct title_facts {
    struct triples has[TITLE_FACTS]; /* viewer: the title's number; title: the feature's */
    struct intern *names[TITLE_FACTS];
    uint32_t matched; /* titles of the book that a table describes */
};

int title_facts_init(struct title_facts *f, struct mq_error *err);
void title_facts_release(struct title_facts *f);

/* Tables as `import` reads them; titles that the book does not have are passed over. A bad row is MQ_INVALID
 * with file and line. `id`: the column, NULL = the first known one. */
int title_facts_read_titles(struct title_facts *f, const char *path, const char *id,
                            const struct id_book *book, struct mq_error *err);
int title_facts_read_credits(struct title_facts *f, const char *path, const char *id,
                             const struct id_book *book, struct mq_error *err);

/* One kind as (titles of the book, features). Features of a single title are left out: they say
 * what the title itself says. */
int title_facts_matrix(const struct title_facts *f, enum title_fact kind, uint32_t n_titles,
                       struct csr *ret, struct mq_error *err);

#endif
