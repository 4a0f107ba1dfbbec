/* fuzz_slate_json.c - slates: any bytes. What is accepted has a budget, and concepts with costs, of 0 and more. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "wire/slate_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct slate_request s;
    struct mq_error err;

    if (arena_init(&arena, 1 << 16, 64 << 20) != 0)
        return 0;
    if (slate_json_parse((struct str){(const char *)data, size}, &arena, &s, &err) == 0) {
        if (!(s.budget >= 0) || s.n == 0 || s.n > SLATE_CONCEPTS_MAX || s.n_rules > SLATE_RULES_MAX)
            abort();
        for (size_t i = 0; i < s.n; i++) {
            if (!(s.concepts[i].cost >= 0) || title_check(&s.concepts[i].title, &err) != 0)
                abort();
        }
    }
    arena_release(&arena);
    return 0;
}
