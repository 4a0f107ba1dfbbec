/* new_titles.c - a fifth of the titles is held out entirely: are they recommended to the right viewers from what they
 * are alone? For each held-out title all viewers are ranked; those who watched it should stand first. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/rng.h"
#include "eval/protocol.h"
#include "eval/title_facts.h"
#include "math/topk.h"
#include "model/fold_in.h"
#include "train/content.h"
#include "train/train.h"

enum {
    FOLDS = 5,         /* fold 0 is held out, fold 1 of the rest chooses settings */
    LEAST_VIEWERS = 5, /* of a title that is asked */
    RECALL_DEPTH = 50
};
enum contender { POPULARITY, GENRE, CONTENT, PERMUTED, CONTENDERS };
static const char *const names[CONTENDERS] = {"popularity", "genre", "content", "permuted_credits"};

struct source {
    struct id_book book;
    struct triples rows;
    struct title_facts facts;
    struct csr fact[TITLE_FACTS];
    struct csr permuted_people;
    uint32_t viewers, titles;
    uint8_t *fold; /* (titles) */
};

/* One training: titles of some folds are warm, those of one are asked. */
struct setting {
    struct csr warm;     /* (viewers, titles) */
    struct csr by_title; /* (titles, viewers) of all rows */
    struct model taste;
    float *x;        /* (viewers, stride) */
    float *activity; /* (viewers) standardised log of titles watched */
    uint32_t *asked; /* (n_asked) titles */
    uint32_t n_asked;
};

static void source_release(struct source *s)
{
    id_book_release(&s->book);
    triples_release(&s->rows);
    title_facts_release(&s->facts);
    for (int k = 0; k < TITLE_FACTS; k++)
        csr_release(&s->fact[k]);
    csr_release(&s->permuted_people);
    free(s->fold);
}

/* Credits of another title for each: what is left of them is chance. */
static int permute(const struct csr *people, uint64_t seed, struct csr *ret, struct mq_error *err)
{
    uint32_t *order = malloc(((size_t)people->rows + 1) * sizeof(*order));
    struct triples t = {0};
    struct rng rng;
    int rc = order ? 0 : mq_fail(err, MQ_NO_MEMORY, "new titles: no memory");
    for (uint32_t i = 0; rc == 0 && i < people->rows; i++)
        order[i] = i;
    rng_seed_stream(&rng, seed, 9);
    if (rc == 0)
        rng_shuffle_u32(&rng, order, people->rows);
    for (uint32_t i = 0; rc == 0 && i < people->rows; i++) {
        struct csr_row row = csr_row(people, order[i]);
        for (size_t k = 0; rc == 0 && k < row.n; k++)
            rc = triples_add(&t, i, row.col[k], 1, 0, err);
    }
    if (rc == 0)
        rc = triples_to_csr(&t, people->rows, people->cols, INT64_MIN, INT64_MAX, ret, err);
    triples_release(&t);
    free(order);
    return rc;
}

static int load(const struct eval_options *o, struct source *s, struct mq_error *err)
{
    int rc = id_book_init(&s->book, err);
    if (rc == 0)
        rc = rating_file_read(o->ratings, o->positive_min, &s->book, &s->rows, err);
    if (rc == 0)
        rc = title_facts_init(&s->facts, err);
    if (rc == 0)
        rc = title_facts_read_titles(&s->facts, o->titles, o->id, &s->book, err);
    if (rc == 0 && o->credits)
        rc = title_facts_read_credits(&s->facts, o->credits, o->id, &s->book, err);
    if (rc)
        return rc;
    s->viewers = intern_count(s->book.viewers);
    s->titles = intern_count(s->book.titles);
    if (s->facts.matched == 0)
        return mq_fail(err, MQ_INVALID,
                       "%s: describes no title of the ratings: give the id column with --id",
                       o->titles);
    for (int k = 0; rc == 0 && k < TITLE_FACTS; k++)
        rc = title_facts_matrix(&s->facts, (enum title_fact)k, s->titles, &s->fact[k], err);
    if (rc == 0)
        rc = permute(&s->fact[FACT_PEOPLE], o->seed, &s->permuted_people, err);
    s->fold = malloc((size_t)s->titles + 1);
    if (rc == 0 && !s->fold)
        rc = mq_fail(err, MQ_NO_MEMORY, "new titles: no memory");
    for (uint32_t t = 0; rc == 0 && t < s->titles; t++)
        s->fold[t] = (uint8_t)(hash_mix(o->seed, t) % FOLDS);
    return rc;
}

/* ---------------------------------------------------------------- one training */

static void setting_release(struct setting *s)
{
    csr_release(&s->warm);
    csr_release(&s->by_title);
    train_release(&s->taste);
    free(s->x);
    free(s->activity);
    free(s->asked);
}

static int fold_viewers(struct setting *s, struct mq_error *err)
{
    const struct model *m = &s->taste;
    size_t longest = 0;
    for (uint32_t v = 0; v < s->warm.rows; v++)
        longest = csr_row(&s->warm, v).n > longest ? csr_row(&s->warm, v).n : longest;
    struct fold_in_item *items = malloc((longest + 1) * sizeof(*items));
    float *scratch = aligned_alloc(64, (fold_in_scratch(m, longest) + 32) / 16 * 64);
    s->x = aligned_alloc(64, ((size_t)s->warm.rows * m->stride + 16) / 16 * 64);
    int rc = items && scratch && s->x ? 0 : mq_fail(err, MQ_NO_MEMORY, "new titles: no memory");
    for (uint32_t v = 0; rc == 0 && v < s->warm.rows; v++) {
        struct csr_row row = csr_row(&s->warm, v);
        for (size_t k = 0; k < row.n; k++)
            items[k] = (struct fold_in_item){{row.col[k]}, 1, 1};
        rc = fold_in(m, items, row.n, scratch, s->x + (size_t)v * m->stride, NULL, err);
    }
    free(items);
    free(scratch);
    return rc;
}

/* To mean 0 and deviation 1; constant: all 0. */
static void standardise(float *v, size_t n)
{
    double sum = 0;
    double square = 0;
    for (size_t i = 0; i < n; i++) {
        sum += (double)v[i];
        square += (double)v[i] * (double)v[i];
    }
    double mean = n > 0 ? sum / (double)n : 0;
    double variance = n > 0 ? square / (double)n - mean * mean : 0;
    double scale = variance > 1e-12 ? 1 / sqrt(variance) : 0;
    for (size_t i = 0; i < n; i++)
        v[i] = (float)(((double)v[i] - mean) * scale);
}

static int choose_titles(const struct source *s, uint8_t asked, struct setting *ret,
                         struct mq_error *err)
{
    ret->asked = malloc(((size_t)s->titles + 1) * sizeof(*ret->asked));
    ret->activity = malloc(((size_t)s->viewers + 1) * sizeof(*ret->activity));
    if (!ret->asked || !ret->activity)
        return mq_fail(err, MQ_NO_MEMORY, "new titles: no memory");
    for (uint32_t t = 0; t < s->titles; t++)
        if (s->fold[t] == asked && csr_row(&ret->by_title, t).n >= LEAST_VIEWERS)
            ret->asked[ret->n_asked++] = t;
    for (uint32_t v = 0; v < s->viewers; v++)
        ret->activity[v] = log1pf((float)csr_row(&ret->warm, v).n);
    standardise(ret->activity, s->viewers);
    if (ret->n_asked == 0)
        return mq_fail(err, MQ_INVALID, "new titles: none held out has %d viewers: bring more rows",
                       LEAST_VIEWERS);
    return 0;
}

/* Train on the titles of folds above `asked`. */
static int setting_init(const struct source *s, uint8_t asked, uint64_t seed, struct pool *pool,
                        struct setting *ret, struct mq_error *err)
{
    struct train_settings settings = {.ials.seed = seed, .no_neighbours = true};
    struct triples warm = {0};
    struct csr all = {0};
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < s->rows.n; i++)
        if (s->fold[s->rows.title[i]] > asked)
            rc = triples_add(&warm, s->rows.viewer[i], s->rows.title[i], 1, 0, err);
    if (rc == 0)
        rc = matrix_of_ones(&warm, &s->book, &ret->warm, err);
    if (rc == 0)
        rc = matrix_of_ones(&s->rows, &s->book, &all, err);
    if (rc == 0)
        rc = csr_transpose(&all, &ret->by_title, err);
    if (rc == 0)
        rc = train_model(&ret->warm, &settings, pool, (struct train_watch){0}, &ret->taste, err);
    if (rc == 0)
        rc = fold_viewers(ret, err);
    if (rc == 0)
        rc = choose_titles(s, asked, ret, err);
    triples_release(&warm);
    csr_release(&all);
    return rc;
}

/* ---------------------------------------------------------------- recall of the right viewers */

/* Recall@50 of the viewers who watched `title`, ranked by score (equal ones by number). */
static double recall_of(const struct setting *s, uint32_t title, const float *score,
                        uint32_t viewers)
{
    struct topk_item best[RECALL_DEPTH];
    struct csr_row right = csr_row(&s->by_title, title);
    size_t n = topk_select(score, viewers, NULL, RECALL_DEPTH, best);
    size_t hits = 0;
    for (size_t k = 0; k < n; k++)
        for (size_t j = 0; j < right.n; j++)
            hits += right.col[j] == best[k].index;
    return (double)hits / (double)(right.n < RECALL_DEPTH ? right.n : RECALL_DEPTH);
}

/* Viewers by the titles they watched, each as near as its genres are (cosine). */
static void genre_scores(const struct source *s, const struct setting *in, uint32_t title,
                         float *score)
{
    struct csr_row mine = csr_row(&s->fact[FACT_GENRES], title);
    for (uint32_t v = 0; v < s->viewers; v++) {
        struct csr_row row = csr_row(&in->warm, v);
        double sum = 0;
        for (size_t k = 0; k < row.n; k++) {
            struct csr_row other = csr_row(&s->fact[FACT_GENRES], row.col[k]);
            size_t shared = 0;
            for (size_t a = 0; a < mine.n; a++)
                for (size_t b = 0; b < other.n; b++)
                    shared += mine.col[a] == other.col[b];
            if (shared > 0)
                sum += (double)shared / sqrt((double)mine.n * (double)other.n);
        }
        score[v] = (float)sum;
    }
}

/* What is chosen for content: ridge, how much people count beside other facts, and activity beside taste. */
struct content_choice {
    double ridge, people, activity;
    double recall; /* mean on the validation fold */
};

static const double ridges[] = {0.3, 1, 3, 10};
static const double activities[] = {0, 0.25, 0.5, 1, 2, 4};
/* A title shares one of a dozen people where it shares half of its genres: as cosines people are small. */
static const double peoples[] = {1, 0, 3, 10, 30};
enum { RIDGES = 4, ACTIVITIES = 6, PEOPLES = 5 };

/* score = standardised x . y + activity. */
static void content_scores(const struct setting *in, const float *y, double activity,
                           uint32_t viewers, float *score)
{
    size_t stride = in->taste.stride;
    for (uint32_t v = 0; v < viewers; v++) {
        double dot = 0;
        for (size_t c = 0; c < stride; c++)
            dot += (double)in->x[(size_t)v * stride + c] * (double)y[c];
        score[v] = (float)dot;
    }
    standardise(score, viewers);
    for (uint32_t v = 0; v < viewers; v++)
        score[v] += (float)(activity * (double)in->activity[v]);
}

static int placed_factors(const struct source *s, const struct setting *in, bool permuted,
                          double ridge, double people, struct pool *pool, float *y,
                          struct mq_error *err)
{
    const struct csr *kinds[TITLE_FACTS];
    double weight[TITLE_FACTS];
    for (int k = 0; k < TITLE_FACTS; k++) {
        weight[k] = k == FACT_PEOPLE ? people : 1;
        kinds[k] = permuted && k == FACT_PEOPLE ? &s->permuted_people : &s->fact[k];
    }
    struct content_input input = {.kinds = kinds,
                                  .n_kinds = TITLE_FACTS,
                                  .weight = weight,
                                  .factors = in->taste.factors,
                                  .stride = in->taste.stride,
                                  .popularity = in->taste.popularity,
                                  .ridge = ridge};
    return content_place(&input, in->asked, in->n_asked, pool, y, err);
}

static int choose_content(const struct source *s, const struct setting *in, bool permuted,
                          struct pool *pool, struct content_choice *ret, struct mq_error *err)
{
    float *y = malloc(((size_t)in->n_asked * in->taste.stride + 1) * sizeof(*y));
    float *score = malloc(((size_t)s->viewers + 1) * sizeof(*score));
    double best = -1;
    int rc = y && score ? 0 : mq_fail(err, MQ_NO_MEMORY, "new titles: no memory");
    for (int k = 0; rc == 0 && k < RIDGES * PEOPLES; k++) {
        double ridge = ridges[k % RIDGES];
        double people = peoples[k / RIDGES];
        rc = placed_factors(s, in, permuted, ridge, people, pool, y, err);
        for (int a = 0; rc == 0 && a < ACTIVITIES; a++) {
            double sum = 0;
            for (uint32_t i = 0; i < in->n_asked; i++) {
                content_scores(in, y + (size_t)i * in->taste.stride, activities[a], s->viewers,
                               score);
                sum += recall_of(in, in->asked[i], score, s->viewers);
            }
            if (sum > best) {
                best = sum;
                *ret = (struct content_choice){ridge, people, activities[a], sum / in->n_asked};
            }
        }
    }
    free(y);
    free(score);
    return rc;
}

static int ask_content(const struct source *s, const struct setting *in, bool permuted,
                       const struct content_choice *c, struct pool *pool, double *recall,
                       struct mq_error *err)
{
    float *y = malloc(((size_t)in->n_asked * in->taste.stride + 1) * sizeof(*y));
    float *score = malloc(((size_t)s->viewers + 1) * sizeof(*score));
    int rc = y && score ? placed_factors(s, in, permuted, c->ridge, c->people, pool, y, err)
                        : mq_fail(err, MQ_NO_MEMORY, "new titles: no memory");
    for (uint32_t i = 0; rc == 0 && i < in->n_asked; i++) {
        content_scores(in, y + (size_t)i * in->taste.stride, c->activity, s->viewers, score);
        recall[i] = recall_of(in, in->asked[i], score, s->viewers);
    }
    free(y);
    free(score);
    return rc;
}

static int ask_baselines(const struct source *s, const struct setting *in, double *popularity,
                         double *genre, struct mq_error *err)
{
    float *score = malloc(((size_t)s->viewers + 1) * sizeof(*score));
    if (!score)
        return mq_fail(err, MQ_NO_MEMORY, "new titles: no memory");
    for (uint32_t i = 0; i < in->n_asked; i++) {
        popularity[i] = recall_of(in, in->asked[i], in->activity, s->viewers);
        genre_scores(s, in, in->asked[i], score);
        genre[i] = recall_of(in, in->asked[i], score, s->viewers);
    }
    free(score);
    return 0;
}

/* ---------------------------------------------------------------- report */

/* Each title is a question of its own: intervals resample titles. */
static int report(const double *recall, uint32_t n, const struct content_choice *c, uint64_t seed,
                  struct eval_report *ret, struct mq_error *err)
{
    struct question *each = calloc((size_t)n + 1, sizeof(*each));
    int rc = each ? 0 : mq_fail(err, MQ_NO_MEMORY, "new titles: no memory");
    for (uint32_t i = 0; rc == 0 && i < n; i++)
        each[i].viewer = i;
    for (unsigned m = 0; rc == 0 && m < CONTENDERS; m++) {
        struct report_model *to = &ret->model[m];
        struct report_sample s = {.values = recall + (size_t)m * n,
                                  .popularity = m > POPULARITY ? recall : NULL,
                                  .second = m > GENRE ? recall + (size_t)GENRE * n : NULL,
                                  .questions = each,
                                  .n = n};
        to->name = names[m];
        to->spread = (struct report_spread){NAN, NAN, NAN};
        if (m >= CONTENT)
            snprintf(to->settings, sizeof(to->settings),
                     "ridge %g, people %g, activity %g; validation %.4f", c[m - CONTENT].ridge,
                     c[m - CONTENT].people, c[m - CONTENT].activity, c[m - CONTENT].recall);
        rc = report_add(to->metric, &to->n_metrics, "recall@50", &s, seed, err);
    }
    struct interval over;
    if (rc == 0)
        rc = bootstrap_paired(recall + (size_t)CONTENT * n, recall + (size_t)PERMUTED * n, n, seed,
                              &over, err);
    if (rc == 0) {
        struct report_model *to = &ret->model[CONTENT];
        to->fact[0] = (struct report_fact){"minus_permuted_credits", over.mean};
        to->fact[1] = (struct report_fact){"minus_permuted_credits_low", over.low};
        to->fact[2] = (struct report_fact){"minus_permuted_credits_high", over.high};
        to->n_facts = 3;
    }
    free(each);
    return rc;
}

/* The best on the validation fold. */
static int choose_published(const struct source *s, const struct setting *validation,
                            double content, const char **ret, struct mq_error *err)
{
    uint32_t n = validation->n_asked;
    double *recall = calloc(2 * (size_t)n + 1, sizeof(*recall));
    int rc = recall ? ask_baselines(s, validation, recall, recall + n, err)
                    : mq_fail(err, MQ_NO_MEMORY, "new titles: no memory");
    if (rc == 0) {
        double popularity = answers_mean(recall, n);
        double genre = answers_mean(recall + n, n);
        *ret = content > popularity && content > genre ? names[CONTENT]
               : genre > popularity                    ? names[GENRE]
                                                       : names[POPULARITY];
    }
    free(recall);
    return rc;
}

static int run(const struct eval_options *o, struct source *s, struct pool *pool,
               struct eval_report *ret, struct mq_error *err)
{
    struct setting validation = {0};
    struct setting test = {0};
    struct content_choice c[2] = {{1, 1, 1, 0}, {1, 1, 1, 0}};
    double *recall = NULL;
    int rc = setting_init(s, 1, o->seed, pool, &validation, err);
    for (int p = 0; rc == 0 && p < 2; p++)
        rc = choose_content(s, &validation, p == 1, pool, &c[p], err);
    if (rc == 0)
        rc = choose_published(s, &validation, c[0].recall, &ret->published, err);
    if (rc == 0)
        rc = setting_init(s, 0, o->seed, pool, &test, err);
    if (rc == 0) {
        recall = calloc((size_t)CONTENDERS * test.n_asked + 1, sizeof(*recall));
        rc = recall ? ask_baselines(s, &test, recall, recall + test.n_asked, err)
                    : mq_fail(err, MQ_NO_MEMORY, "new titles: no memory");
    }
    for (int p = 0; rc == 0 && p < 2; p++)
        rc = ask_content(s, &test, p == 1, &c[p], pool,
                         recall + (size_t)(CONTENT + p) * test.n_asked, err);
    if (rc == 0) {
        ret->judged = test.n_asked;
        ret->n_models = CONTENDERS;
        ret->second = names[GENRE];
        ret->complete = true;
        rc = report(recall, test.n_asked, c, o->seed, ret, err);
    }
    free(recall);
    setting_release(&validation);
    setting_release(&test);
    return rc;
}

int evaluate_new_titles(const struct eval_options *o, struct eval_report *ret, struct mq_error *err)
{
    int64_t started = clock_mono_ns();
    struct source s = {0};
    struct pool *pool = NULL;
    if (!o->ratings || !o->titles)
        return mq_fail(err, MQ_INVALID,
                       "new-titles: needs --ratings and --titles, and best --credits");
    *ret = (struct eval_report){.protocol = "new-titles", .seed = o->seed};
    int rc = load(o, &s, err);
    if (rc == 0)
        rc = pool_new(o->threads, &pool, err);
    if (rc == 0)
        rc = run(o, &s, pool, ret, err);
    ret->viewers = s.viewers;
    ret->titles = s.titles;
    ret->seconds = (double)(clock_mono_ns() - started) / 1e9;
    pool_free(pool);
    source_release(&s);
    return rc;
}
