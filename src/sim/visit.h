/* visit.h - one session of a viewer at the service: what is seen, chosen, watched and said of it. */
#ifndef MQ_SIM_VISIT_H
#define MQ_SIM_VISIT_H

#include "sim/moods.h"
#include "sim/old_home.h"
#include "sim/sim_viewer.h"

struct visit {
    const struct sim_world *world;
    const struct home_day *day;
    struct home_other other;
    uint32_t viewer;
    const struct viewer_traits *traits;
    struct viewer_state *state;
    struct sim_log *log;
    int64_t now_ms;
    enum device device;
    enum daypart daypart;
    bool weekend;
    unsigned mood;
};

/* What came of playing a title. */
enum played { PLAYED_TO_END, PLAYED_BORED, PLAYED_INTERRUPTED };
struct outcome {
    enum played how;
    uint32_t position_ms; /* where it ended */
    int64_t played_ms;    /* wall-clock time of playing */
};

/* Fills v->log with the session that begins at `at_ms`; at least one event. Moves state->free_ms. */
void visit_run(struct visit *v, int64_t at_ms);

/* choosing.c: home page, then a title of it, one that was searched for, or none (ID_NONE). *ret_rec is the
 * number of the page it came from, 0 for a search. */
uint32_t visit_choose(struct visit *v, uint32_t *ret_rec);

/* playing.c: from `from_ms` of the title on. */
void visit_play(struct visit *v, uint32_t title, uint32_t from_ms, uint32_t recommendation,
                bool autoplay, struct outcome *ret);

static inline void visit_wait(struct visit *v, double seconds)
{
    v->now_ms += (int64_t)(seconds * 1000);
}

/* What the viewer feels now: preference, the fit of the moment and of the mood. */
static inline double visit_utility(const struct visit *v, uint32_t title)
{
    const struct sim_title *t = &v->world->titles[title];
    return viewer_preference(v->world, v->traits, title) +
           moment_fit(v->world, t, v->device, v->daypart, v->weekend) +
           mood_fit(v->world, t, v->mood);
}

#endif
