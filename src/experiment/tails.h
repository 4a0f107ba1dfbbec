/* tails.h - tails and quantiles of the distributions that tests are read from. */
#ifndef MQ_EXPERIMENT_TAILS_H
#define MQ_EXPERIMENT_TAILS_H

#define NORMAL_975 1.959963984540054

/* P(|Z| >= |z|). */
double normal_two_sided(double z);
/* P(X >= x) of chi-square with `degrees` > 0 (math/gamma_tail.h). */
double chi_square_tail(double x, double degrees);
/* The 97.5 % quantile of Student's t, degrees >= 1: Cornish-Fisher around the normal one, a relative error below 2 % from 3
 * degrees on; fewer count as 3. */
double student_975(double degrees);

#endif
