#include "experiment/tails.h"

#include <math.h>

#include "math/gamma_tail.h"

double normal_two_sided(double z)
{
    return erfc(fabs(z) / sqrt(2));
}

double chi_square_tail(double x, double degrees)
{
    return gamma_above(degrees / 2, x / 2);
}

double student_975(double degrees)
{
    double v = fmax(degrees, 3), z = NORMAL_975;
    double z2 = z * z;

    return z * (1 + (z2 + 1) / (4 * v) + ((5 * z2 + 16) * z2 + 3) / (96 * v * v) +
                (((3 * z2 + 19) * z2 + 17) * z2 - 15) / (384 * v * v * v));
}
