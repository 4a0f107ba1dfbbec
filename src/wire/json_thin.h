/* json_thin.h - the members of a JSON object that are needed, copied out of the bytes before a tree is made of them: most
 * of a call of an analytics SDK is never looked at. Inside wire/ only.
 *
 * It takes what is certainly the JSON that json_read_value accepts, and leaves every doubt to that: escapes in keys, \u,
 * exponents, long numbers, over 32 members of one object, a key twice, deep nesting, any mistake. So a text is refused,
 * and why, by json_read_value alone. */
#ifndef MQ_WIRE_JSON_THIN_H
#define MQ_WIRE_JSON_THIN_H

#include "base/buf.h"
#include "wire/json_read.h"

/* One needed member; a list of them ends with JSON_KEEP_END. */
struct json_keep {
    struct str key;
    const struct json_keep *inside; /* of its object, alike; NULL: the whole value */
};
#define JSON_KEEP(key, inside)                                                                     \
    {                                                                                              \
        {key, sizeof(key) - 1}, inside                                                             \
    }
#define JSON_KEEP_END                                                                              \
    {                                                                                              \
        {NULL, 0}, NULL                                                                            \
    }

/* What is needed of an object, and whether a tree of that says enough; else the whole is read. */
struct json_thinning {
    const struct json_keep *keep;
    bool (*enough)(struct json_object *thin);
};

/* Passes the object that begins at all.p + *at and adds the needed members, as an object, to *out. False: in doubt, *at
 * stays and *out holds anything. Cost: one walk over the bytes; members of one object are compared in pairs. */
bool json_thin(struct str all, size_t *at, const struct json_keep *keep, struct buf *out);

#endif
