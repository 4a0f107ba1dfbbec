/* playing.c - a title being watched, until its end, boredom or something else comes.
 *
 * Boredom is a hazard per minute, BORED * exp(-BORED_SLOPE * z), doubled during the first quarter of an hour,
 * where z is preference + half the fit of the moment and the mood + noise of this viewing. Interruption has a hazard that
 * depends on the device alone. Rewatching grows with liking, skipping ahead with dislike. */
#include <math.h>

#include "sim/visit.h"

#define BORED 0.0035
#define BORED_SLOPE 0.9
#define BORED_MAX 0.2
#define EARLY_MIN 15.0
#define VIEWING_NOISE 0.4
enum { MINUTE_MS = 60000, REPORT_MIN_MS = 4000 };

enum cause {
    CAUSE_END,
    CAUSE_QUIT,
    CAUSE_BEAT,
    CAUSE_PAUSE,
    CAUSE_BACK,
    CAUSE_SKIP,
    CAUSE_BUFFER,
    CAUSES
};

struct playing {
    struct visit *v;
    uint32_t title, session;
    double pos_ms, end_ms; /* place in the title; where it is over */
    double played_ms;
    double due_ms[CAUSES];  /* of played_ms */
    double mean_ms[CAUSES]; /* of what comes again and again */
};

static struct sim_moment *say(struct playing *p, enum event_kind kind)
{
    struct sim_moment *m = log_add(p->v->log, kind, p->v->now_ms, p->title);
    if (m) {
        m->session = p->session;
        m->position_ms = (uint32_t)p->pos_ms;
    }
    return m;
}

/* Played minutes until boredom: the inverse of the cumulative hazard at an exponential draw. */
static double bored_after_min(double z, struct rng *r)
{
    double hazard = BORED * exp(-BORED_SLOPE * z);
    if (hazard > BORED_MAX)
        hazard = BORED_MAX;
    double draw = rng_exp(r), early = 2 * hazard * EARLY_MIN;
    return draw < early ? draw / (2 * hazard) : EARLY_MIN + (draw - early) / hazard;
}

static double interrupted_per_min(enum device d)
{
    return d == DEVICE_PHONE ? 0.006 : d == DEVICE_TV || d == DEVICE_SET_TOP ? 0.0015 : 0.003;
}

static void again(struct playing *p, enum cause c)
{
    p->due_ms[c] = p->played_ms + p->mean_ms[c] * rng_exp(&p->v->state->rng);
}

static void schedule(struct playing *p, double z)
{
    double liked = sigmoid(z);
    p->mean_ms[CAUSE_PAUSE] = 70.0 * MINUTE_MS;
    p->mean_ms[CAUSE_BACK] = MINUTE_MS * 60.0 / (0.1 + 0.8 * liked);
    p->mean_ms[CAUSE_SKIP] = MINUTE_MS * 60.0 / (0.05 + 1.2 * (1 - liked));
    p->mean_ms[CAUSE_BUFFER] = MINUTE_MS * (p->v->device == DEVICE_PHONE ? 200.0 : 600.0);
    for (int c = CAUSE_PAUSE; c < CAUSES; c++)
        again(p, (enum cause)c);
}

/* Plays up to whatever comes first. */
static enum cause advance(struct playing *p)
{
    p->due_ms[CAUSE_END] = p->played_ms + (p->end_ms - p->pos_ms);
    enum cause next = CAUSE_END;
    for (int c = CAUSE_END + 1; c < CAUSES; c++) {
        if (p->due_ms[c] < p->due_ms[next])
            next = (enum cause)c;
    }
    double step = p->due_ms[next] - p->played_ms;
    if (step < 0)
        step = 0;
    step = floor(step);
    p->played_ms = p->due_ms[next];
    p->pos_ms += step;
    p->v->now_ms += (int64_t)step;
    return next;
}

static void pause(struct playing *p)
{
    struct rng *r = &p->v->state->rng;
    say(p, EVENT_PAUSE);
    visit_wait(p->v, 10 + 150 * rng_exp(r));
    say(p, EVENT_PLAY);
    again(p, CAUSE_PAUSE);
}

static void buffer(struct playing *p)
{
    struct rng *r = &p->v->state->rng;
    say(p, EVENT_BUFFER_START);
    visit_wait(p->v, 1 + 6 * rng_exp(r));
    say(p, EVENT_BUFFER_END);
    again(p, CAUSE_BUFFER);
}

static void seek(struct playing *p, double to_ms)
{
    if (to_ms < 0)
        to_ms = 0;
    if (to_ms > p->end_ms - MINUTE_MS)
        return;
    double from_ms = p->pos_ms;
    p->pos_ms = floor(to_ms);
    struct sim_moment *m = say(p, EVENT_SEEK);
    if (m)
        m->from_ms = (uint32_t)from_ms;
}

static void react(struct playing *p, enum cause c)
{
    struct rng *r = &p->v->state->rng;
    switch (c) {
    case CAUSE_BEAT:
        say(p, EVENT_PROGRESS);
        p->due_ms[CAUSE_BEAT] += p->v->world->settings.heartbeat_s * 1000.0;
        break;
    case CAUSE_PAUSE:
        pause(p);
        break;
    case CAUSE_BACK:
        seek(p, p->pos_ms - (20 + 80 * rng_exp(r)) * 1000);
        again(p, CAUSE_BACK);
        break;
    case CAUSE_SKIP:
        seek(p, p->pos_ms + (30 + 200 * rng_exp(r)) * 1000);
        again(p, CAUSE_SKIP);
        break;
    case CAUSE_BUFFER:
        buffer(p);
        break;
    default:
        break;
    }
}

void visit_play(struct visit *v, uint32_t title, uint32_t from_ms, uint32_t recommendation,
                bool autoplay, struct outcome *ret)
{
    struct rng *r = &v->state->rng;
    const struct sim_title *t = &v->world->titles[title];
    struct playing p = {.v = v, .title = title, .session = ++v->state->sessions, .pos_ms = from_ms};
    double runtime_ms = t->record.runtime_min * (double)MINUTE_MS;
    /* Most leave when the credits roll. */
    p.end_ms = floor(runtime_ms * (rng_double(r) < 0.65 ? 0.96 + 0.035 * rng_double(r) : 1.0));
    if (p.pos_ms > p.end_ms - MINUTE_MS)
        p.pos_ms = 0;
    double fit = moment_fit(v->world, t, v->device, v->daypart, v->weekend);
    fit += mood_fit(v->world, t, v->mood);
    double z =
        viewer_preference(v->world, v->traits, title) + 0.5 * fit + VIEWING_NOISE * rng_normal(r);
    double bored_ms = bored_after_min(z, r) * MINUTE_MS;
    double interrupted_ms = rng_exp(r) / interrupted_per_min(v->device) * MINUTE_MS;
    p.due_ms[CAUSE_QUIT] = fmax(REPORT_MIN_MS, fmin(bored_ms, interrupted_ms));
    p.due_ms[CAUSE_BEAT] = v->world->settings.heartbeat_s * 1000.0;
    schedule(&p, z);
    struct sim_moment *start = say(&p, EVENT_START);
    if (start) {
        start->recommendation = recommendation;
        start->autoplay = autoplay;
    }
    enum cause c;
    while ((c = advance(&p)) > CAUSE_QUIT && !v->log->failed)
        react(&p, c);
    bool complete = c == CAUSE_END && rng_double(r) < 0.8;
    say(&p, complete ? EVENT_COMPLETE : EVENT_STOP);
    *ret = (struct outcome){.how = c == CAUSE_END               ? PLAYED_TO_END
                                   : bored_ms <= interrupted_ms ? PLAYED_BORED
                                                                : PLAYED_INTERRUPTED,
                            .position_ms = (uint32_t)p.pos_ms,
                            .played_ms = (int64_t)p.played_ms};
}
