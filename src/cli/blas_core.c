#include "cli/blas_core.h"

#include <stddef.h>

#include "cli/start_again.h"
#include "math/spd.h"

void blas_core_choose(char **argv)
{
    const char *core = spd_better_core();
    if (core)
        start_again_with("OPENBLAS_CORETYPE", core, argv);
}
