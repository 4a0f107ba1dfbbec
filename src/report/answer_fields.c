#include "report/answer_fields.h"

#include <json-c/json.h>
#include <math.h>

struct json_object *answer_child(struct json_object *o, const char *key)
{
    struct json_object *v = NULL;
    return json_object_is_type(o, json_type_object) && json_object_object_get_ex(o, key, &v) ? v
                                                                                             : NULL;
}

struct str answer_str(struct json_object *o, const char *key)
{
    struct json_object *v = answer_child(o, key);
    if (!json_object_is_type(v, json_type_string))
        return STR_NONE;
    return (struct str){json_object_get_string(v), (size_t)json_object_get_string_len(v)};
}

const char *answer_text(struct json_object *o, const char *key)
{
    struct json_object *v = answer_child(o, key);
    return v ? json_object_get_string(v) : "";
}

double answer_number(struct json_object *o, const char *key)
{
    struct json_object *v = answer_child(o, key);
    bool number = json_object_is_type(v, json_type_double) || json_object_is_type(v, json_type_int);
    return number ? json_object_get_double(v) : NAN;
}

bool answer_true(struct json_object *o, const char *key)
{
    return json_object_get_boolean(answer_child(o, key));
}

size_t answer_length(struct json_object *list)
{
    return json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
}

struct json_object *answer_at(struct json_object *list, size_t i)
{
    return i < answer_length(list) ? json_object_array_get_idx(list, i) : NULL;
}
