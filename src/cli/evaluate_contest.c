#include <stdio.h>

#include "base/clock.h"
#include "base/rng.h"
#include "cli/evaluate_more.h"
#include "eval/contest.h"

static void print_board(const struct contest_board *b)
{
    printf("contest: %zu rows of quiz, %zu of test; baseline %.4f on the quiz\n", b->quiz_rows,
           b->test_rows, b->baseline);
    printf("%5s  %-24s %10s %9s%s\n", "place", "name", "quiz RMSE", "better",
           b->closed ? "  test RMSE" : "");
    for (size_t i = 0; i < b->n; i++) {
        const struct contest_entry *e = &b->entry[i];
        printf("%5zu%c %-24s %10.4f %7.2f %%", i + 1, i == b->latest ? '*' : ' ', e->name, e->quiz,
               100 * (b->baseline - e->quiz) / b->baseline);
        if (b->closed)
            printf(" %10.4f", e->test);
        putchar('\n');
    }
    if (!b->closed)
        puts("The test half decides; --close shows it.");
}

int evaluate_more_contest(const struct args *a)
{
    struct contest_options o = {.now_ms = clock_wall_ms()};
    struct contest_board board;
    struct mq_error err;
    /* Nobody who predicts may know the halves: without --seed they are drawn from the clock. */
    struct rng rng;
    rng_seed(&rng, (uint64_t)clock_mono_ns() ^ (uint64_t)o.now_ms);
    o.seed = rng_u64(&rng);
    o.folder = args_get(a, "folder");
    o.ratings = args_get(a, "test");
    o.predictions = args_get(a, "predictions");
    o.name = args_get(a, "name");
    o.close = args_has(a, "close");
    if (!args_unsigned(a, "seed", UINT64_MAX, &o.seed) || !args_double(a, "baseline", &o.baseline))
        return EXIT_USAGE;
    if (evaluate_contest(&o, &board, &err) != 0)
        return cli_error(&err);
    if (a->json) {
        struct buf b;
        struct json j;
        buf_init(&b, 16 << 20);
        json_init(&j, &b);
        contest_board_write(&j, &board);
        printf("%.*s\n", (int)b.n, b.p);
        buf_release(&b);
    } else {
        print_board(&board);
    }
    contest_board_release(&board);
    return EXIT_DONE;
}
