/* The artefact: what is written is read; damaged and hostile files are refused. */
#include "support/check.h"

#include <float.h>
#include <math.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/rng.h"
#include "model/model_layout.h"
#include "small_model.h"

static char path[4096];

static int make_folder(void **state)
{
    *state = strdup(test_dir());
    snprintf(path, sizeof path, "%s/a.model", (const char *)*state);
    return 0;
}

static int remove_folder(void **state)
{
    test_dir_remove(*state);
    free(*state);
    return 0;
}

static void round_trip_of(uint32_t titles, uint32_t rank, uint32_t neighbours)
{
    struct model *m = small_model(titles, rank, neighbours, test_seed()), *got;

    m->facts.version = 12;
    assert_ok(model_write(m, path, &test_err));
    assert_ok(model_open(path, &got, &test_err));
    assert_int_equal(truncate(path, 0), 0); /* once opened it needs its file no more */
    assert_int_equal(got->n_titles, titles);
    assert_int_equal(got->rank, rank);
    assert_int_equal(got->stride, m->stride);
    assert_int_equal(got->n_neighbours, neighbours);
    assert_int_equal(got->n_active, m->n_active);
    assert_memory_equal(&got->facts, &m->facts, sizeof m->facts);
    assert_memory_equal(&got->settings, &m->settings, sizeof m->settings);
    assert_int_equal((uintptr_t)got->factors % 64, 0);
    assert_int_equal((uintptr_t)got->similarity % 64, 0);
    assert_memory_equal(got->factors, m->factors, (size_t)titles * m->stride * 4);
    assert_memory_equal(got->gram, m->gram, (size_t)m->stride * m->stride * 4);
    assert_memory_equal(got->popularity, m->popularity, (size_t)titles * 4);
    assert_memory_equal(got->neighbours, m->neighbours, (size_t)titles * neighbours * 4);
    assert_memory_equal(got->similarity, m->similarity, (size_t)titles * neighbours * 4);
    model_close(got);
    small_model_free(m);
}

static void round_trip(void **state)
{
    (void)state;
    round_trip_of(33, 20, 7);
    round_trip_of(1, 1, 64);
    round_trip_of(50, 64, 0);
    round_trip_of(50, 0, 3); /* popularity alone */
    model_close(NULL);
}

static void ratings_round_trip(void **state)
{
    (void)state;
    struct model *m = small_model(33, 20, 7, test_seed()), *got;

    small_model_rate(m, 9, 3, 2);
    assert_ok(model_write(m, path, &test_err));
    assert_ok(model_open(path, &got, &test_err));
    assert_int_equal(got->ratings.n, 9);
    assert_int_equal(got->ratings.rank, 3);
    assert_int_equal(got->ratings.snapshots, 2);
    assert_memory_equal(got->ratings.title, m->ratings.title, 9 * 4);
    assert_memory_equal(got->ratings.values, m->ratings.values, 2 * rating_floats(&m->ratings) * 4);
    assert_memory_equal(got->similarity, m->similarity, (size_t)33 * 7 * 4);
    model_close(got);
    m->ratings.rank = RATING_RANK_MAX + 1;
    assert_fails(MQ_INVALID, model_write(m, path, &test_err));
    m->ratings.rank = 3;
    m->ratings.snapshots = 0;
    assert_fails(MQ_INVALID, model_write(m, path, &test_err));
    small_model_free(m);
}

static void same_links(const struct links *a, const struct links *b)
{
    uint64_t n = a->start[a->n];
    assert_int_equal(a->n, b->n);
    assert_memory_equal(a->start, b->start, (a->n + 1) * sizeof(*a->start));
    assert_memory_equal(a->col, b->col, n * sizeof(*a->col));
    assert_memory_equal(a->value, b->value, n * sizeof(*a->value));
}

static void blends_round_trip(void **state)
{
    (void)state;
    struct model *m = small_model(33, 20, 7, test_seed()), *got;

    small_model_rate(m, 9, 3, 2);
    small_model_blend(m, 5, 4);
    assert_ok(model_write(m, path, &test_err));
    assert_ok(model_open(path, &got, &test_err));
    const struct blend_part *a = &m->blend, *b = &got->blend;
    assert_int_equal(b->n, 33);
    assert_memory_equal(&a->mix, &b->mix, sizeof(a->mix));
    assert_true(b->facts.ease_lambda == 50 && b->facts.shrink == 20);
    assert_true(b->facts.neighbours == 100 && b->facts.published == 3 && b->facts.n_scored == 2);
    assert_true(b->facts.ndcg[1] == 0.25);
    assert_memory_equal(a->popularity, b->popularity, (size_t)33 * 4);
    same_links(&a->ease, &b->ease);
    same_links(&a->knn, &b->knn);
    for (size_t k = 0; k < TRANSITION_KINDS; k++) {
        same_links(&a->follows[k], &b->follows[k]);
        assert_memory_equal(a->from_scale[k], b->from_scale[k], (size_t)33 * 4);
        assert_memory_equal(a->to_scale[k], b->to_scale[k], (size_t)33 * 4);
    }
    /* Of what is popular lately only the last moment is kept. */
    assert_int_equal(b->trends.moments, 4);
    assert_int_equal(b->trends.recent_from, 3);
    assert_memory_equal(a->trends.total, b->trends.total, (size_t)4 * 33 * 4);
    assert_memory_equal(a->trends.fresh[2], b->trends.fresh[2], (size_t)33 * 4);
    assert_memory_equal(a->trends.recent[2] + 3 * 33, b->trends.recent[2], (size_t)33 * 4);
    assert_memory_equal(got->ratings.title, m->ratings.title, 9 * 4);
    model_close(got);
    /* What the mapped one says can be written again. */
    assert_ok(model_open(path, &got, &test_err));
    assert_ok(model_write(got, path, &test_err));
    model_close(got);
    m->blend.n = 32;
    assert_fails(MQ_INVALID, model_write(m, path, &test_err));
    m->blend.n = 33;
    m->blend.mix.weight[2] = NAN;
    assert_fails(MQ_INVALID, model_write(m, path, &test_err));
    small_model_free(m);
}

static void refuses_to_write_nonsense(void **state)
{
    (void)state;
    struct model *m = small_model(5, 4, 2, 1);

    m->stride = 32;
    assert_fails(MQ_INVALID, model_write(m, path, &test_err));
    m->stride = 16;
    m->settings.unobserved = -1;
    assert_fails(MQ_INVALID, model_write(m, path, &test_err));
    m->settings.unobserved = 0.1f;
    m->n_neighbours = MODEL_NEIGHBOURS + 1;
    assert_fails(MQ_INVALID, model_write(m, path, &test_err));
    m->n_neighbours = 2;
    assert_ok(model_write(m, path, &test_err));
    small_model_free(m);
}

static void read_whole(struct buf *b)
{
    buf_init(b, 1u << 20);
    assert_ok(file_read(path, b, &test_err));
}

static int open_bytes(const char *p, size_t n)
{
    struct model *m;

    assert_ok(file_write(path, (struct str){p, n}, 0644, &test_err));
    int rc = model_open(path, &m, &test_err);
    if (rc == 0)
        model_close(m);
    return rc;
}

static void refuses_every_damaged_byte(void **state)
{
    (void)state;
    struct model *m = small_model(3, 4, 2, 1);
    struct buf b;

    small_model_rate(m, 2, 2, 1);
    assert_ok(model_write(m, path, &test_err));
    read_whole(&b);
    for (size_t i = 0; i < b.n; i++) {
        b.p[i] = (char)(b.p[i] ^ 0x20);
        int rc = open_bytes(b.p, b.n);
        assert_true(rc == MQ_CORRUPT || (rc == MQ_VERSION && i >= 8 && i < 12));
        b.p[i] = (char)(b.p[i] ^ 0x20);
    }
    for (size_t n = 0; n < b.n; n += 1 + n / 8)
        assert_int_equal(open_bytes(b.p, n), MQ_CORRUPT);
    assert_int_equal(open_bytes(b.p, b.n), 0);
    buf_release(&b);
    small_model_free(m);
}

/* Write `bytes` at `at` and make the checksum fit again. */
static int open_forged(const struct buf *b, size_t at, const void *bytes, size_t n)
{
    char *copy = malloc(b->n);
    uint64_t sum[2];

    memcpy(copy, b->p, b->n);
    memcpy(copy + at, bytes, n);
    struct hash128 h = hash128(copy, b->n - MODEL_CHECKSUM);
    sum[0] = h.lo;
    sum[1] = h.hi;
    memcpy(copy + b->n - MODEL_CHECKSUM, sum, sizeof sum);
    int rc = open_bytes(copy, b->n);
    free(copy);
    return rc;
}

static void refuses_forged_dimensions(void **state)
{
    (void)state;
    struct model *m = small_model(3, 4, 2, 1);
    const uint32_t values[] = {0, 1, 5, 17, 65, 513, 1u << 24, UINT32_MAX / 4, UINT32_MAX};
    struct buf b;

    assert_ok(model_write(m, path, &test_err));
    read_whole(&b);
    for (size_t field = 0; field < 4; field++) /* titles, rank, stride, neighbours */
        for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
            int rc = open_forged(&b, MODEL_PREFIX + 4 * field, &values[v], 4);
            /* A few titles or neighbours more or less may stay within a section's padding. */
            bool harmless = values[v] <= 5 && (field != 1 || values[v] == 5) && field != 2;
            if (!harmless)
                assert_int_equal(rc, MQ_CORRUPT);
        }
    buf_release(&b);
    small_model_free(m);
}

static void refuses_forged_content(void **state)
{
    (void)state;
    struct model *m = small_model(3, 4, 2, 1);
    const uint32_t beyond = 3, nan_bits = 0x7fc00000, none = ID_NONE, two = 0x40000000;
    struct model_layout at;
    struct buf b;

    assert_true(model_layout(m, &(struct blend_shape){0}, &(struct model_extras){0}, &at));
    assert_ok(model_write(m, path, &test_err));
    read_whole(&b);
    assert_int_equal(open_forged(&b, at.neighbours, &beyond, 4), MQ_CORRUPT);
    assert_int_equal(open_forged(&b, at.neighbours, &none, 4), 0);
    assert_int_equal(open_forged(&b, at.similarity, &two, 4), MQ_CORRUPT);
    assert_int_equal(open_forged(&b, at.similarity, &nan_bits, 4), MQ_CORRUPT);
    assert_int_equal(open_forged(&b, at.factors + 4, &nan_bits, 4), MQ_CORRUPT);
    assert_int_equal(open_forged(&b, at.factors + 4 * 15, &two, 4), MQ_CORRUPT); /* padding */
    assert_int_equal(open_forged(&b, at.gram, &nan_bits, 4), MQ_CORRUPT);
    assert_int_equal(open_forged(&b, at.popularity, &nan_bits, 4), MQ_CORRUPT);
    assert_int_equal(open_forged(&b, 56, &nan_bits, 4), MQ_CORRUPT); /* unobserved weight */
    buf_release(&b);
    small_model_free(m);
}

static void refuses_forged_ratings(void **state)
{
    (void)state;
    struct model *m = small_model(3, 4, 2, 1);
    const uint32_t nan_bits = 0x7fc00000, beyond = 3, zero = 0, one = 1, two = 0x40000000,
                   many = UINT32_MAX;
    const size_t fields = 48 + 32 + 105; /* behind settings and facts */
    struct model_layout at;
    struct buf b;

    small_model_rate(m, 2, 2, 2);
    assert_true(model_layout(m, &(struct blend_shape){0}, &(struct model_extras){0}, &at));
    assert_ok(model_write(m, path, &test_err));
    read_whole(&b);
    assert_int_equal(open_forged(&b, at.rated + 4, &one, 4), 0);
    assert_int_equal(open_forged(&b, at.rated + 4, &beyond, 4), MQ_CORRUPT); /* no title */
    assert_int_equal(open_forged(&b, at.rated + 4, &zero, 4), MQ_CORRUPT);   /* twice */
    assert_int_equal(open_forged(&b, at.ratings, &two, 4), 0);
    assert_int_equal(open_forged(&b, at.ratings, &nan_bits, 4), MQ_CORRUPT);
    assert_int_equal(open_forged(&b, at.ratings + 4, &zero, 4), MQ_CORRUPT);  /* noise */
    assert_int_equal(open_forged(&b, at.ratings + 12, &zero, 4), MQ_CORRUPT); /* highest */
    assert_int_equal(open_forged(&b, at.ratings + 16, &zero, 4), 0);          /* a mean */
    assert_int_equal(open_forged(&b, at.ratings + 28, &zero, 4), MQ_CORRUPT); /* a variance */
    for (size_t f = 0; f < 3; f++) {
        assert_int_equal(open_forged(&b, fields + 4 * f, &many, 4), MQ_CORRUPT);
        assert_int_equal(open_forged(&b, fields + 4 * f, &zero, 4), MQ_CORRUPT);
    }
    buf_release(&b);
    small_model_free(m);
}

static void refuses_forged_links(void **state)
{
    (void)state;
    struct model *m = small_model(3, 4, 2, 1);
    const uint64_t start[] = {0, 1, 2, 2}, more = 3, fewer = 1, huge = UINT64_MAX;
    const uint32_t column[] = {1, 2}, beyond = 3;
    const float value[] = {0.5F, 0.25F}, popularity[] = {1, 2, 3};
    struct model_layout at;
    struct buf b;

    m->blend = (struct blend_part){.n = 3,
                                   .popularity = popularity,
                                   .ease = {.n = 3, .start = start, .col = column, .value = value}};
    struct blend_shape shape = blend_shape_of(&m->blend);
    assert_true(model_layout(m, &shape, &(struct model_extras){0}, &at));
    assert_ok(model_write(m, path, &test_err));
    read_whole(&b);
    assert_int_equal(open_bytes(b.p, b.n), 0);
    size_t starts = at.blend[2], columns = at.blend[3];
    assert_int_equal(open_forged(&b, starts + 3 * 8, &more, 8), MQ_CORRUPT);
    assert_int_equal(open_forged(&b, starts + 3 * 8, &huge, 8), MQ_CORRUPT);
    assert_int_equal(open_forged(&b, starts + 3 * 8, &fewer, 8), MQ_CORRUPT);
    assert_int_equal(open_forged(&b, starts + 1 * 8, &more, 8), MQ_CORRUPT);
    assert_int_equal(open_forged(&b, columns, &beyond, 4), MQ_CORRUPT);
    m->blend = (struct blend_part){0}; /* not of the heap */
    buf_release(&b);
    small_model_free(m);
}

static void refuses_forged_blends(void **state)
{
    (void)state;
    struct model *m = small_model(3, 4, 2, 1);
    const uint32_t nan_bits = 0x7fc00000, beyond = 3, many = UINT32_MAX, zero = 0, two = 2;
    const double nan = NAN;
    const size_t fields = 48 + 32 + 105 + 12; /* behind the ratings' */
    struct model_layout at;
    struct buf b;

    small_model_blend(m, 2, 3);
    struct blend_shape shape = blend_shape_of(&m->blend);
    assert_true(model_layout(m, &shape, &(struct model_extras){0}, &at));
    assert_ok(model_write(m, path, &test_err));
    read_whole(&b);
    assert_int_equal(open_forged(&b, at.blend[0], &nan, 8), MQ_CORRUPT); /* a weight */
    assert_int_equal(open_forged(&b, at.blend[1], &nan_bits, 4), MQ_CORRUPT);
    for (size_t k = 0; k < BLEND_LINKS; k++) {
        const uint64_t *start = at.blend + 2 + 3 * k;
        assert_int_equal(open_forged(&b, start[0], &two, 4), MQ_CORRUPT);
        assert_int_equal(open_forged(&b, start[0] + 8, &many, 4), MQ_CORRUPT);
        assert_int_equal(open_forged(&b, start[0] + 24, &beyond, 4), MQ_CORRUPT); /* the end */
        assert_int_equal(open_forged(&b, start[1], &beyond, 4), MQ_CORRUPT);
        assert_int_equal(open_forged(&b, start[1], &two, 4), 0);
        assert_int_equal(open_forged(&b, start[2], &nan_bits, 4), MQ_CORRUPT);
    }
    for (size_t i = 14; i < BLEND_SECTIONS; i++)
        assert_int_equal(open_forged(&b, at.blend[i] + (i == 18 ? 12 : 0), &nan_bits, 4),
                         MQ_CORRUPT);
    /* titles, moments, links */
    for (size_t f = 0; f < 2 + 2 * BLEND_LINKS; f++) {
        assert_int_equal(open_forged(&b, fields + 4 * f, &many, 4), MQ_CORRUPT);
        if (f < 2 || f % 2 == 0)
            assert_int_equal(open_forged(&b, fields + 4 * f, &zero, 4), MQ_CORRUPT);
    }
    const size_t fresh = fields + 4 * (2 + 2 * BLEND_LINKS) + 16; /* behind trees, moods, order */
    assert_int_equal(open_forged(&b, fresh, &zero, 1), MQ_CORRUPT);
    assert_int_equal(open_forged(&b, fresh, &two, 1), MQ_CORRUPT);
    buf_release(&b);
    small_model_free(m);
}

/* Whatever a training comes to: it is refused before a file is there, or the file can be read. */
static void what_is_written_can_be_read(void **state)
{
    (void)state;
    static const float odd[] = {0,      1e-44F,  -1e29F,   1e29F,     1.1e30F,
                                -1e31F, FLT_MAX, INFINITY, -INFINITY, NAN};
    size_t written = 0;
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        for (unsigned k = 0; k < INGREDIENTS + 2; k++) {
            struct model *m = small_model(3, 4, 2, 1), *read;
            small_model_blend(m, 2, 3);
            if (k < INGREDIENTS)
                m->blend.mix.weight[k] = odd[i];
            else
                *(k == INGREDIENTS ? &m->blend.facts.ease_lambda : &m->blend.facts.shrink) =
                    (double)odd[i];
            (void)remove(path);
            int rc = model_write(m, path, &test_err);
            if (rc == 0) {
                written++;
                assert_ok(model_open(path, &read, &test_err));
                model_close(read);
            } else {
                assert_int_equal(rc, MQ_INVALID);
                assert_fails(MQ_NOT_FOUND, model_open(path, &read, &test_err));
            }
            small_model_free(m);
        }
    }
    assert_int_equal(written, 4 * INGREDIENTS + 7 * 2);
}

static void no_file_is_not_found(void **state)
{
    (void)state;
    struct model *m;

    unlink(path);
    assert_fails(MQ_NOT_FOUND, model_open(path, &m, &test_err));
}

static void moods_round_trip(void **state)
{
    (void)state;
    struct model *m = small_model(3, 4, 2, 1), *back;
    struct mood_part *part = calloc(1, sizeof(*part));
    const uint32_t nan_bits = 0x7fc00000, zero = 0, seven = 7, byte = 0xff,
                   other = sizeof(*part) - 4;
    struct model_layout at;
    struct buf b;

    assert_non_null(part);
    part->model = (struct mood_model){
        .n = 2, .keep = 0.5F, .own = 5, .moods_own = 5, .prior = {0.5F, 0.5F}, .share = {0.5F}};
    part->gain = 0.01;
    memcpy(part->genre[0], "Drama", 6);
    m->moods = part;
    assert_ok(model_write(m, path, &test_err));
    assert_ok(model_open(path, &back, &test_err));
    assert_memory_equal(back->moods, part, sizeof(*part));
    model_close(back);
    assert_true(model_layout(m, &(struct blend_shape){0},
                             &(struct model_extras){.moods = sizeof(*part)}, &at));
    read_whole(&b);
    size_t n = at.moods + offsetof(struct mood_part, model.n);
    assert_int_equal(open_forged(&b, n, &zero, 4), MQ_CORRUPT);
    assert_int_equal(open_forged(&b, n, &seven, 4), MQ_CORRUPT);
    assert_int_equal(open_forged(&b, n + 4, &nan_bits, 4), MQ_CORRUPT);
    assert_int_equal(
        open_forged(&b, at.moods + offsetof(struct mood_part, model.by_cell), &nan_bits, 4),
        MQ_CORRUPT);
    assert_int_equal(open_forged(&b, at.moods + offsetof(struct mood_part, genre), &byte, 1),
                     MQ_CORRUPT);
    assert_int_equal(open_forged(&b, 48 + 32 + 105 + 12 + 40 + 8, &other, 4),
                     MQ_CORRUPT); /* its size */
    buf_release(&b);
    m->moods = NULL;
    assert_ok(model_write(m, path, &test_err));
    assert_ok(model_open(path, &back, &test_err));
    assert_null(back->moods);
    model_close(back);
    small_model_free(m);
    free(part);
}

/* Of formats 5 to 7: moods over a smaller field are left aside, the model is read. */
static void older_moods_are_left_aside(void **state)
{
    (void)state;
    struct model *m = small_model(3, 4, 2, 1), *back;
    const uint32_t five = 5, size = MOOD_PART_BEFORE_8;
    struct model_extras older = {.moods = size};
    struct model_layout at;
    struct buf b;

    assert_ok(model_write(m, path, &test_err));
    read_whole(&b);
    assert_true(model_layout(m, &(struct blend_shape){0}, &older, &at));
    char *file = calloc(1, at.total);
    assert_non_null(file);
    memcpy(file, b.p, b.n - MODEL_CHECKSUM);
    memcpy(file + 8, &five, 4);
    memcpy(file + 16, &at.total, 8);
    memcpy(file + 48 + 32 + 105 + 12 + 40 + 8, &size, 4);
    struct hash128 h = hash128(file, at.checksum);
    const uint64_t sum[2] = {h.lo, h.hi};
    memcpy(file + at.checksum, sum, sizeof sum);
    assert_ok(file_write(path, (struct str){file, at.total}, 0644, &test_err));
    assert_ok(model_open(path, &back, &test_err));
    assert_null(back->moods);
    assert_int_equal(back->n_titles, m->n_titles);
    model_close(back);
    free(file);
    buf_release(&b);
    small_model_free(m);
}

static void orders_round_trip(void **state)
{
    (void)state;
    struct model *m = small_model(3, 4, 2, 1), *back;
    struct order_part part = {.weight = {1, -0.5F}, .version = ORDER_VERSION, .ndcg = 0.2};
    const uint32_t nan_bits = 0x7fc00000, other = sizeof(part) - 4;
    struct model_layout at;
    struct buf b;

    m->order = &part;
    assert_ok(model_write(m, path, &test_err));
    assert_ok(model_open(path, &back, &test_err));
    assert_null(back->moods);
    assert_memory_equal(back->order, &part, sizeof(part));
    model_close(back);
    struct model_extras extras = model_extras_of(m);
    assert_true(model_layout(m, &(struct blend_shape){0}, &extras, &at));
    read_whole(&b);
    assert_int_equal(open_forged(&b, at.order, &nan_bits, 4), MQ_CORRUPT);
    assert_int_equal(open_forged(&b, 48 + 32 + 105 + 12 + 40 + 12, &other, 4),
                     MQ_CORRUPT); /* its size */
    buf_release(&b);
    part.weight[ORDER_ROOM - 1] = INFINITY;
    assert_fails(MQ_INVALID, model_write(m, path, &test_err));
    m->order = NULL;
    small_model_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip),
        cmocka_unit_test(ratings_round_trip),
        cmocka_unit_test(blends_round_trip),
        cmocka_unit_test(refuses_to_write_nonsense),
        cmocka_unit_test(refuses_every_damaged_byte),
        cmocka_unit_test(refuses_forged_dimensions),
        cmocka_unit_test(refuses_forged_content),
        cmocka_unit_test(refuses_forged_ratings),
        cmocka_unit_test(refuses_forged_links),
        cmocka_unit_test(refuses_forged_blends),
        cmocka_unit_test(what_is_written_can_be_read),
        cmocka_unit_test(moods_round_trip),
        cmocka_unit_test(older_moods_are_left_aside),
        cmocka_unit_test(orders_round_trip),
        cmocka_unit_test(no_file_is_not_found),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
