/* fuzz_rival_lists.c - another system's lists: any bytes. What is taken is in order, without a title twice for a viewer. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "eval/rival_lists.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct id_book book;
    struct rival_lists l;
    if (id_book_init(&book, NULL) != 0)
        abort();
    if (rival_lists_over("lists", (struct str){(const char *)data, size}, &book, &l, NULL) == 0) {
        if (l.n == 0)
            abort();
        for (size_t i = 1; i < l.n; i++) {
            const struct rival_row *a = &l.rows[i - 1], *b = &l.rows[i];
            if (a->viewer > b->viewer || (a->viewer == b->viewer && a->place > b->place) ||
                (a->viewer == b->viewer && a->title == b->title))
                abort();
        }
        size_t n;
        const struct rival_row *row = rival_list(&l, l.rows[0].viewer, &n);
        if (n == 0 || row != l.rows)
            abort();
        rival_lists_release(&l);
    }
    id_book_release(&book);
    return 0;
}
