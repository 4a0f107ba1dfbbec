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
    char path[4096]; /* not /proc/self/exe: a process is called by what it was started from */
    ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
    if (n <= 0 || getenv(variable) || !given_to_who_asks() ||
        setenv(variable, "glibc.malloc.hugetlb=1", 1) != 0)
        return;
    path[n] = '\0';
    execv(path, argv);
}
