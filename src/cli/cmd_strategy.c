#include <math.h>
#include <stdio.h>

#include "base/file.h"
#include "base/json_writer.h"
#include "cli/campaign_questions.h"
#include "cli/command.h"
#include "cli/page_file.h"
#include "cli/print.h"
#include "cli/strategy_questions.h"
#include "cli/strategy_retro.h"
#include "cli/strategy_seasons.h"
#include "cli/target.h"
#include "http/render.h"

enum { CONCEPT_MAX = 1 << 20 };

static const struct option_spec options[] = {
    {"protocol", "P", "backtest: title-holdout (default) or rolling-year"},
    {"seed", "N", "of folds, trees and factors (default 1)"},
    {"threads", "N", "default one per core"},
    {"netflix", "DIR", "seasons: a folder of half-year reports and weekly lists"},
    {"predictions", "FILE", "seasons: write what was said of each season, and what came"},
    {"from", "DATE", "retro-test: first day on which opportunities are found"},
    {"to", "DATE", "retro-test: the last one"},
    {"window", "DAYS", "retro-test: titles that come out so long after it (default 1826)"},
    {"every", "DAYS", "retro-test: from day to day (default a fifth of the window)"},
    {"no-controls", NULL, "backtest: leave the controls out, a third of the time"},
    {"as-of", "TIME", "from what was known by then"},
    {"n", "N", "opportunities: how many are listed (default 10; retro-test: 100)"},
    {"supply", "N", "opportunities: titles that may have all of it already (default 1)"},
    {"shuffles", "N", "opportunities: worlds of chance to compare with (default 5)"},
    {"no-forecast", NULL, "opportunities: leave the forecasts out"},
    {"store", NULL, "opportunities: keep each as a dated dossier"},
    {"html", "FILE", "forecast, opportunities, slate, backtest, campaign read: also as a page"},
    {"at", "TIME", "pitch: when it was pitched (default now)"},
    {"strata", "N", "compare within N strata of activity (default 50)"},
    CAMPAIGN_OPTIONS,
    {"research", NULL, "public data: exact counts, no floor; the answer is marked"},
    {NULL, NULL, NULL},
};

static void print_number(double v)
{
    if (isnan(v))
        printf(" %9s", "-");
    else
        printf(" %9.4f", v);
}

static void print_metrics(const char *name, const struct mq_forecast_metrics *m)
{
    const double v[] = {m->spearman, m->mdape,   m->rmsle, m->within_2x,
                        m->coverage, m->pinball, m->auc,   m->auc_within_activity};
    printf("%-18s", name);
    for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++)
        print_number(v[i]);
    putchar('\n');
}

static void print_table(const struct mq_backtest *b)
{
    static const char *const thirds[] = {"lowest third", "middle third", "highest third"};
    printf("%s: %llu titles in %llu splits, %llu viewers, seed %llu, %.1f s\n\n", b->protocol,
           (unsigned long long)b->titles, (unsigned long long)b->splits,
           (unsigned long long)b->viewers, (unsigned long long)b->seed, b->seconds);
    printf("%-18s %9s %9s %9s %9s %9s %9s %9s %9s\n", "", "spearman", "mdape", "rmsle", "within_2x",
           "coverage", "pinball", "auc", "auc_act");
    print_metrics("forecast", &b->forecast);
    print_metrics("genre median", &b->genre_median);
    print_metrics("director history", &b->director_history);
    print_metrics("comparables", &b->comparables);
    print_metrics("permuted credits", &b->permuted_credits);
    print_metrics("no credits", &b->no_credits);
    printf("\nCalibration of P10-P90 by size of the forecast (80 %% is right):\n");
    for (int i = 0; i < 3; i++)
        printf("  %-14s %5.1f %% within; what came was %.2f x the P50 in the middle\n", thirds[i],
               100 * b->forecast.coverage_by_third[i], exp(b->forecast.bias_by_third[i]));
    printf("auc_act: among viewers of one activity decile, over %llu titles with 20 viewers or "
           "more.\n",
           (unsigned long long)b->auc_titles);
}

static int run_backtest(const struct args *a, struct target *t, struct mq_error *err)
{
    struct mq_backtest_request q = {.protocol = args_get(a, "protocol")};
    struct mq_backtest b;
    struct progress progress;
    uint64_t threads = 0;
    if (!args_unsigned(a, "seed", UINT64_MAX, &q.seed) ||
        !args_unsigned(a, "threads", 64, &threads) || !args_time(a, "as-of", &q.as_of_ms))
        return EXIT_USAGE;
    if (target_is_server(t))
        return cli_usage(a, "backtest: a server has the folder open: stop it, or use a backup");
    q.threads = (unsigned)threads;
    q.no_controls = args_has(a, "no-controls");
    q.progress = progress_show;
    q.progress_ctx = &progress;
    progress_begin(&progress);
    int rc = mq_strategy_backtest(t->engine, &q, &b, err);
    progress_end(&progress);
    if (rc)
        return cli_error(err);
    struct buf out;
    struct json j;
    buf_init(&out, 1 << 20);
    json_init(&j, &out);
    render_backtest(&j, &b);
    if (a->json)
        printf("%.*s\n", (int)out.n, out.p);
    else
        print_table(&b);
    int code = page_file(a, "backtest", buf_str(&out));
    buf_release(&out);
    return code;
}

static void print_interval(const char *name, const struct mq_interval *v)
{
    enum { WIDE = 22 };
    bool alone =
        strlen(name) > WIDE; /* on a line of its own, so that figures stay in their columns */
    printf("%-*s%s", WIDE, name, alone ? "\n" : "");
    printf("%*s %12.0f %12.0f %12.0f\n", alone ? WIDE : 0, "", v->p10, v->p50, v->p90);
}

static void print_comparable(const struct mq_comparable *c)
{
    printf("  %s", c->name);
    if (c->year)
        printf(" (%d)", c->year);
    if (!isnan(c->viewers))
        printf(", %.0f viewers", c->viewers);
    for (size_t i = 0; i < c->n_ways; i++)
        printf("%s%s", i ? "; " : ": ", c->ways[i]);
    putchar('\n');
}

/* What the sizes of 28 and 90 days rest on. */
static void print_basis(const struct mq_forecast *f)
{
    const struct mq_launch *l = &f->launch;
    if (!l->known) {
        printf("Shares of 28 and 90 days: from %s", f->decay_basis);
        printf(f->launches ? " of %u titles.\n" : ".\n", f->launches);
        return;
    }
    printf("Of a launch, as the log has %u (%u of them not yet 28 days old), among %.0f viewers.\n",
           f->launches, l->too_young, l->viewers);
    if (l->promotion < 1)
        printf("With %.2g of a usual launch's place on pages (launch.promotion).\n", l->promotion);
    if (!isnan(l->placed))
        printf("A launch is put before each viewer %.2g times in 28 days, other titles %.2g "
               "times.\n",
               l->placed, l->placed_others);
    if (!isnan(l->inside))
        printf("Of those launches %.0f %% lie within P10 to P90 as the others give them.\n",
               100 * l->inside);
}

static void print_forecast(const struct mq_forecast *f)
{
    printf("Rests on %u titles that are like it.\n", f->support.titles);
    for (size_t i = 0; i < f->support.n_unknown; i++)
        printf("Nobody here knows %s.\n", f->support.unknown[i]);
    if (f->support.refused) {
        printf("No forecast: %s.\n", f->support.reason);
        return;
    }
    printf("\n%-22s %12s %12s %12s\n", "", "P10", "P50", "P90");
    print_interval("viewers, 28 days", &f->viewers_28d);
    print_interval("viewers, 90 days", &f->viewers_90d);
    print_interval("hours, 28 days", &f->hours_28d);
    print_interval("viewers, whole log", &f->viewers_all);
    print_basis(f);
    printf("Viewers are who comes; how many of them would like it is not forecast.\n");
    if (f->n_communities > 0)
        printf("\nViewers, 28 days, by community\n");
    for (size_t i = 0; i < f->n_communities; i++)
        print_interval(f->communities[i].name, &f->communities[i].viewers_28d);
    if (f->n_countries > 0)
        printf("\nViewers, 28 days, by country\n");
    for (size_t i = 0; i < f->n_countries; i++)
        print_interval(f->countries[i].country, &f->countries[i].viewers_28d);
    printf("\nLike\n");
    for (size_t i = 0; i < f->n_comparables; i++)
        print_comparable(&f->comparables[i]);
    printf("\nWhat the model attributes, times the viewers (80 %% of forests; no cause)\n");
    for (size_t i = 0; i < f->n_attribution; i++) {
        const struct mq_attribution *a = &f->attribution[i];
        printf("  x %.2f [%.2f, %.2f]  %s %s, against %s\n", a->factor, a->low, a->high, a->kind,
               a->element, a->against);
    }
    if (f->behind > 0)
        printf("\nFitted at place %llu of the log; %llu events and records came since.\n",
               (unsigned long long)f->log_seq, (unsigned long long)f->behind);
    if (!isnan(f->break_even))
        printf("\nChance that 90 days' hours reach the %.0f that pay for it: %.0f %%\n",
               f->break_even_hours, 100 * f->break_even);
}

static int forecast_folder(struct target *t, const struct args *a, struct str concept,
                           struct mq_error *err)
{
    struct mq_forecast_request q = {.concept = concept.p, .n = concept.n};
    struct mq_forecast f;
    struct progress progress;
    uint64_t threads = 0;
    if (!args_unsigned(a, "seed", UINT64_MAX, &q.seed) ||
        !args_unsigned(a, "threads", 64, &threads) || !args_time(a, "as-of", &q.as_of_ms))
        return EXIT_USAGE;
    q.threads = (unsigned)threads;
    q.progress = progress_show;
    q.progress_ctx = &progress;
    progress_begin(&progress);
    int rc = mq_strategy_forecast(t->engine, &q, &f, err);
    progress_end(&progress);
    if (rc)
        return cli_error(err);
    struct buf out;
    struct json j;
    buf_init(&out, 8 << 20);
    json_init(&j, &out);
    render_forecast(&j, &f);
    if (a->json)
        printf("%.*s\n", (int)out.n, out.p);
    else
        print_forecast(&f);
    int code = page_file(a, "forecast", buf_str(&out));
    buf_release(&out);
    mq_forecast_release(&f);
    return code;
}

static int run_forecast(const struct args *a, struct target *t, struct mq_error *err)
{
    struct buf concept;
    buf_init(&concept, CONCEPT_MAX);
    int rc = file_read(a->position[1], &concept, err);
    int code;
    if (rc) {
        code = cli_error(err);
    } else if (target_is_server(t)) {
        rc = target_call(t, API_POST, "/v1/strategy/forecast", buf_str(&concept), err);
        code = rc ? cli_error(err) : page_file(a, "forecast", buf_str(&t->reply));
        if (code == EXIT_DONE)
            code = print_fields(buf_str(&t->reply), a->json);
    } else {
        code = forecast_folder(t, a, buf_str(&concept), err);
    }
    buf_release(&concept);
    return code;
}

static const struct {
    const char *name;
    bool page; /* --html */
    size_t positions;
    int (*run)(const struct args *a, struct target *t, struct mq_error *err);
} verbs[] = {
    {"backtest", true, 1, run_backtest},
    {"forecast", true, 2, run_forecast},
    {"opportunities", true, 1, run_opportunities},
    {"pitch", false, 2, run_pitch},
    {"ledger", false, 1, run_ledger},
    {"retro-test", false, 1, run_retro_test},
    {"slate", true, 2, run_slate},
};

static int run(const struct args *a)
{
    if (a->n_positions == 1 && strcmp(a->position[0], "seasons") == 0)
        return run_seasons(a);
    if (a->n_positions > 0 && strcmp(a->position[0], "campaign") == 0)
        return campaign_run(a, 1);
    for (size_t i = 0; a->n_positions > 0 && i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        struct target t;
        struct mq_error err;
        if (strcmp(a->position[0], verbs[i].name) != 0)
            continue;
        if (a->n_positions != verbs[i].positions)
            return cli_usage(a, "%s: takes %zu words", verbs[i].name, verbs[i].positions);
        if (args_has(a, "html") && !verbs[i].page)
            return cli_usage(a,
                             "--html: %s has no page: forecast, opportunities, slate and "
                             "backtest have",
                             verbs[i].name);
        if (target_open(a->data, false, &t, &err) != 0)
            return cli_error(&err);
        int code = verbs[i].run(a, &t, &err);
        target_close(&t);
        return code;
    }
    return cli_usage(a,
                     "%s: give forecast, opportunities, pitch, ledger, slate, campaign, backtest "
                     "or seasons",
                     a->n_positions ? a->position[0] : "QUESTION");
}

const struct command cmd_strategy = {
    .name = "strategy",
    .summary = "what to make: forecasts of titles that do not exist yet",
    .positions = "QUESTION [FILE]",
    .details =
        "  forecast FILE  how many would watch this concept (JSON), like what, carried by what\n"
        "  opportunities  what nobody has made yet and many would watch\n"
        "  pitch FILE     the dossier that existed before this concept was pitched\n"
        "  slate FILE     which concepts, under a budget, reach the most distinct viewers\n"
        "  campaign ...   whom to put a title before: see marquee campaign --help\n"
        "  ledger         what dossiers promised, and what came\n"
        "  backtest       would the forecasts have been right? With baselines and controls\n"
        "  retro-test     would opportunities found earlier have succeeded? With a control\n"
        "  seasons        season n+1 from season n, judged on public half-year reports\n"
        "An audience is the distinct viewers with a viewing or a rating.",
    .example = "  marquee strategy forecast concept.json\n"
               "  marquee strategy backtest --protocol title-holdout --json\n"
               "  marquee strategy forecast concept.json --html meeting.html\n"
               "  marquee strategy seasons --netflix reports/",
    .options = options,
    .run = run,
};
