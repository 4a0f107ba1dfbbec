#include "credit_heap.h"

#include <stdlib.h>

#include "base/intern.h"

#define COPIES_MAX ((size_t)4 << 30)

struct row {
    struct credit credit;
    uint32_t title;
    uint32_t line; /* past 2^32 the last number that fits */
};

/* Text that does not stay, packed into blocks. */
struct copies {
    char *at;
    size_t left;
    struct arena arena;
};

struct credit_heap {
    struct str stays;
    struct intern *titles;
    struct row *rows;
    size_t n, room;
    struct copies copies;
};

enum { COPY_BLOCK = 1 << 18 };

int credit_heap_new(struct str stays, struct credit_heap **ret, struct mq_error *err)
{
    struct credit_heap *h = calloc(1, sizeof *h);
    if (!h)
        return mq_fail(err, MQ_NO_MEMORY, "credits: no memory: free some");
    h->stays = stays;
    int rc = intern_new(&h->titles, err);
    if (rc == 0 && arena_init(&h->copies.arena, COPY_BLOCK, COPIES_MAX) != 0)
        rc = mq_fail(err, MQ_NO_MEMORY, "credits: no memory: free some");
    if (rc != 0) {
        intern_free(h->titles);
        free(h);
        return rc;
    }
    *ret = h;
    return 0;
}

void credit_heap_free(struct credit_heap *h)
{
    if (!h)
        return;
    intern_free(h->titles);
    arena_release(&h->copies.arena);
    free(h->rows);
    free(h);
}

static bool stays(const struct credit_heap *h, struct str s)
{
    return h->stays.p && (uintptr_t)s.p >= (uintptr_t)h->stays.p &&
           (uintptr_t)s.p + s.n <= (uintptr_t)h->stays.p + h->stays.n;
}

static bool keep(struct credit_heap *h, struct str *s)
{
    if (s->n == 0 || stays(h, *s))
        return true;
    if (s->n > COPY_BLOCK)
        return false;
    if (s->n > h->copies.left) {
        h->copies.at = arena_alloc(&h->copies.arena, COPY_BLOCK / 2 > s->n ? COPY_BLOCK / 2 : s->n);
        h->copies.left = COPY_BLOCK / 2 > s->n ? COPY_BLOCK / 2 : s->n;
        if (!h->copies.at) {
            h->copies.left = 0;
            return false;
        }
    }
    memcpy(h->copies.at, s->p, s->n);
    s->p = h->copies.at;
    h->copies.at += s->n;
    h->copies.left -= s->n;
    return true;
}

static int grow(struct credit_heap *h, struct mq_error *err)
{
    if (h->n < h->room)
        return 0;
    if (h->n >= CREDITS_ROWS_MAX)
        return mq_fail(err, MQ_TOO_LARGE, "credits: over %d rows: split the file",
                       CREDITS_ROWS_MAX);
    size_t room = h->room ? 2 * h->room : 4096;
    struct row *rows = realloc(h->rows, room * sizeof *rows);
    if (!rows)
        return mq_fail(err, MQ_NO_MEMORY, "credits: no memory for %zu rows: split the file", room);
    h->rows = rows;
    h->room = room;
    return 0;
}

int credit_heap_add(struct credit_heap *h, struct str title, const struct credit *c, uint64_t line,
                    struct mq_error *err)
{
    int rc = grow(h, err);
    if (rc != 0)
        return rc;
    struct row row = {.credit = *c, .line = line > UINT32_MAX ? UINT32_MAX : (uint32_t)line};
    rc = intern_add(h->titles, title, &row.title, NULL, err);
    if (rc != 0)
        return rc;
    if (!keep(h, &row.credit.person) || !keep(h, &row.credit.person_key))
        return mq_fail(err, MQ_NO_MEMORY, "credits: no memory for names: split the file");
    h->rows[h->n++] = row;
    return 0;
}

/* ------------------------------------------------------------------ by title */

static bool same_credit(const struct credit *a, const struct credit *b)
{
    if (a->role != b->role)
        return false;
    return a->person_key.n || b->person_key.n ? str_eq(a->person_key, b->person_key)
                                              : str_eq(a->person, b->person);
}

static bool is_there(const struct credit *credits, uint32_t n, const struct credit *c)
{
    for (uint32_t i = 0; i < n; i++)
        if (same_credit(&credits[i], c))
            return true;
    return false;
}

/* One title's rows: order[from .. to). `credits` has room for TITLE_CREDITS_MAX. */
static int hand_out_one(struct credit_heap *h, const char *name, const struct credits_sink *sink,
                        const uint32_t *order, size_t n, struct credit *credits,
                        struct mq_error *err)
{
    struct title t;
    title_init(&t);
    t.has_credits = true;
    t.credits = credits;
    t.id = intern_name(h->titles, h->rows[order[0]].title);
    uint64_t line = h->rows[order[0]].line;
    struct mq_error why;
    for (size_t i = 0; i < n; i++) {
        const struct row *row = &h->rows[order[i]];
        if (is_there(credits, t.n_credits, &row->credit))
            continue;
        if (t.n_credits < TITLE_CREDITS_MAX) {
            credits[t.n_credits++] = row->credit;
            continue;
        }
        mq_fail(&why, MQ_TOO_LARGE, "credits: title %.*s has over %d: the later ones are left out",
                STR_ARG(t.id), TITLE_CREDITS_MAX);
        struct bad_row bad = {name, row->line, STR_NONE, &why};
        int rc = sink->bad(sink->ctx, &bad, err);
        if (rc != 0)
            return rc;
    }
    if (title_check(&t, &why) == 0)
        return sink->credits(sink->ctx, &t, n, line, err);
    struct bad_row bad = {name, line, t.id, &why};
    return sink->bad(sink->ctx, &bad, err);
}

/* Row numbers by title, each title's in the file's order (a counting sort); `start` gets n_titles + 1. */
static void sort_rows(const struct credit_heap *h, uint32_t n_titles, uint32_t *start,
                      uint32_t *order)
{
    memset(start, 0, (n_titles + (size_t)2) * sizeof *start);
    for (size_t i = 0; i < h->n; i++)
        start[h->rows[i].title + 2]++;
    for (size_t k = 2; k < n_titles + (size_t)2; k++)
        start[k] += start[k - 1];
    for (size_t i = 0; i < h->n; i++)
        order[start[h->rows[i].title + 1]++] = (uint32_t)i;
}

int credit_heap_hand_out(struct credit_heap *h, const char *name, const struct credits_sink *sink,
                         struct mq_error *err)
{
    uint32_t n_titles = intern_count(h->titles);
    uint32_t *start = malloc((n_titles + (size_t)2) * sizeof *start);
    uint32_t *order = malloc((h->n + 1) * sizeof *order);
    struct credit *credits = calloc(TITLE_CREDITS_MAX, sizeof *credits);
    int rc = 0;
    if (!start || !order || !credits) {
        rc = mq_fail(err, MQ_NO_MEMORY, "credits: no memory to sort: split the file");
    } else {
        sort_rows(h, n_titles, start, order);
        for (uint32_t k = 0; k < n_titles && rc == 0; k++)
            if (start[k + 1] > start[k])
                rc = hand_out_one(h, name, sink, order + start[k], start[k + 1] - start[k], credits,
                                  err);
    }
    free(start);
    free(order);
    free(credits);
    return rc;
}
