/* operations.c - stats, check, backup, restore, erase, export. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "engine/audiences.h"
#include "engine/campaigns.h"
#include "engine/engine.h"
#include "engine/kept_counters.h"
#include "engine/kept_fits.h"
#include "engine/kept_forecasts.h"
#include "engine/page_log.h"

int mq_stats(struct mq_engine *e, struct mq_stats *ret, struct mq_error *err)
{
    struct store_stats s;
    int rc = store_stats(e->store, &s, err);
    if (rc)
        return rc;
    struct page_log_figures shown = page_log_figures(e->page_log);
    *ret = (struct mq_stats){
        .shown_written = shown.written,
        .shown_dropped = shown.dropped,
        .events = s.events,
        .duplicates = s.duplicates,
        .viewers = s.viewers,
        .titles = s.titles,
        .described_titles = s.described_titles,
        .people = s.people,
        .credits = s.credits,
        .ratings = s.by_kind[EVENT_RATING],
        .bytes_on_disk = s.bytes_on_disk,
        .last_seq = s.last_seq,
        .first_ms = atomic_load(&e->first_ms),
        .last_ms = atomic_load(&e->newest_ms),
        .model = atomic_load(&e->model_version),
        .profiles = residents_count(e->residents),
        .profile_bytes = residents_bytes(e->residents),
        .schema = s.schema,
        .engagement = engine_engagement_name(e),
    };
    return 0;
}

int mq_check(struct mq_engine *e, struct mq_check *ret, struct mq_error *err)
{
    struct store_check c;
    int rc = store_check(e->store, &c, err);
    if (rc != 0 && rc != MQ_CORRUPT)
        return rc;
    ret->rows = c.rows;
    ret->events = c.events;
    ret->faults = c.faults;
    memcpy(ret->first_fault, c.first_fault, sizeof(ret->first_fault));
    return rc;
}

/* ---------------------------------------------------------------- backup */

enum { MODEL_FILE_MAX = 1 << 30, PATH_MAX_BYTES = 4096 };

static int copy_file(const char *from, const char *to, struct mq_error *err)
{
    struct buf b;
    buf_init(&b, MODEL_FILE_MAX);
    int rc = file_read(from, &b, err);
    if (rc == 0)
        rc = file_write(to, buf_str(&b), 0644, err);
    buf_release(&b);
    return rc;
}

/* Model files never change once written, and LIVE is replaced by rename: copying one by one is consistent
 * as long as LIVE goes last. */
static int copy_models(const char *from, const char *to, struct mq_error *err)
{
    int rc = file_make_dirs(to, err);
    if (rc)
        return rc;
    DIR *d = opendir(from);
    if (!d)
        return 0; /* no models yet */
    bool live = false;
    for (struct dirent *entry = readdir(d); rc == 0 && entry; entry = readdir(d)) {
        char a[PATH_MAX_BYTES];
        char b[PATH_MAX_BYTES];
        struct str name = str_of(entry->d_name);
        if (str_eq(name, STR("LIVE")))
            live = true;
        if (!str_ends(name, STR(".model")) && !str_eq(name, STR("PROMOTED")))
            continue;
        snprintf(a, sizeof(a), "%s/%s", from, entry->d_name);
        snprintf(b, sizeof(b), "%s/%s", to, entry->d_name);
        rc = copy_file(a, b, err);
    }
    closedir(d);
    if (rc == 0 && live) {
        char a[PATH_MAX_BYTES];
        char b[PATH_MAX_BYTES];
        snprintf(a, sizeof(a), "%s/LIVE", from);
        snprintf(b, sizeof(b), "%s/LIVE", to);
        rc = copy_file(a, b, err);
    }
    return rc;
}

/* Weights of engagement, where there are any: replaced by rename. */
static int copy_engagement(const char *from, const char *to, struct mq_error *err)
{
    char a[PATH_MAX_BYTES];
    char b[PATH_MAX_BYTES];
    snprintf(a, sizeof(a), "%s/engagement", from);
    snprintf(b, sizeof(b), "%s/engagement", to);
    int rc = copy_file(a, b, err);
    return rc == MQ_NOT_FOUND ? 0 : rc;
}

int mq_backup(struct mq_engine *e, const char *to, struct mq_error *err)
{
    char models[PATH_MAX_BYTES];
    if (!to || to[0] == '\0' || strlen(to) > PATH_MAX_BYTES - 300)
        return mq_fail(err, MQ_INVALID, "backup: folder name: missing or too long");
    int rc = store_backup(e->store, to, err);
    if (rc == 0)
        rc = page_log_backup(e->page_log, to, err);
    if (rc)
        return rc;
    snprintf(models, sizeof(models), "%s/models", to);
    pthread_mutex_lock(&e->library_lock); /* no version comes or goes meanwhile */
    rc = copy_models(e->models, models, err);
    pthread_mutex_unlock(&e->library_lock);
    return rc ? rc : copy_engagement(e->dir, to, err);
}

int mq_restore(const char *from, const char *to, struct mq_error *err)
{
    char a[PATH_MAX_BYTES];
    char b[PATH_MAX_BYTES];
    if (!from || !to || strlen(from) > PATH_MAX_BYTES - 300 || strlen(to) > PATH_MAX_BYTES - 300)
        return mq_fail(err, MQ_INVALID, "restore: folder name: missing or too long");
    int rc = store_restore(from, to, err);
    if (rc == 0)
        rc = shown_store_restore(from, to, err);
    if (rc)
        return rc;
    snprintf(a, sizeof(a), "%s/models", from);
    snprintf(b, sizeof(b), "%s/models", to);
    rc = copy_models(a, b, err);
    return rc ? rc : copy_engagement(from, to, err);
}

/* ---------------------------------------------------------------- erase, export */

struct erasing {
    struct mq_engine *engine;
    uint32_t ids[STORE_IDENTITIES_MAX]; /* of the viewer: all that are merged */
    size_t n;
    struct store_receipt receipt;
    uint64_t shown, shown_left; /* pages they were shown */
};

/* The counts of one more id; what was found afterwards is of the last look. */
static void add_receipt(struct store_receipt *sum, const struct store_receipt *r)
{
    struct store_receipt s = *r;
    s.events += sum->events;
    s.seen += sum->seen;
    s.values += sum->values;
    s.files_with_name += sum->files_with_name;
    *sum = s;
}

/* What was refused of the viewer; while their names are known. */
static int erase_letters(struct erasing *x, struct mq_error *err)
{
    const struct intern *names = store_names(x->engine->store, NAME_VIEWER);
    struct str ids[STORE_IDENTITIES_MAX];
    uint64_t lines;
    for (size_t i = 0; i < x->n; i++)
        ids[i] = intern_name(names, x->ids[i]);
    return dead_letters_erase(x->engine->dead_letters, ids, x->n, &lines, err);
}

static int erase(void *ctx, struct mq_error *err)
{
    struct erasing *x = ctx;
    struct mq_engine *e = x->engine;
    audiences_forget_file(e->audiences);
    int rc = erase_letters(x, err);
    if (rc == 0)
        rc = kept_counters_remove(e, err);
    if (rc == 0)
        rc = page_log_erase(e->page_log, x->ids, x->n, true, &x->shown, &x->shown_left, err);
    /* The root last: while an id is left, asking again finds them all. */
    for (size_t i = x->n; rc == 0 && i > 0; i--) {
        struct store_receipt one;
        residents_drop(e->residents, (struct viewer_id){x->ids[i - 1]});
        rc = store_erase(e->store, (struct viewer_id){x->ids[i - 1]}, clock_wall_ms(), &one, err);
        if (rc == 0)
            add_receipt(&x->receipt, &one);
    }
    /* What was answered meanwhile. From here on the ids have no names, and nothing of theirs is noted. */
    uint64_t late = 0, again = 0;
    if (rc == 0)
        rc = page_log_erase(e->page_log, x->ids, x->n, false, &late, &x->shown_left, err);
    if (rc == 0 && late > 0)
        rc = page_log_erase(e->page_log, x->ids, x->n, true, &again, &x->shown_left, err);
    x->shown += late;
    atomic_fetch_add(&e->erasures, 1);
    /* The live counters hold this viewer's choices too: they are made anew without them. */
    return rc ? rc : engine_recount(e, err);
}

int mq_erase(struct mq_engine *e, const char *viewer, struct mq_receipt *ret, struct mq_error *err)
{
    struct erasing x = {.engine = e};
    struct viewer_id id;
    int rc = engine_find_viewer(e, str_of(viewer), &id, err);
    if (rc == 0)
        x.n = store_identities(e->store, id, &(struct store_range){0}, x.ids);
    /* Campaigns before, since after a crash nobody could ask again for who has no name; and afterwards, for those launched meanwhile. */
    for (size_t i = 0; rc == 0 && i < x.n; i++)
        rc = campaigns_forget(e, x.ids[i], err);
    if (rc == 0)
        rc = committer_call(e->committer, erase, &x, err);
    for (size_t i = 0; rc == 0 && i < x.n; i++)
        audiences_forget(e->audiences, x.ids[i]);
    if (rc == 0) {
        kept_forecasts_forget(e->forecasts);
        kept_fits_forget(e->fits);
    }
    for (size_t i = 0; rc == 0 && i < x.n; i++)
        rc = campaigns_forget(e, x.ids[i], err);
    if (rc)
        return rc;
    *ret = (struct mq_receipt){
        .events = x.receipt.events,
        .seen = x.receipt.seen,
        .values = x.receipt.values,
        .rows_scanned = x.receipt.rows_scanned,
        .rows_left = x.receipt.rows_left + x.shown_left,
        .shown = x.shown,
        .files_scanned = x.receipt.files_scanned,
        .bytes_scanned = x.receipt.bytes_scanned,
        .files_with_name = x.receipt.files_with_name,
        .at_ms = x.receipt.at_ms,
    };
    return 0;
}
