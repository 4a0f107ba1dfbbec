/* fuzz_tuned_file.c - the settings that tuning left in the data folder: any bytes. What is accepted is in range. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "engine/tuned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool within(double v, double most)
{
    return v >= 0 && v <= most;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lineup_settings s;
    struct mq_error err;
    if (size > TUNED_BYTES_MAX)
        return 0; /* refused before it is parsed */
    int rc = tuned_parse("fuzz", (struct str){(const char *)data, size}, &s, &err);
    if (rc != 0 && err.text[0] == '\0')
        abort();
    if (rc == 0 &&
        !(s.ials.rank <= MODEL_RANK_MAX && s.ials.epochs <= 1000 &&
          within((double)s.ials.regularisation, 1e6) && within((double)s.ials.unobserved, 1e6) &&
          fabs((double)s.ials.frequency_power) <= 4 && within(s.ease_lambda, 1e9) &&
          s.knn.neighbours <= 1000000 && within((double)s.knn.shrink, 1e6)))
        abort();
    return 0;
}
