/* bench_audience - what questions about audiences cost.
 *
 * usage: bench_audience overlap [VIEWERS]            two audiences of most of VIEWERS (default 1,200,000)
 *        bench_audience pairs [VIEWERS DIRECTORS ACTORS]   (default 100,000 2,000 2,500: 5 million pairs)
 *
 * Everything is invented from a seed. Prints processor time (of all threads; wall time is less by their number on a free
 * machine), for overlap the median of several runs, and bytes held. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "audience/overlap.h"
#include "audience/pairs.h"
#include "base/rng.h"
#include "math/bits.h"

static struct mq_error err;

static void must(int rc)
{
    if (rc == 0)
        return;
    fprintf(stderr, "bench_audience: %s\n", err.text);
    exit(1);
}

struct world {
    struct viewer_sets *sets;
    struct catalogue *catalogue;
    struct strata *strata;
};

/* Titles of `per` for each director; each title has one director and `cast` actors. */
static struct catalogue *make_catalogue(uint32_t titles, uint32_t directors, uint32_t actors,
                                        uint32_t cast)
{
    struct catalogue_builder *b;
    struct catalogue *c;
    struct rng rng;
    rng_seed(&rng, 1);
    must(catalogue_builder_new(&b, &err));
    for (uint32_t p = 0; p < directors + actors; p++) {
        char name[32];
        snprintf(name, sizeof(name), "Person %u", p);
        must(catalogue_add_person(b, (struct person_id){p}, str_of(name), &err));
    }
    for (uint32_t i = 0; i < titles; i++) {
        struct title t;
        struct credit credits[16];
        char id[16];
        title_init(&t);
        snprintf(id, sizeof(id), "t%u", i);
        t.id = t.name = str_of(id);
        t.title_id.v = i;
        credits[0] = (struct credit){.person_id = {i % directors}, .role = ROLE_DIRECTOR};
        for (uint32_t k = 0; k < cast; k++)
            credits[k + 1] = (struct credit){
                .person_id = {directors + (i * cast + k + (uint32_t)rng_below(&rng, 2)) % actors},
                .role = ROLE_ACTOR};
        t.credits = credits;
        t.n_credits = cast + 1;
        t.has_credits = true;
        must(catalogue_add(b, &t, &err));
    }
    must(catalogue_build(b, 1, &c, &err));
    catalogue_builder_free(b);
    return c;
}

/* Each viewer likes a title with their own chance times the title's. */
static void fill(struct world *w, uint32_t viewers, uint32_t titles, double mean)
{
    struct title_signal *s = calloc(titles, sizeof(*s));
    struct rng rng;
    if (!s)
        exit(1);
    rng_seed(&rng, 2);
    must(viewer_sets_new(&w->sets, &err));
    for (uint32_t v = 0; v < viewers; v++) {
        double activity = mean * rng_exp(&rng) / titles;
        size_t n = 0;
        /* Skips are geometric, so that it takes as long as there are likes. */
        for (double at = rng_exp(&rng) / activity; at < titles;
             at += 1 + rng_exp(&rng) / activity) {
            uint32_t title = (uint32_t)at;
            if (rng_double(&rng) * titles < title * 0.5)
                continue; /* later ones are less popular */
            s[n++] = (struct title_signal){
                .title = {title}, .rating = 200, .flags = SIGNAL_PLAYED, .last_s = 1000 + v};
        }
        struct set_habits h = {.first_ms = 1000, .last_ms = 1000000 + (int64_t)v * 1000};
        must(viewer_sets_put(w->sets, v, &h, s, n, &err));
    }
    free(s);
    must(strata_new(w->sets, STRATA_DEFAULT, &w->strata, &err));
}

static const struct audience *found(const struct audience_world *w, struct arena *arena,
                                    const char *text)
{
    const struct expression *e;
    const struct audience *a;
    must(expression_parse(str_of(text), arena, &e, &err));
    must(audience_find(w, e, arena, &a, &err));
    return a;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

enum { RUNS = 9 };

static double median(double *v)
{
    qsort(v, RUNS, sizeof(*v), by_value);
    return v[RUNS / 2];
}

/* Processor time of the process: others may use the machine meanwhile. */
static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static double ms_since(int64_t from)
{
    return (double)(now_ns() - from) / 1e6;
}

/* Both sets, and how many are in either and in both. */
static void count_sizes(const struct audience_world *w, const struct audience *const *sides,
                        struct set_reader *reader, uint64_t *n)
{
    size_t words = set_bits_words(w->sets->n_viewers);
    uint64_t *bits = calloc(2 * words, sizeof(*bits));
    if (!bits)
        exit(1);
    for (int i = 0; i < 2; i++) {
        must(audience_bits(w, sides[i], NULL, reader, bits + (size_t)i * words, &err));
        n[i] = bits_count(bits + (size_t)i * words, 0, words * 64);
    }
    n[2] = bits_count_both(bits, bits + words, 0, words * 64);
    free(bits);
}

static void overlap(uint32_t viewers)
{
    enum { TITLES = 200, DIRECTORS = 10, ACTORS = 12, CAST = 1 };
    struct world w;
    struct arena arena;
    double sizes[RUNS];
    double full[RUNS];
    if (arena_init(&arena, 1 << 20, 1 << 28) != 0)
        exit(1);
    w.catalogue = make_catalogue(TITLES, DIRECTORS, ACTORS, CAST);
    fill(&w, viewers, TITLES, 60);
    struct audience_world asked = {.sets = w.sets, .catalogue = w.catalogue};
    const struct audience *sides[] = {found(&asked, &arena, "liked:director=#0"),
                                      found(&asked, &arena, "liked:actor=#11")};
    struct mq_overlap o;
    uint64_t n[3] = {0};
    struct set_reader *reader = calloc(1, sizeof(*reader));
    if (!reader)
        exit(1);
    for (int i = 0; i < RUNS; i++) {
        int64_t from = now_ns();
        count_sizes(&asked, sides, reader, n);
        sizes[i] = ms_since(from);
        from = now_ns();
        must(overlap_of(&asked, w.strata, sides, 2, &arena, &o, &err));
        full[i] = ms_since(from);
    }
    printf("overlap: %u viewers, audiences of %llu and %llu, both %llu\n", viewers,
           (unsigned long long)n[0], (unsigned long long)n[1], (unsigned long long)n[2]);
    printf("sizes %.2f ms, full adjusted figure with each of %zu titles left out %.1f ms\n",
           median(sizes), o.n_titles[0] + o.n_titles[1], median(full));
    printf("likes %llu, sets %.0f MiB\n", (unsigned long long)w.sets->entries,
           (double)viewer_sets_memory(w.sets) / 1048576);
    set_reader_release(reader);
    free(reader);
    strata_free(w.strata);
    viewer_sets_free(w.sets);
    catalogue_free(w.catalogue);
    arena_release(&arena);
}

static void pairs(uint32_t viewers, uint32_t directors, uint32_t actors)
{
    enum { CAST = 4, LIKES = 200 };
    uint32_t titles = directors * 5;
    struct world w;
    struct arena arena;
    struct pool *pool;
    struct mq_pairs p;
    if (arena_init(&arena, 1 << 20, 1 << 28) != 0)
        exit(1);
    w.catalogue = make_catalogue(titles, directors, actors, CAST);
    fill(&w, viewers, titles, LIKES);
    must(pool_new(0, &pool, &err));
    struct pairs_question q = {.a = ROLE_DIRECTOR,
                               .b = ROLE_ACTOR,
                               .least_viewers = 50,
                               .listed = 20,
                               .floor = 50,
                               .seed = 1};
    for (int shuffle = 0; shuffle < 2; shuffle++) {
        q.no_shuffle = !shuffle;
        int64_t from = now_ns();
        must(pairs_find(w.sets, w.catalogue, w.strata, &q, pool, &arena, &p, &err));
        printf("pairs%s: %u viewers, %llu likes, %llu pairs in %.1f s of processor time on %zu "
               "threads; %llu pass, "
               "shuffled %.0f\n",
               shuffle ? " and a shuffled world" : "", viewers, (unsigned long long)w.sets->entries,
               (unsigned long long)p.tested, ms_since(from) / 1000, pool_threads(pool),
               (unsigned long long)p.passed, p.shuffled_passed);
    }
    uint64_t people = p.people_a + p.people_b;
    printf("memory: people's sets %.0f MiB, likes twice %.0f MiB\n",
           (double)(people * 2 * (viewers / 8)) / 1048576, (double)w.sets->entries * 8 / 1048576);
    pool_free(pool);
    strata_free(w.strata);
    viewer_sets_free(w.sets);
    catalogue_free(w.catalogue);
    arena_release(&arena);
}

static uint32_t number(int argc, char **argv, int at, uint32_t otherwise)
{
    uint64_t v;
    return argc > at && str_to_u64(str_of(argv[at]), &v) && v > 0 && v < (1 << 28) ? (uint32_t)v
                                                                                   : otherwise;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "overlap") == 0)
        overlap(number(argc, argv, 2, 1200000));
    else if (argc > 1 && strcmp(argv[1], "pairs") == 0)
        pairs(number(argc, argv, 2, 100000), number(argc, argv, 3, 2000),
              number(argc, argv, 4, 2500));
    else {
        fprintf(stderr,
                "usage: bench_audience overlap [VIEWERS] | pairs [VIEWERS DIRECTORS ACTORS]\n");
        return 2;
    }
    return 0;
}
