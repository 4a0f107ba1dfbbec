/* fuzz_trend_codec.c - kept counters: any bytes. What decodes must read the same when it is encoded again. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "profile/trend_codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TITLES = 300 };

static struct buf encoded(const struct trend *t)
{
    struct buf b;
    buf_init(&b, 64 << 20);
    trend_encode(t, &b);
    if (b.failed)
        abort();
    return b;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct trend *t, *again;
    static float score[TITLES];
    static uint32_t chosen[TITLES];
    if (trend_decode((struct str){(const char *)data, size}, &t, NULL) != 0)
        return 0;
    struct buf first = encoded(t);
    if (trend_decode(buf_str(&first), &again, NULL) != 0)
        abort();
    struct buf second = encoded(again);
    if (!str_eq(buf_str(&first), buf_str(&second)))
        abort();
    struct event e;
    event_init(&e);
    e.kind = EVENT_START;
    e.title_id.v = 7;
    e.at_ms = INT64_C(1772395200000);
    e.context = (struct context){.offset_min = 60, .device = DEVICE_TV, .country = 'G' << 8 | 'B'};
    e.context.region = STR("London");
    struct rising_title now[RISING_MAX];
    (void)trend_feed(again, &e, NULL);
    (void)trend_rising(again, e.at_ms, e.context.country, e.context.region, now);
    (void)trend_rising(again, e.at_ms, e.context.country, (struct str){0}, now);
    trend_read(again, e.at_ms, &e.context, TITLES, score, chosen);
    buf_release(&first);
    buf_release(&second);
    trend_free(t);
    trend_free(again);
    return 0;
}
