#include "strategy/vain_searches.h"

#include <stdlib.h>

#include "base/intern.h"

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "searches: no memory");
}

int vain_searches_new(struct vain_searches **ret, struct mq_error *err)
{
    struct vain_searches *v = calloc(1, sizeof(*v));
    if (!v || intern_new(&v->texts, err) != 0) {
        free(v);
        return no_memory(err);
    }
    *ret = v;
    return 0;
}

void vain_searches_free(struct vain_searches *v)
{
    if (!v)
        return;
    intern_free(v->texts);
    free(v->list);
    free(v);
}

/* Small letters and single spaces between words; the rest of the comparable form is name_normalise's, word by word. */
static size_t comparable(struct str text, char *to, size_t max)
{
    size_t n = 0;
    for (size_t at = 0; at < text.n;) {
        size_t end = at;
        while (end < text.n && text.p[end] != ' ')
            end++;
        char word[VAIN_TEXT_MAX * 4];
        size_t m = name_normalise((struct str){text.p + at, end - at}, word, sizeof(word));
        if (m > 0 && n + m + 1 < max) {
            if (n > 0)
                to[n++] = ' ';
            memcpy(to + n, word, m);
            n += m;
        }
        at = end + 1;
    }
    return n;
}

int vain_searches_event(struct vain_searches *v, const struct event *e, struct mq_error *err)
{
    char text[VAIN_TEXT_MAX * 2];
    if (e->kind != EVENT_SEARCH || e->results != 0 || e->query.n == 0 ||
        e->query.n > VAIN_TEXT_MAX || v->n >= VAIN_MAX || intern_count(v->texts) >= VAIN_TEXTS_MAX)
        return 0;
    struct str key = {text, comparable(e->query, text, sizeof(text))};
    if (key.n == 0)
        return 0;
    if (v->n == v->cap) {
        size_t cap = v->cap ? 2 * v->cap : 1024;
        struct vain_search *p = realloc(v->list, cap * sizeof(*p));
        if (!p)
            return no_memory(err);
        v->list = p;
        v->cap = cap;
    }
    v->list[v->n].viewer = e->viewer_id.v;
    int rc = intern_add(v->texts, key, &v->list[v->n].text, NULL, err);
    v->n += rc == 0;
    return rc;
}

/* ---------------------------------------------------------------- whom and what they name */

struct named {
    uint32_t text, vertex;
};

struct naming {
    const struct vain_searches *v;
    const struct vertices *among;
    struct intern *labels;
    uint32_t *next; /* (vertices) another one of the same label, or ID_NONE */
    uint32_t *head; /* (labels) */
    struct named *list;
    size_t n, cap;
    struct mq_error *err;
};

static int index_labels(struct naming *g)
{
    uint32_t n = g->among->n;
    int rc = intern_new(&g->labels, g->err);
    g->next = calloc((size_t)n + 1, sizeof(*g->next));
    g->head = calloc((size_t)n + 1, sizeof(*g->head));
    if (rc == 0 && (!g->next || !g->head))
        rc = no_memory(g->err);
    for (uint32_t i = 0; i < n && rc == 0; i++) {
        char text[TITLE_NAME_MAX];
        bool first;
        uint32_t id;
        size_t m = comparable(g->among->v[i].label, text, sizeof(text));
        rc = intern_add(g->labels, (struct str){text, m}, &id, &first, g->err);
        if (rc == 0) {
            g->next[i] = first ? ID_NONE : g->head[id];
            g->head[id] = i;
        }
    }
    return rc;
}

static int note(struct naming *g, uint32_t text, uint32_t vertex)
{
    if (g->n == g->cap) {
        size_t cap = g->cap ? 2 * g->cap : 256;
        struct named *p = realloc(g->list, cap * sizeof(*p));
        if (!p)
            return no_memory(g->err);
        g->list = p;
        g->cap = cap;
    }
    g->list[g->n++] = (struct named){text, vertex};
    return 0;
}

/* Every run of words of the text that is a label. */
static int name_text(struct naming *g, uint32_t text)
{
    struct str s = intern_name(g->v->texts, text);
    size_t start[VAIN_WORDS + 1];
    size_t words = 0;
    for (size_t i = 0; i < s.n && words < VAIN_WORDS; i++) {
        if (i == 0 || s.p[i - 1] == ' ')
            start[words++] = i;
    }
    start[words] = s.n + 1;
    for (size_t i = 0; i < words; i++) {
        for (size_t k = i; k < words; k++) {
            size_t end = start[k + 1] - 1;
            uint32_t id = intern_find(g->labels, (struct str){s.p + start[i], end - start[i]});
            for (uint32_t v = id == INTERN_NONE ? ID_NONE : g->head[id]; v != ID_NONE;
                 v = g->next[v]) {
                int rc = note(g, text, v);
                if (rc)
                    return rc;
            }
        }
    }
    return 0;
}

static int by_vertex(const void *a, const void *b)
{
    const struct triangle_wish *x = a;
    const struct triangle_wish *y = b;
    if (x->vertex != y->vertex)
        return x->vertex < y->vertex ? -1 : 1;
    return (x->rank > y->rank) - (x->rank < y->rank);
}

static int spell_out(const struct naming *g, const uint32_t *rank, uint32_t n_rank,
                     struct arena *arena, const struct triangle_wish **ret, size_t *ret_n)
{
    uint32_t n_texts = intern_count(g->v->texts);
    size_t *first = calloc((size_t)n_texts + 2, sizeof(*first));
    size_t n = 0;
    if (!first)
        return no_memory(g->err);
    for (size_t i = 0; i < g->n; i++) /* in order of text */
        first[g->list[i].text + 1]++;
    for (uint32_t t = 0; t < n_texts; t++)
        first[t + 1] += first[t];
    for (size_t i = 0; i < g->v->n; i++)
        n += first[g->v->list[i].text + 1] - first[g->v->list[i].text];
    struct triangle_wish *list = ARENA_ARRAY(arena, n + 1, struct triangle_wish);
    n = 0;
    for (size_t i = 0; list && i < g->v->n; i++) {
        const struct vain_search *s = &g->v->list[i];
        if (s->viewer >= n_rank || rank[s->viewer] == ID_NONE)
            continue;
        for (size_t k = first[s->text]; k < first[s->text + 1]; k++)
            list[n++] = (struct triangle_wish){rank[s->viewer], g->list[k].vertex};
    }
    free(first);
    if (!list)
        return no_memory(g->err);
    if (n > 1)
        qsort(list, n, sizeof(*list), by_vertex);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (kept == 0 || by_vertex(&list[i], &list[kept - 1]) != 0)
            list[kept++] = list[i];
    }
    *ret = list;
    *ret_n = kept;
    return 0;
}

int vain_wishes(const struct vain_searches *v, const struct vertices *among, const uint32_t *rank,
                uint32_t n_rank, struct arena *arena, const struct triangle_wish **ret,
                size_t *ret_n, struct mq_error *err)
{
    struct naming g = {.v = v, .among = among, .err = err};
    int rc = index_labels(&g);
    for (uint32_t t = 0; rc == 0 && t < intern_count(v->texts); t++)
        rc = name_text(&g, t);
    if (rc == 0)
        rc = spell_out(&g, rank, n_rank, arena, ret, ret_n);
    intern_free(g.labels);
    free(g.next);
    free(g.head);
    free(g.list);
    return rc;
}

/* ---------------------------------------------------------------- the most wanted */

static int by_text(const void *a, const void *b)
{
    const struct vain_search *x = a;
    const struct vain_search *y = b;
    if (x->text != y->text)
        return x->text < y->text ? -1 : 1;
    return (x->viewer > y->viewer) - (x->viewer < y->viewer);
}

static int by_wanted(const void *a, const void *b)
{
    const struct vain_text *x = a;
    const struct vain_text *y = b;
    if (x->viewers != y->viewers)
        return x->viewers > y->viewers ? -1 : 1;
    return str_cmp(x->text, y->text);
}

int vain_top(const struct vain_searches *v, const uint32_t *rank, uint32_t n_rank, uint32_t least,
             struct vain_text *ret, size_t max, size_t *ret_n, struct mq_error *err)
{
    struct vain_search *list = calloc(v->n + 1, sizeof(*list));
    struct vain_text *texts = calloc((size_t)intern_count(v->texts) + 1, sizeof(*texts));
    size_t n = 0;
    size_t n_texts = 0;
    if (!list || !texts) {
        free(list);
        free(texts);
        return no_memory(err);
    }
    for (size_t i = 0; i < v->n; i++) {
        if (v->list[i].viewer < n_rank && rank[v->list[i].viewer] != ID_NONE)
            list[n++] = v->list[i];
    }
    if (n > 1)
        qsort(list, n, sizeof(*list), by_text);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || list[i].text != list[i - 1].text)
            texts[n_texts++] = (struct vain_text){intern_name(v->texts, list[i].text), 1};
        else
            texts[n_texts - 1].viewers += list[i].viewer != list[i - 1].viewer;
    }
    if (n_texts > 1)
        qsort(texts, n_texts, sizeof(*texts), by_wanted);
    *ret_n = 0;
    for (size_t i = 0; i < n_texts && *ret_n < max && texts[i].viewers >= least; i++)
        ret[(*ret_n)++] = texts[i];
    free(list);
    free(texts);
    return 0;
}
