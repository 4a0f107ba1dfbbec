/* fuzz_dossier.c - stored dossiers: any bytes. What is read is written again to the same bytes. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "strategy/dossier.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct mq_dossier d, again;
    struct mq_error err;
    struct buf b;

    if (arena_init(&arena, 1 << 16, 64 << 20) != 0)
        return 0;
    buf_init(&b, 4 << 20);
    if (dossier_decode((struct str){(const char *)data, size}, &arena, &d, &err) == 0) {
        dossier_encode(&d, &b);
        if (b.failed || dossier_decode(buf_str(&b), &arena, &again, &err) != 0 ||
            again.log_seq != d.log_seq || strcmp(again.concept, d.concept) != 0)
            abort();
    }
    buf_release(&b);
    arena_release(&arena);
    return 0;
}
