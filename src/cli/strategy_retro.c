#include "cli/strategy_retro.h"

#include <math.h>
#include <stdio.h>

#include "base/clock.h"
#include "cli/print.h"
#include "http/render.h"

static void print_gain(const char *what, const struct mq_retro_gain *g)
{
    if (g->matches == 0) {
        printf("  %-44s no title to hold them against\n", what);
        return;
    }
    printf("  %-44s x %.2f [%.2f, %.2f]  %3.0f %% above  (%u titles)\n", what, g->factor, g->low,
           g->high, 100 * g->won, g->titles);
}

static void print_side(const char *what, const struct mq_retro_side *s)
{
    printf("\n%s: %u listed; %u later titles have two parts or more of one (%u all three)\n", what,
           s->listed, s->titles, s->whole);
    print_gain("over titles like them", &s->any);
    print_gain("over those with one of the same people", &s->one_part);
}

static void print_retro(const struct mq_retro_test *t)
{
    char from[32];
    char to[32];
    struct buf b;
    buf_over(&b, from, sizeof(from));
    time_format(&b, t->from_ms);
    buf_over(&b, to, sizeof(to));
    time_format(&b, t->to_ms);
    printf("retro-test: opportunities found on %u days from %.10s to %.10s, titles of the %u days "
           "after each; seed %llu, %.1f s\n",
           t->days, from, to, t->window_days, (unsigned long long)t->seed, t->seconds);
    printf("Viewers of titles that match an opportunity, over titles of the same genre, time and "
           "budget that do not (95 %% over titles).\n");
    print_side("Found", &t->found);
    print_side("Control: the same search with likes shuffled", &t->shuffled);
    if (t->n_examples > 0)
        printf("\nThe first that came true\n");
    for (size_t i = 0; i < t->n_examples; i++) {
        const struct mq_retro_example *e = &t->examples[i];
        buf_over(&b, from, sizeof(from));
        time_format(&b, e->found_ms);
        printf("  %.10s  %s: %s", from, e->parts, e->name);
        if (!isnan(e->factor))
            printf(", x %.2f", e->factor);
        putchar('\n');
    }
}

static int ask(const struct args *a, struct target *t, struct mq_reader *r, struct mq_error *err)
{
    struct mq_retro_request q = {.request = {.research = args_has(a, "research")}};
    struct mq_retro_test ret;
    struct progress progress;
    uint64_t n = 0;
    uint64_t floor = 0;
    uint64_t window = 0;
    uint64_t every = 0;
    uint64_t threads = 0;
    (void)t;
    if (!args_unsigned(a, "n", 200, &n) || !args_unsigned(a, "floor", 1U << 30, &floor) ||
        !args_unsigned(a, "window", 100000, &window) ||
        !args_unsigned(a, "every", 100000, &every) || !args_unsigned(a, "threads", 64, &threads) ||
        !args_unsigned(a, "seed", UINT64_MAX, &q.seed) || !args_time(a, "from", &q.from_ms) ||
        !args_time(a, "to", &q.to_ms) || !args_time(a, "as-of", &q.request.as_of_ms))
        return EXIT_USAGE;
    q.request.n = (unsigned)n;
    q.request.floor = (unsigned)floor;
    q.request.threads = (unsigned)threads;
    q.window_days = (unsigned)window;
    q.every_days = (unsigned)every;
    q.request.progress = progress_show;
    q.request.progress_ctx = &progress;
    progress_begin(&progress);
    int rc = mq_strategy_retro_test(r, &q, &ret, err);
    progress_end(&progress);
    if (rc)
        return cli_error(err);
    if (a->json) {
        struct buf out;
        struct json j;
        buf_init(&out, 1 << 20);
        json_init(&j, &out);
        render_retro_test(&j, &ret);
        printf("%.*s\n", (int)out.n, out.p);
        buf_release(&out);
    } else {
        print_retro(&ret);
    }
    mq_retro_test_release(&ret);
    return EXIT_DONE;
}

int run_retro_test(const struct args *a, struct target *t, struct mq_error *err)
{
    struct mq_reader *r;
    if (target_is_server(t))
        return cli_usage(a, "retro-test: a server has the folder open: stop it, or use a backup");
    if (mq_reader_open(t->engine, &r, err) != 0)
        return cli_error(err);
    int code = ask(a, t, r, err);
    mq_reader_close(r);
    return code;
}
