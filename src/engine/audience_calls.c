/* audience_calls.c - the public questions about audiences: found, counted, floored, put in words, audited. */
#include "audience/overlap.h"
#include "audience/pairs.h"
#include "audience/show.h"
#include "engine/audiences_inside.h"

#include <math.h>

static int check_overlap(const struct mq_audience_request *q, struct mq_error *err)
{
    if (q->n_expressions < 2 || q->n_expressions > MQ_SETS)
        return mq_fail(err, MQ_INVALID, "overlap: %zu expressions: give two or three",
                       q->n_expressions);
    return 0;
}

static bool near_each_other(const struct asked *x, roaring_bitmap_t *const *sets, size_t n)
{
    bool near = false;
    for (size_t i = 0; i < n && !near; i++) {
        near = floor_differs(&x->kept->memory, sets[i], x->floor);
        for (size_t k = 0; k < i && !near; k++) {
            uint64_t apart = roaring_bitmap_xor_cardinality(sets[i], sets[k]);
            near = apart > 0 && apart < x->floor;
        }
    }
    return near;
}

static int remember(const struct asked *x, roaring_bitmap_t *const *sets, size_t n,
                    uint64_t question, struct mq_error *err)
{
    static const size_t records_max = (size_t)1 << 30;
    struct buf records;
    size_t added = 0;
    buf_init(&records, records_max);
    for (size_t i = 0; i < n; i++) {
        if (roaring_bitmap_get_cardinality(sets[i]) < x->floor ||
            !floor_remember(&x->kept->memory, sets[i]))
            continue;
        floor_group_encode(sets[i], &records);
        added++;
    }
    if (floor_remember_question(&x->kept->memory, question)) {
        floor_question_encode(question, &records);
        added++;
    }
    int rc = 0;
    if (records.failed)
        rc = mq_fail(err, MQ_NO_MEMORY, "audiences: what was asked: no memory");
    else if (added > 0)
        rc = audiences_keep_asked(x->kept, buf_str(&records), added, err);
    buf_release(&records);
    return rc;
}

static uint64_t question_of(const struct asked *x, const struct audience *const *found,
                            roaring_bitmap_t *const *sets, size_t n)
{
    enum { WORDS_MAX = 1 << 16 };
    const roaring_bitmap_t *groups[MQ_SETS];
    struct buf words;
    buf_init(&words, WORDS_MAX);
    for (size_t i = 0; i < n; i++) {
        groups[i] = sets[i];
        audience_words(found[i], &words);
        buf_add_char(&words, '\n');
    }
    buf_printf(&words, "%u", x->strata->k);
    uint64_t question = words.failed ? 0 : floor_question(groups, n, buf_str(&words), x->floor);
    buf_release(&words);
    return question;
}

int audiences_too_near(const struct asked *x, const struct audience *const *found, size_t n,
                       bool *ret, struct mq_error *err)
{
    roaring_bitmap_t *sets[MQ_SETS] = {NULL};
    int rc = n > MQ_SETS ? mq_fail(err, MQ_BUG, "audiences: %zu groups", n) : 0;
    size_t made = 0;
    for (; rc == 0 && made < n; made++)
        rc = audience_viewers(&x->world, found[made], NULL, &sets[made], err);
    if (rc == 0) {
        uint64_t question = question_of(x, found, sets, n);
        *ret = !floor_was_answered(&x->kept->memory, question) && near_each_other(x, sets, n);
        if (!*ret)
            rc = remember(x, sets, n, question, err);
    }
    for (size_t i = 0; i < n && i < MQ_SETS; i++) {
        if (sets[i])
            roaring_bitmap_free(sets[i]);
    }
    return rc;
}

static int overlap(const struct asked *x, const struct mq_audience_request *q,
                   struct mq_overlap *ret, struct mq_error *err)
{
    const struct audience *found[MQ_SETS];
    bool near = false;
    int rc = audiences_find(x, q, found, err);
    if (rc == 0)
        rc = overlap_of(&x->world, x->strata, found, q->n_expressions, x->arena, ret, err);
    if (rc == 0 && !q->research)
        rc = audiences_too_near(x, found, q->n_expressions, &near, err);
    if (rc)
        return rc;
    ret->research = q->research;
    ret->log_seq = x->log_seq;
    if (!q->research)
        floor_overlap(ret, x->floor, near);
    return overlap_words(found, x->arena, ret, err);
}

int mq_audience_overlap(struct mq_reader *r, const struct mq_audience_request *q,
                        struct mq_overlap *ret, struct mq_error *err)
{
    struct asked x;
    struct mq_overlap o;
    int rc = check_overlap(q, err);
    if (rc == 0)
        rc = audiences_begin(r, q, audiences_need_follows(r, q), &x, err);
    if (rc)
        return rc;
    rc = overlap(&x, q, &o, err);
    audiences_end(r);
    if (rc == 0)
        rc = audiences_audit(r->engine, "overlap", q, o.n_withheld, err);
    if (rc == 0)
        *ret = o;
    return rc;
}

/* ---------------------------------------------------------------- one audience */

enum { LISTED = 10 };

static int show(const struct asked *x, const struct mq_audience_request *q, struct mq_audience *ret,
                struct mq_error *err)
{
    const struct audience *found;
    struct show_question question = {.listed = q->n ? q->n : LISTED, .floor = x->floor};
    bool near = false;
    struct buf words;
    int rc = audiences_find(x, q, &found, err);
    if (rc == 0 && !q->research)
        rc = audiences_too_near(x, &found, 1, &near, err);
    if (rc == 0 && near) /* nothing is counted */
        question.floor = UINT32_MAX;
    if (rc == 0)
        rc = show_audience(&x->world, x->strata, found, &question, x->arena, ret, err);
    if (rc)
        return rc;
    buf_init(&words, EXPRESSION_MAX * 4);
    audience_words(found, &words);
    buf_add_char(&words, '\0');
    ret->name = words.failed ? "" : arena_str(x->arena, buf_str(&words)).p;
    buf_release(&words);
    ret->floor = x->floor;
    ret->research = q->research;
    ret->log_seq = x->log_seq;
    return ret->name ? 0 : mq_fail(err, MQ_NO_MEMORY, "audience: no memory");
}

int mq_audience_show(struct mq_reader *r, const struct mq_audience_request *q,
                     struct mq_audience *ret, struct mq_error *err)
{
    struct asked x;
    struct mq_audience got;
    if (q->n_expressions != 1)
        return mq_fail(err, MQ_INVALID, "audience: %zu expressions: give one", q->n_expressions);
    if (q->n > SHOW_LISTED_MAX)
        return mq_fail(err, MQ_INVALID, "n: %u: at most %d", q->n, SHOW_LISTED_MAX);
    int rc = audiences_begin(r, q, audiences_need_follows(r, q), &x, err);
    if (rc)
        return rc;
    rc = show(&x, q, &got, err);
    audiences_end(r);
    if (rc == 0)
        rc = audiences_audit(r->engine, "show", q, got.withheld, err);
    if (rc == 0)
        *ret = got;
    return rc;
}

/* ---------------------------------------------------------------- pairs of people */

static int take_role(const char *word, enum role otherwise, enum role *ret, struct mq_error *err)
{
    *ret = otherwise;
    if (word && !role_from(str_of(word), ret))
        return mq_fail(err, MQ_INVALID,
                       "role: %s: is none of director, actor, producer, writer, creator", word);
    return 0;
}

/* Those with small cells are left out already. */
static void round_pairs(struct mq_pairs *p, unsigned k)
{
    for (size_t i = 0; i < p->n; i++) {
        struct mq_pair *x = &p->pairs[i];
        struct mq_overlap o = {.n_sets = 2, .all = x->figures};
        floor_overlap(&o, k, false);
        x->figures = o.all;
        x->q = floor_figure(x->q, 2);
        x->standing = floor_figure(x->standing, 2);
        x->without_one = floor_figure(x->without_one, 2);
    }
}

static int pairs(struct mq_reader *r, const struct asked *x, const struct mq_pairs_request *q,
                 struct mq_pairs *ret, struct mq_error *err)
{
    const struct mq_audience_request *base = &q->request;
    struct pairs_question question = {.listed = base->n ? base->n : 2 * LISTED,
                                      .least_viewers = base->floor ? base->floor : FLOOR_DEFAULT,
                                      .floor = x->floor,
                                      .seed = q->seed,
                                      .no_shuffle = q->no_shuffle,
                                      .progress = base->progress,
                                      .progress_ctx = base->progress_ctx};
    struct pool *pool = NULL;
    int rc = take_role(q->role_a, ROLE_DIRECTOR, &question.a, err);
    if (rc == 0)
        rc = take_role(q->role_b, ROLE_ACTOR, &question.b, err);
    if (rc == 0)
        rc = pool_new(base->threads ? base->threads : r->engine->options.threads, &pool, err);
    if (rc == 0)
        rc = pairs_find(x->world.sets, x->world.catalogue, x->strata, &question, pool, x->arena,
                        ret, err);
    pool_free(pool);
    if (rc)
        return rc;
    ret->role_a = role_name(question.a);
    ret->role_b = role_name(question.b);
    ret->research = base->research;
    ret->floor = question.least_viewers;
    ret->log_seq = x->log_seq;
    if (!base->research)
        round_pairs(ret, x->floor);
    return 0;
}

int mq_audience_pairs(struct mq_reader *r, const struct mq_pairs_request *q, struct mq_pairs *ret,
                      struct mq_error *err)
{
    struct asked x;
    struct mq_pairs got;
    if (q->request.n_expressions != 0)
        return mq_fail(err, MQ_INVALID, "pairs: takes no expression");
    if (q->request.n > PAIRS_LISTED_MAX)
        return mq_fail(err, MQ_INVALID, "n: %u: at most %d", q->request.n, PAIRS_LISTED_MAX);
    int rc = audiences_begin(r, &q->request, false, &x, err);
    if (rc)
        return rc;
    rc = pairs(r, &x, q, &got, err);
    audiences_end(r);
    if (rc == 0)
        rc = audiences_audit(r->engine, "pairs", &q->request, got.withheld, err);
    if (rc == 0)
        *ret = got;
    return rc;
}
