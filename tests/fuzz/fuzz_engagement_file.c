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
    struct engagement_kept kept;
    struct mq_error err;
    int rc = engagement_file_parse("fuzz", text, &kept, &err);
    if (rc != 0 && err.text[0] == '\0')
        abort();
    for (int k = 0; rc == 0 && k < ENGAGEMENT_WEIGHTS; k++)
        if (!(fabs(kept.weights.weight[k]) <= 1000))
            abort();
    if (rc != 0)
        return;
    /* Whatever was accepted can be served. */
    struct title_signal s = {
        .played_s = 3000, .content_s = 2000, .attended_ms = 1500000, .sessions = 2, .skips = 3};
    for (uint32_t runtime_s = 60; runtime_s < 12000; runtime_s += 600) {
        engagement_set(&s, runtime_s, &kept.weights);
        if (!(s.preference >= -1 && s.preference <= 1 && s.confidence >= 0))
            abort();
    }
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
