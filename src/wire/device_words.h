/* device_words.h - the class of a device from what players and browsers say of it: one table. */
#ifndef MQ_WIRE_DEVICE_WORDS_H
#define MQ_WIRE_DEVICE_WORDS_H

#include "event/context.h"

/* From a word or a user agent, without regard to case: "SmartTV", "iPad", "Mozilla/5.0 (Linux; Android 14; ...".
 * DEVICE_NONE when nothing in it is known. O(length x rows of the table). */
enum device device_of_words(struct str text);

/* A device's own name ("tv"), else what its words say ("mobile", "laptop"), else DEVICE_OTHER; DEVICE_NONE for no word. */
enum device device_of_name(struct str word);

#endif
