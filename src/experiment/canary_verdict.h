/* canary_verdict.h - a new model before a share of the viewers: back, on, or wait?
 *
 * Looked at as often as one likes: harm is read from intervals that hold at all looks (effect.h). Where the new model is as good as
 * the old one, it is taken back by mistake in at most 1 of 40 canaries by the looks together, and 1 of 40 at the end. */
#ifndef MQ_EXPERIMENT_CANARY_VERDICT_H
#define MQ_EXPERIMENT_CANARY_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "experiment/effect.h"

enum canary_verdict { CANARY_WAIT, CANARY_BACK, CANARY_ON };

struct canary_evidence {
    const struct effect *valued;      /* valued viewing per page, beside the control */
    uint64_t answers[2], failures[2]; /* of the control and of the new model, since it began */
    double sample_ratio_p;
    double margin; /* it may lose this share of the control's valued viewing and still go on */
    bool over;     /* its time is up */
};

/* *ret_why: one sentence, constant text. Back: it fails to answer oftener than the control (5 failures, and a count that
 * improbable: 1e-6), the arms are not filled as they should be (p < 1e-5), or valued viewing is lower at all looks; when time is
 * up, lower at this look, or fewer than EFFECT_VIEWERS_MIN viewers on a side. On: not lower by more than the margin at
 * all looks; when time is up, not shown to be lower. */
enum canary_verdict canary_decide(const struct canary_evidence *e, const char **ret_why);

#endif
