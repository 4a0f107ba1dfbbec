#include "eval/report.h"

#include <math.h>
#include <stdio.h>

int report_add(struct report_metric *list, size_t *n, const char *name, const double *values,
               const double *popularity, size_t n_viewers, uint64_t seed, struct mq_error *err)
{
    struct report_metric *m = &list[*n];
    m->name = name;
    m->gain = (struct interval){NAN, NAN, NAN, 0};
    int rc = bootstrap_paired(values, NULL, n_viewers, seed, &m->value, err);
    if (rc == 0 && popularity)
        rc = bootstrap_paired(values, popularity, n_viewers, seed, &m->gain, err);
    if (rc == 0)
        (*n)++;
    return rc;
}

static void number(struct json *j, const char *name, const char *suffix, double v)
{
    char key[64];
    snprintf(key, sizeof(key), "%s%s", name, suffix);
    if (isnan(v))
        json_kv_null(j, key);
    else
        json_kv_double(j, key, v, 6);
}

static void metrics(struct json *j, const struct report_metric *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        number(j, list[i].name, "", list[i].value.mean);
        number(j, list[i].name, "_low", list[i].value.low);
        number(j, list[i].name, "_high", list[i].value.high);
    }
}

static void gains(struct json *j, const struct report_metric *list, size_t n)
{
    if (n == 0 || isnan(list[0].gain.mean))
        return;
    json_key(j, STR("minus_popularity"));
    json_object(j);
    for (size_t i = 0; i < n; i++) {
        number(j, list[i].name, "", list[i].gain.mean);
        number(j, list[i].name, "_low", list[i].gain.low);
        number(j, list[i].name, "_high", list[i].gain.high);
    }
    json_object_end(j);
}

static void model(struct json *j, const char *protocol, const struct report_model *m)
{
    bool one_out = str_eq(str_of(protocol), STR("leave-one-out"));
    json_key(j, str_of(m->name));
    json_object(j);
    if (one_out) {
        json_key(j, STR("full"));
        json_object(j);
        metrics(j, m->metric, m->n_metrics);
        gains(j, m->metric, m->n_metrics);
        json_object_end(j);
        if (m->n_sampled > 0) {
            json_key(j, STR("sampled"));
            json_object(j);
            metrics(j, m->sampled, m->n_sampled);
            gains(j, m->sampled, m->n_sampled);
            json_object_end(j);
        }
    } else {
        metrics(j, m->metric, m->n_metrics);
        gains(j, m->metric, m->n_metrics);
    }
    if (m->settings[0])
        json_kv_z(j, "settings", m->settings);
    json_object_end(j);
}

void report_write(struct json *j, const struct eval_report *r)
{
    json_object(j);
    json_kv_z(j, "protocol", r->protocol);
    json_kv_u64(j, "seed", r->seed);
    json_kv_double(j, "seconds", r->seconds, 4);
    json_kv_z(j, "published", r->published);
    json_kv_u64(j, "viewers", r->viewers);
    json_kv_u64(j, "titles", r->titles);
    json_kv_u64(j, "judged", r->judged);
    json_key(j, STR("models"));
    json_object(j);
    for (size_t i = 0; i < r->n_models; i++)
        model(j, r->protocol, &r->model[i]);
    json_object_end(j);
    json_object_end(j);
}
