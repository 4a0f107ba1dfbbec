/* page_truth.c - how much could hour, device and mood be worth on a page, and how much of it do we get?
 *
 * usage: bench_page_truth SEED [VIEWERS DAYS SESSIONS MOOD SCALE CHOICES SAMPLING CONTEXT]    (600 45 5 1 0.5 1.18 0 1)
 *
 * A simulated service (as `marquee simulate`), judged as `evaluate pages --cut 0.2` does. Beside our pages stand those that are
 * told the truth: what the moment does to each title's utility, what the session's mood does, and what somebody knew of the mood who
 * knew those of the sessions before, the viewer's shares in the moods, and this session's from its second choice on: more is not in any
 * log. SCALE is how much of a utility's difference counts: viewers choose from what a page shows them, so that titles compete with few
 * others; with 0 there are no such pages, and it takes half as long. CONTEXT is the strength of hour and device; with MOOD 0 nothing is told of moods. context_dose.py runs it for several. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "eval/page_replay.h"
#include "sim/moods.h"
#include "sim/sim.h"
#include "sim/sim_inside.h"

struct truth {
    uint8_t mood, before; /* of the session; of the one before */
    bool lasts, known;    /* that one may last; the session's was seen already */
};

struct session {
    int64_t since;
    uint8_t mood, before;
    bool lasts, chose;
};

struct service {
    struct sim *sim;
    struct page_events events;
    struct truth *truth; /* (n) by seq */
    size_t cap;
    struct session *session; /* (viewers) */
    struct catalogue *catalogue;
    double scale;
};

static void die(const char *what, const struct mq_error *err)
{
    fprintf(stderr, "%s: %s\n", what, err ? err->text : "no memory");
    exit(1);
}

/* ---------------------------------------------------------------- the truth */

static void tell_moment(const struct service *s, const struct event *e, float *ret)
{
    const struct sim_world *w = sim_world_of(s->sim);
    enum daypart d = daypart_at(e->at_ms, e->context.offset_min);
    bool weekend = weekend_at(e->at_ms, e->context.offset_min);
    for (uint32_t t = 0; t < sim_titles(s->sim); t++)
        ret[t] = (float)(s->scale *
                         moment_fit(w, &w->titles[t], (enum device)e->context.device, d, weekend));
}

static void tell_mood(const struct service *s, const double p[SIM_MOODS], float *ret)
{
    const struct sim_world *w = sim_world_of(s->sim);
    for (uint32_t t = 0; t < sim_titles(s->sim); t++) {
        double sum = 0;
        for (unsigned m = 0; m < SIM_MOODS; m++)
            sum += p[m] * exp(s->scale * mood_fit(w, &w->titles[t], m));
        ret[t] = (float)log(sum);
    }
}

/* Chance of each mood by the shares and the hour, or kept from the session before with chance 1/2 (sim/moods.c). */
static void guess(const struct service *s, const struct event *e, const struct truth *known,
                  double p[SIM_MOODS])
{
    const struct viewer_traits *t = sim_traits(s->sim, e->viewer_id.v);
    enum daypart d = daypart_at(e->at_ms, e->context.offset_min);
    double sum = 0, keep = known->lasts ? 0.5 : 0;
    for (unsigned m = 0; m < SIM_MOODS; m++)
        sum += p[m] = (double)t->moods[m] * mood_by_hour(d, m);
    for (unsigned m = 0; m < SIM_MOODS; m++)
        p[m] = keep * (m == known->before) + (1 - keep) * p[m] / sum;
}

static void tell(void *ctx, const struct event *e, enum page_arm arm, float *ret)
{
    const struct service *s = ctx;
    const struct truth *known = &s->truth[e->seq];
    double p[SIM_MOODS] = {0};
    if (arm == PAGE_TOLD_CONTEXT) {
        tell_moment(s, e, ret);
        return;
    }
    if (arm == PAGE_TOLD_BEFORE && !known->known)
        guess(s, e, known, p);
    else
        p[known->mood] = 1;
    tell_mood(s, p, ret);
}

/* ---------------------------------------------------------------- the service */

static void note(struct service *s, const struct event *e)
{
    struct session *at = &s->session[e->viewer_id.v];
    int64_t since = sim_mood_since(s->sim, e->viewer_id.v);
    const int64_t keeps_ms = 36 * INT64_C(3600000);
    if (since != at->since) {
        at->lasts = at->since > 0 && since - at->since < keeps_ms;
        at->before = at->mood;
        at->mood = (uint8_t)sim_mood(s->sim, e->viewer_id.v);
        at->since = since;
        at->chose = false;
    }
    if (s->events.n >= s->cap) {
        s->cap = s->cap ? 2 * s->cap : 65536;
        s->truth = realloc(s->truth, s->cap * sizeof(*s->truth));
        if (!s->truth)
            die("truth", NULL);
    }
    s->truth[s->events.n] = (struct truth){at->mood, at->before, at->lasts, at->chose};
    at->chose = at->chose || (e->kind == EVENT_START && e->autoplay != 1);
}

static void live(struct service *s, struct mq_error *err)
{
    struct event e;
    int rc;
    if (page_events_init(&s->events, err))
        die("events", err);
    while ((rc = sim_next(s->sim, &e, err)) > 0) {
        note(s, &e);
        e.seq = s->events.n;
        if (page_events_add(&s->events, &e, err))
            die("events", err);
    }
    if (rc)
        die("simulation", err);
}

static void describe(struct service *s, struct mq_error *err)
{
    struct catalogue_builder *b;
    if (catalogue_builder_new(&b, err))
        die("catalogue", err);
    for (uint32_t t = 0; t < sim_titles(s->sim); t++) {
        struct title title = *sim_title(s->sim, t);
        title.title_id.v = t;
        if (catalogue_add(b, &title, err))
            die("catalogue", err);
    }
    if (catalogue_build(b, 1, &s->catalogue, err))
        die("catalogue", err);
    catalogue_builder_free(b);
}

static void say(const char *what, const struct interval *recall, const struct interval *ndcg)
{
    printf("%-52s recall %+.4f [%+.4f, %+.4f]  ndcg@10 %+.4f [%+.4f, %+.4f]\n", what, recall->mean,
           recall->low, recall->high, ndcg->mean, ndcg->low, ndcg->high);
}

/* Over context and the last title. */
static void say_moods(const struct page_report *r)
{
    static const char *const of[PAGE_SPANS] = {"all", "first choices", "later choices"};
    for (unsigned p = 0; p < PAGE_SPANS; p++) {
        const struct page_moods_worth *w = &r->moods_worth[p];
        printf("mood, over context and last title: %s (%llu)\n", of[p],
               (unsigned long long)w->asked);
        if (w->asked == 0)
            continue;
        say("  ours", &w->recall, &w->ndcg);
        for (unsigned a = PAGE_TOLD_BEFORE; a < r->arms; a++)
            say(page_arm_name((enum page_arm)a), &w->told_recall[a], &w->told_ndcg[a]);
    }
}

static double number(int argc, char **argv, int at, double usual)
{
    double ret = usual;
    if (argc > at && !str_to_double(str_of(argv[at]), &ret)) {
        fprintf(stderr, "page_truth: %s: give a number\n", argv[at]);
        exit(2);
    }
    return ret;
}

int main(int argc, char **argv)
{
    struct service s = {.scale = number(argc, argv, 6, 0.5)};
    struct sim_settings w = sim_defaults();
    struct page_options o = {.cut = 0.2, .seed = 1, .threads = 1, .truth = tell, .truth_ctx = &s};
    struct page_report r;
    struct mq_error err;
    if (s.scale <= 0)
        o.truth = NULL;
    w.seed = (uint64_t)number(argc, argv, 1, 1);
    w.viewers = (uint32_t)number(argc, argv, 2, 600);
    w.days = (uint32_t)number(argc, argv, 3, 45);
    w.sessions_per_week = number(argc, argv, 4, 5);
    w.mood = number(argc, argv, 5, 1);
    w.choices = number(argc, argv, 7, w.choices);
    w.sampling = number(argc, argv, 8, w.sampling);
    w.context = number(argc, argv, 9, 1);
    o.told = w.mood > 0 ? 0 : 1;
    if (sim_new(&w, &s.sim, &err))
        die("simulation", &err);
    s.session = calloc(w.viewers, sizeof(*s.session));
    if (!s.session)
        die("sessions", NULL);
    live(&s, &err);
    describe(&s, &err);
    if (page_replay(&s.events, s.catalogue, &o, &r, &err))
        die("pages", &err);
    printf("seed %llu: %llu moments of %u viewers; moods told apart: %u; scale %g\n",
           (unsigned long long)w.seed, (unsigned long long)r.asked, r.viewers, r.moods, s.scale);
    say("context and mood, ours, over neither", &r.over[PAGE_PLAIN_ARM],
        &r.ndcg_over[PAGE_PLAIN_ARM]);
    if (o.truth)
        say("told what the moment does, over neither", &r.told_recall, &r.told_ndcg);
    say_moods(&r);
    catalogue_free(s.catalogue);
    page_events_release(&s.events);
    free(s.truth);
    free(s.session);
    sim_free(s.sim);
    return 0;
}
