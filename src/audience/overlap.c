#include "audience/overlap.h"

#include <math.h>
#include <stdlib.h>

#include "math/bits.h"

/* One audience. */
struct side {
    const struct audience *audience;
    const uint32_t *titles; /* without the shared ones */
    uint32_t n_titles;
    uint64_t *by_id; /* (set_bits_words) */
    uint64_t
        *alone; /* the same, of unions: whom one of the titles alone puts there; NULL for others */
    uint64_t *bits; /* by rank */
};

struct job {
    const struct audience_world *world;
    const struct strata *strata;
    struct side sides[MQ_SETS];
    size_t n;
    uint64_t *without; /* bit per title */
    uint32_t title_bits;
    size_t id_words;
    struct set_reader *reader;
    struct stratum *tables, *changed, *risked; /* (k) */
    uint64_t *within;
    struct mq_error *err;
};

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "overlap: no memory");
}

static void job_release(struct job *j)
{
    for (size_t i = 0; i < MQ_SETS; i++) {
        free(j->sides[i].by_id);
        free(j->sides[i].alone);
        free(j->sides[i].bits);
    }
    if (j->reader)
        set_reader_release(j->reader);
    free(j->reader);
    free(j->without);
    free(j->tables);
    free(j->changed);
    free(j->risked);
    free(j->within);
}

static int job_init(struct job *j)
{
    const struct audience_world *w = j->world;
    uint32_t titles = w->sets->n_titles;
    if (w->catalogue->n_titles > titles)
        titles = w->catalogue->n_titles;
    j->title_bits = titles;
    j->without = calloc(bits_words(titles) + 1, sizeof(*j->without));
    j->id_words = set_bits_words(w->sets->n_viewers);
    j->reader = calloc(1, sizeof(*j->reader));
    j->tables = calloc(j->strata->k, sizeof(*j->tables));
    j->changed = calloc(j->strata->k, sizeof(*j->changed));
    j->risked = calloc(j->strata->k, sizeof(*j->risked));
    j->within = calloc(bits_words(j->strata->n) + 1, sizeof(*j->within));
    bool ok = j->without && j->reader && j->tables && j->changed && j->risked && j->within;
    return ok ? 0 : no_memory(j->err);
}

/* ---------------------------------------------------------------- titles of several sides */

static const struct mq_evidence *name_titles(const struct catalogue *c, const uint64_t *bits,
                                             size_t n, uint32_t titles, struct arena *arena)
{
    struct mq_evidence *v = ARENA_ARRAY(arena, n + 1, struct mq_evidence);
    size_t at = 0;
    for (uint32_t t = 0; v && t < titles && at < n; t++) {
        if (!bits_get(bits, t))
            continue;
        bool known = t < c->n_titles;
        v[at].title = known ? c->titles[t].id.p : "";
        v[at].name = known ? c->titles[t].name.p : "";
        v[at++].share = NAN;
    }
    return v;
}

static int share_titles(struct job *j, struct arena *arena, struct mq_overlap *ret)
{
    uint64_t *seen = calloc(bits_words(j->title_bits) + 1, sizeof(*seen));
    if (!seen)
        return no_memory(j->err);
    for (size_t i = 0; i < j->n; i++) {
        int rc = audience_titles(j->sides[i].audience, arena, &j->sides[i].titles,
                                 &j->sides[i].n_titles, j->err);
        if (rc) {
            free(seen);
            return rc;
        }
        for (uint32_t k = 0; k < j->sides[i].n_titles; k++) {
            uint32_t t = j->sides[i].titles[k];
            if (!bits_get(seen, t)) {
                bits_set(seen, t);
            } else if (!bits_get(j->without, t)) {
                bits_set(j->without, t);
                ret->n_shared++;
            }
        }
    }
    free(seen);
    ret->shared = name_titles(j->world->catalogue, j->without, ret->n_shared, j->title_bits, arena);
    return ret->shared ? 0 : no_memory(j->err);
}

/* ---------------------------------------------------------------- sides */

/* One more title of a union: who is there for the second time is no longer there by one alone. */
static int add_title(struct job *j, struct side *s, uint32_t title, uint64_t *again)
{
    struct set_chunk c;
    int rc = set_reader_begin(
        j->reader, viewer_sets_of(j->world->sets, title, s->audience->atom->signal), j->err);
    while (rc == 0 && set_reader_next(j->reader, &c)) {
        uint64_t *seen = s->by_id + c.word0;
        uint64_t *twice = again + c.word0;
        for (size_t i = 0; c.words && i < SET_CHUNK_WORDS; i++) {
            twice[i] |= seen[i] & c.words[i];
            seen[i] |= c.words[i];
        }
        for (uint32_t i = 0; i < c.n; i++) {
            if (bits_get(seen, c.low[i]))
                bits_set(twice, c.low[i]);
            bits_set(seen, c.low[i]);
        }
    }
    return rc;
}

static int unite(struct job *j, struct side *s)
{
    s->alone = calloc(j->id_words, sizeof(*s->alone));
    int rc = s->alone ? 0 : no_memory(j->err);
    for (uint32_t i = 0; rc == 0 && i < s->n_titles; i++)
        rc = add_title(j, s, s->titles[i], s->alone);
    for (size_t i = 0; rc == 0 && i < j->id_words; i++)
        s->alone[i] = s->by_id[i] & ~s->alone[i];
    return rc;
}

static int fill_side(struct job *j, struct side *s, struct arena *arena)
{
    uint32_t *left = ARENA_ARRAY(arena, s->n_titles + 1, uint32_t);
    uint32_t kept = 0;
    if (!left)
        return no_memory(j->err);
    for (uint32_t i = 0; i < s->n_titles; i++) {
        if (!bits_get(j->without, s->titles[i]))
            left[kept++] = s->titles[i];
    }
    s->titles = left;
    s->n_titles = kept;
    s->bits = calloc(bits_words(j->strata->n) + 1, sizeof(*s->bits));
    s->by_id = calloc(j->id_words, sizeof(*s->by_id));
    if (!s->bits || !s->by_id)
        return no_memory(j->err);
    int rc = audience_is_union(s->audience) && j->n == 2
                 ? unite(j, s)
                 : audience_bits(j->world, s->audience, j->without, j->reader, s->by_id, j->err);
    if (rc == 0)
        strata_lay_out(j->strata, s->by_id, s->bits);
    return rc;
}

struct mq_affinity affinity_of(const struct association *x)
{
    return (struct mq_affinity){
        .viewers = (double)x->n,
        .a = (double)x->a,
        .b = (double)x->b,
        .both = (double)x->both,
        .lift = x->lift,
        .odds_ratio = x->odds_ratio,
        .odds_ratio_low = x->low,
        .odds_ratio_high = x->high,
        .g2 = x->g2,
        .z = x->z,
        .p = x->p,
        .expected = x->expected,
        .share = x->a > 0 ? (double)x->both / (double)x->a : NAN,
        .comparable = x->comparable,
    };
}

/* ---------------------------------------------------------------- one title less */

/* How many a title of a union alone puts there, and in both, by stratum: (k) each. */
struct losses {
    uint32_t *side, *both;
};

static void lose(const struct job *j, const uint64_t *other, uint32_t viewer, struct losses *l)
{
    uint16_t k = j->strata->stratum[viewer];
    l->side[k]++;
    l->both[k] += (uint32_t)bits_get(other, viewer);
}

static int count_losses(const struct job *j, const struct side *s, const struct side *other,
                        uint32_t title, struct losses *l)
{
    struct set_chunk c;
    memset(l->side, 0, j->strata->k * sizeof(*l->side));
    memset(l->both, 0, j->strata->k * sizeof(*l->both));
    int rc = set_reader_begin(
        j->reader, viewer_sets_of(j->world->sets, title, s->audience->atom->signal), j->err);
    while (rc == 0 && set_reader_next(j->reader, &c)) {
        const uint64_t *alone = s->alone + c.word0;
        uint32_t first = (uint32_t)(c.word0 * 64);
        for (uint32_t i = 0; c.words && i < SET_CHUNK_WORDS; i++) {
            for (uint64_t w = c.words[i] & alone[i]; w; w &= w - 1)
                lose(j, other->by_id, first + i * 64 + (uint32_t)__builtin_ctzll(w), l);
        }
        for (uint32_t i = 0; i < c.n; i++) {
            if (bits_get(alone, c.low[i]))
                lose(j, other->by_id, first + c.low[i], l);
        }
    }
    return rc;
}

static int take_losses(struct job *j, const struct side *s, const struct side *other, bool first,
                       uint32_t title, struct losses *l)
{
    int rc = count_losses(j, s, other, title, l);
    memcpy(j->changed, j->tables, j->strata->k * sizeof(*j->changed));
    for (uint32_t k = 0; rc == 0 && k < j->strata->k; k++) {
        *(first ? &j->changed[k].a : &j->changed[k].b) -= l->side[k];
        j->changed[k].both -= l->both[k];
    }
    return rc;
}

/* The same for any other expression: asked again. */
static int ask_again(struct job *j, const struct side *s, const struct side *other, bool first,
                     uint32_t title)
{
    uint64_t *by_id = calloc(j->id_words, sizeof(*by_id));
    uint64_t *bits = calloc(bits_words(j->strata->n) + 1, sizeof(*bits));
    bits_set(j->without, title);
    int rc = by_id && bits
                 ? audience_bits(j->world, s->audience, j->without, j->reader, by_id, j->err)
                 : no_memory(j->err);
    j->without[title / 64] &= ~(UINT64_C(1) << title % 64);
    if (rc == 0) {
        strata_lay_out(j->strata, by_id, bits);
        strata_tables(j->strata, first ? bits : other->bits, first ? other->bits : bits, NULL,
                      j->changed);
    }
    free(by_id);
    free(bits);
    return rc;
}

static void keep_lowest(const struct association *x, uint32_t title, struct mq_overlap *ret,
                        uint32_t *least)
{
    double lowest = ret->without_one.odds_ratio;
    bool lower =
        isnan(lowest) || x->odds_ratio < lowest || (x->odds_ratio == lowest && title < *least);
    if (isnan(x->odds_ratio) || !lower)
        return;
    ret->without_one.odds_ratio = x->odds_ratio;
    ret->without_one.share = x->a > 0 ? (double)x->both / (double)x->a : NAN;
    *least = title;
}

static int leave_out(struct job *j, size_t which, struct mq_overlap *ret, uint32_t *least)
{
    const struct side *s = &j->sides[which];
    const struct side *other = &j->sides[1 - which];
    struct losses losses = {0};
    int rc = 0;
    if (!s->alone && s->n_titles > OVERLAP_REEVALUATED)
        return 0;
    losses.side = calloc((size_t)j->strata->k * 2, sizeof(*losses.side));
    if (!losses.side)
        return no_memory(j->err);
    losses.both = losses.side + j->strata->k;
    for (uint32_t i = 0; rc == 0 && i < s->n_titles; i++) {
        struct association x;
        rc = s->alone ? take_losses(j, s, other, which == 0, s->titles[i], &losses)
                      : ask_again(j, s, other, which == 0, s->titles[i]);
        associate(j->changed, j->strata->k, &x);
        if (rc == 0)
            keep_lowest(&x, s->titles[i], ret, least);
    }
    free(losses.side);
    return rc;
}

static int leave_each_out(struct job *j, struct mq_overlap *ret)
{
    const struct catalogue *c = j->world->catalogue;
    uint32_t least = ID_NONE;
    int rc = leave_out(j, 0, ret, &least);
    if (rc == 0)
        rc = leave_out(j, 1, ret, &least);
    if (rc == 0 && least < c->n_titles) {
        ret->without_one.title = c->titles[least].id.p;
        ret->without_one.name = c->titles[least].name.p;
    }
    return rc;
}

/* ---------------------------------------------------------------- who could have */

/* When the first of a side's titles was there: the first sign of any of them. 0 for a side without titles. */
static uint32_t available(const struct job *j, const struct side *s)
{
    uint32_t least = UINT32_MAX;
    for (uint32_t i = 0; i < s->n_titles; i++) {
        uint32_t t = s->titles[i];
        uint32_t since = t < j->world->sets->n_titles ? j->strata->since[t] : UINT32_MAX;
        least = since < least ? since : least;
    }
    return least == UINT32_MAX ? 0 : least;
}

static void ask_risk_set(struct job *j, struct mq_overlap *ret)
{
    uint32_t from = 0;
    for (size_t i = 0; i < j->n; i++) {
        uint32_t since = available(j, &j->sides[i]);
        from = since > from ? since : from;
    }
    for (uint32_t r = 0; r < j->strata->n; r++)
        j->within[r / 64] |= (uint64_t)(j->strata->last_s[r] >= from) << r % 64;
    struct association x;
    uint64_t *a = j->sides[0].bits;
    uint64_t *b = j->sides[1].bits;
    for (size_t i = 0; i < bits_words(j->strata->n); i++) { /* nobody needs them as they were */
        a[i] &= j->within[i];
        b[i] &= j->within[i];
    }
    strata_tables(j->strata, a, b, j->within, j->risked);
    associate(j->risked, j->strata->k, &x);
    ret->risk = affinity_of(&x);
    ret->risk_since_ms = (int64_t)from * 1000;
}

/* How many of those in both (as a share) would have to be in A alone for the interval's lower end to reach 1; NaN when
 * it is below already. */
static double overlap_fragility(const struct stratum *tables, size_t k)
{
    struct association x;
    associate(tables, k, &x);
    if (!(x.low > 1))
        return NAN;
    struct stratum *t = calloc(k, sizeof(*t));
    double low = 0;
    double high = 1;
    if (!t)
        return NAN;
    for (int step = 0; step < 20; step++) {
        double mid = (low + high) / 2;
        for (size_t i = 0; i < k; i++) {
            uint32_t gone = (uint32_t)floor(tables[i].both * mid + 0.5);
            t[i] = tables[i];
            t[i].both -= gone;
            t[i].b -= gone;
        }
        associate(t, k, &x);
        if (x.low > 1)
            low = mid;
        else
            high = mid;
    }
    free(t);
    return high;
}

/* ---------------------------------------------------------------- three sets */

static void count_regions(struct job *j, struct mq_overlap *ret)
{
    const struct strata *s = j->strata;
    uint32_t counts[MQ_REGIONS] = {0};
    double expected[MQ_REGIONS] = {0};
    for (uint32_t k = 0; k < s->k; k++) {
        double n = s->first[k + 1] - s->first[k];
        double share[MQ_SETS] = {0};
        if (n == 0)
            continue;
        for (size_t i = 0; i < j->n; i++)
            share[i] = bits_count(j->sides[i].bits, s->first[k], s->first[k + 1]) / n;
        for (unsigned m = 0; m < MQ_REGIONS; m++) {
            double e = n;
            for (size_t i = 0; i < j->n; i++)
                e *= m >> i & 1 ? share[i] : 1 - share[i];
            expected[m] += e;
        }
    }
    for (uint32_t r = 0; r < s->n; r++) {
        unsigned m = 0;
        for (size_t i = 0; i < j->n; i++)
            m |= (unsigned)bits_get(j->sides[i].bits, r) << i;
        counts[m]++;
    }
    ret->n_regions = MQ_REGIONS;
    for (unsigned m = 0; m < MQ_REGIONS; m++)
        ret->regions[m] = (struct mq_region){m, counts[m], expected[m]};
    ret->c = bits_count(j->sides[2].bits, 0, s->n);
}

static int run(struct job *j, struct arena *arena, struct mq_overlap *ret)
{
    struct association x;
    if (j->n < 2 || j->n > MQ_SETS)
        return mq_fail(j->err, MQ_BUG, "overlap: %zu audiences", j->n);
    int rc = job_init(j);
    if (rc == 0)
        rc = share_titles(j, arena, ret);
    for (size_t i = 0; rc == 0 && i < j->n; i++) {
        rc = fill_side(j, &j->sides[i], arena);
        ret->n_titles[i] = j->sides[i].n_titles;
    }
    if (rc)
        return rc;
    strata_tables(j->strata, j->sides[0].bits, j->sides[1].bits, NULL, j->tables);
    associate(j->tables, j->strata->k, &x);
    ret->all = affinity_of(&x);
    ret->without_one.odds_ratio = ret->without_one.share = NAN;
    ret->c = NAN;
    ret->fragility = overlap_fragility(j->tables, j->strata->k);
    if (j->n > 2)
        count_regions(j, ret);
    else
        rc = leave_each_out(j, ret);
    if (rc == 0)
        ask_risk_set(j, ret);
    return rc;
}

int overlap_of(const struct audience_world *w, const struct strata *s,
               const struct audience *const *audiences, size_t n, struct arena *arena,
               struct mq_overlap *ret, struct mq_error *err)
{
    struct job j = {.world = w, .strata = s, .n = n, .err = err};
    for (size_t i = 0; i < n; i++)
        j.sides[i].audience = audiences[i];
    *ret = (struct mq_overlap){.n_sets = n, .strata = s->k};
    int rc = run(&j, arena, ret);
    job_release(&j);
    return rc;
}
