#include <math.h>
#include <stdio.h>

#include "cli/evaluate_more.h"
#include "cli/print.h"
#include "eval/context_gain.h"

static void print_figures(const char *name, const char *part, const struct context_figures *f)
{
    if (isnan(f->gain.mean))
        return;
    printf("%-14s %-7s %6zu  %8.4f %8.4f   %+.4f [%+.4f, %+.4f]   %+.4f\n", name, part, f->cases,
           f->value[WITHOUT], f->value[WITH], f->gain.mean, f->gain.low, f->gain.high,
           f->shuffled_gain.mean);
}

static void print_part(const char *name, const struct context_part *p)
{
    print_figures(name, "", &p->all);
    print_figures(name, "seen", &p->seen);
    print_figures(name, "unseen", &p->unseen);
}

static void print_report(const struct context_report *r)
{
    printf("context: %zu rows, %u viewers, %u titles, seed %llu, %.1f s; published: %s context\n",
           r->rows, r->viewers, r->titles, (unsigned long long)r->seed, r->seconds, r->published);
    printf("%-14s %-7s %6s  %8s %8s   %s   %s\n", r->metric, "titles", "cases", "without", "with",
           "gain over the better control", "gain of shuffled context");
    print_part("all columns", &r->whole);
    for (size_t c = 0; c < r->n_columns; c++)
        print_part(r->column[c].name, &r->column[c]);
}

int evaluate_more_context(const struct args *a)
{
    struct context_options o = {.seed = 1, .progress = progress_show};
    struct context_report report;
    struct context_table table;
    struct progress progress;
    struct mq_error err;
    uint64_t folds = 0;
    uint64_t threads = 0;
    o.table = args_get(a, "table");
    o.viewer = args_get(a, "viewer");
    o.title = args_get(a, "title");
    o.rating = args_get(a, "rating");
    o.count = args_get(a, "count");
    o.context = args_get(a, "context");
    o.missing = args_get(a, "missing");
    if (!args_unsigned(a, "folds", 100, &folds) || !args_unsigned(a, "threads", 64, &threads) ||
        !args_unsigned(a, "seed", UINT64_MAX, &o.seed))
        return EXIT_USAGE;
    if (!o.rating == !o.count)
        return cli_usage(a, "context: give one of --rating and --count");
    o.folds = (unsigned)folds;
    o.threads = (unsigned)threads;
    o.progress_ctx = &progress;
    progress_begin(&progress);
    int rc = evaluate_context(&o, &table, &report, &err);
    progress_end(&progress);
    if (rc == 0 && a->json) {
        struct buf b;
        struct json j;
        buf_init(&b, 1 << 20);
        json_init(&j, &b);
        context_report_write(&j, &report);
        printf("%.*s\n", (int)b.n, b.p);
        buf_release(&b);
    } else if (rc == 0) {
        print_report(&report);
    }
    context_table_release(&table);
    return rc ? cli_error(&err) : EXIT_DONE;
}
