/* model.h - the artefact between training and serving, mapped read-only.
 *
 * Holds nothing about any viewer: viewers' factors are folded in from their own history at serving time,
 * so that an erased viewer leaves no row in any model. */
#ifndef MQ_MODEL_MODEL_H
#define MQ_MODEL_MODEL_H

#include "base/error.h"
#include "base/file.h"
#include "event/ids.h"
#include "model/blend_part.h"
#include "model/mood.h"
#include "model/order_part.h"
#include "model/ranker_part.h"
#include "model/short_factors.h"

#define MODEL_COPIED_MAX ((size_t)512 << 20)
enum { MODEL_FORMAT = 8, MODEL_RANK_MAX = 512, MODEL_NEIGHBOURS = 64 };
#define MODEL_TITLES_MAX (16u << 20)

/* iALS settings that fold-in needs too (Rendle, Krichene, Zhang, Koren 2021). */
struct ials_settings {
    uint32_t rank; /* d */
    uint32_t epochs;
    float unobserved;      /* alpha_0, weight of all pairs that were not observed */
    float regularisation;  /* lambda */
    float frequency_power; /* nu: row i gets lambda * (n_i + alpha_0 * N)^nu */
    float deviation;       /* initial factors ~ normal(0, deviation / sqrt(d)) */
    uint64_t seed;
};

/* Facts of creation, printed by `models` and kept in the artefact. */
struct model_facts {
    uint64_t version; /* 1, 2, ... ; the file's name */
    int64_t trained_ms;
    uint64_t log_seq; /* trained on the log up to here */
    uint64_t n_viewers, n_interactions;
    double train_seconds;
    double held_out_ndcg, popularity_ndcg; /* on a held-out time split, NaN = not measured */
    double held_out_low, held_out_high;    /* 95 % interval of the difference ials - popularity */
    uint64_t held_out_viewers;
    uint64_t rival;    /* the version that was live then, when it was measured beside; 0 = none */
    double rival_ndcg; /* of its settings, on the same split */
    bool kept_aside;   /* it was worse than that: not published, unless somebody does it by hand */
};

enum {
    RATED_TITLES_MAX = 1 << 16,
    RATING_RANK_MAX = 32,
    RATING_SNAPSHOTS_MAX = 16,
    RATING_HEAD =
        4, /* before a snapshot's rows: offset, noise variance, lowest and highest stars */
};

/* What ratings say about titles, as some samples of a factorisation; read by rate.h. Of each sample: the head, the
 * mean and then the variance of viewers' (1 + rank) unknowns, and the titles' rows: bias, factors. Stars of five. */
struct rating_part {
    uint32_t n; /* titles with a row; 0: there were too few ratings to learn from */
    uint32_t rank, snapshots;
    const uint32_t *title; /* (n), ascending */
    const float *values;   /* (snapshots, RATING_HEAD + (2 + n) * (1 + rank)) */
};

static inline size_t rating_floats(const struct rating_part *p)
{
    return RATING_HEAD + ((size_t)2 + p->n) * (1 + p->rank);
}

struct model {
    struct model_facts facts;
    struct ials_settings settings;
    uint32_t n_titles; /* rows are dense title ids below this */
    uint32_t rank;
    uint32_t stride; /* floats from row to row: rank rounded up to 16 */
    uint32_t n_neighbours;
    uint32_t n_active;    /* titles with an observation in training: N of fold-in; 0 = n_titles */
    const float *factors; /* (n_titles, stride) row-major, padding 0; 64-byte aligned */
    const float *gram;    /* (stride, stride): factors' factors */
    const float *popularity;    /* (n_titles): positive viewers of each title in training */
    const uint32_t *neighbours; /* (n_titles, n_neighbours): most similar first, ID_NONE pads */
    const float *similarity;    /* (n_titles, n_neighbours): shrunk cosine in [0, 1] */
    struct rating_part ratings;
    struct blend_part blend;
    struct ranker_part ranker;
    const struct mood_part *moods;  /* NULL: none were looked for */
    const struct order_part *order; /* NULL: titles are in the order of their scores alone */
    struct short_factors quick;     /* of a model that was opened */
    struct file_map map;            /* the whole file: mapped, or */
    void *copy;                     /* behind it, in memory of its own */
};

/* Read into memory (a file of more than MODEL_COPIED_MAX is mapped) and verify: magic, format, sizes, checksum over everything, that ids are in range and numbers finite.
 * MQ_CORRUPT, MQ_VERSION, MQ_NOT_FOUND. */
int model_open(const char *path, struct model **ret, struct mq_error *err);
void model_close(struct model *m);

/* Write an artefact from arrays laid out as above (map, copy unused) to `path`, atomically and durably. A model
 * of rank 0 (popularity alone) has no factors, one of n_neighbours 0 no neighbours. Takes as much memory
 * as the file is long. MQ_INVALID: dimensions past the maximum, a number that is not finite. */
int model_write(const struct model *m, const char *path, struct mq_error *err);

#endif
