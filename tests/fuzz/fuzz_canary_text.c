/* fuzz_canary_text.c - a canary as the store holds it: any bytes. What is read is within its limits, and reads the same when it is
 * written again. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "engine/canary.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char first[2048], second[2048];
    struct canary c, again;
    struct mq_error err;
    struct buf a, b;
    if (canary_decode((struct str){(const char *)data, size}, &c, &err) != 0)
        return 0;
    if (c.version == 0 || !(c.share > 0 && c.share <= 0.5) || !(c.margin >= 0 && c.margin <= 0.5) ||
        !(c.days > 0 && c.days <= 365) || !canary_state_name(c.state))
        abort();
    buf_over(&a, first, sizeof(first));
    buf_over(&b, second, sizeof(second));
    canary_encode(&c, &a);
    if (a.failed || canary_decode(buf_str(&a), &again, &err) != 0)
        abort();
    canary_encode(&again, &b);
    if (!str_eq(buf_str(&a), buf_str(&b)))
        abort();
    return 0;
}
