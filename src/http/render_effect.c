#include <math.h>

#include "engine/experiments.h"
#include "http/render.h"

static void number(struct json *j, const char *key, double v)
{
    if (isfinite(v))
        json_kv_double(j, key, v, 6);
    else
        json_kv_null(j, key);
}

void render_effect(struct json *j, const char *key, const struct effect *f)
{
    json_key(j, str_of(key));
    json_object(j);
    number(j, "control", f->control);
    number(j, "treatment", f->treatment);
    number(j, "difference", f->difference);
    number(j, "low", f->low);
    number(j, "high", f->high);
    number(j, "anytime_low", f->anytime_low);
    number(j, "anytime_high", f->anytime_high);
    number(j, "p", f->p);
    number(j, "explained_by_before", f->explained);
    json_object_end(j);
}
