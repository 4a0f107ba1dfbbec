#include "math/stratified.h"

#include <math.h>

static const double interval_z = 1.959964;

double normal_above(double z)
{
    return 0.5 * erfc(z * M_SQRT1_2);
}

/* O ln(O/E), 0 where nothing was observed. */
static double cell(double observed, double expected)
{
    return observed > 0 ? observed * log(observed / expected) : 0;
}

static double likelihood_ratio(const struct association *t)
{
    double n = (double)t->n;
    double a = (double)t->a;
    double b = (double)t->b;
    double both = (double)t->both;
    if (t->a == 0 || t->b == 0 || t->a == t->n || t->b == t->n)
        return NAN;
    double g = cell(both, a * b / n) + cell(a - both, a * (n - b) / n) +
               cell(b - both, (n - a) * b / n) + cell(n - a - b + both, (n - a) * (n - b) / n);
    return g > 0 ? 2 * g : 0;
}

void association_add(struct association_sums *t, const struct stratum *x)
{
    if (x->n == 0)
        return;
    double n = x->n;
    double both = x->both;
    double only_a = (double)x->a - both;
    double only_b = (double)x->b - both;
    double neither = n - both - only_a - only_b;
    double p = (both + neither) / n;
    double q = (only_a + only_b) / n;
    double r = both * neither / n;
    double s = only_a * only_b / n;
    t->r += r;
    t->s += s;
    t->pr += p * r;
    t->ps_qr += p * s + q * r;
    t->qs += q * s;
    double a = x->a;
    double b = x->b;
    t->expected += a * b / n;
    if (x->n > 1)
        t->variance += a * (n - a) * b * (n - b) / (n * n * (n - 1));
    if (n > a)
        t->comparable += a * only_b / (n - a);
    else if (b > 0) /* where nobody has B a stratum may be left out */
        t->alone += a;
}

void association_finish(const struct association_sums *x, struct association *t)
{
    t->lift =
        t->a > 0 && t->b > 0 ? (double)t->both * (double)t->n / ((double)t->a * (double)t->b) : NAN;
    t->odds_ratio = x->s > 0 ? x->r / x->s : NAN;
    t->low = t->high = NAN;
    if (x->r > 0 && x->s > 0) {
        double v =
            x->pr / (2 * x->r * x->r) + x->ps_qr / (2 * x->r * x->s) + x->qs / (2 * x->s * x->s);
        double half = interval_z * sqrt(v);
        t->low = exp(log(t->odds_ratio) - half);
        t->high = exp(log(t->odds_ratio) + half);
    }
    t->g2 = likelihood_ratio(t);
    t->expected = x->expected;
    t->z = x->variance > 0 ? ((double)t->both - x->expected) / sqrt(x->variance) : NAN;
    t->p = normal_above(t->z);
    double compared = (double)t->a - x->alone;
    t->comparable = compared > 0 && t->a < t->n ? x->comparable / compared : NAN;
}

void associate(const struct stratum *s, size_t n, struct association *ret)
{
    struct association t = {0};
    struct association_sums x = {0};
    for (size_t i = 0; i < n; i++) {
        t.both += s[i].both;
        t.a += s[i].a;
        t.b += s[i].b;
        t.n += s[i].n;
        association_add(&x, &s[i]);
    }
    association_finish(&x, &t);
    *ret = t;
}

void false_discovery_q(const double *p, size_t n, uint64_t tested, double *q)
{
    double least = 1;
    for (size_t i = n; i > 0; i--) {
        double here = p[i - 1] * (double)tested / (double)i;
        if (here < least)
            least = here;
        q[i - 1] = least;
    }
}
