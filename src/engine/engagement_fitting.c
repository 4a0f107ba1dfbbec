#include "engine/engagement_fitting.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/hash.h"
#include "engine/audiences.h"
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

static void write_shares(struct buf *b, const struct engagement_shares *s)
{
    for (unsigned g = 0; g < ENGAGEMENT_GROUPS; g++) {
        if (!s->known[g])
            continue;
        buf_printf(b, "shares %u", g);
        for (int i = 0; i < ENGAGEMENT_KNOTS; i++)
            buf_printf(b, " %.9g", (double)s->knot[g][i]);
        buf_add_char(b, '\n');
    }
}

static void write_measured(struct buf *b, const struct engagement_kept *k)
{
    for (int i = 0; k->measured && i < ENGAGEMENT_WEIGHTS; i++)
        buf_printf(b, "signal %s %.9g %.9g %.9g %" PRIu64 "\n",
                   engagement_weight_name((enum engagement_weight)i), k->signal[i].weight,
                   k->signal[i].low, k->signal[i].high, k->signal[i].used);
    for (int i = 0; k->measured && i < ENGAGEMENT_SCORERS; i++)
        buf_printf(b, "right %s %.9g\n", engagement_scorer_name((enum engagement_scorer)i),
                   k->right[i]);
}

int engagement_file_write(const char *dir, const struct engagement_kept *k, const char *comment,
                          struct mq_error *err)
{
    char path[PATH_MAX];
    struct buf b;
    int rc = path_of(dir, path, err);
    if (rc)
        return rc;
    buf_init(&b, ENGAGEMENT_FILE_MAX);
    buf_printf(&b, "# Weights that `marquee train --only engagement` fitted.\n%s", comment);
    for (int i = 0; i < ENGAGEMENT_WEIGHTS; i++)
        buf_printf(&b, "%s %.17g\n", engagement_weight_name((enum engagement_weight)i),
                   k->weights.weight[i]);
    buf_printf(&b, "offset %.17g\nscale %.17g\nserves %s\n", k->weights.offset, k->weights.scale,
               k->serves ? "yes" : "no");
    write_shares(&b, &k->weights.shares);
    write_measured(&b, k);
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

/* What a file has said so far. */
struct said {
    struct engagement_kept k;
    bool weight[ENGAGEMENT_WEIGHTS], offset, scale, serves;
    unsigned n_signals, n_right; /* lines of these */
};

static bool number(struct str text, double *ret)
{
    return text.p && str_to_double(str_trim(text), ret) && fabs(*ret) <= weight_most;
}

/* "GROUP knots", ascending and in [0, 1]. */
static bool take_shares(struct str rest, struct engagement_shares *s)
{
    uint64_t g;
    double before = 0;
    if (!str_to_u64(str_cut(&rest, ' '), &g) || g >= ENGAGEMENT_GROUPS || s->known[g])
        return false;
    for (int i = 0; i < ENGAGEMENT_KNOTS; i++) {
        double v;
        if (!rest.p || !number(str_cut(&rest, ' '), &v) || v < before || v > 1)
            return false;
        s->knot[g][i] = (float)v;
        before = v;
    }
    s->known[g] = true;
    return !rest.p;
}

/* "NAME WEIGHT LOW HIGH USED" */
static bool take_signal(struct str rest, struct said *to)
{
    struct str name = str_cut(&rest, ' ');
    for (int i = 0; i < ENGAGEMENT_WEIGHTS; i++) {
        struct engagement_measured *m = &to->k.signal[i];
        if (!str_eq(name, str_of(engagement_weight_name((enum engagement_weight)i))))
            continue;
        to->n_signals++;
        return number(str_cut(&rest, ' '), &m->weight) && number(str_cut(&rest, ' '), &m->low) &&
               number(str_cut(&rest, ' '), &m->high) && rest.p && str_to_u64(rest, &m->used);
    }
    return false;
}

static bool take_right(struct str rest, struct said *to)
{
    struct str name = str_cut(&rest, ' ');
    for (int i = 0; i < ENGAGEMENT_SCORERS; i++) {
        double *share = &to->k.right[i];
        if (!str_eq(name, str_of(engagement_scorer_name((enum engagement_scorer)i))))
            continue;
        to->n_right++;
        return number(rest, share) && *share >= 0 && *share <= 1;
    }
    return false;
}

static int take_line(const char *name, struct str line, struct said *to, struct mq_error *err)
{
    struct str rest = line;
    struct str word = str_cut(&rest, ' ');
    struct engagement_weights *w = &to->k.weights;
    for (int i = 0; i < ENGAGEMENT_WEIGHTS; i++) {
        if (!str_eq(word, str_of(engagement_weight_name((enum engagement_weight)i))))
            continue;
        to->weight[i] = number(rest, &w->weight[i]);
        return to->weight[i] ? 0 : bad(name, "a weight is no number in range", err);
    }
    if (str_eq(word, STR("offset")))
        return (to->offset = number(rest, &w->offset)) ? 0 : bad(name, "offset: out of range", err);
    if (str_eq(word, STR("scale")))
        return (to->scale = number(rest, &w->scale) && w->scale >= 0)
                   ? 0
                   : bad(name, "scale: out of range", err);
    if (str_eq(word, STR("serves"))) {
        to->k.serves = str_eq(rest, STR("yes"));
        to->serves = to->k.serves || str_eq(rest, STR("no"));
        return to->serves ? 0 : bad(name, "serves: neither yes nor no", err);
    }
    if (str_eq(word, STR("shares")))
        return take_shares(rest, &w->shares) ? 0 : bad(name, "shares: no group's quantiles", err);
    if (str_eq(word, STR("signal")))
        return take_signal(rest, to) ? 0 : bad(name, "signal: no figures of one", err);
    if (str_eq(word, STR("right")))
        return take_right(rest, to) ? 0 : bad(name, "right: no share", err);
    return bad(name, "an unknown weight", err);
}

int engagement_file_parse(const char *name, struct str text, struct engagement_kept *ret,
                          struct mq_error *err)
{
    struct said said = {0};
    struct str rest;
    int rc = check_sum(name, text, &rest, err);
    while (rc == 0 && rest.p) {
        struct str line = str_trim(str_cut(&rest, '\n'));
        rc = line.n == 0 || line.p[0] == '#' ? 0 : take_line(name, line, &said, err);
    }
    bool whole = said.offset && said.scale && said.serves;
    for (int k = 0; k < ENGAGEMENT_WEIGHTS; k++)
        whole = whole && said.weight[k];
    if (rc == 0 && !whole)
        rc = bad(name, "a weight is missing", err);
    said.k.measured = said.n_signals == ENGAGEMENT_WEIGHTS && said.n_right == ENGAGEMENT_SCORERS;
    if (rc == 0)
        *ret = said.k;
    return rc;
}

int engagement_file_read(const char *dir, struct engagement_kept *ret, struct mq_error *err)
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

/* ---------------------------------------------------------------- serving */

/* Whoever reads the log holds a pointer for long, so that none is freed before the engine closes: there is one for each fit
 * of this process. */
struct engagement_served {
    struct engagement_weights weights;
    struct engagement_served *before;
};

const struct engagement_weights *engine_engagement(const struct mq_engine *e)
{
    return atomic_load(&e->engagement);
}

uint64_t engine_engagement_version(const struct mq_engine *e)
{
    const struct engagement_weights *w = engine_engagement(e);
    return w ? hash64(w, sizeof(*w), 0) : 0;
}

const char *engine_engagement_name(const struct mq_engine *e)
{
    static const char *const names[] = {
        [ENGAGEMENT_RULES] = "default rules",
        [ENGAGEMENT_SERVED] = "fitted weights",
        [ENGAGEMENT_WORSE] = "default rules: the fitted weights are not shown to do as well",
        [ENGAGEMENT_DAMAGED] = "default rules: the kept weights are damaged: fit again",
    };
    return names[atomic_load(&e->engagement_use)];
}

/* Within a change, or before anybody asks. */
static int serve(struct mq_engine *e, const struct engagement_kept *k, struct mq_error *err)
{
    struct engagement_served *s = NULL;
    if (k->serves) {
        s = calloc(1, sizeof(*s)); /* padding too: its bytes are hashed */
        if (!s)
            return mq_fail(err, MQ_NO_MEMORY, "engagement: no memory for its weights");
        s->weights = k->weights;
        s->before = e->engagement_served;
        e->engagement_served = s;
    }
    atomic_store(&e->engagement, s ? &s->weights : NULL);
    atomic_store(&e->engagement_use, s ? ENGAGEMENT_SERVED : ENGAGEMENT_WORSE);
    return 0;
}

int engagement_open(struct mq_engine *e, struct mq_error *err)
{
    struct engagement_kept kept;
    int rc = engagement_file_read(e->dir, &kept, err);
    if (rc == 0)
        return serve(e, &kept, err);
    if (rc == MQ_CORRUPT)
        atomic_store(&e->engagement_use, ENGAGEMENT_DAMAGED);
    return rc == MQ_CORRUPT || rc == MQ_NOT_FOUND ? 0 : rc;
}

void engagement_close(struct mq_engine *e)
{
    while (e->engagement_served) {
        struct engagement_served *s = e->engagement_served;
        e->engagement_served = s->before;
        free(s);
    }
}

struct change {
    struct mq_engine *e;
    const struct engagement_kept *kept;
};

/* The committer's thread. */
static int take_up(void *ctx, struct mq_error *err)
{
    struct change *c = ctx;
    engine_change_begin(c->e);
    int rc = serve(c->e, c->kept, err);
    if (rc == 0)
        residents_drop_all(c->e->residents);
    engine_change_end(c->e, atomic_load(&c->e->applied_seq));
    return rc;
}

/* ---------------------------------------------------------------- fitting */

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

static void note_measured(const struct engagement_fit *f, struct engagement_kept *k)
{
    k->measured = true;
    for (int i = 0; i < ENGAGEMENT_WEIGHTS; i++) {
        bool rare = f->used[i] < ENGAGEMENT_USED_LEAST;
        k->signal[i].used = f->used[i];
        k->signal[i].weight = rare ? 0 : f->weight[i];
        k->signal[i].low = rare ? 0 : f->interval[i].low;
        k->signal[i].high = rare ? 0 : f->interval[i].high;
        k->measured = k->measured && isfinite(k->signal[i].low) && isfinite(k->signal[i].high);
    }
    for (int i = 0; i < ENGAGEMENT_SCORERS; i++) {
        k->right[i] = f->compared[ENGAGEMENT_ALL].right[i].mean;
        k->measured = k->measured && isfinite(k->right[i]);
    }
}

/* Keep what was fitted, and serve it or the default rules. */
static int keep(struct mq_engine *e, const struct engagement_fitted *f, struct mq_error *err)
{
    enum { COMMENT = 512 };
    char comment[COMMENT];
    const struct engagement_comparison *all = &f->fit.compared[ENGAGEMENT_ALL];
    struct engagement_kept kept = {.weights = f->fit.serving, .serves = f->fit.no_worse};
    note_measured(&f->fit, &kept);
    snprintf(comment, sizeof(comment),
             "# From the log up to %llu. Of two titles graded differently, held-out viewers'\n"
             "# better liked one was above: fitted %.4f, default rules %.4f, completion %.4f.\n",
             (unsigned long long)f->log_seq, all->right[ENGAGEMENT_FITTED].mean,
             all->right[ENGAGEMENT_DEFAULTS].mean, all->right[ENGAGEMENT_COMPLETION].mean);
    int rc = engagement_file_write(e->dir, &kept, comment, err);
    if (rc == 0)
        rc = committer_call(e->committer, take_up, &(struct change){e, &kept}, err);
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
        int before = engagement_file_read(e->dir, &ret->before, &ignored);
        ret->has_before = before == 0;
        ret->damaged = before != 0 && before != MQ_NOT_FOUND;
        rc = keep(e, ret, err);
    }
    engagement_rows_release(&rows);
    catalogue_free(c);
    training_unlock(e);
    return rc;
}
