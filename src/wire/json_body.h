/* json_body.h - a body of JSON cut into its values: one value, an array, or one value a line. Inside wire/ only. */
#ifndef MQ_WIRE_JSON_BODY_H
#define MQ_WIRE_JSON_BODY_H

#include "wire/json_read.h"

/* Where a value stands. */
struct json_place {
    size_t index;    /* from 0 */
    struct str body; /* the whole */
    size_t from, to; /* the value's bytes in it */
    uint64_t line;   /* counted when 0: json_place_line */
    uint64_t first_line;
};

uint64_t json_place_line(const struct json_place *place);

/* Both return 0 to go on; anything else ends the reading with it. */
struct json_body_sink {
    void *ctx;
    /* NULL, or asked first about each value of an array: false, and the value is read into a tree; or true, *at is behind it, and
     * *ret_rc is as from `value`. place->to is not known yet. */
    bool (*quick)(void *ctx, size_t *at, const struct json_place *place, int *ret_rc,
                  struct mq_error *err);
    int (*value)(void *ctx, struct json_object *v, const struct json_place *place,
                 struct mq_error *err);
    /* A line that is no JSON; only in bodies of lines. */
    int (*broken)(void *ctx, const struct json_place *place, const struct mq_error *why,
                  struct mq_error *err);
};

struct json_body {
    struct json_tokener *tok; /* of json_body_tokener */
    bool lines;               /* a value never goes over a line's end; else found out */
    size_t max_value;         /* bytes of one value */
    size_t max_values;        /* 0 = any number */
    uint64_t first_line;      /* 0 = 1 */
    const char *what;         /* "events", for messages */
};

/* Strict, `depth` levels. NULL without memory; json_tokener_free it. */
struct json_tokener *json_body_tokener(int depth);

/* As native_parse says: 0, MQ_INVALID, MQ_TOO_LARGE, MQ_NO_MEMORY or the sink's. */
int json_body_each(const struct json_body *b, struct str body, const struct json_body_sink *sink,
                   struct mq_error *err);

#endif
