#include "base/large.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

static const size_t large_page = (size_t)2 << 20;

void *large_alloc(size_t n)
{
    size_t align = n < large_page / 2 ? 64 : large_page;
    if (n > SIZE_MAX - align)
        return NULL;
    size_t size = (n + align - 1) / align * align;
    void *p = aligned_alloc(align, size ? size : align);
    if (p && align == large_page)
        (void)madvise(p, size, MADV_HUGEPAGE); /* a wish: small pages do as well */
    return p;
}
