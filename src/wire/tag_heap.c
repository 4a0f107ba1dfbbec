#include "tag_heap.h"

#include <stdlib.h>

#include "base/intern.h"

struct pair {
    uint32_t title, tag;
};

struct tag_heap {
    struct intern *titles;
    struct intern *keys;      /* tags in small letters */
    struct intern *spellings; /* every spelling */
    uint32_t *spelling;       /* per key: the first one */
    size_t spelling_room;
    struct pair *pairs;
    size_t n, room, max;
    uint32_t *start; /* per title, into pairs: they lie sorted; (titles + 1) */
};

enum { TAG_MAX = 256 }; /* bytes; longer ones are no tags but comments */

int tag_heap_new(size_t rows_max, struct tag_heap **ret, struct mq_error *err)
{
    struct tag_heap *h = calloc(1, sizeof *h);
    if (!h)
        return mq_fail(err, MQ_NO_MEMORY, "tags: no memory: free some");
    h->max = rows_max;
    int rc = intern_new(&h->titles, err);
    if (rc == 0)
        rc = intern_new(&h->keys, err);
    if (rc == 0)
        rc = intern_new(&h->spellings, err);
    if (rc != 0) {
        tag_heap_free(h);
        return rc;
    }
    *ret = h;
    return 0;
}

void tag_heap_free(struct tag_heap *h)
{
    if (!h)
        return;
    intern_free(h->titles);
    intern_free(h->keys);
    intern_free(h->spellings);
    free(h->spelling);
    free(h->pairs);
    free(h->start);
    free(h);
}

static int grow(struct tag_heap *h, struct mq_error *err)
{
    if (h->n < h->room)
        return 0;
    if (h->n >= h->max)
        return mq_fail(err, MQ_TOO_LARGE, "tags: over %zu rows: split the file", h->max);
    size_t room = h->room ? 2 * h->room : 4096;
    struct pair *pairs = realloc(h->pairs, room * sizeof *pairs);
    if (!pairs)
        return mq_fail(err, MQ_NO_MEMORY, "tags: no memory for %zu rows: split the file", room);
    h->pairs = pairs;
    h->room = room;
    return 0;
}

/* Remember how a new key was spelt. */
static int keep_spelling(struct tag_heap *h, uint32_t key, struct str tag, struct mq_error *err)
{
    if (key >= h->spelling_room) {
        size_t room = h->spelling_room ? 2 * h->spelling_room : 1024;
        uint32_t *spelling = realloc(h->spelling, room * sizeof *spelling);
        if (!spelling)
            return mq_fail(err, MQ_NO_MEMORY, "tags: no memory: split the file");
        h->spelling = spelling;
        h->spelling_room = room;
    }
    return intern_add(h->spellings, tag, &h->spelling[key], NULL, err);
}

int tag_heap_add(struct tag_heap *h, struct str title, struct str tag, struct mq_error *err)
{
    char key[TAG_MAX];
    if (tag.n == 0 || tag.n > sizeof key)
        return mq_fail(err, MQ_INVALID, "tag: %zu bytes: give 1 to %d", tag.n, TAG_MAX);
    for (size_t i = 0; i < tag.n; i++)
        key[i] = tag.p[i] >= 'A' && tag.p[i] <= 'Z' ? (char)(tag.p[i] | 0x20) : tag.p[i];
    struct pair pair;
    bool is_new = false;
    int rc = grow(h, err);
    if (rc == 0)
        rc = intern_add(h->titles, title, &pair.title, NULL, err);
    if (rc == 0)
        rc = intern_add(h->keys, (struct str){key, tag.n}, &pair.tag, &is_new, err);
    if (rc == 0 && is_new)
        rc = keep_spelling(h, pair.tag, tag, err);
    if (rc == 0)
        h->pairs[h->n++] = pair;
    return rc;
}

static int by_title_and_tag(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    if (x->title != y->title)
        return x->title < y->title ? -1 : 1;
    return x->tag < y->tag ? -1 : x->tag > y->tag;
}

int tag_heap_sort(struct tag_heap *h, struct mq_error *err)
{
    size_t titles = intern_count(h->titles);
    h->start = calloc(titles + 1, sizeof *h->start);
    if (!h->start)
        return mq_fail(err, MQ_NO_MEMORY, "tags: no memory to sort: split the file");
    if (h->n > 0)
        qsort(h->pairs, h->n, sizeof *h->pairs, by_title_and_tag);
    for (size_t i = 0; i < h->n; i++)
        h->start[h->pairs[i].title + 1]++;
    for (size_t k = 0; k < titles; k++)
        h->start[k + 1] += h->start[k];
    return 0;
}

size_t tag_heap_titles(const struct tag_heap *h)
{
    return intern_count(h->titles);
}

struct str tag_heap_title(const struct tag_heap *h, size_t title)
{
    return intern_name(h->titles, (uint32_t)title);
}

size_t tag_heap_find(const struct tag_heap *h, struct str title)
{
    uint32_t id = intern_find(h->titles, title);
    return id == INTERN_NONE ? SIZE_MAX : id;
}

size_t tag_heap_top(const struct tag_heap *h, size_t title, struct str *ret, size_t max)
{
    enum { TOP = 64 };
    struct {
        uint32_t tag, uses;
    } top[TOP];
    size_t n = 0;
    if (max > TOP)
        max = TOP;
    for (uint32_t i = h->start[title], end = h->start[title + 1]; i < end;) {
        uint32_t tag = h->pairs[i].tag, uses = 0;
        for (; i < end && h->pairs[i].tag == tag; i++)
            uses++;
        size_t at = n < max ? n++ : max;
        /* Tags come in order of first sight: an equal one stays behind. */
        for (; at > 0 && top[at - 1].uses < uses; at--)
            if (at < max)
                top[at] = top[at - 1];
        if (at < max) {
            top[at].tag = tag;
            top[at].uses = uses;
        }
    }
    for (size_t i = 0; i < n; i++)
        ret[i] = intern_name(h->spellings, h->spelling[top[i].tag]);
    return n;
}
