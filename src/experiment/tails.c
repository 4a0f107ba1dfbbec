#include "experiment/tails.h"

#include <math.h>

double normal_two_sided(double z)
{
    return erfc(fabs(z) / sqrt(2));
}

/* Q(a, x) */
static double gamma_tail(double a, double x)
{
    double front = exp(a * log(x) - x - lgamma(a));

    if (x < a + 1) {
        double term = 1 / a, sum = term;
        for (int k = 1; k < 1000 && term > sum * 1e-15; k++)
            sum += term *= x / (a + k);
        return 1 - front * sum;
    }
    /* Lentz's evaluation of the continued fraction. */
    double b = x + 1 - a, c = 1e300, d = 1 / b, h = d;
    for (int k = 1; k < 1000; k++) {
        double i = k;
        double an = -i * (i - a);
        b += 2;
        d = 1 / (an * d + b);
        c = b + an / c;
        h *= d * c;
        if (fabs(d * c - 1) < 1e-15)
            break;
    }
    return front * h;
}

double chi_square_tail(double x, double degrees)
{
    return x <= 0 ? 1 : gamma_tail(degrees / 2, x / 2);
}

double student_975(double degrees)
{
    double v = fmax(degrees, 3), z = NORMAL_975;
    double z2 = z * z;

    return z * (1 + (z2 + 1) / (4 * v) + ((5 * z2 + 16) * z2 + 3) / (96 * v * v) +
                (((3 * z2 + 19) * z2 + 17) * z2 - 15) / (384 * v * v * v));
}
