/* store_open.c - opening and closing a data folder. */
#include <stdlib.h>

#include "base/file.h"
#include "store/store_inside.h"

static int take_paths(struct store *s, const char *dir, struct mq_error *err)
{
    char path[FOLDER_PATH_MAX];
    int rc = folder_join(path, dir, "db", err);
    if (rc)
        return rc;
    s->dir = strdup(dir);
    s->path = strdup(path);
    if (!s->dir || !s->path)
        return mq_fail(err, MQ_NO_MEMORY, "data folder: %s: no memory to open it", dir);
    return 0;
}

static int refuse_table(void *ctx, const char *path, const char *name, struct mq_error *err)
{
    (void)ctx;
    if (!str_ends(str_of(name), STR(".sst")))
        return 0;
    return mq_fail(
        err, MQ_CORRUPT,
        "data folder: %s: is there, but CURRENT beside it is missing: restore the folder "
        "from a backup",
        path);
}

/* CURRENT names RocksDB's manifest: without it there is no database, and RocksDB would make an empty one over
 * what lies there. */
static int look(const struct store *s, bool must_exist, struct mq_error *err)
{
    char current[FOLDER_PATH_MAX];
    int rc = folder_join(current, s->path, "CURRENT", err);
    if (rc)
        return rc;
    if (must_exist && !file_exists(current))
        return mq_fail(err, MQ_NOT_FOUND,
                       "data folder: %s: there is none: create it first, or name another", s->dir);
    if (!file_exists(current) && file_is_dir(s->path))
        return folder_each(s->path, refuse_table, NULL, err);
    return must_exist ? 0 : file_make_dirs(s->dir, err);
}

static int open_all(struct store *s, const char *dir, bool must_exist, struct mq_error *err)
{
    int rc = take_paths(s, dir, err);
    if (rc == 0)
        rc = look(s, must_exist, err);
    if (rc == 0)
        rc = schema_refuse_newer(s, err);
    if (rc == 0)
        rc = database_options(s, err);
    for (int k = 0; rc == 0 && k < NAME_KINDS; k++)
        rc = intern_new(&s->names[k], err);
    if (rc == 0)
        rc = links_new(&s->links, err);
    if (rc == 0)
        rc = spellings_new(&s->spellings, err);
    if (rc == 0)
        rc = database_open(s, !must_exist, err);
    if (rc)
        return rc;
    char links[FOLDER_PATH_MAX];
    rc = folder_join(links, dir, STORE_CHECKPOINT, err);
    if (rc)
        return rc;
    if (file_is_dir(links))
        folder_remove(links);
    store_note_log(s);
    rc = schema_ready(s, err);
    if (rc == 0)
        rc = names_load(s, err);
    return rc ? rc : links_load(s, err);
}

int store_open(const char *dir, const struct store_options *options, struct store **ret,
               struct mq_error *err)
{
    struct store *s = calloc(1, sizeof(*s));
    if (!s)
        return mq_fail(err, MQ_NO_MEMORY, "data folder: %s: no memory to open it", dir);
    if (options)
        s->options = *options;
    int rc = open_all(s, dir, s->options.must_exist, err);
    if (rc) {
        store_close(s);
        return rc;
    }
    *ret = s;
    return 0;
}

void store_close(struct store *s)
{
    if (!s)
        return;
    if (s->live && s->live->db && !atomic_load(&s->failed))
        store_flush_for_closing(s);
    if (s->live)
        database_close(s);
    /* RocksDB may have written its buffer out as it closed. */
    if (atomic_load(&s->failed))
        (void)store_cut_log(s, NULL);
    database_options_free(s);
    append_space_free(s->space);
    links_free(s->links);
    spellings_free(s->spellings);
    for (int k = 0; k < NAME_KINDS; k++)
        intern_free(s->names[k]);
    free(s->path);
    free(s->dir);
    free(s);
}

const struct intern *store_names(const struct store *s, enum name_kind kind)
{
    return s->names[kind];
}

uint64_t store_last_seq(const struct store *s)
{
    return atomic_load_explicit(&s->last_seq, memory_order_acquire);
}
