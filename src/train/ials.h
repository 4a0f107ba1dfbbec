/* ials.h - implicit alternating least squares: factors of titles (and viewers) from who watched what.
 *
 * Rendle, Krichene, Zhang, Koren 2021, "Revisiting the Performance of iALS on Item Recommendation
 * Benchmarks" (eq. 3-9): minimise
 *
 *   sum_S w (p - x'y)^2 + a0 sum_all (x'y)^2 + sum_u reg_u |x_u|^2 + sum_i reg_i |y_i|^2,
 *   reg_u = lambda (n_u + a0 I)^nu, reg_i = lambda (n_i + a0 U)^nu
 *
 * over viewers x and titles y in turn. Titles are always solved exactly (math/ridge.h), viewers brought nearer
 * by three steps of conjugate gradients from where they stand (from 0 at first), which loses nothing measurable
 * and costs far less. The loss never rises, and fold-in at serving time is the very same solve. Deviation
 * from the paper: I and U count only titles and viewers with an observation, so that a catalogue of titles
 * nobody has watched yet changes
 * nothing. */
#ifndef MQ_TRAIN_IALS_H
#define MQ_TRAIN_IALS_H

#include "base/pool.h"
#include "math/csr.h"
#include "model/model.h"

/* Called between epochs, from the calling thread. False stops the work with MQ_CANCELLED. */
typedef bool train_progress(void *ctx, const char *what, uint64_t done, uint64_t total);

struct train_watch {
    train_progress *progress; /* may be NULL */
    void *ctx;
};

/* Rows `stride` floats apart, 64-byte aligned, padding 0; a row without observations is 0. */
struct ials {
    struct ials_settings settings; /* as used, defaults filled in */
    uint32_t n_viewers, n_titles, stride;
    uint32_t n_active_viewers, n_active; /* rows and columns with an observation */
    float *viewers;                      /* (n_viewers, stride) */
    float *titles;                       /* (n_titles, stride) */
    float *gram;                         /* (stride, stride) of the titles */
    double *loss;                        /* (settings.epochs) after each epoch */
    uint32_t epochs;                     /* done */
    bool collapsed;                      /* the factors explain nothing: too much regularisation */
};

/* Fill what is 0 in `s` from the size of the data (docs/models.md says how they were found). A power of 0
 * can't be asked for, since that means the default; 1e-9 is as good. */
void ials_defaults(const struct csr *m, struct ials_settings *s);

/* Bytes that ials_train takes at most, over `m` itself. */
size_t ials_memory(const struct csr *m, uint32_t rank, size_t threads);

/* m (viewers, titles): |value| is the weight; its sign says target 1 (liked) or 0 (known not to be); a
 * value of 0 counts for nothing but the number of observations. The same seed and input give the same
 * bytes whatever the number of threads. Release `ret`.
 *
 * Too much regularisation shrinks all factors to nothing. Where it was left to the default it is then
 * divided by 4 and training starts again (ret->settings says what was used); a given one is MQ_INVALID.
 * MQ_INVALID (settings, a value that is not finite), MQ_NO_MEMORY, MQ_SINGULAR, MQ_CANCELLED. */
int ials_train(const struct csr *m, const struct ials_settings *settings, struct pool *pool,
               struct train_watch watch, struct ials *ret, struct mq_error *err);
void ials_release(struct ials *a);

/* The same in steps, for benchmarks: start, then any number of epochs, then release. */
struct ials_run;
int ials_start(const struct csr *m, const struct ials_settings *settings, struct pool *pool,
               struct ials_run **ret, struct mq_error *err);
int ials_epoch(struct ials_run *run, struct mq_error *err);
const struct ials *ials_state(const struct ials_run *run);
void ials_run_free(struct ials_run *run);

#endif
