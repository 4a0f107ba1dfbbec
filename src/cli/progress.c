#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/print.h"

static const int64_t show_after_ns = INT64_C(2000000000);
static const int64_t redraw_ns = INT64_C(100000000);

void progress_begin(struct progress *p)
{
    *p = (struct progress){.started_ns = clock_mono_ns()};
}

static void draw(struct progress *p, double seconds, uint64_t done, uint64_t total)
{
    double rate = seconds > 0 ? (double)done / seconds : 0;
    if (total == 0) {
        fprintf(stderr, "\r\033[K%s: %" PRIu64 " (%.0f/s)", p->what, done, rate);
        return;
    }
    enum { WIDTH = 30 };
    char bar[WIDTH + 1];
    double share = (double)done / (double)total;
    for (int i = 0; i < WIDTH; i++)
        bar[i] = i < (int)(share * WIDTH) ? '#' : '.';
    bar[WIDTH] = '\0';
    double left = rate > 0 ? (double)(total - done) / rate : 0;
    fprintf(stderr, "\r\033[K%-18s [%s] %3.0f %%  %.0f/s  %.0f s left", p->what, bar, 100 * share,
            rate, left);
}

bool progress_show(void *ctx, const char *what, uint64_t done, uint64_t total)
{
    struct progress *p = ctx;
    int64_t now = clock_mono_ns();
    if (strncmp(p->what, what, sizeof(p->what) - 1) != 0) {
        /* A new piece of work: its rate starts here. */
        int64_t drawn = p->drawn_ns;
        bool was = p->drawn;
        *p = (struct progress){.started_ns = now, .drawn_ns = drawn, .drawn = was};
        snprintf(p->what, sizeof(p->what), "%s", what);
    }
    if (!isatty(STDERR_FILENO) || now - p->drawn_ns < redraw_ns)
        return true;
    if (!p->drawn && now - p->started_ns < show_after_ns)
        return true;
    p->drawn = true;
    p->drawn_ns = now;
    draw(p, (double)(now - p->started_ns) / 1e9, done, total);
    return true;
}

void progress_end(struct progress *p)
{
    if (p->drawn)
        fputs("\r\033[K", stderr);
    p->drawn = false;
}
