/* json_double.h - a finite double as decimal text, whatever the locale. */
#ifndef MQ_BASE_JSON_DOUBLE_H
#define MQ_BASE_JSON_DOUBLE_H

#include <stddef.h>

enum { JSON_DOUBLE_TEXT = 32 };

/* Writes v into `text` (not terminated) and returns the length. Rounded correctly to `digits` (1 to
 * 17) significant digits, trailing zeros dropped; with 16 or 17 digits, the shortest of at least 15
 * that reads back as v. From 1e-6 up to 1e21 without an exponent, as JavaScript does. -0 is "0". */
size_t json_double_text(char text[JSON_DOUBLE_TEXT], double v, int digits);

#endif
