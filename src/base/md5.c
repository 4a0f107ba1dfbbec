#include "base/md5.h"

#include <math.h>

struct md5_state {
    uint32_t a, b, c, d;
};

static const uint8_t shifts[4][4] = {
    {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

static uint32_t turn(uint32_t v, unsigned by)
{
    return v << by | v >> (32 - by);
}

/* RFC 1321: the constant of step i is the integer part of 2^32 |sin(i + 1)|. */
static uint32_t constant(unsigned i)
{
    return (uint32_t)(fabs(sin((double)i + 1)) * 4294967296.0);
}

static uint32_t mix(unsigned i, uint32_t b, uint32_t c, uint32_t d)
{
    switch (i / 16) {
    case 0:
        return (b & c) | (~b & d);
    case 1:
        return (d & b) | (~d & c);
    case 2:
        return b ^ c ^ d;
    default:
        return c ^ (b | ~d);
    }
}

static unsigned word_of(unsigned i)
{
    static const uint8_t times[4] = {1, 5, 3, 7};
    static const uint8_t plus[4] = {0, 1, 5, 0};
    return (times[i / 16] * i + plus[i / 16]) % 16;
}

static void block(struct md5_state *s, const uint8_t *p)
{
    uint32_t w[16];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)p[4 * i] | (uint32_t)p[4 * i + 1] << 8 | (uint32_t)p[4 * i + 2] << 16 |
               (uint32_t)p[4 * i + 3] << 24;
    struct md5_state t = *s;
    for (unsigned i = 0; i < 64; i++) {
        uint32_t sum = t.a + mix(i, t.b, t.c, t.d) + constant(i) + w[word_of(i)];
        uint32_t b = t.b + turn(sum, shifts[i / 16][i % 4]);
        t = (struct md5_state){t.d, b, t.b, t.c};
    }
    *s = (struct md5_state){s->a + t.a, s->b + t.b, s->c + t.c, s->d + t.d};
}

void md5(struct str s, uint8_t ret[16])
{
    struct md5_state state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    const uint8_t *p = (const uint8_t *)s.p;
    size_t left = s.n;
    for (; left >= 64; left -= 64, p += 64)
        block(&state, p);
    uint8_t tail[128] = {0};
    if (left)
        memcpy(tail, p, left);
    tail[left] = 0x80;
    size_t end = left < 56 ? 64 : 128;
    for (int i = 0; i < 8; i++)
        tail[end - 8 + (size_t)i] = (uint8_t)((uint64_t)s.n * 8 >> (8 * i));
    for (size_t at = 0; at < end; at += 64)
        block(&state, tail + at);
    uint32_t words[4] = {state.a, state.b, state.c, state.d};
    for (int i = 0; i < 16; i++)
        ret[i] = (uint8_t)(words[i / 4] >> (8 * (i % 4)));
}

uint32_t md5_mod(struct str s, uint32_t m)
{
    uint8_t digest[16];
    uint64_t rest = 0;
    md5(s, digest);
    for (int i = 0; i < 16; i++)
        rest = (rest << 8 | digest[i]) % m;
    return (uint32_t)rest;
}
