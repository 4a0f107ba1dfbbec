/* campaign_serving.c - whose page leads with what. */
#include "engine/campaigns.h"

#include "engine/experiments.h"
#include "experiment/arms.h"

_Static_assert((int)EXPERIMENTS_RUNNING_MAX + 1 + (int)CAMPAIGNS_RUNNING_MAX <= (int)SHOWN_ARMS_MAX,
               "a page has room for the arms of all that may run, the canary's too");

int campaign_arm(struct str name, double holdout, struct str viewer)
{
    struct arms arms = {
        .name = name, .traffic = 1, .weight = {holdout, 1 - holdout}, .n = CAMPAIGN_ARMS};
    return arm_of(&arms, viewer);
}

/* The segment that the viewer was assigned to, or NULL. */
static const struct running_segment *segment_of(const struct running_campaign *c,
                                                struct viewer_id viewer)
{
    for (size_t i = 0; i < c->n; i++) {
        if (roaring_bitmap_contains(c->segment[i].viewers, viewer.v))
            return &c->segment[i];
    }
    return NULL;
}

/* Does the segment lead at this hour, on this device? */
static bool is_moment(const struct running_segment *s, const struct ask *ask)
{
    const struct context *c = &ask->context;
    bool hour = s->hour == DAYPART_NONE ||
                (c->offset_min != OFFSET_NONE && daypart_at(ask->at_ms, c->offset_min) == s->hour);
    return hour && (s->device == DEVICE_NONE || c->device == s->device);
}

void campaigns_join(struct mq_reader *r, struct ask *ask)
{
    const struct running_campaigns *all = atomic_load(&r->engine->campaigns);
    const struct profile *p = ask->profile;
    ask->lead = NULL;
    if (!all || all->n == 0 || !p || p->consent || ask->no_profiling)
        return;
    struct str viewer = intern_name(store_names(r->engine->store, NAME_VIEWER), p->viewer.v);
    for (size_t i = 0; i < all->n && viewer.n > 0; i++) {
        const struct running_campaign *c = &all->of[i];
        const struct running_segment *s = segment_of(c, p->viewer);
        if (!s || ask->at_ms < c->launched_ms || r->n_arms == SHOWN_ARMS_MAX)
            continue;
        int arm = campaign_arm(str_of(c->label), c->holdout, viewer);
        r->arms[r->n_arms++] = (struct shown_arm){str_of(c->label), (uint8_t)arm};
        if (arm == 0 || ask->lead || c->title.v == ID_NONE || !is_moment(s, ask))
            continue;
        r->lead = (struct lead){.title = c->title, .campaign = c->name, .text = s->text};
        ask->lead = &r->lead;
    }
}
