/* evaluate_pages.c - pages replayed over past moments of the data folder. */
#include <stdio.h>

#include "cli/evaluate_folder.h"
#include "cli/evaluate_more.h"
#include "cli/print.h"

/* Apart, because a session that has shown nothing yet says nothing of its mood. */
static void print_moods_worth(const struct page_report *r)
{
    static const char *const names[PAGE_SPANS] = {"all moments", "a session's first choice",
                                                  "its later choices"};
    printf("moods over the same page without them (which has context and the last title):\n");
    for (unsigned s = 0; s < PAGE_SPANS; s++) {
        const struct page_moods_worth *w = &r->moods_worth[s];
        printf("  %-26s %6llu  ", names[s], (unsigned long long)w->asked);
        if (w->asked > 0)
            printf("recall %+.4f [%+.4f, %+.4f]  ndcg@10 %+.4f [%+.4f, %+.4f]", w->recall.mean,
                   w->recall.low, w->recall.high, w->ndcg.mean, w->ndcg.low, w->ndcg.high);
        putchar('\n');
    }
}

static void print_report(const struct page_report *r)
{
    printf("pages: %llu moments of %u viewers (of %llu first plays of liked titles after the cut, "
           "%llu with too "
           "short a history), seed "
           "%llu, %.1f s\n",
           (unsigned long long)r->asked, r->viewers, (unsigned long long)r->events,
           (unsigned long long)r->few, (unsigned long long)r->seed, r->seconds);
    if (r->resumed > 0)
        printf("of %llu titles that were gone on with, in view: %.4f  [%.4f, %.4f]\n",
               (unsigned long long)r->resumed, r->resumed_found.mean, r->resumed_found.low,
               r->resumed_found.high);
    printf("%-22s recall@%ux%u, then ndcg@10; moods told apart: %u\n", "", r->rows, r->columns,
           r->moods);
    for (unsigned a = 0; a < r->arms; a++) {
        const struct interval *v = &r->recall[a], *d = &r->over[a];
        const struct interval *n = &r->ndcg[a], *e = &r->ndcg_over[a];
        printf("%-22s %.4f  [%.4f, %.4f]", page_arm_name((enum page_arm)a), v->mean, v->low,
               v->high);
        if (a != PAGE_ARM)
            printf("   the page %+.4f over it [%+.4f, %+.4f]", d->mean, d->low, d->high);
        printf("\n%-22s %.4f  [%.4f, %.4f]", "", n->mean, n->low, n->high);
        if (a != PAGE_ARM)
            printf("   the page %+.4f over it [%+.4f, %+.4f]", e->mean, e->low, e->high);
        putchar('\n');
    }
    print_moods_worth(r);
}

int evaluate_more_pages(const struct args *a)
{
    struct page_options o = {.seed = 1, .progress = progress_show};
    struct page_events events = {.n = 0};
    struct catalogue *c = NULL;
    struct page_report report;
    struct progress progress;
    struct mq_error err;
    uint64_t rows = 0, columns = 0, threads = 0;
    unsigned gap = 0;
    if (!args_unsigned(a, "rows", 16, &rows) || !args_unsigned(a, "columns", 100, &columns) ||
        !args_unsigned(a, "seed", UINT64_MAX, &o.seed) || !args_double(a, "cut", &o.cut) ||
        !args_interval(a, "gap", &gap) || !args_unsigned(a, "threads", 64, &threads))
        return EXIT_USAGE;
    o.rows = (unsigned)rows;
    o.columns = (unsigned)columns;
    o.threads = (unsigned)threads;
    o.gap_ms = (int64_t)gap * 1000;
    o.progress_ctx = &progress;
    progress_begin(&progress);
    int rc = evaluate_folder_events(a->data, &events, &c, &err);
    if (rc == 0)
        rc = page_replay(&events, c, &o, &report, &err);
    progress_end(&progress);
    page_events_release(&events);
    catalogue_free(c);
    if (rc)
        return cli_error(&err);
    if (!a->json) {
        print_report(&report);
        return EXIT_DONE;
    }
    struct buf b;
    struct json j;
    buf_init(&b, 1 << 20);
    json_init(&j, &b);
    page_report_write(&j, &report);
    printf("%.*s\n", (int)b.n, b.p);
    buf_release(&b);
    return EXIT_DONE;
}
