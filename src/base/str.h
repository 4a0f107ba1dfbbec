/* str.h - text as (pointer, length), by value; never owned, never terminated. */
#ifndef MQ_BASE_STR_H
#define MQ_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* `p` may be NULL only when `n` is 0. Whoever made the bytes says how long they live. */
struct str {
    const char *p;
    size_t n;
};

#define STR(literal) ((struct str){(literal), sizeof(literal) - 1})
#define STR_NONE ((struct str){NULL, 0})
/* For printf("%.*s"). */
#define STR_ARG(s) ((int)((s).n > 4096 ? 4096 : (s).n)), ((s).p ? (s).p : "")

static inline struct str str_of(const char *z)
{
    return (struct str){z, z ? strlen(z) : 0};
}

static inline bool str_eq(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Bytewise order; shorter first among equal prefixes. */
int str_cmp(struct str a, struct str b);

/* ASCII letters compare without regard to case. */
bool str_eq_nocase(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);

/* Without leading and trailing ASCII white space. */
struct str str_trim(struct str s);

/* Cut `rest` at the first `separator`: returns what stood before it and leaves what stands after
 * it; without one returns all and leaves `rest` with p == NULL, which ends a loop
 * `while (rest.p) { part = str_cut(&rest, '|'); ... }`. */
struct str str_cut(struct str *rest, char separator);

/* Position of the first `c`, or s.n. */
size_t str_find(struct str s, char c);

/* The longest text of a double that is read: more than any program writes. */
enum { STR_DOUBLE_MAX = 1023 };

/* The whole of `s` as a number, optional sign, no white space, no thousands separators. False (and
 * *ret untouched) when anything else stands there or it does not fit. Doubles: decimal or
 * exponent notation only, never NaN or infinity, independent of the locale, at most
 * STR_DOUBLE_MAX bytes. */
bool str_to_i64(struct str s, int64_t *ret);
bool str_to_u64(struct str s, uint64_t *ret);
bool str_to_double(struct str s, double *ret);

/* 0 to 15 of a hexadecimal digit of either case; -1: it is none. */
int str_hex(char c);

/* Well-formed UTF-8 by Unicode's table 3-7 (no surrogates, no overlong forms, <= U+10FFFF). */
bool str_is_utf8(struct str s);

/* Bytes of the well-formed character that starts at s.p[at] (1 to 4), or 0 where none does. */
size_t str_utf8_width(struct str s, size_t at);

/* Holds a byte below 0x20 or 0x7f. */
bool str_has_control(struct str s);

#endif
