#include "sim/sim_campaign.h"

#include <math.h>

#include "base/hash.h"
#include "experiment/arms.h"

enum { PUT_OFF = 2, MOVED = 4, TEXT = 96 };
#define KNOWN_FROM 0.01 /* ranks among the titles that the campaign's is drawn from */
#define KNOWN_TO 0.08

static struct str label_of(const struct sim_settings *s, char text[TEXT])
{
    struct buf b;
    buf_over(&b, text, TEXT);
    buf_printf(&b, SIM_CAMPAIGN_LABEL "%s", s->campaign_name);
    return buf_str(&b);
}

int campaign_check(const struct sim_settings *s, struct mq_error *err)
{
    if (!(s->campaign >= 0 && s->campaign <= 4))
        return mq_fail(err, MQ_INVALID, "campaign: %g: give 0 to 4", s->campaign);
    if (s->campaign <= 0)
        return 0;
    struct arms named = {.name = str_of(s->campaign_name), .traffic = 1, .weight = {1, 1}, .n = 2};
    int rc = arms_check(&named, err);
    if (rc == 0 && !(s->holdout > 0 && s->holdout < 1))
        rc = mq_fail(err, MQ_INVALID, "holdout: %g: give a share above 0 and below 1", s->holdout);
    if (rc == 0 && s->days <= SIM_CAMPAIGN_DAYS)
        rc = mq_fail(err, MQ_INVALID, "days: %u: give more than the %d of the campaign", s->days,
                     SIM_CAMPAIGN_DAYS);
    return rc;
}

static double likeness(const struct sim_world *w, unsigned community)
{
    double sum = 0;
    for (int k = 0; k < SIM_RANK; k++)
        sum += (double)w->communities[community].x[k] *
               (double)w->titles[w->planted_campaign.title].x[k];
    return sum;
}

void campaign_plan(struct sim_world *w)
{
    struct sim_campaign *c = &w->planted_campaign;
    struct rng r;
    *c = (struct sim_campaign){.title = ID_NONE, .begins_ms = INT64_MAX};
    if (w->campaign <= 0)
        return;
    rng_seed_stream(&r, hash_mix(w->settings.seed, STREAM_CAMPAIGN), UINT64_MAX);
    uint32_t from = (uint32_t)(KNOWN_FROM * w->n_titles);
    uint32_t n = (uint32_t)(KNOWN_TO * w->n_titles) - from + 1;
    uint32_t at = from + (uint32_t)rng_below(&r, n);
    /* What comes within the period is no title for this: the next one. */
    while (at + 1 < w->n_titles && w->titles[w->ranked[at]].launch_day != SIM_ALWAYS)
        at++;
    c->title = w->ranked[at];
    c->begins_ms = w->end_ms - SIM_CAMPAIGN_DAYS * SIM_DAY_MS;
    for (unsigned i = 0; i < SIM_COMMUNITIES; i++) {
        unsigned nearer = 0;
        for (unsigned k = 0; k < SIM_COMMUNITIES; k++)
            nearer += likeness(w, k) > likeness(w, i);
        c->response[i] = nearer < PUT_OFF           ? SIM_PUT_OFF
                         : nearer < PUT_OFF + MOVED ? SIM_MOVED
                                                    : SIM_NOT_MOVED;
    }
}

void campaign_draw(const struct sim_world *w, uint32_t viewer, struct viewer_traits *t)
{
    const struct sim_settings *s = &w->settings;
    char text[TEXT], id[TEXT];
    struct buf b;
    if (w->campaign <= 0)
        return;
    unsigned best = 0;
    for (unsigned i = 1; i < SIM_COMMUNITIES; i++)
        best = t->theta[i] > t->theta[best] ? i : best;
    t->response = w->planted_campaign.response[best];
    struct arms arms = {
        .name = label_of(s, text), .traffic = 1, .weight = {s->holdout, 1 - s->holdout}, .n = 2};
    buf_over(&b, id, sizeof(id));
    buf_printf(&b, "v-%u", viewer + 1);
    bool cut = arm_of(&arms, buf_str(&b)) == 1;
    t->led = !t->kid && (s->arms == SIM_ARMS_CUT ? cut : s->arms == SIM_ARMS_EVERYBODY);
}

const char *campaign_response_name(enum sim_response r)
{
    static const char *const names[SIM_RESPONSES] = {"not moved", "moved", "put off"};
    return names[r];
}

bool campaign_moves(const struct sim_world *w, const struct viewer_traits *t, uint32_t viewer,
                    uint32_t page)
{
    struct rng r;
    if (t->response != SIM_MOVED)
        return false;
    rng_seed_stream(&r, hash_mix(hash_mix(w->settings.seed, STREAM_CAMPAIGN), page), viewer);
    return rng_double(&r) < w->campaign * SIM_MOVED_CHANCE;
}
