/* json_envelope.h - a body that is one object with a list in it ({"batch": [...], "sentAt": ...}): its members and
 * the list's elements, each with its bytes. Inside wire/ only. */
#ifndef MQ_WIRE_JSON_ENVELOPE_H
#define MQ_WIRE_JSON_ENVELOPE_H

#include "wire/event_sink.h"
#include "wire/json_thin.h"

struct json_element {
    struct json_object *value;
    size_t from, to; /* its bytes in the body */
    uint64_t line;   /* where they begin, from 1 */
};

struct json_envelope {
    struct json_object *members; /* all but the list */
    struct json_element *elements;
    size_t n, cap;
    bool has_list;
};

enum { JSON_ENVELOPE_DEPTH = 32 };

/* `list` names the member that is a list of at most max_elements. What comes before the list or behind it is read the
 * same. MQ_INVALID: no JSON, no object, text behind it, `list` twice or no list. MQ_TOO_LARGE, MQ_NO_MEMORY.
 * Release *ret after success. Allocates what json-c does and the array of elements. */
int json_envelope_read(struct str body, struct str list, size_t max_elements,
                       struct json_envelope *ret, struct mq_error *err);
/* The same, but elements that are objects may come with the needed members alone (NULL: all come whole). */
int json_envelope_read_thin(struct str body, struct str list, size_t max_elements,
                            const struct json_thinning *thinning, struct json_envelope *ret,
                            struct mq_error *err);
void json_envelope_release(struct json_envelope *v);

/* Where element i stands. */
struct event_place json_envelope_place(const struct json_envelope *v, struct str body, size_t i);

/* A member of an object; NULL when it is absent, null, or `object` is no object. */
struct json_object *json_member(struct json_object *object, const char *key);
/* A member that is text: empty when absent or of another type. Points into the value. */
struct str json_member_text(struct json_object *object, const char *key);
/* A member that is text or a whole number; `digits` as for json_read_id. Empty when absent or something else. */
struct str json_member_id(struct json_object *object, const char *key, char *digits);

#endif
