/* viewer_set_codec.c - one set: varint how many, then the ids, ascending, as differences. */
#include <stdlib.h>

#include "audience/viewer_sets.h"

int viewer_set_encode(const roaring_bitmap_t *set, struct buf *out, struct mq_error *err)
{
    uint64_t n = roaring_bitmap_get_cardinality(set);
    uint32_t *list = calloc(n + 1, sizeof(*list));
    if (!list)
        return mq_fail(err, MQ_NO_MEMORY, "set of viewers: no memory");
    roaring_bitmap_to_uint32_array(set, list);
    buf_add_varint(out, n);
    for (uint64_t i = 0; i < n; i++)
        buf_add_varint(out, list[i] - (i > 0 ? list[i - 1] : 0));
    free(list);
    return 0;
}

bool viewer_set_decode(struct cursor *c, roaring_bitmap_t *set)
{
    uint64_t n = cursor_varint(c);
    uint64_t at = 0;
    for (uint64_t i = 0; i < n && !c->failed; i++) {
        at += cursor_varint(c);
        if (at >= SETS_VIEWERS_MAX)
            return false;
        roaring_bitmap_add(set, (uint32_t)at);
    }
    return !c->failed;
}
