/* gamma_tail.h - the upper tail of the gamma distribution. */
#ifndef MQ_MATH_GAMMA_TAIL_H
#define MQ_MATH_GAMMA_TAIL_H

/* P(X >= x) of a gamma variable with this shape > 0 and scale 1: the regularised upper incomplete gamma function, by its series below
 * and its continued fraction above (Abramowitz, Stegun 6.5). 1 for x <= 0. Pure. */
double gamma_above(double shape, double x);

#endif
