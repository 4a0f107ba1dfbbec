/* catalogue_content.h - titles that nobody watched, among the factors: by their genres, people, time, place and tags. */
#ifndef MQ_TRAIN_CATALOGUE_CONTENT_H
#define MQ_TRAIN_CATALOGUE_CONTENT_H

#include "base/pool.h"
#include "catalogue/catalogue.h"
#include "model/model.h"

enum {
    CONTENT_LEARNT_MAX =
        3000, /* titles that are learnt from, the most watched: the cost is their number's cube */
    CONTENT_OUT = 10, /* viewers at which a title stands on its own */
};

/* Give described titles the factors that their content lets expect (train/content.h): whole where a title has no viewer, less
 * with each, nothing from CONTENT_OUT viewers on. m: in heap memory, as trained on all rows; its Gram matrix stays that of
 * the titles that were watched. The ridge is the one that foretells factors of titles left out best. Without described
 * titles nothing happens. MQ_NO_MEMORY, MQ_SINGULAR. */
int catalogue_content_place(const struct catalogue *c, struct pool *pool, struct model *m,
                            struct mq_error *err);

#endif
