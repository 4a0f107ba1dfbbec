/* The folder of models: numbering, what is live, rollback, damage. */
#include "support/check.h"

#include <unistd.h>

#include "model/library.h"
#include "small_model.h"

static char dir[4096];

static int make_folder(void **state)
{
    (void)state;
    snprintf(dir, sizeof dir, "%s", test_dir());
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    test_dir_remove(dir);
    return 0;
}

static uint64_t publish(int64_t trained_ms)
{
    struct model *m = small_model(4, 3, 2, (uint64_t)trained_ms);

    m->facts.trained_ms = trained_ms;
    assert_ok(library_publish(dir, m, NULL, &test_err));
    uint64_t version = m->facts.version;
    small_model_free(m);
    return version;
}

static uint64_t live(uint64_t *refused)
{
    struct model *m;

    *refused = 99;
    assert_ok(library_open_live(dir, &m, refused, &test_err));
    uint64_t version = m->facts.version;
    model_close(m);
    return version;
}

static const char *file_of(uint64_t version)
{
    static char path[4200];

    snprintf(path, sizeof path, "%s/models/%06u.model", dir, (unsigned)version);
    return path;
}

static void damage(uint64_t version)
{
    FILE *f = fopen(file_of(version), "r+");

    assert_non_null(f);
    assert_int_equal(fseek(f, 300, SEEK_SET), 0);
    fputs("damage", f);
    fclose(f);
}

static void empty_folder_has_no_model(void **state)
{
    (void)state;
    struct model *m;
    struct model_entry e[2];
    uint64_t v;
    size_t n = 5;

    assert_fails(MQ_NO_MODEL, library_open_live(dir, &m, &v, &test_err));
    assert_fails(MQ_NO_MODEL, library_open_as_of(dir, 5, &m, &test_err));
    assert_fails(MQ_NO_MODEL, library_rollback(dir, &v, &test_err));
    assert_fails(MQ_NOT_FOUND, library_set_live(dir, 1, 0, &test_err));
    assert_ok(library_list(dir, e, 2, &n, &test_err));
    assert_int_equal(n, 0);
}

static void publishes_counts_and_rolls_back(void **state)
{
    (void)state;
    uint64_t refused, back;
    struct model *m;

    assert_int_equal(publish(100), 1);
    assert_int_equal(publish(200), 2);
    assert_int_equal(publish(300), 3);
    assert_int_equal(live(&refused), 3);
    assert_int_equal(refused, 0);
    assert_ok(library_rollback(dir, &back, &test_err));
    assert_int_equal(back, 2);
    assert_int_equal(live(&refused), 2);
    assert_int_equal(publish(400), 4); /* numbers are never given twice */
    assert_ok(library_set_live(dir, 1, 0, &test_err));
    assert_int_equal(live(&refused), 1);
    assert_fails(MQ_NOT_FOUND, library_rollback(dir, &back, &test_err));
    assert_ok(library_open_as_of(dir, 250, &m, &test_err));
    assert_int_equal(m->facts.version, 2);
    model_close(m);
    assert_fails(MQ_NO_MODEL, library_open_as_of(dir, 99, &m, &test_err));
    assert_fails(MQ_NOT_FOUND, library_open_version(dir, 9, &m, &test_err));
    assert_non_null(strstr(test_err.text, "model 9: there is no such version"));
    assert_fails(MQ_NOT_FOUND, library_open_version(dir, 0, &m, &test_err));
}

static void damaged_live_gives_way(void **state)
{
    (void)state;
    uint64_t refused;
    struct model_entry e[8];
    struct model *m;
    size_t n;

    publish(1);
    publish(2);
    publish(3);
    damage(3);
    assert_int_equal(live(&refused), 2);
    assert_int_equal(refused, 3);
    assert_fails(MQ_CORRUPT, library_set_live(dir, 3, 0, &test_err));
    assert_ok(library_list(dir, e, 8, &n, &test_err));
    assert_int_equal(n, 3);
    assert_true(e[0].version == 3 && e[0].live && !e[0].readable);
    assert_true(e[1].version == 2 && !e[1].live && e[1].readable && e[1].facts.trained_ms == 2);
    assert_int_equal(e[1].settings.rank, 3);
    damage(2);
    damage(1);
    assert_fails(MQ_NO_MODEL, library_open_live(dir, &m, &refused, &test_err));
    assert_non_null(strstr(test_err.text, "000003"));
}

static void a_file_under_anothers_name_is_refused(void **state)
{
    (void)state;
    uint64_t refused;
    char to[4200];

    publish(1);
    publish(2);
    snprintf(to, sizeof to, "%s", file_of(2));
    assert_int_equal(rename(file_of(1), to), 0);
    struct model *m;
    assert_fails(MQ_CORRUPT, library_open_version(dir, 2, &m, &test_err));
    assert_fails(MQ_NO_MODEL, library_open_live(dir, &m, &refused, &test_err));
}

static void without_live_the_newest_counts(void **state)
{
    (void)state;
    char path[4200];
    uint64_t refused;

    publish(1);
    publish(2);
    snprintf(path, sizeof path, "%s/models/LIVE", dir);
    unlink(path);
    assert_int_equal(live(&refused), 2);
    assert_ok(file_write(path, STR("many\n"), 0644, &test_err));
    assert_int_equal(live(&refused), 2);
    assert_int_equal(refused, 0);
}

static void keeps_the_last_ones(void **state)
{
    (void)state;
    struct model_entry e[20];
    size_t n;

    for (int64_t i = 1; i <= MODELS_KEPT + 3; i++)
        publish(i);
    assert_ok(library_list(dir, e, 20, &n, &test_err));
    assert_int_equal(n, MODELS_KEPT);
    assert_int_equal(e[0].version, MODELS_KEPT + 3);
    assert_int_equal(e[n - 1].version, 4);
    assert_ok(library_list(dir, e, 2, &n, &test_err));
    assert_int_equal(n, 2);
}

static uint64_t keep_aside(int64_t trained_ms, const struct model_pins *pins)
{
    struct model *m = small_model(4, 3, 2, (uint64_t)trained_ms);

    m->facts.trained_ms = trained_ms;
    m->facts.kept_aside = true;
    assert_ok(library_keep(dir, m, pins, &test_err));
    uint64_t version = m->facts.version;
    small_model_free(m);
    return version;
}

static uint64_t as_of(int64_t known_ms)
{
    struct model *m;

    assert_ok(library_open_as_of(dir, known_ms, &m, &test_err));
    uint64_t version = m->facts.version;
    model_close(m);
    return version;
}

static void one_kept_aside_and_made_live_is_rolled_back_to(void **state)
{
    (void)state;
    uint64_t refused, back;

    publish(100);
    assert_int_equal(keep_aside(200, NULL), 2);
    assert_int_equal(keep_aside(210, NULL), 3);
    assert_ok(library_set_live(dir, 2, 250, &test_err));
    assert_ok(library_set_live(dir, 2, 260, &test_err)); /* the first time counts */
    assert_int_equal(publish(300), 4);
    assert_int_equal(as_of(249), 1); /* it was not live then */
    assert_int_equal(as_of(255), 2);
    assert_ok(library_rollback(dir, &back, &test_err));
    assert_int_equal(back, 2); /* 3 never was live */
    assert_ok(library_rollback(dir, &back, &test_err));
    assert_int_equal(back, 1);
    assert_ok(library_set_live(dir, 4, 400, &test_err));
    damage(4);
    assert_int_equal(live(&refused), 2);
    char path[4200];
    snprintf(path, sizeof path, "%s/models/PROMOTED", dir);
    assert_ok(file_write(path, STR("x\n2\n\n2 y\n"), 0644, &test_err));
    assert_int_equal(live(&refused), 1); /* lines that make no sense say nothing */
}

static void pinned_ones_stay(void **state)
{
    (void)state;
    const uint64_t two = 2;
    const struct model_pins pins = {&two, 1};
    struct model *m;

    publish(1);
    keep_aside(2, NULL);
    for (int64_t i = 3; i <= MODELS_KEPT + 3; i++)
        keep_aside(i, &pins);
    assert_ok(library_open_version(dir, 2, &m, &test_err));
    model_close(m);
    assert_ok(library_open_version(dir, 1, &m, &test_err)); /* live */
    model_close(m);
    assert_fails(MQ_NOT_FOUND, library_open_version(dir, 3, &m, &test_err));
}

static void many_kept_aside_leave_one_to_roll_back_to(void **state)
{
    (void)state;
    uint64_t back;

    publish(1);
    publish(2);
    publish(3);
    for (int64_t i = 4; i < 4 + MODELS_KEPT + 2; i++)
        keep_aside(i, NULL);
    publish(100);
    assert_ok(library_rollback(dir, &back, &test_err));
    assert_int_equal(back, 3);
    keep_aside(200, NULL);
    publish(300);
    assert_ok(library_rollback(dir, &back, &test_err));
    assert_int_equal(back, 4 + MODELS_KEPT + 2);
}

static void a_failed_publish_leaves_what_was(void **state)
{
    (void)state;
    struct model *m = small_model(4, 3, 2, 1);
    uint64_t refused;

    publish(1);
    m->stride = 32;
    assert_fails(MQ_INVALID, library_publish(dir, m, NULL, &test_err));
    assert_int_equal(m->facts.version, 0);
    assert_int_equal(live(&refused), 1);
    m->stride = 16;
    small_model_free(m);
}

int main(void)
{
#define IN_FOLDER(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(empty_folder_has_no_model),
        IN_FOLDER(publishes_counts_and_rolls_back),
        IN_FOLDER(damaged_live_gives_way),
        IN_FOLDER(a_file_under_anothers_name_is_refused),
        IN_FOLDER(without_live_the_newest_counts),
        IN_FOLDER(keeps_the_last_ones),
        IN_FOLDER(one_kept_aside_and_made_live_is_rolled_back_to),
        IN_FOLDER(pinned_ones_stay),
        IN_FOLDER(many_kept_aside_leave_one_to_roll_back_to),
        IN_FOLDER(a_failed_publish_leaves_what_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
