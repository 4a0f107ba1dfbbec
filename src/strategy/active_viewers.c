#include "strategy/active_viewers.h"

#include <stdlib.h>
#include <string.h>

#include "event/event.h"

static const int64_t day_ms = 86400000;

/* Days since 1900. */
static int64_t day_of_ms(int64_t at_ms)
{
    return (at_ms - EVENT_AT_MIN) / day_ms;
}

void active_viewers_init(struct active_viewers *a)
{
    *a = (struct active_viewers){.first = INT32_MAX, .last = INT32_MIN};
}

void active_viewers_release(struct active_viewers *a)
{
    free(a->step);
    free(a->until);
    active_viewers_init(a);
}

static int room_for(int32_t **list, uint32_t *cap, uint32_t need, struct mq_error *err)
{
    if (need < *cap)
        return 0;
    uint32_t n = *cap ? *cap : 1024;
    while (n <= need)
        n *= 2;
    int32_t *grown = realloc(*list, (size_t)n * sizeof(*grown));
    if (!grown)
        return mq_fail(err, MQ_NO_MEMORY, "strategy: no memory for viewers by day");
    memset(grown + *cap, 0, (size_t)(n - *cap) * sizeof(*grown));
    *list = grown;
    *cap = n;
    return 0;
}

int active_viewers_add(struct active_viewers *a, uint32_t viewer, int64_t at_ms,
                       struct mq_error *err)
{
    int64_t when = day_of_ms(at_ms);
    if (at_ms < EVENT_AT_MIN || when >= ACTIVE_DAYS_MAX)
        return 0;
    int32_t day = (int32_t)when;
    int rc = room_for(&a->step, &a->days, (uint32_t)(day + ACTIVE_WINDOW + 2), err);
    if (rc == 0)
        rc = room_for(&a->until, &a->cap_viewers, viewer, err);
    if (rc)
        return rc;
    int32_t from = day + 1 > a->until[viewer] + 1 ? day + 1 : a->until[viewer] + 1;
    int32_t to = day + ACTIVE_WINDOW;
    if (from <= to) {
        a->step[from]++;
        a->step[to + 1]--;
        a->until[viewer] = to;
    }
    a->first = day < a->first ? day : a->first;
    a->last = day > a->last ? day : a->last;
    return 0;
}

void active_viewers_finish(struct active_viewers *a)
{
    for (uint32_t i = 1; i < a->days; i++)
        a->step[i] += a->step[i - 1];
    free(a->until);
    a->until = NULL;
    a->cap_viewers = 0;
}

uint32_t active_viewers_before(const struct active_viewers *a, int64_t at_ms)
{
    int64_t day = day_of_ms(at_ms);
    if (a->last < a->first || at_ms < EVENT_AT_MIN)
        return 0;
    day = day < (int64_t)a->first + ACTIVE_WINDOW ? (int64_t)a->first + ACTIVE_WINDOW : day;
    return day < a->days ? (uint32_t)a->step[day] : 0;
}
