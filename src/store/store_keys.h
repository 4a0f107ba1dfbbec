/* store_keys.h - the keys of the store's rows: big-endian numbers, so that byte order is number order. */
#ifndef MQ_STORE_STORE_KEYS_H
#define MQ_STORE_STORE_KEYS_H

#include <stdint.h>

#include "base/hash.h"
#include "base/str.h"

enum {
    KEY_VIEWER = 4,
    KEY_EVENT = 20,  /* viewer u32, at_ms u64 with the sign bit flipped, seq u64 */
    KEY_SEEN = 20,   /* viewer u32, identity 128 bit */
    KEY_NAME = 5,    /* kind u8, id u32 */
    KEY_TITLE = 12,  /* title u32, seq u64 */
    SEEN_VALUE = 17, /* version u8, at_ms as in the key of its event, seq u64 */
};

static inline void put_be32(char *p, uint32_t v)
{
    v = __builtin_bswap32(v);
    memcpy(p, &v, sizeof(v));
}

static inline void put_be64(char *p, uint64_t v)
{
    v = __builtin_bswap64(v);
    memcpy(p, &v, sizeof(v));
}

static inline uint32_t get_be32(const char *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof(v));
    return __builtin_bswap32(v);
}

static inline uint64_t get_be64(const char *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof(v));
    return __builtin_bswap64(v);
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "keys are swapped into big-endian");

/* Times before 1970 sort before those after. */
static inline uint64_t time_to_key(int64_t at_ms)
{
    return (uint64_t)at_ms ^ UINT64_C(1) << 63;
}

static inline int64_t time_from_key(uint64_t key)
{
    return (int64_t)(key ^ UINT64_C(1) << 63);
}

static inline void key_event(char out[KEY_EVENT], uint32_t viewer, int64_t at_ms, uint64_t seq)
{
    put_be32(out, viewer);
    put_be64(out + 4, time_to_key(at_ms));
    put_be64(out + 12, seq);
}

static inline void key_seen(char out[KEY_SEEN], uint32_t viewer, struct hash128 identity)
{
    put_be32(out, viewer);
    put_be64(out + 4, identity.hi);
    put_be64(out + 12, identity.lo);
}

static inline void value_seen(char out[SEEN_VALUE], int64_t at_ms, uint64_t seq)
{
    out[0] = 1;
    put_be64(out + 1, time_to_key(at_ms));
    put_be64(out + 9, seq);
}

static inline void key_name(char out[KEY_NAME], uint8_t kind, uint32_t id)
{
    out[0] = (char)kind;
    put_be32(out + 1, id);
}

static inline void key_title(char out[KEY_TITLE], uint32_t title, uint64_t seq)
{
    put_be32(out, title);
    put_be64(out + 4, seq);
}

#endif
