/* json_writer.h - writes JSON into a buf as it goes; allocates nothing itself.
 *
 * Commas and nesting are kept by the writer; a depth over JSON_DEPTH or a value without a key
 * inside an object is our own bug (assert). Parsing is json-c's, in wire/. */
#ifndef MQ_BASE_JSON_WRITER_H
#define MQ_BASE_JSON_WRITER_H

#include "buf.h"

enum { JSON_DEPTH = 32 };

struct json {
    struct buf *out;
    uint32_t comma;  /* bit per depth: a value stands before the next one */
    uint32_t object; /* bit per depth: inside an object */
    uint8_t depth;
    bool keyed; /* a key was written, its value is due */
};

void json_init(struct json *j, struct buf *out);
void json_object(struct json *j);
void json_object_end(struct json *j);
void json_array(struct json *j);
void json_array_end(struct json *j);
void json_key(struct json *j, struct str key);
/* A key that is a literal of plain ASCII, as it stands in the answer: JSON_KEY(j, "title"). It is copied at once; for answers of
 * many items. */
#define JSON_KEY(j, literal) json_ready_key(j, STR("\"" literal "\":"))
void json_ready_key(struct json *j, struct str key);
/* Escapes ", \ and control characters; bytes that are no UTF-8 become U+FFFD. "<" is written as
 * \u003c so that an answer can stand inside a page. */
void json_str(struct json *j, struct str s);
void json_i64(struct json *j, int64_t v);
void json_u64(struct json *j, uint64_t v);
/* Shortest of up to `digits` significant digits; NaN and infinities become null. */
void json_double(struct json *j, double v, int digits);
void json_bool(struct json *j, bool v);
void json_null(struct json *j);
/* `text` is already JSON. */
void json_raw(struct json *j, struct str text);

/* Key and value in one. */
void json_kv_str(struct json *j, const char *key, struct str s);
void json_kv_z(struct json *j, const char *key, const char *z);
void json_kv_i64(struct json *j, const char *key, int64_t v);
void json_kv_u64(struct json *j, const char *key, uint64_t v);
void json_kv_double(struct json *j, const char *key, double v, int digits);
void json_kv_bool(struct json *j, const char *key, bool v);
void json_kv_null(struct json *j, const char *key);
/* An instant as time_format (clock.h) writes it. */
void json_kv_time(struct json *j, const char *key, int64_t ms);
void json_kv_time_or_null(struct json *j, const char *key, int64_t ms); /* 0 is null */

#endif
