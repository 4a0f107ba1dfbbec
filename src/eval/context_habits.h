/* context_habits.h - how much more often does this viewer, or does everybody, take a title in this context?
 *
 * Without context a title's chance is the viewer's own counts, pulled towards their taste (iALS and popularity):
 *
 *     p(i|u) = (n_ui + pull t_ui) / (n_u + pull),   t_ui ~ popularity^power e^(taste s_ui)
 *
 * With it each known value v of a column multiplies the chance by how much more often the viewer takes i there, which
 * where the viewer's history is thin is how much more often everybody does:
 *
 *     p(i|u,v) = (n_uiv + own p(i|u) l_iv) / (n_uv + own),   l_iv = (n_iv + all) / (n_i n_v / n + all)
 *     score = log p(i|u) + sum over columns of weight_c (log p(i|u,v) - log p(i|u)) */
#ifndef MQ_EVAL_CONTEXT_HABITS_H
#define MQ_EVAL_CONTEXT_HABITS_H

#include "eval/context_gain.h"
#include "train/ials.h"

struct habit_knobs {
    double pull, power, taste, own, all;
    double weight[CONTEXT_COLUMNS];
};

/* What is counted in the rows learnt from. */
struct habits {
    const struct context_table *t;
    const bool *use;
    uint32_t n_titles, n_viewers;
    struct csr own;                      /* (viewers, titles) */
    float *title;                        /* (titles) */
    float *level[CONTEXT_COLUMNS];       /* (levels) */
    float *title_level[CONTEXT_COLUMNS]; /* (levels, titles) */
    double total;
    struct triples rows;             /* learnt from, by viewer */
    uint32_t *code[CONTEXT_COLUMNS]; /* beside them */
    uint32_t *start;                 /* (viewers + 1) */
    struct ials taste;
};

/* learn[i]: row i is counted, with the context that `code` says. Release `c` also when it fails. */
int habits_init(struct habits *c, const struct context_table *t, const bool *use,
                uint32_t *const *code, const uint8_t *learn, uint64_t seed, struct pool *pool,
                struct mq_error *err);
void habits_release(struct habits *c);

/* log p(i|u) into `base`, p itself into `p`; (titles). */
void habits_base(const struct habits *c, const struct habit_knobs *k, uint32_t viewer, float *base,
                 float *p);
/* log p(i|u,v) - log p(i|u) of a column's value. `seen` (titles) is scratch of zeros, left so. */
void habits_column(const struct habits *c, const struct habit_knobs *k, uint32_t viewer,
                   size_t column, uint32_t v, const float *p, float *seen, float *ret);

#endif
