/* eval_folder.h - a fresh folder for each test of a program, and paths in it. */
#ifndef MQ_TEST_EVAL_FOLDER_H
#define MQ_TEST_EVAL_FOLDER_H

#include "support/check.h"

static char folder[512];

/* Valid until the eighth call after it. */
static inline const char *path_of(const char *name)
{
    static char paths[8][600];
    static int next;
    char *p = paths[next++ % 8];
    snprintf(p, sizeof(paths[0]), "%s/%s", folder, name);
    return p;
}

static inline int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "%s", test_dir());
    return 0;
}

static inline int teardown(void **state)
{
    (void)state;
    test_dir_remove(folder);
    return 0;
}

#endif
