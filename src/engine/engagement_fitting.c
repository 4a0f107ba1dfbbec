#include "engine/engagement_fitting.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>

#include "base/file.h"
#include "base/hash.h"
#include "engine/log_scan.h"

static const double weight_most =
    1000; /* preferences lie in [-1, 1]: anything near this is rubbish */
#define CHECKSUM "checksum "

static int path_of(const char *dir, char *ret, struct mq_error *err)
{
    int n = snprintf(ret, PATH_MAX, "%s/engagement", dir);
    if (n < 0 || n >= PATH_MAX)
        return mq_fail(err, MQ_INVALID, "data folder %.100s...: name too long: use a shorter one",
                       dir);
    return 0;
}

int engagement_file_write(const char *dir, const struct engagement_fitted *f, struct mq_error *err)
{
    char path[PATH_MAX];
    struct buf b;
    int rc = path_of(dir, path, err);
    if (rc)
        return rc;
    const struct engagement_comparison *all = &f->fit.compared[ENGAGEMENT_ALL];
    buf_init(&b, ENGAGEMENT_FILE_MAX);
    buf_add_z(&b, "# Weights that `marquee train --only engagement` fitted.\n");
    for (int k = 0; k < ENGAGEMENT_WEIGHTS; k++)
        buf_printf(&b, "%s %.9g\n", engagement_weight_name((enum engagement_weight)k),
                   f->fit.weight[k]);
    buf_printf(&b,
               "# From the log up to %llu. Of two titles graded differently, held-out viewers'\n"
               "# better liked one was above: fitted %.4f, default rules %.4f, completion %.4f.\n",
               (unsigned long long)f->log_seq, all->right[ENGAGEMENT_FITTED].mean,
               all->right[ENGAGEMENT_DEFAULTS].mean, all->right[ENGAGEMENT_COMPLETION].mean);
    buf_printf(&b, CHECKSUM "%016" PRIx64 "\n", hash_str(buf_str(&b), 0));
    rc = b.failed ? mq_fail(err, MQ_NO_MEMORY, "%s: no memory", path)
                  : file_write(path, buf_str(&b), 0644, err);
    buf_release(&b);
    return rc;
}

static int bad(const char *name, const char *why, struct mq_error *err)
{
    return mq_fail(err, MQ_CORRUPT, "%s: %s: fit again, or delete the file", name, why);
}

/* The lines before the checksum, when it fits them. */
static int check_sum(const char *name, struct str text, struct str *ret, struct mq_error *err)
{
    enum { LINE = sizeof(CHECKSUM) - 1 + 16 + 1 };
    char line[LINE + 1];
    if (text.n < LINE)
        return bad(name, "cut off", err);
    *ret = (struct str){text.p, text.n - LINE};
    snprintf(line, sizeof(line), CHECKSUM "%016" PRIx64 "\n", hash_str(*ret, 0));
    if (memcmp(line, text.p + ret->n, LINE) != 0)
        return bad(name, "the checksum does not fit: damaged, or changed by hand", err);
    return 0;
}

static int take_line(const char *name, struct str line, double value[ENGAGEMENT_WEIGHTS],
                     struct mq_error *err)
{
    struct str rest = line;
    struct str word = str_cut(&rest, ' ');
    for (int k = 0; k < ENGAGEMENT_WEIGHTS; k++) {
        double v;
        if (!str_eq(word, str_of(engagement_weight_name((enum engagement_weight)k))))
            continue;
        if (!rest.p || !str_to_double(str_trim(rest), &v) || !(fabs(v) <= weight_most))
            return bad(name, "a weight is no number in range", err);
        value[k] = v;
        return 0;
    }
    return bad(name, "an unknown weight", err);
}

int engagement_file_parse(const char *name, struct str text, double ret[ENGAGEMENT_WEIGHTS],
                          struct mq_error *err)
{
    double value[ENGAGEMENT_WEIGHTS];
    struct str rest;
    int rc = check_sum(name, text, &rest, err);
    for (int k = 0; k < ENGAGEMENT_WEIGHTS; k++)
        value[k] = NAN;
    while (rc == 0 && rest.p) {
        struct str line = str_trim(str_cut(&rest, '\n'));
        rc = line.n == 0 || line.p[0] == '#' ? 0 : take_line(name, line, value, err);
    }
    for (int k = 0; rc == 0 && k < ENGAGEMENT_WEIGHTS; k++)
        if (isnan(value[k]))
            rc = bad(name, "a weight is missing", err);
    for (int k = 0; rc == 0 && k < ENGAGEMENT_WEIGHTS; k++)
        ret[k] = value[k];
    return rc;
}

int engagement_file_read(const char *dir, double ret[ENGAGEMENT_WEIGHTS], struct mq_error *err)
{
    char path[PATH_MAX];
    struct buf b;
    int rc = path_of(dir, path, err);
    if (rc)
        return rc;
    buf_init(&b, ENGAGEMENT_FILE_MAX);
    rc = file_read(path, &b, err);
    if (rc == MQ_TOO_LARGE)
        rc = bad(path, "too large", err);
    if (rc == 0)
        rc = engagement_file_parse(path, buf_str(&b), ret, err);
    buf_release(&b);
    return rc;
}

struct reading {
    struct engagement_rows *rows;
    mq_progress *progress;
    void *ctx;
    uint64_t total;
    struct mq_error *err;
};

static int take(void *ctx, const struct event *e)
{
    enum { EVERY = 65536 };
    struct reading *r = ctx;
    if (r->rows->events % EVERY == 0 && r->progress &&
        !r->progress(r->ctx, "reading the log", r->rows->events, r->total))
        return mq_fail(r->err, MQ_CANCELLED, "engagement: stopped");
    return engagement_rows_feed(r->rows, e, r->err);
}

static int read_log(struct mq_engine *e, const struct catalogue *c, mq_progress *progress,
                    void *ctx, struct engagement_rows *rows, struct engagement_fitted *ret,
                    struct mq_error *err)
{
    struct store_range prefix = {.max_seq = store_last_seq(e->store)};
    struct reading r = {rows, progress, ctx, prefix.max_seq, err};
    int rc = engagement_rows_init(rows, c, err);
    if (rc == 0 && prefix.max_seq == 0)
        rc = mq_fail(err, MQ_INVALID, "engagement: the log is empty: import or send events first");
    if (rc == 0)
        rc = store_scan_all(e->store, &prefix, take, &r, err);
    if (rc == 0)
        rc = engagement_rows_finish(rows, err);
    ret->log_seq = prefix.max_seq;
    ret->events = rows->events;
    ret->young = rows->young;
    ret->unknown_runtime = rows->unknown_runtime;
    ret->too_many = rows->too_many;
    return rc;
}

int engine_fit_engagement(struct mq_engine *e, uint64_t seed, mq_progress *progress, void *ctx,
                          struct engagement_fitted *ret, struct mq_error *err)
{
    struct engagement_rows rows = {0};
    struct catalogue *c = NULL;
    struct mq_error ignored;
    *ret = (struct engagement_fitted){0};
    int rc = training_lock(e, err);
    if (rc)
        return rc;
    rc = catalogue_from_store(e->store, 0, &c, err);
    if (rc == 0)
        rc = read_log(e, c, progress, ctx, &rows, ret, err);
    if (rc == 0)
        rc = engagement_fit(&rows, seed, &ret->fit, err);
    if (rc == 0) {
        int before = engagement_file_read(e->dir, ret->before, &ignored);
        ret->has_before = before == 0;
        ret->damaged = before != 0 && before != MQ_NOT_FOUND;
        rc = engagement_file_write(e->dir, ret, err);
    }
    engagement_rows_release(&rows);
    catalogue_free(c);
    training_unlock(e);
    return rc;
}
