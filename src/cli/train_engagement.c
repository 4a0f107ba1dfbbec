#include "cli/train_engagement.h"

#include <stdio.h>

#include "base/json_writer.h"
#include "cli/print.h"
#include "cli/target.h"
#include "engine/engagement_fitting.h"
#include "eval/report.h"

static void print_weight(const struct engagement_fitted *f, int k)
{
    const struct engagement_fit *fit = &f->fit;
    printf("  %-10s", engagement_weight_name((enum engagement_weight)k));
    if (fit->used[k] < ENGAGEMENT_USED_LEAST)
        printf("       -  too rare          ");
    else
        printf(" %+7.3f  [%+.3f, %+.3f]  ", fit->weight[k], fit->interval[k].low,
               fit->interval[k].high);
    printf("%8llu", (unsigned long long)fit->used[k]);
    if (f->has_before)
        printf("   %+7.3f", f->before.weights.weight[k]);
    putchar('\n');
}

static void print_comparison(const struct engagement_fit *fit, int p)
{
    const struct engagement_comparison *c = &fit->compared[p];
    printf("  %-6s %8zu", engagement_pairs_name((enum engagement_pairs)p), c->right[0].n);
    if (c->right[0].n == 0) {
        printf("  no such pair\n");
        return;
    }
    for (int s = 0; s < ENGAGEMENT_SCORERS; s++)
        printf("  %10.3f", c->right[s].mean);
    printf("   %+.3f [%+.3f, %+.3f]  %+.3f [%+.3f, %+.3f]\n", c->over_completion.mean,
           c->over_completion.low, c->over_completion.high, c->over_defaults.mean,
           c->over_defaults.low, c->over_defaults.high);
}

static void print_text(const struct engagement_fitted *f)
{
    const struct engagement_fit *fit = &f->fit;
    printf("engagement: %llu viewings, %llu rated afterwards, %u viewers who graded titles "
           "differently\n",
           (unsigned long long)fit->viewings, (unsigned long long)fit->rated, fit->viewers);
    printf("left out: %llu viewings younger than %d days, %llu of unknown runtime",
           (unsigned long long)f->young, ENGAGEMENT_MATURE_DAYS,
           (unsigned long long)f->unknown_runtime);
    if (f->too_many)
        printf(", %llu viewers past the maximum", (unsigned long long)f->too_many);
    printf("; chance to be rated %.3f to %.3f, weighted out\n\n", fit->propensity_low,
           fit->propensity_high);
    printf("  signal      weight  interval of 95 %%  viewings%s\n",
           f->has_before ? "    before" : "");
    for (int k = 0; k < ENGAGEMENT_WEIGHTS; k++)
        print_weight(f, k);
    printf("\nOf two titles that a held-out viewer graded differently, the better liked one is "
           "above (short: up to %u minutes):\n",
           fit->short_min);
    printf("  titles  viewers  completion    defaults      fitted   fitted - completion"
           "      fitted - defaults\n");
    for (int p = 0; p < ENGAGEMENT_PAIR_KINDS; p++)
        print_comparison(fit, p);
    if (f->damaged)
        printf("\nThe weights kept until now were damaged and are replaced.\n");
    printf("\nOn held-out viewers the fit %s as the default rules. Kept in the data folder "
           "(engagement); pages, audiences and trainings use %s from now on.\n",
           fit->no_worse ? "does at least as well (to one pair in a hundred)"
                         : "is not shown to do as well",
           fit->no_worse ? "these weights" : "the default rules");
}

static void write_weights(struct json *j, const struct engagement_fitted *f)
{
    json_key(j, STR("weights"));
    json_array(j);
    for (int k = 0; k < ENGAGEMENT_WEIGHTS; k++) {
        json_object(j);
        json_kv_z(j, "signal", engagement_weight_name((enum engagement_weight)k));
        json_kv_double(j, "weight", f->fit.weight[k], 6);
        json_kv_double(j, "low", f->fit.interval[k].low, 6);
        json_kv_double(j, "high", f->fit.interval[k].high, 6);
        json_kv_u64(j, "rated_viewings", f->fit.used[k]);
        json_kv_bool(j, "too_rare", f->fit.used[k] < ENGAGEMENT_USED_LEAST);
        if (f->has_before)
            json_kv_double(j, "before", f->before.weights.weight[k], 6);
        json_object_end(j);
    }
    json_array_end(j);
}

static void write_comparisons(struct json *j, const struct engagement_fit *fit)
{
    json_key(j, STR("compared"));
    json_array(j);
    for (int p = 0; p < ENGAGEMENT_PAIR_KINDS; p++) {
        const struct engagement_comparison *c = &fit->compared[p];
        json_object(j);
        json_kv_z(j, "titles", engagement_pairs_name((enum engagement_pairs)p));
        json_kv_u64(j, "viewers", c->right[0].n);
        for (int s = 0; s < ENGAGEMENT_SCORERS; s++)
            report_interval_object(j, engagement_scorer_name((enum engagement_scorer)s),
                                   &c->right[s]);
        report_interval_object(j, "fitted_minus_completion", &c->over_completion);
        report_interval_object(j, "fitted_minus_defaults", &c->over_defaults);
        json_object_end(j);
    }
    json_array_end(j);
}

static void print_json(const struct engagement_fitted *f)
{
    struct buf b;
    struct json j;
    buf_init(&b, 1 << 16);
    json_init(&j, &b);
    json_object(&j);
    json_kv_z(&j, "trained", "engagement");
    json_kv_u64(&j, "viewings", f->fit.viewings);
    json_kv_u64(&j, "rated", f->fit.rated);
    json_kv_u64(&j, "viewers", f->fit.viewers);
    json_kv_u64(&j, "young", f->young);
    json_kv_u64(&j, "unknown_runtime", f->unknown_runtime);
    json_kv_u64(&j, "viewers_left_out", f->too_many);
    json_kv_double(&j, "propensity_low", f->fit.propensity_low, 6);
    json_kv_double(&j, "propensity_high", f->fit.propensity_high, 6);
    json_kv_u64(&j, "short_minutes", f->fit.short_min);
    write_weights(&j, f);
    write_comparisons(&j, &f->fit);
    json_kv_bool(&j, "no_worse_than_defaults", f->fit.no_worse);
    json_kv_bool(&j, "replaced_damaged", f->damaged);
    json_kv_double(&j, "offset", f->fit.serving.offset, 6);
    json_kv_double(&j, "scale", f->fit.serving.scale, 6);
    json_kv_z(&j, "serving", f->fit.no_worse ? "fitted" : "defaults");
    json_kv_u64(&j, "log_position", f->log_seq);
    json_object_end(&j);
    printf("%.*s\n", (int)b.n, b.p);
    buf_release(&b);
}

int train_engagement(const struct args *a)
{
    static const char *const none[] = {"rank", "epochs", "regularisation", "unobserved",
                                       "rollback"};
    struct engagement_fitted fitted;
    struct progress progress;
    struct target t;
    struct mq_error err;
    uint64_t seed = 1;
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        if (args_has(a, none[i]))
            return cli_usage(a, "--%s: does not go with --only engagement", none[i]);
    if (!args_unsigned(a, "seed", UINT64_MAX, &seed))
        return EXIT_USAGE;
    if (target_open(a->data, false, &t, &err) != 0)
        return cli_error(&err);
    int rc;
    if (target_is_server(&t)) {
        rc = mq_fail(&err, MQ_CONFLICT,
                     "data folder %s: a server has it open: stop it, or fit on a backup restored "
                     "elsewhere",
                     a->data);
    } else {
        progress_begin(&progress);
        rc = engine_fit_engagement(t.engine, seed, progress_show, &progress, &fitted, &err);
        progress_end(&progress);
    }
    target_close(&t);
    if (rc)
        return cli_error(&err);
    if (a->json)
        print_json(&fitted);
    else
        print_text(&fitted);
    return EXIT_DONE;
}
