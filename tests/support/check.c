#include "support/check.h"

#include <ftw.h>
#include <limits.h>
#include <stdatomic.h>
#include <unistd.h>

enum { SEED = 20260301 };

struct mq_error test_err;

const char *test_dir(void)
{
    static char path[PATH_MAX];
    const char *base = getenv("TMPDIR");
    snprintf(path, sizeof(path), "%s/marquee-test-XXXXXX", base && *base ? base : "/tmp");
    if (!mkdtemp(path))
        fail_msg("cannot make a folder: %s", path);
    return path;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st;
    (void)type;
    (void)where;
    return remove(path);
}

void test_dir_remove(const char *path)
{
    if (nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS) != 0)
        print_error("cannot remove folder: %s\n", path);
}

const char *test_data(const char *relative)
{
    static char path[PATH_MAX];
    const char *base = getenv("MARQUEE_SHARED_DATA");
    snprintf(path, sizeof(path), "%s/%s", base ? base : "", relative);
    if (base && access(path, R_OK) == 0)
        return path;
    print_message("skipped: no %s\n", path);
    return NULL;
}

size_t test_rounds(size_t usual)
{
    const char *soak = getenv("MARQUEE_SOAK");
    return soak && strcmp(soak, "1") == 0 ? usual * 10 : usual;
}

/* Printed once, at the first use: a property that fails may not come back here. */
uint64_t test_seed(void)
{
    static atomic_bool told;
    const char *given = getenv("MARQUEE_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : SEED;
    if (!atomic_exchange(&told, true))
        print_message("MARQUEE_SEED=%llu\n", (unsigned long long)seed);
    return seed;
}
