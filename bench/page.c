/* page.c - time of a home page with reasons and evidence, all in, on one core.
 *
 *     build/bench/bench_page [TITLES [RANK]]       20,000 titles and rank 64 by default; an invented service
 *
 * 50 viewers with 10 to 4,000 signals each (a profile keeps at most 4,096 titles), 8 pages each in turn, 8 rows of 20, and
 * as many rankings of 100 given titles; then new viewers. First ordered by taste alone, then by a blend of all ingredients
 * with as many links of each title as a training keeps, then with weights of the moment and four moods besides. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "processor.h"
#include "recommend/recommend.h"
#include "recommend/small_world.h"
#include "support/check.h"
#include "train/blend_fit.h"

enum { VIEWERS = 50, ROUNDS = 8, SAMPLES = VIEWERS * ROUNDS, GIVEN = 100 };

static void print_times(const char *what, double *us, double *processor, size_t n, double items)
{
    qsort(us, n, sizeof(*us), by_size);
    qsort(processor, n, sizeof(*processor), by_size);
    printf("%-24s p50 %6.0f us  p99 %6.0f us; processor p50 %6.0f us  p99 %6.0f us; %.0f items\n",
           what, us[n / 2], us[n * 99 / 100], processor[n / 2], processor[n * 99 / 100], items);
}

static struct ask ask_of(const struct profile *profile)
{
    return (struct ask){
        .profile = profile,
        .viewer = "v",
        .at_ms = SMALL_WORLD_NOW,
        .context = {.offset_min = 0, .device = DEVICE_TV, .country = 'G' << 8 | 'B'},
    };
}

static size_t page_once(struct recommender *r, const struct small_world *w, const struct ask *ask)
{
    struct mq_page page;
    size_t items = 0;
    assert_ok(recommend_home(r, &w->world, ask, &page, &test_err));
    for (size_t row = 0; row < page.n_rows; row++)
        items += page.rows[row].n_items;
    return items;
}

static size_t rank_once(struct recommender *r, const struct small_world *w, const struct ask *ask)
{
    static uint32_t first;
    struct title_id given[GIVEN];
    struct mq_list list;
    for (uint32_t i = 0; i < GIVEN; i++)
        given[i].v = (first += 7919) % w->size.titles;
    assert_ok(recommend_rank(r, &w->world, ask, given, GIVEN, &list, &test_err));
    return list.n_items;
}

typedef size_t answer_once(struct recommender *r, const struct small_world *w,
                           const struct ask *ask);

static void time_answers(struct recommender *r, const struct small_world *w,
                         struct profile **viewers, answer_once *answer, const char *what)
{
    static double us[SAMPLES], processor[SAMPLES];
    size_t items = 0;
    for (size_t i = 0; i < SAMPLES; i++) {
        struct ask ask = ask_of(viewers ? viewers[i % VIEWERS] : NULL);
        int64_t from = clock_mono_ns();
        double began = processor_us(CLOCK_THREAD_CPUTIME_ID);
        items += answer(r, w, &ask);
        us[i] = (double)(clock_mono_ns() - from) / 1000;
        processor[i] = processor_us(CLOCK_THREAD_CPUTIME_ID) - began;
    }
    print_times(what, us, processor, SAMPLES, (double)items / SAMPLES);
}

static void time_viewers(struct recommender *r, const struct small_world *w)
{
    static const uint32_t lengths[] = {10, 100, 1000, 4000};
    struct profile *viewers[VIEWERS];
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        char what[48];
        for (uint32_t v = 0; v < VIEWERS; v++)
            viewers[v] = small_world_profile(w, 1000 + v, lengths[i]);
        snprintf(what, sizeof(what), "pages, %u signals", lengths[i]);
        time_answers(r, w, viewers, page_once, what);
        snprintf(what, sizeof(what), "rankings, %u signals", lengths[i]);
        time_answers(r, w, viewers, rank_once, what);
        for (uint32_t v = 0; v < VIEWERS; v++)
            free(viewers[v]);
    }
    time_answers(r, w, NULL, page_once, "pages, new viewers");
}

/* Every part of the order weighs something, every mood has words. */
static void give_moods(struct small_world *w)
{
    static struct mood_part moods;
    static struct order_part order;
    struct mood_model *m = &moods.model;
    *m =
        (struct mood_model){.n = 4, .keep = 0.5F, .own = 20, .moods_own = 5, .again = {0.3F, 0.1F}};
    for (uint32_t g = 0; g < w->catalogue->n_genres && g < MOOD_GENRES; g++)
        memcpy(moods.genre[g], w->catalogue->genres[g].p, w->catalogue->genres[g].n);
    for (int f = 0; f < MOOD_FIELD; f++) {
        m->field.genres[f] = UINT64_C(5) << (f % (SMALL_WORLD_GENRES - 2));
        m->field.runtime_min[f] = (uint16_t)(20 + f % 130);
    }
    for (int word = 0; word < MOOD_WORDS; word++) {
        m->share[word] = 0.1F;
        for (uint32_t z = 0; z < m->n; z++)
            m->mood[z][word] = ((uint32_t)word + z) % 4 == 0 ? 1 : -0.3F;
    }
    for (uint32_t z = 0; z < m->n; z++)
        m->prior[z] = 0.25F;
    order = (struct order_part){.version = ORDER_VERSION, .blend = 1};
    for (int p = 0; p < ORDER_ROOM; p++) /* those of what is continued too */
        order.weight[p] = 0.5F;
    w->model->moods = &moods;
    w->model->order = &order;
}

int main(int argc, char **argv)
{
    uint64_t asked[2] = {20000, 64};
    for (int i = 1; i < argc && i <= 2; i++) {
        if (!str_to_u64(str_of(argv[i]), &asked[i - 1])) {
            fprintf(stderr, "page: %s: give a number\n", argv[i]);
            return 2;
        }
    }
    uint32_t titles = (uint32_t)asked[0], rank = (uint32_t)asked[1];
    struct small_world w;
    struct recommender *r;
    small_world_make(&w, (struct small_world_size){titles, 4000, rank, 1});
    assert_ok(recommender_new(&r, &test_err));
    assert_ok(recommender_fit(r, titles, rank, &test_err));
    printf("%u titles, rank %u, seed 1\n", titles, rank);
    time_viewers(r, &w);
    small_world_blend(&w, BLEND_LINKS_KEPT);
    printf("with a blend of %d links a title\n", BLEND_LINKS_KEPT);
    time_viewers(r, &w);
    give_moods(&w);
    w.model->facts.version++;
    printf("and weights of the moment, and four moods\n");
    time_viewers(r, &w);
    recommender_free(r);
    w.model->moods = NULL;
    w.model->order = NULL;
    small_world_release(&w);
    return 0;
}
