/* rating_design.h - ratings as rows over blocks: who, what, when. What gibbs_run learns from. */
#ifndef MQ_EVAL_RATING_DESIGN_H
#define MQ_EVAL_RATING_DESIGN_H

#include "eval/title_facts.h"
#include "train/gibbs.h"

/* Which blocks and sets there are follows from the data alone:
 *   viewer  and the set of titles that the viewer rated
 *   title   and the set of viewers who rated it, and the titles' facts when given
 *   with times: stretches of time of equally many ratings; the viewer's days and the title's seasons, which
 *   have a bias only (Koren 2010, timeSVD++) */
struct rating_design {
    struct gibbs_data data;
    uint32_t *order; /* (rows): row r is training row order[r] */
    float *target;
    uint32_t *of_row[GIBBS_BLOCKS], *of_case[GIBBS_BLOCKS];
    struct csr titles_of, viewers_of, facts[TITLE_FACTS];
};

/* Weights are ratings. Rows and cases by the book's numbers; `timed`: at_ms of both is a time. `facts` may be
 * NULL. */
int rating_design_init(struct rating_design *d, const struct triples *train,
                       const struct triples *cases, const struct id_book *book, bool timed,
                       const struct title_facts *facts, struct mq_error *err);
void rating_design_release(struct rating_design *d);

#endif
