/* render_models.c - what the live model rests on, as JSON. */
#include "http/render.h"

enum { DIGITS = 5 };

void render_ranker_features(struct json *j, const struct mq_ranker_features *f)
{
    json_object(j);
    json_kv_u64(j, "version", f->version);
    json_kv_u64(j, "trees", f->trees);
    json_key(j, STR("features"));
    json_array(j);
    for (size_t i = 0; i < f->n; i++) {
        json_object(j);
        json_kv_z(j, "name", f->feature[i].name);
        json_kv_bool(j, "score", f->feature[i].score);
        json_kv_u64(j, "splits", f->feature[i].splits);
        json_kv_double(j, "share", f->feature[i].share, DIGITS);
        json_object_end(j);
    }
    json_array_end(j);
    json_object_end(j);
}

void render_signals(struct json *j, const struct mq_signals *s)
{
    json_object(j);
    json_kv_z(j, "judged_by", s->judged_by);
    json_key(j, STR("signals"));
    json_array(j);
    for (size_t i = 0; i < s->n; i++) {
        json_object(j);
        json_kv_z(j, "name", s->signal[i].name);
        json_kv_double(j, "weight", s->signal[i].weight, DIGITS);
        json_kv_double(j, "low", s->signal[i].low, DIGITS);
        json_kv_double(j, "high", s->signal[i].high, DIGITS);
        json_kv_u64(j, "viewings", s->signal[i].viewings);
        json_object_end(j);
    }
    json_array_end(j);
    json_key(j, STR("pairs_right"));
    json_object(j);
    json_kv_double(j, "fitted", s->right_fitted, DIGITS);
    json_kv_double(j, "default_rules", s->right_rules, DIGITS);
    json_kv_double(j, "completion", s->right_completion, DIGITS);
    json_object_end(j);
    json_object_end(j);
}

void render_rating_check(struct json *j, const struct mq_rating_check *r)
{
    json_object(j);
    json_kv_u64(j, "ratings", r->ratings);
    json_kv_u64(j, "asked", r->asked);
    json_kv_u64(j, "viewers", r->viewers);
    json_kv_double(j, "rmse", r->rmse, DIGITS);
    json_kv_double(j, "title_mean_rmse", r->title_mean_rmse, DIGITS);
    json_kv_double(j, "inside", r->inside, DIGITS);
    json_key(j, STR("bins"));
    json_array(j);
    for (size_t i = 0; i < r->n; i++) {
        json_object(j);
        json_kv_double(j, "predicted", r->bin[i].predicted, DIGITS);
        json_kv_double(j, "actual", r->bin[i].actual, DIGITS);
        json_kv_double(j, "low", r->bin[i].low, DIGITS);
        json_kv_double(j, "high", r->bin[i].high, DIGITS);
        json_kv_u64(j, "ratings", r->bin[i].ratings);
        json_object_end(j);
    }
    json_array_end(j);
    json_object_end(j);
}
