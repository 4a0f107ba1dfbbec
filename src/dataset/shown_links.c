#include "dataset/shown_links.h"

#include <math.h>
#include <stdlib.h>

enum { ARENA_BLOCK = 256 * 1024, ARENA_MAX = 256 << 20 };

int shown_links_init(struct shown_links *l, struct mq_error *err)
{
    *l = (struct shown_links){0};
    return arena_init(&l->arena, ARENA_BLOCK, ARENA_MAX) == 0
               ? 0
               : mq_fail(err, MQ_NO_MEMORY, "shown pages: no memory");
}

void shown_links_release(struct shown_links *l)
{
    arena_release(&l->arena);
    free(l->pages);
    *l = (struct shown_links){0};
}

void shown_links_reset(struct shown_links *l)
{
    arena_reset(&l->arena);
    l->n = 0;
}

static int make_room(struct shown_links *l, struct mq_error *err)
{
    if (l->n == SHOWN_LINK_PAGES) { /* the earliest half goes */
        size_t kept = SHOWN_LINK_PAGES / 2;
        memmove(l->pages, l->pages + (l->n - kept), kept * sizeof(*l->pages));
        l->n = kept;
    }
    if (l->n < l->cap)
        return 0;
    size_t cap = l->cap ? 2 * l->cap : 64;
    struct linked_page *p = realloc(l->pages, cap * sizeof(*p));
    if (!p)
        return mq_fail(err, MQ_NO_MEMORY, "shown pages: no memory");
    l->pages = p;
    l->cap = cap;
    return 0;
}

int shown_links_add(struct shown_links *l, struct str bytes, struct viewer_id viewer, int64_t at_ms,
                    struct mq_error *err)
{
    struct mq_error damaged;
    char *copy = arena_alloc(&l->arena, bytes.n + 1); /* text of the page points into it */
    int rc = copy ? make_room(l, err) : mq_fail(err, MQ_NO_MEMORY, "shown pages: no memory");
    if (rc)
        return rc;
    if (bytes.n > 0)
        memcpy(copy, bytes.p, bytes.n);
    struct linked_page *p = &l->pages[l->n];
    *p = (struct linked_page){0};
    rc = shown_page_decode((struct str){copy, bytes.n}, viewer, at_ms, &l->arena, &p->page,
                           &damaged);
    if (rc == MQ_NO_MEMORY)
        return mq_fail(err, MQ_NO_MEMORY, "shown pages: no memory");
    if (rc == 0 && !(p->page.flags & SHOWN_CHILD))
        l->n++;
    return 0;
}

/* How far the rows reach: items may stand in any order. */
static uint32_t count_rows(const struct event *e, uint32_t sizes[SHOWN_ROWS_MAX])
{
    uint32_t rows = 0;
    memset(sizes, 0, SHOWN_ROWS_MAX * sizeof(*sizes));
    for (uint32_t i = 0; i < e->n_items; i++) {
        const struct event_item *item = &e->items[i];
        if (item->row >= SHOWN_ROWS_MAX || item->column >= SHOWN_ITEMS_MAX)
            continue;
        rows = item->row + 1u > rows ? item->row + 1u : rows;
        sizes[item->row] =
            item->column + 1u > sizes[item->row] ? item->column + 1u : sizes[item->row];
    }
    return rows;
}

static bool lay_rows(struct shown_links *l, const struct event *e, struct shown_page *p)
{
    uint32_t sizes[SHOWN_ROWS_MAX], all = 0;
    p->n_rows = count_rows(e, sizes);
    for (uint32_t r = 0; r < p->n_rows; r++)
        all += sizes[r];
    if (all > SHOWN_ITEMS_MAX)
        return false; /* more gaps than items */
    p->rows = ARENA_ARRAY(&l->arena, p->n_rows + 1, struct shown_row);
    struct shown_item *items = ARENA_ARRAY(&l->arena, all + 1, struct shown_item);
    if (!p->rows || !items)
        return false;
    for (uint32_t i = 0; i < all; i++)
        items[i] = (struct shown_item){.title = {ID_NONE}, .propensity = NAN};
    for (uint32_t r = 0; r < p->n_rows; items += sizes[r], r++)
        p->rows[r] = (struct shown_row){.kind = STR("impression"), .n = sizes[r], .items = items};
    for (uint32_t i = 0; i < e->n_items; i++) {
        const struct event_item *item = &e->items[i];
        if (item->row >= SHOWN_ROWS_MAX || item->column >= SHOWN_ITEMS_MAX)
            continue;
        struct shown_row *row = &p->rows[item->row];
        row->items[item->column].title = item->title_id;
        row->items[item->column].propensity = item->propensity;
        row->random = row->random || !isnan(item->propensity);
    }
    return true;
}

int shown_links_impression(struct shown_links *l, const struct event *e, struct mq_error *err)
{
    int rc = make_room(l, err);
    if (rc || e->n_items == 0)
        return rc;
    size_t at = l->n;
    struct shown_page p = {.viewer = e->viewer_id, .at_ms = e->at_ms, .context = e->context};
    p.context.region = p.context.mood = STR_NONE;
    (void)shown_id_from(e->recommendation, &p.id); /* another system's id is no use */
    if (!lay_rows(l, e, &p))
        return 0;
    for (; at > 0 && l->pages[at - 1].page.at_ms > p.at_ms; at--)
        l->pages[at] = l->pages[at - 1];
    l->pages[at] = (struct linked_page){.page = p};
    l->n++;
    return 0;
}

static bool stands_on(const struct shown_page *p, uint32_t title, struct shown_place *ret)
{
    for (uint32_t r = 0; r < p->n_rows; r++)
        for (uint32_t c = 0; c < p->rows[r].n; c++)
            if (p->rows[r].items[c].title.v == title) {
                ret->row = r;
                ret->column = c;
                return true;
            }
    return false;
}

bool shown_links_find(const struct shown_links *l, const struct event *e, struct shown_place *ret)
{
    struct hash128 id;
    bool named = shown_id_from(e->recommendation, &id);
    for (size_t i = l->n; i-- > 0;) {
        const struct shown_page *p = &l->pages[i].page;
        if (p->at_ms > e->at_ms)
            continue;
        bool that_one = named && p->id.hi == id.hi && p->id.lo == id.lo;
        if (!that_one && (named || e->at_ms - p->at_ms > SHOWN_LINK_MS)) {
            if (named)
                continue;
            return false;
        }
        ret->page = i;
        if (stands_on(p, e->title_id.v, ret))
            return true;
        if (that_one)
            return false;
    }
    return false;
}

int shown_links_choose(struct shown_links *l, const struct shown_place *at, uint32_t title,
                       struct mq_error *err)
{
    struct linked_page *p = &l->pages[at->page];
    uint32_t i = 0;
    while (i < p->n_chosen && p->chosen[i] < title)
        i++;
    if (i < p->n_chosen && p->chosen[i] == title)
        return 0;
    if (p->n_chosen == p->cap_chosen) {
        uint32_t cap = p->cap_chosen ? 2 * p->cap_chosen : 4;
        uint32_t *chosen = ARENA_ARRAY(&l->arena, cap, uint32_t);
        if (!chosen)
            return mq_fail(err, MQ_NO_MEMORY, "shown pages: no memory");
        if (p->n_chosen > 0)
            memcpy(chosen, p->chosen, p->n_chosen * sizeof(*chosen));
        p->chosen = chosen;
        p->cap_chosen = cap;
    }
    memmove(p->chosen + i + 1, p->chosen + i, (p->n_chosen - i) * sizeof(*p->chosen));
    p->chosen[i] = title;
    p->n_chosen++;
    return 0;
}
