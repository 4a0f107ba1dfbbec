#include "audience/follows.h"

#include <math.h>
#include <stdlib.h>

#include "math/bits.h"
#include "math/stratified.h"

enum { ROUNDS = 4, DECADES = 16, DECADE_FIRST = 189, FEATURES = CATALOGUE_GENRES_MAX + DECADES };

/* Opinions that an effect must have behind it to count half. */
static const double shrink_title = 10, shrink_viewer = 5, shrink_genre = 6, shrink_decade = 6;

void follows_free(struct follows *f)
{
    if (!f)
        return;
    free(f->start);
    free(f->left);
    free(f->held);
    follows_choice_free(f->choice);
    free(f);
}

struct fit {
    const struct viewer_sets *sets;
    const struct catalogue *catalogue;
    const uint64_t *without; /* bit per title; NULL: none */
    struct follows *out;
    double *title, *title_sum; /* (n_titles) */
    uint32_t *title_n;
    double *viewer; /* (n_viewers) */
};

static bool has_opinion(const struct set_entry *e)
{
    return e->confidence > 0;
}

/* An opinion that is learnt from. */
static bool counts(const struct fit *x, const struct set_entry *e)
{
    return has_opinion(e) && !(x->without && bits_get(x->without, e->title));
}

static double opinion(const struct set_entry *e)
{
    return e->preference / 100.0;
}

static unsigned decade_of(const struct catalogue *c, uint32_t title)
{
    int d = title < c->n_titles ? c->titles[title].year / 10 - DECADE_FIRST : -1;
    return d < 0 || d >= DECADES ? DECADES : (unsigned)d;
}

static void fit_mean(struct fit *x)
{
    double sum = 0;
    uint64_t n = 0;
    for (uint32_t v = 0; v < x->sets->n_viewers; v++) {
        const struct set_viewer *p = x->sets->viewers[v];
        for (uint32_t i = 0; p && i < p->n; i++) {
            if (!counts(x, &p->entries[i]))
                continue;
            sum += opinion(&p->entries[i]);
            n++;
        }
    }
    x->out->mean = n > 0 ? sum / (double)n : 0;
}

/* One round: titles given viewers, then viewers given titles. */
static void fit_round(struct fit *x)
{
    uint32_t n_titles = x->sets->n_titles;
    memset(x->title_sum, 0, n_titles * sizeof(*x->title_sum));
    memset(x->title_n, 0, n_titles * sizeof(*x->title_n));
    for (uint32_t v = 0; v < x->sets->n_viewers; v++) {
        const struct set_viewer *p = x->sets->viewers[v];
        for (uint32_t i = 0; p && i < p->n; i++) {
            const struct set_entry *e = &p->entries[i];
            if (!counts(x, e))
                continue;
            x->title_sum[e->title] += opinion(e) - x->out->mean - x->viewer[v];
            x->title_n[e->title]++;
        }
    }
    for (uint32_t t = 0; t < n_titles; t++)
        x->title[t] = x->title_sum[t] / (x->title_n[t] + shrink_title);
    for (uint32_t v = 0; v < x->sets->n_viewers; v++) {
        const struct set_viewer *p = x->sets->viewers[v];
        double sum = 0;
        uint32_t n = 0;
        for (uint32_t i = 0; p && i < p->n; i++) {
            const struct set_entry *e = &p->entries[i];
            if (!counts(x, e))
                continue;
            sum += opinion(e) - x->out->mean - x->title[e->title];
            n++;
        }
        x->viewer[v] = sum / (n + shrink_viewer);
    }
}

/* The viewer's decades and then genres, on what is left; a title of several genres has their mean. */
static void take_taste(const struct fit *x, const struct set_viewer *p, float *left)
{
    double sum[FEATURES + 1] = {0};
    double n[FEATURES + 1] = {0};
    const struct catalogue *c = x->catalogue;
    for (uint32_t i = 0; i < p->n; i++) {
        unsigned d = decade_of(c, p->entries[i].title);
        if (!counts(x, &p->entries[i]))
            continue;
        sum[CATALOGUE_GENRES_MAX + d] += left[i];
        n[CATALOGUE_GENRES_MAX + d]++;
    }
    for (uint32_t i = 0; i < p->n; i++) {
        unsigned d = decade_of(c, p->entries[i].title);
        if (d < DECADES)
            left[i] -= (float)(sum[CATALOGUE_GENRES_MAX + d] /
                               (n[CATALOGUE_GENRES_MAX + d] + shrink_decade));
    }
    for (uint32_t i = 0; i < p->n; i++) {
        uint32_t t = p->entries[i].title;
        uint64_t genres = t < c->n_titles ? c->titles[t].genres : 0;
        for (; genres && counts(x, &p->entries[i]); genres &= genres - 1) {
            sum[__builtin_ctzll(genres)] += left[i];
            n[__builtin_ctzll(genres)]++;
        }
    }
    for (uint32_t i = 0; i < p->n; i++) {
        uint32_t t = p->entries[i].title;
        uint64_t genres = t < c->n_titles ? c->titles[t].genres : 0;
        double effect = 0;
        for (uint64_t g = genres; g; g &= g - 1)
            effect += sum[__builtin_ctzll(g)] / (n[__builtin_ctzll(g)] + shrink_genre);
        if (genres)
            left[i] -= (float)(effect / __builtin_popcountll(genres));
    }
}

static void take_out(struct fit *x)
{
    struct follows *f = x->out;
    for (uint32_t v = 0; v < x->sets->n_viewers; v++) {
        const struct set_viewer *p = x->sets->viewers[v];
        float *left = f->left + f->start[v];
        if (!p)
            continue;
        for (uint32_t i = 0; i < p->n; i++) {
            const struct set_entry *e = &p->entries[i];
            left[i] = has_opinion(e)
                          ? (float)(opinion(e) - f->mean - x->title[e->title] - x->viewer[v])
                          : NAN;
        }
        take_taste(x, p, left);
        for (uint32_t i = 0; f->held && i < p->n; i++) {
            bool held = bits_get(x->without, p->entries[i].title);
            f->held[f->start[v] + i] = held ? left[i] : NAN;
            left[i] = held ? NAN : left[i];
        }
    }
}

/* Moments over the pairs of (viewer, person) with two opinions or more: products of two different ones estimate
 * spread^2, and the rest of the variance is noise. */
struct moments {
    double products, pairs, squares, n;
};

/* Running sums by viewer. */
struct tally {
    double *sum, *squares; /* (n_viewers) */
    uint32_t *n, *list;    /* (n_viewers) */
};

static int tally_init(struct tally *t, uint32_t n_viewers, struct mq_error *err)
{
    size_t n = (size_t)n_viewers + 1;
    t->sum = calloc(n, sizeof(*t->sum));
    t->squares = calloc(n, sizeof(*t->squares));
    t->n = calloc(n, sizeof(*t->n));
    t->list = calloc(n, sizeof(*t->list));
    if (t->sum && t->squares && t->n && t->list)
        return 0;
    return mq_fail(err, MQ_NO_MEMORY, "follows: no memory");
}

static void tally_release(struct tally *t)
{
    free(t->sum);
    free(t->squares);
    free(t->n);
    free(t->list);
}

/* What is left of one entry; NaN for none. */
static float follows_left(const struct follows *f, const struct viewer_sets *s, uint32_t viewer,
                          uint32_t title)
{
    const struct set_viewer *p = viewer < s->n_viewers ? s->viewers[viewer] : NULL;
    uint32_t low = 0;
    uint32_t high = p ? p->n : 0;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (p->entries[mid].title < title)
            low = mid + 1;
        else
            high = mid;
    }
    return p && low < p->n && p->entries[low].title == title ? f->left[f->start[viewer] + low]
                                                             : NAN;
}

static void tally_title(const struct follows *f, const struct viewer_sets *s, uint32_t title,
                        struct tally *t)
{
    uint32_t n = set_list(viewer_sets_of(s, title, AUDIENCE_WATCHED), t->list);
    for (uint32_t i = 0; i < n; i++) {
        double r = follows_left(f, s, t->list[i], title);
        if (isnan(r))
            continue;
        t->sum[t->list[i]] += r;
        t->squares[t->list[i]] += r * r;
        t->n[t->list[i]]++;
    }
}

static void add_person(const struct fit *x, uint32_t person, struct tally *t, struct moments *m)
{
    const struct catalogue *c = x->catalogue;
    const struct person_row *p = &c->people[person];
    for (uint32_t i = 0; i < p->n_titles; i++)
        tally_title(x->out, x->sets, c->person_titles[p->first_title + i].v, t);
    for (uint32_t i = 0; i < p->n_titles;
         i++) { /* each viewer once, and the slate is clean again */
        uint32_t title = c->person_titles[p->first_title + i].v;
        uint32_t n = set_list(viewer_sets_of(x->sets, title, AUDIENCE_WATCHED), t->list);
        for (uint32_t k = 0; k < n; k++) {
            uint32_t v = t->list[k];
            if (t->n[v] >= 2) {
                m->products += t->sum[v] * t->sum[v] - t->squares[v];
                m->pairs += (double)t->n[v] * (t->n[v] - 1);
            }
            t->sum[v] = t->squares[v] = 0;
            t->n[v] = 0;
        }
    }
}

enum { MOMENT_PEOPLE = 2000 };

/* Directors with three titles or more, at most so many: theirs is the effect that is meant. */
static int fit_spread(struct fit *x, struct mq_error *err)
{
    struct tally t;
    struct moments m = {0};
    uint32_t taken = 0;
    int rc = tally_init(&t, x->sets->n_viewers, err);
    for (uint32_t p = 0; rc == 0 && p < x->catalogue->n_people && taken < MOMENT_PEOPLE; p++) {
        const struct person_row *row = &x->catalogue->people[p];
        if (row->n_titles < 3 ||
            !(x->catalogue->person_roles[row->first_title] & 1U << ROLE_DIRECTOR))
            continue;
        add_person(x, p, &t, &m);
        taken++;
    }
    tally_release(&t);
    const struct follows *f = x->out;
    for (uint64_t i = 0; i < f->start[x->sets->n_viewers]; i++) {
        if (isnan(f->left[i]))
            continue;
        m.squares += (double)f->left[i] * f->left[i];
        m.n++;
    }
    double all = m.n > 0 && m.squares > 0 ? m.squares / m.n : 1;
    double spread = m.pairs > 0 ? m.products / m.pairs : 0;
    double least = all * 0.01; /* some effect is always possible */
    x->out->spread2 = spread > least ? spread : least;
    if (rc == 0 && spread <= least)
        rc = follows_choice_fit(x->sets, x->catalogue, x->without, &x->out->choice, err);
    x->out->noise2 = all > x->out->spread2 * 1.25 ? all - x->out->spread2 : x->out->spread2 / 4;
    return rc;
}

static int make_room(struct fit *x, struct follows *f)
{
    const struct viewer_sets *s = x->sets;
    f->start = calloc((size_t)s->n_viewers + 1, sizeof(*f->start));
    f->left = calloc(s->entries + 1, sizeof(*f->left));
    f->held = x->without ? calloc(s->entries + 1, sizeof(*f->held)) : NULL;
    x->title = calloc((size_t)s->n_titles + 1, sizeof(*x->title));
    x->title_sum = calloc((size_t)s->n_titles + 1, sizeof(*x->title_sum));
    x->title_n = calloc((size_t)s->n_titles + 1, sizeof(*x->title_n));
    x->viewer = calloc((size_t)s->n_viewers + 1, sizeof(*x->viewer));
    if (x->without && !f->held)
        return MQ_NO_MEMORY;
    if (!f->start || !f->left || !x->title || !x->title_sum || !x->title_n || !x->viewer)
        return MQ_NO_MEMORY;
    for (uint32_t v = 0; v < s->n_viewers; v++)
        f->start[v + 1] = f->start[v] + (s->viewers[v] ? s->viewers[v]->n : 0);
    return 0;
}

int follows_fit(const struct viewer_sets *s, const struct catalogue *c, struct follows **ret,
                struct mq_error *err)
{
    return follows_fit_without(s, c, NULL, ret, err);
}

int follows_fit_without(const struct viewer_sets *s, const struct catalogue *c,
                        const uint64_t *without, struct follows **ret, struct mq_error *err)
{
    struct follows *f = calloc(1, sizeof(*f));
    struct fit x = {.sets = s, .catalogue = c, .without = without, .out = f};
    int rc = f ? make_room(&x, f) : MQ_NO_MEMORY;
    if (rc == 0) {
        f->version = s->version;
        fit_mean(&x);
        for (int i = 0; i < ROUNDS; i++)
            fit_round(&x);
        take_out(&x);
        rc = fit_spread(&x, err);
    } else {
        rc = mq_fail(err, MQ_NO_MEMORY, "follows: no memory");
    }
    free(x.title);
    free(x.title_sum);
    free(x.title_n);
    free(x.viewer);
    if (rc) {
        follows_free(f);
        return rc;
    }
    *ret = f;
    return 0;
}

/* ---------------------------------------------------------------- asking */

void follows_judge(const struct follows *f, double sum_left, uint32_t n, struct following *ret)
{
    double v = 1 / (1 / f->spread2 + n / f->noise2);
    double m = v * sum_left / f->noise2;
    *ret = (struct following){
        .titles = n, .effect = m, .deviation = sqrt(v), .probability = normal_above(-m / sqrt(v))};
}

/* Of the titles a viewer has `opinions` on, what they left in sum. */
static bool is_follower(const struct follows *f, double sum_left, uint32_t opinions)
{
    struct following x;
    follows_judge(f, sum_left, opinions, &x);
    return x.probability >= FOLLOWS_PROBABILITY;
}

int follows_viewers(const struct follows *f, const struct viewer_sets *s, const uint32_t *titles,
                    size_t n, const uint64_t *without, roaring_bitmap_t **ret, struct mq_error *err)
{
    struct tally t;
    int rc = tally_init(&t, s->n_viewers, err);
    roaring_bitmap_t *out = rc ? NULL : roaring_bitmap_create();
    if (rc == 0 && !out)
        rc = mq_fail(err, MQ_NO_MEMORY, "follows: no memory");
    for (size_t i = 0; rc == 0 && i < n; i++) {
        if (!without || titles[i] >= s->n_titles || !bits_get(without, titles[i]))
            tally_title(f, s, titles[i], &t);
    }
    double shape =
        rc == 0 && f->choice ? follows_choice_shape(f->choice, s, titles, n, without) : INFINITY;
    for (uint32_t v = 0; rc == 0 && v < s->n_viewers; v++) {
        if (t.n[v] < FOLLOWS_LEAST_TITLES)
            continue;
        struct choosing c = {0};
        if (f->choice)
            follows_choice_judge(f->choice, s, v, titles, n, without, shape, &c);
        if (f->choice ? c.chosen >= FOLLOWS_LEAST_TITLES && c.probability >= FOLLOWS_PROBABILITY
                      : is_follower(f, t.sum[v], t.n[v]))
            roaring_bitmap_add(out, v);
    }
    tally_release(&t);
    if (rc == 0)
        *ret = out;
    return rc;
}
