#include "cli/strategy_seasons.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "eval/seasons.h"

enum { REPORT_BYTES = 1 << 20 };

static void print_figure(double v)
{
    if (isnan(v))
        printf(" %9s", "-");
    else
        printf(" %9.4f", v);
}

/* "last_launch" -> "last launch". */
static void spaced(const char *name, char *to, size_t size)
{
    snprintf(to, size, "%s", name);
    for (char *p = to; *p; p++)
        *p = *p == '_' ? ' ' : *p;
}

static void print_rival(enum season_rival k, const struct forecast_metrics *m)
{
    const double v[] = {m->spearman, m->mdape, m->rmsle, m->within_2x, m->coverage, m->pinball};
    char name[32];
    spaced(season_rival_name(k), name, sizeof(name));
    printf("%-18s", name);
    for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++)
        print_figure(v[i]);
    putchar('\n');
}

static void print_protocol(const struct seasons_report *r, enum season_protocol p)
{
    static const char *const what[SEASON_PROTOCOLS] = {
        "Rolling: each half-year's returning seasons, learnt from the half-years before it",
        "Show holdout: five folds of shows, learnt from the other shows of all half-years"};
    const struct season_figures *f = &r->figures[p];
    const struct forecast_metrics *m = &f->rival[SEASON_FORECAST];
    printf("\n%s (%u seasons of %u shows)\n", what[p], f->titles, f->shows);
    printf("%-18s %9s %9s %9s %9s %9s %9s\n", "", "spearman", "mdape", "rmsle", "within_2x",
           "coverage", "pinball");
    for (int k = 0; k < SEASON_RIVALS; k++)
        print_rival((enum season_rival)k, &f->rival[k]);
    printf("within_2x %.3f [%.3f, %.3f]; over the last season's ratio %+.3f [%+.3f, %+.3f], over "
           "its launch %+.3f [%+.3f, %+.3f]\n",
           f->within_2x.mean, f->within_2x.low, f->within_2x.high, f->gain.mean, f->gain.low,
           f->gain.high, f->gain_launch.mean, f->gain_launch.low, f->gain_launch.high);
    printf("coverage of the lowest, middle and highest third: %.1f, %.1f, %.1f %%; launch of the "
           "season before known for %u\n",
           100 * m->coverage_by_third[0], 100 * m->coverage_by_third[1],
           100 * m->coverage_by_third[2], f->launch_known);
    for (uint32_t i = 0; p == SEASON_ROLLING && i < f->splits; i++) {
        const struct season_split *s = &f->split[i];
        char half[8];
        seasons_half_name(&r->halves[s->half], half);
        printf("  %s: %u from %u, within_2x %.3f (decay tau %g days, beta %g; penalty %g; weekly "
               "lists %s)\n",
               half, s->test, s->train, s->within_2x, s->choice.decay.tau, s->choice.decay.beta,
               s->choice.penalty, s->choice.weekly ? "used" : "left out");
    }
}

static void print_horizon(unsigned weeks, const struct weekly_horizon *v)
{
    printf("%u week%s ahead: %u weeks of %u titles judged\n", weeks, weeks > 1 ? "s" : "",
           v->judged, v->titles);
    for (int k = 0; k < WEEKLY_RIVALS; k++) {
        const struct forecast_metrics *m = &v->rival[k];
        char name[32];
        spaced(weekly_rival_name((enum weekly_rival)k), name, sizeof(name));
        printf("  %-18s %9.4f %9.4f %9.4f %9.4f %9.4f", name, v->error[k], m->mdape, m->within_2x,
               m->coverage, m->pinball);
        if (k != WEEKLY_FORECAST)
            printf("  %+.4f [%+.4f, %+.4f]", v->gain[k].mean, v->gain[k].low, v->gain[k].high);
        putchar('\n');
    }
}

static void print_weeks(const struct weekly_figures *w)
{
    static const char *const what[WEEKLY_PROTOCOLS] = {
        "held-out weeks (the last two fifths, learnt from what was known before)",
        "held-out titles (five folds)"};
    printf(
        "\nDecay on weekly top lists: a title's hours weeks later, while it stays on the list (%u "
        "runs)\n",
        w->runs);
    for (int p = 0; p < WEEKLY_PROTOCOLS; p++) {
        printf("\n%s\n  %-18s %9s %9s %9s %9s %9s  %s\n", what[p], "", "mae_log", "mdape",
               "within_2x", "coverage", "pinball", "error above the forecast's");
        for (unsigned k = 0; k < WEEKLY_HORIZONS; k += WEEKLY_HORIZONS - 1)
            print_horizon(k + 1, &w->horizon[p][k]);
    }
}

static void print_report(const struct seasons_report *r)
{
    printf("seasons: %u half-years, %llu rows (%llu rejected), %u seasons of %u shows, seed %llu, "
           "%.1f s\n",
           r->read.halves, (unsigned long long)r->read.rows, (unsigned long long)r->read.rejected,
           r->seasons, r->shows, (unsigned long long)r->seed, r->seconds);
    printf(
        "Hours of a season in the half-year in which it comes out, from what was known when that "
        "half-year began.\n");
    for (int p = 0; p < SEASON_PROTOCOLS; p++)
        print_protocol(r, (enum season_protocol)p);
    if (r->weeks_there)
        print_weeks(&r->weeks);
    else
        printf("\nDecay on weekly top lists: too few lists to judge.\n");
}

int run_seasons(const struct args *a)
{
    struct seasons_options o = {
        .dir = args_get(a, "netflix"), .predictions = args_get(a, "predictions"), .seed = 1};
    struct mq_error err;
    if (!args_unsigned(a, "seed", UINT64_MAX, &o.seed))
        return EXIT_USAGE;
    if (!o.dir)
        return cli_usage(a, "seasons: give --netflix DIR, a folder of half-year reports");
    struct seasons_report *r = calloc(1, sizeof(*r));
    int rc = r ? evaluate_seasons(&o, r, &err) : mq_fail(&err, MQ_NO_MEMORY, "seasons: no memory");
    for (uint64_t i = 0; rc == 0 && i < r->read.rejected && i < WATCH_BAD_SHOWN; i++)
        fprintf(stderr, "marquee: %s\n", r->read.bad[i]);
    if (rc == 0 && a->json) {
        struct buf out;
        struct json j;
        buf_init(&out, REPORT_BYTES);
        json_init(&j, &out);
        seasons_write(&j, r);
        printf("%.*s\n", (int)out.n, out.p);
        buf_release(&out);
    } else if (rc == 0) {
        print_report(r);
    }
    free(r);
    return rc ? cli_error(&err) : EXIT_DONE;
}
