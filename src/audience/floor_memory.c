/* floor_memory.c - what was answered: no two answers may differ by few viewers, and the same question has the same one. */
#include <stdlib.h>

#include "audience/floor.h"
#include "base/hash.h"

enum record { RECORD_GROUP = 1, RECORD_QUESTION };

void floor_memory_release(struct floor_memory *m)
{
    for (size_t i = 0; i < FLOOR_REMEMBERED; i++) {
        if (m->sets[i])
            roaring_bitmap_free(m->sets[i]);
    }
    *m = (struct floor_memory){0};
}

/* ---------------------------------------------------------------- the stored form
 *
 * A record: u8 what it is, varint length and that many bytes (a portable bitmap; u64 hash of a question), u64 hash of all that. */

static void close_record(struct buf *out, size_t from)
{
    if (!out->failed)
        buf_add_u64le(out, hash64(out->p + from, out->n - from, 0));
}

void floor_group_encode(const roaring_bitmap_t *set, struct buf *out)
{
    size_t from = out->n;
    size_t n = roaring_bitmap_portable_size_in_bytes(set);
    buf_add_u8(out, RECORD_GROUP);
    buf_add_varint(out, n);
    if (!buf_reserve(out, n))
        return;
    roaring_bitmap_portable_serialize(set, out->p + out->n);
    out->n += n;
    close_record(out, from);
}

void floor_question_encode(uint64_t question, struct buf *out)
{
    size_t from = out->n;
    buf_add_u8(out, RECORD_QUESTION);
    buf_add_varint(out, sizeof(question));
    buf_add_u64le(out, question);
    close_record(out, from);
}

void floor_memory_encode(const struct floor_memory *m, struct buf *out)
{
    for (size_t i = 0; i < FLOOR_REMEMBERED; i++) {
        const roaring_bitmap_t *set = m->sets[(m->at + i) % FLOOR_REMEMBERED];
        if (set)
            floor_group_encode(set, out);
    }
    for (size_t i = 0; i < FLOOR_QUESTIONS; i++) {
        uint64_t question = m->questions[(m->question_at + i) % FLOOR_QUESTIONS];
        if (question)
            floor_question_encode(question, out);
    }
}

static bool take_record(struct floor_memory *m, uint8_t kind, struct str body)
{
    if (kind == RECORD_QUESTION && body.n == sizeof(uint64_t)) {
        struct cursor c = cursor_over(body.p, body.n);
        (void)floor_remember_question(m, cursor_u64le(&c));
        return true;
    }
    if (kind != RECORD_GROUP)
        return false;
    roaring_bitmap_t *set = roaring_bitmap_portable_deserialize_safe(body.p, body.n);
    if (!set)
        return false;
    (void)floor_remember(m, set);
    roaring_bitmap_free(set);
    return true;
}

void floor_memory_decode(struct str bytes, struct floor_memory *m, size_t *ret_n, bool *ret_whole)
{
    struct cursor c = cursor_over(bytes.p, bytes.n);
    size_t n = 0;
    bool good = true;
    while (good && cursor_left(&c) > 0) {
        size_t from = bytes.n - cursor_left(&c);
        uint8_t kind = cursor_u8(&c);
        struct str body = cursor_lenstr(&c);
        size_t to = bytes.n - cursor_left(&c);
        uint64_t hash = cursor_u64le(&c);
        good =
            !c.failed && hash == hash64(bytes.p + from, to - from, 0) && take_record(m, kind, body);
        n += good;
    }
    *ret_n = n;
    *ret_whole = good;
}

/* ---------------------------------------------------------------- groups */

bool floor_differs(const struct floor_memory *m, const roaring_bitmap_t *set, unsigned k)
{
    for (size_t i = 0; i < FLOOR_REMEMBERED && m->sets[i]; i++) {
        uint64_t n = roaring_bitmap_xor_cardinality(m->sets[i], set);
        if (n > 0 && n < k)
            return true;
    }
    return false;
}

bool floor_remember(struct floor_memory *m, const roaring_bitmap_t *set)
{
    for (size_t i = 0; i < FLOOR_REMEMBERED && m->sets[i]; i++) {
        if (roaring_bitmap_equals(m->sets[i], set))
            return false;
    }
    roaring_bitmap_t *copy = roaring_bitmap_copy(set);
    if (!copy)
        return false;
    if (m->sets[m->at])
        roaring_bitmap_free(m->sets[m->at]);
    m->sets[m->at] = copy;
    m->at = (m->at + 1) % FLOOR_REMEMBERED;
    return true;
}

/* ---------------------------------------------------------------- questions */

uint64_t floor_question(const roaring_bitmap_t *const *sets, size_t n, struct str words, unsigned k)
{
    uint64_t hash = hash64(words.p, words.n, k);
    for (size_t i = 0; i < n; i++) {
        size_t bytes = roaring_bitmap_portable_size_in_bytes(sets[i]);
        char *form = malloc(bytes + 1);
        if (!form)
            return 0;
        roaring_bitmap_portable_serialize(sets[i], form);
        hash = hash64(form, bytes, hash);
        free(form);
    }
    return hash ? hash : 1;
}

bool floor_was_answered(const struct floor_memory *m, uint64_t question)
{
    for (size_t i = 0; question && i < FLOOR_QUESTIONS; i++) {
        if (m->questions[i] == question)
            return true;
    }
    return false;
}

bool floor_remember_question(struct floor_memory *m, uint64_t question)
{
    if (question == 0 || floor_was_answered(m, question))
        return false;
    m->questions[m->question_at] = question;
    m->question_at = (m->question_at + 1) % FLOOR_QUESTIONS;
    return true;
}
