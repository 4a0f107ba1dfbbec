/* fuzz_campaign_json.c - campaigns: any bytes, as a body and as the store's definition and sets. What is accepted keeps its limits. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "engine/campaigns.h"
#include "wire/campaign_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str bytes = {(const char *)data, size};
    struct arena arena;
    struct campaign_request q;
    struct campaign c;
    struct campaign_viewers v;
    struct mq_error err;

    if (arena_init(&arena, 1 << 16, 64 << 20) != 0)
        return 0;
    if (campaign_json_parse(bytes, &arena, &q, &err) == 0) {
        if (q.title.n == 0 || q.n > CAMPAIGN_SEGMENTS_MAX || !(q.holdout > 0 && q.holdout < 1))
            abort();
        for (size_t i = 0; i < q.n; i++) {
            const struct campaign_segment *s = &q.segments[i];
            if (s->audience.n == 0 || s->audience.n > CAMPAIGN_AUDIENCE_MAX ||
                s->audience.p[s->audience.n] != '\0' || (s->kind == LEAD_NONE) != (s->lead.n == 0))
                abort();
        }
    }
    if (campaign_decode(bytes, &arena, &c, &err) == 0 && (c.is.n == 0 || c.is.name.n == 0))
        abort();
    if (campaign_viewers_decode(bytes, &v, &err) == 0) {
        if (v.n > CAMPAIGN_SEGMENTS_MAX)
            abort();
        campaign_viewers_release(&v);
    }
    arena_release(&arena);
    return 0;
}
