#include <stdio.h>

#include "cli/evaluate_folder.h"
#include "cli/evaluate_more.h"
#include "cli/print.h"
#include "eval/signals.h"

static const double cut_default = 0.1; /* share of the folder's ratings that is judged by */

static void print_model(const char *name, const struct signals_report *r, enum signal_model m)
{
    printf("%-11s ndcg@10 %.4f [%.4f, %.4f]   liked above disliked %.4f, within a viewer %.4f\n",
           name, r->ndcg[m].mean, r->ndcg[m].low, r->ndcg[m].high, r->auc[m].mean,
           r->auc_within[m].mean);
}

static void print_difference(const char *name, const struct interval *i)
{
    printf("%-24s %+.4f [%+.4f, %+.4f]\n", name, i->mean, i->low, i->high);
}

static void print_report(const struct signals_report *r)
{
    printf("signals: %u viewers judged of %u, %u titles, targets >= %g, seed %llu, %.1f s; "
           "published: %s\n%s\n",
           r->judged, r->viewers, r->titles, r->positive, (unsigned long long)r->seed, r->seconds,
           r->published, r->settings);
    print_model("popularity", r, SIGNAL_POPULARITY);
    print_model("explicit", r, SIGNAL_EXPLICIT);
    print_model("implicit", r, SIGNAL_IMPLICIT);
    if (r->has_completion)
        print_model("completion", r, SIGNAL_COMPLETION);
    print_model("both", r, r->both);
    print_model("  weighted", r, SIGNAL_WEIGHTED);
    print_model("  blend", r, SIGNAL_BLEND);
    print_difference("both - implicit", &r->both_minus_implicit);
    print_difference("implicit - explicit", &r->implicit_minus_explicit);
    print_difference("both - explicit", &r->both_minus_explicit);
    if (r->has_completion)
        print_difference("implicit - completion", &r->implicit_minus_completion);
}

static int on_folder(const char *dir, const struct eval_options *o, struct signals_report *ret,
                     struct mq_error *err)
{
    struct folder_signals s;
    int rc = evaluate_folder_signals(dir, o->cut, &s, err);
    if (rc == 0)
        rc = evaluate_signals_rows(o, &s.book, &s.rated, &s.met, &s.shares, &s.test, ret, err);
    ret->cut_ms = s.cut_ms;
    folder_signals_release(&s);
    return rc;
}

int evaluate_more_signals(const struct args *a)
{
    struct eval_options o = {.seed = 1, .cut = cut_default, .progress = progress_show};
    struct signals_report report;
    struct progress progress;
    struct mq_error err;
    uint64_t threads = 0;
    o.train = args_get(a, "train");
    o.test = args_get(a, "test");
    if (!args_double(a, "positive", &o.positive_min) || !args_double(a, "cut", &o.cut) ||
        !args_unsigned(a, "threads", 64, &threads) ||
        !args_unsigned(a, "seed", UINT64_MAX, &o.seed))
        return EXIT_USAGE;
    o.threads = (unsigned)threads;
    o.progress_ctx = &progress;
    progress_begin(&progress);
    int rc = o.train || o.test ? evaluate_signals(&o, &report, &err)
                               : on_folder(a->data, &o, &report, &err);
    progress_end(&progress);
    if (rc)
        return cli_error(&err);
    if (a->json) {
        struct buf b;
        struct json j;
        buf_init(&b, 1 << 20);
        json_init(&j, &b);
        signals_report_write(&j, &report);
        printf("%.*s\n", (int)b.n, b.p);
        buf_release(&b);
    } else {
        print_report(&report);
    }
    return EXIT_DONE;
}
