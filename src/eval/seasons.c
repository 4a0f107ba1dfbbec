#include "eval/seasons.h"

#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/intern.h"
#include "eval/report.h"

enum { PREDICTIONS_MAX = 64 << 20 };

void seasons_half_name(const struct watched_half *h, char to[8])
{
    int64_t year;
    unsigned month;
    unsigned day;
    struct buf b;
    time_civil_from_days(h->first_day, &year, &month, &day);
    buf_over(&b, to, 8);
    buf_printf(&b, "%04uH%u", (unsigned)(year % 10000), month < 7 ? 1U : 2U);
    to[b.n < 7 ? b.n : 7] = '\0';
}

/* protocol, half-year, show, season, P10, P50, P90, last season's ratio, actual: hours. */
static void add_predictions(const struct watch_history *h, enum season_protocol p,
                            const struct season_said *said, uint32_t n, struct buf *out)
{
    for (uint32_t i = 0; i < n; i++) {
        const struct watched_title *t = &h->titles[said[i].sample.title];
        const struct forecast_outcome *o = &said[i].forecast;
        struct str name = intern_name(h->shows, t->show);
        char half[8];
        seasons_half_name(&h->halves[said[i].sample.half], half);
        buf_printf(out, "%s\t%s\t%.*s\t%u\t%.0f\t%.0f\t%.0f\t%.0f\t%.0f\n", season_protocol_name(p),
                   half, STR_ARG(name), t->season, exp(o->p10), exp(o->p50), exp(o->p90),
                   exp(said[i].ratio), exp(o->actual));
    }
}

static int run(const struct seasons_options *o, const struct watch_history *h, struct buf *out,
               struct seasons_report *r, struct mq_error *err)
{
    for (int p = 0; p < SEASON_PROTOCOLS; p++) {
        struct season_said *said = NULL;
        enum season_protocol protocol = (enum season_protocol)p;
        int rc = season_backtest(h, protocol, o->seed, &r->figures[p], &said, err);
        if (rc)
            return rc;
        add_predictions(h, protocol, said, r->figures[p].titles, out);
        free(said);
    }
    int rc = weekly_decay_backtest(h, o->seed, &r->weeks_there, &r->weeks, err);
    if (rc || !o->predictions)
        return rc;
    if (out->failed)
        return mq_fail(err, MQ_NO_MEMORY, "predictions: no memory");
    return file_write(o->predictions, buf_str(out), 0644, err);
}

int evaluate_seasons(const struct seasons_options *o, struct seasons_report *ret,
                     struct mq_error *err)
{
    struct seasons_report *r = calloc(1, sizeof(*r));
    int64_t began = clock_mono_ns();
    struct watch_history h;
    struct buf out;
    if (!r)
        return mq_fail(err, MQ_NO_MEMORY, "seasons: no memory");
    int rc = watch_history_init(&h, err);
    if (rc) {
        free(r);
        return rc;
    }
    buf_init(&out, PREDICTIONS_MAX);
    buf_add_z(&out, "protocol\thalf\tshow\tseason\tp10\tp50\tp90\tlast_season_ratio\tactual\n");
    rc = watch_folder_read(o->dir, &h, &r->read, err);
    for (uint32_t t = 0; rc == 0 && t < h.n_titles; t++) {
        bool season = h.titles[t].season > 0;
        r->seasons += season;
        r->shows += season && (t == 0 || h.titles[t - 1].show != h.titles[t].show ||
                               h.titles[t - 1].season == 0);
    }
    if (rc == 0)
        rc = run(o, &h, &out, r, err);
    r->seed = o->seed;
    for (uint32_t i = 0; i < h.n_halves; i++)
        r->halves[i] = h.halves[i];
    r->seconds = (double)(clock_mono_ns() - began) * 1e-9;
    buf_release(&out);
    watch_history_release(&h);
    if (rc == 0)
        *ret = *r;
    free(r);
    return rc;
}

/* ------------------------------------------------------------------ as JSON */

static void write_metrics(struct json *j, const char *name, const struct forecast_metrics *m)
{
    json_key(j, str_of(name));
    json_object(j);
    json_kv_double(j, "spearman", m->spearman, 6);
    json_kv_double(j, "mdape", m->mdape, 6);
    json_kv_double(j, "rmsle", m->rmsle, 6);
    json_kv_double(j, "within_2x", m->within_2x, 6);
    json_kv_double(j, "coverage", m->coverage, 6);
    json_kv_double(j, "pinball", m->pinball, 6);
    json_key(j, STR("coverage_by_tercile"));
    json_array(j);
    for (int i = 0; i < 3; i++)
        json_double(j, m->coverage_by_third[i], 6);
    json_array_end(j);
    json_object_end(j);
}

static void write_splits(struct json *j, const struct seasons_report *r,
                         const struct season_figures *f)
{
    json_key(j, STR("splits"));
    json_array(j);
    for (uint32_t i = 0; i < f->splits; i++) {
        const struct season_split *s = &f->split[i];
        char half[8];
        json_object(j);
        if (s->half >= 0) {
            seasons_half_name(&r->halves[s->half], half);
            json_kv_z(j, "half", half);
        }
        json_kv_u64(j, "learnt_from", s->train);
        json_kv_u64(j, "judged", s->test);
        json_kv_double(j, "within_2x", s->within_2x, 6);
        json_kv_double(j, "decay_tau_days", s->choice.decay.tau, 6);
        json_kv_double(j, "decay_beta", s->choice.decay.beta, 6);
        json_kv_double(j, "penalty", s->choice.penalty, 6);
        json_kv_bool(j, "weekly_lists", s->choice.weekly);
        json_object_end(j);
    }
    json_array_end(j);
}

static void write_horizon(struct json *j, unsigned weeks, const struct weekly_horizon *v)
{
    json_object(j);
    json_kv_u64(j, "weeks_ahead", weeks);
    json_kv_u64(j, "learnt_from", v->learnt_from);
    json_kv_u64(j, "judged", v->judged);
    json_kv_u64(j, "titles", v->titles);
    for (int k = 0; k < WEEKLY_RIVALS; k++) {
        const struct forecast_metrics *m = &v->rival[k];
        json_key(j, str_of(weekly_rival_name((enum weekly_rival)k)));
        json_object(j);
        json_kv_double(j, "mae_log", v->error[k], 6);
        json_kv_double(j, "mdape", m->mdape, 6);
        json_kv_double(j, "within_2x", m->within_2x, 6);
        json_kv_double(j, "coverage", m->coverage, 6);
        json_kv_double(j, "pinball", m->pinball, 6);
        if (k != WEEKLY_FORECAST)
            report_interval_object(j, "forecast_better_by", &v->gain[k]);
        else
            for (int side = 0; side < 2; side++)
                json_kv_double(j, side ? "widened_above" : "widened_below", v->widened[side], 4);
        json_object_end(j);
    }
    json_object_end(j);
}

/* null when there are too few lists. */
static void write_weeks(struct json *j, const struct seasons_report *r)
{
    json_key(j, STR("weekly_decay"));
    if (!r->weeks_there) {
        json_null(j);
        return;
    }
    json_object(j);
    json_kv_u64(j, "runs", r->weeks.runs);
    json_kv_time(j, "cut", (int64_t)r->weeks.cut_day * 86400000);
    for (int p = 0; p < WEEKLY_PROTOCOLS; p++) {
        json_key(j, str_of(weekly_protocol_name((enum weekly_protocol)p)));
        json_array(j);
        for (unsigned k = 0; k < WEEKLY_HORIZONS; k++)
            write_horizon(j, k + 1, &r->weeks.horizon[p][k]);
        json_array_end(j);
    }
    json_object_end(j);
}

void seasons_write(struct json *j, const struct seasons_report *r)
{
    json_object(j);
    json_kv_z(j, "protocol", "seasons");
    json_kv_u64(j, "seed", r->seed);
    json_kv_double(j, "seconds", r->seconds, 4);
    json_kv_u64(j, "halves", r->read.halves);
    json_kv_u64(j, "rows", r->read.rows);
    json_kv_u64(j, "rejected", r->read.rejected);
    json_kv_u64(j, "seasons", r->seasons);
    json_kv_u64(j, "shows", r->shows);
    for (int p = 0; p < SEASON_PROTOCOLS; p++) {
        const struct season_figures *f = &r->figures[p];
        json_key(j, str_of(season_protocol_name((enum season_protocol)p)));
        json_object(j);
        json_kv_u64(j, "titles", f->titles);
        json_kv_u64(j, "shows", f->shows);
        json_kv_u64(j, "launch_known", f->launch_known);
        write_metrics(j, "forecast", &f->rival[SEASON_FORECAST]);
        report_interval_object(j, "within_2x", &f->within_2x);
        report_interval_object(j, "gain_over_last_season_ratio", &f->gain);
        report_interval_object(j, "gain_over_last_launch", &f->gain_launch);
        json_key(j, STR("baselines"));
        json_object(j);
        write_metrics(j, "last_season_ratio", &f->rival[SEASON_LAST_RATIO]);
        write_metrics(j, "last_launch", &f->rival[SEASON_LAST_LAUNCH]);
        json_object_end(j);
        json_key(j, STR("controls"));
        json_object(j);
        write_metrics(j, "no_weekly_lists", &f->rival[SEASON_NO_WEEKLY]);
        write_metrics(j, "permuted_seasons", &f->rival[SEASON_PERMUTED]);
        json_object_end(j);
        write_splits(j, r, f);
        json_object_end(j);
    }
    write_weeks(j, r);
    json_object_end(j);
}
