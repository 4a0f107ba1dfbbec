/* fuzz_experiment_text.c - an arm as somebody wrote it, and a definition as the store holds it: any bytes. What is read must read the
 * same when it is written again. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "engine/experiments.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char first[1 << 15], second[1 << 15];
    struct str text = {(const char *)data, size};
    struct experiment x, again;
    struct experiment_arm arm;
    struct mq_error err;
    struct buf a, b;
    if (experiment_arm_read(text, &arm, &err) == 0 && !(arm.weight > 0))
        abort();
    if (experiment_decode(text, &x, &err) != 0)
        return 0;
    buf_over(&a, first, sizeof(first));
    buf_over(&b, second, sizeof(second));
    experiment_encode(&x, &a);
    if (a.failed || experiment_decode(buf_str(&a), &again, &err) != 0)
        abort();
    experiment_encode(&again, &b);
    if (!str_eq(buf_str(&a), buf_str(&b)))
        abort();
    return 0;
}
