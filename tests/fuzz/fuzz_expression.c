/* fuzz_expression.c - what an audience is called: any bytes. What parses stays within the stated limits, and its values lie in
 * the text. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "audience/expression.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned count_atoms(const struct expression *e, size_t size, unsigned depth)
{
    if (depth > EXPRESSION_ATOMS + EXPRESSION_DEPTH)
        abort();
    if (e->op != EXPRESSION_ATOM)
        return count_atoms(e->left, size, depth + 1) + count_atoms(e->right, size, depth + 1);
    if (e->value.n > size || e->value.p[e->value.n] != '\0' || !str_is_utf8(e->value))
        abort();
    return 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct mq_error err;
    const struct expression *e;
    if (arena_init(&arena, 4096, 1 << 22) != 0)
        abort();
    int rc = expression_parse((struct str){(const char *)data, size}, &arena, &e, &err);
    if (rc == 0 && count_atoms(e, size, 0) > EXPRESSION_ATOMS)
        abort();
    if (rc != 0 && err.text[0] == '\0')
        abort();
    arena_release(&arena);
    return 0;
}
