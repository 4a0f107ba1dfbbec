/* mood_words.c - moods in words: what sets them apart from all plays. */
#include <math.h>

#include "recommend/moment.h"
#include "recommend/reasons.h"

enum { GENRES_NAMED = 2 };
static const float apart = 0.25f; /* ln of the factor from which a word is said */

/* The genres that the mood favours most, of those that matter at all; returns how many. */
static size_t genres_of(const struct mood_part *p, uint32_t z, uint32_t ret[GENRES_NAMED])
{
    const struct mood_model *m = &p->model;
    uint32_t named = MOOD_GENRES; /* the first */
    size_t n = 0;
    for (; n < GENRES_NAMED; n++) {
        uint32_t best = MOOD_GENRES;
        float most = 0;
        for (uint32_t g = 0; g < MOOD_GENRES; g++) {
            /* Rare genres' factors say little: weighed by how often they are played. */
            float worth = m->mood[z][g] * sqrtf(m->share[g]);
            if (g == named || m->mood[z][g] < apart || !p->genre[g][0] || worth <= most)
                continue;
            most = worth;
            best = g;
        }
        if (best == MOOD_GENRES)
            break;
        named = best;
        ret[n] = best;
    }
    return n;
}

static const char *length_of(const struct mood_model *m, uint32_t z)
{
    static const char *const words[MOOD_LENGTHS] = {"Very short", "Short", "", "Long", "Very long"};
    int best = 0;
    for (int l = 1; l < MOOD_LENGTHS; l++)
        best = m->mood[z][MOOD_GENRES + l] > m->mood[z][MOOD_GENRES + best] ? l : best;
    return m->mood[z][MOOD_GENRES + best] < apart ? "" : words[best];
}

static void add_lower(struct words *w, const char *text, bool first)
{
    for (const char *p = text; *p; p++) {
        bool capital = *p >= 'A' && *p <= 'Z';
        bool word = p[1] >= 'a' && p[1] <= 'z'; /* "SciFi" and "TV" stay */
        char c = *p;
        if (capital && word && p == text && !first)
            c = (char)(c + ('a' - 'A'));
        buf_add_char(&w->b, c);
    }
}

static void add_name(struct recommender *r, struct words *w, uint32_t z)
{
    const struct mood_part *p = r->w->model->moods;
    uint32_t genre[GENRES_NAMED];
    const char *length = length_of(&p->model, z);
    size_t n = genres_of(p, z, genre);
    buf_add_z(&w->b, length);
    for (size_t i = 0; i < n; i++) {
        buf_add_z(&w->b, i ? " and " : length[0] ? " " : "");
        add_lower(w, p->genre[genre[i]], i == 0 && !length[0]);
    }
    if (n == 0 && !length[0])
        buf_printf(&w->b, "Mood %u", z + 1);
    else if (n == 0)
        buf_add_z(&w->b, " titles");
}

const char *moment_mood_name(struct recommender *r, uint32_t number)
{
    struct words w;
    words_init(&w);
    add_name(r, &w, number);
    return words_keep(r, &w);
}

const char *moment_row_name(struct recommender *r, uint32_t mood)
{
    static const char *const when[DAYPARTS] = {" for now", " for this morning", " for today",
                                               " for this evening", " for tonight"};
    struct words w;
    words_init(&w);
    add_name(r, &w, mood);
    buf_add_z(&w.b, when[daypart_at(r->ask->at_ms, r->context.offset_min)]);
    return words_keep(r, &w);
}

const char *moment_row_reason(struct recommender *r)
{
    struct words w;
    const struct moment *now = &r->moment;
    if (now->chosen)
        return "You chose this mood";
    words_init(&w);
    buf_printf(&w.b, "A guess from %s, %.0f in 100 likely; choose another mood or none",
               now->recent ? "the moment and what you played just now" : "the moment",
               (double)now->view.p[now->mood] * 100);
    return words_keep(r, &w);
}

const char *moment_title_reason(struct recommender *r, uint32_t mood, uint32_t title)
{
    const struct mood_model *m = &r->w->model->moods->model;
    const struct title_row *row = title_row(r, title);
    struct words w;
    size_t said = 0;
    words_init(&w);
    for (uint64_t b = r->d->mood_genres[title]; b && said < GENRES_NAMED; b &= b - 1) {
        int g = __builtin_ctzll(b);
        if (m->mood[mood][g] <= 0)
            continue;
        buf_add_z(&w.b, said++ ? " and " : "");
        add_lower(&w, r->w->model->moods->genre[g], said == 1);
    }
    int length = mood_length(row->runtime_min);
    if (length >= 0 && m->mood[mood][MOOD_GENRES + length] > 0)
        buf_printf(&w.b, "%s%u minutes", said++ ? ", " : "", row->runtime_min);
    buf_add_z(&w.b, said ? ": suits the mood" : "Suits the mood");
    return words_keep(r, &w);
}
