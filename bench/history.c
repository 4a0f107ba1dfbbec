/* history.c - how many titles of a long history have to count?
 *
 *     build/bench/bench_history FILE      lines of viewer, title, rating, time in numbers, by tabs or commas; others are skipped
 *
 * Leave-one-out: the last title of each viewer, ranked among all, by a blend with given settings that has learnt from everything
 * before; titles with fewer than 3 rows are left out. The same model with all of each history, and with its latest titles. */
#include <stdio.h>
#include <stdlib.h>

#include "math/bootstrap.h"
#include "support/check.h"
#include "train/answers.h"
#include "train/blend_fit.h"
#include "train/questions.h"
#include "train/train.h"

enum { IDS = 1 << 20, ROWS_MAX = 4 << 20, LEAST = 3 };

struct row {
    uint32_t viewer, title;
    int64_t at_ms;
};

static int by_viewer_and_time(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    if (x->viewer != y->viewer)
        return x->viewer < y->viewer ? -1 : 1;
    if (x->at_ms != y->at_ms)
        return x->at_ms < y->at_ms ? -1 : 1;
    return (x->title > y->title) - (x->title < y->title);
}

/* Dense numbers in the order of the first row. */
static uint32_t dense(uint32_t *number, uint32_t *n, uint32_t id)
{
    if (number[id] == 0)
        number[id] = ++*n;
    return number[id] - 1;
}

static size_t read_rows(const char *path, struct row *rows)
{
    char line[256];
    size_t n = 0;
    FILE *f = fopen(path, "r");
    if (!f) {
        fprintf(stderr, "bench_history: %s: cannot be read\n", path);
        exit(1);
    }
    while (n < ROWS_MAX && fgets(line, sizeof(line), f)) {
        char *at = line;
        double field[4];
        int got = 0;
        for (; got < 4; got++) {
            char *end;
            field[got] = strtod(at, &end);
            if (end == at)
                break;
            at = end + (*end == ',');
        }
        if (got == 4 && field[0] >= 0 && field[0] < IDS && field[1] >= 0 && field[1] < IDS)
            rows[n++] =
                (struct row){(uint32_t)field[0], (uint32_t)field[1], (int64_t)field[3] * 1000};
    }
    fclose(f);
    return n;
}

struct data {
    uint32_t viewers, titles;
    struct triples known, last;
};

static void split(const char *path, struct data *d)
{
    struct row *rows = calloc(ROWS_MAX, sizeof(*rows));
    uint32_t *count = calloc(IDS, sizeof(*count)), *viewer = calloc(IDS, sizeof(*viewer)),
             *title = calloc(IDS, sizeof(*title));
    assert_true(rows && count && viewer && title);
    size_t n = read_rows(path, rows), kept = 0;
    for (size_t i = 0; i < n; i++)
        count[rows[i].title]++;
    for (size_t i = 0; i < n; i++)
        if (count[rows[i].title] >= LEAST)
            rows[kept++] = rows[i];
    qsort(rows, kept, sizeof(*rows), by_viewer_and_time);
    for (size_t i = 0; i < kept; i++) {
        bool last = i + 1 == kept || rows[i + 1].viewer != rows[i].viewer;
        assert_ok(
            triples_add(last ? &d->last : &d->known, dense(viewer, &d->viewers, rows[i].viewer),
                        dense(title, &d->titles, rows[i].title), 1, rows[i].at_ms, &test_err));
    }
    free(rows);
    free(count);
    free(viewer);
    free(title);
}

static void ask(const struct data *d, struct questions *q, struct histories *h)
{
    struct csr targets;
    assert_ok(histories_from(&d->known, NULL, d->viewers, d->titles, h, &test_err));
    assert_ok(csr_from_triples(d->viewers, d->titles, d->last.viewer, d->last.title, d->last.weight,
                               d->last.n, &targets, &test_err));
    assert_ok(questions_of_viewers(h, &targets, q, &test_err));
    assert_ok(questions_weigh(q, &d->known, d->viewers, &test_err));
    csr_release(&targets);
}

int main(int argc, char **argv)
{
    static const size_t counted[] = {SIZE_MAX, 1024, 512, 256, 128, 64};
    enum { BOUNDS = sizeof(counted) / sizeof(counted[0]) };
    static struct data d;
    struct blend_fit_options o = {.seed = 1,
                                  .given = {.ials = {.rank = 64,
                                                     .epochs = 8,
                                                     .unobserved = 0.2F,
                                                     .regularisation = 0.002F,
                                                     .frequency_power = 1},
                                            .ease_lambda = 300,
                                            .knn = {.neighbours = 100, .shrink = 100}}};
    struct model m;
    struct blend_found found;
    struct questions q = {0};
    struct histories h;
    struct answers a[BOUNDS];
    struct pool *pool;
    if (argc != 2) {
        fprintf(stderr, "usage: bench_history FILE\n");
        return 2;
    }
    split(argv[1], &d);
    ask(&d, &q, &h);
    assert_ok(pool_new(0, &pool, &test_err));
    assert_ok(blend_fit(&d.known, d.viewers, d.titles, &o, pool, &m, &found, &test_err));
    printf("%u viewers, %u titles, %zu questions; published: %s\n", d.viewers, d.titles, q.n,
           lineup_model_name(found.published));
    struct ensemble e = ensemble_of(&m);
    struct mix mix = ensemble_mix(&m);
    struct contestant_mixes mixes = {&mix, 1, NULL};
    for (size_t i = 0; i < BOUNDS; i++) {
        struct interval gain;
        size_t longer = 0;
        e.counted = counted[i];
        assert_ok(answers_rank(&e, q.list, q.n, &mixes, 0, pool, &a[i], &test_err));
        for (size_t k = 0; k < q.n; k++)
            longer += q.list[k].n_history > counted[i];
        assert_ok(bootstrap_paired(a[i].ndcg10, a[0].ndcg10, q.n, 1, &gain, &test_err));
        printf("latest %6zu (fewer than %3zu histories have): NDCG@10 %.4f HR@10 %.4f; NDCG@10 "
               "over all of it %+.4f [%+.4f, %+.4f]\n",
               counted[i] == SIZE_MAX ? 0 : counted[i], longer, answers_mean(a[i].ndcg10, q.n),
               answers_mean(a[i].hr10, q.n), gain.mean, gain.low, gain.high);
    }
    for (size_t i = 0; i < BOUNDS; i++)
        answers_release(&a[i]);
    questions_release(&q);
    histories_release(&h);
    triples_release(&d.known);
    triples_release(&d.last);
    train_release(&m);
    pool_free(pool);
    return 0;
}
