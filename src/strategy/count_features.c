#include "strategy/count_features.h"

#include <math.h>
#include <stdlib.h>

enum { GENRES_SEEN = 24, NEAREST = 40, NEAREST_FEW = 10 };
enum column {
    COLUMN_YEAR,
    COLUMN_MONTH,
    COLUMN_RUNTIME,
    COLUMN_KIND,
    COLUMN_SEASON,
    COLUMN_BASE,
    COLUMN_FULL,
    COLUMN_PEOPLE_PART,
    COLUMN_WORDS_PART,
    COLUMN_NEAREST_FEW,
    COLUMN_NEAREST_RESIDUAL,
    COLUMN_NEAREST,
    COLUMN_SERIES,
    COLUMN_GENRES,
    COLUMN_PEOPLE = COLUMN_GENRES + GENRES_SEEN,
    COLUMNS = COLUMN_PEOPLE + PEOPLE_COLUMNS
};

struct making {
    const struct count_task *task;
    struct ridge_parts parts;
    struct people_index people;
    struct likeness_index likeness;
    float *residual;  /* (rows) over base, of train rows */
    float *token_sum; /* (tokens) of training residuals */
    uint32_t *token_n;
    uint32_t genre[GENRES_SEEN]; /* tokens */
    float *scratch;              /* (rows) per worker */
    double mean;
    struct count_features *out;
};

/* The most frequent genres, by number of training titles. */
static void pick_genres(struct making *m)
{
    const struct title_tokens *t = m->task->tokens;
    for (int g = 0; g < GENRES_SEEN; g++) {
        uint32_t best = ID_NONE;
        for (uint32_t c = 0; c < t->x.cols; c++) {
            bool taken = t->group[c] != TOKEN_GENRE;
            for (int k = 0; k < g; k++)
                taken |= m->genre[k] == c;
            if (!taken && (best == ID_NONE || m->token_n[c] > m->token_n[best]))
                best = c;
        }
        m->genre[g] = best;
    }
}

static void sum_tokens(struct making *m)
{
    const struct count_task *t = m->task;
    double sum = 0;
    for (uint32_t i = 0; i < t->n_train; i++) {
        uint32_t row = t->train[i];
        m->residual[row] = t->log_audience[row] - m->parts.base[row];
        sum += (double)t->log_audience[row];
        struct csr_row r = csr_row(&t->tokens->x, row);
        for (size_t k = 0; k < r.n; k++) {
            m->token_sum[r.col[k]] += m->residual[row];
            m->token_n[r.col[k]]++;
        }
    }
    m->mean = t->n_train ? sum / t->n_train : 0;
}

/* Mean residual of the other training titles with this token, shrunk. For small groups only: in a large one the
 * value, exact to the last digit, would give away the row that was left out. */
static float encode(const struct making *m, uint32_t token, uint32_t row)
{
    float sum = m->token_sum[token];
    float n = (float)m->token_n[token];
    if (m->likeness.is_train[row]) {
        sum -= m->residual[row];
        n -= 1;
    }
    return sum / (n + 1);
}

static void encoded_columns(const struct making *m, uint32_t row, float *x)
{
    const struct title_tokens *t = m->task->tokens;
    struct csr_row r = csr_row(&t->x, row);
    for (size_t k = 0; k < r.n; k++) {
        uint8_t g = t->group[r.col[k]];
        if (g == TOKEN_SERIES)
            x[COLUMN_SERIES] = encode(m, r.col[k], row);
        for (int i = 0; g == TOKEN_GENRE && i < GENRES_SEEN; i++)
            if (m->genre[i] == r.col[k])
                x[COLUMN_GENRES + i] = 1;
    }
}

static void nearest_columns(const struct making *m, uint32_t row, float *scratch, float *x,
                            float *ret_comparables)
{
    static const double prior = 0.05;
    struct alike near[NEAREST];
    uint32_t n = likeness_nearest(&m->likeness, row, scratch, near, NEAREST);
    double few = prior * m->mean;
    double weight_few = prior;
    double residual = 0;
    double all = prior * m->mean;
    double weight = prior;
    for (uint32_t i = 0; i < n; i++) {
        double w = (double)(near[i].likeness * near[i].likeness);
        double y = (double)m->task->log_audience[near[i].row];
        if (i < NEAREST_FEW) {
            few += w * y;
            residual += w * (double)m->residual[near[i].row];
            weight_few += w;
        }
        all += w * y;
        weight += w;
    }
    x[COLUMN_NEAREST_FEW] = (float)(few / weight_few);
    x[COLUMN_NEAREST_RESIDUAL] = (float)(residual / weight_few);
    x[COLUMN_NEAREST] = (float)(all / weight);
    *ret_comparables = x[COLUMN_NEAREST_FEW];
}

static void fill_rows(void *ctx, size_t from, size_t to, size_t worker)
{
    struct making *m = ctx;
    const struct count_task *t = m->task;
    float *scratch = m->scratch + worker * t->tokens->x.rows;
    enum { MONTH_UNKNOWN = 7 };
    for (size_t i = from; i < to; i++) {
        uint32_t row = i < t->n_train ? t->train[i] : t->test[i - t->n_train];
        const struct strategy_title *title = &t->d->titles[row];
        float *x = m->out->x + i * COLUMNS;
        x[COLUMN_YEAR] = t->tokens->year[row];
        x[COLUMN_MONTH] = title->month ? (float)title->month : (float)MONTH_UNKNOWN;
        x[COLUMN_RUNTIME] = t->tokens->runtime[row];
        x[COLUMN_KIND] = title->kind;
        x[COLUMN_SEASON] = title->season;
        x[COLUMN_BASE] = m->parts.base[row];
        x[COLUMN_FULL] = m->parts.full[row];
        x[COLUMN_PEOPLE_PART] = m->parts.people[row];
        x[COLUMN_WORDS_PART] = m->parts.words[row];
        m->out->ridge[i] = m->parts.full[row];
        encoded_columns(m, row, x);
        nearest_columns(m, row, scratch, x, &m->out->comparables[i]);
        people_columns(t, &m->people, row, x + COLUMN_PEOPLE);
    }
}

static int prepare(struct making *m, struct mq_error *err)
{
    const struct count_task *t = m->task;
    uint32_t rows = t->tokens->x.rows;
    uint32_t cols = t->tokens->x.cols;
    struct count_features *f = m->out;
    f->rows = t->n_train + t->n_test;
    f->cols = COLUMNS;
    f->x = calloc((size_t)f->rows * COLUMNS + 1, sizeof(*f->x));
    f->ridge = calloc((size_t)f->rows + 1, sizeof(*f->ridge));
    f->comparables = calloc((size_t)f->rows + 1, sizeof(*f->comparables));
    m->residual = calloc((size_t)rows + 1, sizeof(*m->residual));
    m->token_sum = calloc((size_t)cols + 1, sizeof(*m->token_sum));
    m->token_n = calloc((size_t)cols + 1, sizeof(*m->token_n));
    m->scratch = calloc(pool_threads(t->pool) * rows + 1, sizeof(*m->scratch));
    if (!f->x || !f->ridge || !f->comparables || !m->residual || !m->token_sum || !m->token_n ||
        !m->scratch)
        return mq_fail(err, MQ_NO_MEMORY, "strategy: no memory for %u titles", f->rows);
    return ridge_parts_make(t, &m->parts, err);
}

int count_features_make(const struct count_task *task, struct count_features *ret,
                        struct mq_error *err)
{
    enum { PART = 64 };
    *ret = (struct count_features){0};
    struct making m = {.task = task, .out = ret};
    int rc = prepare(&m, err);
    if (rc == 0) {
        sum_tokens(&m);
        pick_genres(&m);
        rc = people_index_make(task, m.residual, &m.people, err);
    }
    if (rc == 0)
        rc = likeness_index_make(task, &m.likeness, err);
    if (rc == 0)
        pool_for(task->pool, ret->rows, PART, fill_rows, &m);
    ridge_parts_release(&m.parts);
    people_index_release(&m.people);
    likeness_index_release(&m.likeness);
    free(m.residual);
    free(m.token_sum);
    free(m.token_n);
    free(m.scratch);
    if (rc)
        count_features_release(ret);
    return rc;
}

void count_features_release(struct count_features *f)
{
    free(f->x);
    free(f->ridge);
    free(f->comparables);
    *f = (struct count_features){0};
}
