#include "engine/catalogue_search.h"

#include <stdlib.h>

#include "engine/reader.h"

/* How a name has the words; lower comes first. */
enum likeness { NAME_EQUAL, NAME_BEGINS, NAME_HAS, NAME_HAS_NOT };

struct match {
    uint32_t row, likeness;
    uint32_t weight; /* more comes first */
};

const struct catalogue *engine_catalogue(struct mq_reader *r)
{
    struct world w;
    reader_enter(r, &w);
    return w.catalogue;
}

struct title_id engine_find_title(struct mq_engine *e, const struct catalogue *c, struct str id)
{
    uint32_t found = id.n > 0 ? intern_find(store_names(e->store, NAME_TITLE), id) : INTERN_NONE;
    return (struct title_id){found == INTERN_NONE || found >= c->n_titles ? ID_NONE : found};
}

struct words {
    char text[TITLE_NAME_MAX];
    size_t n; /* of the comparable form; 0: the words are compared as they are */
    struct str as_given;
};

static enum likeness compare(struct str name, const char *words, size_t n)
{
    if (name.n < n)
        return NAME_HAS_NOT;
    if (memcmp(name.p, words, n) == 0)
        return name.n == n ? NAME_EQUAL : NAME_BEGINS;
    return memmem(name.p, name.n, words, n) ? NAME_HAS : NAME_HAS_NOT;
}

static enum likeness likeness_of(struct str name, const struct words *w)
{
    char form[TITLE_NAME_MAX];
    if (w->as_given.n == 0)
        return NAME_HAS;
    if (name.n == 0)
        return NAME_HAS_NOT;
    if (w->n == 0)
        return compare(name, w->as_given.p, w->as_given.n);
    size_t n = name_normalise(name, form, sizeof(form));
    return compare((struct str){form, n}, w->text, w->n);
}

static void words_take(struct words *w, struct str given)
{
    w->as_given = given;
    w->n = given.n <= TITLE_NAME_MAX ? name_normalise(given, w->text, sizeof(w->text)) : 0;
}

static int by_likeness(const void *a, const void *b)
{
    const struct match *x = a;
    const struct match *y = b;
    if (x->likeness != y->likeness)
        return x->likeness < y->likeness ? -1 : 1;
    if (x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

static int rows_of(struct match *found, size_t n, struct arena *arena, uint32_t **ret_rows,
                   size_t *ret_n, struct mq_error *err)
{
    uint32_t *rows = ARENA_ARRAY(arena, n + 1, uint32_t);
    if (!rows)
        return mq_fail(err, MQ_NO_MEMORY, "search: %zu names: no memory", n);
    qsort(found, n, sizeof(*found), by_likeness);
    for (size_t i = 0; i < n; i++)
        rows[i] = found[i].row;
    *ret_rows = rows;
    *ret_n = n;
    return 0;
}

int catalogue_search_titles(const struct catalogue *c, struct str words, struct arena *arena,
                            uint32_t **ret_rows, size_t *ret_n, struct mq_error *err)
{
    struct words w;
    size_t n = 0;
    struct match *found = ARENA_ARRAY(arena, (size_t)c->n_titles + 1, struct match);
    if (!found)
        return mq_fail(err, MQ_NO_MEMORY, "search: %u titles: no memory", c->n_titles);
    words_take(&w, words);
    for (uint32_t i = 0; i < c->n_titles; i++) {
        const struct title_row *t = &c->titles[i];
        if (!t->described)
            continue;
        enum likeness like = likeness_of(t->name, &w);
        if (words.n > 0 && str_eq(t->id, words))
            like = NAME_EQUAL;
        if (like != NAME_HAS_NOT)
            found[n++] = (struct match){i, like, 0};
    }
    return rows_of(found, n, arena, ret_rows, ret_n, err);
}

int catalogue_search_people(const struct catalogue *c, struct str words, struct arena *arena,
                            uint32_t **ret_rows, size_t *ret_n, struct mq_error *err)
{
    struct words w;
    size_t n = 0;
    struct match *found = ARENA_ARRAY(arena, (size_t)c->n_people + 1, struct match);
    if (!found)
        return mq_fail(err, MQ_NO_MEMORY, "search: %u people: no memory", c->n_people);
    words_take(&w, words);
    for (uint32_t i = 0; i < c->n_people; i++) {
        const struct person_row *p = &c->people[i];
        enum likeness like = p->n_titles > 0 ? likeness_of(p->name, &w) : NAME_HAS_NOT;
        if (like != NAME_HAS_NOT && p->name.n > 0)
            found[n++] = (struct match){i, like, p->n_titles};
    }
    return rows_of(found, n, arena, ret_rows, ret_n, err);
}
