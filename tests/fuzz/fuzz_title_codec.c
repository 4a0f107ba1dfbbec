/* fuzz_title_codec.c - stored titles: any bytes. What decodes must read the same when it is encoded again,
 * and can be put into a catalogue. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "catalogue/catalogue.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct buf encoded(const struct title *t)
{
    struct buf b;
    buf_init(&b, 8 << 20);
    title_encode(t, &b);
    if (b.failed)
        abort();
    return b;
}

static void put_into_a_catalogue(struct title *t)
{
    struct catalogue_builder *b;
    struct catalogue *c;
    t->title_id.v = 3;
    for (uint32_t i = 0; i < t->n_credits; i++) {
        if (t->credits[i].person_id.v > 1000)
            return; /* dense ids are small; these would take gigabytes */
    }
    if (catalogue_builder_new(&b, NULL) != 0 || catalogue_add(b, t, NULL) != 0 ||
        catalogue_build(b, 1, &c, NULL) != 0)
        abort();
    catalogue_free(c);
    catalogue_builder_free(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct title t, again;
    if (arena_init(&arena, 4096, 1 << 22) != 0)
        abort();
    if (title_decode((struct str){(const char *)data, size}, &arena, &t, NULL) == 0) {
        struct buf first = encoded(&t);
        if (title_decode(buf_str(&first), &arena, &again, NULL) != 0)
            abort();
        struct buf second = encoded(&again);
        if (!str_eq(buf_str(&first), buf_str(&second)))
            abort();
        (void)title_check(&t, NULL);
        put_into_a_catalogue(&t);
        buf_release(&first);
        buf_release(&second);
    }
    arena_release(&arena);
    return 0;
}
