/* pearson.h - item-to-item neighbours by Pearson correlation: the baseline the Netflix Prize was run against.
 *
 * Bennett, Lanning 2007 say that Cinematch correlated the ratings of pairs of films over the viewers who rated both
 * and combined the viewer's own ratings by them. With n common viewers the correlation is shrunk to r n / (n + shrink)
 * (Koren 2008, 2.2), and
 *
 *     prediction = b_ui + sum s_ij (r_uj - b_uj) / sum s_ij    over the `neighbours` most like i with s_ij > 0,
 *
 * b the biases. Nothing is kept: each title's correlations are computed when its cases are predicted. */
#ifndef MQ_TRAIN_PEARSON_H
#define MQ_TRAIN_PEARSON_H

#include "base/pool.h"
#include "train/biases.h"

struct pearson_settings {
    float shrink;
    uint32_t neighbours;
};

/* ratings (viewers, titles); cases by viewer and title. ret (n_settings, cases), the caller's. Settings that share
 * a shrink should stand together. The same numbers whatever the number of threads. O(sum of squares of the
 * viewers' ratings), memory 28 bytes a title and thread. MQ_NO_MEMORY. */
int pearson_predict(const struct csr *ratings, const struct biases *b, const struct triples *cases,
                    const struct pearson_settings *settings, size_t n_settings, struct pool *pool,
                    float *ret, struct mq_error *err);

#endif
