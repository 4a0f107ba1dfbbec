/* people_rows.c - "Directed by ...", "With ...": the people behind several liked titles. */
#include "recommend/scores.h"
#include "recommend/shelf.h"

#include "base/hash.h"

#include <math.h>

enum { ACTORS_LOOKED_AT = 8 };

static uint32_t person_of(const struct person_count *c)
{
    return (uint32_t)((c->key - 1) / ROLES);
}

static uint8_t role_of(const struct person_count *c)
{
    return (uint8_t)((c->key - 1) % ROLES);
}

/* The slot of a (person, role), a free one when it is new; linear probing. */
static struct person_count *slot_of(struct recommender *r, uint64_t key)
{
    uint32_t at = (uint32_t)hash_mix(key, 0) % PEOPLE_SLOTS;
    while (r->people[at].key != 0 && r->people[at].key != key)
        at = (at + 1) % PEOPLE_SLOTS;
    return &r->people[at];
}

/* Count the people of one liked title; the first ones of a long cast stand for it. */
static size_t count_people(struct recommender *r, const struct liked *l, size_t used)
{
    const struct title_row *row = title_row(r, l->title.v);
    uint32_t actors = 0;
    for (uint32_t i = 0; i < row->n_credits; i++) {
        const struct credit_row *credit = &r->w->catalogue->credits[row->first_credit + i];
        if (credit->role == ROLE_PRODUCER || credit->role >= ROLES ||
            (credit->role == ROLE_ACTOR && actors++ >= ACTORS_LOOKED_AT))
            continue;
        uint64_t key = (uint64_t)credit->person.v * ROLES + credit->role + 1;
        struct person_count *c = slot_of(r, key);
        if (c->key == 0) {
            if (used == PEOPLE_MAX)
                continue;
            r->people_used[used++] = (uint32_t)(c - r->people);
            c->key = key;
        }
        c->liking += l->preference;
        c->n++;
    }
    return used;
}

/* Popularity of the person's titles in that role, and how many of them may still be shown. */
static size_t remaining(const struct recommender *r, uint32_t person, uint8_t role,
                        double *ret_mass)
{
    const struct catalogue *c = r->w->catalogue;
    const struct person_row *p = &c->people[person];
    double mass = 0;
    size_t n = 0;
    for (uint32_t i = 0; i < p->n_titles; i++) {
        uint32_t t = c->person_titles[p->first_title + i].v;
        if (!(c->person_roles[p->first_title + i] & 1u << role))
            continue;
        mass += (double)title_mass(r, t);
        n += title_free(r, t);
    }
    *ret_mass = mass;
    return n;
}

static double total_mass(const struct recommender *r)
{
    if (r->w->model)
        return r->d->popularity;
    double sum = 0;
    for (uint32_t t = 0; t < r->n_titles; t++)
        sum += (double)r->trend[t];
    return sum;
}

/* How much more often the viewer likes the person's titles than their popularity lets expect, both drawn
 * together by SHRINK titles; times the liking, so that much evidence counts more. */
static double affinity(const struct recommender *r, const struct person_count *c, double mass,
                       double total)
{
    const double shrink = 1;
    double expected = total > 0 ? (double)r->n_liked * mass / total : 0;
    return (double)c->liking * log(((double)c->n + shrink) / (expected + shrink));
}

static bool has_credit(const struct recommender *r, uint32_t t, uint32_t person, uint8_t role)
{
    const struct title_row *row = title_row(r, t);
    for (uint32_t i = 0; i < row->n_credits; i++) {
        const struct credit_row *credit = &r->w->catalogue->credits[row->first_credit + i];
        if (credit->person.v == person && credit->role == role)
            return true;
    }
    return false;
}

/* All liked titles with the person in that role are the evidence; above EVIDENCE_MAX none is named, since
 * the row would outlive those that are. */
static void find_evidence(const struct recommender *r, struct shelf *s)
{
    for (size_t i = 0; i < r->n_liked; i++) {
        if (!has_credit(r, r->liked[i].title.v, s->key, s->role))
            continue;
        if (s->n_behind < EVIDENCE_MAX)
            s->evidence[s->n_behind] = r->liked[i].title;
        s->n_behind++;
    }
    s->n_evidence = s->n_behind <= EVIDENCE_MAX ? s->n_behind : 0;
}

void people_list(struct recommender *r, struct shelf *s)
{
    const struct catalogue *c = r->w->catalogue;
    find_evidence(r, s);
    if (s->n_behind < 2)
        return;
    const struct person_row *p = &c->people[s->key];
    size_t most = shelf_depth(r, s, p->n_titles);
    if (most == 0 || !shelf_open(r, s, most))
        return;
    s->by_score = r->has_taste;
    for (uint32_t i = 0; i < p->n_titles; i++) {
        uint32_t t = c->person_titles[p->first_title + i].v;
        if (c->person_roles[p->first_title + i] & 1u << s->role && title_free(r, t))
            shelf_insert(s, most, t, score_or_trend(r, t));
    }
}

/* Two people of the same titles (a pair of directors) would give the same row twice. */
static bool same_ground(const struct recommender *r, const struct shelf *a, const struct shelf *b)
{
    size_t n[3] = {0};
    for (size_t i = 0; i < r->n_liked; i++) {
        bool in_a = has_credit(r, r->liked[i].title.v, a->key, a->role);
        bool in_b = has_credit(r, r->liked[i].title.v, b->key, b->role);
        n[0] += in_a;
        n[1] += in_b;
        n[2] += in_a && in_b;
    }
    size_t fewer = n[0] < n[1] ? n[0] : n[1];
    return 3 * n[2] > 2 * fewer;
}

static bool any_same(const struct recommender *r, const struct shelf *chosen, size_t n,
                     const struct shelf *candidate)
{
    for (size_t i = 0; i < n; i++) {
        if (chosen[i].key == candidate->key || same_ground(r, &chosen[i], candidate))
            return true;
    }
    return false;
}

size_t people_choose(struct recommender *r, struct shelf *ret, size_t max)
{
    enum { LOOKED_AT = 16 };
    struct shelf best[LOOKED_AT];
    double worth[LOOKED_AT] = {0};
    size_t used = 0, n = 0, chosen = 0;
    for (size_t i = 0; i < r->n_liked; i++)
        used = count_people(r, &r->liked[i], used);
    double total = used > 0 ? total_mass(r) : 0;
    for (size_t i = 0; i < used; i++) {
        struct person_count *c = &r->people[r->people_used[i]];
        double mass;
        if (c->n >= 2 && remaining(r, person_of(c), role_of(c), &mass) >= SHELF_LEAST) {
            struct shelf s = {.kind = SHELF_PERSON, .key = person_of(c), .role = role_of(c)};
            double w = affinity(r, c, mass, total);
            size_t at = n < LOOKED_AT ? n++ : n;
            if (at == LOOKED_AT &&
                (w < worth[at - 1] || (w == worth[at - 1] && s.key > best[at - 1].key)))
                at = SIZE_MAX;
            else if (at == LOOKED_AT)
                at--;
            for (; at != SIZE_MAX && at > 0 &&
                   (w > worth[at - 1] || (w == worth[at - 1] && s.key < best[at - 1].key));
                 at--) {
                worth[at] = worth[at - 1];
                best[at] = best[at - 1];
            }
            if (at != SIZE_MAX) {
                worth[at] = w;
                best[at] = s;
            }
        }
    }
    for (size_t i = 0; i < used; i++)
        r->people[r->people_used[i]] = (struct person_count){0};
    for (size_t i = 0; i < n && chosen < max; i++) {
        if (worth[i] > 0 && !any_same(r, ret, chosen, &best[i]))
            ret[chosen++] = best[i];
    }
    return chosen;
}
