/* body_fields.h - small bodies of JSON: one object with known fields. Stands apart because json-c's headers
 * can't stand beside base/json_writer.h. Inside http/ only. */
#ifndef MQ_HTTP_BODY_FIELDS_H
#define MQ_HTTP_BODY_FIELDS_H

#include "base/arena.h"
#include "base/error.h"

enum body_type { BODY_TEXT, BODY_WHOLE, BODY_NUMBER, BODY_FLAG, BODY_WORD, BODY_TEXTS };

struct body_field {
    const char *name;
    enum body_type type;
    bool given; /* and was not null; else the rest stays as it was */
    bool flag;
    const char *
        text; /* in the arena, terminated; of a BODY_WORD, a text or a truth value, the word for it */
    uint64_t whole;
    double number;
    const char **texts; /* in the arena */
    size_t n_texts;
};

enum {
    BODY_FIELDS_TEXTS_MAX = 10000,
    BODY_FIELDS_MAX = 4 << 20, /* bytes of such a body */
};

/* Fills the fields that the body has; an empty body has none; unknown ones are passed over. MQ_INVALID with
 * the place of what is no JSON, or with the name of the field of a wrong type; MQ_TOO_LARGE; MQ_NO_MEMORY. */
int body_fields_read(struct str body, struct arena *arena, struct body_field *fields, size_t n,
                     struct mq_error *err);

#endif
