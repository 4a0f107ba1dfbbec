#include "eval/signals.h"

static void model(struct json *j, const char *name, const struct signals_report *r,
                  enum signal_model m)
{
    json_key(j, str_of(name));
    json_object(j);
    report_interval(j, "ndcg@10", &r->ndcg[m]);
    report_interval(j, "auc_liked", &r->auc[m]);
    report_interval(j, "auc_liked_within_viewer", &r->auc_within[m]);
    json_object_end(j);
}

void signals_report_write(struct json *j, const struct signals_report *r)
{
    json_object(j);
    json_kv_z(j, "protocol", "signals");
    json_kv_u64(j, "seed", r->seed);
    json_kv_double(j, "seconds", r->seconds, 4);
    json_kv_z(j, "published", r->published);
    json_kv_u64(j, "viewers", r->viewers);
    json_kv_u64(j, "titles", r->titles);
    json_kv_u64(j, "judged", r->judged);
    json_kv_double(j, "positive", r->positive, 6);
    if (r->cut_ms)
        json_kv_i64(j, "cut_ms", r->cut_ms);
    model(j, "explicit", r, SIGNAL_EXPLICIT);
    model(j, "implicit", r, SIGNAL_IMPLICIT);
    model(j, "both", r, r->both);
    report_interval(j, "auc_liked", &r->auc[SIGNAL_EXPLICIT]);
    json_key(j, STR("differences"));
    json_object(j);
    report_interval(j, "both_minus_implicit", &r->both_minus_implicit);
    report_interval(j, "implicit_minus_explicit", &r->implicit_minus_explicit);
    report_interval(j, "both_minus_explicit", &r->both_minus_explicit);
    if (r->has_completion)
        report_interval(j, "implicit_minus_completion", &r->implicit_minus_completion);
    json_object_end(j);
    model(j, "popularity", r, SIGNAL_POPULARITY);
    model(j, "weighted", r, SIGNAL_WEIGHTED);
    model(j, "blend", r, SIGNAL_BLEND);
    if (r->has_completion)
        model(j, "completion", r, SIGNAL_COMPLETION);
    json_kv_z(j, "settings", r->settings);
    json_object_end(j);
}
