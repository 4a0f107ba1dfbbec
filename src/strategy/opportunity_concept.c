#include "strategy/opportunity_concept.h"

#include <stdio.h>

#include "base/json_writer.h"

enum { GENRES = 2, TAGS = 3, CANDIDATES = 64, NAME_BYTES = 512 };

/* Words with how often they came, one vertex counting as much as another. */
struct counted {
    struct str word;
    double n;
};

struct tally {
    struct counted list[CANDIDATES];
    size_t n;
};

static void count(struct tally *t, struct str word, double weight)
{
    size_t i = 0;
    while (i < t->n && !str_eq(t->list[i].word, word))
        i++;
    if (word.n == 0 || i == CANDIDATES)
        return;
    if (i == t->n)
        t->list[t->n++] = (struct counted){word, 0};
    t->list[i].n += weight;
}

/* The most frequent, taken out; empty: there is none. */
static struct str take(struct tally *t)
{
    size_t best = 0;
    struct str none = {NULL, 0};
    for (size_t i = 1; i < t->n; i++) {
        if (t->list[i].n > t->list[best].n)
            best = i;
    }
    if (t->n == 0 || t->list[best].n <= 0)
        return none;
    t->list[best].n = 0;
    return t->list[best].word;
}

struct profile_of {
    struct tally genres, languages, countries;
    double kinds[TITLE_KINDS];
};

static void look_at(const struct strategy_data *d, const struct vertex *v, struct profile_of *p)
{
    for (uint32_t i = 0; i < v->n_titles; i++) {
        double weight = 1.0 / v->n_titles;
        if (v->titles[i] >= d->n_titles)
            continue;
        const struct strategy_title *t = &d->titles[v->titles[i]];
        for (uint16_t g = 0; g < t->n_genres; g++)
            count(&p->genres, t->genres[g], weight);
        count(&p->languages, t->language, weight);
        if (t->n_countries)
            count(&p->countries, t->countries[0], weight);
        p->kinds[t->kind < TITLE_KINDS ? t->kind : 0] += weight;
    }
}

/* What a title that is to be made again is about. */
static uint16_t take_tags(const struct strategy_data *d, uint32_t title, struct str *to)
{
    uint16_t n = 0;
    while (title < d->n_titles && n < TAGS && n < d->titles[title].n_tags) {
        to[n] = d->titles[title].tags[n];
        n++;
    }
    return n;
}

static int fill(const struct strategy_data *d, const struct vertices *vs, const struct triangle *t,
                struct profile_of *p, struct arena *arena, struct title *ret, struct mq_error *err)
{
    struct str *genres = ARENA_ARRAY(arena, GENRES, struct str);
    struct str *tags = ARENA_ARRAY(arena, TAGS, struct str);
    struct str *countries = ARENA_ARRAY(arena, 1, struct str);
    struct credit *credits = ARENA_ARRAY(arena, 2, struct credit);
    char *name = arena_alloc(arena, NAME_BYTES);
    if (!genres || !tags || !countries || !credits || !name)
        return mq_fail(err, MQ_NO_MEMORY, "opportunities: no memory");
    title_init(ret);
    for (int k = 0; k < 2; k++) {
        const struct vertex *v = &vs->v[t->v[k]];
        credits[k] = (struct credit){
            .person = v->label, .person_id = {v->number}, .role = v->role, .billing = 1};
    }
    const struct vertex *theme = &vs->v[t->v[VERTEX_THEME]];
    if (theme->role == VERTEX_TITLE)
        ret->n_tags = take_tags(d, theme->number, tags);
    else if (vs->themes_are_genres)
        genres[ret->n_genres++] = theme->label;
    else
        tags[ret->n_tags++] = theme->label;
    while (ret->n_genres < GENRES) {
        struct str g = take(&p->genres);
        if (g.n == 0)
            break;
        if (ret->n_genres == 0 || !str_eq_nocase(g, genres[0]))
            genres[ret->n_genres++] = g;
    }
    countries[0] = take(&p->countries);
    ret->n_countries = countries[0].n > 0;
    for (int k = 1; k < TITLE_KINDS; k++) {
        if (p->kinds[k] > p->kinds[ret->kind])
            ret->kind = (uint8_t)k;
    }
    ret->language = take(&p->languages);
    int n = snprintf(name, NAME_BYTES, "%.*s, %.*s: %.*s", (int)(credits[0].person.n % 150),
                     credits[0].person.p, (int)(credits[1].person.n % 150), credits[1].person.p,
                     (int)(theme->label.n % 150), theme->label.p);
    ret->name = (struct str){name, n > 0 ? (size_t)n : 0};
    ret->genres = genres;
    ret->tags = tags;
    ret->countries = countries;
    ret->credits = credits;
    ret->n_credits = 2;
    ret->has_credits = true;
    return 0;
}

int opportunity_concept(const struct strategy_data *d, const struct vertices *vs,
                        const struct triangle *t, struct arena *arena, struct title *ret,
                        struct mq_error *err)
{
    struct profile_of *p = ARENA_NEW(arena, struct profile_of);
    if (!p)
        return mq_fail(err, MQ_NO_MEMORY, "opportunities: no memory");
    for (int k = 0; k < VERTEX_KINDS; k++)
        look_at(d, &vs->v[t->v[k]], p);
    return fill(d, vs, t, p, arena, ret, err);
}

static void write_list(struct json *j, const char *key, const struct str *list, uint16_t n)
{
    json_key(j, str_of(key));
    json_array(j);
    for (uint16_t i = 0; i < n; i++)
        json_str(j, list[i]);
    json_array_end(j);
}

void opportunity_concept_write(const struct title *t, struct str like, struct buf *out)
{
    struct json j;
    json_init(&j, out);
    json_object(&j);
    json_kv_str(&j, "title", t->name);
    if (t->kind)
        json_kv_z(&j, "kind", title_kind_name((enum title_kind)t->kind));
    write_list(&j, "genres", t->genres, t->n_genres);
    write_list(&j, "tags", t->tags, t->n_tags);
    if (t->n_countries)
        json_kv_str(&j, "country", t->countries[0]);
    if (t->language.n)
        json_kv_str(&j, "language", t->language);
    json_key(&j, STR("credits"));
    json_array(&j);
    for (uint32_t i = 0; i < t->n_credits; i++) {
        json_object(&j);
        json_kv_z(&j, "role", role_name((enum role)t->credits[i].role));
        json_kv_u64(&j, "billing", t->credits[i].billing);
        json_kv_str(&j, "person", t->credits[i].person);
        json_object_end(&j);
    }
    json_array_end(&j);
    if (like.n)
        write_list(&j, "comparables", &like, 1);
    json_object_end(&j);
}
