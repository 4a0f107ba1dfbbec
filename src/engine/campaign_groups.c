/* campaign_groups.c - the groups of a plan: who they are, what to lead with, which titles the response is asked of. Under the audiences'
 * lock. */
#include <stdio.h>

#include "audience/communities.h"
#include "engine/campaign_planning.h"
#include "math/bits.h"

enum { PROPOSED_ELEMENTS = 6, OF_A_KIND = 2 };

int planning_no_memory(struct planning *p)
{
    return mq_fail(p->err, MQ_NO_MEMORY, "campaign: no memory");
}

const char *planning_keep(struct planning *p, struct buf *b)
{
    buf_add_char(b, '\0');
    struct str s = b->failed ? STR_NONE : arena_str(p->arena, buf_str(b));
    return s.p ? s.p : "";
}

/* ---------------------------------------------------------------- which groups */

/* Parsed and found; MQ_CONFLICT and the like are the caller's to judge. */
static int find(struct planning *p, struct candidate *c, struct mq_error *err)
{
    const char *text = c->is.audience.p;
    struct mq_audience_request q = {.expressions = &text, .n_expressions = 1};
    return audiences_find(&p->x, &q, &c->found, err);
}

static int take_viewers(struct planning *p, struct candidate *c)
{
    const roaring_bitmap_t *watched = viewer_sets_of(p->x.world.sets, p->title, AUDIENCE_WATCHED);
    int rc = audience_viewers(&p->x.world, c->found, NULL, &c->viewers, p->err);
    if (rc || !watched)
        return rc;
    c->watched = (double)roaring_bitmap_and_cardinality(c->viewers, watched);
    roaring_bitmap_andnot_inplace(c->viewers, watched);
    return 0;
}

/* Nearly the same as one before it. */
static bool is_repeated(const struct planning *p, const struct candidate *c)
{
    for (size_t i = 0; i < p->n; i++) {
        if (roaring_bitmap_xor_cardinality(p->v[i].viewers, c->viewers) < p->x.floor)
            return true;
    }
    return false;
}

static int propose(struct planning *p, const char *text)
{
    struct str own = arena_str(p->arena, (struct str){text, strlen(text) + 1});
    struct candidate c = {.is = {.audience = {own.p, strlen(text)}}};
    struct mq_error none;
    if (!own.p)
        return planning_no_memory(p);
    if (find(p, &c, &none) != 0) /* several people of one name; nothing that may be offered */
        return 0;
    int rc = take_viewers(p, &c);
    if (rc)
        return rc;
    if (roaring_bitmap_get_cardinality(c.viewers) < p->x.floor || is_repeated(p, &c))
        roaring_bitmap_free(c.viewers);
    else
        p->v[p->n++] = c;
    return 0;
}

static void write_liked(const struct lead_element *e, struct buf *b)
{
    buf_printf(b, "liked:%s=\"", lead_kind_name(e->kind));
    for (size_t i = 0; i < e->name.n; i++) {
        if (e->name.p[i] == '"' || e->name.p[i] == '\\')
            buf_add_char(b, '\\');
        buf_add_char(b, e->name.p[i]);
    }
    buf_add_z(b, "\"");
    buf_add_char(b, '\0');
}

/* Who liked what the title has of one kind: at most so many groups. */
static int propose_kind(struct planning *p, enum lead_kind kind, unsigned most)
{
    unsigned of_kind = 0;
    int rc = 0;
    for (size_t i = 0; i < p->elements.n && rc == 0; i++) {
        char text[CAMPAIGN_AUDIENCE_MAX];
        struct buf b;
        if (p->elements.v[i].kind != kind || of_kind == most || p->n == PROPOSED_ELEMENTS)
            continue;
        buf_over(&b, text, sizeof(text));
        write_liked(&p->elements.v[i], &b);
        size_t before = p->n;
        rc = b.failed ? 0 : propose(p, text);
        of_kind += p->n > before;
    }
    return rc;
}

/* People first, then titles like it, genres and tags, two of a kind; more of a kind where that leaves room; then communities. */
static int propose_all(struct planning *p)
{
    static const enum lead_kind order[] = {LEAD_DIRECTOR, LEAD_CREATOR, LEAD_ACTOR, LEAD_TITLE,
                                           LEAD_WRITER,   LEAD_GENRE,   LEAD_TAG,   LEAD_PRODUCER};
    const struct communities *all = p->x.world.communities;
    const size_t kinds = sizeof(order) / sizeof(order[0]);
    int rc = 0;
    for (size_t k = 0; k < 2 * kinds && rc == 0; k++) /* those that are there are not added again */
        rc = propose_kind(p, order[k % kinds], k < kinds ? OF_A_KIND : PROPOSED_ELEMENTS);
    for (uint32_t i = 0; all && i < all->n && p->n < PLAN_MAX && rc == 0; i++) {
        char text[64];
        snprintf(text, sizeof(text), "watched:community=%u", all->v[i].id);
        rc = propose(p, text);
    }
    return rc;
}

static int take_named(struct planning *p)
{
    int rc = 0;
    for (size_t i = 0; i < p->q->n && rc == 0; i++) {
        struct candidate *c = &p->v[i];
        bool near = false;
        c->is = p->q->segments[i];
        rc = find(p, c, p->err);
        if (rc == 0)
            rc = audiences_too_near(&p->x, &c->found, 1, &near, p->err);
        if (rc == 0)
            rc = take_viewers(p, c);
        p->n += c->viewers != NULL;
        if (rc == 0)
            c->withheld = near || roaring_bitmap_get_cardinality(c->viewers) < p->x.floor;
    }
    return rc;
}

/* ---------------------------------------------------------------- what to lead with, and what the response is asked of */

static int choose_lead(struct planning *p, struct candidate *c)
{
    struct str said = STR_NONE;
    if (c->is.lead.n > 0 || c->withheld)
        return lead_check(p->x.world.catalogue, p->title, c->is.kind, c->is.lead, &said, p->err);
    int rc = lead_choose(&p->elements, &p->x.world, p->x.strata, c->viewers, p->x.floor, p->arena,
                         &c->lead, &c->odds, p->err);
    if (rc == 0 && c->lead) {
        c->is.kind = c->lead->kind;
        c->is.lead = c->lead->name;
    }
    return rc;
}

static int leave_out(struct planning *p, struct candidate *c)
{
    const uint32_t *titles;
    uint32_t n;
    uint32_t all = p->x.world.sets->n_titles;
    uint64_t *bits = ARENA_ARRAY(p->arena, bits_words(all) + 1, uint64_t);
    int rc =
        bits ? audience_titles(c->found, p->arena, &titles, &n, p->err) : planning_no_memory(p);
    if (rc)
        return rc;
    memset(bits, 0, (bits_words(all) + 1) * sizeof(uint64_t));
    for (uint32_t i = 0; i < p->n_kindred && rc == 0; i++) {
        bool own = false;
        for (uint32_t k = 0; k < n && !own; k++)
            own = titles[k] == p->kindred[i];
        if (!own || p->kindred[i] >= all)
            continue;
        bits_set(bits, p->kindred[i]);
        rc = audience_viewers(&p->x.world, c->found, bits, &c->without[i], p->err);
        bits[p->kindred[i] / 64] = 0;
    }
    return rc;
}

static int take_kindred(struct planning *p)
{
    const struct strata *s = p->x.strata;
    const struct viewer_sets *sets = p->x.world.sets;
    uint32_t all[LEAD_KINDRED_MAX];
    uint32_t n = lead_kindred(p->x.world.catalogue, p->title, all);
    for (uint32_t i = 0; i < n; i++) {
        if (all[i] >= sets->n_titles || s->since[all[i]] == UINT32_MAX)
            continue;
        p->since_s[p->n_kindred] = s->since[all[i]];
        p->kindred[p->n_kindred++] = all[i];
    }
    p->scope = roaring_bitmap_create();
    if (!p->scope)
        return planning_no_memory(p);
    for (uint32_t i = 0; i < s->n; i++)
        roaring_bitmap_add(p->scope, s->viewer[i]);
    p->out.scope = s->n;
    return 0;
}

int planning_prepare(struct planning *p)
{
    const struct catalogue *c = p->x.world.catalogue;
    int rc = MQ_NOT_FOUND;
    for (p->title = 0; p->title < c->n_titles && rc; p->title++) {
        if (c->titles[p->title].described && str_eq(c->titles[p->title].id, p->q->title))
            rc = 0;
    }
    if (rc)
        return mq_fail(p->err, MQ_NOT_FOUND,
                       "title: %.*s: there is none of that id: give the id of a title",
                       STR_ARG(p->q->title));
    p->title--;
    p->out.title_name = c->titles[p->title].name.p;
    rc = lead_elements_of(&p->x.world, p->x.strata, p->title, p->x.floor, p->arena, &p->elements,
                          p->err);
    if (rc == 0)
        rc = p->q->n ? take_named(p) : propose_all(p);
    if (rc == 0)
        rc = take_kindred(p);
    const roaring_bitmap_t *watched = viewer_sets_of(p->x.world.sets, p->title, AUDIENCE_WATCHED);
    p->out.watched =
        floor_count(watched ? (double)roaring_bitmap_get_cardinality(watched) : 0, p->x.floor);
    for (size_t i = 0; i < p->n && rc == 0; i++) {
        struct candidate *v = &p->v[i];
        char text[PLANNING_WORDS];
        struct buf b;
        rc = choose_lead(p, v);
        if (rc == 0)
            rc = leave_out(p, v);
        buf_over(&b, text, sizeof(text));
        audience_words(v->found, &b);
        v->out.words = planning_keep(p, &b);
    }
    return rc;
}

void planning_release(struct planning *p)
{
    for (size_t i = 0; i < p->n; i++) {
        roaring_bitmap_free(p->v[i].viewers);
        for (size_t k = 0; k < LEAD_KINDRED_MAX; k++) {
            if (p->v[i].without[k])
                roaring_bitmap_free(p->v[i].without[k]);
        }
    }
    if (p->scope)
        roaring_bitmap_free(p->scope);
}
