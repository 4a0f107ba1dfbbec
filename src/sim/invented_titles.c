/* invented_titles.c - titles beyond the real ones.
 *
 * Each takes a real title as its pattern: kind, countries, language, genres and how many people in each role
 * come from there, so that these are distributed as the real ones are; year and runtime are scattered around
 * it, tags come from it and from another. Nobody real gets a credit: people are invented too, by a Yule-Simon
 * process within the pattern's first genre: a credit goes to someone new, or repeats an earlier credit, so
 * that few people have many titles and most have one, and people stay near a genre. */
#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/hash.h"
#include "sim/sim_world.h"

enum { NAME_TRIES = 12, YEAR_MAX = 2025, TAGS_TAKEN = 4 };
#define NEW_PERSON 0.35 /* share of credits that go to someone new */

/* Person of each earlier credit in a genre and role: drawing one draws a person by number of credits. */
struct past {
    uint32_t *person;
    uint32_t n, cap;
};

struct inventing {
    struct sim_world *w;
    struct rng rng;
    struct intern *names; /* of titles, the real ones included */
    struct past past[FILM_GENRES_MAX][ROLES];
    struct buf name;
};

static int past_add(struct past *p, uint32_t person, struct mq_error *err)
{
    if (p->n == p->cap) {
        uint32_t cap = p->cap ? p->cap * 2 : 64;
        uint32_t *grown = realloc(p->person, cap * sizeof(*grown));
        if (!grown)
            return mq_fail(err, MQ_NO_MEMORY, "credits: no memory: ask for fewer titles");
        p->person = grown;
        p->cap = cap;
    }
    p->person[p->n++] = person;
    return 0;
}

/* A name that nobody has. */
static void new_person(struct inventing *v)
{
    do {
        buf_reset(&v->name);
        name_person(&v->rng, &v->name);
    } while (intern_find(v->w->people, buf_str(&v->name)) != INTERN_NONE);
}

static bool credited(const struct credit *c, uint32_t n, uint32_t person, uint8_t role)
{
    for (uint32_t i = 0; i < n; i++) {
        if (c[i].person_id.v == person && c[i].role == role)
            return true;
    }
    return false;
}

static int credits_like(struct inventing *v, const struct title *pattern, struct title *t,
                        unsigned genre, struct mq_error *err)
{
    struct sim_world *w = v->w;
    struct credit *credits = ARENA_ARRAY(&w->arena, pattern->n_credits + 1, struct credit);
    if (!credits)
        return mq_fail(err, MQ_NO_MEMORY, "credits: no memory: ask for fewer titles");
    for (uint32_t i = 0; i < pattern->n_credits; i++) {
        const struct credit *like = &pattern->credits[i];
        struct past *past = &v->past[genre][like->role];
        uint32_t known = INTERN_NONE;
        if (past->n > 0 && rng_double(&v->rng) >= NEW_PERSON)
            known = past->person[rng_below(&v->rng, past->n)];
        if (known == INTERN_NONE || credited(credits, i, known, like->role))
            new_person(v);
        else {
            buf_reset(&v->name);
            buf_add_str(&v->name, intern_name(w->people, known));
        }
        int rc = world_credit(w, &credits[i], (enum role)like->role, like->billing,
                              buf_str(&v->name), err);
        if (rc == 0)
            rc = past_add(past, credits[i].person_id.v, err);
        if (rc)
            return rc;
    }
    t->credits = credits;
    t->n_credits = pattern->n_credits;
    t->has_credits = true;
    return 0;
}

/* A name that no title has; a number behind it when the grammar gives none in a dozen tries. */
static int name_it(struct inventing *v, struct title *t, struct mq_error *err)
{
    uint32_t id;
    bool is_new = false;
    for (int i = 0; i < NAME_TRIES && !is_new; i++) {
        buf_reset(&v->name);
        name_title(&v->rng, &v->name);
        is_new = intern_find(v->names, buf_str(&v->name)) == INTERN_NONE;
    }
    if (!is_new)
        buf_printf(&v->name, " %u", v->w->n_titles);
    int rc = intern_add(v->names, buf_str(&v->name), &id, NULL, err);
    if (rc)
        return rc;
    t->name = arena_str(&v->w->arena, buf_str(&v->name));
    return t->name.p ? 0 : mq_fail(err, MQ_NO_MEMORY, "titles: no memory: ask for fewer");
}

static bool list_holds(const struct str *list, uint16_t n, struct str s)
{
    for (uint16_t i = 0; i < n; i++) {
        if (str_eq(list[i], s))
            return true;
    }
    return false;
}

static int tags_from(struct inventing *v, const struct title *a, const struct title *b,
                     struct title *t, struct mq_error *err)
{
    struct str *tags = ARENA_ARRAY(&v->w->arena, TAGS_TAKEN, struct str);
    if (!tags)
        return mq_fail(err, MQ_NO_MEMORY, "titles: no memory: ask for fewer");
    const struct title *from[TAGS_TAKEN] = {a, a, b, a};
    for (int i = 0; i < TAGS_TAKEN; i++) {
        if (from[i]->n_tags == 0)
            continue;
        struct str tag = from[i]->tags[rng_below(&v->rng, from[i]->n_tags)];
        if (!list_holds(tags, t->n_tags, tag))
            tags[t->n_tags++] = tag;
    }
    t->tags = tags;
    return 0;
}

static int invent(struct inventing *v, struct mq_error *err)
{
    struct sim_world *w = v->w;
    struct sim_title *to = &w->titles[w->n_titles];
    const struct sim_title *like = &w->titles[rng_below(&v->rng, w->n_real)];
    const struct sim_title *other = &w->titles[rng_below(&v->rng, w->n_real)];
    struct title *t = &to->record;
    title_init(t);
    to->launch_day = SIM_ALWAYS;
    to->genres = like->genres;
    to->fame = rng_normal(&v->rng);
    t->kind = like->record.kind;
    t->genres = like->record.genres;
    t->n_genres = like->record.n_genres;
    t->countries = like->record.countries;
    t->n_countries = like->record.n_countries;
    t->language = like->record.language;
    double year = like->record.year + 8 * rng_normal(&v->rng);
    t->year = (int16_t)(year > YEAR_MAX ? YEAR_MAX - (int)rng_below(&v->rng, 10) : year);
    double runtime = like->record.runtime_min * exp(0.12 * rng_normal(&v->rng));
    t->runtime_min = (uint16_t)(runtime < 10 ? 10 : runtime);
    t->release_day =
        (int32_t)time_days_from_civil(t->year, 1, 1) + (int32_t)rng_below(&v->rng, 365);
    int rc = name_it(v, t, err);
    if (rc == 0)
        rc = tags_from(v, &like->record, &other->record, t, err);
    if (rc == 0)
        rc = credits_like(v, &like->record, t, film_genre_find(t->genres[0]), err);
    if (rc == 0)
        w->n_titles++;
    return rc;
}

int invented_titles_add(struct sim_world *w, struct mq_error *err)
{
    struct inventing *v = calloc(1, sizeof(*v));
    if (!v)
        return mq_fail(err, MQ_NO_MEMORY, "titles: no memory");
    v->w = w;
    rng_seed(&v->rng, hash_mix(w->settings.seed, STREAM_INVENT));
    buf_init(&v->name, TITLE_NAME_MAX);
    int rc = intern_new(&v->names, err);
    for (uint32_t i = 0; i < w->n_titles && rc == 0; i++)
        rc = intern_add(v->names, w->titles[i].record.name, &(uint32_t){0}, NULL, err);
    while (rc == 0 && w->n_titles < w->settings.titles)
        rc = invent(v, err);
    for (int g = 0; g < FILM_GENRES_MAX; g++) {
        for (int r = 0; r < ROLES; r++)
            free(v->past[g][r].person);
    }
    intern_free(v->names);
    buf_release(&v->name);
    free(v);
    return rc;
}
