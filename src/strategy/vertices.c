#include "strategy/vertices.h"

#include <stdlib.h>

#include "audience/floor.h"
#include "base/intern.h"
#include "math/bits.h"

struct finding {
    const struct catalogue *c;
    const struct likes *likes;
    const struct vertices_question *q;
    struct arena *arena;
    struct vertices *out;
    uint32_t *seen; /* (viewers) the last vertex, plus one */
    uint32_t stamp;
    struct vertex *list; /* of one kind */
    uint32_t n_list, cap_list;
    struct mq_error *err;
};

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "opportunities: no memory");
}

static bool counts(const struct finding *f, uint32_t title)
{
    const struct likes *l = f->likes;
    return title < l->n_titles && l->column[title + 1] > l->column[title] &&
           (!f->q->known || bits_get(f->q->known, title));
}

/* Who likes one of them, `without` left out. */
static uint32_t viewers_of(struct finding *f, const uint32_t *titles, uint32_t n, uint32_t without)
{
    const struct likes *l = f->likes;
    uint32_t viewers = 0;
    f->stamp++;
    for (uint32_t i = 0; i < n; i++) {
        for (uint64_t k = l->column[titles[i]];
             titles[i] != without && k < l->column[titles[i] + 1]; k++) {
            viewers += f->seen[l->rank[k]] != f->stamp;
            f->seen[l->rank[k]] = f->stamp;
        }
    }
    return viewers;
}

static uint64_t liked_by(const struct likes *l, uint32_t title)
{
    return l->column[title + 1] - l->column[title];
}

static int push(struct finding *f, const struct vertex *v)
{
    if (f->n_list == f->cap_list) {
        uint32_t cap = f->cap_list ? 2 * f->cap_list : 1024;
        struct vertex *p = realloc(f->list, cap * sizeof(*p));
        if (!p)
            return no_memory(f->err);
        f->list = p;
        f->cap_list = cap;
    }
    f->list[f->n_list++] = *v;
    return 0;
}

/* `titles` are the arena's. */
static int add(struct finding *f, struct vertex v)
{
    if (v.n_titles < VERTEX_TITLES)
        return 0;
    v.viewers = viewers_of(f, v.titles, v.n_titles, ID_NONE);
    uint32_t most = v.titles[0];
    for (uint32_t i = 1; i < v.n_titles; i++) {
        if (liked_by(f->likes, v.titles[i]) > liked_by(f->likes, most))
            most = v.titles[i];
    }
    if (viewers_of(f, v.titles, v.n_titles, most) < f->q->least_viewers)
        return 0;
    return push(f, &v);
}

static int by_viewers(const void *a, const void *b)
{
    const struct vertex *x = a;
    const struct vertex *y = b;
    if (x->viewers != y->viewers)
        return x->viewers > y->viewers ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static void keep_best(struct finding *f, enum vertex_kind kind, uint32_t max)
{
    struct vertices *o = f->out;
    if (f->n_list > 1)
        qsort(f->list, f->n_list, sizeof(*f->list), by_viewers);
    uint32_t n = f->n_list < max ? f->n_list : max;
    if (n > 0)
        memcpy(o->v + o->n, f->list, n * sizeof(*f->list));
    o->n += n;
    o->first[kind + 1] = o->n;
    f->n_list = 0;
}

/* --- people --- */

static uint32_t role_titles(const struct finding *f, const struct person_row *p, enum role role,
                            uint32_t *to)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->n_titles; i++) {
        uint32_t t = f->c->person_titles[p->first_title + i].v;
        if ((f->c->person_roles[p->first_title + i] >> role & 1) && counts(f, t)) {
            if (to)
                to[n] = t;
            n++;
        }
    }
    return n;
}

static int add_person(struct finding *f, uint32_t person, enum vertex_kind kind, enum role role)
{
    const struct person_row *p = &f->c->people[person];
    if (role_titles(f, p, role, NULL) < VERTEX_TITLES)
        return 0;
    uint32_t *titles = ARENA_ARRAY(f->arena, p->n_titles, uint32_t);
    if (!titles)
        return no_memory(f->err);
    return add(f, (struct vertex){.kind = (uint8_t)kind,
                                  .role = (uint8_t)role,
                                  .number = person,
                                  .label = p->name,
                                  .titles = titles,
                                  .n_titles = role_titles(f, p, role, titles)});
}

static int people(struct finding *f, enum vertex_kind kind)
{
    f->out->first[kind] = f->out->n;
    static const enum role makers[] = {ROLE_DIRECTOR, ROLE_CREATOR, ROLE_WRITER, ROLE_PRODUCER};
    int rc = 0;
    for (uint32_t p = 0; p < f->c->n_people && rc == 0; p++) {
        enum role best = ROLE_ACTOR;
        uint32_t most = 0;
        for (size_t i = 0; kind == VERTEX_MAKER && i < sizeof(makers) / sizeof(makers[0]); i++) {
            uint32_t n = role_titles(f, &f->c->people[p], makers[i], NULL);
            if (n > most) {
                most = n;
                best = makers[i];
            }
        }
        if (kind == VERTEX_LEAD || most > 0)
            rc = add_person(f, p, kind, best);
    }
    if (rc == 0)
        keep_best(f, kind, kind == VERTEX_MAKER ? VERTICES_MAKERS : VERTICES_LEADS);
    return rc;
}

/* --- themes --- */

struct tagged {
    uint32_t tag, title;
};

static int by_tag(const void *a, const void *b)
{
    const struct tagged *x = a;
    const struct tagged *y = b;
    if (x->tag != y->tag)
        return x->tag < y->tag ? -1 : 1;
    return (x->title > y->title) - (x->title < y->title);
}

/* Themes of (theme, title) pairs in order. */
static int add_themes(struct finding *f, const struct tagged *list, size_t n,
                      const struct intern *names)
{
    int rc = 0;
    for (size_t from = 0, to; from < n && rc == 0; from = to) {
        uint32_t *titles;
        for (to = from; to < n && list[to].tag == list[from].tag; to++)
            continue;
        struct str label =
            names ? intern_name(names, list[from].tag) : f->c->genres[list[from].tag];
        if (to - from < VERTEX_TITLES || (!f->q->sensitive && floor_is_sensitive(label)))
            continue;
        titles = ARENA_ARRAY(f->arena, to - from, uint32_t);
        label = arena_str(f->arena, label);
        if (!titles || !label.p)
            return no_memory(f->err);
        uint32_t distinct = 0;
        for (size_t i = from; i < to; i++) {
            if (distinct == 0 || titles[distinct - 1] != list[i].title)
                titles[distinct++] = list[i].title;
        }
        rc = add(f, (struct vertex){.kind = VERTEX_THEME,
                                    .number = list[from].tag,
                                    .label = label,
                                    .titles = titles,
                                    .n_titles = distinct});
    }
    return rc;
}

static int list_themes(struct finding *f, struct intern *names, struct tagged *list, size_t *ret_n)
{
    size_t n = 0;
    for (uint32_t t = 0; t < f->c->n_titles; t++) {
        const struct title_row *r = &f->c->titles[t];
        if (!counts(f, t))
            continue;
        for (uint16_t i = 0; names && i < r->n_tags; i++) {
            list[n].title = t;
            int rc = intern_add(names, r->tags[i], &list[n++].tag, NULL, f->err);
            if (rc)
                return rc;
        }
        for (uint64_t g = names ? 0 : r->genres; g; g &= g - 1)
            list[n++] = (struct tagged){(uint32_t)__builtin_ctzll(g), t};
    }
    *ret_n = n;
    return 0;
}

static int add_formats(struct finding *f)
{
    for (uint32_t t = 0; t < f->c->n_titles; t++) {
        const struct title_row *r = &f->c->titles[t];
        if (!counts(f, t) || !r->described || liked_by(f->likes, t) < f->q->least_viewers ||
            (!f->q->sensitive && floor_is_sensitive(r->name)))
            continue;
        uint32_t *one = ARENA_ARRAY(f->arena, 1, uint32_t);
        if (!one)
            return no_memory(f->err);
        *one = t;
        struct vertex v = {.kind = VERTEX_THEME,
                           .role = VERTEX_TITLE,
                           .number = t,
                           .label = r->name,
                           .titles = one,
                           .n_titles = 1,
                           .viewers = (uint32_t)liked_by(f->likes, t)};
        int rc = push(f, &v);
        if (rc)
            return rc;
    }
    keep_best(f, VERTEX_THEME, VERTICES_FORMATS);
    return 0;
}

static int themes(struct finding *f)
{
    f->out->first[VERTEX_THEME] = f->out->n;
    struct intern *names = NULL;
    size_t most = 1;
    size_t n_tags = 0;
    size_t n = 0;
    for (uint32_t t = 0; t < f->c->n_titles; t++) {
        n_tags += counts(f, t) ? f->c->titles[t].n_tags : 0;
        most += f->c->titles[t].n_tags + (size_t)__builtin_popcountll(f->c->titles[t].genres);
    }
    f->out->themes_are_genres = n_tags == 0;
    struct tagged *list = calloc(most, sizeof(*list));
    int rc = list ? 0 : no_memory(f->err);
    if (rc == 0 && n_tags > 0)
        rc = intern_new(&names, f->err);
    if (rc == 0)
        rc = list_themes(f, names, list, &n);
    if (rc == 0 && n > 1)
        qsort(list, n, sizeof(*list), by_tag);
    if (rc == 0)
        rc = add_themes(f, list, n, names);
    if (rc == 0)
        keep_best(f, VERTEX_THEME, VERTICES_THEMES);
    if (rc == 0)
        rc = add_formats(f);
    intern_free(names);
    free(list);
    return rc;
}

int vertices_find(const struct catalogue *c, const struct likes *l,
                  const struct vertices_question *q, struct arena *arena, struct vertices *ret,
                  struct mq_error *err)
{
    struct vertices out = {.v = ARENA_ARRAY(arena, VERTICES_MAX, struct vertex)};
    struct finding f = {.c = c, .likes = l, .q = q, .arena = arena, .out = &out, .err = err};
    f.seen = calloc((size_t)l->n + 1, sizeof(*f.seen));
    int rc = f.seen && out.v ? 0 : no_memory(err);
    if (rc == 0)
        rc = people(&f, VERTEX_MAKER);
    if (rc == 0)
        rc = people(&f, VERTEX_LEAD);
    if (rc == 0)
        rc = themes(&f);
    free(f.seen);
    free(f.list);
    if (rc == 0)
        *ret = out;
    return rc;
}
