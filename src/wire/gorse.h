/* gorse.h - what Gorse's SDKs send: feedback and users -> struct event, items -> struct title.
 *
 * A body is one object or an array of them; all names are Gorse's: Feedback{FeedbackType, UserId, ItemId, Value, Timestamp},
 * User{UserId}, Item{ItemId, Categories[], Timestamp, Labels, Comment}. An absent or empty Timestamp is now.
 *
 * FeedbackType                              becomes
 * like, upvote, thumbs_up, favorite         thumb 1
 * love, superlike                           thumb 2
 * dislike, downvote, thumbs_down            thumb -1
 * star, rating, rate                        a rating: Value of 5, above 5 of 10, above 10 of 100 stars
 * star without a Value, or with 0           thumb 1
 * read, click, view, open                   click
 * watch, watched, play                      play
 * start, pause, seek, progress, stop, complete, list_add, list_remove, hide   the event of that name
 * any other                                 a custom event of that name
 * Of playback Value is the place in the title in seconds. Gorse keeps one feedback of a type, viewer and item, and adds
 * Values up (POST) or overwrites them (PUT): here each is an event, told from others by its time too, and of ratings
 * and thumbs the last counts.
 *
 * A user is a custom event "user" at the time it was sent; Labels and Comment of users are not kept. An item's
 * Comment is its name, Categories are genres, Labels (a list of texts, or an object whose texts and lists of texts are
 * taken) tags; IsHidden is not kept. */
#ifndef MQ_WIRE_GORSE_H
#define MQ_WIRE_GORSE_H

#include "catalogue/title.h"
#include "wire/event_sink.h"

enum { GORSE_VALUE_MAX = 64 * 1024, GORSE_VALUES_MAX = 50000 }; /* bytes of one, how many at once */

/* GORSE_SESSION: feedback that is asked about and not kept; it may be nobody's. */
enum gorse_records { GORSE_FEEDBACK, GORSE_USERS, GORSE_SESSION };

/* Text goes into the arena. 0 however many were refused; MQ_INVALID: no JSON, MQ_TOO_LARGE, MQ_NO_MEMORY, or what the
 * sink returned. */
int gorse_read_events(struct str body, enum gorse_records records, int64_t now_ms,
                      struct arena *arena, const struct event_sink *sink, struct mq_error *err);

/* All or none: *ret_titles (*ret_n) in the arena, each passed title_check. */
int gorse_read_items(struct str body, struct arena *arena, struct title **ret_titles, size_t *ret_n,
                     struct mq_error *err);

/* One object that changes the item `id`: what it does not name stays as it was (empty in *ret). Text in the arena. */
int gorse_read_item_change(struct str body, struct str id, struct arena *arena, struct title *ret,
                           struct mq_error *err);

/* Would feedback of this type have become such an event? */
bool gorse_event_is(const struct event *e, struct str type);

/* A table of feedback (feedback_type, user_id, item_id, value, time_stamp, by its header), one field at a time. */
int gorse_feedback_event(struct str type, struct str user, struct str item, struct str value,
                         struct str time, int64_t now_ms, struct event *ret, struct mq_error *err);

#endif
