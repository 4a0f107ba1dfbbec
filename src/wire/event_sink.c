#include "wire/event_sink.h"

/* Move one text to *at in the arena's piece. */
static void move_text(struct str *s, char **at)
{
    if (s->n == 0)
        return;
    memcpy(*at, s->p, s->n);
    s->p = *at;
    *at += s->n;
}

int event_keep(struct event *e, struct arena *arena, struct mq_error *err)
{
    struct str *const texts[] = {
        &e->id,           &e->app,    &e->viewer,         &e->title,
        &e->session,      &e->custom, &e->recommendation, &e->context.region,
        &e->context.mood, &e->other,  &e->attributes,     &e->query,
        &e->chosen,
    };
    enum { TEXTS = sizeof texts / sizeof *texts };
    size_t n = 0;
    for (int i = 0; i < TEXTS; i++)
        n += texts[i]->n;
    for (uint32_t i = 0; i < e->n_items; i++)
        n += e->items[i].title.n;
    char *at = arena_alloc(arena, n > 0 ? n : 1);
    struct event_item *items =
        e->n_items ? ARENA_ARRAY(arena, e->n_items, struct event_item) : NULL;
    if (!at || (e->n_items && !items))
        return mq_fail(err, MQ_NO_MEMORY, "events: over %zu bytes of text: send fewer at once",
                       arena->max);
    for (int i = 0; i < TEXTS; i++)
        move_text(texts[i], &at);
    for (uint32_t i = 0; i < e->n_items; i++) {
        items[i] = e->items[i];
        move_text(&items[i].title, &at);
    }
    e->items = items;
    return 0;
}
