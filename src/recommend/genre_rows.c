/* genre_rows.c - genres that the viewer likes more than others do, or for new viewers popular ones. */
#include "recommend/shelf.h"

#include <math.h>

static const uint64_t *genre_bits(const struct recommender *r, uint32_t genre)
{
    return r->d->genre + (size_t)genre * r->words;
}

static double sum_where(const struct recommender *r, uint32_t genre)
{
    const uint64_t *bits = genre_bits(r, genre);
    double sum = 0;
    for (size_t i = 0; i < r->words; i++) {
        for (uint64_t b = bits[i]; b; b &= b - 1)
            sum += (double)r->trend[i * 64 + (size_t)__builtin_ctzll(b)];
    }
    return sum;
}

static size_t count_free(const struct recommender *r, uint32_t genre)
{
    const uint64_t *bits = genre_bits(r, genre);
    size_t n = 0;
    for (size_t i = 0; i < r->words; i++)
        n += (size_t)__builtin_popcountll(bits[i] & ~r->seen[i]);
    return n;
}

struct genre_liking {
    double liking; /* sum of preferences */
    size_t n;
};

static void count_genres(const struct recommender *r, struct genre_liking ret[CATALOGUE_GENRES_MAX])
{
    memset(ret, 0, CATALOGUE_GENRES_MAX * sizeof(*ret));
    for (size_t i = 0; i < r->n_liked; i++) {
        for (uint64_t b = title_row(r, r->liked[i].title.v)->genres; b; b &= b - 1) {
            struct genre_liking *g = &ret[__builtin_ctzll(b)];
            g->liking += (double)r->liked[i].preference;
            g->n++;
        }
    }
}

/* As for people: liking times the log of how much more often than expected, shrunk by two titles. */
static double affinity(const struct recommender *r, uint32_t genre, const struct genre_liking *g)
{
    const double shrink = 2;
    double mass, total;
    if (r->w->model) {
        mass = r->d->genre_popularity[genre];
        total = r->d->popularity;
    } else {
        mass = sum_where(r, genre);
        total = 0;
        for (uint32_t t = 0; t < r->n_titles; t++)
            total += (double)r->trend[t];
    }
    double expected = total > 0 ? (double)r->n_liked * mass / total : 0;
    return g->liking * log(((double)g->n + shrink) / (expected + shrink));
}

static void find_evidence(const struct recommender *r, struct shelf *s)
{
    for (size_t i = 0; i < r->n_liked; i++) {
        if (!(title_row(r, r->liked[i].title.v)->genres >> s->key & 1))
            continue;
        if (s->n_behind < EVIDENCE_MAX)
            s->evidence[s->n_behind] = r->liked[i].title;
        s->n_behind++;
    }
    s->n_evidence = s->n_behind <= EVIDENCE_MAX ? s->n_behind : 0;
}

void genre_list(struct recommender *r, struct shelf *s)
{
    if (s->personal) {
        struct genre_liking likings[CATALOGUE_GENRES_MAX];
        count_genres(r, likings);
        find_evidence(r, s);
        if (s->n_behind < 2 || affinity(r, s->key, &likings[s->key]) <= 0)
            return;
    }
    bool by_taste = s->personal && r->has_taste;
    const uint64_t *bits = genre_bits(r, s->key);
    for (size_t i = 0; i < r->words; i++)
        r->skip[i] = r->seen[i] | ~bits[i] | (by_taste ? r->d->unknown[i] : 0);
    shelf_select(r, s, by_taste ? r->score : r->trend, r->skip);
}

size_t genre_choose(struct recommender *r, struct shelf *ret, size_t max)
{
    struct genre_liking likings[CATALOGUE_GENRES_MAX];
    double worth[CATALOGUE_GENRES_MAX];
    size_t chosen = 0;
    if (r->n_liked < 2)
        return 0;
    count_genres(r, likings);
    for (uint32_t g = 0; g < r->w->catalogue->n_genres; g++) {
        worth[g] = likings[g].n >= 2 ? affinity(r, g, &likings[g]) : 0;
        if (worth[g] > 0 && count_free(r, g) < SHELF_LEAST)
            worth[g] = 0;
    }
    while (chosen < max) {
        uint32_t best = GENRE_NONE;
        for (uint32_t g = 0; g < r->w->catalogue->n_genres; g++) {
            if (worth[g] > 0 && (best == GENRE_NONE || worth[g] > worth[best]))
                best = g;
        }
        if (best == GENRE_NONE)
            break;
        worth[best] = 0;
        ret[chosen++] = (struct shelf){.kind = SHELF_GENRE, .key = best, .personal = true};
    }
    return chosen;
}

size_t genre_choose_popular(struct recommender *r, const struct shelf *popular, uint64_t without,
                            struct shelf *ret, size_t max)
{
    /* The best chosen titles decide which genres are popular: a sum over all titles says the same and
     * takes longer. */
    double mass[CATALOGUE_GENRES_MAX] = {0};
    size_t chosen = 0;
    for (size_t i = 0; i < popular->n; i++) {
        for (uint64_t b = title_row(r, popular->list[i].index)->genres & ~without; b; b &= b - 1)
            mass[__builtin_ctzll(b)] += (double)popular->list[i].score;
    }
    while (chosen < max) {
        uint32_t best = GENRE_NONE;
        for (uint32_t g = 0; g < CATALOGUE_GENRES_MAX; g++) {
            if (mass[g] > 0 && (best == GENRE_NONE || mass[g] > mass[best]))
                best = g;
        }
        if (best == GENRE_NONE)
            break;
        mass[best] = 0;
        if (count_free(r, best) >= SHELF_LEAST)
            ret[chosen++] = (struct shelf){.kind = SHELF_GENRE, .key = best};
    }
    return chosen;
}
