#include "event_reading.h"

static int on_event(void *ctx, size_t index, struct event *e, struct mq_error *err)
{
    struct reading *r = ctx;
    (void)index;
    (void)err;
    assert_true(r->n_events < READING_MAX);
    r->events[r->n_events++] = *e;
    return 0;
}

static int on_refused(void *ctx, const struct event_place *place, const struct mq_error *why,
                      struct mq_error *err)
{
    struct reading *r = ctx;
    (void)err;
    assert_true(r->n_refused < READING_MAX);
    assert_int_not_equal(why->status, 0);
    assert_true(place->raw.p || place->raw.n == 0);
    r->refused_index[r->n_refused] = place->index;
    memcpy(r->refused[r->n_refused++], why->text, MQ_ERROR_TEXT);
    return 0;
}

struct event_sink reading_start(struct reading *r)
{
    reading_end(r);
    *r = (struct reading){.n_events = 0};
    assert_int_equal(arena_init(&r->arena, 4096, 8 << 20), 0);
    return (struct event_sink){r, on_event, on_refused, NULL};
}

void reading_end(struct reading *r)
{
    if (r->arena.first)
        arena_release(&r->arena);
}

void reading_refused(const struct reading *r, size_t i, const char *words)
{
    assert_true(i < r->n_refused);
    if (!strstr(r->refused[i], words))
        fail_msg("wanted the words \"%s\" in: %s", words, r->refused[i]);
}
