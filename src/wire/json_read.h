/* json_read.h - one JSON value out of bytes by json-c, strictly, and its members as our types. Inside wire/
 * only. */
#ifndef MQ_WIRE_JSON_READ_H
#define MQ_WIRE_JSON_READ_H

#include <json-c/json.h>

#include "base/error.h"
#include "base/str.h"

/* Parse the value that begins at all.p + *at (white space is passed over), of at most `max` bytes, and move
 * *at behind it. *ret_value is the caller's to json_object_put; JSON null gives NULL. Refused: what is no
 * JSON, text that is no UTF-8, a key twice in one object, deeper than the tokener, infinite numbers.
 * Messages give byte (of its line) and line, counting from `line` for all.p. On failure *at stays.
 * MQ_INVALID, MQ_TOO_LARGE, MQ_NO_MEMORY. */
int json_read_value(struct json_tokener *tok, struct str all, size_t *at, size_t max, uint64_t line,
                    struct json_object **ret_value, struct mq_error *err);

/* "malformed JSON: byte 17 (line 1): why" for the byte at `at`. */
int json_read_fail(struct str all, size_t at, uint64_t line, const char *why, struct mq_error *err);

/* Behind white space. */
size_t json_read_space(struct str all, size_t at);
/* Line ends in [0, at). */
uint64_t json_read_lines(struct str all, size_t at);

/* The members below: NULL (JSON null) leaves *ret as it was and succeeds. `field` is for messages.
 * Text points into the value. */
int json_read_text(const char *field, struct json_object *v, struct str *ret, struct mq_error *err);
/* Text, or a whole number (up to 2^64 - 2) written as digits into `digits` (24 bytes that live as long as *ret). */
int json_read_id(const char *field, struct json_object *v, char *digits, struct str *ret,
                 struct mq_error *err);
/* A whole number (also 812000.0) in [low, high]. */
int json_read_whole(const char *field, struct json_object *v, int64_t low, int64_t high,
                    int64_t *ret, struct mq_error *err);
int json_read_number(const char *field, struct json_object *v, double *ret, struct mq_error *err);
int json_read_bool(const char *field, struct json_object *v, bool *ret, struct mq_error *err);

enum { JSON_READ_DIGITS = 24 };

#endif
