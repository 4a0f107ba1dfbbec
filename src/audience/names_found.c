#include "audience/names_found.h"

enum { MATCHES_LISTED = 6, LIST_BYTES = 400 };

/* A name in its comparable form, to compare many with. */
struct wanted {
    char text[TITLE_NAME_MAX];
    size_t n;
};

static void want(struct wanted *w, struct str name)
{
    w->n = name_normalise(name, w->text, sizeof(w->text));
}

static bool is_wanted(const struct wanted *w, struct str name)
{
    char text[TITLE_NAME_MAX];
    size_t n = name_normalise(name, text, sizeof(text));
    return n == w->n && n > 0 && memcmp(text, w->text, n) == 0;
}

/* Those that match, as text for the message. */
struct matches {
    char storage[LIST_BYTES];
    struct buf text;
    uint32_t n, first;
};

static void matches_init(struct matches *m)
{
    buf_over(&m->text, m->storage, sizeof(m->storage));
    m->n = 0;
    m->first = ID_NONE;
}

static bool matches_add(struct matches *m, uint32_t id)
{
    if (m->n++ == 0)
        m->first = id;
    if (m->n > 1 && m->n <= MATCHES_LISTED)
        buf_add_z(&m->text, ", ");
    if (m->n == MATCHES_LISTED + 1)
        buf_add_z(&m->text, ", ...");
    return m->n <= MATCHES_LISTED;
}

/* "#17" as a number, else ID_NONE. */
static uint32_t numbered(const struct expression *e)
{
    uint64_t v;
    if (e->value.n < 2 || e->value.p[0] != '#' ||
        !str_to_u64((struct str){e->value.p + 1, e->value.n - 1}, &v) || v >= ID_NONE)
        return ID_NONE;
    return (uint32_t)v;
}

static int none(const struct expression *e, const char *remedy, struct mq_error *err)
{
    return mq_fail(err, MQ_NOT_FOUND, "%s: %.*s: %s", audience_kind_name(e->kind),
                   STR_ARG(e->value), remedy);
}

/* ---------------------------------------------------------------- people */

/* Bits of the roles that a kind means. */
static unsigned roles_of(enum audience_kind k)
{
    return k == KIND_PERSON ? (1U << ROLES) - 1 : 1U << (k - KIND_DIRECTOR);
}

static uint32_t count_titles(const struct catalogue *c, uint32_t person, unsigned roles)
{
    const struct person_row *p = &c->people[person];
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->n_titles; i++)
        n += (c->person_roles[p->first_title + i] & roles) != 0;
    return n;
}

static int take_person(const struct catalogue *c, uint32_t person, unsigned roles,
                       struct arena *arena, struct audience *ret, struct mq_error *err)
{
    const struct person_row *p = &c->people[person];
    uint32_t *titles = ARENA_ARRAY(arena, p->n_titles + 1, uint32_t);
    if (!titles)
        return mq_fail(err, MQ_NO_MEMORY, "audience: no memory");
    for (uint32_t i = 0; i < p->n_titles; i++) {
        if (c->person_roles[p->first_title + i] & roles)
            titles[ret->n_titles++] = c->person_titles[p->first_title + i].v;
    }
    ret->titles = titles;
    ret->of_titles = true;
    ret->person = person;
    ret->label = p->name;
    return 0;
}

int find_person(const struct catalogue *c, const struct expression *e, struct arena *arena,
                struct audience *ret, struct mq_error *err)
{
    unsigned roles = roles_of(e->kind);
    uint32_t number = numbered(e);
    if (number < c->n_people && count_titles(c, number, roles) > 0)
        return take_person(c, number, roles, arena, ret, err);
    struct wanted w;
    struct matches m;
    want(&w, e->value);
    matches_init(&m);
    for (uint32_t p = 0; w.n > 0 && p < c->n_people; p++) {
        if (!is_wanted(&w, c->people[p].name))
            continue;
        uint32_t n = count_titles(c, p, roles);
        if (n > 0 && matches_add(&m, p))
            buf_printf(&m.text, "%.*s (#%u, %u titles)", STR_ARG(c->people[p].name), p, n);
    }
    if (m.n == 0)
        return none(e, "nobody of that name is credited so: look at the spelling and the role",
                    err);
    if (m.n > 1)
        return mq_fail(err, MQ_CONFLICT, "%s: %.*s: %u people match, %.*s: give one by its number",
                       audience_kind_name(e->kind), STR_ARG(e->value), m.n,
                       STR_ARG(buf_str(&m.text)));
    return take_person(c, m.first, roles, arena, ret, err);
}

/* ---------------------------------------------------------------- titles */

static int take_title(const struct catalogue *c, uint32_t title, struct arena *arena,
                      struct audience *ret, struct mq_error *err)
{
    uint32_t *titles = ARENA_NEW(arena, uint32_t);
    if (!titles)
        return mq_fail(err, MQ_NO_MEMORY, "audience: no memory");
    titles[0] = title;
    ret->titles = titles;
    ret->n_titles = 1;
    ret->of_titles = true;
    ret->label = c->titles[title].name;
    return 0;
}

/* "Se7en (1995)" without its year, which goes to *ret_year. */
static struct str without_year(struct str name, int *ret_year)
{
    enum { TAIL = 6 };
    uint64_t year;
    struct str s = str_trim(name);
    *ret_year = 0;
    if (s.n <= TAIL || s.p[s.n - TAIL] != '(' || s.p[s.n - 1] != ')' ||
        !str_to_u64((struct str){s.p + s.n - TAIL + 1, TAIL - 2}, &year))
        return s;
    *ret_year = (int)year;
    return str_trim((struct str){s.p, s.n - TAIL});
}

static uint32_t title_of_id(const struct catalogue *c, struct str id)
{
    for (uint32_t t = 0; t < c->n_titles; t++) {
        if (c->titles[t].id.n > 0 && str_eq(c->titles[t].id, id))
            return t;
    }
    return ID_NONE;
}

int find_title(const struct catalogue *c, const struct expression *e, struct arena *arena,
               struct audience *ret, struct mq_error *err)
{
    struct wanted w;
    struct wanted with_year;
    struct matches m;
    int year;
    uint32_t by_id = title_of_id(c, e->value);
    if (!e->quoted) {
        if (by_id == ID_NONE)
            return none(e, "is no title's id: give one, or the exact name in quotes", err);
        return take_title(c, by_id, arena, ret, err);
    }
    want(&with_year, e->value);
    want(&w, without_year(e->value, &year));
    matches_init(&m);
    for (uint32_t t = 0; w.n > 0 && t < c->n_titles; t++) {
        const struct title_row *r = &c->titles[t];
        bool same = r->described && (is_wanted(&with_year, r->name) ||
                                     (year > 0 && r->year == year && is_wanted(&w, r->name)));
        if (same && matches_add(&m, t))
            buf_printf(&m.text, "%.*s (%d, id %.*s)", STR_ARG(r->name), r->year, STR_ARG(r->id));
    }
    if (m.n == 0 && by_id != ID_NONE) /* quoted for what is in it */
        return take_title(c, by_id, arena, ret, err);
    if (m.n == 0)
        return none(e, "no title has exactly this name: look it up, or give its id", err);
    if (m.n > 1)
        return mq_fail(err, MQ_CONFLICT, "title: %.*s: %u titles match, %.*s: give its id",
                       STR_ARG(e->value), m.n, STR_ARG(buf_str(&m.text)));
    return take_title(c, m.first, arena, ret, err);
}

int find_genre(const struct catalogue *c, const struct expression *e, struct arena *arena,
               struct audience *ret, struct mq_error *err)
{
    struct wanted w;
    uint64_t bits = 0;
    want(&w, e->value);
    for (uint32_t g = 0; g < c->n_genres; g++) {
        if (!is_wanted(&w, c->genres[g]))
            continue;
        bits |= UINT64_C(1) << g;
        ret->label = c->genres[g];
    }
    if (bits == 0)
        return none(e, "is no genre of the catalogue", err);
    uint32_t *titles = ARENA_ARRAY(arena, c->n_titles, uint32_t);
    if (!titles)
        return mq_fail(err, MQ_NO_MEMORY, "audience: no memory");
    for (uint32_t t = 0; t < c->n_titles; t++) {
        if (c->titles[t].genres & bits)
            titles[ret->n_titles++] = t;
    }
    ret->titles = titles;
    ret->of_titles = true;
    return 0;
}

int find_tag(const struct catalogue *c, const struct expression *e, struct arena *arena,
             struct audience *ret, struct mq_error *err)
{
    struct wanted w;
    want(&w, e->value);
    uint32_t *titles = ARENA_ARRAY(arena, c->n_titles + 1, uint32_t);
    if (!titles)
        return mq_fail(err, MQ_NO_MEMORY, "audience: no memory");
    for (uint32_t t = 0; t < c->n_titles; t++) {
        bool has = false;
        for (uint16_t i = 0; !has && i < c->titles[t].n_tags; i++) {
            has = is_wanted(&w, c->titles[t].tags[i]);
            if (has)
                ret->label = c->titles[t].tags[i];
        }
        if (has)
            titles[ret->n_titles++] = t;
    }
    if (ret->n_titles == 0)
        return none(e, "no title has this tag", err);
    ret->titles = titles;
    ret->of_titles = true;
    return 0;
}
