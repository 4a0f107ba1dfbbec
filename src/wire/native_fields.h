/* native_fields.h - one native event's JSON object -> struct event. Inside wire/ only. */
#ifndef MQ_WIRE_NATIVE_FIELDS_H
#define MQ_WIRE_NATIVE_FIELDS_H

#include "event/attributes.h"
#include "event/event.h"
#include "wire/json_read.h"

/* Where an event's items and numbers turned text lie until the next event. */
struct native_scratch {
    struct event_item items[EVENT_ITEMS_MAX];
    char item_digits[EVENT_ITEMS_MAX][JSON_READ_DIGITS];
    char attributes[ATTRIBUTES_TEXT_MAX];
    char attribute_digits[ATTRIBUTES][JSON_READ_DIGITS];
    char digits[8][JSON_READ_DIGITS];
};

/* Fills *ret (event_init first); text points into `v` and `s`. Not event_check. `now_ms` is for an absent
 * `at`. */
int native_fields(struct json_object *v, int64_t now_ms, struct native_scratch *s,
                  struct event *ret, struct mq_error *err);

/* "Europe/London", "+02:00", "-0330", "+02", "Z", "UTC": minutes east of UTC at `at_ms`. */
bool offset_of_zone(struct str name, int64_t at_ms, int *ret_min);

/* Local time where the context says nothing of it: `at` was written with so many minutes east of UTC, as local clocks are. 0 (Z, +00:00) says
 * nothing: that is how clocks of servers write. */
void native_offset(struct event *e, int minutes);

#endif
