/* real_titles.c - lines of films.txt -> titles with their credits. */
#include <stdlib.h>

#include "sim/sim_world.h"

static uint32_t list_count(struct str list)
{
    uint32_t n = list.n > 0;
    for (size_t i = 0; i < list.n; i++)
        n += list.p[i] == ';';
    return n;
}

/* The text is the program's own, so parts are pointed at, not copied. */
static int list_of(struct sim_world *w, struct str list, const struct str **ret, uint16_t *ret_n,
                   struct mq_error *err)
{
    uint32_t n = list_count(list);
    struct str *parts = ARENA_ARRAY(&w->arena, n > 0 ? n : 1, struct str);
    if (!parts)
        return mq_fail(err, MQ_NO_MEMORY, "titles: no memory: ask for fewer");
    for (uint32_t i = 0; i < n; i++)
        parts[i] = str_cut(&list, ';');
    *ret = parts;
    *ret_n = (uint16_t)n;
    return 0;
}

static const struct {
    enum film_field field;
    enum role role;
} roles[] = {{FILM_DIRECTORS, ROLE_DIRECTOR},
             {FILM_ACTORS, ROLE_ACTOR},
             {FILM_PRODUCERS, ROLE_PRODUCER},
             {FILM_WRITERS, ROLE_WRITER},
             {FILM_CREATORS, ROLE_CREATOR}};
enum { CREDIT_FIELDS = sizeof(roles) / sizeof(roles[0]) };

static int credits_of(struct sim_world *w, const struct film *f, struct title *t,
                      struct mq_error *err)
{
    uint32_t n = 0;
    for (size_t i = 0; i < CREDIT_FIELDS; i++)
        n += list_count(f->field[roles[i].field]);
    struct credit *credits = ARENA_ARRAY(&w->arena, n > 0 ? n : 1, struct credit);
    if (!credits)
        return mq_fail(err, MQ_NO_MEMORY, "credits: no memory: ask for fewer titles");
    uint32_t at = 0;
    for (size_t i = 0; i < CREDIT_FIELDS; i++) {
        struct str list = f->field[roles[i].field];
        uint32_t in_role = list_count(list);
        for (uint32_t b = 1; b <= in_role; b++) {
            struct str person = str_cut(&list, ';');
            int rc = world_credit(w, &credits[at++], roles[i].role, (uint16_t)b, person, err);
            if (rc)
                return rc;
        }
    }
    t->credits = credits;
    t->n_credits = n;
    t->has_credits = true;
    return 0;
}

static int add_film(struct sim_world *w, const struct film *f, struct mq_error *err)
{
    struct sim_title *to = &w->titles[w->n_titles];
    struct title *t = &to->record;
    title_init(t);
    t->name = f->field[FILM_NAME];
    t->year = f->year;
    t->runtime_min = f->runtime_min;
    t->language = f->field[FILM_LANGUAGE];
    t->kind = str_eq(f->field[FILM_KIND], STR("series")) ? TITLE_SERIES : TITLE_FILM;
    to->fame = f->fame;
    to->real = true;
    to->launch_day = SIM_ALWAYS;
    int rc = list_of(w, f->field[FILM_GENRES], &t->genres, &t->n_genres, err);
    if (rc == 0)
        rc = list_of(w, f->field[FILM_TAGS], &t->tags, &t->n_tags, err);
    if (rc == 0)
        rc = list_of(w, f->field[FILM_COUNTRIES], &t->countries, &t->n_countries, err);
    if (rc == 0)
        rc = credits_of(w, f, t, err);
    if (rc)
        return rc;
    for (uint16_t g = 0; g < t->n_genres; g++)
        to->genres |= 1u << film_genre_find(t->genres[g]);
    w->n_titles++;
    return 0;
}

int real_titles_add(struct sim_world *w, struct mq_error *err)
{
    struct film *films = NULL;
    uint32_t n = 0;
    bool *keep = NULL;
    int rc = films_read(films_text(), &films, &n, err);
    if (rc)
        return rc;
    keep = calloc(n, sizeof(*keep));
    rc = keep ? films_rank(films, n, err) : mq_fail(err, MQ_NO_MEMORY, "titles: no memory");
    if (rc == 0)
        rc = films_choose(films, n, w->settings.titles, keep, err);
    for (uint32_t i = 0; i < n && rc == 0; i++) {
        if (keep[i])
            rc = add_film(w, &films[i], err);
    }
    w->n_real = w->n_titles;
    free(keep);
    free(films);
    return rc;
}
