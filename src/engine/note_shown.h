/* note_shown.h - from an answer to its record: what stood where, and what it was made from. */
#ifndef MQ_ENGINE_NOTE_SHOWN_H
#define MQ_ENGINE_NOTE_SHOWN_H

#include "engine/reader.h"

/* A reader's memory for records. */
struct shown_scratch;
int shown_scratch_new(struct shown_scratch **ret, struct mq_error *err);
void shown_scratch_free(struct shown_scratch *s);

/* Notes the page, or the list as one row of that kind, unless the answer is of the past, a preview, or of a viewer who is not
 * to be profiled. Allocates nothing, waits for nothing. */
void note_page(struct mq_reader *r, const struct mq_request *q, const struct ask *ask,
               const struct mq_page *page);
void note_list(struct mq_reader *r, const struct mq_request *q, const struct ask *ask,
               const char *kind, const struct mq_list *list);

#endif
