/* rising_oracle.h - the detector that knows everything but whether and when: which bursts can be found at all.
 *
 * It is told each title's true rate at every minute of every day, and what a burst adds. Its statistic of a title is the likelihood of a
 * burst that began in any of the last five minutes over that of none (a windowed Shiryaev-Roberts statistic: the mean over the five
 * beginnings of the products of the minutes' ratios (1 + b / l)^n exp(-b), l the title's rate and b the burst's), which by Bayes' rule is what
 * to compare when every title and every minute are equally likely to begin one. Its threshold is the one at which days without bursts
 * have the wanted number of false alarms (once for each title and day). */
#ifndef MQ_BENCH_RISING_ORACLE_H
#define MQ_BENCH_RISING_ORACLE_H

#include "rising_town.h"

enum { ORACLE_MINUTES = 5 };

struct oracle {
    unsigned viewers; /* fewer starts in the five minutes raise no alarm */
    unsigned counts[TOWN_TITLES][ORACLE_MINUTES]; /* minute m at m mod 5 */
    double rates[ORACLE_MINUTES];                 /* of the place */
    double threshold;                             /* of ln of the statistic */
};

/* Takes the threshold from `days` days without bursts, on its own seed. */
void oracle_init(struct oracle *o, double rate, double factor, unsigned viewers, double false_a_day,
                 uint64_t days, uint64_t seed);

/* Counts a minute's starts of the first region; titles that alarm get true in named. */
void oracle_minute(struct oracle *o, const struct town *w, int64_t at_ms,
                   const struct town_start *starts, size_t n, bool named[TOWN_TITLES]);

#endif
