#include "audience/set_bits.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "math/bits.h"
#include "math/kernels.h"

/* The portable form: a cookie; whether each container holds runs (only with the second cookie); key and count - 1 of each;
 * where each begins (always with the first cookie, else from four on); then the containers: ids' low halves, 65,536
 * bits, or runs as pairs of a first id and a length - 1. All little endian. */
enum { COOKIE_NO_RUNS = 12346, COOKIE_RUNS = 12347, OFFSETS_FROM = 4, LOW_MOST = 4096 };
enum { CHUNK_BYTES = SET_CHUNK_WORDS * 8 };

static uint32_t u16_at(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t u32_at(const unsigned char *p)
{
    return u16_at(p) | u16_at(p + 2) << 16;
}

static int reserve(struct set_reader *r, size_t n, struct mq_error *err)
{
    if (n <= r->cap)
        return 0;
    free(r->bytes);
    r->cap = 0;
    r->bytes = malloc(n * 2);
    if (!r->bytes)
        return mq_fail(err, MQ_NO_MEMORY, "audience: no memory");
    r->cap = n * 2;
    return 0;
}

int set_reader_begin(struct set_reader *r, const roaring_bitmap_t *set, struct mq_error *err)
{
    r->n = r->at = 0;
    if (!set)
        return 0;
    int rc = reserve(r, roaring_bitmap_portable_size_in_bytes(set), err);
    if (rc)
        return rc;
    roaring_bitmap_portable_serialize(set, r->bytes);
    const unsigned char *p = (const unsigned char *)r->bytes;
    uint32_t cookie = u32_at(p);
    bool runs = (cookie & 0xffff) == COOKIE_RUNS;
    r->n = runs ? (cookie >> 16) + 1 : u32_at(p + 4);
    r->run_flags = runs ? p + 4 : NULL;
    r->heads = runs ? p + 4 + (r->n + 7) / 8 : p + 8;
    r->next = r->heads + (size_t)r->n * 4 + (runs && r->n < OFFSETS_FROM ? 0 : (size_t)r->n * 4);
    return 0;
}

static void fill_runs(struct set_reader *r)
{
    uint32_t n = u16_at(r->next);
    const unsigned char *p = r->next + 2;
    memset(r->words, 0, sizeof(r->words));
    for (uint32_t i = 0; i < n; i++, p += 4) {
        uint32_t from = u16_at(p);
        uint32_t to = from + u16_at(p + 2);
        for (uint32_t id = from; id <= to; id++)
            bits_set(r->words, id);
    }
    r->next = p;
}

bool set_reader_next(struct set_reader *r, struct set_chunk *ret)
{
    if (r->at == r->n)
        return false;
    const unsigned char *head = r->heads + (size_t)r->at * 4;
    bool runs = r->run_flags && r->run_flags[r->at / 8] >> r->at % 8 & 1;
    uint32_t n = u16_at(head + 2) + 1;
    r->at++;
    *ret = (struct set_chunk){.word0 = (size_t)u16_at(head) * SET_CHUNK_WORDS};
    if (runs) {
        fill_runs(r);
        ret->words = (const set_word *)r->words;
    } else if (n > LOW_MOST) {
        ret->words = (const set_word *)(const void *)r->next;
        r->next += CHUNK_BYTES;
    } else {
        ret->low = (const set_low *)(const void *)r->next;
        ret->n = n;
        r->next += (size_t)n * 2;
    }
    return true;
}

void set_reader_release(struct set_reader *r)
{
    free(r->bytes);
    r->bytes = NULL;
    r->cap = 0;
}

int set_bits_or(struct set_reader *r, const roaring_bitmap_t *set, uint64_t *to,
                struct mq_error *err)
{
    struct set_chunk c;
    int rc = set_reader_begin(r, set, err);
    if (rc)
        return rc;
    while (set_reader_next(r, &c)) {
        uint64_t *here = to + c.word0;
        if (c.words) {
            for (size_t i = 0; i < SET_CHUNK_WORDS; i++)
                here[i] |= c.words[i];
        } else {
            assert(c.low);
            for (uint32_t i = 0; i < c.n; i++)
                bits_set(here, c.low[i]);
        }
    }
    return 0;
}

/* ---------------------------------------------------------------- back again */

static void put_u16(char *p, uint32_t v)
{
    p[0] = (char)(v & 0xff);
    p[1] = (char)(v >> 8 & 0xff);
}

static void put_u32(char *p, uint32_t v)
{
    put_u16(p, v & 0xffff);
    put_u16(p + 2, v >> 16);
}

/* One container; returns what follows it. */
static char *put_chunk(const uint64_t *words, uint32_t n, char *to)
{
    if (n > LOW_MOST) {
        memcpy(to, words, CHUNK_BYTES);
        return to + CHUNK_BYTES;
    }
    for (uint32_t i = 0; i < SET_CHUNK_WORDS; i++) {
        for (uint64_t w = words[i]; w; w &= w - 1, to += 2)
            put_u16(to, i * 64 + (uint32_t)__builtin_ctzll(w));
    }
    return to;
}

roaring_bitmap_t *set_bits_pack(const uint64_t *bits, size_t words)
{
    const struct kernels *k = math_kernels();
    size_t chunks = words / SET_CHUNK_WORDS;
    uint32_t *count = calloc(chunks + 1, sizeof(*count));
    char *form = NULL;
    size_t bytes = 8;
    uint32_t n = 0;
    for (size_t i = 0; count && i < chunks; i++) {
        const uint64_t *here = bits + i * SET_CHUNK_WORDS;
        count[i] = k->count_both(here, here, SET_CHUNK_WORDS);
        n += count[i] > 0;
        bytes += count[i] > LOW_MOST ? CHUNK_BYTES + 8
                 : count[i] > 0      ? (size_t)count[i] * 2 + 8
                                     : 0;
    }
    form = count ? malloc(bytes) : NULL;
    if (!form) {
        free(count);
        return NULL;
    }
    put_u32(form, COOKIE_NO_RUNS);
    put_u32(form + 4, n);
    char *head = form + 8;
    char *offset = head + (size_t)n * 4;
    char *at = offset + (size_t)n * 4;
    for (size_t i = 0; i < chunks; i++) {
        if (count[i] == 0)
            continue;
        put_u16(head, (uint32_t)i);
        put_u16(head + 2, count[i] - 1);
        put_u32(offset, (uint32_t)(at - form));
        at = put_chunk(bits + i * SET_CHUNK_WORDS, count[i], at);
        head += 4;
        offset += 4;
    }
    roaring_bitmap_t *ret = roaring_bitmap_portable_deserialize(form);
    free(form);
    free(count);
    return ret;
}
