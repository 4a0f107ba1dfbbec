/* fuzz_engagement_file.c - kept weights of engagement: any bytes, once as they are and once with a checksum that fits, so that
 * the lines are reached. What is accepted is in range. */
#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/hash.h"
#include "engine/engagement_fitting.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct str text)
{
    double weight[ENGAGEMENT_WEIGHTS];
    struct mq_error err;
    int rc = engagement_file_parse("fuzz", text, weight, &err);
    if (rc != 0 && err.text[0] == '\0')
        abort();
    for (int k = 0; rc == 0 && k < ENGAGEMENT_WEIGHTS; k++)
        if (!(fabs(weight[k]) <= 1000))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf b;
    struct str text = {(const char *)data, size};
    check(text);
    buf_init(&b, size + 64);
    buf_add_str(&b, text);
    buf_printf(&b, "checksum %016" PRIx64 "\n", hash_str(text, 0));
    check(buf_str(&b));
    buf_release(&b);
    return 0;
}
