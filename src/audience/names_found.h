/* names_found.h - from what was typed to titles. Inside audience/ only. */
#ifndef MQ_AUDIENCE_NAMES_FOUND_H
#define MQ_AUDIENCE_NAMES_FOUND_H

#include "audience/audience.h"

/* Fill titles, person and label of an atom. */
int find_person(const struct catalogue *c, const struct expression *e, struct arena *arena,
                struct audience *ret, struct mq_error *err);
int find_title(const struct catalogue *c, const struct expression *e, struct arena *arena,
               struct audience *ret, struct mq_error *err);
int find_genre(const struct catalogue *c, const struct expression *e, struct arena *arena,
               struct audience *ret, struct mq_error *err);
int find_tag(const struct catalogue *c, const struct expression *e, struct arena *arena,
             struct audience *ret, struct mq_error *err);

#endif
