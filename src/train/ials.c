#include "train/ials.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "math/gram.h"
#include "math/ridge.h"

/* Viewers are brought nearer by conjugate gradients from where they are (in the first epoch from 0, where that is all but
 * exact: titles are small then), titles always solved exactly: see docs/decisions/0003-als-kernels.md. */
enum { STEPS = 3, IMPROVED_ROW_MAX = 1024 };
enum {
    RETRIES = 8, /* with less regularisation, when all collapses */
    PART = 16,   /* titles a thread takes at once: the heaviest is worth thousands of light ones */
    VIEWERS_AT_ONCE = 128
};

struct ials_run {
    struct ials out;
    const struct csr *by_viewer;
    struct csr by_title;
    struct pool *pool;
    float *scratch; /* (threads, scratch_floats) */
    size_t scratch_floats;
    float *viewer_gram;
    double *row_loss;  /* (the longer side) */
    double of_nothing; /* the loss of factors that are all 0 */
};

/* One half of an epoch: solve the rows of `m` into `solved` from the other side's `fixed` factors. */
struct half {
    struct ials_run *run;
    const struct csr *m;
    struct ridge side;
    float *solved;
    size_t of;      /* active rows of the other side */
    unsigned steps; /* of conjugate gradients from where the rows are; 0: solved exactly */
    atomic_uint_least32_t failed; /* 1 + the lowest row that could not be solved */
};

/* ------------------------------------------------------------------ settings */

static uint32_t active_rows(const struct csr *m)
{
    uint32_t n = 0;

    for (uint32_t r = 0; r < m->rows; r++)
        n += m->start[r + 1] > m->start[r];
    return n;
}

static uint32_t active_cols(const struct csr *m)
{
    uint8_t *seen = calloc((size_t)m->cols + 1, 1);
    uint32_t n = 0;

    if (!seen)
        return m->cols;
    for (uint64_t k = 0; k < csr_nnz(m); k++) {
        n += !seen[m->col[k]];
        seen[m->col[k]] = 1;
    }
    free(seen);
    return n;
}

/* Published settings lie where a0 |U| |I| is 6 to 30 times the observed weight (ML-20M 27, MSD 14, ML-1M 6);
 * a fixed a0 would drown small dense data or leave large sparse data without negatives. */
static double default_unobserved(const struct csr *m)
{
    enum { UNOBSERVED_TO_OBSERVED = 12 };
    double pairs = (double)active_rows(m) * (double)active_cols(m), weight = 0;

    for (uint64_t k = 0; k < csr_nnz(m); k++)
        weight += fabs((double)m->value[k]);
    if (pairs == 0)
        return 0.1;
    return fmin(fmax(UNOBSERVED_TO_OBSERVED * weight / pairs, 1e-4), 1);
}

/* 0.01 up to a million observations (best on MovieLens 100K and Latest Small; ML-1M publishes 0.007), down
 * by their root to 0.003 from ten million on (ML-20M publishes that). */
static double default_regularisation(const struct csr *m)
{
    double millions = (double)csr_nnz(m) / 1e6;

    return fmin(fmax(0.01 / sqrt(fmax(millions, 1)), 0.003), 0.01);
}

void ials_defaults(const struct csr *m, struct ials_settings *s)
{
    if (s->rank == 0)
        s->rank = 64;
    if (s->epochs == 0)
        s->epochs = 12;
    if (!(s->unobserved > 0))
        s->unobserved = (float)default_unobserved(m);
    if (!(s->regularisation > 0))
        s->regularisation = (float)default_regularisation(m);
    if (!(s->frequency_power > 0))
        s->frequency_power = 1;
    if (!(s->deviation > 0))
        s->deviation = 0.1f;
}

static int check_settings(const struct ials_settings *s, struct mq_error *err)
{
    if (s->rank < 1 || s->rank > MODEL_RANK_MAX)
        return mq_fail(err, MQ_INVALID, "rank: %u: from 1 to %d", s->rank, MODEL_RANK_MAX);
    if (s->epochs > 1000)
        return mq_fail(err, MQ_INVALID, "epochs: %u: at most 1000", s->epochs);
    if (!isfinite(s->unobserved) || !isfinite(s->regularisation) || !isfinite(s->deviation))
        return mq_fail(err, MQ_INVALID, "iALS settings: not finite: give numbers above 0");
    if (!isfinite(s->frequency_power) || fabsf(s->frequency_power) > 4)
        return mq_fail(err, MQ_INVALID, "frequency power: %g: at most 4",
                       (double)s->frequency_power);
    return 0;
}

static int check_values(const struct csr *m, struct mq_error *err)
{
    for (uint64_t k = 0; k < csr_nnz(m); k++)
        if (!isfinite(m->value[k]))
            return mq_fail(err, MQ_INVALID, "interactions: weight %g: must be finite",
                           (double)m->value[k]);
    return 0;
}

/* ------------------------------------------------------------------ rows */

static void note_failure(struct half *h, uint32_t row)
{
    uint32_t was = atomic_load(&h->failed);

    while ((was == 0 || row + 1 < was) && !atomic_compare_exchange_weak(&h->failed, &was, row + 1))
        ;
}

static double weighted_targets(struct csr_row row)
{
    double sum = 0;

    for (size_t k = 0; k < row.n; k++)
        sum += row.value[k] > 0 ? (double)row.value[k] : 0;
    return sum;
}

/* Rows that wait to be improved in one go. */
struct together {
    struct ridge_row row[RIDGE_TOGETHER];
    float *x[RIDGE_TOGETHER];
    size_t n, observed;
};

static void together_improve(struct together *t, const struct half *h, float *scratch)
{
    if (t->n > 0)
        ridge_improve(&h->side, t->row, t->n, h->steps, scratch, t->x);
    t->n = t->observed = 0;
}

static void together_add(struct together *t, const struct half *h, const struct ridge_row *row,
                         float *x, float *scratch)
{
    if (t->n == RIDGE_TOGETHER || t->observed + row->n > IMPROVED_ROW_MAX)
        together_improve(t, h, scratch);
    t->row[t->n] = *row;
    t->x[t->n++] = x;
    t->observed += row->n;
}

static void solve_rows(void *ctx, size_t from, size_t to, size_t worker)
{
    struct half *h = ctx;
    struct ials_run *run = h->run;
    const struct ials_settings *s = &run->out.settings;
    float *scratch = run->scratch + worker * run->scratch_floats;
    struct together together = {.n = 0};

    for (size_t r = from; r < to; r++) {
        struct csr_row row = csr_row(h->m, (uint32_t)r);
        float *x = h->solved + r * h->side.stride;
        double gain = 0;
        run->row_loss[r] = 0;
        if (row.n == 0)
            continue; /* zeros from the start */
        struct ridge_row observed = {row.col, row.value, NULL, row.n,
                                     ridge_regularisation(s->regularisation, s->frequency_power,
                                                          s->unobserved, row.n, h->of)};
        if (h->steps > 0 && row.n <= IMPROVED_ROW_MAX) {
            together_add(&together, h, &observed, x, scratch);
            continue;
        }
        if (ridge_solve(&h->side, &observed, scratch, x, &gain, NULL, NULL) != 0)
            note_failure(h, (uint32_t)r);
        run->row_loss[r] = weighted_targets(row) - gain;
    }
    together_improve(&together, h, scratch);
}

static int run_half(struct half *h, const char *what, struct mq_error *err)
{
    pool_for(h->run->pool, h->m->rows, h->steps > 0 ? VIEWERS_AT_ONCE : PART, solve_rows, h);
    if (h->failed)
        return mq_fail(err, MQ_SINGULAR, "iALS: %s %u can't be solved: raise the regularisation",
                       what, h->failed - 1);
    return 0;
}

/* The loss after titles were solved: each title's part at its minimum holds all but the viewers'
 * regularisation. */
static double loss_of(const struct ials_run *run)
{
    const struct ials *a = &run->out;
    double loss = 0;

    for (uint32_t i = 0; i < a->n_titles; i++)
        loss += run->row_loss[i];
    for (uint32_t u = 0; u < a->n_viewers; u++) {
        double square = 0;
        size_t n = csr_row(run->by_viewer, u).n;
        for (uint32_t c = 0; n > 0 && c < a->stride; c++) {
            double x = a->viewers[(size_t)u * a->stride + c];
            square += x * x;
        }
        if (n > 0)
            loss += square * (double)ridge_regularisation(a->settings.regularisation,
                                                          a->settings.frequency_power,
                                                          a->settings.unobserved, n, a->n_active);
    }
    return loss;
}

int ials_epoch(struct ials_run *run, struct mq_error *err)
{
    struct ials *a = &run->out;
    float a0 = a->settings.unobserved;
    struct half viewers = {.run = run,
                           .m = run->by_viewer,
                           .side = {a->titles, a->gram, a->stride, a0},
                           .solved = a->viewers,
                           .of = a->n_active,
                           .steps = STEPS};
    struct half titles = {.run = run,
                          .m = &run->by_title,
                          .side = {a->viewers, run->viewer_gram, a->stride, a0},
                          .solved = a->titles,
                          .of = a->n_active_viewers};
    int rc = run_half(&viewers, "viewer", err);

    if (rc == 0)
        rc = gram(a->viewers, a->n_viewers, a->stride, run->pool, run->viewer_gram, err);
    if (rc == 0)
        rc = run_half(&titles, "title", err);
    if (rc == 0)
        rc = gram(a->titles, a->n_titles, a->stride, run->pool, a->gram, err);
    if (rc)
        return rc;
    double loss = loss_of(run);
    if (a->epochs < a->settings.epochs)
        a->loss[a->epochs] = loss;
    a->epochs++;
    /* The first epochs may stand near the random start. */
    a->collapsed = a->epochs > 2 && loss > run->of_nothing * (1 - 1e-4);
    return 0;
}

/* ------------------------------------------------------------------ life */

/* Titles ~ normal(0, deviation / sqrt(rank)), each row from its own stream. */
static void draw_titles(struct ials_run *run)
{
    struct ials *a = &run->out;
    double scale = (double)a->settings.deviation / sqrt((double)a->settings.rank);

    for (uint32_t i = 0; i < a->n_titles; i++) {
        struct rng rng;
        if (csr_row(&run->by_title, i).n == 0)
            continue;
        rng_seed_stream(&rng, a->settings.seed, i);
        for (uint32_t c = 0; c < a->settings.rank; c++)
            a->titles[(size_t)i * a->stride + c] = (float)(scale * rng_normal(&rng));
    }
}

static float *zeroed(size_t rows, size_t stride)
{
    size_t bytes = (rows * stride * sizeof(float) + 63) / 64 * 64 + 64;
    float *p = aligned_alloc(64, bytes);

    if (p)
        memset(p, 0, bytes);
    return p;
}

/* Floats of one thread. */
static size_t scratch_of(size_t stride)
{
    size_t solve = ridge_scratch(stride), improve = ridge_improve_scratch(stride, IMPROVED_ROW_MAX);

    return ((solve > improve ? solve : improve) + 15) / 16 * 16;
}

size_t ials_memory(const struct csr *m, uint32_t rank, size_t threads)
{
    size_t stride = ((size_t)rank + 15) / 16 * 16, rows = m->rows, cols = m->cols;
    size_t longer = rows > cols ? rows : cols;
    size_t transposed = (cols + 2) * 8 + ((size_t)csr_nnz(m) + 2) * 8;
    size_t factors = (rows + cols + 2 * stride + 8) * stride * 4;

    return transposed + factors + threads * (scratch_of(stride) * 4 + 64) + (longer + 1) * 8 +
           gram_memory(longer, stride) + cols + 65536;
}

static int allocate(struct ials_run *run, struct mq_error *err)
{
    struct ials *a = &run->out;
    size_t longer = a->n_viewers > a->n_titles ? a->n_viewers : a->n_titles;

    run->scratch_floats = scratch_of(a->stride);
    a->viewers = zeroed(a->n_viewers, a->stride);
    a->titles = zeroed(a->n_titles, a->stride);
    a->gram = zeroed(a->stride, a->stride);
    a->loss = calloc((size_t)a->settings.epochs + 1, sizeof *a->loss);
    run->viewer_gram = zeroed(a->stride, a->stride);
    run->scratch = zeroed(pool_threads(run->pool), run->scratch_floats);
    run->row_loss = calloc(longer + 1, sizeof *run->row_loss);
    if (!a->viewers || !a->titles || !a->gram || !a->loss || !run->viewer_gram || !run->scratch ||
        !run->row_loss)
        return mq_fail(err, MQ_NO_MEMORY,
                       "iALS: %zu bytes: give the process more memory, or lower the rank",
                       ials_memory(run->by_viewer, a->settings.rank, pool_threads(run->pool)));
    return 0;
}

int ials_start(const struct csr *m, const struct ials_settings *settings, struct pool *pool,
               struct ials_run **ret, struct mq_error *err)
{
    struct ials_settings s = *settings;
    struct ials_run *run;
    int rc;

    ials_defaults(m, &s);
    rc = check_settings(&s, err);
    if (rc == 0)
        rc = check_values(m, err);
    if (rc)
        return rc;
    run = calloc(1, sizeof *run);
    if (!run)
        return mq_fail(err, MQ_NO_MEMORY, "iALS: no memory: give the process more");
    run->by_viewer = m;
    run->pool = pool;
    run->out = (struct ials){.settings = s, .n_viewers = m->rows, .n_titles = m->cols};
    run->out.stride = (s.rank + 15) / 16 * 16;
    run->out.n_active_viewers = active_rows(m);
    rc = csr_transpose(m, &run->by_title, err);
    if (rc == 0) {
        run->out.n_active = active_rows(&run->by_title);
        run->of_nothing = weighted_targets((struct csr_row){m->col, m->value, (size_t)csr_nnz(m)});
        rc = allocate(run, err);
    }
    if (rc == 0) {
        draw_titles(run);
        rc = gram(run->out.titles, run->out.n_titles, run->out.stride, pool, run->out.gram, err);
    }
    if (rc) {
        ials_run_free(run);
        return rc;
    }
    *ret = run;
    return 0;
}

const struct ials *ials_state(const struct ials_run *run)
{
    return &run->out;
}

void ials_run_free(struct ials_run *run)
{
    if (!run)
        return;
    ials_release(&run->out);
    csr_release(&run->by_title);
    free(run->viewer_gram);
    free(run->scratch);
    free(run->row_loss);
    free(run);
}

void ials_release(struct ials *a)
{
    if (!a)
        return;
    free(a->viewers);
    free(a->titles);
    free(a->gram);
    free(a->loss);
    *a = (struct ials){0};
}

static int run_epochs(struct ials_run *run, struct train_watch watch, struct mq_error *err)
{
    uint32_t epochs = run->out.settings.epochs;
    int rc = 0;

    for (uint32_t e = 0; e < epochs && rc == 0 && !run->out.collapsed; e++) {
        if (watch.progress && !watch.progress(watch.ctx, "ials epoch", e, epochs))
            return mq_fail(err, MQ_CANCELLED, "training: stopped at epoch %u of %u: start it again",
                           e, epochs);
        rc = ials_epoch(run, err);
    }
    if (rc == 0 && run->out.collapsed)
        rc = mq_fail(
            err, MQ_INVALID,
            "regularisation: %g: shrinks every factor to nothing: lower it, or send more of "
            "what viewers did (progress, complete, rating)",
            (double)run->out.settings.regularisation);
    return rc;
}

int ials_train(const struct csr *m, const struct ials_settings *settings, struct pool *pool,
               struct train_watch watch, struct ials *ret, struct mq_error *err)
{
    struct ials_settings s = *settings;
    int tries = s.regularisation > 0 ? 0 : RETRIES;

    for (;; tries--) {
        struct ials_run *run;
        int rc = ials_start(m, &s, pool, &run, err);
        if (rc)
            return rc;
        rc = run_epochs(run, watch, err);
        bool again = run->out.collapsed && tries > 0;
        s.regularisation = run->out.settings.regularisation / 4;
        if (rc == 0) {
            *ret = run->out;
            run->out = (struct ials){0};
        }
        ials_run_free(run);
        if (!again)
            return rc;
    }
}
