#include "support/check.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static int set_up(void **state)
{
    *state = strdup(test_dir());
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    test_dir_remove(*state);
    free(*state);
    return 0;
}

static const char *in(void **state, const char *name)
{
    static char path[4096];
    snprintf(path, sizeof(path), "%s/%s", (const char *)*state, name);
    return path;
}

static void writes_and_reads(void **state)
{
    struct buf b;
    buf_init(&b, 300000);
    char *big = malloc(200000);
    assert_non_null(big);
    memset(big, 'b', 200000);
    assert_ok(file_write(in(state, "f"), (struct str){big, 200000}, 0600, &test_err));
    assert_ok(file_read(in(state, "f"), &b, &test_err));
    assert_true(str_eq(buf_str(&b), (struct str){big, 200000}));
    assert_ok(file_write(in(state, "f"), STR("new"), 0600, &test_err));
    buf_reset(&b);
    buf_add_z(&b, "before ");
    assert_ok(file_read(in(state, "f"), &b, &test_err));
    assert_str("before new", buf_str(&b));
    assert_ok(file_write(in(state, "empty"), STR_NONE, 0600, &test_err));
    assert_ok(file_read(in(state, "empty"), &b, &test_err));
    assert_str("before new", buf_str(&b));
    struct stat st;
    assert_int_equal(stat(in(state, "f"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    free(big);
    buf_release(&b);
}

/* Nothing temporary stays behind, whether it worked or not. */
static void leaves_no_litter(void **state)
{
    assert_ok(file_write(in(state, "f"), STR("x"), 0600, &test_err));
    assert_ok(file_make_dirs(in(state, "taken/inner"), &test_err));
    assert_true(file_write(in(state, "taken"), STR("x"), 0600, &test_err) < 0);
    assert_fails(MQ_NOT_FOUND, file_write(in(state, "none/f"), STR("x"), 0600, &test_err));
    size_t n = 0;
    DIR *d = opendir(*state);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d)) != NULL;)
        n += e->d_name[0] != '.';
    closedir(d);
    assert_int_equal(n, 2);
}

static void read_limits(void **state)
{
    char storage[8] = "ab";
    struct buf b;
    buf_over(&b, storage, 8);
    b.n = 2;
    assert_ok(file_write(in(state, "six"), STR("123456"), 0600, &test_err));
    assert_ok(file_write(in(state, "seven"), STR("1234567"), 0600, &test_err));
    assert_fails(MQ_TOO_LARGE, file_read(in(state, "seven"), &b, &test_err));
    assert_true(b.n == 2 && !b.failed);
    assert_ok(file_read(in(state, "six"), &b, &test_err));
    assert_str("ab123456", buf_str(&b));
    b.n = 2;
    assert_fails(MQ_INVALID, file_read(*state, &b, &test_err));
    assert_fails(MQ_NOT_FOUND, file_read(in(state, "none"), &b, &test_err));
    /* A size of 0 that is not true. */
    assert_fails(MQ_TOO_LARGE, file_read("/proc/self/status", &b, &test_err));
    assert_int_equal(b.n, 2);
    struct buf heap;
    buf_init(&heap, 1 << 20);
    assert_ok(file_read("/proc/self/status", &heap, &test_err));
    assert_true(heap.n > 100);
    buf_release(&heap);
}

static void folders(void **state)
{
    assert_ok(file_make_dirs(in(state, "a//b/c/"), &test_err));
    assert_ok(file_make_dirs(in(state, "a/b/c"), &test_err));
    assert_true(file_is_dir(in(state, "a/b/c")));
    assert_ok(file_write(in(state, "a/f"), STR("x"), 0600, &test_err));
    assert_true(file_exists(in(state, "a/f")) && !file_is_dir(in(state, "a/f")));
    assert_false(file_exists(in(state, "a/g")));
    assert_fails(MQ_INVALID, file_make_dirs(in(state, "a/f"), &test_err));
    assert_fails(MQ_INVALID, file_make_dirs(in(state, "a/f/deeper"), &test_err));
    assert_fails(MQ_INVALID, file_make_dirs("", &test_err));
    assert_ok(file_make_dirs("/", &test_err));
}

static void maps(void **state)
{
    struct file_map m = {NULL, 77};
    assert_fails(MQ_NOT_FOUND, file_map_open(in(state, "none"), &m, &test_err));
    assert_fails(MQ_INVALID, file_map_open(*state, &m, &test_err));
    assert_fails(MQ_INVALID, file_map_open("/dev/null", &m, &test_err));
    assert_int_equal(m.n, 77);
    assert_ok(file_write(in(state, "f"), STR("mapped"), 0600, &test_err));
    assert_ok(file_map_open(in(state, "f"), &m, &test_err));
    assert_str("mapped", ((struct str){m.p, m.n}));
    file_map_close(&m);
    assert_ok(file_write(in(state, "f"), STR_NONE, 0600, &test_err));
    assert_ok(file_map_open(in(state, "f"), &m, &test_err));
    assert_true(m.p == NULL && m.n == 0);
    file_map_close(&m);
    file_map_close(NULL);
}

int main(void)
{
#define FILE_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        FILE_TEST(writes_and_reads),
        FILE_TEST(leaves_no_litter),
        FILE_TEST(read_limits),
        FILE_TEST(folders),
        FILE_TEST(maps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
