#include "model/library.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* More files than are ever kept; what a folder holds beyond that is not looked at. */
enum { VERSIONS_MAX = 4096, LIVE_BYTES = 64, PROMOTED_BYTES = 64 * 1024 };

struct versions {
    uint64_t *v; /* (n), newest first */
    size_t n;
};

static int path_of(const char *dir, uint64_t version, char *ret, struct mq_error *err)
{
    int n = version ? snprintf(ret, PATH_MAX, "%s/models/%06llu.model", dir,
                               (unsigned long long)version)
                    : snprintf(ret, PATH_MAX, "%s/models/LIVE", dir);

    if (n < 0 || n >= PATH_MAX)
        return mq_fail(err, MQ_INVALID, "data folder %.100s...: name too long: use a shorter one",
                       dir);
    return 0;
}

/* "000042.model" -> 42; 0 for other names. */
static uint64_t version_of_name(const char *name)
{
    struct str s = str_of(name);
    struct str digits = str_cut(&s, '.');
    uint64_t version = 0;

    if (!str_eq(s, STR("model")) || digits.n < 6 || digits.p[0] == '+' ||
        !str_to_u64(digits, &version))
        return 0;
    return version;
}

static int newest_first(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x < y) - (x > y);
}

/* Which versions have a file; none when the folder is not there. Free ret->v. */
static int versions_of(const char *dir, struct versions *ret, struct mq_error *err)
{
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s/models", dir);
    struct versions found = {calloc(VERSIONS_MAX, sizeof(uint64_t)), 0};
    DIR *d = n > 0 && n < PATH_MAX ? opendir(path) : NULL;

    if (!found.v || (!d && errno != ENOENT)) {
        int why = errno;
        free(found.v);
        if (d)
            closedir(d);
        return mq_fail_errno(err, why, "models folder %s", path);
    }
    for (struct dirent *e = d ? readdir(d) : NULL; e && found.n < VERSIONS_MAX; e = readdir(d)) {
        uint64_t version = version_of_name(e->d_name);
        if (version)
            found.v[found.n++] = version;
    }
    if (d)
        closedir(d);
    qsort(found.v, found.n, sizeof *found.v, newest_first);
    *ret = found;
    return 0;
}

/* What LIVE says; 0 when it is missing or makes no sense. */
static uint64_t live_version(const char *dir)
{
    char path[PATH_MAX];
    struct mq_error ignored;
    struct buf b;
    uint64_t version = 0;

    buf_init(&b, LIVE_BYTES);
    if (path_of(dir, 0, path, &ignored) == 0 && file_read(path, &b, &ignored) == 0 &&
        !str_to_u64(str_trim(buf_str(&b)), &version))
        version = 0;
    buf_release(&b);
    return version;
}

static int write_live(const char *dir, uint64_t version, struct mq_error *err)
{
    char path[PATH_MAX], line[LIVE_BYTES];
    int rc = path_of(dir, 0, path, err);

    if (rc)
        return rc;
    snprintf(line, sizeof line, "%llu\n", (unsigned long long)version);
    return file_write(path, str_of(line), 0644, err);
}

int library_open_version(const char *dir, uint64_t version, struct model **ret,
                         struct mq_error *err)
{
    char path[PATH_MAX];
    struct model *m;
    int rc;

    if (version == 0)
        return mq_fail(err, MQ_NOT_FOUND, "model 0: versions count from 1: list the models");
    rc = path_of(dir, version, path, err);
    if (rc == 0)
        rc = model_open(path, &m, err);
    if (rc == MQ_NOT_FOUND)
        return mq_fail(err, rc, "model %llu: there is no such version: list the models",
                       (unsigned long long)version);
    if (rc)
        return rc;
    if (m->facts.version != version) {
        rc = mq_fail(err, MQ_CORRUPT, "model %s: says it is version %llu: restore the file", path,
                     (unsigned long long)m->facts.version);
        model_close(m);
        return rc;
    }
    *ret = m;
    return 0;
}

/* ---------------------------------------------------------------- kept aside, live later
 *
 * DIR/models/PROMOTED: "VERSION AT_MS" a line, of versions that were kept aside and made live afterwards. A model's own file never
 * changes. */

static int promoted_path(const char *dir, char *ret, struct mq_error *err)
{
    int n = snprintf(ret, PATH_MAX, "%s/models/PROMOTED", dir);
    return n > 0 && n < PATH_MAX
               ? 0
               : mq_fail(err, MQ_INVALID, "data folder %.100s...: name too long: use a shorter one",
                         dir);
}

/* Was it made live by then? Lines that make no sense say nothing. */
static bool was_promoted(struct str text, uint64_t version, int64_t known_ms)
{
    while (text.n > 0) {
        struct str line = str_cut(&text, '\n');
        uint64_t v = 0;
        int64_t at_ms = 0;
        struct str word = str_cut(&line, ' ');
        if (str_to_u64(word, &v) && v == version && str_to_i64(line, &at_ms) && at_ms <= known_ms)
            return true;
    }
    return false;
}

/* Nothing when there is none. */
static void read_promoted(const char *dir, struct buf *b)
{
    char path[PATH_MAX];
    struct mq_error none;
    buf_init(b, PROMOTED_BYTES);
    if (promoted_path(dir, path, &none) != 0 || file_read(path, b, &none) != 0)
        b->n = 0;
}

static int note_promoted(const char *dir, uint64_t version, int64_t at_ms, struct mq_error *err)
{
    char path[PATH_MAX];
    struct versions all;
    struct buf b, out;
    int rc = promoted_path(dir, path, err);
    if (rc == 0)
        rc = versions_of(dir, &all, err);
    if (rc)
        return rc;
    read_promoted(dir, &b);
    buf_init(&out, PROMOTED_BYTES);
    if (!was_promoted(buf_str(&b), version, INT64_MAX)) {
        struct str rest = buf_str(&b);
        while (rest.n > 0) { /* of those that are there still */
            struct str line = str_cut(&rest, '\n'), left = line;
            uint64_t v = 0;
            bool there = str_to_u64(str_cut(&left, ' '), &v);
            for (size_t i = 0; there && i < all.n; i++) {
                if (all.v[i] == v)
                    buf_printf(&out, "%.*s\n", STR_ARG(line));
            }
        }
        buf_printf(&out, "%llu %lld\n", (unsigned long long)version, (long long)at_ms);
        rc = out.failed ? mq_fail(err, MQ_NO_MEMORY, "%s: no memory", path)
                        : file_write(path, buf_str(&out), 0644, err);
    }
    buf_release(&out);
    buf_release(&b);
    free(all.v);
    return rc;
}

/* ---------------------------------------------------------------- which one */

/* Which versions may be taken. */
struct bounds {
    uint64_t before;    /* below this one */
    int64_t known_ms;   /* trained by then, and not kept aside */
    uint64_t known_seq; /* from no more than this prefix of the log */
};

/* The newest readable one within. MQ_NO_MODEL. */
static int open_newest(const char *dir, struct bounds b, struct model **ret, struct mq_error *err)
{
    struct versions all;
    struct mq_error ignored;
    struct model *m = NULL;
    int rc = versions_of(dir, &all, err);

    if (rc)
        return rc;
    struct buf promoted;
    read_promoted(dir, &promoted);
    for (size_t i = 0; i < all.n && !m; i++) {
        if (all.v[i] >= b.before || library_open_version(dir, all.v[i], &m, &ignored) != 0)
            continue;
        bool aside = m->facts.kept_aside && !was_promoted(buf_str(&promoted), all.v[i], b.known_ms);
        if (m->facts.trained_ms > b.known_ms || m->facts.log_seq > b.known_seq || aside) {
            model_close(m);
            m = NULL;
        }
    }
    buf_release(&promoted);
    free(all.v);
    if (!m)
        return mq_fail(err, MQ_NO_MODEL, "models of %s: none that can be used: train one", dir);
    *ret = m;
    return 0;
}

int library_open_live(const char *dir, struct model **ret, uint64_t *ret_refused,
                      struct mq_error *err)
{
    uint64_t live = live_version(dir);
    struct mq_error why;
    int rc;

    if (live) {
        rc = library_open_version(dir, live, ret, &why);
        if (rc == 0) {
            *ret_refused = 0;
            return 0;
        }
    }
    rc = open_newest(dir, (struct bounds){live ? live : UINT64_MAX, INT64_MAX, UINT64_MAX}, ret,
                     err);
    if (rc == 0)
        *ret_refused = live;
    else if (live && rc == MQ_NO_MODEL)
        rc = mq_fail(err, MQ_NO_MODEL, "live model: %.300s; none older can be read", why.text);
    return rc;
}

int library_open_as_of(const char *dir, int64_t known_ms, struct model **ret, struct mq_error *err)
{
    return open_newest(dir, (struct bounds){UINT64_MAX, known_ms, UINT64_MAX}, ret, err);
}

int library_open_from_prefix(const char *dir, uint64_t known_seq, struct model **ret,
                             struct mq_error *err)
{
    return open_newest(dir, (struct bounds){UINT64_MAX, INT64_MAX, known_seq}, ret, err);
}

static bool is_pinned(const struct model_pins *pins, uint64_t version)
{
    for (size_t i = 0; pins && i < pins->n; i++) {
        if (pins->v[i] == version)
            return true;
    }
    return false;
}

/* What a rollback from this one would take; 0: nothing. */
static uint64_t version_before(const char *dir, uint64_t live)
{
    struct model *m;
    struct mq_error ignored;
    if (live == 0 ||
        open_newest(dir, (struct bounds){live, INT64_MAX, UINT64_MAX}, &m, &ignored) != 0)
        return 0;
    uint64_t version = m->facts.version;
    model_close(m);
    return version;
}

/* Leave the newest MODELS_KEPT, the live one, the one before it and the pinned ones. A file that can't be removed is tried again next
 * time. */
static void drop_oldest(const char *dir, const struct versions *all, uint64_t live,
                        const struct model_pins *pins)
{
    char path[PATH_MAX];
    struct mq_error ignored;
    uint64_t before = all->n > MODELS_KEPT ? version_before(dir, live) : 0;

    for (size_t i = MODELS_KEPT; i < all->n; i++)
        if (all->v[i] != live && all->v[i] != before && !is_pinned(pins, all->v[i]) &&
            path_of(dir, all->v[i], path, &ignored) == 0)
            (void)unlink(path);
}

static int add_version(const char *dir, struct model *m, bool live_now,
                       const struct model_pins *pins, struct mq_error *err)
{
    char path[PATH_MAX];
    struct versions all;
    uint64_t live = live_version(dir), before = m->facts.version;
    int rc = versions_of(dir, &all, err);

    if (rc)
        return rc;
    uint64_t newest = all.n > 0 ? all.v[0] : 0;
    free(all.v);
    m->facts.version = 1 + (live > newest ? live : newest);
    rc = snprintf(path, sizeof path, "%s/models", dir) >= PATH_MAX ? MQ_INVALID : 0;
    rc = rc ? mq_fail(err, MQ_INVALID, "data folder: name too long: use a shorter one")
            : file_make_dirs(path, err);
    if (rc == 0)
        rc = path_of(dir, m->facts.version, path, err);
    if (rc == 0)
        rc = model_write(m, path, err);
    if (rc == 0 && live_now)
        rc = write_live(dir, m->facts.version, err);
    if (rc) {
        m->facts.version = before;
        return rc;
    }
    struct mq_error ignored;
    if (versions_of(dir, &all, &ignored) == 0) {
        drop_oldest(dir, &all, live_now ? m->facts.version : live, pins);
        free(all.v);
    }
    return 0;
}

int library_publish(const char *dir, struct model *m, const struct model_pins *pins,
                    struct mq_error *err)
{
    return add_version(dir, m, true, pins, err);
}

int library_keep(const char *dir, struct model *m, const struct model_pins *pins,
                 struct mq_error *err)
{
    return add_version(dir, m, false, pins, err);
}

int library_set_live(const char *dir, uint64_t version, int64_t at_ms, struct mq_error *err)
{
    struct model *m;
    int rc = library_open_version(dir, version, &m, err);

    if (rc)
        return rc;
    bool aside = m->facts.kept_aside;
    model_close(m);
    rc = aside ? note_promoted(dir, version, at_ms, err) : 0;
    return rc ? rc : write_live(dir, version, err);
}

int library_rollback(const char *dir, uint64_t *ret_version, struct mq_error *err)
{
    uint64_t live = live_version(dir);
    struct model *m;
    int rc;

    if (!live)
        return mq_fail(err, MQ_NO_MODEL, "models of %s: none is live: train one", dir);
    rc = open_newest(dir, (struct bounds){live, INT64_MAX, UINT64_MAX}, &m, err);
    if (rc == MQ_NO_MODEL)
        return mq_fail(err, MQ_NOT_FOUND,
                       "rollback of model %llu: no older one can be read: train again",
                       (unsigned long long)live);
    if (rc)
        return rc;
    uint64_t version = m->facts.version;
    model_close(m);
    rc = write_live(dir, version, err);
    if (rc == 0)
        *ret_version = version;
    return rc;
}

int library_list(const char *dir, struct model_entry *ret, size_t max, size_t *ret_n,
                 struct mq_error *err)
{
    struct versions all;
    uint64_t live = live_version(dir);
    int rc = versions_of(dir, &all, err);

    if (rc)
        return rc;
    size_t n = all.n < max ? all.n : max;
    for (size_t i = 0; i < n; i++) {
        struct model *m;
        struct mq_error ignored;
        ret[i] = (struct model_entry){.version = all.v[i], .live = all.v[i] == live};
        if (library_open_version(dir, all.v[i], &m, &ignored) != 0)
            continue;
        ret[i].readable = true;
        ret[i].facts = m->facts;
        ret[i].settings = m->settings;
        ret[i].blended = m->blend.n > 0;
        ret[i].blend = m->blend.facts;
        ret[i].n_titles = m->n_titles;
        model_close(m);
    }
    free(all.v);
    *ret_n = n;
    return 0;
}
