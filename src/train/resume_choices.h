/* resume_choices.h - what viewers began when something was there to be continued: that, or something new?
 *
 * The other half of what ranker_log.h gathers in its one reading of the log: there each choice is of a title that is new to its viewer,
 * among all titles; here it is whether to go on, among the few that were begun. It hands over each start that it draws, with the viewer
 * as they were right before; what stood in "Continue watching" then, and what is known of it (recommend/resume.h), is kept. As with choices
 * of new titles those count whose title came to be liked, so that both are of one kind. */
#ifndef MQ_TRAIN_RESUME_CHOICES_H
#define MQ_TRAIN_RESUME_CHOICES_H

#include "profile/profile.h"
#include "recommend/resume.h"

struct resume_choice {
    uint32_t title;
    uint32_t n, chosen; /* on offer; which of them */
    /* First "something new", all 0; then what may be continued, most recent first. */
    float x[RESUME_SEEN + 1][RESUME_PARTS];
};

enum { RESUME_CHOICES_MAX = 12000 };

struct resume_choices {
    struct resume_choice *list; /* (n) */
    size_t n, cap, first;       /* first: of the viewer at hand */
};

/* Before the builder takes the event in. What is no start of a title that is new or may be continued says nothing. MQ_NO_MEMORY. */
int resume_choices_take(struct resume_choices *l, const struct profile_builder *b,
                        const struct catalogue *c, const struct event *e, struct mq_error *err);
/* What became of the viewer's titles; NULL: nothing is to be learnt from them. */
void resume_choices_judge(struct resume_choices *l, const struct profile *end);
void resume_choices_release(struct resume_choices *l);

#endif
