#include "profile/shown_counts.h"

static uint16_t day_of(int64_t at_ms)
{
    int64_t day = at_ms / (INT64_C(24) * 3600 * 1000);
    return day < 0 ? 0 : day > UINT16_MAX ? UINT16_MAX : (uint16_t)day;
}

/* Where the title stands, or where it would. */
static uint32_t place_of(const struct shown_counts *c, uint32_t title)
{
    uint32_t low = 0, high = c->n;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (c->of[middle].title < title)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Bits from `at` on move up by one, `at` is cleared; or down by one, `at` is dropped. */
static uint64_t open_bit(uint64_t bits, uint32_t at)
{
    uint64_t below = (UINT64_C(1) << at) - 1;
    return (bits & below) | (bits & ~below) << 1;
}

static uint64_t close_bit(uint64_t bits, uint32_t at)
{
    uint64_t below = (UINT64_C(1) << at) - 1;
    return (bits & below) | (bits >> 1 & ~below);
}

/* False: everything there was counted in this visit. */
static bool make_room(struct shown_counts *c)
{
    uint32_t worst = c->n;
    for (uint32_t i = 0; i < c->n; i++) {
        const struct shown_count *a = &c->of[i];
        if (c->in_visit >> i & 1)
            continue;
        if (worst == c->n || a->times < c->of[worst].times ||
            (a->times == c->of[worst].times && a->day < c->of[worst].day))
            worst = i;
    }
    if (worst == c->n)
        return false;
    memmove(&c->of[worst], &c->of[worst + 1], (c->n - worst - 1) * sizeof(*c->of));
    c->in_visit = close_bit(c->in_visit, worst);
    c->n--;
    return true;
}

static void count(struct shown_counts *c, uint32_t title, uint16_t day)
{
    uint32_t at = place_of(c, title);
    bool there = at < c->n && c->of[at].title == title;
    if (!there) {
        if (c->n == SHOWN_COUNTS_MAX && !make_room(c))
            return;
        at = place_of(c, title);
        memmove(&c->of[at + 1], &c->of[at], (c->n - at) * sizeof(*c->of));
        c->in_visit = open_bit(c->in_visit, at);
        c->n++;
        c->of[at] = (struct shown_count){.title = title};
    }
    if (c->in_visit >> at & 1)
        return;
    c->in_visit |= UINT64_C(1) << at;
    if (c->of[at].day + SHOWN_FORGOTTEN_DAYS < day)
        c->of[at].times = 0;
    c->of[at].times = (uint16_t)(c->of[at].times + (c->of[at].times < UINT16_MAX));
    c->of[at].day = day;
}

void shown_counts_add(struct shown_counts *c, const struct shown_page *page)
{
    if (page->at_ms < c->visit_ms)
        return;
    if (c->visit_ms == 0 || page->at_ms - c->visit_ms >= SHOWN_VISIT_MS) {
        c->visit_ms = page->at_ms;
        c->in_visit = 0;
    }
    for (uint32_t r = 0; r < page->n_rows && r < SHOWN_LOOKED_AT_ROWS; r++) {
        const struct shown_row *row = &page->rows[r];
        for (uint32_t i = 0; i < row->n && i < SHOWN_LOOKED_AT_COLUMNS; i++)
            count(c, row->items[i].title.v, day_of(page->at_ms));
    }
}

unsigned shown_times(const struct shown_counts *c, struct title_id title, int64_t at_ms)
{
    if (!c)
        return 0;
    uint32_t at = place_of(c, title.v);
    if (at == c->n || c->of[at].title != title.v ||
        c->of[at].day + SHOWN_FORGOTTEN_DAYS < day_of(at_ms))
        return 0;
    return c->of[at].times;
}
