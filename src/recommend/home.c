#include <math.h>

#include "recommend/draw.h"
#include "recommend/home.h"

#include "recommend/arrange.h"
#include "recommend/moment.h"
#include "recommend/order.h"
#include "recommend/pictures.h"
#include "recommend/pins.h"
#include "recommend/swap.h"

enum { BECAUSE_MAX = 3, PEOPLE_ROWS = 2, GENRE_ROWS = 3, SPARE = 4, RESERVED = 8 };

static void consider(struct recommender *r, struct plan *p, struct shelf s)
{
    if (p->n == p->room)
        return;
    shelf_make(r, &s);
    if (s.n < shelf_least(&s))
        return;
    if (s.kind != SHELF_CONTINUE && shelf_reordered(r, &s)) {
        uint32_t *order = ARENA_ARRAY(&r->arena, s.n, uint32_t);
        if (!order)
            return;
        shelf_order(r, &s, order);
        s.order = order;
    }
    p->shelf[p->n++] = s;
    if (s.kind == SHELF_GENRE)
        p->genres |= UINT64_C(1) << s.key;
}

/* Each kind is considered once before any is a second time; room left over is filled with popular genres. */
static void make_plan(struct recommender *r, struct plan *p)
{
    struct shelf because[BECAUSE_MAX] = {0}, people[PEOPLE_ROWS] = {0}, genres[GENRE_ROWS] = {0};
    struct shelf popular[SHELVES_MAX];
    size_t n_because = because_choose(r, because, BECAUSE_MAX);
    size_t n_people = people_choose(r, people, PEOPLE_ROWS);
    size_t n_genres = genre_choose(r, genres, GENRE_ROWS);
    consider(r, p, (struct shelf){.kind = SHELF_CONTINUE});
    consider(r, p, (struct shelf){.kind = SHELF_TOP});
    for (uint32_t more = 1; more < TOP_ROWS && order_learnt(r) && p->n > 0 && p->n < p->room &&
                            p->shelf[p->n - 1].kind == SHELF_TOP;
         more++) {
        p->shelf[p->n] = p->shelf[p->n - 1]; /* goes on where that one ends, if that adds most */
        p->shelf[p->n++].key = more;
    }
    for (uint32_t part = 0; part < RISING_PARTS; part++)
        consider(r, p, (struct shelf){.kind = SHELF_RISING, .key = part});
    if (moment_deserves_row(r))
        consider(r, p, (struct shelf){.kind = SHELF_MOOD, .key = r->moment.mood});
    for (size_t round = 0; round < BECAUSE_MAX; round++) {
        if (round < n_because)
            consider(r, p, because[round]);
        if (round == 0) {
            consider(r, p, (struct shelf){.kind = SHELF_POPULAR});
            consider(r, p, (struct shelf){.kind = SHELF_NEW});
        }
        if (round < n_people)
            consider(r, p, people[round]);
        if (round < n_genres)
            consider(r, p, genres[round]);
    }
    const struct shelf *ground = NULL;
    for (size_t i = 0; i < p->n; i++)
        ground = p->shelf[i].kind == SHELF_POPULAR ? &p->shelf[i] : ground;
    if (p->n == p->room || !ground)
        return;
    size_t n = genre_choose_popular(r, ground, p->genres, popular, p->room - p->n);
    for (size_t i = 0; i < n; i++)
        consider(r, p, popular[i]);
}

/* ------------------------------------------------------------------ who gets which title */

struct filling {
    size_t left[SHELVES_MAX];    /* candidates of each shelf that are not claimed */
    size_t reserve[SHELVES_MAX]; /* as many as are kept for it */
};

static void begin_filling(struct recommender *r, const struct plan *p, struct filling *f)
{
    memset(r->rows_of, 0, r->n_titles * sizeof(*r->rows_of));
    memset(r->claimed, 0, r->words * sizeof(uint64_t));
    for (size_t q = 0; q < p->n; q++) {
        const struct shelf *s = &p->shelf[q];
        f->left[q] = s->n;
        f->reserve[q] = p->columns < RESERVED ? p->columns : RESERVED;
        if (s->kind == SHELF_CONTINUE)
            continue; /* what is watched competes with nothing */
        for (size_t i = 0; i < s->n; i++)
            r->rows_of[s->list[i].index] = (uint16_t)(r->rows_of[s->list[i].index] | 1u << q);
    }
}

/* A later row that has no more candidates than it needs keeps them. */
static bool reserved(const struct recommender *r, const struct filling *f, size_t q, uint32_t title)
{
    for (unsigned later = r->rows_of[title] & ~((2u << q) - 1); later; later &= later - 1) {
        unsigned row = (unsigned)__builtin_ctz(later);
        if (f->left[row] <= f->reserve[row])
            return true;
    }
    return false;
}

static void claim(struct recommender *r, struct filling *f, uint32_t title)
{
    bit_set(r->claimed, title);
    for (unsigned rows = r->rows_of[title]; rows; rows &= rows - 1)
        f->left[__builtin_ctz(rows)]--;
}

/* A row being filled. */
struct draft {
    const struct shelf *shelf;
    size_t q;    /* its bit in rows_of */
    size_t next; /* in the shelf's order */
    uint32_t at[RECOMMEND_COLUMNS_MAX];
    size_t n, columns;
};

/* `keeping`: what later rows need is left to them. */
static void fill_row(struct recommender *r, struct filling *f, struct draft *d, size_t columns,
                     bool keeping)
{
    const struct shelf *s = d->shelf;
    for (; d->next < s->n && d->n < columns; d->next++) {
        uint32_t i = s->order ? s->order[d->next] : (uint32_t)d->next;
        uint32_t title = s->list[i].index;
        if (bit_get(r->claimed, title) || (keeping && reserved(r, f, d->q, title)))
            continue;
        d->at[d->n++] = i;
        claim(r, f, title);
    }
}

/* A row that others left too little of gives it back. */
static void give_back(struct recommender *r, struct filling *f, const struct shelf *s,
                      const uint32_t *at, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t title = s->list[at[i]].index;
        r->claimed[title / 64] &= ~(UINT64_C(1) << (title % 64));
        for (unsigned rows = r->rows_of[title]; rows; rows &= rows - 1)
            f->left[__builtin_ctz(rows)]++;
    }
}

static bool make_row(struct recommender *r, const struct shelf *s, const uint32_t *at, size_t n,
                     size_t row, const struct page_swap *swap, struct mq_row *ret,
                     struct placed **ret_placed)
{
    size_t room = n + pins_in_row(r, row);
    struct mq_item *items = ARENA_ARRAY(&r->arena, room, struct mq_item);
    struct placed *placed = ARENA_ARRAY(&r->arena, room, struct placed);
    uint32_t *order = ARENA_ARRAY(&r->arena, n, uint32_t);
    float *chance = ARENA_ARRAY(&r->arena, n, float);
    if (!items || !placed || !order || !chance)
        return false;
    memcpy(order, at, n * sizeof(*order));
    for (size_t i = 0; i < n; i++)
        chance[i] = NAN;
    if (s->kind != SHELF_CONTINUE)
        draw_places(r, row, order, n, chance);
    explore_new(r, row, s, order, n, chance);
    swap_columns(swap, row, order, n, chance);
    at = order;
    for (size_t i = 0; i < n; i++) {
        const struct topk_item *c = &s->list[at[i]];
        item_fill(r, c->index, (double)shelf_value(r, s, at[i]), &items[i]);
        items[i].propensity = (double)chance[i];
        placed[i].title = c->index;
        placed[i].shelf = row;
    }
    reasons_fill(r, s, at, items, placed, n);
    const char *name = row_name(r, s, placed, n);
    n = pins_splice(r, row, items, placed, n);
    *ret = (struct mq_row){
        .kind = shelf_word(s->kind),
        .name = name,
        .reason = row_reason(r, s),
        .items = items,
        .n_items = n,
        .propensity = swap_row_chance(swap, row),
    };
    *ret_placed = placed;
    return ret->name && ret->reason;
}

static void draft_begin(const struct recommender *r, const struct plan *p, size_t q, size_t row,
                        struct draft *d)
{
    size_t pins = pins_in_row(r, row);
    *d = (struct draft){.shelf = &p->shelf[q], .q = q};
    d->columns = p->columns > pins ? p->columns - pins : 0;
}

/* First what is in view of each row, from the top, as arrange() planned it; then the rows go on to the right. Otherwise the best titles would stand where
 * nobody looks, far to the right in the first row, and be missing from the next. */
static int fill_rows(struct recommender *r, const struct plan *p, struct draft *draft,
                     size_t *ret_n, struct mq_error *err)
{
    struct filling f;
    size_t n = 0;
    begin_filling(r, p, &f);
    int rc = pins_resolve(r, err);
    if (rc == 0 && p->n > 0 && p->columns > 1) /* what is being watched stays first */
        pins_lead(r, p->n > 1 && p->shelf[0].kind == SHELF_CONTINUE);
    for (size_t q = 0; q < p->n && rc == 0; q++) {
        struct draft *d = &draft[n];
        draft_begin(r, p, q, n, d);
        size_t least = shelf_least(d->shelf);
        fill_row(r, &f, d, d->columns < VISIBLE ? d->columns : VISIBLE, false);
        if (d->n < (least < d->columns ? least : d->columns) || d->n == 0)
            give_back(r, &f, d->shelf, d->at, d->n);
        else
            n++;
    }
    for (size_t i = 0; i < n && rc == 0; i++)
        fill_row(r, &f, &draft[i], draft[i].columns, true);
    *ret_n = n;
    return rc;
}

/* Two neighbours change places, if it is this page's turn. */
static struct page_swap swap_neighbours(const struct recommender *r, struct draft *draft, size_t n)
{
    const struct shelf *shelf[SHELVES_MAX];
    size_t titles[SHELVES_MAX];
    for (size_t i = 0; i < n; i++) {
        shelf[i] = draft[i].shelf;
        titles[i] = draft[i].n;
    }
    struct page_swap swap = swap_choose(r, shelf, titles, n);
    if (swap.what == SWAP_ROWS && swap.turned) {
        struct draft upper = draft[swap.row];
        draft[swap.row] = draft[swap.row + 1];
        draft[swap.row + 1] = upper;
    }
    return swap;
}

static int fill_page(struct recommender *r, const struct plan *p, struct mq_page *ret,
                     struct home_trace *trace, struct mq_error *err)
{
    struct mq_row *rows = ARENA_ARRAY(&r->arena, p->n, struct mq_row);
    struct draft *draft = ARENA_ARRAY(&r->arena, p->n + 1, struct draft);
    const struct placed *placed[SHELVES_MAX];
    size_t sizes[SHELVES_MAX], n = 0;
    if (!rows || !draft)
        return mq_fail(err, MQ_NO_MEMORY, "home page: no memory");
    int rc = fill_rows(r, p, draft, &n, err);
    if (rc)
        return rc;
    struct page_swap swap = swap_neighbours(r, draft, n);
    evidence_begin(r);
    for (size_t i = 0; i < n; i++) {
        const struct draft *d = &draft[i];
        if (!make_row(r, d->shelf, d->at, d->n, i, &swap, &rows[i], &trace->placed[i]))
            return mq_fail(err, MQ_NO_MEMORY, "home page: no memory");
        trace->shelf[i] = *d->shelf;
        placed[i] = trace->placed[i];
        sizes[i] = rows[i].n_items;
    }
    ret->rows = rows;
    ret->n_rows = n;
    ret->filters = filters_report(r);
    answer_id(r, 'h', placed, sizes, n, ret->recommendation_id);
    return 0;
}

int home_make(struct recommender *r, const struct world *w, const struct ask *ask,
              struct mq_page *ret, struct home_trace *ret_trace, struct mq_error *err)
{
    struct plan plan = {.n = 0};
    struct mq_page page = {0};
    int rc = recommender_begin(r, w, ask, err);
    if (rc)
        return rc;
    /* Whatever is left out of the choice of titles, the screen is as large as it is. */
    arrange_size((enum device)ask->context.device, &plan.rows, &plan.columns);
    plan.columns = ask->columns ? ask->columns : plan.columns;
    plan.rows = ask->rows ? ask->rows : plan.rows;
    plan.rows = plan.rows < SHELVES_MAX ? plan.rows : SHELVES_MAX;
    plan.room = plan.rows + SPARE < SHELVES_MAX ? plan.rows + SPARE : SHELVES_MAX;
    make_plan(r, &plan);
    arrange(r, &plan);
    page.viewer = ask->viewer;
    page.known = ask->profile && ask->profile->events > 0;
    page.at_ms = ask->at_ms;
    page.context = context_understood(r);
    moment_tell(r, &page);
    page.model = w->model ? w->model->facts.version : 0;
    page.log_seq = ask->log_seq;
    rc = fill_page(r, &plan, &page, ret_trace, err);
    if (!rc)
        *ret = page;
    return rc;
}

int recommend_home(struct recommender *r, const struct world *w, const struct ask *ask,
                   struct mq_page *ret, struct mq_error *err)
{
    struct home_trace trace;
    return home_make(r, w, ask, ret, &trace, err);
}
