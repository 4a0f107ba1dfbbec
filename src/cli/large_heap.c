#include "cli/large_heap.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli/start_again.h"

/* Are large pages for those who ask? With "always" everybody has them, with "never" nobody. */
static bool given_to_who_asks(void)
{
    char text[64];
    FILE *f = fopen("/sys/kernel/mm/transparent_hugepage/enabled", "re");
    bool ret = f && fgets(text, sizeof(text), f) && strstr(text, "[madvise]");
    if (f)
        fclose(f);
    return ret;
}

void large_heap_choose(char **argv)
{
    if (given_to_who_asks())
        start_again_with("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1", argv);
}
