#include "engine/dead_letters.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json_writer.h"

enum { PATH_BYTES = 4200 };

struct dead_letters {
    char now[PATH_BYTES], before[PATH_BYTES];
    pthread_mutex_t lock;
    struct buf waiting; /* whole lines */
    struct buf writing; /* the committer's: swapped with it */
};

int dead_letters_new(const char *dir, struct dead_letters **ret, struct mq_error *err)
{
    struct dead_letters *d = calloc(1, sizeof(*d));
    if (!d || strlen(dir) > PATH_BYTES - 40) {
        free(d);
        return mq_fail(err, MQ_NO_MEMORY, "dead letters: no memory");
    }
    snprintf(d->now, sizeof(d->now), "%s/dead-letters.ndjson", dir);
    snprintf(d->before, sizeof(d->before), "%s/dead-letters.1.ndjson", dir);
    pthread_mutex_init(&d->lock, NULL);
    buf_init(&d->waiting, DEAD_WAITING_MAX);
    buf_init(&d->writing, DEAD_WAITING_MAX);
    *ret = d;
    return 0;
}

void dead_letters_free(struct dead_letters *d)
{
    if (!d)
        return;
    dead_letters_flush(d);
    pthread_mutex_destroy(&d->lock);
    buf_release(&d->waiting);
    buf_release(&d->writing);
    free(d);
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (unsigned char)c >= 0x80;
}

/* Never half a text: it could be half of an id, which an erasure would not find. */
static struct str beginning(struct str raw)
{
    if (raw.n <= DEAD_RAW_MAX)
        return raw;
    size_t n = DEAD_RAW_MAX;
    while (n > 0 && raw.p[n - 1] != '"' && raw.p[n - 1] != ',' && raw.p[n - 1] != ' ')
        n--;
    return (struct str){raw.p, n};
}

bool dead_letters_add(struct dead_letters *d, int64_t at_ms, struct str source, struct str reason,
                      struct str raw)
{
    char time[48];
    struct buf at;
    struct json j;
    buf_over(&at, time, sizeof(time));
    time_format(&at, at_ms);
    pthread_mutex_lock(&d->lock);
    size_t start = d->waiting.n;
    json_init(&j, &d->waiting);
    json_object(&j);
    json_kv_str(&j, "at", buf_str(&at));
    json_kv_str(&j, "source", source);
    json_kv_str(&j, "reason", reason);
    json_kv_str(&j, "raw", beginning(raw));
    json_object_end(&j);
    buf_add_char(&d->waiting, '\n');
    if (d->waiting.failed) {
        d->waiting.n = start;
        d->waiting.failed = false;
    }
    bool first = start == 0 && d->waiting.n > 0;
    pthread_mutex_unlock(&d->lock);
    return first;
}

static bool write_all(int fd, struct str s)
{
    while (s.n > 0) {
        ssize_t n = write(fd, s.p, s.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        s = (struct str){s.p + n, s.n - (size_t)n};
    }
    return true;
}

/* What cannot be written is lost: these are letters that nobody could deliver. */
void dead_letters_flush(struct dead_letters *d)
{
    struct stat st;
    pthread_mutex_lock(&d->lock);
    struct buf full = d->waiting;
    d->waiting = d->writing;
    d->writing = full;
    pthread_mutex_unlock(&d->lock);
    if (d->writing.n == 0)
        return;
    if (stat(d->now, &st) == 0 && (size_t)st.st_size + d->writing.n > DEAD_FILE_MAX)
        (void)rename(d->now, d->before);
    int fd = open(d->now, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0) {
        (void)write_all(fd, buf_str(&d->writing));
        close(fd);
    }
    buf_reset(&d->writing);
}

/* The last `max` bytes of a file, or all of it. */
static int read_tail(const char *path, size_t max, struct buf *out, struct mq_error *err)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : mq_fail_errno(err, errno, "%s", path);
    int rc = fstat(fd, &st) == 0 ? 0 : mq_fail_errno(err, errno, "%s", path);
    off_t at = rc == 0 && (size_t)st.st_size > max ? st.st_size - (off_t)max : 0;
    while (rc == 0 && out->n < max) {
        char part[16384];
        size_t want = max - out->n < sizeof(part) ? max - out->n : sizeof(part);
        ssize_t n = pread(fd, part, want, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            rc = mq_fail_errno(err, errno, "%s", path);
        if (n <= 0)
            break;
        buf_add(out, part, (size_t)n);
        at += n;
    }
    close(fd);
    return rc;
}

int dead_letters_read(struct dead_letters *d, size_t max, struct buf *out, struct mq_error *err)
{
    struct buf all;
    buf_init(&all, DEAD_FILE_MAX + DEAD_WAITING_MAX);
    int rc = read_tail(d->now, max < DEAD_FILE_MAX ? max : DEAD_FILE_MAX, &all, err);
    pthread_mutex_lock(&d->lock);
    buf_add_str(&all, buf_str(&d->waiting));
    pthread_mutex_unlock(&d->lock);
    if (rc == 0 && all.failed)
        rc = mq_fail(err, MQ_NO_MEMORY, "dead letters: no memory to read them");
    struct str text = buf_str(&all);
    /* Both ends may be in the middle of a line. */
    while (rc == 0 && text.n > 0 && (text.n > max || text.p[0] != '{')) {
        size_t line = str_find(text, '\n');
        size_t cut = line < text.n ? line + 1 : text.n;
        text = (struct str){text.p + cut, text.n - cut};
    }
    while (text.n > 0 && text.p[text.n - 1] != '\n')
        text.n--;
    if (rc == 0)
        buf_add_str(out, text);
    buf_release(&all);
    return rc;
}

/* ---------------------------------------------------------------- erasure */

static bool four_digits(struct str s, size_t at, unsigned *ret)
{
    unsigned v = 0;
    for (size_t i = at; i < at + 4; i++) {
        if (i >= s.n || str_hex(s.p[i]) < 0)
            return false;
        v = v * 16 + (unsigned)str_hex(s.p[i]);
    }
    *ret = v;
    return true;
}

static void add_character(struct buf *out, unsigned c)
{
    if (c < 0x80) {
        buf_add_char(out, (char)c);
    } else if (c < 0x800) {
        buf_add_char(out, (char)(0xc0 | c >> 6));
        buf_add_char(out, (char)(0x80 | (c & 0x3f)));
    } else if (c < 0x10000) {
        buf_add_char(out, (char)(0xe0 | c >> 12));
        buf_add_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
        buf_add_char(out, (char)(0x80 | (c & 0x3f)));
    } else {
        buf_add_char(out, (char)(0xf0 | c >> 18));
        buf_add_char(out, (char)(0x80 | (c >> 12 & 0x3f)));
        buf_add_char(out, (char)(0x80 | (c >> 6 & 0x3f)));
        buf_add_char(out, (char)(0x80 | (c & 0x3f)));
    }
}

/* JSON's escapes undone wherever they stand. */
static void unescape(struct str s, struct buf *out)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned c, low;
        if (s.p[i] != '\\' || i + 1 == s.n) {
            buf_add_char(out, s.p[i]);
        } else if (s.p[i + 1] == 'u' && four_digits(s, i + 2, &c)) {
            i += 5;
            bool pair = c >= 0xd800 && c < 0xdc00 && i + 2 < s.n && s.p[i + 1] == '\\' &&
                        s.p[i + 2] == 'u' && four_digits(s, i + 3, &low) && low >= 0xdc00 &&
                        low < 0xe000;
            if (pair) {
                c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
                i += 6;
            }
            add_character(out, c);
        } else {
            buf_add_char(out, s.p[++i]);
        }
    }
}

static bool has_word(struct str text, struct str id)
{
    for (size_t at = 0; id.n > 0 && at + id.n <= text.n; at++) {
        const char *p = memmem(text.p + at, text.n - at, id.p, id.n);
        if (!p)
            return false;
        at = (size_t)(p - text.p);
        bool left = at > 0 && is_word(text.p[at - 1]) && is_word(id.p[0]);
        bool right = at + id.n < text.n && is_word(text.p[at + id.n]) && is_word(id.p[id.n - 1]);
        if (!left && !right)
            return true;
    }
    return false;
}

/* `scratch`: three texts as long as a line may be. */
static bool names_one(struct str line, const struct str *ids, size_t n, struct buf *scratch)
{
    buf_reset(&scratch[0]);
    buf_reset(&scratch[1]);
    unescape(line, &scratch[0]);                 /* of our writing */
    unescape(buf_str(&scratch[0]), &scratch[1]); /* of the sender's */
    for (size_t i = 0; i < n; i++) {
        if (has_word(line, ids[i]) || has_word(buf_str(&scratch[0]), ids[i]) ||
            has_word(buf_str(&scratch[1]), ids[i]))
            return true;
    }
    return scratch[0].failed || scratch[1].failed;
}

static int erase_in(const char *path, const struct str *ids, size_t n, uint64_t *removed,
                    struct mq_error *err)
{
    struct buf all, kept, scratch[2];
    buf_init(&all, DEAD_FILE_MAX + DEAD_WAITING_MAX);
    buf_init(&kept, DEAD_FILE_MAX + DEAD_WAITING_MAX);
    buf_init(&scratch[0], DEAD_WAITING_MAX);
    buf_init(&scratch[1], DEAD_WAITING_MAX);
    uint64_t gone = 0;
    int rc = file_exists(path) ? file_read(path, &all, err) : 0;
    struct str rest = buf_str(&all);
    while (rc == 0 && rest.n > 0) {
        struct str line = str_cut(&rest, '\n');
        if (line.n == 0)
            continue;
        if (names_one(line, ids, n, scratch)) {
            gone++;
            continue;
        }
        buf_add_str(&kept, line);
        buf_add_char(&kept, '\n');
    }
    if (rc == 0 && kept.failed)
        rc = mq_fail(err, MQ_NO_MEMORY, "dead letters: no memory to erase from them");
    if (rc == 0 && gone > 0)
        rc = file_write(path, buf_str(&kept), 0600, err);
    if (rc == 0)
        *removed += gone;
    buf_release(&all);
    buf_release(&kept);
    buf_release(&scratch[0]);
    buf_release(&scratch[1]);
    return rc;
}

int dead_letters_erase(struct dead_letters *d, const struct str *ids, size_t n,
                       uint64_t *ret_removed, struct mq_error *err)
{
    uint64_t removed = 0;
    dead_letters_flush(d);
    int rc = erase_in(d->now, ids, n, &removed, err);
    if (rc == 0)
        rc = erase_in(d->before, ids, n, &removed, err);
    if (rc == 0)
        *ret_removed = removed;
    return rc;
}
