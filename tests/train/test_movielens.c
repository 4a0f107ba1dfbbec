/* Real viewers (MovieLens 100K), the last fifth of each one's ratings held out: defaults must beat
 * popularity unattended. */
#include "support/check.h"

#include "held_out.h"

enum { VIEWERS = 944, TITLES = 1683, RATINGS = 100000 };

static const struct train_watch silent = {NULL, NULL};

struct rating {
    unsigned viewer, title, stars;
    long at;
};

static int by_viewer_and_time(const void *a, const void *b)
{
    const struct rating *x = a, *y = b;

    if (x->viewer != y->viewer)
        return x->viewer < y->viewer ? -1 : 1;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return (x->title > y->title) - (x->title < y->title);
}

static size_t read_ratings(const char *path, struct rating *r)
{
    FILE *f = fopen(path, "r");
    size_t n = 0;

    assert_non_null(f);
    while (n < RATINGS &&
           fscanf(f, "%u %u %u %ld", &r[n].viewer, &r[n].title, &r[n].stars, &r[n].at) == 4) {
        assert_true(r[n].viewer < VIEWERS && r[n].title < TITLES);
        n++;
    }
    fclose(f);
    return n;
}

/* Ratings of 4 and 5 stars among the first four fifths of each viewer's, or the others. */
static struct csr likes(const struct rating *r, size_t n, bool late)
{
    static uint32_t row[RATINGS], col[RATINGS];
    static float one[RATINGS];
    struct csr m;
    size_t likes = 0, first = 0, end = 0;

    for (size_t k = 0; k < n; k++) {
        if (k == end)
            for (first = k; end < n && r[end].viewer == r[first].viewer;)
                end++;
        if (r[k].stars < 4 || (k - first >= (end - first) * 4 / 5) != late)
            continue;
        row[likes] = r[k].viewer;
        col[likes] = r[k].title;
        one[likes++] = 1;
    }
    assert_ok(csr_from_triples(VIEWERS, TITLES, row, col, one, likes, &m, &test_err));
    return m;
}

static void defaults_beat_popularity(void **state)
{
    (void)state;
    const char *path = test_data("movielens/ml-100k/u.data");
    static struct rating r[RATINGS];
    struct train_settings s = {0};
    struct pool *pool;
    struct held_out h;

    if (!path)
        skip();
    size_t n = read_ratings(path, r);
    qsort(r, n, sizeof *r, by_viewer_and_time);
    struct csr earlier = likes(r, n, false), later = likes(r, n, true);
    assert_ok(pool_new(0, &pool, &test_err));
    assert_ok(train_held_out(&earlier, &later, &s, pool, silent, &h, &test_err));
    print_message("%llu viewers: NDCG@10 %.4f, popularity %.4f, gain %.4f [%.4f, %.4f]\n",
                  (unsigned long long)h.viewers, h.ndcg, h.popularity_ndcg, h.gain.mean, h.gain.low,
                  h.gain.high);
    assert_true(h.viewers > 800);
    assert_true(h.gain.low > 0.03);
    pool_free(pool);
    csr_release(&earlier);
    csr_release(&later);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_beat_popularity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
