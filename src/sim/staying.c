#include "sim/staying.h"

#define MEMORY 0.75
#define HAZARD 0.5

void staying_felt(struct viewer_state *s, double gave)
{
    s->pleased = (float)(MEMORY * (double)s->pleased + (1 - MEMORY) * gave);
}

void staying_decide(const struct sim_world *w, struct viewer_state *s)
{
    if (w->leave <= 0)
        return;
    double displeased = 1 - (double)s->pleased;
    s->gone = rng_double(&s->rng) < w->leave * HAZARD * displeased * displeased * displeased;
}
