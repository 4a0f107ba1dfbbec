/* test_backup.c - copies while writes go on, and folders from copies. */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "store/sample.h"

enum { BATCH = 50, BACKUPS = 4 };

struct writer {
    struct store *store;
    atomic_bool stop;
    unsigned number;
};

static void append_batch(struct store *s, unsigned *number)
{
    struct sample samples[BATCH];
    struct event events[BATCH];
    uint8_t outcome[BATCH];
    for (unsigned i = 0; i < BATCH; i++, ++*number) {
        sample_play(&samples[i], *number % 30, *number % 70, *number, SAMPLE_DAY + *number);
        events[i] = samples[i].e;
    }
    assert_ok(store_append(s, events, BATCH, SAMPLE_DAY, outcome, &test_err));
}

static void *write_on(void *ctx)
{
    struct writer *w = ctx;
    while (!atomic_load(&w->stop))
        append_batch(w->store, &w->number);
    return NULL;
}

static void a_backup_while_writes_go_on(void **state)
{
    struct sample_folder *f = *state;
    struct writer w = {.store = sample_open(f->dir)};
    pthread_t thread;
    append_batch(w.store, &w.number);
    uint64_t before[BACKUPS], after[BACKUPS];
    char to[700], restored[700];
    assert_int_equal(pthread_create(&thread, NULL, write_on, &w), 0);
    struct mq_error err;
    for (int i = 0; i < BACKUPS; i++) {
        snprintf(to, sizeof(to), "%s/backup-%d", f->other, i);
        before[i] = store_last_seq(w.store);
        int rc = store_backup(w.store, to, &err);
        if (rc)
            fail_msg("backup: %s", err.text);
        after[i] = store_last_seq(w.store);
    }
    atomic_store(&w.stop, true);
    pthread_join(thread, NULL);
    store_close(w.store);
    for (int i = 0; i < BACKUPS; i++) {
        snprintf(to, sizeof(to), "%s/backup-%d", f->other, i);
        snprintf(restored, sizeof(restored), "%s/restored-%d/", f->other, i);
        assert_ok(store_restore(to, restored, &test_err));
        struct store *s = sample_open(restored);
        /* A batch may be in the store already, and not be told yet. */
        assert_in_range(store_last_seq(s), before[i], after[i] + BATCH);
        assert_int_equal(store_last_seq(s) % BATCH, 0);
        assert_int_equal(sample_events(s), store_last_seq(s));
        sample_check(s);
        unsigned number = 1000000;
        append_batch(s, &number);
        store_close(s);
    }
}

/* A backup of 50 events in `other`. */
static void make_backup(const struct sample_folder *f)
{
    struct store *s = sample_open(f->dir);
    unsigned number = 0;
    append_batch(s, &number);
    assert_ok(store_backup(s, f->other, &test_err));
    store_close(s);
}

static void targets_must_be_empty(void **state)
{
    struct sample_folder *f = *state;
    char target[600];
    make_backup(f);
    struct store *s = sample_open(f->dir);
    assert_fails(MQ_CONFLICT, store_backup(s, f->other, &test_err));
    store_close(s);
    assert_fails(MQ_CONFLICT, store_restore(f->other, f->dir, &test_err));
    snprintf(target, sizeof(target), "%s/file", f->dir);
    assert_ok(file_write(target, STR("x"), 0600, &test_err));
    assert_fails(MQ_CONFLICT, store_restore(f->other, target, &test_err));
    snprintf(target, sizeof(target), "%s/empty", f->dir);
    assert_int_equal(mkdir(target, 0700), 0);
    assert_ok(store_restore(f->other, target, &test_err));
    s = sample_open(target);
    assert_int_equal(sample_events(s), 50);
    store_close(s);
}

struct files {
    char names[64][64];
    size_t n;
};

static void list_files(const char *dir, struct files *files)
{
    DIR *d = opendir(dir);
    assert_non_null(d);
    files->n = 0;
    for (struct dirent *entry; files->n < 64 && (entry = readdir(d)) != NULL;) {
        if (entry->d_type == DT_REG)
            snprintf(files->names[files->n++], 64, "%.63s", entry->d_name);
    }
    closedir(d);
    assert_true(files->n > 2);
}

static void flip(const char *path, off_t at)
{
    char c;
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &c, 1, at), 1);
    c = (char)(c ^ 1);
    assert_int_equal(pwrite(fd, &c, 1, at), 1);
    close(fd);
}

static void damaged_backups_are_refused(void **state)
{
    struct sample_folder *f = *state;
    char db[600], path[800], moved[900], target[600];
    struct files files;
    make_backup(f);
    snprintf(db, sizeof(db), "%s/db", f->other);
    snprintf(target, sizeof(target), "%s/restored", f->dir);
    list_files(db, &files);
    for (size_t i = 0; i < files.n; i++) {
        struct stat st;
        snprintf(path, sizeof(path), "%s/%s", db, files.names[i]);
        snprintf(moved, sizeof(moved), "%s.moved", path);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_nlink, 1);
        if (st.st_size > 0) {
            flip(path, st.st_size / 2);
            assert_fails(MQ_CORRUPT, store_restore(f->other, target, &test_err));
            flip(path, st.st_size / 2);
        }
        assert_int_equal(rename(path, moved), 0);
        assert_fails(MQ_CORRUPT, store_restore(f->other, target, &test_err));
        assert_int_equal(rename(moved, path), 0);
        assert_false(file_exists(target));
    }
    snprintf(path, sizeof(path), "%s/schema", f->other);
    assert_ok(file_write(path, STR("2\n"), 0600, &test_err));
    assert_fails(MQ_VERSION, store_restore(f->other, target, &test_err));
    assert_ok(file_write(path, STR("1\n"), 0600, &test_err));
    assert_ok(store_restore(f->other, target, &test_err));
    snprintf(path, sizeof(path), "%s/MANIFEST", f->other);
    flip(path, 0);
    snprintf(target, sizeof(target), "%s/another", f->dir);
    assert_fails(MQ_CORRUPT, store_restore(f->other, target, &test_err));
    assert_int_equal(unlink(path), 0);
    assert_fails(MQ_NOT_FOUND, store_restore(f->other, target, &test_err));
    assert_false(file_exists(target));
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, sample_setup, sample_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_backup_while_writes_go_on),
        CASE(targets_must_be_empty),
        CASE(damaged_backups_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
