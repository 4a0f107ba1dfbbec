
#include "engine/experiments.h"
#include "http/render.h"

void render_effect_of(struct json *j, const char *key, const struct effect *f, const char *control,
                      const char *treatment)
{
    json_key(j, str_of(key));
    json_object(j);
    json_kv_double(j, control, f->control, 6);
    json_kv_double(j, treatment, f->treatment, 6);
    json_kv_double(j, "difference", f->difference, 6);
    json_kv_double(j, "low", f->low, 6);
    json_kv_double(j, "high", f->high, 6);
    json_kv_double(j, "anytime_low", f->anytime_low, 6);
    json_kv_double(j, "anytime_high", f->anytime_high, 6);
    json_kv_double(j, "p", f->p, 6);
    json_kv_double(j, "explained_by_before", f->explained, 6);
    json_object_end(j);
}

void render_effect(struct json *j, const char *key, const struct effect *f)
{
    render_effect_of(j, key, f, "control", "treatment");
}
