/* buf.h - a growable run of bytes with a declared maximum.
 *
 * Errors stick: after one append fails (maximum reached, no memory) `failed` is set, later appends
 * do nothing, and the caller checks once at the end. A buffer over fixed storage never allocates. */
#ifndef MQ_BASE_BUF_H
#define MQ_BASE_BUF_H

#include "str.h"

struct buf {
    char *p;
    size_t n;   /* bytes in use */
    size_t cap; /* bytes there */
    size_t max; /* cap never grows past this */
    bool fixed; /* p is the caller's */
    bool failed;
};

/* Grows on the heap up to `max` bytes; release it. */
void buf_init(struct buf *b, size_t max);
/* Over the caller's storage; nothing to release. */
void buf_over(struct buf *b, void *storage, size_t size);
/* Empty it, keep its memory, clear `failed`. */
void buf_reset(struct buf *b);
void buf_release(struct buf *b);

/* Room for `n` more bytes; false when that would pass the maximum. */
bool buf_reserve(struct buf *b, size_t n);
void buf_add(struct buf *b, const void *p, size_t n);
void buf_add_str(struct buf *b, struct str s);
void buf_add_z(struct buf *b, const char *z);
void buf_add_char(struct buf *b, char c);
void buf_add_u64(struct buf *b, uint64_t v); /* decimal */
void buf_add_i64(struct buf *b, int64_t v);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

static inline struct str buf_str(const struct buf *b)
{
    return (struct str){b->p, b->n};
}

/* Little-endian fixed widths and LEB128 varints, for the binary codecs. */
void buf_add_u8(struct buf *b, uint8_t v);
void buf_add_u32(struct buf *b, uint32_t v);
void buf_add_u64le(struct buf *b, uint64_t v);
void buf_add_f32(struct buf *b, float v);
void buf_add_varint(struct buf *b, uint64_t v);
void buf_add_svarint(struct buf *b, int64_t v);   /* zigzag */
void buf_add_lenstr(struct buf *b, struct str s); /* varint length, bytes */

/* Reading the same back. Errors stick here too: past the end `failed` is set and zeros come out. */
struct cursor {
    const uint8_t *p;
    const uint8_t *end;
    bool failed;
};

struct cursor cursor_over(const void *p, size_t n);
size_t cursor_left(const struct cursor *c);
uint8_t cursor_u8(struct cursor *c);
uint32_t cursor_u32(struct cursor *c);
uint64_t cursor_u64le(struct cursor *c);
float cursor_f32(struct cursor *c);
uint64_t cursor_varint(struct cursor *c);
int64_t cursor_svarint(struct cursor *c);
/* Points into the input. */
struct str cursor_lenstr(struct cursor *c);

#endif
