/* test_open.c - what is refused at the door, and the way from an older schema. */
#include <dirent.h>
#include <fcntl.h>
#include <rocksdb/c.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "store/sample.h"
#include "support/child.h"

static void must_exist(void **state)
{
    struct sample_folder *f = *state;
    struct store_options options = {.must_exist = true};
    struct store *s = NULL;
    assert_fails(MQ_NOT_FOUND, store_open(f->other, &options, &s, &test_err));
    assert_false(file_exists(f->other));
    assert_fails(MQ_NOT_FOUND, store_open(f->dir, &options, &s, &test_err));
    assert_null(s);
    store_close(sample_open(f->dir));
    assert_ok(store_open(f->dir, &options, &s, &test_err));
    store_close(s);
    store_close(NULL);
}

static void a_file_in_the_way(void **state)
{
    struct sample_folder *f = *state;
    struct store *s = NULL;
    assert_ok(file_write(f->other, STR("x"), 0600, &test_err));
    assert_fails(MQ_INVALID, store_open(f->other, NULL, &s, &test_err));
    assert_non_null(strstr(test_err.text, f->other));
    assert_int_equal(unlink(f->other), 0);
    assert_ok(file_write(f->db, STR("x"), 0600, &test_err));
    assert_true(store_open(f->dir, NULL, &s, &test_err) < 0);
    assert_null(s);
}

static void openings_leave_nothing_behind(void **state)
{
    struct sample_folder *f = *state;
    for (int i = 0; i < 3; i++)
        store_close(sample_open(f->dir));
    DIR *d = opendir(f->db);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d)) != NULL;)
        assert_null(strstr(e->d_name, ".dbtmp"));
    closedir(d);
}

static void an_unwritable_folder(void **state)
{
    struct sample_folder *f = *state;
    struct store *s = NULL;
    if (geteuid() == 0) {
        print_message("skipped: root may write anywhere\n");
        skip();
    }
    assert_int_equal(chmod(f->dir, 0500), 0);
    assert_fails(MQ_IO, store_open(f->dir, NULL, &s, &test_err));
    assert_int_equal(chmod(f->dir, 0700), 0);
}

/* args: a folder that another process has open. */
static void open_locked(int out, char **args)
{
    struct store *s = NULL;
    (void)out;
    if (store_open(args[0], NULL, &s, &test_err) != MQ_LOCKED)
        _exit(1);
}

static void one_at_a_time(void **state)
{
    struct sample_folder *f = *state;
    struct store *s = sample_open(f->dir), *second = NULL;
    assert_fails(MQ_LOCKED, store_open(f->dir, NULL, &second, &test_err));
    assert_null(second);
    struct child c;
    child_start(&c, "open_locked", (const char *const[]){f->dir, NULL});
    assert_int_equal(child_wait(&c), 0);
    struct sample one;
    sample_play(&one, 1, 1, 1, SAMPLE_DAY);
    assert_int_equal(sample_append(s, &one), APPEND_ADDED);
    store_close(s);
    store_close(sample_open(f->dir));
}

/* --- schemas --- */

static const char *const families[] = {"default",   "events",  "seen",     "names",
                                       "catalogue", "viewers", "profiles", "meta"};
enum { FAMILIES = sizeof(families) / sizeof(families[0]), META = FAMILIES - 1 };

/* Sets the schema's number in the meta family and drops the counters, as RocksDB itself would. The seen family's
 * memtable needs its prefix. */
static void make_schema(const struct sample_folder *f, unsigned schema, bool counters)
{
    char *message = NULL;
    rocksdb_options_t *o = rocksdb_options_create(), *each[FAMILIES];
    rocksdb_column_family_handle_t *cf[FAMILIES];
    for (int i = 0; i < FAMILIES; i++) {
        each[i] = rocksdb_options_create();
        if (i == 2)
            rocksdb_options_set_prefix_extractor(each[i],
                                                 rocksdb_slicetransform_create_fixed_prefix(20));
    }
    rocksdb_t *db = rocksdb_open_column_families(
        o, f->db, FAMILIES, families, (const rocksdb_options_t *const *)each, cf, &message);
    assert_null(message);
    rocksdb_writeoptions_t *w = rocksdb_writeoptions_create();
    const char value[5] = {1, (char)schema, 0, 0, 0};
    rocksdb_put_cf(db, w, cf[META], "\0schema", 7, value, sizeof(value), &message);
    assert_null(message);
    if (!counters)
        rocksdb_delete_cf(db, w, cf[META], "\0counters", 9, &message);
    assert_null(message);
    for (int i = 0; i < FAMILIES; i++) {
        rocksdb_column_family_handle_destroy(cf[i]);
        rocksdb_options_destroy(each[i]);
    }
    rocksdb_writeoptions_destroy(w);
    rocksdb_options_destroy(o);
    rocksdb_close(db);
}

static void schema_file(const struct sample_folder *f, const char *text)
{
    char path[600];
    snprintf(path, sizeof(path), "%s/schema", f->dir);
    if (text)
        assert_ok(file_write(path, str_of(text), 0600, &test_err));
    else
        assert_int_equal(unlink(path), 0);
}

static void fill(struct store *s)
{
    struct rng r;
    rng_seed(&r, test_seed());
    for (unsigned i = 0; i < 200; i++) {
        struct sample one;
        sample_random(&one, &r, i);
        sample_append(s, &one);
    }
    struct title t;
    title_init(&t);
    t.id = STR("t-described");
    t.credits = &(struct credit){.person = STR("Ann Example"), .role = ROLE_DIRECTOR};
    t.n_credits = 1;
    assert_ok(store_put_titles(s, &t, 1, NULL, &test_err));
}

static void an_older_schema_is_migrated(void **state)
{
    struct sample_folder *f = *state;
    struct store *s = sample_open(f->dir);
    fill(s);
    struct store_stats before, after;
    assert_ok(store_stats(s, &before, &test_err));
    store_close(s);
    make_schema(f, 0, false);
    schema_file(f, NULL);
    for (int round = 0; round < 2; round++) {
        s = sample_open(f->dir);
        assert_ok(store_stats(s, &after, &test_err));
        before.duplicates = 0; /* cannot be recounted */
        before.bytes_on_disk = after.bytes_on_disk;
        assert_memory_equal(&before, &after, sizeof(before));
        assert_int_equal(store_last_seq(s), 200);
        sample_check(s);
        store_close(s);
    }
    char path[600];
    snprintf(path, sizeof(path), "%s/schema", f->dir);
    assert_true(file_exists(path));
}

/* Name, size and time of change of every file, whatever their order. */
static uint64_t fingerprint(const char *dir)
{
    uint64_t sum = 0;
    DIR *d = opendir(dir);
    assert_non_null(d);
    for (struct dirent *entry; (entry = readdir(d)) != NULL;) {
        char path[900];
        struct stat st;
        snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
        if (entry->d_type != DT_REG)
            continue;
        assert_int_equal(stat(path, &st), 0);
        uint64_t h = hash_str(str_of(entry->d_name), (uint64_t)st.st_size);
        sum += hash_mix(h, (uint64_t)st.st_mtim.tv_sec * 1000000000 + (uint64_t)st.st_mtim.tv_nsec);
    }
    closedir(d);
    return sum;
}

static void a_newer_schema_is_left_alone(void **state)
{
    struct sample_folder *f = *state;
    struct store *s = sample_open(f->dir);
    fill(s);
    store_close(s);
    schema_file(f, "2\n");
    uint64_t before = fingerprint(f->db);
    s = NULL;
    assert_fails(MQ_VERSION, store_open(f->dir, NULL, &s, &test_err));
    assert_null(s);
    assert_int_equal(fingerprint(f->db), before);
    /* The number among the rows counts as well. */
    schema_file(f, "1\n");
    make_schema(f, 2, true);
    assert_fails(MQ_VERSION, store_open(f->dir, NULL, &s, &test_err));
    make_schema(f, 1, true);
    s = sample_open(f->dir);
    assert_int_equal(sample_events(s), 200);
    store_close(s);
    schema_file(f, "one\n");
    assert_fails(MQ_CORRUPT, store_open(f->dir, NULL, &s, &test_err));
}

static void lost_counters_are_no_new_folder(void **state)
{
    struct sample_folder *f = *state;
    struct store *s = sample_open(f->dir);
    fill(s);
    store_close(s);
    make_schema(f, 1, false);
    s = NULL;
    assert_fails(MQ_CORRUPT, store_open(f->dir, NULL, &s, &test_err));
    char current[600];
    snprintf(current, sizeof(current), "%s/CURRENT", f->db);
    assert_int_equal(unlink(current), 0);
    assert_fails(MQ_CORRUPT, store_open(f->dir, NULL, &s, &test_err));
    assert_null(s);
}

/* --- damage --- */

static void change_byte(const char *path, off_t at)
{
    int fd = open(path, O_RDWR);
    char c;
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &c, 1, at), 1);
    c = (char)(c ^ 0x5a);
    assert_int_equal(pwrite(fd, &c, 1, at), 1);
    close(fd);
}

/* The largest file whose name ends so. */
static off_t largest(const char *db, const char *suffix, char path[900])
{
    off_t size = -1;
    DIR *d = opendir(db);
    assert_non_null(d);
    for (struct dirent *entry; (entry = readdir(d)) != NULL;) {
        char each[900];
        struct stat st;
        snprintf(each, sizeof(each), "%s/%s", db, entry->d_name);
        if (!str_ends(str_of(entry->d_name), str_of(suffix)) || stat(each, &st) != 0 ||
            st.st_size <= size)
            continue;
        size = st.st_size;
        memcpy(path, each, sizeof(each));
    }
    closedir(d);
    assert_true(size > 0);
    return size;
}

static int read_whole(const char *dir)
{
    struct store *s = NULL;
    struct store_check check;
    int rc = store_open(dir, &sample_small, &s, &test_err);
    if (rc == 0)
        rc = store_check(s, &check, &test_err);
    store_close(s);
    return rc;
}

static void damaged_tables_are_told(void **state)
{
    struct sample_folder *f = *state;
    struct store *s = sample_open(f->dir);
    fill(s);
    assert_ok(store_compact(s, &test_err));
    store_close(s);
    char path[900];
    off_t size = largest(f->db, ".sst", path);
    for (off_t at = 3; at < size; at += size / 40) {
        change_byte(path, at);
        int rc = read_whole(f->dir);
        /* A few bytes are of no account: padding, statistics. */
        if (rc != 0)
            assert_int_equal(rc, MQ_CORRUPT);
        if (at < size / 2) /* the rows themselves */
            assert_int_equal(rc, MQ_CORRUPT);
        change_byte(path, at);
        assert_int_equal(read_whole(f->dir), 0);
        size = largest(f->db, ".sst", path);
    }
    assert_int_equal(truncate(path, size - size / 3), 0);
    assert_int_equal(read_whole(f->dir), MQ_CORRUPT);
}

/* args: the folder. A log as a killed process leaves it. */
static void leave_log(int out, char **args)
{
    struct store *s = NULL;
    struct store_options big = {.memtable_bytes = 64 << 20};
    (void)out;
    if (store_open(args[0], &big, &s, &test_err) != 0)
        _exit(1);
    fill(s);
    _exit(0);
}

static void damage_in_the_log_is_told_but_not_a_torn_end(void **state)
{
    struct sample_folder *f = *state;
    char path[900];
    struct child c;
    child_start(&c, "leave_log", (const char *const[]){f->dir, NULL});
    assert_int_equal(child_wait(&c), 0);
    off_t size = largest(f->db, ".log", path);
    change_byte(path, size / 2);
    assert_int_equal(read_whole(f->dir), MQ_CORRUPT);
    change_byte(path, size / 2);
    assert_int_equal(truncate(path, size - 3), 0);
    struct store *s = sample_open(f->dir);
    /* The last write, the catalogue's, is torn: it never was. */
    struct store_stats stats;
    assert_ok(store_stats(s, &stats, &test_err));
    assert_int_equal(stats.events, 200);
    assert_int_equal(stats.described_titles, 0);
    sample_check(s);
    store_close(s);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, sample_setup, sample_teardown)

int main(int argc, char **argv)
{
    static const struct child_role roles[] = {
        {"open_locked", open_locked}, {"leave_log", leave_log}, {NULL, NULL}};
    child_main(argc, argv, roles);
    const struct CMUnitTest tests[] = {
        CASE(must_exist),
        CASE(a_file_in_the_way),
        CASE(openings_leave_nothing_behind),
        CASE(an_unwritable_folder),
        CASE(one_at_a_time),
        CASE(an_older_schema_is_migrated),
        CASE(a_newer_schema_is_left_alone),
        CASE(lost_counters_are_no_new_folder),
        CASE(damaged_tables_are_told),
        CASE(damage_in_the_log_is_told_but_not_a_torn_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
