/* answer_fields.h - members of an answer's JSON, for whoever prints it. A member that is missing, null or of another kind is no error:
 * nothing was answered. NULL for an object or a list is an empty one. What is returned lives as long as the answer. */
#ifndef MQ_REPORT_ANSWER_FIELDS_H
#define MQ_REPORT_ANSWER_FIELDS_H

#include "base/str.h"

struct json_object;

/* NULL: none. */
struct json_object *answer_child(struct json_object *o, const char *key);
/* Of a string, whatever bytes it holds; else STR_NONE. */
struct str answer_str(struct json_object *o, const char *key);
/* As text, numbers too; "" without one. */
const char *answer_text(struct json_object *o, const char *key);
/* NaN without a number. */
double answer_number(struct json_object *o, const char *key);
bool answer_true(struct json_object *o, const char *key);
size_t answer_length(struct json_object *list);
struct json_object *answer_at(struct json_object *list, size_t i);

#endif
