/* sim_viewer.c - draws who a viewer is. */
#include "sim/sim_viewer.h"

#include <math.h>
#include <stdlib.h>

#include "base/hash.h"
#include "sim/affinities.h"
#include "sim/opportunity.h"
#include "sim/sim_campaign.h"

#define VIEWER_NOISE 0.45 /* length of the part of a taste that no community explains */
#define THETA_SHAPE 0.25  /* Dirichlet: small = most viewers belong to one or two communities */
#define KID_SHARE 0.07
#define JOIN_SHARE 0.2 /* come during the period */
#define HOME_COUNTRY 0.35
#define HABIT_SHARE 0.9 /* each of the three things a habit consists of */
enum { FAMILY = 4 };    /* the community of kids */

/* Typical shares of sessions; index 0 is no daypart. A viewer's own are gammas around them. */
static const double dayparts_adult[2][DAYPARTS] = {{0, 0.10, 0.17, 0.48, 0.25},
                                                   {0, 0.11, 0.33, 0.38, 0.18}};
static const double dayparts_kid[2][DAYPARTS] = {{0, 0.25, 0.40, 0.35, 0},
                                                 {0, 0.40, 0.40, 0.20, 0}};
#define DAYPART_SHAPE 6.0

static const double owned[DEVICES] = {
    [DEVICE_TV] = 0.82,      [DEVICE_PHONE] = 0.92,   [DEVICE_TABLET] = 0.35,
    [DEVICE_DESKTOP] = 0.45, [DEVICE_CONSOLE] = 0.12, [DEVICE_SET_TOP] = 0.12,
    [DEVICE_CAST] = 0.08,
};

static const double device_by_hour[DAYPARTS][DEVICES] = {
    [DAYPART_MORNING] = {[DEVICE_TV] = 10,
                         [DEVICE_PHONE] = 60,
                         [DEVICE_TABLET] = 15,
                         [DEVICE_DESKTOP] = 8,
                         [DEVICE_CONSOLE] = 2,
                         [DEVICE_SET_TOP] = 5,
                         [DEVICE_CAST] = 3},
    [DAYPART_DAYTIME] = {[DEVICE_TV] = 30,
                         [DEVICE_PHONE] = 30,
                         [DEVICE_TABLET] = 15,
                         [DEVICE_DESKTOP] = 25,
                         [DEVICE_CONSOLE] = 8,
                         [DEVICE_SET_TOP] = 12,
                         [DEVICE_CAST] = 8},
    [DAYPART_EVENING] = {[DEVICE_TV] = 70,
                         [DEVICE_PHONE] = 8,
                         [DEVICE_TABLET] = 8,
                         [DEVICE_DESKTOP] = 10,
                         [DEVICE_CONSOLE] = 15,
                         [DEVICE_SET_TOP] = 35,
                         [DEVICE_CAST] = 20},
    [DAYPART_LATE] = {[DEVICE_TV] = 30,
                      [DEVICE_PHONE] = 40,
                      [DEVICE_TABLET] = 20,
                      [DEVICE_DESKTOP] = 12,
                      [DEVICE_CONSOLE] = 10,
                      [DEVICE_SET_TOP] = 10,
                      [DEVICE_CAST] = 8},
};

static void draw_theta(struct viewer_traits *t, struct rng *r)
{
    double sum = 0, draw[SIM_COMMUNITIES];
    for (int c = 0; c < SIM_COMMUNITIES; c++) {
        draw[c] = rng_gamma(r, THETA_SHAPE) + (t->kid && c == FAMILY ? 3 : 0) + 1e-9;
        sum += draw[c];
    }
    for (int c = 0; c < SIM_COMMUNITIES; c++)
        t->theta[c] = (float)(draw[c] / sum);
}

static void draw_taste(const struct sim_world *w, struct viewer_traits *t, struct rng *r)
{
    draw_theta(t, r);
    for (int k = 0; k < SIM_RANK; k++) {
        double x = VIEWER_NOISE / sqrt(SIM_RANK) * rng_normal(r);
        for (int c = 0; c < SIM_COMMUNITIES; c++)
            x += (double)t->theta[c] * (double)w->communities[c].x[k];
        t->u[k] = (float)x;
    }
    const char *country = place_at(t->place)->country;
    if (!str_eq(str_of(country), STR("US")) && !str_eq(str_of(country), STR("GB")))
        feature_add(w, 'c', str_of(country), HOME_COUNTRY / sqrt(SIM_RANK), t->u);
    vector_unit(t->u);
}

static void follow(struct viewer_traits *t, uint32_t person)
{
    for (unsigned i = 0; i < t->n_follows; i++) {
        if (t->follows[i] == person)
            return;
    }
    if (person != ID_NONE && t->n_follows < VIEWER_FOLLOWS_MAX)
        t->follows[t->n_follows++] = person;
}

static bool leads(const struct credit *c)
{
    return c->billing <= 2 &&
           (c->role == ROLE_DIRECTOR || c->role == ROLE_ACTOR || c->role == ROLE_CREATOR);
}

static double dot(const float *a, const float *b)
{
    double sum = 0;
    for (int k = 0; k < SIM_RANK; k++)
        sum += (double)a[k] * (double)b[k];
    return sum;
}

/* Of four known titles the one nearest the taste; someone who leads it. */
static void follow_someone(const struct sim_world *w, struct viewer_traits *t, struct rng *r)
{
    uint32_t best = popularity_draw(w, r);
    for (int i = 0; i < 3; i++) {
        uint32_t other = popularity_draw(w, r);
        if (dot(t->u, w->titles[other].x) > dot(t->u, w->titles[best].x))
            best = other;
    }
    const struct title *record = &w->titles[best].record;
    if (record->n_credits == 0)
        return;
    const struct credit *c = &record->credits[rng_below(r, record->n_credits)];
    if (leads(c))
        follow(t, c->person_id.v);
}

static void draw_habits(const struct sim_world *w, struct viewer_traits *t, struct rng *r)
{
    for (int i = 0; i < SIM_PLANTED; i++) {
        const struct sim_planted *p = &w->planted[i];
        double member = 0.08 + 0.45 * (double)t->theta[p->community];
        bool is = rng_double(r) < member, a = rng_double(r) < HABIT_SHARE,
             b = rng_double(r) < HABIT_SHARE;
        bool likes = rng_double(r) < HABIT_SHARE;
        if (!is || t->kid)
            continue;
        t->habits |= (uint8_t)(1u << i);
        if (a)
            follow(t, p->a);
        if (b)
            follow(t, p->b);
        if (likes)
            t->favours |= (uint8_t)(1u << i);
    }
    uint64_t more = rng_poisson(r, 2);
    for (uint64_t i = 0; i < more && i < VIEWER_FOLLOWS_MAX; i++)
        follow_someone(w, t, r);
}

static void draw_dayparts(struct viewer_traits *t, struct rng *r)
{
    for (int weekend = 0; weekend < 2; weekend++) {
        const double *typical = t->kid ? dayparts_kid[weekend] : dayparts_adult[weekend];
        double sum = 0, draw[DAYPARTS] = {0};
        for (int d = DAYPART_MORNING; d < DAYPARTS; d++) {
            draw[d] = typical[d] > 0 ? rng_gamma(r, DAYPART_SHAPE * typical[d]) + 1e-9 : 0;
            sum += draw[d];
        }
        for (int d = 0; d < DAYPARTS; d++)
            t->daypart[weekend][d] = (float)(draw[d] / sum);
    }
}

static void draw_devices(struct viewer_traits *t, struct rng *r)
{
    for (int d = DEVICE_TV; d < DEVICES; d++) {
        if (rng_double(r) < owned[d])
            t->devices |= (uint8_t)(1u << d);
    }
    if (t->devices == 0)
        t->devices = 1u << DEVICE_PHONE;
}

/* From a stream of its own. Half of the sessions are as usual, on average. */
static void draw_moods(const struct sim_world *w, uint32_t viewer, struct viewer_traits *t)
{
    struct rng r;
    double sum = 0, draw[SIM_MOODS];
    rng_seed_stream(&r, hash_mix(w->settings.seed, STREAM_MOOD), viewer);
    for (int m = 0; m < SIM_MOODS; m++)
        sum += draw[m] = rng_gamma(&r, m == 0 ? 2.0 : 0.5) + 1e-9;
    for (int m = 0; m < SIM_MOODS; m++)
        t->moods[m] = (float)(draw[m] / sum);
}

void viewer_draw(const struct sim_world *w, uint32_t viewer, struct viewer_traits *ret)
{
    struct rng r;
    *ret = (struct viewer_traits){0};
    rng_seed_stream(&r, hash_mix(w->settings.seed, STREAM_VIEWER), viewer);
    ret->place = (uint8_t)place_draw(&r);
    ret->kid = rng_double(&r) < KID_SHARE;
    draw_taste(w, ret, &r);
    draw_dayparts(ret, &r);
    draw_devices(ret, &r);
    ret->sessions_per_week = (float)(w->settings.sessions_per_week * rng_gamma(&r, 1.5) / 1.5);
    bool rates = rng_double(&r) < 0.35, thumbs = rng_double(&r) < 0.3;
    ret->star_share = rates ? (float)(0.2 + 0.7 * rng_double(&r)) : 0;
    ret->thumb_share = thumbs ? (float)(0.1 + 0.4 * rng_double(&r)) : 0;
    ret->star_bias = (float)(0.5 * rng_normal(&r));
    bool joins = rng_double(&r) < JOIN_SHARE;
    double when = rng_double(&r);
    ret->joins_ms = w->start_ms + (joins ? (int64_t)(when * (double)(w->end_ms - w->start_ms)) : 0);
    draw_habits(w, ret, &r);
    draw_moods(w, viewer, ret);
    ret->affinities = affinities_draw(w, viewer);
    ret->opportunity = opportunity_draw(w, viewer);
    campaign_draw(w, viewer, ret);
}

enum device viewer_device(const struct viewer_traits *t, enum daypart d, struct rng *r)
{
    double sum = 0, weight[DEVICES] = {0};
    for (int i = DEVICE_TV; i < DEVICES; i++) {
        if (t->devices >> i & 1)
            sum += weight[i] = device_by_hour[d][i] + 0.01;
    }
    double at = rng_double(r) * sum;
    int i = DEVICE_TV;
    while (i + 1 < DEVICES && at >= weight[i])
        at -= weight[i++];
    return t->devices >> i & 1 ? (enum device)i : (enum device)__builtin_ctz(t->devices);
}

bool viewer_has_seen(const struct viewer_state *s, uint32_t title)
{
    uint32_t n = s->n_seen < s->cap_seen ? s->n_seen : s->cap_seen;
    for (uint32_t i = 0; i < n; i++) {
        if (s->seen[i] == title)
            return true;
    }
    return false;
}

void viewer_saw(struct viewer_state *s, uint32_t title)
{
    if (viewer_has_seen(s, title))
        return;
    if (s->n_seen == s->cap_seen && s->cap_seen < VIEWER_SEEN_MAX) {
        uint32_t cap = s->cap_seen ? s->cap_seen * 2 : 8;
        uint32_t *grown = realloc(s->seen, cap * sizeof(*grown));
        if (!grown)
            return;
        s->seen = grown;
        s->cap_seen = cap;
    }
    s->seen[s->n_seen++ % s->cap_seen] = title;
}

/* How many reasons a followed person (or a favoured title) gives: people of the title that are followed. */
static unsigned viewer_followed(const struct sim_world *w, const struct viewer_traits *t,
                                uint32_t title)
{
    const struct title *record = &w->titles[title].record;
    unsigned n = 0;
    for (unsigned f = 0; f < t->n_follows; f++) {
        bool there = false;
        for (uint32_t c = 0; c < record->n_credits && !there; c++)
            there = record->credits[c].person_id.v == t->follows[f];
        n += there;
    }
    for (int i = 0; i < SIM_PLANTED; i++)
        n += (t->favours >> i & 1) && w->planted[i].t == title;
    return n;
}

double viewer_preference(const struct sim_world *w, const struct viewer_traits *t, uint32_t title)
{
    const struct sim_title *to = &w->titles[title];
    double preference = SIM_QUALITY_WEIGHT * (double)to->quality;
    if (w->taste > 0) {
        unsigned followed = viewer_followed(w, t, title);
        preference += w->taste * (SIM_TASTE_WEIGHT * dot(t->u, to->x) +
                                  SIM_FOLLOW_WEIGHT * (followed < 2 ? followed : 2));
    }
    if (t->opportunity && opportunity_is_of(w, title))
        preference += opportunity_add(w, title);
    return preference + affinities_add(w, t, title);
}
