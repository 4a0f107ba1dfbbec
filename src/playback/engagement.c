/* The rules are explained in docs/engagement.md; every number stands here once, with its why. */
#include "playback/engagement.h"

#include <math.h>

#include "event/context.h"

/* A point of a piecewise linear curve. */
struct knot {
    float x, y;
};

/* Between knots linear, outside them constant. */
static float curve(const struct knot *k, unsigned n, float x)
{
    if (x <= k[0].x)
        return k[0].y;
    for (unsigned i = 1; i < n; i++)
        if (x <= k[i].x)
            return k[i - 1].y + (k[i].y - k[i - 1].y) * (x - k[i - 1].x) / (k[i].x - k[i - 1].x);
    return k[n - 1].y;
}
#define CURVE(knots, x) curve((knots), sizeof(knots) / sizeof((knots)[0]), (x))

/* --- what the viewer said */

/* Share of the scale -> preference. In stars of five: 4 and more are praise, 3 is mild, 2 and less a complaint
 * (the usual cut of "liked" at 4: Liang et al. 2018). */
static const struct knot rating_preference[] = {
    {0.2f, -1.0f}, /* one star */
    {0.4f, -0.6f}, /* two */
    {0.6f, 0.1f},  /* three: rated at all, and not badly */
    {0.8f, 0.7f},  /* four */
    {1.0f, 1.0f},  /* five */
};
static const float rating_confidence = 1.5f; /* more than any viewing: it was said, and graded */

static const float thumb_down = -0.8f, thumb_up = 0.7f, thumb_twice = 1.0f;
static const float thumb_confidence = 1.2f; /* as sure as a rating, but without its grades */

/* "Never show it": clear about showing, less so about the title, which may have been seen elsewhere. */
static const float hide_preference = -0.8f, hide_confidence = 1.0f;

/* Meant to watch it, has not yet: half a good sign. */
static const float list_preference = 0.4f, list_confidence = 0.3f;

/* --- what the viewer did */

/* Watched share -> preference of a title left there. Nearly flat at first (trying says little) and full at the
 * credits, which nobody need watch. */
static const struct knot share_preference[] = {
    {0.0f, 0.05f}, /* a plain start counts a little: it was chosen */
    {0.2f, 0.15f}, /* beyond this nobody calls it abandoned */
    {0.5f, 0.45f},
    {0.9f, 0.8f}, /* the credits */
};
static const struct knot share_confidence[] = {
    {0.0f, 0.1f},
    {0.2f, 0.3f},
    {0.5f, 0.6f},
    {0.9f, 1.0f}, /* a finished title is the unit of confidence */
};

/* Minutes watched -> the same where the runtime is unknown: half an hour is an episode's worth, and no number
 * of minutes proves that it was finished. */
static const struct knot minutes_preference[] = {
    {0.0f, 0.05f},
    {5.0f, 0.1f},
    {30.0f, 0.4f},
    {90.0f, 0.7f},
};
static const struct knot minutes_confidence[] = {
    {0.0f, 0.1f},
    {5.0f, 0.2f},
    {30.0f, 0.5f},
    {90.0f, 0.8f},
};

static const float finished_preference = 0.8f, finished_confidence = 1.0f;
/* "complete" with less than this share watched came by skipping there: judged by the share. */
static const float finished_least_share = 0.5f;

/* Left early and stayed away: a dislike, a weak one (interrupted, wrong moment, wrong profile). */
static const float abandoned_preference = -0.4f, abandoned_confidence = 0.4f;

/* Played half as much again as there is, of at least 5 minutes: seen again, as one does with favourites. */
static const float again_ratio = 1.5f, again_bonus = 0.2f, again_confidence = 0.5f;
enum { AGAIN_LEAST_S = 300 };

/* Coming back to an unfinished title: each further sitting is a small vote for it. */
static const float sitting_bonus = 0.05f, sitting_confidence = 0.1f;
enum { SITTINGS_MOST = 4 };

struct opinion {
    float preference, confidence;
};

/* The part of what was played that somebody watched, in (0, 1]. */
static float attention_of(const struct title_signal *s)
{
    if (s->attended_ms == 0 || s->played_s == 0)
        return 1.0f;
    float part = (float)s->attended_ms / 1000.0f / (float)s->played_s;
    return part < 1.0f ? part : 1.0f;
}

float engagement_attended_share(const struct title_signal *s, uint32_t runtime_s)
{
    float share = (float)s->content_s / (float)runtime_s;
    return (share < 1.0f ? share : 1.0f) * attention_of(s);
}

/* Attended share in [0, 1], or -1 where nothing tells how long the title is. */
static float watched_share(const struct title_signal *s, uint32_t runtime_s)
{
    /* Without a runtime a finished title ends about where it was left. */
    if (runtime_s == 0 && (s->flags & SIGNAL_FINISHED))
        runtime_s = s->position_s > s->content_s ? s->position_s : s->content_s;
    if (runtime_s == 0)
        return -1.0f;
    return engagement_attended_share(s, runtime_s);
}

static bool really_finished(const struct title_signal *s, float share)
{
    /* Nothing played at all: some log says only that it was finished. */
    return (s->flags & SIGNAL_FINISHED) && (s->content_s == 0 || share >= finished_least_share);
}

static bool is_again(const struct title_signal *s)
{
    return s->content_s >= AGAIN_LEAST_S && (float)s->played_s >= again_ratio * (float)s->content_s;
}

static void add_rewatching(const struct title_signal *s, struct opinion *o)
{
    if (is_again(s) && attention_of(s) >= finished_least_share) {
        o->preference += again_bonus;
        o->confidence += again_confidence;
    }
}

static struct opinion of_viewing(const struct title_signal *s, uint32_t runtime_s)
{
    struct opinion o = {0, 0};
    if (s->sessions == 0 && s->content_s == 0 && !(s->flags & SIGNAL_FINISHED))
        return o;
    float share = watched_share(s, runtime_s);
    if (really_finished(s, share)) {
        o = (struct opinion){finished_preference, finished_confidence};
    } else if (s->flags & SIGNAL_ABANDONED) {
        return (struct opinion){abandoned_preference, abandoned_confidence * attention_of(s)};
    } else {
        float minutes = (float)s->content_s / 60.0f * attention_of(s);
        o.preference =
            share >= 0 ? CURVE(share_preference, share) : CURVE(minutes_preference, minutes);
        o.confidence =
            share >= 0 ? CURVE(share_confidence, share) : CURVE(minutes_confidence, minutes);
        int sittings = s->content_s == 0             ? 0
                       : s->sessions > SITTINGS_MOST ? SITTINGS_MOST
                                                     : s->sessions;
        if (sittings > 1) {
            o.preference += sitting_bonus * (float)(sittings - 1);
            o.confidence += sitting_confidence * (float)(sittings - 1);
        }
    }
    add_rewatching(s, &o);
    return o;
}

/* ---------------------------------------------------------------- fitted weights */

const char *engagement_weight_name(enum engagement_weight w)
{
    static const char *const names[ENGAGEMENT_WEIGHTS] = {
        "attended", "finished", "abandoned", "rewinds",  "skips",
        "sittings", "again",    "listed",    "autoplay", "handheld",
    };
    return w < ENGAGEMENT_WEIGHTS ? names[w] : "";
}

/* As sure as the default rules are of what they prefer so much: their points of one curve, from a plain start to a
 * title that was finished and seen again. */
static const struct knot preference_confidence[] = {
    {-1.0f, 1.0f}, {-0.4f, 0.4f}, {0.0f, 0.1f}, {0.15f, 0.3f},
    {0.45f, 0.6f}, {0.8f, 1.0f},  {1.0f, 1.5f},
};

enum { VALUE_SITTINGS_MOST = 8 };
static const float least_hours = 0.25f; /* rates of less play mean nothing */

/* Kind, and lengths that are watched alike (sketches, episodes, long episodes, films, long films). */
unsigned engagement_group(const struct title_signal *s, uint32_t runtime_s)
{
    static const unsigned up_to[ENGAGEMENT_LENGTHS - 1] = {15, 35, 75, 105, 135};
    unsigned length = 0;
    while (length < ENGAGEMENT_LENGTHS - 1 && runtime_s > up_to[length] * 60)
        length++;
    unsigned kind = s->kind < ENGAGEMENT_KINDS ? s->kind : 0;
    unsigned end = really_finished(s, engagement_attended_share(s, runtime_s)) ? 2
                   : s->flags & SIGNAL_ABANDONED                               ? 1
                                                                               : 0;
    return (kind * ENGAGEMENT_LENGTHS + length) * ENGAGEMENT_ENDS + end;
}

float engagement_quantile(const struct engagement_shares *shares, unsigned group, float share)
{
    const float *k = shares->knot[group];
    enum { LAST = ENGAGEMENT_KNOTS - 1 };
    if (!shares->known[group])
        return 0.5f;
    unsigned below = 0; /* knots below the share, and those not above it */
    unsigned up_to = 0;
    for (unsigned i = 0; i < ENGAGEMENT_KNOTS; i++) {
        below += k[i] < share;
        up_to += k[i] <= share;
    }
    if (up_to > below)
        return (float)(below + up_to - 1) / 2 / LAST;
    if (below == 0)
        return 0.0f;
    if (below > LAST)
        return 1.0f;
    return ((float)(below - 1) + (share - k[below - 1]) / (k[below] - k[below - 1])) / LAST;
}

static float per_hour(uint8_t count, uint32_t played_s)
{
    float hours = (float)played_s / 3600.0f;
    return log1pf((float)count / (hours > least_hours ? hours : least_hours));
}

void engagement_values(const struct title_signal *s, uint32_t runtime_s,
                       const struct engagement_shares *shares, float ret[ENGAGEMENT_WEIGHTS])
{
    float share = engagement_attended_share(s, runtime_s);
    bool finished = really_finished(s, share);
    unsigned sittings = s->sessions < VALUE_SITTINGS_MOST ? s->sessions : VALUE_SITTINGS_MOST;
    ret[ENGAGEMENT_ATTENDED] =
        engagement_quantile(shares, engagement_group(s, runtime_s), share) - 0.5f;
    ret[ENGAGEMENT_FINISHED] = finished;
    ret[ENGAGEMENT_ABANDONED] = !finished && (s->flags & SIGNAL_ABANDONED);
    ret[ENGAGEMENT_REWINDS] = per_hour(s->rewinds, s->played_s);
    ret[ENGAGEMENT_SKIPS] = per_hour(s->skips, s->played_s);
    ret[ENGAGEMENT_SITTINGS] = sittings > 1 ? log2f((float)sittings) : 0;
    ret[ENGAGEMENT_AGAIN] = is_again(s);
    ret[ENGAGEMENT_LISTED] = (s->flags & SIGNAL_LISTED) != 0;
    ret[ENGAGEMENT_AUTOPLAY] = (s->flags & SIGNAL_AUTOPLAY) != 0;
    ret[ENGAGEMENT_HANDHELD] = s->device == DEVICE_PHONE || s->device == DEVICE_TABLET;
}

static float clamped(float p)
{
    return p < -1.0f ? -1.0f : p > 1.0f ? 1.0f : p;
}

static struct opinion of_weights(const struct title_signal *s, uint32_t runtime_s,
                                 const struct engagement_weights *w)
{
    float value[ENGAGEMENT_WEIGHTS];
    engagement_values(s, runtime_s, &w->shares, value);
    double sum = 0;
    for (int i = 0; i < ENGAGEMENT_WEIGHTS; i++)
        sum += w->weight[i] * (double)value[i];
    float p = clamped((float)(w->offset + w->scale * sum));
    return (struct opinion){p, CURVE(preference_confidence, p)};
}

/* The mean by confidence; confidences add. */
static void join(struct opinion *o, struct opinion with)
{
    float sum = o->confidence + with.confidence;
    if (sum <= 0)
        return;
    o->preference = (o->preference * o->confidence + with.preference * with.confidence) / sum;
    o->confidence = sum;
}

static struct opinion of_words(const struct title_signal *s)
{
    struct opinion o = {0, 0};
    if (s->rating)
        join(&o, (struct opinion){CURVE(rating_preference, (float)s->rating / 200.0f),
                                  rating_confidence});
    if (s->thumb) {
        float p = s->thumb < 0 ? thumb_down : s->thumb > 1 ? thumb_twice : thumb_up;
        join(&o, (struct opinion){p, thumb_confidence});
    }
    /* Hiding a title that was rated tidies the page; it does not take the rating back. */
    if ((s->flags & SIGNAL_HIDDEN) && o.confidence <= 0)
        o = (struct opinion){hide_preference, hide_confidence};
    return o;
}

void engagement_set(struct title_signal *s, uint32_t runtime_s, const struct engagement_weights *w)
{
    struct opinion words = of_words(s);
    struct opinion deeds;
    if (w && runtime_s > 0 && s->played_s > 0) {
        deeds = of_weights(s, runtime_s, w);
    } else {
        deeds = of_viewing(s, runtime_s);
        if (s->flags & SIGNAL_LISTED)
            join(&deeds, (struct opinion){list_preference, list_confidence});
    }
    /* What was said beats what was done; having both makes it surer. */
    float p = words.confidence > 0 ? words.preference : deeds.preference;
    s->preference = clamped(p);
    s->confidence = words.confidence + deeds.confidence;
}
