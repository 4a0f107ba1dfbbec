#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIRST_CAP = 256, PRINTF_STACK = 512 };

void buf_init(struct buf *b, size_t max)
{
    *b = (struct buf){.max = max};
}

void buf_over(struct buf *b, void *storage, size_t size)
{
    *b = (struct buf){.p = storage, .cap = size, .max = size, .fixed = true};
}

void buf_reset(struct buf *b)
{
    b->n = 0;
    b->failed = false;
}

void buf_release(struct buf *b)
{
    if (!b->fixed)
        free(b->p);
    *b = (struct buf){.max = b->max, .fixed = b->fixed};
}

static bool grow(struct buf *b, size_t n)
{
    if (b->fixed || n > b->max - b->n)
        return false;
    size_t cap = b->cap > b->max / 2 ? b->max : b->cap * 2;
    if (cap < FIRST_CAP)
        cap = FIRST_CAP < b->max ? FIRST_CAP : b->max;
    if (cap < b->n + n)
        cap = b->n + n;
    char *p = realloc(b->p, cap);
    if (!p)
        return false;
    b->p = p;
    b->cap = cap;
    return true;
}

bool buf_reserve(struct buf *b, size_t n)
{
    if (b->failed)
        return false;
    if (n <= b->cap - b->n)
        return true;
    b->failed = !grow(b, n);
    return !b->failed;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
    if (n == 0 || !buf_reserve(b, n))
        return;
    memcpy(b->p + b->n, p, n);
    b->n += n;
}

void buf_add_str(struct buf *b, struct str s)
{
    buf_add(b, s.p, s.n);
}

void buf_add_z(struct buf *b, const char *z)
{
    buf_add(b, z, strlen(z));
}

void buf_add_char(struct buf *b, char c)
{
    if (buf_reserve(b, 1))
        b->p[b->n++] = c;
}

void buf_add_u64(struct buf *b, uint64_t v)
{
    char digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    buf_add(b, digits + at, sizeof(digits) - at);
}

void buf_add_i64(struct buf *b, int64_t v)
{
    if (v < 0)
        buf_add_char(b, '-');
    buf_add_u64(b, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void buf_printf(struct buf *b, const char *format, ...)
{
    char stack[PRINTF_STACK];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(stack, sizeof(stack), format, args);
    va_end(args);
    if (n < 0) {
        b->failed = true;
        return;
    }
    if ((size_t)n < sizeof(stack)) {
        buf_add(b, stack, (size_t)n);
        return;
    }
    /* Aside, because vsnprintf's terminator must not need a byte past the maximum. */
    char *heap = NULL;
    if (!b->failed && (size_t)n <= b->max - b->n)
        heap = malloc((size_t)n + 1);
    if (!heap) {
        b->failed = true;
        return;
    }
    va_start(args, format);
    vsnprintf(heap, (size_t)n + 1, format, args);
    va_end(args);
    buf_add(b, heap, (size_t)n);
    free(heap);
}

void buf_add_u8(struct buf *b, uint8_t v)
{
    buf_add(b, &v, 1);
}

void buf_add_u32(struct buf *b, uint32_t v)
{
    uint8_t bytes[4];
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(v >> (8 * i));
    buf_add(b, bytes, sizeof(bytes));
}

void buf_add_u64le(struct buf *b, uint64_t v)
{
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(v >> (8 * i));
    buf_add(b, bytes, sizeof(bytes));
}

void buf_add_f32(struct buf *b, float v)
{
    uint32_t bits;
    memcpy(&bits, &v, sizeof(bits));
    buf_add_u32(b, bits);
}

void buf_add_varint(struct buf *b, uint64_t v)
{
    uint8_t bytes[10];
    size_t n = 0;
    for (; v >= 0x80; v >>= 7)
        bytes[n++] = (uint8_t)(v | 0x80);
    bytes[n++] = (uint8_t)v;
    buf_add(b, bytes, n);
}

void buf_add_svarint(struct buf *b, int64_t v)
{
    buf_add_varint(b, ((uint64_t)v << 1) ^ (v < 0 ? UINT64_MAX : 0));
}

void buf_add_lenstr(struct buf *b, struct str s)
{
    buf_add_varint(b, s.n);
    buf_add_str(b, s);
}

struct cursor cursor_over(const void *p, size_t n)
{
    const uint8_t *from = p;
    return (struct cursor){.p = from, .end = n ? from + n : from};
}

size_t cursor_left(const struct cursor *c)
{
    return c->failed ? 0 : (size_t)(c->end - c->p);
}

/* The next n bytes, or NULL and `failed`. */
static const uint8_t *take(struct cursor *c, size_t n)
{
    if (cursor_left(c) < n) {
        c->failed = true;
        return NULL;
    }
    const uint8_t *p = c->p;
    c->p += n;
    return p;
}

uint8_t cursor_u8(struct cursor *c)
{
    const uint8_t *p = take(c, 1);
    return p ? p[0] : 0;
}

uint32_t cursor_u32(struct cursor *c)
{
    const uint8_t *p = take(c, 4);
    uint32_t v = 0;
    for (int i = 0; p && i < 4; i++)
        v |= (uint32_t)p[i] << (8 * i);
    return v;
}

uint64_t cursor_u64le(struct cursor *c)
{
    const uint8_t *p = take(c, 8);
    uint64_t v = 0;
    for (int i = 0; p && i < 8; i++)
        v |= (uint64_t)p[i] << (8 * i);
    return v;
}

float cursor_f32(struct cursor *c)
{
    uint32_t bits = cursor_u32(c);
    float v;
    memcpy(&v, &bits, sizeof(v));
    return v;
}

uint64_t cursor_varint(struct cursor *c)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        const uint8_t *p = take(c, 1);
        if (!p)
            return 0;
        uint64_t bits = *p & 0x7f;
        if (shift == 63 && bits > 1)
            break;
        v |= bits << shift;
        if (!(*p & 0x80))
            return v;
    }
    c->failed = true; /* over 64 bits */
    return 0;
}

int64_t cursor_svarint(struct cursor *c)
{
    uint64_t v = cursor_varint(c);
    return (int64_t)((v >> 1) ^ (0 - (v & 1)));
}

struct str cursor_lenstr(struct cursor *c)
{
    uint64_t n = cursor_varint(c);
    if (n > cursor_left(c)) {
        c->failed = true;
        return STR_NONE;
    }
    const uint8_t *p = take(c, n);
    return p ? (struct str){(const char *)p, n} : STR_NONE;
}
