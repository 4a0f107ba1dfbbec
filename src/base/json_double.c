/* json_double.c - doubles as decimal text.
 *
 * Up to FAST_DIGITS digits the value is scaled by one exact power of ten and rounded to an integer. The
 * scaling is off by less than 2^-53 of the result, so the integer is the right one unless the scaled
 * value lies that near to a tie; then, and for the rest, the C library's exact conversion is used and
 * its digits are picked out (its decimal point depends on the locale, its digits don't). */
#include "base/json_double.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

enum { FAST_DIGITS = 14, MAX_DIGITS = 17, EXACT_POWERS = 22 };

static const double tens[EXACT_POWERS + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                              1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                              1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* 0.d1 d2 ... dn times 10^point; d1 is not 0. */
struct digits {
    char d[MAX_DIGITS + 3];
    int n;
    int point;
};

static void drop_zeros(struct digits *out)
{
    while (out->n > 1 && out->d[out->n - 1] == '0')
        out->n--;
}

static void set_digits(struct digits *out, uint64_t m)
{
    char reversed[20];
    int n = 0;
    for (; m > 0; m /= 10)
        reversed[n++] = (char)('0' + m % 10);
    out->n = n;
    for (int i = 0; i < n; i++)
        out->d[i] = reversed[n - 1 - i];
    drop_zeros(out);
}

/* floor(log10(v)) or one less. */
static int guess_exponent(double v)
{
    int two;
    frexp(v, &two);
    return (int)floor((two - 1) * 0.30102999566398114);
}

/* v > 0. False when the exact way must be taken. */
static bool fast_digits(double v, int digits, struct digits *out)
{
    if (digits > FAST_DIGITS || v < 1e-7 || v >= 1e22)
        return false;
    int exponent = guess_exponent(v);
    double scaled;
    for (;; exponent++) {
        int shift = digits - 1 - exponent;
        if (shift > EXACT_POWERS || shift < -EXACT_POWERS)
            return false;
        scaled = shift >= 0 ? v * tens[shift] : v / tens[-shift];
        if (scaled < tens[digits])
            break;
    }
    double whole = floor(scaled);
    if (fabs(scaled - whole - 0.5) <= tens[digits] * 0x1p-52)
        return false;
    uint64_t m = (uint64_t)whole + (scaled - whole > 0.5);
    if (m == (uint64_t)tens[digits]) {
        m = 1;
        exponent++;
    }
    out->point = exponent + 1;
    set_digits(out, m);
    return true;
}

/* v > 0. From "d<point>ddde+xx". */
static void exact_digits(double v, int digits, struct digits *out)
{
    char text[64];
    snprintf(text, sizeof(text), "%.*e", digits - 1, v);
    const char *p = text;
    out->n = 0;

    for (; *p && *p != 'e'; p++) {
        if (*p >= '0' && *p <= '9' && out->n < MAX_DIGITS)
            out->d[out->n++] = *p;
    }
    int exponent = 0;
    bool negative = p[0] == 'e' && p[1] == '-';
    for (p += 2; *p >= '0' && *p <= '9'; p++)
        exponent = exponent * 10 + (*p - '0');
    out->point = (negative ? -exponent : exponent) + 1;
    drop_zeros(out);
}

static size_t put_exponent(char *text, const struct digits *d)
{
    size_t n = 0;
    text[n++] = d->d[0];
    if (d->n > 1) {
        text[n++] = '.';
        memcpy(text + n, d->d + 1, (size_t)d->n - 1);
        n += (size_t)d->n - 1;
    }
    int exponent = d->point - 1;
    text[n++] = 'e';
    text[n++] = exponent < 0 ? '-' : '+';
    unsigned left = (unsigned)(exponent < 0 ? -exponent : exponent);
    if (left >= 100)
        text[n++] = (char)('0' + left / 100);
    if (left >= 10)
        text[n++] = (char)('0' + left / 10 % 10);
    text[n++] = (char)('0' + left % 10);
    return n;
}

static size_t put_fixed(char *text, const struct digits *d)
{
    size_t n = 0;
    if (d->point <= 0) {
        memcpy(text, "0.000000", 8);
        n = 2 + (size_t)-d->point;
        memcpy(text + n, d->d, (size_t)d->n);
        return n + (size_t)d->n;
    }
    int whole = d->n < d->point ? d->n : d->point;
    memcpy(text, d->d, (size_t)whole);
    n = (size_t)whole;
    for (int i = whole; i < d->point; i++)
        text[n++] = '0';
    if (d->n > d->point) {
        text[n++] = '.';
        memcpy(text + n, d->d + d->point, (size_t)(d->n - d->point));
        n += (size_t)(d->n - d->point);
    }
    return n;
}

static size_t put(char *text, const struct digits *d)
{
    bool fixed = d->point > -6 && d->point <= 21;
    return fixed ? put_fixed(text, d) : put_exponent(text, d);
}

/* With 15, 16 or 17 digits, whichever reads back first. */
static size_t put_shortest(char *text, double v, int digits)
{
    size_t n = 0;
    for (int i = 15; i <= digits; i++) {
        struct digits d = {.n = 0};
        double back;
        exact_digits(v, i, &d);
        n = put(text, &d);
        if (str_to_double((struct str){text, n}, &back) && back == v)
            break;
    }
    return n;
}

size_t json_double_text(char text[JSON_DOUBLE_TEXT], double v, int digits)
{
    digits = digits < 1 ? 1 : digits > MAX_DIGITS ? MAX_DIGITS : digits;
    if (v == 0) {
        text[0] = '0';
        return 1;
    }
    size_t sign = 0;
    if (v < 0)
        text[sign++] = '-';
    v = fabs(v);
    struct digits d = {.n = 0};
    if (digits > 15 && !(v < 1e15 && v == floor(v)))
        return sign + put_shortest(text + sign, v, digits);
    if (digits >= 15 && v < 1e15 && v == floor(v)) {
        set_digits(&d, (uint64_t)v);
        d.point = guess_exponent(v) + 1;
        d.point += v >= tens[d.point];
    } else if (!fast_digits(v, digits, &d)) {
        exact_digits(v, digits, &d);
    }
    return sign + put(text + sign, &d);
}
