/* choose_settings.h - how much of what was not seen counts as not wanted? That weight decides between taste and
 * popularity, and no default fits both a dense rating site and a young service; so it is tried. */
#ifndef MQ_TRAIN_CHOOSE_SETTINGS_H
#define MQ_TRAIN_CHOOSE_SETTINGS_H

#include "train/train.h"

/* Above this many interactions the defaults are taken as they are: they were found on large data, and trying
 * others would cost minutes. By size, not by time, so that the same log gives the same model. */
enum { CHOOSE_INTERACTIONS_MAX = 2000000, CHOOSE_VIEWERS = 2000, CHOOSE_VIEWERS_LEAST = 100 };

/* Measure candidates on `later` (held_out.h) and leave the best in *settings: products of the unobserved weight
 * and the regularisation on a coarse grid around the defaults, then on a finer one around the best. What is
 * set already (not 0) stays. One half of the viewers decides; *ret is what the choice is worth to the other
 * half, who had no say. With fewer than CHOOSE_VIEWERS_LEAST to decide, what wins is chance: the defaults stay. A candidate that cannot be solved is passed over. As train_held_out. */
int train_choose(const struct csr *earlier, const struct csr *later,
                 struct train_settings *settings, struct pool *pool, struct train_watch watch,
                 struct held_out *ret, struct mq_error *err);

/* What other settings (those of the live model) are worth to the same half: trained on `earlier`, measured as *ret
 * of train_choose was. settings->ials.seed must be the same. */
int train_rival(const struct csr *earlier, const struct csr *later,
                const struct train_settings *settings, struct pool *pool, struct train_watch watch,
                struct held_out *ret, struct mq_error *err);

#endif
