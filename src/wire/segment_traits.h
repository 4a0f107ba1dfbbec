/* segment_traits.h - Segment's traits -> our attributes (event/attributes.h). Inside wire/ only.
 *
 * age or birthday (as a band), gender, plan, language, occupation, kids, createdAt (the day); address.country as a
 * code, address.state or region. All else is left: names, addresses and numbers of people are not ours to keep. */
#ifndef MQ_WIRE_SEGMENT_TRAITS_H
#define MQ_WIRE_SEGMENT_TRAITS_H

#include "event/attributes.h"
#include "wire/json_read.h"

/* Writes attributes_write's text; `at_ms`: when it was said, for an age from a birthday. NULL traits: nothing. */
void segment_traits(struct json_object *traits, int64_t at_ms, struct buf *out);

#endif
