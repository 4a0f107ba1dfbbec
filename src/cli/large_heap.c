#include "cli/large_heap.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
    static const char variable[] = "GLIBC_TUNABLES";
    if (getenv(variable) || !given_to_who_asks() ||
        setenv(variable, "glibc.malloc.hugetlb=1", 1) != 0)
        return;
    execv("/proc/self/exe", argv);
}
