#include "math/gamma_tail.h"

#include <math.h>

double gamma_above(double shape, double x)
{
    double a = shape;
    if (x <= 0)
        return 1;
    double front = exp(a * log(x) - x - lgamma(a));

    if (x < a + 1) {
        double term = 1 / a;
        double sum = term;
        for (int k = 1; k < 1000 && term > sum * 1e-15; k++)
            sum += term *= x / (a + k);
        return 1 - front * sum;
    }
    /* Lentz's evaluation of the continued fraction. */
    double b = x + 1 - a;
    double c = 1e300;
    double d = 1 / b;
    double h = d;
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
