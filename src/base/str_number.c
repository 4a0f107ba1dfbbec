/* str_number.c - numbers out of text, whatever the locale. */
#include <locale.h>
#include <math.h>
#include <stdlib.h>

#include "base/str.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* All of s as digits. */
static bool digits_to_u64(struct str s, uint64_t *ret)
{
    uint64_t v = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (!is_digit(s.p[i]) || __builtin_mul_overflow(v, 10u, &v) ||
            __builtin_add_overflow(v, (uint64_t)(s.p[i] - '0'), &v))
            return false;
    }
    *ret = v;
    return s.n > 0;
}

static struct str skip(struct str s, size_t n)
{
    return (struct str){s.p + n, s.n - n};
}

int str_hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

bool str_to_u64(struct str s, uint64_t *ret)
{
    uint64_t v;
    if (s.n > 0 && s.p[0] == '+')
        s = skip(s, 1);
    if (!digits_to_u64(s, &v))
        return false;
    *ret = v;
    return true;
}

bool str_to_i64(struct str s, int64_t *ret)
{
    bool negative = s.n > 0 && s.p[0] == '-';
    if (s.n > 0 && (negative || s.p[0] == '+'))
        s = skip(s, 1);
    uint64_t v;
    if (!digits_to_u64(s, &v) || v > (uint64_t)INT64_MAX + negative)
        return false;
    *ret = negative ? (int64_t)(0 - v) : (int64_t)v;
    return true;
}

/* sign digits [. digits] [e sign digits], with a digit before or after the point. */
struct decimal {
    uint64_t mantissa; /* the significant digits, when `small` */
    int exponent;      /* of ten */
    bool negative;
    bool small; /* mantissa and exponent hold the number exactly */
};

/* The digits from s.p[*at] on go into d; returns how many there were. */
static size_t scan_digits(struct str s, size_t *at, struct decimal *d)
{
    size_t from = *at;
    for (; *at < s.n && is_digit(s.p[*at]); (*at)++) {
        if (d->mantissa >= UINT64_C(1000000000000000000))
            d->small = false;
        else
            d->mantissa = d->mantissa * 10 + (uint64_t)(s.p[*at] - '0');
    }
    return *at - from;
}

static bool scan_decimal(struct str s, struct decimal *d)
{
    *d = (struct decimal){.small = true};
    size_t at = 0;
    if (at < s.n && (s.p[at] == '-' || s.p[at] == '+'))
        d->negative = s.p[at++] == '-';
    size_t whole = scan_digits(s, &at, d);
    size_t fraction = 0;
    if (at < s.n && s.p[at] == '.') {
        at++;
        fraction = scan_digits(s, &at, d);
    }
    if (whole + fraction == 0)
        return false;
    int64_t exponent = 0;
    if (at < s.n && (s.p[at] == 'e' || s.p[at] == 'E')) {
        struct str rest = skip(s, at + 1);
        bool negative = rest.n > 0 && rest.p[0] == '-';
        if (rest.n > 0 && (negative || rest.p[0] == '+'))
            rest = skip(rest, 1);
        size_t end = 0;
        for (; end < rest.n && is_digit(rest.p[end]); end++) {
            if (exponent < 100000)
                exponent = exponent * 10 + (rest.p[end] - '0');
        }
        if (end == 0 || end != rest.n)
            return false;
        exponent = negative ? -exponent : exponent;
        at = s.n;
    }
    d->exponent = (int)(exponent - (int64_t)fraction);
    return at == s.n;
}

/* strtod_l reads a terminated copy. In glibc and musl the "C" locale is a constant: newlocale takes no
 * memory for it. */
static bool read_slowly(struct str s, double *ret)
{
    char copy[STR_DOUBLE_MAX + 1];
    memcpy(copy, s.p, s.n);
    copy[s.n] = 0;
    locale_t c = newlocale(LC_ALL_MASK, "C", NULL);
    if (!c)
        return false;
    double v = strtod_l(copy, NULL, c);
    freelocale(c);
    if (!isfinite(v))
        return false;
    *ret = v;
    return true;
}

bool str_to_double(struct str s, double *ret)
{
    static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                  1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    struct decimal d;
    if (s.n == 0 || s.n > STR_DOUBLE_MAX || !scan_decimal(s, &d))
        return false;
    /* Clinger 1990: both factors are exact doubles, so one rounding gives the nearest. */
    if (d.small && d.mantissa <= (UINT64_C(1) << 53) && d.exponent >= -22 && d.exponent <= 22) {
        double v = (double)d.mantissa;
        v = d.exponent < 0 ? v / tens[-d.exponent] : v * tens[d.exponent];
        *ret = d.negative ? -v : v;
        return true;
    }
    return read_slowly(s, ret);
}
