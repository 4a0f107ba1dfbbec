#include "profile/rising_bar.h"

#include <math.h>
#include <string.h>

const int32_t rising_windows[RISING_WINDOWS] = {1, 2, 3, 5, 8, RISING_LONGEST};

static const double false_a_day = 0.25; /* bound, for each place */
static const double idlest = 0.1, busiest = 4;

static const double higher = 1.5; /* each bar that is tried is so many times the one before */

enum {
    STEPS = 22,
    COUNTS = 32,  /* counts of a title that are looked at, from the first that can alarm on */
    TERMS = 4096, /* of a distribution */
};

double rising_daily(uint32_t n, int32_t minutes, double tail)
{
    return 1440 * tail * fmin(1, (double)n / minutes);
}

/* The bars that are tried; of each count (from `first` on) the largest daily within each of them. */
struct trial {
    double bar[STEPS], daily[STEPS][COUNTS];
    uint32_t first;
};

/* The counts of one window from the first that can alarm on: those of a negative binomial. */
static void add_window(struct trial *x, int32_t minutes, double mean, double shape)
{
    double q = mean / (mean + shape), term = exp(shape * log1p(-q));
    for (uint32_t n = 0; n < x->first + COUNTS && n < TERMS; n++) {
        double next = q * (n + shape) / (n + 1);
        if (n >= x->first && n >= RISING_LIFT * mean) {
            /* The terms fall by `next` and faster. */
            double daily = rising_daily(n, minutes, term / (1 - fmin(next, 0.9)));
            if (daily < x->bar[0] * 1e-3)
                return;
            for (unsigned b = STEPS; b-- > 0 && daily <= x->bar[b];) {
                double *largest = &x->daily[b][n - x->first];
                *largest = fmax(*largest, daily);
            }
        }
        term *= next;
    }
}

/* Of one title that was chosen so often at this part of the day, for each bar. */
static void of_title(struct trial *x, double chosen, double before,
                     const double window[RISING_WINDOWS], double ret[STEPS])
{
    double usual = before > 0 ? RISING_PRIOR * chosen / before : 0;
    double choices = chosen + usual + RISING_LEAST_SHARE;
    double per_choice = choices / (before + RISING_PRIOR);
    double shape = 1 / (1 / choices + 1 / RISING_DAYS_DIFFER);
    memset(x->daily, 0, sizeof(x->daily));
    x->first = (uint32_t)fmax(RISING_VIEWERS, ceil(RISING_LIFT * per_choice * window[0]));
    for (unsigned w = 0; w < RISING_WINDOWS; w++)
        if (window[w] > 0)
            add_window(x, rising_windows[w], per_choice * window[w], shape);
    for (unsigned b = 0; b < STEPS; b++) {
        ret[b] = 0;
        for (unsigned n = 0; n < COUNTS; n++)
            ret[b] += x->daily[b][n];
    }
}

struct rising_bars rising_bars_about(uint32_t titles)
{
    double sure = idlest * false_a_day / (RISING_WINDOWS * (titles > 0 ? titles : 1));
    return (struct rising_bars){sure, sure * pow(higher, STEPS - 1)};
}

double rising_bar(const uint32_t alike[RISING_BINS], double before,
                  const double window[RISING_WINDOWS], double busy, struct rising_bars about)
{
    struct trial x;
    double all[STEPS] = {0}, of_one[STEPS];
    unsigned best = 0;
    for (unsigned b = 0; b < STEPS; b++)
        x.bar[b] = about.sure * pow(higher, b);
    for (unsigned bin = 0; bin < RISING_BINS; bin++) {
        if (alike[bin] == 0)
            continue;
        double from = rising_bin_from(bin), until = rising_bin_from(bin + 1) - 1.0;
        of_title(&x, (from + until) / 2, before, window, of_one);
        for (unsigned b = 0; b < STEPS; b++)
            all[b] += alike[bin] * of_one[b];
    }
    while (best + 1 < STEPS && all[best + 1] <= false_a_day * fmin(fmax(busy, idlest), busiest))
        best++;
    return x.bar[best];
}
