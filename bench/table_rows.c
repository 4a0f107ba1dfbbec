/* table_rows.c - rows per second of wire/table.h and wire/interactions.h on one core.
 *
 *     build/bench/table_rows [ROWS]       2,000,000 by default; made-up ratings of four columns
 *
 * The best of five runs counts. */
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/rng.h"
#include "wire/interactions.h"

enum { RUNS = 5 };

/* `quote` goes around the title's id. */
static void make_rows(struct buf *b, size_t n, const char *separator, const char *quote)
{
    struct rng rng;
    rng_seed(&rng, 1);
    buf_reset(b);
    for (size_t i = 0; i < n; i++)
        buf_printf(b, "%llu%s%s%llu%s%s%.1f%s%llu\n", (unsigned long long)rng_below(&rng, 100000),
                   separator, quote, (unsigned long long)rng_below(&rng, 20000), quote, separator,
                   0.5 * (double)(1 + rng_below(&rng, 10)), separator,
                   978300000 + (unsigned long long)rng_below(&rng, 100000000));
}

static double table_rate(struct str bytes)
{
    struct table *t;
    struct table_row row;
    struct mq_error err;
    uint64_t n = 0;
    int64_t from = clock_mono_ns();
    if (table_over(&t, "bench", bytes, NULL, &err) != 0)
        exit(1);
    while (table_next(t, &row, &err) == 1)
        n += row.n == 4;
    double seconds = (double)(clock_mono_ns() - from) / 1e9;
    table_free(t);
    return (double)n / seconds;
}

static double interactions_rate(struct str bytes)
{
    struct interactions *t;
    struct interaction_row row;
    struct mq_error err;
    uint64_t n = 0;
    int64_t from = clock_mono_ns();
    if (interactions_over(&t, "bench", bytes, NULL, &err) != 0)
        exit(1);
    while (interactions_next(t, &row, &err) == 1)
        n += row.has_at;
    double seconds = (double)(clock_mono_ns() - from) / 1e9;
    interactions_free(t);
    return (double)n / seconds;
}

int main(int argc, char **argv)
{
    static const char *const forms[][3] = {
        {"comma", ",", ""}, {"comma, quoted", ",", "\""}, {"tab", "\t", ""}, {"::", "::", ""}};
    size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 2000000;
    struct buf b;
    buf_init(&b, (size_t)4 << 30);
    for (size_t f = 0; n > 0 && f < sizeof forms / sizeof *forms; f++) {
        double table = 0, interactions = 0;
        make_rows(&b, n, forms[f][1], forms[f][2]);
        if (b.failed)
            return 1;
        for (int run = 0; run < RUNS; run++) {
            double t = table_rate(buf_str(&b)), i = interactions_rate(buf_str(&b));
            table = t > table ? t : table;
            interactions = i > interactions ? i : interactions;
        }
        printf("%-14s %4.1f bytes a row  table %6.2f M rows/s (%6.1f MB/s)  interactions %6.2f M "
               "rows/s\n",
               forms[f][0], (double)b.n / (double)n, table / 1e6,
               table * (double)b.n / (double)n / 1e6, interactions / 1e6);
    }
    buf_release(&b);
    return 0;
}
