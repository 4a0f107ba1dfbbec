#include "audience/follows_choice.h"

#include <math.h>
#include <stdlib.h>

#include "math/bits.h"
#include "math/gamma_tail.h"

enum { DECADE_FIRST = 189, FIT_VIEWERS = 4000, FIT_PEOPLE = 1000, LEAST_TITLES = 3 };
static const double shrink = 5; /* choices of a feature that count as nothing special */
static const double shrink_variance =
    50; /* squares of E that the variance of all directors counts */
static const double least_variance = 0.02; /* of theta; below it a person draws nobody */

void follows_choice_free(struct follows_choice *f)
{
    if (!f)
        return;
    free(f->share);
    free(f->genres);
    free(f->decade);
    free(f);
}

static bool counts(const struct follows_choice *f, const struct set_entry *e,
                   const uint64_t *without)
{
    return e->title < f->n_titles && (e->signals >> AUDIENCE_WATCHED & 1) &&
           !(without && bits_get(without, e->title));
}

static unsigned decade_feature(const struct follows_choice *f, uint32_t title)
{
    return CATALOGUE_GENRES_MAX + f->decade[title];
}

/* ---------------------------------------------------------------- what all chose */

static void count_choices(struct follows_choice *f, const struct viewer_sets *s,
                          const uint64_t *without)
{
    double all = 0;
    for (uint32_t v = 0; v < s->n_viewers; v++) {
        const struct set_viewer *p = s->viewers[v];
        for (uint32_t i = 0; p && i < p->n; i++) {
            if (!counts(f, &p->entries[i], without))
                continue;
            f->share[p->entries[i].title]++;
            all++;
        }
    }
    for (uint32_t t = 0; t < f->n_titles && all > 0; t++) {
        f->share[t] /= all;
        for (uint64_t g = f->genres[t]; g; g &= g - 1) {
            f->of[__builtin_ctzll(g)] += f->share[t];
            f->equal[__builtin_ctzll(g)] += f->share[t] / __builtin_popcountll(f->genres[t]);
        }
        f->no_genre += f->genres[t] ? 0 : f->share[t];
        f->of[decade_feature(f, t)] += f->share[t];
        f->equal[decade_feature(f, t)] += f->share[t];
    }
}

/* ---------------------------------------------------------------- one viewer */

/* What a viewer chose: by feature, and in all. */
struct chosen {
    double n, by[CHOICE_FEATURES];
};

static void note(const struct follows_choice *f, struct chosen *c, uint32_t title, double by)
{
    c->n += by;
    for (uint64_t g = f->genres[title]; g; g &= g - 1)
        c->by[__builtin_ctzll(g)] += by;
    c->by[decade_feature(f, title)] += by;
}

static void look_at(const struct follows_choice *f, const struct set_viewer *p,
                    const uint64_t *without, struct chosen *ret)
{
    memset(ret, 0, sizeof(*ret));
    for (uint32_t i = 0; i < p->n; i++) {
        if (counts(f, &p->entries[i], without))
            note(f, ret, p->entries[i].title, 1);
    }
}

static double more(const struct follows_choice *f, const struct chosen *c, unsigned feature)
{
    return (c->by[feature] + shrink) / (c->n * f->of[feature] + shrink);
}

static double expect(const struct follows_choice *f, const struct chosen *c, const uint32_t *titles,
                     size_t n, const uint64_t *without)
{
    double genres = f->no_genre;
    double decades = 0;
    double sum = 0;
    double own = 0;
    for (unsigned g = 0; g < CATALOGUE_GENRES_MAX; g++)
        genres += f->equal[g] > 0 ? f->equal[g] * more(f, c, g) : 0;
    for (unsigned d = CATALOGUE_GENRES_MAX; d < CHOICE_FEATURES; d++)
        decades += f->equal[d] > 0 ? f->equal[d] * more(f, c, d) : 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t t = titles[i];
        double taste = 0;
        if (t >= f->n_titles || (without && bits_get(without, t)))
            continue;
        for (uint64_t g = f->genres[t]; g; g &= g - 1)
            taste += more(f, c, (unsigned)__builtin_ctzll(g));
        taste = f->genres[t] ? taste / __builtin_popcountll(f->genres[t]) : 1;
        sum += f->share[t] * taste * more(f, c, decade_feature(f, t));
        own += f->share[t];
    }
    /* c knows of the other titles only: n of it were chosen where 1 - own of all choices are made. */
    return own < 1 && genres > 0 && decades > 0 ? c->n / (1 - own) * sum / (genres * decades) : 0;
}

/* Takes the titles out of c; returns how many of them were chosen. Both lists ascend. */
static uint32_t set_apart(const struct follows_choice *f, const struct set_viewer *p,
                          const uint32_t *titles, size_t n, const uint64_t *without,
                          struct chosen *c)
{
    uint32_t k = 0;
    uint32_t i = 0;
    for (size_t t = 0; t < n; t++) {
        uint32_t low = i;
        uint32_t high = p->n;
        while (low < high) {
            uint32_t mid = low + (high - low) / 2;
            if (p->entries[mid].title < titles[t])
                low = mid + 1;
            else
                high = mid;
        }
        i = low;
        if (i < p->n && p->entries[i].title == titles[t] && counts(f, &p->entries[i], without)) {
            note(f, c, titles[t], -1);
            k++;
        }
    }
    return k;
}

void follows_choice_judge(const struct follows_choice *f, const struct viewer_sets *s,
                          uint32_t viewer, const uint32_t *titles, size_t n,
                          const uint64_t *without, double shape, struct choosing *ret)
{
    const struct set_viewer *p = viewer < s->n_viewers ? s->viewers[viewer] : NULL;
    struct chosen c;
    *ret = (struct choosing){.probability = 0.5};
    if (!p)
        return;
    look_at(f, p, without, &c);
    ret->chosen = set_apart(f, p, titles, n, without, &c);
    ret->expected = expect(f, &c, titles, n, without);
    if (isfinite(shape))
        ret->probability = gamma_above(shape + ret->chosen, shape + ret->expected);
}

/* ---------------------------------------------------------------- how much people draw */

static int by_title(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* What of the squares of k - E is beyond Poisson, and the squares of E: their ratio is the variance of theta. Over every `step`-th
 * viewer. */
struct drawn {
    double beyond, squares;
};

static void measure(const struct follows_choice *f, const struct viewer_sets *s,
                    const uint32_t *titles, size_t n, const uint64_t *without, uint32_t first,
                    uint32_t step, struct drawn *to)
{
    for (uint32_t v = first; v < s->n_viewers; v += step) {
        struct choosing x;
        follows_choice_judge(f, s, v, titles, n, without, INFINITY, &x);
        double off = x.chosen - x.expected;
        to->beyond += off * off - x.expected;
        to->squares += x.expected * x.expected;
    }
}

static uint32_t step_over(const struct viewer_sets *s)
{
    return s->n_viewers / FIT_VIEWERS + 1;
}

static void fit_variance(struct follows_choice *f, const struct viewer_sets *s,
                         const struct catalogue *c, const uint64_t *without, uint32_t *titles)
{
    struct drawn all = {0};
    uint32_t taken = 0;
    uint32_t step = step_over(s);
    for (uint32_t person = 0; person < c->n_people && taken < FIT_PEOPLE; person++) {
        const struct person_row *row = &c->people[person];
        uint32_t n = 0;
        for (uint32_t i = 0; i < row->n_titles; i++) {
            if (c->person_roles[row->first_title + i] & 1U << ROLE_DIRECTOR)
                titles[n++] = c->person_titles[row->first_title + i].v;
        }
        if (n < LEAST_TITLES)
            continue;
        qsort(titles, n, sizeof(*titles), by_title);
        measure(f, s, titles, n, without, person % step, step, &all);
        taken++;
    }
    f->variance = all.squares > 0 ? fmax(0, all.beyond / all.squares) : 0;
}

double follows_choice_shape(const struct follows_choice *f, const struct viewer_sets *s,
                            const uint32_t *titles, size_t n, const uint64_t *without)
{
    struct drawn own = {shrink_variance * f->variance, shrink_variance};
    measure(f, s, titles, n, without, 0, step_over(s), &own);
    double variance = own.beyond / own.squares;
    return variance > least_variance ? 1 / variance : INFINITY;
}

int follows_choice_fit(const struct viewer_sets *s, const struct catalogue *c,
                       const uint64_t *without, struct follows_choice **ret, struct mq_error *err)
{
    struct follows_choice *f = calloc(1, sizeof(*f));
    uint32_t *titles = calloc((size_t)c->n_titles + 1, sizeof(*titles));
    uint32_t n = s->n_titles < c->n_titles ? s->n_titles : c->n_titles;
    if (f) {
        f->n_titles = n;
        f->share = calloc((size_t)n + 1, sizeof(*f->share));
        f->genres = calloc((size_t)n + 1, sizeof(*f->genres));
        f->decade = calloc((size_t)n + 1, sizeof(*f->decade));
    }
    if (!f || !titles || !f->share || !f->genres || !f->decade) {
        free(titles);
        follows_choice_free(f);
        return mq_fail(err, MQ_NO_MEMORY, "follows: no memory");
    }
    for (uint32_t t = 0; t < n; t++) {
        int d = c->titles[t].year / 10 - DECADE_FIRST;
        f->genres[t] = c->titles[t].genres;
        f->decade[t] = (uint8_t)(d < 0 || d >= CHOICE_DECADES ? CHOICE_DECADES : d);
    }
    count_choices(f, s, without);
    fit_variance(f, s, c, without, titles);
    free(titles);
    *ret = f;
    return 0;
}
