/* store_backup.c - a copy of the folder, and a folder from a copy.
 *
 *   TO/db        what RocksDB's checkpoint gives, as files of their own (no links into the live folder)
 *   TO/schema    as in the live folder
 *   TO/MANIFEST  written last: "marquee backup 1", then a line "size hash name" per file of db, by name.
 *                hash = XXH3, 128 bits, hexadecimal. A copy without it was never finished.
 *
 * Restoring copies into a folder beside the target, checking sizes and hashes on the way, and renames that into
 * place: the target is there whole or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "store/store_inside.h"

enum { PIECE = 1 << 20, MANIFEST_MAX = 64 << 20, HASH_TEXT = 32, ROW_TEXT = 512 };
#define MANIFEST_HEAD "marquee backup 1\n"

/* One copying: the buffer, and the lines of the manifest. */
struct copying {
    char *piece;
    const char *to; /* folder */
    struct buf manifest;
};

static int write_whole(int fd, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t done = write(fd, p, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return done == 0 ? ENOSPC : errno;
        p += done;
        n -= (size_t)done;
    }
    return 0;
}

/* The hash of a file is the hash of its pieces' hashes. */
static int pour(int in, int out, char *piece, uint64_t *ret_size, struct hash128 *ret_hash)
{
    struct {
        struct hash128 so_far, piece;
    } chain = {0};
    uint64_t size = 0;
    for (;;) {
        size_t have = 0;
        ssize_t n = 0;
        while (have < PIECE && (n = read(in, piece + have, PIECE - have)) > 0)
            have += (size_t)n;
        if (n < 0)
            return errno;
        if (have == 0)
            break;
        chain.piece = hash128(piece, have);
        chain.so_far = hash128(&chain, sizeof(chain));
        size += have;
        int failed = write_whole(out, piece, have);
        if (failed)
            return failed;
    }
    *ret_size = size;
    *ret_hash = chain.so_far;
    return fsync(out) == 0 ? 0 : errno;
}

static int copy_file(const char *from, const char *to, char *piece, uint64_t *ret_size,
                     struct hash128 *ret_hash, struct mq_error *err)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0)
        return mq_fail_errno(err, errno, "copy: %s", from);
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    int failed = out < 0 ? errno : pour(in, out, piece, ret_size, ret_hash);
    close(in);
    if (out >= 0 && close(out) != 0 && !failed)
        failed = errno;
    return failed ? mq_fail_errno(err, failed, "copy: %s", to) : 0;
}

static int copy_listed(void *ctx, const char *path, const char *name, struct mq_error *err)
{
    struct copying *c = ctx;
    char to[FOLDER_PATH_MAX];
    uint64_t size = 0;
    struct hash128 hash = {0, 0};
    int rc = folder_join(to, c->to, name, err);
    if (rc == 0)
        rc = copy_file(path, to, c->piece, &size, &hash, err);
    if (rc)
        return rc;
    buf_printf(&c->manifest, "%" PRIu64 " %016" PRIx64 "%016" PRIx64 " %s\n", size, hash.hi,
               hash.lo, name);
    return c->manifest.failed ? mq_fail(err, MQ_NO_MEMORY, "backup: too many files") : 0;
}

/* What the checkpoint made are links to the live tables: a fault in one would be a fault in both. */
static int copy_checkpoint(const char *links, const char *to, struct mq_error *err)
{
    char db[FOLDER_PATH_MAX], path[FOLDER_PATH_MAX];
    struct copying c = {.piece = malloc(PIECE), .to = db};
    buf_init(&c.manifest, MANIFEST_MAX);
    buf_add_z(&c.manifest, MANIFEST_HEAD);
    int rc =
        c.piece ? folder_join(db, to, "db", err) : mq_fail(err, MQ_NO_MEMORY, "backup: no memory");
    if (rc == 0)
        rc = file_make_dirs(db, err);
    if (rc == 0)
        rc = folder_each(links, copy_listed, &c, err);
    if (rc == 0)
        rc = folder_sync(db, err);
    if (rc == 0)
        rc = folder_join(path, to, "MANIFEST", err);
    if (rc == 0)
        rc = file_write(path, buf_str(&c.manifest), 0644, err);
    free(c.piece);
    buf_release(&c.manifest);
    return rc;
}

static int checkpoint(const struct store *s, const char *to, struct mq_error *err)
{
    char *message = NULL;
    rocksdb_checkpoint_t *c = rocksdb_checkpoint_object_create(s->live->db, &message);
    if (!message) {
        rocksdb_checkpoint_create(c, to, 0, &message);
        rocksdb_checkpoint_object_destroy(c);
    }
    return message ? store_fail(err, message, "backup") : 0;
}

static int write_schema(const char *to, struct mq_error *err)
{
    char path[FOLDER_PATH_MAX], text[16];
    int rc = folder_join(path, to, "schema", err);
    if (rc)
        return rc;
    int n = snprintf(text, sizeof(text), "%d\n", STORE_SCHEMA);
    return file_write(path, (struct str){text, (size_t)n}, 0644, err);
}

/* The checkpoint lies in the live folder for a moment, so that its tables are links and not copies. */
static int back_up(const struct store *s, const char *to, struct mq_error *err)
{
    char links[FOLDER_PATH_MAX];
    int rc = folder_join(links, s->dir, STORE_CHECKPOINT, err);
    if (rc)
        return rc;
    folder_remove(links);
    rc = store_enter(s, err);
    if (rc)
        return rc;
    rc = checkpoint(s, links, err);
    store_leave(s);
    if (rc == 0)
        rc = file_make_dirs(to, err);
    if (rc == 0)
        rc = write_schema(to, err);
    if (rc == 0)
        rc = copy_checkpoint(links, to, err);
    folder_remove(links);
    return rc;
}

static int sync_parent(const char *path, struct mq_error *err)
{
    char parent[FOLDER_PATH_MAX];
    int rc = folder_join(parent, path, "..", err);
    return rc ? rc : folder_sync(parent, err);
}

int store_backup(struct store *s, const char *to, struct mq_error *err)
{
    int rc = folder_must_be_empty(to, err);
    if (rc)
        return rc;
    int failed = atomic_load(&s->failed);
    if (failed)
        return mq_fail(err, failed,
                       "backup: %s: a write failed and was not made good yet: write again first",
                       s->dir);
    pthread_mutex_lock(&s->live->backup_lock);
    rc = back_up(s, to, err);
    pthread_mutex_unlock(&s->live->backup_lock);
    if (rc)
        folder_remove(to);
    return rc ? rc : sync_parent(to, err);
}

/* "size hash name" */
static bool parse_line(struct str line, uint64_t *ret_size, struct hash128 *ret_hash,
                       struct str *ret_name)
{
    struct str size = str_cut(&line, ' ');
    struct str hash = str_cut(&line, ' ');
    uint64_t half[2] = {0, 0};
    if (!str_to_u64(size, ret_size) || hash.n != HASH_TEXT || line.n == 0 ||
        str_find(line, '/') < line.n)
        return false;
    for (size_t i = 0; i < HASH_TEXT; i++) {
        const char *digits = "0123456789abcdef", *at = strchr(digits, hash.p[i]);
        if (!at || !*at)
            return false;
        half[i / 16] = half[i / 16] << 4 | (uint64_t)(at - digits);
    }
    *ret_hash = (struct hash128){half[0], half[1]};
    *ret_name = line;
    return true;
}

static int restore_file(const char *from, struct str line, const struct copying *c,
                        struct mq_error *err)
{
    uint64_t size = 0, expected_size = 0;
    struct hash128 hash = {0, 0}, expected = {0, 0};
    struct str name;
    if (!parse_line(line, &expected_size, &expected, &name) || name.n >= ROW_TEXT)
        return mq_fail(err, MQ_CORRUPT, "backup: %s: its manifest is damaged: use another one",
                       from);
    char file[ROW_TEXT], in[FOLDER_PATH_MAX], in_db[FOLDER_PATH_MAX], out[FOLDER_PATH_MAX];
    memcpy(file, name.p, name.n);
    file[name.n] = 0;
    int rc = folder_join(in_db, from, "db", err);
    if (rc == 0)
        rc = folder_join(in, in_db, file, err);
    if (rc == 0)
        rc = folder_join(out, c->to, file, err);
    if (rc == 0)
        rc = copy_file(in, out, c->piece, &size, &hash, err);
    if (rc == MQ_NOT_FOUND)
        return mq_fail(err, MQ_CORRUPT, "backup: %s: is missing: use another one", in);
    if (rc == 0 && (size != expected_size || hash.hi != expected.hi || hash.lo != expected.lo))
        return mq_fail(err, MQ_CORRUPT, "backup: %s: is not what was written: use another one", in);
    return rc;
}

static int restore_files(const char *from, const char *to, struct str manifest,
                         struct mq_error *err)
{
    char db[FOLDER_PATH_MAX];
    struct copying c = {.piece = malloc(PIECE), .to = db};
    int rc =
        c.piece ? folder_join(db, to, "db", err) : mq_fail(err, MQ_NO_MEMORY, "restore: no memory");
    if (rc == 0)
        rc = file_make_dirs(db, err);
    struct str rest = manifest;
    while (rc == 0 && rest.n > 0) {
        struct str line = str_cut(&rest, '\n');
        rc = restore_file(from, line, &c, err);
    }
    if (rc == 0)
        rc = folder_sync(db, err);
    free(c.piece);
    return rc;
}

static int restore_into(const char *from, const char *to, struct mq_error *err)
{
    char path[FOLDER_PATH_MAX];
    struct buf manifest;
    int rc = folder_join(path, from, "MANIFEST", err);
    if (rc)
        return rc;
    if (!file_exists(path))
        return mq_fail(err, MQ_NOT_FOUND,
                       "backup: %s: has no MANIFEST: it is no backup, or was never finished", from);
    buf_init(&manifest, MANIFEST_MAX);
    rc = file_read(path, &manifest, err);
    struct str text = buf_str(&manifest);
    size_t head = sizeof(MANIFEST_HEAD) - 1;
    if (rc == 0 && (!str_starts(text, STR(MANIFEST_HEAD)) || text.p[text.n - 1] != '\n'))
        rc = mq_fail(err, MQ_CORRUPT, "backup: %s: its manifest is damaged or of a newer Marquee",
                     from);
    if (rc == 0)
        rc = restore_files(from, to, (struct str){text.p + head, text.n - head}, err);
    buf_release(&manifest);
    return rc;
}

/* A backup of a newer Marquee is refused before anything is copied, by its schema file. */
static int copy_schema(const char *from, const char *to, struct mq_error *err)
{
    char in[FOLDER_PATH_MAX], storage[64];
    struct buf text;
    uint64_t schema = 0;
    int rc = folder_join(in, from, "schema", err);
    if (rc)
        return rc;
    buf_over(&text, storage, sizeof(storage));
    rc = file_read(in, &text, err);
    if (rc)
        return rc;
    if (!str_to_u64(str_trim(buf_str(&text)), &schema))
        return mq_fail(err, MQ_CORRUPT, "backup: %s: is no number: use another one", in);
    if (schema > STORE_SCHEMA)
        return mq_fail(err, MQ_VERSION,
                       "backup: %s: has schema %" PRIu64 ", this Marquee knows up to %d", from,
                       schema, STORE_SCHEMA);
    char out[FOLDER_PATH_MAX];
    rc = folder_join(out, to, "schema", err);
    return rc ? rc : file_write(out, buf_str(&text), 0644, err);
}

/* rename(2) takes the place of an empty folder. */
static int move_into_place(const char *from, const char *to, struct mq_error *err)
{
    int rc = folder_sync(from, err);
    if (rc)
        return rc;
    if (rename(from, to) != 0)
        return mq_fail_errno(err, errno, "restore: %s", to);
    return sync_parent(to, err);
}

int store_restore(const char *from, const char *to, struct mq_error *err)
{
    char beside[FOLDER_PATH_MAX];
    int rc = folder_must_be_empty(to, err);
    if (rc)
        return rc;
    struct str target = str_of(to);
    while (target.n > 1 && target.p[target.n - 1] == '/')
        target.n--;
    int n = snprintf(beside, sizeof(beside), "%.*s.restoring", (int)target.n, target.p);
    if (n < 0 || (size_t)n >= sizeof(beside))
        return mq_fail(err, MQ_INVALID, "restore: %.60s...: the path is too long", to);
    folder_remove(beside);
    rc = file_make_dirs(beside, err);
    if (rc == 0)
        rc = copy_schema(from, beside, err);
    if (rc == 0)
        rc = restore_into(from, beside, err);
    if (rc == 0)
        rc = move_into_place(beside, to, err);
    if (rc)
        folder_remove(beside);
    return rc;
}
