/* context.h - the moment of an event or a request: local time, device, place. What is missing stays
 * missing. */
#ifndef MQ_EVENT_CONTEXT_H
#define MQ_EVENT_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum device {
    DEVICE_NONE, /* not said */
    DEVICE_TV,
    DEVICE_PHONE,
    DEVICE_TABLET,
    DEVICE_DESKTOP,
    DEVICE_CONSOLE,
    DEVICE_SET_TOP,
    DEVICE_CAST,
    DEVICE_OTHER,
    DEVICES
};

/* In the viewer's local time: morning 05-10, daytime 10-17, evening 17-22, late 22-05. */
enum daypart {
    DAYPART_NONE, /* local time unknown */
    DAYPART_MORNING,
    DAYPART_DAYTIME,
    DAYPART_EVENING,
    DAYPART_LATE,
    DAYPARTS
};

enum { OFFSET_NONE = INT16_MIN };

/* Two ASCII capitals packed as c0 << 8 | c1; 0 = not said. */
typedef uint16_t country_code;

struct context {
    int16_t offset_min; /* local time minus UTC, or OFFSET_NONE */
    uint8_t device;     /* enum device */
    country_code country;
    struct str region; /* free text; may be empty */
    struct str mood;   /* stated by the viewer; may be empty */
};

/* "tv", "phone" ...; "" for DEVICE_NONE. */
const char *device_name(enum device d);
/* False for an unknown word; without regard to case; "" is DEVICE_NONE. */
bool device_from(struct str word, enum device *ret);
const char *daypart_name(enum daypart d);
enum daypart daypart_at(int64_t at_ms, int16_t offset_min);
/* Saturday or Sunday in local time; false when the local time is unknown. */
bool weekend_at(int64_t at_ms, int16_t offset_min);

/* "GB" or "gb"; false for anything but two letters ("" gives 0). */
bool country_from(struct str word, country_code *ret);
/* Writes two letters and a NUL; "" for 0. */
void country_text(country_code c, char ret[3]);

#endif
