/* clock.h - the two clocks, and instants as text. Rooms that must be pure take time as an argument. */
#ifndef MQ_BASE_CLOCK_H
#define MQ_BASE_CLOCK_H

#include "buf.h"

/* Milliseconds since 1970-01-01T00:00:00Z. */
int64_t clock_wall_ms(void);
/* Nanoseconds since some moment; never goes back. */
int64_t clock_mono_ns(void);

/* RFC 3339 / ISO 8601: "2026-03-01T21:04:11.250Z", with offset "+01:00", "+0100" or "+01", with a
 * space for T, seconds and fraction optional, a date alone = midnight UTC. Years 1 to 9999. False
 * when it is none of these; *ret_offset_min (may be NULL) gets the offset in minutes, 0 for Z or none. */
bool time_parse(struct str s, int64_t *ret_ms, int *ret_offset_min);

/* The same for a moment that is asked about, where 0 stands for none given: of the first two milliseconds
 * of 1970 both are the second. */
bool time_asked(struct str s, int64_t *ret_ms);

/* "2026-03-01T21:04:11.250Z" (without ".250" when the milliseconds are 0). */
void time_format(struct buf *b, int64_t ms);

/* Proleptic Gregorian calendar. Day 0 is 1970-01-01; month and day from 1. */
int64_t time_days_from_civil(int64_t year, unsigned month, unsigned day);
void time_civil_from_days(int64_t days, int64_t *year, unsigned *month, unsigned *day);

/* Minutes east of UTC in the zone `name` (tz database) at `at_ms`. Reads and keeps the system's zone
 * files (TZif); thread-safe. False when the name is unknown or malformed. */
bool time_zone_offset(struct str name, int64_t at_ms, int *ret_offset_min);

#endif
