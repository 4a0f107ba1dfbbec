/* ials_data.h - the benchmark's matrix: made from a seed, kept in a folder for both sides to read. */
#ifndef MQ_BENCH_IALS_DATA_H
#define MQ_BENCH_IALS_DATA_H

#include "math/csr.h"

/* A tenth of what viewers watch is held out. Titles are popular by Zipf's law; each viewer mixes a few of
 * PLANTED tastes, each its own distribution over titles, so that the expected matrix has rank PLANTED. */
enum { PLANTED = 48 };
struct ials_data {
    struct csr train, held_out;
};

int ials_data_make(uint32_t rows, uint32_t cols, uint64_t nnz, uint64_t seed,
                   struct ials_data *ret);
/* DIR/{train,held_out}.{start,col}: u64 and u32, as numpy.fromfile reads them; DIR/shape: text. */
int ials_data_write(const struct ials_data *d, const char *dir);
int ials_data_read(const char *dir, struct ials_data *ret);
void ials_data_release(struct ials_data *d);

/* Mean NDCG@50 and Recall@50 of the held-out titles of up to 5,000 viewers, by x'y, watched ones left out. */
struct ials_quality {
    double ndcg, recall;
};
struct ials_quality ials_quality(const struct ials_data *d, const float *viewers,
                                 const float *titles, size_t stride);

#endif
