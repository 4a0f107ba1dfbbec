/* choosing.c - from a page to a title.
 *
 * A slot is examined with chance (1 + row)^-a (1 + column)^-b, on a phone with a larger b (columns are off the
 * screen). Among the examined titles and "none of these" the viewer takes the one with the greatest utility
 * plus Gumbel noise: a multinomial logit. After "none" comes another page, a search, or nothing. */
#include <math.h>

#include "sim/affinities.h"
#include "sim/bursts.h"
#include "sim/opportunity.h"
#include "sim/sim_campaign.h"
#include "sim/visit.h"

enum { PAGES_MAX = 2, SEARCH_POOL = 30, FOLLOWED_POOL = 12 };
#define ROW_POWER 0.7
#define COLUMN_POWER 0.4
#define COLUMN_POWER_PHONE 0.8
#define NONE_UTILITY 1.6
#define CURIOSITY 0.6
#define SEEN_PENALTY 4.0
#define KID_PENALTY 6.0
#define SEARCH_SHARE 0.45 /* after "none" */
/* Of visits: a search after a glance at the page, by those who follow someone; by members of a planted habit. */
#define AT_ONCE_SHARE 0.2
#define AT_ONCE_HABIT 0.6
#define AFFINITY_SHARE 0.5 /* of what is recalled, by members of an affinity */
#define AGAIN_SHARE 0.5    /* of the rest: another page */
#define BURST_SHARE 0.3    /* of visits in a country that looks for a title */
#define LIST_SHARE 0.06
#define HIDE_SHARE 0.04

static double gumbel(struct rng *r)
{
    return -log(-log(rng_double(r) + 1e-300) + 1e-300);
}

static bool for_kids(const struct sim_title *t)
{
    unsigned family =
        1u << film_genre_find(STR("Family")) | 1u << film_genre_find(STR("Animation"));
    return (t->genres & family) != 0;
}

static double wish(const struct visit *v, uint32_t title)
{
    /* What is new is tried by many: the burst of a launch. */
    double burst = launch_burst(&v->world->titles[title], v->day->day);
    double utility = visit_utility(v, title) + CURIOSITY * log(burst);
    utility += v->world->lure * SIM_LURE_WEIGHT * (double)v->world->titles[title].lure;
    if (viewer_has_seen(v->state, title))
        utility -= SEEN_PENALTY;
    if (title == v->world->planted_campaign.title && v->traits->response == SIM_PUT_OFF &&
        campaign_leads(v->world, v->traits, v->now_ms))
        utility -= v->world->campaign * SIM_PUT_OFF_WEIGHT;
    if (v->traits->kid && v->world->taste > 0 && !for_kids(&v->world->titles[title]))
        utility -= KID_PENALTY;
    return utility;
}

static unsigned columns_on(enum device d)
{
    return d == DEVICE_PHONE ? 4 : d == DEVICE_TABLET || d == DEVICE_DESKTOP ? 5 : 6;
}

static bool examined(const struct visit *v, const struct sim_item *slot)
{
    double b = v->device == DEVICE_PHONE ? COLUMN_POWER_PHONE : COLUMN_POWER;
    double chance = pow(1 + slot->row, -ROW_POWER) * pow(1 + slot->column, -b);
    return rng_double(&v->state->rng) < chance;
}

/* What was noticed besides the title picked, as it was looked at: the best and the worst of what did not become the pick when its turn
 * came. (A pick that is displaced later is neither. It might as well be the second; but which it is belongs to every world that was ever
 * made, and figures name their worlds by seed.) */
struct noticed {
    uint32_t second, worst;
};

/* The service's own page, or the one that is being tried. */
static uint32_t show(struct visit *v, struct sim_item slots[HOME_SLOTS_MAX])
{
    unsigned columns = columns_on(v->device);
    if (!v->other.page)
        return home_page(v->world, v->day, columns, &v->state->rng, slots);
    const struct sim_place *place = place_at(v->traits->place);
    struct sim_visitor who = {.viewer = v->viewer,
                              .at_ms = v->now_ms,
                              .context = {.offset_min = v->log->offset_min,
                                          .device = v->log->device,
                                          .region = str_of(place->region)},
                              .rows = HOME_ROWS,
                              .columns = columns};
    country_from(str_of(place->country), &who.context.country);
    struct sim_slot other[HOME_SLOTS_MAX];
    uint32_t n = v->other.page(v->other.ctx, &who, other, HOME_SLOTS_MAX);
    for (uint32_t i = 0; i < n; i++)
        slots[i] =
            (struct sim_item){other[i].title, other[i].propensity, other[i].row, other[i].column};
    return n;
}

/* The campaign's title above everything else, unless it stands on the page already. Returns how many items it adds. */
static uint32_t lead_with(struct visit *v, const struct sim_item *slots, uint32_t n,
                          struct sim_item *items)
{
    uint32_t title = v->world->planted_campaign.title;
    uint32_t more = campaign_leads(v->world, v->traits, v->now_ms);
    for (uint32_t i = 0; i < n && more; i++)
        more = slots[i].title != title;
    if (more)
        items[0] = (struct sim_item){title, NAN, 0, 0};
    for (uint32_t i = 0; i < n; i++) {
        items[i + more] = slots[i];
        items[i + more].row = (uint8_t)(slots[i].row + more);
    }
    return more;
}

/* What the page alone would not have brought about: the campaign's title is begun because it leads. */
static bool is_moved(const struct visit *v)
{
    const struct sim_world *w = v->world;
    return campaign_leads(w, v->traits, v->now_ms) &&
           campaign_moves(w, v->traits, v->viewer, v->state->recommendations) &&
           !viewer_has_seen(v->state, w->planted_campaign.title);
}

/* Shows a page; the title picked or ID_NONE. */
static uint32_t look_at_page(struct visit *v, uint32_t *ret_rec, struct noticed *ret)
{
    struct rng *r = &v->state->rng;
    struct sim_item slots[HOME_SLOTS_MAX];
    uint32_t n = show(v, slots);
    struct sim_item *items = log_items(v->log, n + 1);
    struct sim_moment *m = log_add(v->log, EVENT_IMPRESSION, v->now_ms, ID_NONE);
    if (!items || !m)
        return ID_NONE;
    *ret_rec = m->recommendation = ++v->state->recommendations;
    m->first_item = (uint32_t)(items - v->log->items);
    m->n_items = (uint16_t)(n + lead_with(v, slots, n, items));
    double best = NONE_UTILITY + gumbel(r), second = 0, worst = 0;
    uint32_t pick = ID_NONE;
    *ret = (struct noticed){ID_NONE, ID_NONE};
    for (uint32_t i = 0; i < n; i++) {
        if (!examined(v, &slots[i]))
            continue;
        double utility = wish(v, slots[i].title) + gumbel(r);
        if (utility > best) {
            best = utility;
            pick = slots[i].title;
        } else if (utility > second) {
            second = utility;
            ret->second = slots[i].title;
        } else if (utility < worst) {
            worst = utility;
            ret->worst = slots[i].title;
        }
    }
    if (is_moved(v))
        pick = v->world->planted_campaign.title;
    visit_wait(v, 4 + 20 * rng_exp(r));
    return pick;
}

static struct sim_moment *type(struct visit *v, uint32_t title)
{
    struct sim_moment *m = log_add(v->log, EVENT_SEARCH, v->now_ms, title);
    if (m)
        m->results = (uint16_t)(1 + rng_below(&v->state->rng, 12));
    return m;
}

/* Something that someone whom the viewer follows made, of an affinity, or a title that is favoured; else ID_NONE. */
static uint32_t recall_followed(const struct visit *v, struct rng *r)
{
    const struct sim_world *w = v->world;
    const struct viewer_traits *t = v->traits;
    if (t->opportunity && rng_double(r) < AFFINITY_SHARE)
        return opportunity_recall(w, r);
    if (t->affinities && (w->taste <= 0 || rng_double(r) < AFFINITY_SHARE))
        return affinities_recall(w, t, r);
    if (w->taste <= 0)
        return ID_NONE;
    uint64_t which = rng_below(r, (uint64_t)t->n_follows + SIM_PLANTED);
    if (which >= t->n_follows) {
        uint64_t habit = which - t->n_follows;
        return t->favours >> habit & 1 ? w->planted[habit].t : ID_NONE;
    }
    uint32_t person = t->follows[which];
    uint32_t first = w->person_first[person], n = w->person_first[person + 1] - first;
    return w->person_titles[first + rng_below(r, n)];
}

static bool follows_any(const struct visit *v)
{
    return v->traits->affinities != 0 || v->traits->opportunity ||
           (v->world->taste > 0 && (v->traits->n_follows > 0 || v->traits->favours));
}

/* For what nobody made: nothing is found. */
static void search_in_vain(struct visit *v)
{
    visit_wait(v, 5 + 10 * rng_exp(&v->state->rng));
    log_add(v->log, EVENT_SEARCH, v->now_ms, ID_NONE);
}

/* Someone who searches has some known titles in mind, and what the people they follow made. */
static uint32_t search(struct visit *v)
{
    struct rng *r = &v->state->rng;
    uint32_t pick = ID_NONE;
    double best = 0;
    if (v->traits->opportunity && rng_double(r) < SIM_IN_VAIN)
        search_in_vain(v);
    for (int i = 0; i < SEARCH_POOL; i++) {
        bool followed = follows_any(v) && i < FOLLOWED_POOL;
        uint32_t title = followed ? recall_followed(v, r) : popularity_draw(v->world, r);
        if (title == ID_NONE)
            continue;
        if (!home_is_there(v->world, title, v->day->day))
            continue;
        double utility = wish(v, title) + gumbel(r);
        if (pick == ID_NONE || utility > best) {
            best = utility;
            pick = title;
        }
    }
    visit_wait(v, 5 + 10 * rng_exp(r));
    if (pick != ID_NONE)
        type(v, pick);
    visit_wait(v, 1 + 4 * rng_exp(r));
    return pick;
}

/* Put on the list for later, or never to be seen again. */
static void pass_over(struct visit *v, const struct noticed *n)
{
    struct rng *r = &v->state->rng;
    double chance = rng_double(r);
    enum event_kind kind = chance < LIST_SHARE ? EVENT_LIST_ADD : EVENT_HIDE;
    uint32_t title = kind == EVENT_LIST_ADD ? n->second : n->worst;
    if (title == ID_NONE || chance >= LIST_SHARE + HIDE_SHARE)
        return;
    double liked = sigmoid(viewer_preference(v->world, v->traits, title));
    if (kind == EVENT_LIST_ADD ? liked < 0.5 : liked > 0.25)
        return;
    log_add(v->log, kind, v->now_ms, title);
    visit_wait(v, 1 + 2 * rng_exp(r));
}

uint32_t visit_choose(struct visit *v, uint32_t *ret_rec)
{
    struct rng *r = &v->state->rng;
    double share = v->traits->habits ? AT_ONCE_HABIT : AT_ONCE_SHARE;
    bool at_once = follows_any(v) && rng_double(r) < share;
    uint32_t wanted = burst_at(v->world, place_at(v->traits->place)->country, v->now_ms);
    if (wanted != ID_NONE && !viewer_has_seen(v->state, wanted) && rng_double(r) < BURST_SHARE) {
        *ret_rec = 0;
        type(v, wanted);
        visit_wait(v, 1 + 4 * rng_exp(r));
        return wanted;
    }
    for (int page = 0; page < PAGES_MAX; page++) {
        struct noticed noticed = {ID_NONE, ID_NONE};
        uint32_t pick = look_at_page(v, ret_rec, &noticed);
        if (at_once) {
            *ret_rec = 0;
            return search(v);
        }
        pass_over(v, &noticed);
        if (pick != ID_NONE) {
            struct sim_moment *m = log_add(v->log, EVENT_CLICK, v->now_ms, pick);
            if (m)
                m->recommendation = *ret_rec;
            visit_wait(v, 1 + 3 * rng_exp(r));
            return pick;
        }
        if (rng_double(r) < SEARCH_SHARE) {
            *ret_rec = 0;
            return search(v);
        }
        if (rng_double(r) >= AGAIN_SHARE)
            break;
    }
    return ID_NONE;
}
