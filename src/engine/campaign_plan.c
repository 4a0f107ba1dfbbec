/* campaign_plan.c - whom to put a title before, with what, and whom not. Groups are found under the audiences' lock; the log is read
 * afterwards. */
#include <math.h>
#include <stdlib.h>

#include "engine/campaign_planning.h"

enum { SUMMARY = (PLAN_MAX + 1) * (PLANNING_WORDS + 256) };
static const double z95 = 1.959964;
/* Of those who would watch in the end, at least this share must do so because of the campaign. */
static const double worth = 1.0 / 6;

/* ---------------------------------------------------------------- what can be expected */

/* Enough people on both sides to say anything. */
static bool is_known(const struct exposure_effect *f)
{
    return f->viewers_seen >= EFFECT_VIEWERS_MIN && f->viewers_unseen >= EFFECT_VIEWERS_MIN &&
           f->standard_error > 0;
}

/* Segments borrow from everybody: how much their effects differ beyond chance (DerSimonian, Laird 1986). */
static double spread_of(const struct planning *p)
{
    double w = 0;
    double w2 = 0;
    double q = 0;
    unsigned k = 0;
    for (size_t i = 0; i < p->n; i++) {
        double se = p->v[i].effect.standard_error;
        if (p->v[i].withheld || !is_known(&p->v[i].effect))
            continue;
        double d = p->v[i].effect.difference - p->everybody.difference;
        double weight = 1 / (se * se);
        w += weight;
        w2 += weight * weight;
        q += weight * d * d;
        k++;
    }
    double below = w - (w > 0 ? w2 / w : 0);
    return k > 1 && below > 0 ? fmax(0, (q - (k - 1)) / below) : 0;
}

static struct plan_share best_share(const uint64_t *of, const uint64_t *all, int n, bool devices)
{
    double sum = 0;
    double sum_all = 0;
    int best = -1;
    for (int i = 1; i < n; i++) {
        sum += (double)of[i];
        sum_all += (double)all[i];
        if (of[i] > 0 && (best < 0 || of[i] > of[best]))
            best = i;
    }
    if (best < 0)
        return (struct plan_share){NULL, NAN, NAN};
    return (struct plan_share){
        devices ? device_name((enum device)best) : daypart_name((enum daypart)best),
        floor_figure((double)of[best] / sum, 2), floor_figure((double)all[best] / sum_all, 2)};
}

/* Seen minus unseen, shrunk; times the share who would see it because of the campaign. */
static void expect(struct planning *p, size_t i, double tau2)
{
    struct candidate *c = &p->v[i];
    const struct response_group *g = &p->groups[i + 1];
    struct plan_segment *out = &c->out;
    const struct exposure_effect *all = &p->everybody;
    double prior = tau2 + all->standard_error * all->standard_error;
    double own = c->effect.standard_error * c->effect.standard_error;
    bool known = is_known(&c->effect);
    double precision = 1 / prior + (known ? 1 / own : 0);
    double response =
        (all->difference / prior + (known ? c->effect.difference / own : 0)) / precision;
    double se = sqrt(1 / precision);
    double size = g->size > 0 ? (double)g->size : NAN;
    double seen = known ? c->effect.seen : all->seen;
    double unseen = known ? c->effect.unseen : all->unseen;
    double room = (double)g->came / size - (double)g->in_view / size;
    double now = (double)g->in_view / size;
    room = room > 0 ? room : 0;
    out->reach = floor_figure((double)g->came / size, 2);
    out->in_view = floor_figure(now, 2);
    out->anyway = floor_figure(now * seen + (1 - now) * unseen, 2);
    out->uplift = floor_figure(room * response, 2);
    out->low = floor_figure(room * (response - z95 * se), 2);
    out->high = floor_figure(room * (response + z95 * se), 2);
}

static void decide(const struct planning *p, struct candidate *c)
{
    struct plan_segment *o = &c->out;
    double anyway_all = p->everybody.unseen;
    if (c->withheld) {
        o->verdict = "withheld";
        o->why = "fewer viewers than the privacy floor, or too near a group asked about before";
    } else if (!is_known(&p->everybody)) {
        o->verdict = "unknown";
        o->why = "too few pages were noted on which titles like it stood: only a hold-out can tell";
    } else if (!(o->uplift > 0 && o->low > 0)) {
        bool anyway = o->anyway > anyway_all;
        o->verdict = anyway ? "watches anyway" : "not moved";
        o->why = anyway
                     ? "they find titles like it themselves; that a lead adds to that is not shown"
                     : "that seeing titles like it makes them begin them is not shown";
    } else if (o->uplift < worth * (o->anyway + o->uplift)) {
        o->verdict = "watches anyway";
        o->why = "nearly all who would watch it would do so without";
    } else {
        o->verdict = "target";
        o->why = "being seen makes them begin titles like it";
    }
}

static int rank_of(const struct candidate *c)
{
    static const char *const order[] = {"target", "unknown", "watches anyway", "not moved"};
    for (int i = 0; i < 4; i++) {
        if (strcmp(c->out.verdict, order[i]) == 0)
            return i;
    }
    return 4;
}

static int by_uplift(const void *x, const void *y)
{
    const struct candidate *a = x;
    const struct candidate *b = y;
    if (rank_of(a) != rank_of(b))
        return rank_of(a) - rank_of(b);
    if (a->out.uplift != b->out.uplift && !isnan(a->out.uplift) && !isnan(b->out.uplift))
        return a->out.uplift > b->out.uplift ? -1 : 1;
    uint64_t n = roaring_bitmap_get_cardinality(a->viewers);
    uint64_t m = roaring_bitmap_get_cardinality(b->viewers);
    return (n < m) - (n > m);
}

static bool is_offered(const struct candidate *c)
{
    return rank_of(c) <= 1;
}

static void fill_sizes(struct planning *p, struct candidate *c, roaring_bitmap_t *taken)
{
    struct plan_segment *o = &c->out;
    unsigned floor = p->x.floor;
    double n = (double)roaring_bitmap_get_cardinality(c->viewers);
    double fresh = (double)roaring_bitmap_andnot_cardinality(c->viewers, taken);
    o->viewers = c->withheld ? NAN : floor_count(n, floor);
    o->watched = c->withheld ? NAN : floor_count(c->watched, floor);
    o->fresh = c->withheld ? NAN : floor_count(fresh, floor);
    o->more = c->withheld ? NAN : floor_figure(o->fresh * o->uplift, 2);
    if (is_offered(c))
        roaring_bitmap_or_inplace(taken, c->viewers);
}

static void withhold(struct plan_segment *o)
{
    o->reach = o->in_view = o->anyway = o->uplift = o->low = o->high = NAN;
    o->hour = o->device = (struct plan_share){NULL, NAN, NAN};
    o->lead_odds = o->lead_low = o->lead_high = NAN;
}

static void tell_lead(struct planning *p, struct candidate *c)
{
    struct str said = STR_NONE;
    struct mq_error none;
    char text[CAMPAIGN_WORDS_MAX * 4];
    struct buf b;
    bool all = c->lead && c->odds.both == c->odds.a;
    bool odds = c->lead && !all;
    (void)lead_check(p->x.world.catalogue, p->title, c->is.kind, c->is.lead, &said, &none);
    said.n = said.n < CAMPAIGN_LEAD_MAX ? said.n : CAMPAIGN_LEAD_MAX;
    buf_over(&b, text, sizeof(text));
    lead_words(c->is.kind, said, &b);
    c->out.said = planning_keep(p, &b);
    c->out.lead_odds = odds ? floor_figure(c->odds.odds_ratio, 3) : NAN;
    c->out.lead_low = odds ? floor_figure(c->odds.low, 3) : NAN;
    c->out.lead_high = odds ? floor_figure(c->odds.high, 3) : NAN;
}

static int measure(struct planning *p)
{
    struct mq_engine *e = p->r->engine;
    struct response_question q = {.title = p->title,
                                  .kindred = p->kindred,
                                  .since_s = p->since_s,
                                  .n_kindred = p->n_kindred,
                                  .now_ms = p->q->as_of_ms ? p->q->as_of_ms : engine_now(e, NULL),
                                  .known_ms = p->q->as_of_ms,
                                  .days = p->q->days,
                                  .scope = p->scope};
    for (size_t i = 0; i < p->n; i++) {
        p->groups[i + 1].viewers = p->v[i].viewers;
        p->groups[i + 1].without = p->v[i].without;
    }
    int rc = response_measure(e, &q, p->groups, p->n + 1, p->err);
    p->everybody = p->groups[0].effect;
    for (size_t i = 0; i < p->n && rc == 0; i++)
        p->v[i].effect = p->groups[i + 1].effect;
    return rc;
}

/* ---------------------------------------------------------------- the answer */

static const char *summary(struct planning *p)
{
    struct buf b;
    buf_init(&b, SUMMARY);
    const struct plan_segment *best = p->n ? &p->out.segment[0] : NULL;
    if (best && p->out.n_target > 0)
        buf_printf(&b,
                   "Put it before those who %s first: of 100 of them %.2g more would begin it "
                   "[%.2g, %.2g], %.2g would anyway.",
                   best->words, 100 * best->uplift, 100 * best->low, 100 * best->high,
                   100 * best->anyway);
    else if (p->n == 0)
        buf_add_z(&b, "No group of the privacy floor's size likes anything that it has.");
    else if (is_known(&p->everybody))
        buf_add_z(&b,
                  "Nobody is to be targeted: that a lead would make more begin it is not shown.");
    else
        buf_add_z(&b, "What a lead would do is not known: too few pages with titles like it were "
                      "noted. A launch with a hold-out tells.");
    for (size_t i = 0; i < p->n; i++) {
        const struct plan_segment *s = &p->out.segment[i];
        bool out =
            strcmp(s->verdict, "watches anyway") == 0 || strcmp(s->verdict, "not moved") == 0;
        if (out)
            buf_printf(&b, " Leave out those who %s: %s.", s->words, s->verdict);
    }
    const char *words = planning_keep(p, &b);
    buf_release(&b);
    return words;
}

/* What can be launched of it; a reading asks later whether those expected to be moved most were (0: nothing was expected). */
static struct campaign_segment expected_of(const struct candidate *c)
{
    struct campaign_segment s = c->is;
    s.uplift = isnan(c->out.uplift) ? 0 : c->out.uplift;
    s.anyway = isnan(c->out.anyway) ? 0 : c->out.anyway;
    return s;
}

static int answer(struct planning *p)
{
    struct campaign_segment *offered = ARENA_ARRAY(p->arena, PLAN_MAX, struct campaign_segment);
    roaring_bitmap_t *taken = roaring_bitmap_create();
    struct campaign_plan *o = &p->out;
    double tau2 = spread_of(p);
    if (!offered || !taken) {
        if (taken)
            roaring_bitmap_free(taken);
        return planning_no_memory(p);
    }
    for (size_t i = 0; i < p->n; i++) {
        struct candidate *c = &p->v[i];
        const struct response_group *g = &p->groups[i + 1];
        tell_lead(p, c);
        expect(p, i, tau2);
        c->out.hour = best_share(g->hours, p->groups[0].hours, DAYPARTS, false);
        c->out.device = best_share(g->devices, p->groups[0].devices, DEVICES, true);
        decide(p, c);
        if (rank_of(c) == 1) /* unknown */
            c->out.uplift = c->out.low = c->out.high = NAN;
        if (c->withheld)
            withhold(&c->out);
    }
    qsort(p->v, p->n, sizeof(p->v[0]), by_uplift);
    o->is = *p->q;
    o->is.segments = offered;
    o->is.n = 0;
    o->is.floor = p->x.floor;
    for (size_t i = 0; i < p->n; i++) {
        struct candidate *c = &p->v[i];
        fill_sizes(p, c, taken);
        c->out.is = c->is;
        o->segment[o->n++] = c->out;
        o->n_target += rank_of(c) == 0;
        /* Whoever is left of it behind those before it must be a group still. */
        if (is_offered(c) && !isnan(c->out.fresh))
            offered[o->is.n++] = expected_of(c);
    }
    roaring_bitmap_free(taken);
    o->pairs = floor_count((double)p->everybody.n, p->x.floor);
    o->exposed = floor_figure(p->everybody.seen, 2);
    o->unexposed = floor_figure(p->everybody.unseen, 2);
    o->kindred = p->n_kindred;
    o->floor = p->x.floor;
    o->log_seq = p->x.log_seq;
    o->words = summary(p);
    return 0;
}

int engine_campaign_plan(struct mq_reader *r, const struct campaign_request *q, const char *who,
                         struct campaign_plan *ret, struct mq_error *err)
{
    struct planning *p = calloc(1, sizeof(*p));
    const char *texts[CAMPAIGN_SEGMENTS_MAX];
    if (!p)
        return mq_fail(err, MQ_NO_MEMORY, "campaign: no memory");
    for (size_t i = 0; i < q->n; i++)
        texts[i] = q->segments[i].audience.p;
    struct mq_audience_request a = {.expressions = texts,
                                    .n_expressions = q->n,
                                    .floor = q->floor,
                                    .as_of_ms = q->as_of_ms,
                                    .who = who};
    p->r = r;
    p->q = q;
    p->err = err;
    int rc = audiences_begin(r, &a, audiences_need_follows(r, &a), &p->x, err);
    if (rc == 0) {
        p->arena = p->x.arena;
        rc = planning_prepare(p);
        audiences_end(r);
    }
    if (rc == 0)
        rc = measure(p);
    if (rc == 0)
        rc = answer(p);
    if (rc == 0)
        rc = audiences_audit(r->engine, "campaign plan", &a, 0, err);
    if (rc == 0)
        *ret = p->out;
    planning_release(p);
    free(p);
    return rc;
}
