#include "eval/report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Sums by viewer: ret (viewers) of values, how many there are of each in count. Returns the viewers. */
static size_t by_viewer(const struct report_sample *s, const double *values, double *ret,
                        double *count)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (i == 0 || s->questions[i].viewer != s->questions[i - 1].viewer) {
            ret[n] = 0;
            count[n++] = 0;
        }
        ret[n - 1] += values[i];
        count[n - 1] += 1;
    }
    return n;
}

int report_add(struct report_metric *list, size_t *n, const char *name,
               const struct report_sample *s, uint64_t seed, struct mq_error *err)
{
    struct report_metric *m = &list[*n];
    double *sums = malloc((3 * s->n + 1) * sizeof(*sums));
    double *other = sums ? sums + s->n : NULL;
    double *count = sums ? sums + 2 * s->n : NULL;
    if (!sums)
        return mq_fail(err, MQ_NO_MEMORY, "report: %zu questions: no memory", s->n);
    m->name = name;
    m->gain = m->over_second = (struct interval){NAN, NAN, NAN, 0};
    size_t viewers = by_viewer(s, s->values, sums, count);
    int rc = bootstrap_ratio(sums, NULL, count, viewers, false, seed, &m->value, err);
    if (rc == 0 && s->popularity) {
        by_viewer(s, s->popularity, other, count);
        rc = bootstrap_ratio(sums, other, count, viewers, false, seed, &m->gain, err);
    }
    if (rc == 0 && s->second) {
        by_viewer(s, s->second, other, count);
        rc = bootstrap_ratio(sums, other, count, viewers, false, seed, &m->over_second, err);
    }
    if (rc == 0)
        (*n)++;
    free(sums);
    return rc;
}

void report_number(struct json *j, const char *key, const char *suffix, double v)
{
    char name[64];
    snprintf(name, sizeof(name), "%s%s", key, suffix);
    json_kv_double(j, name, v, 6);
}

void report_interval(struct json *j, const char *key, const struct interval *v)
{
    report_number(j, key, "", v->mean);
    report_number(j, key, "_low", v->low);
    report_number(j, key, "_high", v->high);
}

void report_interval_object(struct json *j, const char *key, const struct interval *v)
{
    json_key(j, str_of(key));
    json_object(j);
    json_kv_double(j, "mean", v->mean, 6);
    json_kv_double(j, "low", v->low, 6);
    json_kv_double(j, "high", v->high, 6);
    json_object_end(j);
}

static void metrics(struct json *j, const struct report_metric *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        report_interval(j, list[i].name, &list[i].value);
}

static void gains(struct json *j, const char *second, const struct report_metric *list, size_t n)
{
    if (n == 0 || isnan(list[0].gain.mean))
        return;
    json_key(j, STR("minus_popularity"));
    json_object(j);
    for (size_t i = 0; i < n; i++)
        report_interval(j, list[i].name, &list[i].gain);
    json_object_end(j);
    if (isnan(list[0].over_second.mean))
        return;
    char key[64];
    snprintf(key, sizeof(key), "minus_%s", second ? second : "item_knn");
    json_key(j, str_of(key));
    json_object(j);
    for (size_t i = 0; i < n; i++)
        report_interval(j, list[i].name, &list[i].over_second);
    json_object_end(j);
}

static void model(struct json *j, const struct eval_report *r, const struct report_model *m)
{
    bool one_out = str_eq(str_of(r->protocol), STR("leave-one-out"));
    json_key(j, str_of(m->name));
    json_object(j);
    if (one_out) {
        json_key(j, STR("full"));
        json_object(j);
        metrics(j, m->metric, m->n_metrics);
        gains(j, r->second, m->metric, m->n_metrics);
        json_object_end(j);
        if (m->n_sampled > 0) {
            json_key(j, STR("sampled"));
            json_object(j);
            metrics(j, m->sampled, m->n_sampled);
            gains(j, r->second, m->sampled, m->n_sampled);
            json_object_end(j);
        }
    } else {
        metrics(j, m->metric, m->n_metrics);
        gains(j, r->second, m->metric, m->n_metrics);
    }
    if (!str_eq(str_of(r->protocol), STR("ratings"))) {
        report_number(j, "coverage", "", m->spread.coverage);
        report_number(j, "gini", "", m->spread.gini);
        report_number(j, "tail_recall@20", "", m->spread.tail_recall20);
    }
    for (size_t i = 0; i < m->n_facts; i++)
        report_number(j, m->fact[i].name, "", m->fact[i].value);
    if (m->settings[0])
        json_kv_z(j, "settings", m->settings);
    json_object_end(j);
}

static void events(struct json *j, const struct report_events *e)
{
    json_kv_u64(j, "events", e->events);
    json_kv_u64(j, "few_before", e->few);
    json_kv_u64(j, "seen_before", e->seen);
    json_kv_u64(j, "within_gap", e->no_gap);
    json_kv_i64(j, "cut_ms", e->cut_ms);
    json_kv_i64(j, "gap_ms", e->gap_ms);
}

void report_write(struct json *j, const struct eval_report *r)
{
    json_object(j);
    json_kv_z(j, "protocol", r->protocol);
    json_kv_u64(j, "seed", r->seed);
    json_kv_double(j, "seconds", r->seconds, 4);
    json_kv_z(j, "published", r->published);
    if (r->published_sampled)
        json_kv_z(j, "published_sampled", r->published_sampled);
    json_kv_bool(j, "search_complete", r->complete);
    if (r->events.events > 0)
        events(j, &r->events);
    json_kv_u64(j, "viewers", r->viewers);
    json_kv_u64(j, "titles", r->titles);
    json_kv_u64(j, "judged", r->judged);
    json_key(j, STR("models"));
    json_object(j);
    for (size_t i = 0; i < r->n_models; i++)
        model(j, r, &r->model[i]);
    json_object_end(j);
    json_object_end(j);
}
