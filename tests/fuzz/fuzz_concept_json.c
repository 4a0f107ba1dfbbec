/* fuzz_concept_json.c - concepts: any bytes. What is accepted is a valid title with amounts of 0 and more. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "wire/concept_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct concept c;
    struct mq_error err;

    if (arena_init(&arena, 1 << 16, 64 << 20) != 0)
        return 0;
    if (concept_json_parse((struct str){(const char *)data, size}, &arena, &c, &err) == 0) {
        if (title_check(&c.title, &err) != 0 || c.n_comparables > CONCEPT_COMPARABLES_MAX ||
            c.cost < 0 || c.value_per_hour < 0 || !(c.unpromoted >= 0 && c.unpromoted <= 1))
            abort();
    }
    arena_release(&arena);
    return 0;
}
