/* personalize.h - what the AWS SDKs send to Amazon Personalize: events -> struct event, and requests for
 * recommendations taken apart.
 *
 * PutEvents {trackingId, userId?, sessionId, eventList <= 10 [{eventId?, eventType, eventValue?, itemId?, sentAt (epoch s),
 * recommendationId?, impression[<= 25]?, properties? (JSON as text)}]}
 *   viewer       userId, else sessionId
 *   eventType    without regard to case: watch -> play, click -> click, a kind of ours -> that kind, else kept under its name
 *   eventValue   of a rating the stars (5, above 5 of 10), of a thumb the thumb; else nothing
 *   properties   of playback: position_ms, from_ms, rate as in a native event; `context` is not read
 *   impression   an impression of these titles, one column each, beside the event
 *   sentAt       whole seconds, as the SDKs round it
 *
 * Refused (the whole call, as the service does): no trackingId, sessionId or eventList, more than 10 events, an event
 * without eventType or sentAt. A single event that event_check refuses goes to the sink's `refused`. */
#ifndef MQ_WIRE_PERSONALIZE_H
#define MQ_WIRE_PERSONALIZE_H

#include "wire/event_sink.h"

enum {
    PERSONALIZE_EVENTS = 10,
    PERSONALIZE_IMPRESSIONS = 25,
    PERSONALIZE_RESULTS = 500, /* numResults, inputList */
};

/* Text goes into the arena. MQ_INVALID as above, MQ_NO_MEMORY, or what the sink returned. */
int personalize_read_events(struct str body, int64_t now_ms, struct arena *arena,
                            const struct event_sink *sink, struct mq_error *err);

/* Kind, name and what its value says, as above. */
void personalize_set_type(struct event *e, struct str type, bool has_value, double value);

enum personalize_recipe {
    PERSONALIZE_TOP_PICKS, /* also for an ARN that names none of the others */
    PERSONALIZE_BECAUSE,   /* because you watched X */
    PERSONALIZE_MORE_LIKE, /* more like X; item similarities */
    PERSONALIZE_POPULAR,
    PERSONALIZE_TRENDING,
};

/* By the ARN's last part, whatever dashes and case: "...:recommender/Because-You-Watched". */
enum personalize_recipe personalize_recipe_of(struct str arn);

/* A body of GetRecommendations or GetPersonalizedRanking; text in the arena, terminated. */
struct personalize_request {
    enum personalize_recipe recipe;
    const char *user, *item; /* "" = not given */
    const char *device,
        *country;       /* of context{}: DEVICE or DEVICE_TYPE, COUNTRY; NULL = not given */
    unsigned n;         /* numResults, 25 when not given */
    const char **input; /* inputList */
    size_t n_input;
};

/* MQ_INVALID: no JSON object, no ARN, numResults or inputList over PERSONALIZE_RESULTS, a filterArn (there are no
 * filters). MQ_NO_MEMORY. */
int personalize_read_request(struct str body, struct arena *arena, struct personalize_request *ret,
                             struct mq_error *err);

#endif
