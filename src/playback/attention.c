#include "playback/attention.h"

#define GAP_MS INT64_C(100) /* what gaps are counted in */

static bool is_act(const struct event *e)
{
    switch (e->kind) {
    case EVENT_START:
        return e->autoplay != 1;
    case EVENT_PLAY:
    case EVENT_PAUSE:
    case EVENT_SEEK:
    case EVENT_RATE:
        return true;
    case EVENT_IMPRESSION:
        return false;
    default:
        return !event_kind_is_playback(e->kind);
    }
}

static int64_t heartbeat(const struct attention_session *s)
{
    uint16_t v[ATTENTION_GAPS] = {0};
    unsigned n = s->n < ATTENTION_GAPS ? s->n : ATTENTION_GAPS;
    if (n < 2)
        return ATTENTION_USUAL_MS;
    for (unsigned i = 0; i < n; i++) {
        unsigned at = i;
        for (; at > 0 && v[at - 1] > s->gaps[i]; at--)
            v[at] = v[at - 1];
        v[at] = s->gaps[i];
    }
    return v[(n - 1) / 2 % ATTENTION_GAPS] * GAP_MS;
}

static enum attention judge(const struct attention_viewer *v, const struct attention_session *s,
                            const struct event *e, bool act)
{
    int64_t gap = s->open && e->at_ms > s->t ? e->at_ms - s->t : 0;
    bool silent = gap > ATTENTION_HEARTBEATS * heartbeat(s);
    bool idle = silent && v->acted && e->at_ms - v->acted_ms > ATTENTION_IDLE_MS;
    if (!act && (v->chain >= ATTENTION_CHAIN || idle))
        return ATTENTION_UNATTENDED;
    return silent ? ATTENTION_INFERRED : ATTENTION_MEASURED;
}

static void note_gap(struct attention_session *s, const struct event *e)
{
    int64_t gap = s->open ? e->at_ms - s->t : 0;
    if (e->kind == EVENT_PROGRESS && gap > 0) {
        int64_t tenths = gap / GAP_MS;
        s->gaps[s->n % ATTENTION_GAPS] = (uint16_t)(tenths < UINT16_MAX ? tenths : UINT16_MAX);
        /* Stops where the next place is the same. */
        s->n = s->n < 250 ? (uint8_t)(s->n + 1) : (uint8_t)(s->n - ATTENTION_GAPS + 1);
    }
    s->open = true;
    if (e->at_ms > s->t || gap == 0)
        s->t = e->at_ms;
}

enum attention attention_feed(struct attention_viewer *v, struct attention_session *s,
                              const struct event *e)
{
    bool act = is_act(e);
    enum attention a = s ? judge(v, s, e, act) : ATTENTION_MEASURED;
    if (s)
        note_gap(s, e);
    if (act) {
        v->acted = true;
        v->acted_ms = e->at_ms;
        v->chain = 0;
    } else if (e->kind == EVENT_START && v->chain < UINT8_MAX) {
        v->chain++;
    }
    return a;
}

const char *attention_name(enum attention a)
{
    static const char *const names[ATTENTIONS] = {"measured", "inferred", "unattended"};
    return names[a];
}

double attention_weight(enum attention a)
{
    static const double weights[ATTENTIONS] = {1.0, 0.7, 0.2};
    return weights[a];
}
