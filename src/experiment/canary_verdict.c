#include "experiment/canary_verdict.h"

#include <math.h>

#include "math/count_tail.h"

enum { FAILURES_LEAST = 5 };
static const double failures_improbable = 1e-6;
static const double arms_improbable = 1e-5;

/* As many failures as the control's rate lets expect, give or take its own uncertainty: a gamma posterior. */
static bool fails_oftener(const struct canary_evidence *e)
{
    double shape = (double)e->failures[0] + 1;
    double mean = shape * (double)e->answers[1] / ((double)e->answers[0] + 1000);
    uint64_t n = e->failures[1];
    return n >= FAILURES_LEAST && (double)n > mean &&
           count_tail(n < 100000 ? (uint32_t)n : 100000, mean, shape) < failures_improbable;
}

static bool known(const struct effect *f)
{
    return f->n_control >= EFFECT_VIEWERS_MIN && f->n_treatment >= EFFECT_VIEWERS_MIN &&
           isfinite(f->control) && isfinite(f->treatment);
}

enum canary_verdict canary_decide(const struct canary_evidence *e, const char **ret_why)
{
    const struct effect *f = e->valued;
    if (fails_oftener(e)) {
        *ret_why = "it fails to answer more often than the live model";
        return CANARY_BACK;
    }
    if (e->sample_ratio_p < arms_improbable) {
        *ret_why = "the viewers are not divided as they should be: no figure is to be believed";
        return CANARY_BACK;
    }
    if (!known(f)) {
        *ret_why = e->over ? "too few viewers came to tell" : "too few viewers yet to tell";
        return e->over ? CANARY_BACK : CANARY_WAIT;
    }
    if (f->anytime_high < 0 || (e->over && f->high < 0)) {
        *ret_why = "less of what its viewers chose was valued viewing";
        return CANARY_BACK;
    }
    if (f->anytime_low > -e->margin * f->control) {
        *ret_why = "valued viewing is as high as the live model's, within the margin";
        return CANARY_ON;
    }
    *ret_why =
        e->over ? "its time is up, and nothing spoke against it" : "nothing speaks against it yet";
    return e->over ? CANARY_ON : CANARY_WAIT;
}
