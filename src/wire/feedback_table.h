/* feedback_table.h - bulk tables of Amazon Personalize and of Gorse, by their headers: interactions and feedback -> struct event,
 * items -> struct title. Source "personalize" or "gorse", archived.
 *
 * Personalize interactions  USER_ID, ITEM_ID, TIMESTAMP (epoch s), EVENT_TYPE, EVENT_VALUE, IMPRESSION ("a|b"),
 *                           RECOMMENDATION_ID; EVENT_TYPE as personalize.h says, without one: play
 * Personalize items         ITEM_ID, and any of GENRES ("A|B"), CREATION_TIMESTAMP, TITLE or NAME
 * Gorse feedback            feedback_type, user_id, item_id, value, time_stamp; types as gorse.h says
 * Gorse items               item_id, and any of categories, labels ("a|b"), time_stamp, description (the name)
 * Which of them a table is, its columns say. */
#ifndef MQ_WIRE_FEEDBACK_TABLE_H
#define MQ_WIRE_FEEDBACK_TABLE_H

#include "catalogue/title.h"
#include "event/event.h"
#include "wire/bad_row.h"

enum feedback_form { FEEDBACK_PERSONALIZE, FEEDBACK_GORSE };

/* Each returns 0 to go on (bad_row.h); text lives until it returns. */
struct feedback_sink {
    void *ctx;
    int (*event)(void *ctx, struct event *e, uint64_t line,
                 struct mq_error *err); /* passed event_check */
    int (*title)(void *ctx, const struct title *t, uint64_t line, struct mq_error *err);
    bad_row_fn *bad;
};

/* 0 at the end, however many rows were bad. MQ_INVALID: not one of these tables; or what the sink returned. */
int feedback_table_read(const char *name, struct str bytes, enum feedback_form form, int64_t now_ms,
                        const struct feedback_sink *sink, struct mq_error *err);

#endif
