#include "recommend/arrange.h"

#include "recommend/moment.h"

static const float next_column = 0.9f; /* attention from one column to the next */
static const float row_weight = 0.1f;  /* most that covered genres take away */
static const float half_covered = 3;   /* titles of a genre above that take half of that */
static const float same_kind = 0.85f;  /* for each row of the same kind above */

void arrange_size(enum device device, size_t *ret_rows, size_t *ret_columns)
{
    *ret_rows = device == DEVICE_PHONE || device == DEVICE_TABLET ? 6 : 8;
    *ret_columns = device == DEVICE_PHONE ? 10 : device == DEVICE_TABLET ? 15 : COLUMNS_USUAL;
}

struct staging {
    float shown[CATALOGUE_GENRES_MAX]; /* titles of each genre above, by the attention they get */
    unsigned kinds[SHELF_KINDS];
    bool taken[SHELVES_MAX];
    float resumed; /* what the row of what is to be continued is worth */
};

static float covered(const struct recommender *r, const struct staging *s, uint32_t title)
{
    uint64_t genres = title_row(r, title)->genres;
    float sum = 0;
    for (uint64_t b = genres; b; b &= b - 1) {
        float shown = s->shown[__builtin_ctzll(b)];
        sum += shown / (shown + half_covered);
    }
    return genres ? sum / (float)__builtin_popcountll(genres) : 0;
}

/* What the shelf adds, or a number below 0 when too few of its titles are left. `claims`: its titles are shown. */
static float stage(struct recommender *r, struct staging *s, const struct shelf *shelf,
                   size_t columns, bool claims)
{
    size_t visible = columns < VISIBLE ? columns : VISIBLE, left = 0;
    size_t least = columns < shelf_least(shelf) ? columns : shelf_least(shelf);
    float attention = 1, sum = 0;
    for (size_t i = 0; i < shelf->n && left < visible; i++) {
        uint32_t t = shelf->list[shelf->order ? shelf->order[i] : i].index;
        if (bit_get(r->claimed, t))
            continue;
        sum += attention * r->ordered[t] * (1 - row_weight * covered(r, s, t));
        if (claims) {
            bit_set(r->claimed, t);
            for (uint64_t b = title_row(r, t)->genres; b; b &= b - 1)
                s->shown[__builtin_ctzll(b)] += attention;
        }
        attention *= next_column;
        left++;
    }
    if (left < least)
        return -1;
    /* More of the best is no repetition: it is what a second row of one theme is measured against. */
    for (unsigned k = 0; k < s->kinds[shelf->kind] && shelf->kind != SHELF_TOP; k++)
        sum *= same_kind;
    return shelf->kind == SHELF_MOOD ? sum * moment_weight(r) : sum;
}

static size_t best_of(struct recommender *r, struct staging *s, const struct plan *p)
{
    size_t best = p->n;
    float most = 0;
    for (size_t i = 0; i < p->n; i++) {
        if (s->taken[i])
            continue;
        float worth = p->shelf[i].kind == SHELF_CONTINUE
                          ? s->resumed
                          : stage(r, s, &p->shelf[i], p->columns, false);
        if (worth > most) {
            most = worth;
            best = i;
        }
    }
    return best;
}

static size_t find(const struct plan *p, enum shelf_kind kind)
{
    for (size_t i = 0; i < p->n; i++) {
        if (p->shelf[i].kind == kind)
            return i;
    }
    return p->n;
}

static size_t untaken_rising(const struct plan *p, const struct staging *s)
{
    size_t i = 0;
    while (i < p->n && (p->shelf[i].kind != SHELF_RISING || s->taken[i]))
        i++;
    return i;
}

static void take(struct recommender *r, struct staging *s, struct plan *p, size_t i,
                 struct shelf *ret, size_t *n)
{
    if (p->shelf[i].kind != SHELF_CONTINUE) /* what is watched competes with nothing */
        stage(r, s, &p->shelf[i], p->columns, true);
    s->kinds[p->shelf[i].kind]++;
    s->taken[i] = true;
    ret[(*n)++] = p->shelf[i];
}

static bool is_left(const struct staging *s, const struct plan *p, size_t i)
{
    return i < p->n && !s->taken[i];
}

/* What has a place on every page, when its last chance has come: what is new the last place, what is to be continued the last but
 * that. */
static size_t due(const struct staging *s, const struct plan *p, size_t n)
{
    size_t fresh = find(p, SHELF_NEW), resume = find(p, SHELF_CONTINUE);
    bool new_left = is_left(s, p, fresh);
    if (is_left(s, p, resume) && n > 0 && n + 1 + new_left >= p->rows)
        return resume;
    return new_left && n > 1 && n + 1 == p->rows ? fresh : p->n;
}

/* What rises stands below the first row that is no "Continue watching", and takes no place that this one needs. p->n: not now. */
static size_t rising_due(const struct staging *s, const struct plan *p, const struct shelf *chosen,
                         size_t n)
{
    bool room = n + is_left(s, p, find(p, SHELF_CONTINUE)) < p->rows;
    return room && n > 0 && chosen[n - 1].kind != SHELF_CONTINUE ? untaken_rising(p, s) : p->n;
}

void arrange(struct recommender *r, struct plan *p)
{
    struct staging s = {.kinds = {0}};
    struct shelf chosen[SHELVES_MAX];
    size_t n = 0, resume = find(p, SHELF_CONTINUE);
    memset(r->claimed, 0, r->words * sizeof(uint64_t));
    s.resumed = resume < p->n ? resume_worth(r, &p->shelf[resume], next_column) : 0;
    if (s.resumed < 0) /* nobody knows: it comes first */
        take(r, &s, p, resume, chosen, &n);
    while (n < p->rows) {
        size_t rising = rising_due(&s, p, chosen, n);
        if (rising < p->n) {
            take(r, &s, p, rising, chosen, &n);
            continue;
        }
        size_t i = due(&s, p, n);
        if (i == p->n)
            i = best_of(r, &s, p);
        if (i == p->n)
            break;
        take(r, &s, p, i, chosen, &n);
    }
    memcpy(p->shelf, chosen, n * sizeof(*chosen));
    p->n = n;
}
