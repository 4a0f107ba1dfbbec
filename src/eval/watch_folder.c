#include "eval/watch_folder.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "wire/watch_reports.h"

struct file_found {
    char path[PATH_MAX];
    int year, half; /* half 0: weeks */
};

struct filling {
    struct watch_history *h;
    struct watch_read *told;
};

static int on_half(void *ctx, const struct half_year_row *row, struct mq_error *err)
{
    struct filling *f = ctx;
    f->told->rows++;
    return watch_history_row(f->h,
                             &(struct watch_row){.show = row->name.show,
                                                 .season = row->name.season,
                                                 .hours = row->hours,
                                                 .release_day = row->release_day,
                                                 .runtime_hours = row->runtime_hours,
                                                 .global = row->global},
                             err);
}

static int on_week(void *ctx, const struct weekly_row *row, struct mq_error *err)
{
    struct filling *f = ctx;
    f->told->rows++;
    return watch_history_week(f->h,
                              &(struct watch_row){.show = row->name.show,
                                                  .season = row->name.season,
                                                  .hours = row->hours,
                                                  .category = row->category,
                                                  .day = row->day,
                                                  .weeks = row->weeks},
                              err);
}

static int on_bad(void *ctx, const struct bad_row *bad, struct mq_error *err)
{
    struct filling *f = ctx;
    (void)err;
    if (f->told->rejected < WATCH_BAD_SHOWN)
        snprintf(f->told->bad[f->told->rejected], sizeof(f->told->bad[0]), "%.80s:%llu: %.150s",
                 bad->file, (unsigned long long)bad->line, bad->why->text);
    f->told->rejected++;
    return 0;
}

static int by_time(const void *a, const void *b)
{
    const struct file_found *x = a;
    const struct file_found *y = b;
    int p = x->year * 10 + x->half;
    int q = y->year * 10 + y->half;
    return p != q ? (p > q) - (p < q) : strcmp(x->path, y->path);
}

static bool is_report(struct str name, struct file_found *ret)
{
    ret->year = ret->half = 0;
    if (str_ends(name, STR(".csv")))
        return half_year_of(name, &ret->year, &ret->half);
    return str_ends(name, STR(".tsv")) && memmem(name.p, name.n, "global", 6);
}

static int list_files(const char *dir, struct file_found *list, size_t *ret_n, struct mq_error *err)
{
    DIR *d = opendir(dir);
    size_t n = 0;
    struct dirent *e;
    if (!d)
        return mq_fail_errno(err, errno, "%s: give a folder of half-year reports", dir);
    bool many = false;
    while (!many && (e = readdir(d)) != NULL) {
        struct file_found f;
        int length = snprintf(f.path, sizeof(f.path), "%s/%s", dir, e->d_name);
        if (length <= 0 || (size_t)length >= sizeof(f.path) || !is_report(str_of(e->d_name), &f))
            continue;
        many = n == WATCH_FILES_MAX;
        if (!many)
            list[n++] = f;
    }
    closedir(d);
    if (many)
        return mq_fail(err, MQ_TOO_LARGE, "%s: more than %d reports: leave some out", dir,
                       WATCH_FILES_MAX);
    qsort(list, n, sizeof(*list), by_time);
    *ret_n = n;
    return 0;
}

static int read_file(struct filling *f, const struct file_found *file, struct mq_error *err)
{
    struct file_map map;
    const char *slash = strrchr(file->path, '/');
    const char *name = slash ? slash + 1 : file->path;
    int rc = file_map_open(file->path, &map, err);
    if (rc)
        return rc;
    struct str bytes = {map.p, map.n};
    if (file->half) {
        rc = watch_history_half(f->h, file->year, file->half, err);
        f->told->halves++;
        if (rc == 0)
            rc = half_year_read(name, bytes, &(struct half_year_sink){f, on_half, on_bad}, err);
    } else {
        f->told->week_files++;
        rc = weekly_read(name, bytes, &(struct weekly_sink){f, on_week, on_bad}, err);
    }
    file_map_close(&map);
    return rc;
}

int watch_folder_read(const char *dir, struct watch_history *h, struct watch_read *ret,
                      struct mq_error *err)
{
    struct file_found *list = calloc(WATCH_FILES_MAX, sizeof(*list));
    struct watch_read told = {0};
    struct filling f = {h, &told};
    size_t n = 0;
    if (!list)
        return mq_fail(err, MQ_NO_MEMORY, "reports: no memory");
    int rc = list_files(dir, list, &n, err);
    if (rc == 0 && n == 0)
        rc = mq_fail(err, MQ_INVALID,
                     "%s: no report: name half-years like engagement-2023H1.csv, weekly lists like "
                     "top10-global.tsv",
                     dir);
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = read_file(&f, &list[i], err);
    free(list);
    if (rc == 0)
        rc = watch_history_finish(h, err);
    if (rc == 0)
        *ret = told;
    return rc;
}
