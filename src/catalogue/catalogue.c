#include "catalogue/catalogue.h"

#include <stdlib.h>

enum { MAX_TITLES = 16 * 1024 * 1024, MAX_PEOPLE = 64 * 1024 * 1024 };
/* The most a catalogue may take: far above what the largest services have. */
static const size_t arena_max = (size_t)16 << 30;

struct growing {
    void *p;
    size_t n, cap, size;
};

struct catalogue_builder {
    struct arena text; /* copies of all text until the build moves it over */
    struct growing
        titles; /* struct title_row, by dense id; tags and first_credit of its own record */
    struct growing people;  /* struct person_row */
    struct growing credits; /* struct credit_row, in runs per title */
    struct str genres[CATALOGUE_GENRES_MAX];
    uint32_t n_genres;
};

/* Make v hold at least n elements, new ones zeroed. */
static int grow(struct growing *v, size_t n, size_t max, struct mq_error *err)
{
    if (n > max)
        return mq_fail(err, MQ_TOO_LARGE, "catalogue: %zu entries: at most %zu are allowed", n,
                       max);
    if (n > v->cap) {
        size_t cap = v->cap ? v->cap * 2 : 256;
        while (cap < n)
            cap *= 2;
        void *p = realloc(v->p, cap * v->size);
        if (!p)
            return mq_fail(err, MQ_NO_MEMORY, "catalogue: %zu entries: no memory", cap);
        v->p = p;
        v->cap = cap;
    }
    if (n > v->n) {
        memset((char *)v->p + v->n * v->size, 0, (n - v->n) * v->size);
        v->n = n;
    }
    return 0;
}

int catalogue_builder_new(struct catalogue_builder **ret, struct mq_error *err)
{
    struct catalogue_builder *b = calloc(1, sizeof(*b));
    if (!b || arena_init(&b->text, 1 << 20, arena_max) != 0) {
        free(b);
        return mq_fail(err, MQ_NO_MEMORY, "catalogue: no memory");
    }
    b->titles.size = sizeof(struct title_row);
    b->people.size = sizeof(struct person_row);
    b->credits.size = sizeof(struct credit_row);
    *ret = b;
    return 0;
}

void catalogue_builder_free(struct catalogue_builder *b)
{
    if (!b)
        return;
    arena_release(&b->text);
    free(b->titles.p);
    free(b->people.p);
    free(b->credits.p);
    free(b);
}

/* A copy with a NUL behind it. */
static struct str keep(struct arena *a, struct str s)
{
    char *p = arena_alloc(a, s.n + 1);
    if (!p)
        return STR_NONE;
    if (s.n > 0)
        memcpy(p, s.p, s.n);
    p[s.n] = '\0';
    return (struct str){p, s.n};
}

static uint8_t genre_number(struct catalogue_builder *b, struct str name)
{
    for (uint32_t g = 0; g < b->n_genres; g++) {
        if (str_eq_nocase(b->genres[g], name))
            return (uint8_t)g;
    }
    if (b->n_genres == CATALOGUE_GENRES_MAX)
        return GENRE_NONE; /* a 65th genre is not told apart; its titles simply lack the bit */
    b->genres[b->n_genres] = keep(&b->text, name);
    return (uint8_t)b->n_genres++;
}

static struct title_row *row_of(struct catalogue_builder *b, struct title_id id,
                                struct mq_error *err)
{
    if (grow(&b->titles, (size_t)id.v + 1, MAX_TITLES, err) != 0)
        return NULL;
    return (struct title_row *)b->titles.p + id.v;
}

static void fill_countries(struct catalogue_builder *b, const struct title *t,
                           struct title_row *row)
{
    country_code *codes = ARENA_ARRAY(&b->text, t->n_countries, country_code);
    uint16_t n = 0;
    for (uint16_t i = 0; codes && i < t->n_countries; i++)
        n = (uint16_t)(n + (country_from(t->countries[i], &codes[n]) && codes[n] != 0));
    row->countries = codes;
    row->n_countries = n;
    row->country = n > 0 ? codes[0] : 0;
}

static void fill_windows(struct catalogue_builder *b, const struct title *t, struct title_row *row)
{
    struct window *windows = ARENA_ARRAY(&b->text, t->n_windows, struct window);
    row->n_windows = windows ? t->n_windows : 0;
    row->windows = windows;
    for (uint16_t i = 0; i < row->n_windows; i++) {
        const struct window *from = &t->windows[i];
        country_code *codes = ARENA_ARRAY(&b->text, from->n_countries, country_code);
        windows[i] = *from;
        windows[i].countries = codes;
        if (codes && from->n_countries > 0)
            memcpy(codes, from->countries, from->n_countries * sizeof(*codes));
        else if (from->n_countries > 0)
            windows[i].until_ms = INT64_MIN; /* no memory: rather shut than open to all */
    }
}

static void fill_row(struct catalogue_builder *b, const struct title *t, struct title_row *row)
{
    row->id = keep(&b->text, t->id);
    row->name = t->name.n > 0 ? keep(&b->text, t->name) : row->id;
    row->genres = 0;
    for (uint16_t i = 0; i < t->n_genres; i++) {
        uint8_t g = genre_number(b, t->genres[i]);
        if (g != GENRE_NONE)
            row->genres |= UINT64_C(1) << g;
    }
    row->release_day = t->release_day;
    row->year = t->year;
    row->runtime_min = t->runtime_min;
    row->kind = t->kind;
    row->described = t->name.n > 0;
    fill_countries(b, t, row);
    fill_windows(b, t, row);
    row->age = maturity_age(t->maturity);
    row->original_name = keep(&b->text, t->original_name);
    row->budget = t->budget;
    row->gross = t->gross;
    row->added_ms = t->added_ms;
    row->language = keep(&b->text, t->language);
    row->maturity = keep(&b->text, t->maturity);
    struct str *tags = ARENA_ARRAY(&b->text, t->n_tags, struct str);
    row->n_tags = tags ? t->n_tags : 0;
    for (uint16_t i = 0; i < row->n_tags; i++)
        tags[i] = keep(&b->text, t->tags[i]);
    row->tags = tags;
    struct str *pictures = ARENA_ARRAY(&b->text, t->n_pictures, struct str);
    row->n_pictures = pictures ? t->n_pictures : 0;
    for (uint16_t i = 0; i < row->n_pictures; i++)
        pictures[i] = keep(&b->text, t->pictures[i]);
    row->pictures = pictures;
    row->series = keep(&b->text, t->series);
    row->season = t->season;
    row->episode = t->episode;
}

static int by_role_billing(const void *a, const void *b)
{
    const struct credit_row *x = a;
    const struct credit_row *y = b;
    if (x->role != y->role)
        return x->role < y->role ? -1 : 1;
    if (x->billing != y->billing)
        return x->billing < y->billing ? -1 : 1;
    return (x->person.v > y->person.v) - (x->person.v < y->person.v);
}

int catalogue_add(struct catalogue_builder *b, const struct title *t, struct mq_error *err)
{
    struct title_row *row = row_of(b, t->title_id, err);
    if (!row)
        return err ? err->status : MQ_NO_MEMORY;
    size_t first = b->credits.n;
    int rc = grow(&b->credits, first + t->n_credits, UINT32_MAX, err);
    if (rc)
        return rc;
    fill_row(b, t, row);
    /* Nothing may be added to a null pointer, not even 0. */
    struct credit_row *credits = b->credits.p ? (struct credit_row *)b->credits.p + first : NULL;
    for (uint32_t i = 0; credits && i < t->n_credits; i++) {
        const struct credit *c = &t->credits[i];
        credits[i] = (struct credit_row){c->person_id, c->role, c->billing};
        rc = grow(&b->people, (size_t)c->person_id.v + 1, MAX_PEOPLE, err);
        if (rc)
            return rc;
    }
    if (credits && t->n_credits > 1)
        qsort(credits, t->n_credits, sizeof(*credits), by_role_billing);
    row->first_credit = (uint32_t)first;
    row->n_credits = t->n_credits;
    return 0;
}

int catalogue_add_id(struct catalogue_builder *b, struct title_id id, struct str external,
                     struct mq_error *err)
{
    struct title_row *row = row_of(b, id, err);
    if (!row)
        return err ? err->status : MQ_NO_MEMORY;
    if (row->id.p) /* a record without a name has its id, and more */
        return 0;
    row->id = keep(&b->text, external);
    row->name = row->id;
    row->release_day = TITLE_NO_DATE;
    row->age = AGE_UNKNOWN;
    return 0;
}

int catalogue_add_person(struct catalogue_builder *b, struct person_id id, struct str name,
                         struct mq_error *err)
{
    int rc = grow(&b->people, (size_t)id.v + 1, MAX_PEOPLE, err);
    if (rc)
        return rc;
    ((struct person_row *)b->people.p)[id.v].name = keep(&b->text, name);
    return 0;
}

/* Rows never given to any title or person still need text that is safe to print. */
static void fill_gaps(struct catalogue_builder *b)
{
    struct title_row *titles = b->titles.p;
    for (size_t i = 0; i < b->titles.n; i++) {
        if (!titles[i].id.p) {
            titles[i].id = STR("");
            titles[i].name = STR("");
            titles[i].release_day = TITLE_NO_DATE;
            titles[i].age = AGE_UNKNOWN;
        }
        if (!titles[i].language.p)
            titles[i].language = STR("");
        if (!titles[i].maturity.p)
            titles[i].maturity = STR("");
        if (!titles[i].series.p)
            titles[i].series = STR("");
        if (!titles[i].original_name.p)
            titles[i].original_name = STR("");
    }
    struct person_row *people = b->people.p;
    for (size_t i = 0; i < b->people.n; i++) {
        if (!people[i].name.p)
            people[i].name = STR("");
    }
}

/* person -> titles, by counting: titles are visited in ascending order, so each list is ascending. */
static int index_people(struct catalogue_builder *b, struct catalogue *c)
{
    struct person_row *people = b->people.p;
    struct title_row *titles = b->titles.p;
    const struct credit_row *credits = b->credits.p;
    struct title_id *list = ARENA_ARRAY(&b->text, b->credits.n + 1, struct title_id);
    uint8_t *roles = ARENA_ARRAY(&b->text, b->credits.n + 1, uint8_t);
    if (!list || !roles)
        return MQ_NO_MEMORY;
    for (size_t p = 0; p < b->people.n; p++)
        people[p].n_titles = 0;
    for (size_t t = 0; t < b->titles.n; t++) {
        for (uint32_t i = 0; i < titles[t].n_credits; i++)
            people[credits[titles[t].first_credit + i].person.v].n_titles++;
    }
    uint32_t at = 0;
    for (size_t p = 0; p < b->people.n; p++) {
        people[p].first_title = at;
        at +=
            people[p].n_titles; /* room for each credit; fewer when one person has several roles */
        people[p].n_titles = 0;
    }
    for (uint32_t t = 0; t < b->titles.n; t++) {
        for (uint32_t i = 0; i < titles[t].n_credits; i++) {
            const struct credit_row *credit = &credits[titles[t].first_credit + i];
            struct person_row *p = &people[credit->person.v];
            uint32_t end = p->first_title + p->n_titles;
            if (p->n_titles == 0 || list[end - 1].v != t) {
                list[end].v = t;
                p->n_titles++;
                end++;
            }
            roles[end - 1] = (uint8_t)(roles[end - 1] | 1u << credit->role);
        }
    }
    c->person_titles = list;
    c->person_roles = roles;
    return 0;
}

static void *move(struct arena *a, const struct growing *v)
{
    void *p = arena_array(a, v->n + 1, v->size);
    if (p && v->n > 0)
        memcpy(p, v->p, v->n * v->size);
    return p;
}

int catalogue_build(struct catalogue_builder *b, uint64_t version, struct catalogue **ret,
                    struct mq_error *err)
{
    struct catalogue *c = calloc(1, sizeof(*c));
    if (!c)
        return mq_fail(err, MQ_NO_MEMORY, "catalogue: no memory");
    fill_gaps(b);
    int rc = index_people(b, c);
    if (rc == 0)
        rc = catalogue_link_episodes(b->titles.p, (uint32_t)b->titles.n, err);
    c->n_titles = (uint32_t)b->titles.n;
    c->n_people = (uint32_t)b->people.n;
    c->n_genres = b->n_genres;
    memcpy(c->genres, b->genres, sizeof(c->genres));
    c->version = version;
    c->titles = move(&b->text, &b->titles);
    c->people = move(&b->text, &b->people);
    c->credits = move(&b->text, &b->credits);
    struct arena next;
    if (rc || !c->titles || !c->people || !c->credits ||
        arena_init(&next, 1 << 20, arena_max) != 0) {
        free(c);
        return mq_fail(err, MQ_NO_MEMORY, "catalogue: %zu titles: no memory", b->titles.n);
    }
    c->arena = b->text;
    b->text = next;
    b->titles.n = b->people.n = b->credits.n = 0;
    b->n_genres = 0;
    *ret = c;
    return 0;
}

void catalogue_free(struct catalogue *c)
{
    if (!c)
        return;
    arena_release(&c->arena);
    free(c);
}

uint8_t catalogue_genre(const struct catalogue *c, struct str name)
{
    for (uint32_t g = 0; g < c->n_genres; g++) {
        if (str_eq_nocase(c->genres[g], name))
            return (uint8_t)g;
    }
    return GENRE_NONE;
}
