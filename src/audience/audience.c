#include "audience/audience.h"

#include <stdlib.h>

#include "audience/communities.h"
#include "audience/follows.h"
#include "audience/names_found.h"
#include "math/bits.h"

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "audience: no memory");
}

/* ---------------------------------------------------------------- names */

static int find_moment(const struct expression *e, struct audience *ret, struct mq_error *err)
{
    if (e->kind == KIND_DEVICE) {
        enum device d;
        if (!device_from(e->value, &d) || d == DEVICE_NONE)
            return mq_fail(err, MQ_INVALID,
                           "device: %.*s: is none of tv, phone, tablet, desktop, console, set_top, "
                           "cast, other",
                           STR_ARG(e->value));
        ret->number = (uint32_t)d;
        return 0;
    }
    if (e->kind == KIND_COUNTRY) {
        country_code c;
        if (!country_from(e->value, &c) || c == 0)
            return mq_fail(err, MQ_INVALID, "country: %.*s: give two letters, as GB",
                           STR_ARG(e->value));
        ret->number = c;
        return 0;
    }
    for (int d = DAYPART_NONE + 1; d < DAYPARTS; d++) {
        ret->number = (uint32_t)d;
        if (str_eq_nocase(e->value, str_of(daypart_name((enum daypart)d))))
            return 0;
    }
    return mq_fail(err, MQ_INVALID, "daypart: %.*s: is none of morning, daytime, evening, late",
                   STR_ARG(e->value));
}

static int find_community(const struct audience_world *w, const struct expression *e,
                          struct audience *ret, struct mq_error *err)
{
    const struct community *c = communities_named(w->communities, e->value);
    if (!w->communities)
        return mq_fail(err, MQ_NOT_FOUND,
                       "community: %.*s: none are known: ask 'marquee audience communities' first",
                       STR_ARG(e->value));
    if (!c)
        return mq_fail(err, MQ_NOT_FOUND,
                       "community: %.*s: is none: 'marquee audience communities' lists them",
                       STR_ARG(e->value));
    ret->number = c->id;
    ret->label = str_of(c->name);
    return 0;
}

static int find_atom(const struct audience_world *w, const struct expression *e,
                     struct arena *arena, struct audience *ret, struct mq_error *err)
{
    ret->atom = e;
    ret->person = ID_NONE;
    ret->label = e->value;
    switch (e->kind) {
    case KIND_TITLE:
        return find_title(w->catalogue, e, arena, ret, err);
    case KIND_GENRE:
        return find_genre(w->catalogue, e, arena, ret, err);
    case KIND_TAG:
        return find_tag(w->catalogue, e, arena, ret, err);
    case KIND_COUNTRY:
    case KIND_DEVICE:
    case KIND_DAYPART:
        return find_moment(e, ret, err);
    case KIND_COMMUNITY:
        return find_community(w, e, ret, err);
    case KIND_ALL:
        return 0;
    default:
        return find_person(w->catalogue, e, arena, ret, err);
    }
}

int audience_find(const struct audience_world *w, const struct expression *e, struct arena *arena,
                  const struct audience **ret, struct mq_error *err)
{
    struct audience *a = ARENA_NEW(arena, struct audience);
    if (!a)
        return no_memory(err);
    a->op = e->op;
    int rc;
    if (e->op == EXPRESSION_ATOM) {
        rc = find_atom(w, e, arena, a, err);
    } else {
        rc = audience_find(w, e->left, arena, &a->left, err);
        if (rc == 0)
            rc = audience_find(w, e->right, arena, &a->right, err);
    }
    if (rc == 0)
        *ret = a;
    return rc;
}

bool audience_needs(const struct expression *e, enum audience_signal signal,
                    enum audience_kind kind)
{
    if (e->op == EXPRESSION_ATOM)
        return e->signal == signal || e->kind == kind;
    return audience_needs(e->left, signal, kind) || audience_needs(e->right, signal, kind);
}

/* ---------------------------------------------------------------- titles */

static int compare_u32(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static size_t gather_titles(const struct audience *a, uint32_t *to)
{
    if (a->op == EXPRESSION_ATOM) {
        if (to && a->n_titles > 0)
            memcpy(to, a->titles, a->n_titles * sizeof(*to));
        return a->n_titles;
    }
    size_t n = gather_titles(a->left, to);
    return a->op == EXPRESSION_NOT ? n : n + gather_titles(a->right, to ? to + n : NULL);
}

int audience_titles(const struct audience *a, struct arena *arena, const uint32_t **ret,
                    uint32_t *ret_n, struct mq_error *err)
{
    size_t n = gather_titles(a, NULL);
    uint32_t *v = ARENA_ARRAY(arena, n + 1, uint32_t);
    if (!v)
        return no_memory(err);
    gather_titles(a, v);
    if (n > 1)
        qsort(v, n, sizeof(*v), compare_u32);
    uint32_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (kept == 0 || v[kept - 1] != v[i])
            v[kept++] = v[i];
    }
    *ret = v;
    *ret_n = kept;
    return 0;
}

/* ---------------------------------------------------------------- viewers */

static bool is_out(const uint64_t *without, uint32_t title)
{
    return without && bits_get(without, title);
}

/* The union of the titles' sets into bits (set_bits_words of the sets' viewers). */
static int or_titles(const struct audience_world *w, const struct audience *a,
                     const uint64_t *without, struct set_reader *reader, uint64_t *bits,
                     struct mq_error *err)
{
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < a->n_titles; i++) {
        if (!is_out(without, a->titles[i]))
            rc = set_bits_or(reader, viewer_sets_of(w->sets, a->titles[i], a->atom->signal), bits,
                             err);
    }
    return rc;
}

static int of_titles(const struct audience_world *w, const struct audience *a,
                     const uint64_t *without, roaring_bitmap_t **ret, struct mq_error *err)
{
    struct set_reader *reader = calloc(1, sizeof(*reader));
    size_t words = set_bits_words(w->sets->n_viewers);
    uint64_t *bits = calloc(words, sizeof(*bits));
    int rc = reader && bits ? or_titles(w, a, without, reader, bits, err) : no_memory(err);
    roaring_bitmap_t *set = rc ? NULL : set_bits_pack(bits, words);
    if (rc == 0 && !set)
        rc = no_memory(err);
    if (rc == 0)
        *ret = set;
    if (reader)
        set_reader_release(reader);
    free(reader);
    free(bits);
    return rc;
}

static bool is_there(const struct audience *a, const struct set_viewer *p,
                     const struct community *c, uint32_t viewer)
{
    switch (a->atom->kind) {
    case KIND_COUNTRY:
        return p->country == a->number;
    case KIND_DEVICE:
        return p->devices >> (a->number - 1) & 1;
    case KIND_DAYPART:
        return p->dayparts >> a->number & 1;
    case KIND_COMMUNITY:
        return c && roaring_bitmap_contains(c->members, viewer);
    default:
        return true;
    }
}

static roaring_bitmap_t *of_viewers(const struct audience_world *w, const struct audience *a)
{
    roaring_bitmap_t *ret = roaring_bitmap_create();
    unsigned bit = 1U << a->atom->signal;
    const struct community *c = NULL;
    for (uint32_t i = 0; a->atom->kind == KIND_COMMUNITY && i < w->communities->n; i++) {
        if (w->communities->v[i].id == a->number)
            c = &w->communities->v[i];
    }
    for (uint32_t v = 0; ret && v < w->sets->n_viewers; v++) {
        const struct set_viewer *p = w->sets->viewers[v];
        if (!p || !is_there(a, p, c, v))
            continue;
        unsigned bits = 0;
        for (uint32_t i = 0; i < p->n && !(bits & bit); i++)
            bits |= p->entries[i].signals;
        if (bits & bit)
            roaring_bitmap_add(ret, v);
    }
    return ret;
}

static int of_atom(const struct audience_world *w, const struct audience *a,
                   const uint64_t *without, roaring_bitmap_t **ret, struct mq_error *err)
{
    if (a->atom->signal == AUDIENCE_FOLLOWS) {
        if (!w->follows)
            return mq_fail(err, MQ_BUG, "audience: follows: was not computed");
        return follows_viewers(w->follows, w->sets, a->titles, a->n_titles, without, ret, err);
    }
    if (a->of_titles)
        return of_titles(w, a, without, ret, err);
    *ret = of_viewers(w, a);
    return *ret ? 0 : no_memory(err);
}

int audience_viewers(const struct audience_world *w, const struct audience *a,
                     const uint64_t *without, roaring_bitmap_t **ret, struct mq_error *err)
{
    roaring_bitmap_t *left;
    roaring_bitmap_t *right;
    if (a->op == EXPRESSION_ATOM)
        return of_atom(w, a, without, ret, err);
    int rc = audience_viewers(w, a->left, without, &left, err);
    if (rc)
        return rc;
    rc = audience_viewers(w, a->right, a->op == EXPRESSION_NOT ? NULL : without, &right, err);
    if (rc) {
        roaring_bitmap_free(left);
        return rc;
    }
    if (a->op == EXPRESSION_AND)
        roaring_bitmap_and_inplace(left, right);
    else if (a->op == EXPRESSION_OR)
        roaring_bitmap_or_inplace(left, right);
    else
        roaring_bitmap_andnot_inplace(left, right);
    roaring_bitmap_free(right);
    *ret = left;
    return 0;
}

static int atom_bits(const struct audience_world *w, const struct audience *a,
                     const uint64_t *without, struct set_reader *reader, uint64_t *bits,
                     struct mq_error *err)
{
    roaring_bitmap_t *set = NULL;
    if (audience_is_union(a))
        return or_titles(w, a, without, reader, bits, err);
    int rc = of_atom(w, a, without, &set, err);
    if (rc == 0)
        rc = set_bits_or(reader, set, bits, err);
    if (set)
        roaring_bitmap_free(set);
    return rc;
}

int audience_bits(const struct audience_world *w, const struct audience *a, const uint64_t *without,
                  struct set_reader *reader, uint64_t *bits, struct mq_error *err)
{
    if (a->op == EXPRESSION_ATOM)
        return atom_bits(w, a, without, reader, bits, err);
    size_t words = set_bits_words(w->sets->n_viewers);
    uint64_t *right = calloc(words, sizeof(*right));
    int rc = right ? audience_bits(w, a->left, without, reader, bits, err) : no_memory(err);
    if (rc == 0)
        rc = audience_bits(w, a->right, a->op == EXPRESSION_NOT ? NULL : without, reader, right,
                           err);
    for (size_t i = 0; rc == 0 && i < words; i++)
        bits[i] = a->op == EXPRESSION_AND  ? bits[i] & right[i]
                  : a->op == EXPRESSION_OR ? bits[i] | right[i]
                                           : bits[i] & ~right[i];
    free(right);
    return rc;
}

/* ---------------------------------------------------------------- words */

static void atom_words(const struct audience *a, struct buf *out)
{
    static const char *const of_kind[AUDIENCE_KINDS] = {
        [KIND_TITLE] = "",
        [KIND_DIRECTOR] = "something directed by ",
        [KIND_ACTOR] = "something with ",
        [KIND_PRODUCER] = "something produced by ",
        [KIND_WRITER] = "something written by ",
        [KIND_CREATOR] = "something created by ",
        [KIND_PERSON] = "something by or with ",
        [KIND_GENRE] = "something of the genre ",
        [KIND_TAG] = "something tagged ",
        [KIND_COUNTRY] = "something in ",
        [KIND_COMMUNITY] = "something in the community ",
        [KIND_DEVICE] = "something, being on ",
        [KIND_DAYPART] = "something, being there in the ",
        [KIND_ALL] = "anything",
    };
    bool follows = a->atom->signal == AUDIENCE_FOLLOWS;
    buf_add_z(out, follows ? "follow" : audience_signal_name(a->atom->signal));
    buf_add_char(out, ' ');
    if (!follows)
        buf_add_z(out, of_kind[a->atom->kind]);
    if (a->atom->kind != KIND_ALL)
        buf_add_str(out, a->label);
}

void audience_words(const struct audience *a, struct buf *out)
{
    static const char *const joins[] = {"", " and ", " or ", " but not "};
    if (a->op == EXPRESSION_ATOM) {
        atom_words(a, out);
        return;
    }
    bool nested = a->left->op != EXPRESSION_ATOM && a->left->op != a->op;
    buf_add_z(out, nested ? "(" : "");
    audience_words(a->left, out);
    buf_add_z(out, nested ? ")" : "");
    buf_add_z(out, joins[a->op]);
    nested = a->right->op != EXPRESSION_ATOM;
    buf_add_z(out, nested ? "(" : "");
    audience_words(a->right, out);
    buf_add_z(out, nested ? ")" : "");
}
