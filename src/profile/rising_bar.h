/* rising_bar.h - how seldom must chance bring a count, for a place to have few false alarms?
 *
 * Of a title whose count in a window of w minutes has the tail P(N >= n), a day of chance has at most 1,440 min(1, n / w) P(N >= n) moments at which
 * the window reaches n: each time with a choice that is new, n - 1 before it (the scan statistic's bound, Naus 1982), and it is looked at
 * once a minute. That is the count's `daily`. An alarm is a count whose daily is at most the place's bar.
 *
 * A place with many rare titles can have a high bar: few of them reach three viewers at all, and what reaches them lies far below the
 * bar or far above it. So the bar isn't false_a_day / titles: it is the highest at which the titles of the place, by how
 * often each is chosen at this part of the day, add up to at most the bound on false alarms a day (0.25), times how busy the place is at the
 * moment beside its mean (0.1 to 4): false alarms fall where choices fall, and so do bursts. Of one title: for each n the largest daily within the bar that a window
 * has, since whoever has n in a shorter one has n in the longer one; summed over n. */
#ifndef MQ_PROFILE_RISING_BAR_H
#define MQ_PROFILE_RISING_BAR_H

#include "profile/rising_counts.h"

/* Minutes that end now. The shorter ones find a steep rise at once, the longer ones a rise in a small place. */
enum { RISING_WINDOWS = 6, RISING_LONGEST = 12 };
extern const int32_t rising_windows[RISING_WINDOWS];

#define RISING_PRIOR 20.0      /* choices' worth of the title's share in the wider place */
#define RISING_LEAST_SHARE 0.5 /* choices, of a title never chosen at this hour */
#define RISING_DAYS_DIFFER 8.0 /* shape: a title's share varies by a third from day to day */

double rising_daily(uint32_t n, int32_t minutes, double tail);

/* Below `sure` all are alarms, above `most` none: the bar needs not be known. */
struct rising_bars {
    double sure, most;
};
struct rising_bars rising_bars_about(uint32_t titles);

/* alike: titles by bin at this part of the day; before: choices of the place at it; window: its choices in each of the windows;
 * busy: choices a minute now over their mean. Between sure and most. Pure; some thousand terms, 20 us. */
double rising_bar(const uint32_t alike[RISING_BINS], double before,
                  const double window[RISING_WINDOWS], double busy, struct rising_bars about);

#endif
