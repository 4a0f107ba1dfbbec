#include "strategy/count_features.h"

#include <assert.h>
#include <stdlib.h>

enum { NEAREST = 40, NEAREST_FEW = 10 };
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
    COLUMN_PEOPLE = COLUMN_GENRES + COUNT_GENRES,
};
static_assert(COLUMN_PEOPLE + PEOPLE_COLUMNS == COUNT_COLUMNS, "all columns are named");

/* The most frequent genres, by number of training titles. */
static void pick_genres(struct count_features *m)
{
    const struct title_tokens *t = m->task.tokens;
    for (int g = 0; g < COUNT_GENRES; g++) {
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

static void sum_tokens(struct count_features *m)
{
    const struct count_task *t = &m->task;
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
static float encode(const struct count_features *m, uint32_t token, uint32_t row)
{
    float sum = m->token_sum[token];
    float n = (float)m->token_n[token];
    if (row != ID_NONE && m->likeness.is_train[row]) {
        sum -= m->residual[row];
        n -= 1;
    }
    return sum / (n + 1);
}

static void encoded_columns(const struct count_features *m, const struct seen_title *seen, float *x)
{
    const struct title_tokens *t = m->task.tokens;
    struct csr_row r = seen->tokens;
    for (size_t k = 0; k < r.n; k++) {
        uint8_t g = t->group[r.col[k]];
        if (g == TOKEN_SERIES)
            x[COLUMN_SERIES] = encode(m, r.col[k], seen->row);
        for (int i = 0; g == TOKEN_GENRE && i < COUNT_GENRES; i++)
            if (m->genre[i] == r.col[k])
                x[COLUMN_GENRES + i] = 1;
    }
}

static void nearest_columns(const struct count_features *m, const struct seen_title *seen,
                            float *scratch, float *x, float *ret_comparables)
{
    static const double prior = 0.05;
    struct alike near[NEAREST];
    uint32_t n = likeness_nearest(&m->likeness, seen, scratch, near, NEAREST);
    double few = prior * m->mean;
    double weight_few = prior;
    double residual = 0;
    double all = prior * m->mean;
    double weight = prior;
    for (uint32_t i = 0; i < n; i++) {
        double w = (double)(near[i].likeness * near[i].likeness);
        double y = (double)m->task.log_audience[near[i].row];
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

/* Out of fold where it is learnt from. */
static struct ridge_said ridge_of(const struct count_features *f, const struct seen_title *seen)
{
    const struct ridge_parts *p = &f->parts;
    uint32_t row = seen->row;
    if (row == ID_NONE || !f->likeness.is_train[row])
        return ridge_parts_say(p, f->task.tokens, seen);
    return (struct ridge_said){p->base[row], p->full[row], p->people[row], p->words[row]};
}

void count_features_of(const struct count_features *f, const struct seen_title *seen,
                       float *scratch, struct count_row *ret)
{
    enum { MONTH_UNKNOWN = 7 };
    const struct strategy_title *title = seen->title;
    struct ridge_said said = ridge_of(f, seen);
    float *x = ret->x;
    *ret = (struct count_row){.ridge = said.full};
    x[COLUMN_YEAR] = seen->year;
    x[COLUMN_MONTH] = title->month ? (float)title->month : (float)MONTH_UNKNOWN;
    x[COLUMN_RUNTIME] = seen->runtime;
    x[COLUMN_KIND] = title->kind;
    x[COLUMN_SEASON] = title->season;
    x[COLUMN_BASE] = said.base;
    x[COLUMN_FULL] = said.full;
    x[COLUMN_PEOPLE_PART] = said.people;
    x[COLUMN_WORDS_PART] = said.words;
    encoded_columns(f, seen, x);
    nearest_columns(f, seen, scratch, x, &ret->comparables);
    people_columns(&f->people, seen, x + COLUMN_PEOPLE);
}

int count_features_make(const struct count_task *task, struct count_features *ret,
                        struct mq_error *err)
{
    size_t rows = task->tokens->x.rows;
    size_t cols = task->tokens->x.cols;
    *ret = (struct count_features){.task = *task};
    ret->residual = calloc(rows + 1, sizeof(*ret->residual));
    ret->token_sum = calloc(cols + 1, sizeof(*ret->token_sum));
    ret->token_n = calloc(cols + 1, sizeof(*ret->token_n));
    int rc = ret->residual && ret->token_sum && ret->token_n
                 ? ridge_parts_make(task, &ret->parts, err)
                 : mq_fail(err, MQ_NO_MEMORY, "strategy: no memory for %zu titles", rows);
    if (rc == 0) {
        sum_tokens(ret);
        pick_genres(ret);
        rc = people_index_make(task, ret->residual, &ret->people, err);
    }
    if (rc == 0)
        rc = likeness_index_make(task, &ret->likeness, err);
    ret->task.pool = NULL; /* the caller's, for now */
    if (rc)
        count_features_release(ret);
    return rc;
}

void count_features_release(struct count_features *f)
{
    ridge_parts_release(&f->parts);
    people_index_release(&f->people);
    likeness_index_release(&f->likeness);
    free(f->residual);
    free(f->token_sum);
    free(f->token_n);
    *f = (struct count_features){0};
}
