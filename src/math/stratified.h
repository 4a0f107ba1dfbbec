/* stratified.h - does having A go with having B, given that some have more of everything? 2 x 2 tables per
 * stratum, put together. */
#ifndef MQ_MATH_STRATIFIED_H
#define MQ_MATH_STRATIFIED_H

#include <stddef.h>
#include <stdint.h>

/* One stratum: how many have both, A, B, and how many there are. both <= a, b; a + b - both <= n. */
struct stratum {
    uint32_t both, a, b, n;
};

/* Undefined figures are NaN. */
struct association {
    uint64_t both, a, b, n; /* summed */
    double lift;            /* both n / (a b): raw */
    double odds_ratio;      /* Mantel, Haenszel 1959 */
    double low, high; /* exp(ln OR -+ 1.959964 sqrt V), V of Robins, Breslow, Greenland 1986 */
    double g2;        /* Dunning 1993, over the table of the sums */
    double z, p;      /* one-sided (more than expected) Cochran-Mantel-Haenszel, uncorrected */
    double expected;  /* of `both`, given a, b and n of each stratum */
    /* Share of B among those without A, the strata weighted as A is spread over those of them where somebody is without: "of comparable
     * viewers". NaN: everybody with A has nobody beside them. */
    double comparable;
};

/* Pure. O(n). Strata of fewer than two say nothing about z. */
void associate(const struct stratum *s, size_t n, struct association *ret);

/* The same stratum by stratum, for many tables at once: a stratum in which nobody has B may be left out. Zeroed memory is
 * an empty one. */
struct association_sums {
    double r, s; /* a d / n and b c / n */
    double pr, ps_qr, qs;
    double expected, variance;
    double comparable, alone; /* alone: A of strata in which everybody has A, and somebody B */
};
void association_add(struct association_sums *t, const struct stratum *s);
/* `ret` has both, a, b and n of all strata; the rest is filled in. */
void association_finish(const struct association_sums *x, struct association *t);

/* P(normal > z). */
double normal_above(double z);

/* Benjamini, Hochberg 1995: q of n ascending p-values, of `tested` tests in all (those not listed have larger
 * p); q may be the same array as p. */
void false_discovery_q(const double *p, size_t n, uint64_t tested, double *q);

#endif
