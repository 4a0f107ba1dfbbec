/* mood_dose.c - from which strength on are moods told apart, and how much do they say?
 *
 * usage: bench_mood_dose [SEEDS VIEWERS DAYS SESSIONS CHOICES SAMPLING]    (3 700 40 5 2.5 0.7)
 *
 * Simulated services (as `marquee simulate`) of seeds 1, 2, ... for each strength of moods: how many moods train/mood_fit.h finds, and the
 * mean gain in ln chance a play on viewers outside of the fit over taste, moment and last title; the same fit with titles shuffled within
 * viewer; at the largest strength once more for a log whose titles were shuffled within viewer from the beginning. */
#include <stdio.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/str.h"
#include "catalogue/catalogue.h"
#include "sim/sim.h"
#include "train/mood_fit.h"
#include "train/mood_rows.h"

struct service {
    struct sim *sim;
    struct catalogue *catalogue;
    struct event *events; /* (n) starts, in time order */
    size_t n, cap;
};

static void die(const char *what, const char *why)
{
    fprintf(stderr, "mood_dose: %s: %s\n", what, why);
    exit(1);
}

static double number(int argc, char **argv, int at, double usual)
{
    double ret = usual;
    if (argc > at && !str_to_double(str_of(argv[at]), &ret))
        die(argv[at], "give a number");
    return ret;
}

static void describe(struct service *s)
{
    struct catalogue_builder *b;
    struct mq_error err;
    if (catalogue_builder_new(&b, &err))
        die("catalogue", err.text);
    for (uint32_t t = 0; t < sim_titles(s->sim); t++) {
        struct title title = *sim_title(s->sim, t);
        title.title_id.v = t;
        if (catalogue_add(b, &title, &err))
            die("catalogue", err.text);
    }
    if (catalogue_build(b, 1, &s->catalogue, &err))
        die("catalogue", err.text);
    catalogue_builder_free(b);
}

static void live(struct service *s)
{
    struct event e;
    struct mq_error err;
    while (sim_next(s->sim, &e, &err) > 0) {
        if (e.kind != EVENT_START)
            continue;
        if (s->n == s->cap) {
            s->cap = s->cap ? 2 * s->cap : 65536;
            s->events = realloc(s->events, s->cap * sizeof(*s->events));
            if (!s->events)
                die("events", "no memory");
        }
        e.items = NULL;
        s->events[s->n++] = e;
    }
}

static int by_viewer(const void *a, const void *b)
{
    const struct event *x = a, *y = b;
    if (x->viewer_id.v != y->viewer_id.v)
        return x->viewer_id.v < y->viewer_id.v ? -1 : 1;
    return (x->at_ms > y->at_ms) - (x->at_ms < y->at_ms);
}

/* Titles dealt out anew within each viewer. */
static void shuffle(struct mood_rows *rows, uint64_t seed)
{
    struct rng r;
    rng_seed(&r, seed);
    for (size_t i = 0, end; i < rows->n; i = end) {
        for (end = i; end < rows->n && rows->viewer[end] == rows->viewer[i];)
            end++;
        for (size_t k = end; k > i + 1; k--) {
            struct mood_play *a = &rows->plays[k - 1], *b = &rows->plays[i + rng_below(&r, k - i)];
            struct mood_moment of_a = a->moment, of_b = b->moment;
            struct mood_play hold = *a;
            *a = *b;
            *b = hold;
            a->moment = of_a;
            b->moment = of_b;
        }
    }
}

static void fit(const struct service *s, struct mood_rows *rows, double strength, uint64_t seed,
                const char *what)
{
    struct mood_part *part = NULL;
    struct mq_error err;
    if (mood_rows_fit(rows, s->catalogue, seed, (struct train_watch){0}, &part, &err))
        die("moods", err.text);
    printf("strength %g  seed %llu  %-8s  %zu plays  moods %u", strength, (unsigned long long)seed,
           what, rows->n, part->model.n);
    if (part->model.n > 1)
        printf("  gain %+.4f (%.4f)  shuffled %+.4f (%.4f)", part->gain, part->error,
               part->shuffled, part->shuffled_error);
    putchar('\n');
    fflush(stdout);
    free(part);
}

static void one(struct sim_settings *w, bool shuffled)
{
    struct service s = {.n = 0};
    struct mood_rows rows = {.n = 0};
    struct mq_error err;
    if (sim_new(w, &s.sim, &err))
        die("simulation", err.text);
    describe(&s);
    live(&s);
    if (s.n > 0)
        qsort(s.events, s.n, sizeof(*s.events), by_viewer);
    for (size_t i = 0; i < s.n; i++) {
        if (i > 0 && s.events[i].viewer_id.v != s.events[i - 1].viewer_id.v)
            mood_rows_next(&rows, false);
        if (mood_rows_feed(&rows, &s.events[i], s.catalogue, &err))
            die("moods", err.text);
    }
    mood_rows_next(&rows, false);
    fit(&s, &rows, w->mood, w->seed, "");
    if (shuffled) {
        shuffle(&rows, w->seed);
        fit(&s, &rows, w->mood, w->seed, "shuffled");
    }
    mood_rows_release(&rows);
    catalogue_free(s.catalogue);
    free(s.events);
    sim_free(s.sim);
}

int main(int argc, char **argv)
{
    static const double strengths[] = {0, 1, 2, 4};
    struct sim_settings w = sim_defaults();
    uint64_t seeds = (uint64_t)number(argc, argv, 1, 3);
    w.viewers = (uint32_t)number(argc, argv, 2, 700);
    w.days = (uint32_t)number(argc, argv, 3, 40);
    w.sessions_per_week = number(argc, argv, 4, 5);
    w.choices = number(argc, argv, 5, 2.5);
    w.sampling = number(argc, argv, 6, 0.7);
    for (size_t i = 0; i < sizeof(strengths) / sizeof(strengths[0]); i++)
        for (w.seed = 1; w.seed <= seeds; w.seed++) {
            w.mood = strengths[i];
            one(&w, w.mood >= 4);
        }
    return 0;
}
