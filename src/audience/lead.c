#include "audience/lead.h"

#include <stdlib.h>

#include "audience/floor.h"
#include "audience/set_bits.h"
#include "math/bits.h"

enum { PEOPLE_EACH = 4, TAGS_EACH = 4, KINDRED_EACH = 3 };

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "campaign: no memory");
}

/* ---------------------------------------------------------------- kindred titles */

static bool has_tag(const struct title_row *t, struct str tag)
{
    bool found = false;
    for (uint16_t i = 0; i < t->n_tags && !found; i++)
        found = str_eq_nocase(t->tags[i], tag);
    return found;
}

static bool has_person(const struct catalogue *c, const struct title_row *t, struct person_id p,
                       int role)
{
    bool found = false;
    for (uint32_t i = 0; i < t->n_credits && !found; i++) {
        const struct credit_row *k = &c->credits[t->first_credit + i];
        found = k->person.v == p.v && (role < 0 || k->role == role);
    }
    return found;
}

/* Shared people count three times a shared genre; directors and creators twice other people. */
static double likeness(const struct catalogue *c, const struct title_row *a,
                       const struct title_row *b)
{
    double n = __builtin_popcountll(a->genres & b->genres);
    int all = __builtin_popcountll(a->genres | b->genres);
    double sum = all ? n / all : 0;
    for (uint32_t i = 0; i < a->n_credits; i++) {
        const struct credit_row *k = &c->credits[a->first_credit + i];
        if (has_person(c, b, k->person, -1))
            sum += k->role == ROLE_DIRECTOR || k->role == ROLE_CREATOR ? 6 : 3;
    }
    for (uint16_t i = 0; i < a->n_tags; i++)
        sum += 0.5 * has_tag(b, a->tags[i]);
    return sum;
}

uint32_t lead_kindred(const struct catalogue *c, uint32_t title, uint32_t ret[LEAD_KINDRED_MAX])
{
    double value[LEAD_KINDRED_MAX];
    uint32_t n = 0;
    for (uint32_t t = 0; t < c->n_titles; t++) {
        if (t == title || !c->titles[t].described)
            continue;
        double v = likeness(c, &c->titles[title], &c->titles[t]);
        if (v <= 0 || (n == LEAD_KINDRED_MAX && v <= value[n - 1]))
            continue;
        uint32_t at = n < LEAD_KINDRED_MAX ? n++ : n - 1;
        for (; at > 0 && value[at - 1] < v; at--) {
            value[at] = value[at - 1];
            ret[at] = ret[at - 1];
        }
        value[at] = v;
        ret[at] = t;
    }
    return n;
}

/* ---------------------------------------------------------------- a title's elements */

struct making {
    const struct audience_world *w;
    const struct strata *s;
    uint32_t title;
    unsigned floor;
    struct arena *arena;
    struct set_reader *reader;
    uint64_t *by_id; /* (words) */
    size_t words;
    struct lead_elements *out;
    struct mq_error *err;
};

/* Does another title have the element? */
static bool has(const struct catalogue *c, uint32_t t, const struct lead_element *e,
                struct person_id person, uint32_t number)
{
    const struct title_row *row = &c->titles[t];
    if (e->kind == LEAD_GENRE)
        return row->genres >> number & 1;
    if (e->kind == LEAD_TAG)
        return has_tag(row, e->name);
    if (e->kind == LEAD_TITLE)
        return t == number;
    return has_person(c, row, person, (int)e->kind - LEAD_DIRECTOR);
}

static int add(struct making *m, struct lead_element e, struct person_id person, uint32_t number)
{
    const struct catalogue *c = m->w->catalogue;
    if (m->out->n == LEAD_ELEMENTS_MAX || e.name.n == 0 || e.name.n > CAMPAIGN_LEAD_MAX ||
        floor_is_sensitive(e.said))
        return 0;
    uint64_t *bits = ARENA_ARRAY(m->arena, bits_words(m->s->n) + 1, uint64_t);
    int rc = bits ? 0 : no_memory(m->err);
    memset(m->by_id, 0, m->words * sizeof(uint64_t));
    for (uint32_t t = 0; t < c->n_titles && rc == 0; t++) {
        const roaring_bitmap_t *likers = viewer_sets_of(m->w->sets, t, AUDIENCE_LIKED);
        if (t != m->title && likers && has(c, t, &e, person, number))
            rc = set_bits_or(m->reader, likers, m->by_id, m->err);
    }
    if (rc)
        return rc;
    strata_lay_out(m->s, m->by_id, bits);
    e.bits = bits;
    e.viewers = bits_count(bits, 0, m->s->n);
    if (e.viewers >= m->floor && e.viewers > 0)
        m->out->v[m->out->n++] = e;
    return 0;
}

static int add_people(struct making *m)
{
    const struct catalogue *c = m->w->catalogue;
    const struct title_row *t = &c->titles[m->title];
    unsigned of_role[ROLES] = {0};
    int rc = 0;
    for (uint32_t i = 0; i < t->n_credits && rc == 0; i++) {
        const struct credit_row *k = &c->credits[t->first_credit + i];
        struct str name = c->people[k->person.v].name;
        if (of_role[k->role]++ < PEOPLE_EACH)
            rc = add(m,
                     (struct lead_element){.kind = (enum lead_kind)(LEAD_DIRECTOR + k->role),
                                           .name = name,
                                           .said = name},
                     k->person, 0);
    }
    return rc;
}

static int add_words(struct making *m)
{
    const struct catalogue *c = m->w->catalogue;
    const struct title_row *t = &c->titles[m->title];
    const struct person_id nobody = {ID_NONE};
    int rc = 0;
    for (uint64_t g = t->genres; g && rc == 0; g &= g - 1) {
        uint32_t n = (uint32_t)__builtin_ctzll(g);
        struct str name = n < c->n_genres ? c->genres[n] : STR_NONE;
        rc = add(m, (struct lead_element){.kind = LEAD_GENRE, .name = name, .said = name}, nobody,
                 n);
    }
    for (uint16_t i = 0; i < t->n_tags && i < TAGS_EACH && rc == 0; i++)
        rc = add(m, (struct lead_element){.kind = LEAD_TAG, .name = t->tags[i], .said = t->tags[i]},
                 nobody, 0);
    return rc;
}

static int add_kindred(struct making *m)
{
    const struct catalogue *c = m->w->catalogue;
    uint32_t near[LEAD_KINDRED_MAX];
    uint32_t n = lead_kindred(c, m->title, near);
    int rc = 0;
    for (uint32_t i = 0; i < n && i < KINDRED_EACH && rc == 0; i++) {
        const struct title_row *t = &c->titles[near[i]];
        rc = add(m, (struct lead_element){.kind = LEAD_TITLE, .name = t->id, .said = t->name},
                 (struct person_id){ID_NONE}, near[i]);
    }
    return rc;
}

int lead_elements_of(const struct audience_world *w, const struct strata *s, uint32_t title,
                     unsigned floor, struct arena *arena, struct lead_elements *ret,
                     struct mq_error *err)
{
    struct making m = {.w = w,
                       .s = s,
                       .title = title,
                       .floor = floor,
                       .arena = arena,
                       .reader = calloc(1, sizeof(struct set_reader)),
                       .words = set_bits_words(w->sets->n_viewers),
                       .out = ret,
                       .err = err};
    ret->n = 0;
    m.by_id = calloc(m.words, sizeof(uint64_t));
    int rc = m.reader && m.by_id ? add_people(&m) : no_memory(err);
    if (rc == 0)
        rc = add_words(&m);
    if (rc == 0)
        rc = add_kindred(&m);
    if (m.reader)
        set_reader_release(m.reader);
    free(m.reader);
    free(m.by_id);
    return rc;
}

/* ---------------------------------------------------------------- which one */

/* The group by rank; in the arena. */
static int lay_out(const struct audience_world *w, const struct strata *s,
                   const roaring_bitmap_t *group, struct arena *arena, uint64_t **ret,
                   struct mq_error *err)
{
    struct set_reader *reader = calloc(1, sizeof(*reader));
    uint64_t *by_id = calloc(set_bits_words(w->sets->n_viewers), sizeof(*by_id));
    *ret = ARENA_ARRAY(arena, bits_words(s->n) + 1, uint64_t);
    int rc = reader && by_id && *ret ? set_bits_or(reader, group, by_id, err) : no_memory(err);
    if (rc == 0)
        strata_lay_out(s, by_id, *ret);
    if (reader)
        set_reader_release(reader);
    free(reader);
    free(by_id);
    return rc;
}

int lead_choose(const struct lead_elements *e, const struct audience_world *w,
                const struct strata *s, const roaring_bitmap_t *group, unsigned floor,
                struct arena *arena, const struct lead_element **ret, struct association *figures,
                struct mq_error *err)
{
    struct stratum *tables = calloc(s->k + 1, sizeof(*tables));
    uint64_t *bits = NULL;
    double best = 1;
    *ret = NULL;
    int rc = tables ? lay_out(w, s, group, arena, &bits, err) : no_memory(err);
    for (size_t i = 0; i < e->n && rc == 0; i++) {
        struct association x;
        strata_tables(s, bits, e->v[i].bits, NULL, tables);
        associate(tables, s->k, &x);
        /* Everybody in the group likes it (it is how the group is defined): as sure as can be. */
        bool all = x.both == x.a && x.a >= floor;
        double low = all ? 1e9 : x.low;
        if (x.both < floor || !(low > best))
            continue;
        best = low;
        *ret = &e->v[i];
        *figures = x;
    }
    free(tables);
    return rc;
}

/* ---------------------------------------------------------------- in words */

void lead_words(enum lead_kind kind, struct str said, struct buf *out)
{
    static const char *const before[LEAD_KINDS] = {[LEAD_NONE] = "Promoted by the service",
                                                   [LEAD_DIRECTOR] = "Promoted: directed by ",
                                                   [LEAD_ACTOR] = "Promoted: with ",
                                                   [LEAD_PRODUCER] = "Promoted: produced by ",
                                                   [LEAD_WRITER] = "Promoted: written by ",
                                                   [LEAD_CREATOR] = "Promoted: created by ",
                                                   [LEAD_GENRE] = "Promoted: ",
                                                   [LEAD_TAG] = "Promoted: ",
                                                   [LEAD_TITLE] = "Promoted: for those who liked "};
    buf_add_z(out, before[kind]);
    if (kind != LEAD_NONE)
        buf_add_str(out, said);
}

enum { NAME_SPACE = 1024 };

static bool same_name(struct str a, struct str b)
{
    char x[NAME_SPACE];
    char y[NAME_SPACE];
    size_t n = name_normalise(a, x, sizeof(x));
    return n > 0 && n == name_normalise(b, y, sizeof(y)) && memcmp(x, y, n) == 0;
}

static struct str find_in(const struct catalogue *c, const struct title_row *t, enum lead_kind kind,
                          struct str name)
{
    for (uint32_t i = 0; i < t->n_credits; i++) {
        const struct credit_row *k = &c->credits[t->first_credit + i];
        if ((int)kind == LEAD_DIRECTOR + k->role && same_name(c->people[k->person.v].name, name))
            return c->people[k->person.v].name;
    }
    for (uint16_t i = 0; i < t->n_tags && kind == LEAD_TAG; i++) {
        if (str_eq_nocase(t->tags[i], name))
            return t->tags[i];
    }
    for (uint32_t g = 0; g < c->n_genres && kind == LEAD_GENRE; g++) {
        if (t->genres >> g & 1 && str_eq_nocase(c->genres[g], name))
            return c->genres[g];
    }
    return STR_NONE;
}

static int sensitive(struct str name, struct mq_error *err)
{
    return mq_fail(err, MQ_DENIED,
                   "lead: %.*s: may tell of health, religion, orientation or politics: choose "
                   "another",
                   STR_ARG(name));
}

int lead_check(const struct catalogue *c, uint32_t title, enum lead_kind kind, struct str name,
               struct str *said, struct mq_error *err)
{
    *said = STR_NONE;
    if (kind == LEAD_NONE)
        return 0;
    if (kind == LEAD_TITLE) {
        for (uint32_t t = 0; t < c->n_titles; t++) {
            if (t != title && c->titles[t].described && str_eq(c->titles[t].id, name))
                *said = c->titles[t].name;
        }
        if (said->n == 0)
            return mq_fail(err, MQ_NOT_FOUND, "lead: title %.*s: there is no other of that id",
                           STR_ARG(name));
        /* Its viewers read its name. */
        return floor_is_sensitive(*said) ? sensitive(*said, err) : 0;
    }
    if (floor_is_sensitive(name))
        return sensitive(name, err);
    *said = find_in(c, &c->titles[title], kind, name);
    return said->n ? 0
                   : mq_fail(err, MQ_INVALID, "lead: %s %.*s: the title has none: name one it has",
                             lead_kind_name(kind), STR_ARG(name));
}
