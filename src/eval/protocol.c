#include "eval/protocol.h"

#include <errno.h>

int contestants_train(const struct validation *v, const struct csr *all,
                      const struct eval_options *o, struct pool *pool, struct contestants *ret,
                      struct mq_error *err)
{
    struct train_watch watch = {.progress = o->progress, .ctx = o->progress_ctx};
    int rc = settings_search(v, o, pool, &ret->search, err);
    if (rc)
        return rc;
    struct train_settings settings = {.ials = ret->search.ials, .no_neighbours = true};
    ret->taste_published = ret->search.score > ret->search.popularity;
    return train_model(all, &settings, pool, watch, &ret->model, err);
}

int contestants_judge(const struct contestants *c, const struct ranking_cases *cases,
                      struct pool *pool, struct judged *ret, struct mq_error *err)
{
    struct scorer popularity = {SCORE_POPULARITY, &c->model};
    struct scorer taste = {SCORE_TASTE, &c->model};
    *ret = (struct judged){0};
    int rc = ranking_run(&popularity, cases, pool, &ret->popularity, err);
    if (rc == 0)
        rc = ranking_run(&taste, cases, pool, &ret->taste, err);
    if (rc)
        judged_release(ret);
    return rc;
}

void judged_release(struct judged *j)
{
    ranking_release(&j->popularity);
    ranking_release(&j->taste);
}

void describe_settings(const struct contestants *c, char to[REPORT_SETTINGS])
{
    const struct ials_settings *s = &c->model.settings;
    snprintf(
        to, REPORT_SETTINGS,
        "rank %u, epochs %u, lambda %.4g, alpha0 %.4g, nu %g; validation %.4f (popularity %.4f), "
        "%u tried%s",
        s->rank, s->epochs, (double)s->regularisation, (double)s->unobserved,
        (double)s->frequency_power, c->search.score, c->search.popularity, c->search.tried,
        c->search.complete ? "" : ", out of time");
}

int matrix_of_ones(const struct triples *t, const struct id_book *book, struct csr *ret,
                   struct mq_error *err)
{
    int rc = triples_to_csr(t, intern_count(book->viewers), intern_count(book->titles), INT64_MIN,
                            INT64_MAX, ret, err);
    for (uint64_t i = 0; rc == 0 && i < csr_nnz(ret); i++)
        ret->value[i] = 1;
    return rc;
}

int file_failed(FILE *f, const char *path, struct mq_error *err)
{
    if (!f)
        return mq_fail_errno(err, errno, "%s: cannot be written", path);
    bool failed = ferror(f) != 0;
    if (fclose(f) != 0 || failed)
        return mq_fail_errno(err, errno, "%s: could not be written whole", path);
    return 0;
}

int lists_write(const char *path, const struct ranking *r, const struct id_book *book,
                struct mq_error *err)
{
    FILE *f = fopen(path, "we");
    for (uint32_t i = 0; f && i < r->n; i++) {
        struct str viewer = intern_name(book->viewers, r->row[i]);
        for (unsigned k = 0; k < RANKING_DEPTH; k++) {
            uint32_t title = r->list[(size_t)i * RANKING_DEPTH + k];
            if (title == ID_NONE)
                break;
            struct str name = intern_name(book->titles, title);
            fprintf(f, "%.*s\t%u\t%.*s\t%.9g\n", STR_ARG(viewer), k + 1, STR_ARG(name),
                    (double)r->score[(size_t)i * RANKING_DEPTH + k]);
        }
    }
    return file_failed(f, path, err);
}

int judged_report(const struct judged *j, const struct contestants *c, const struct eval_options *o,
                  const struct id_book *book, judged_fill *fill, struct eval_report *ret,
                  struct mq_error *err)
{
    ret->judged = j->taste.n;
    ret->model[0].name = "popularity";
    ret->model[1].name = "ials";
    ret->n_models = 2;
    ret->published = c->taste_published ? "ials" : "popularity";
    describe_settings(c, ret->model[1].settings);
    int rc = fill(&j->popularity, NULL, o->seed, &ret->model[0], err);
    if (rc == 0)
        rc = fill(&j->taste, &j->popularity, o->seed, &ret->model[1], err);
    if (rc == 0 && o->lists)
        rc = lists_write(o->lists, c->taste_published ? &j->taste : &j->popularity, book, err);
    return rc;
}
