#include "cli/evaluate_folder.h"

#include "cli/target.h"
#include "engine/log_scan.h"
#include "engine/said_and_done.h"

int evaluate_folder_open(const char *dir, const char *instead, struct target *ret,
                         struct mq_error *err)
{
    int rc = target_open(dir, false, ret, err);
    if (rc == 0 && target_is_server(ret)) {
        target_close(ret);
        rc =
            mq_fail(err, MQ_CONFLICT,
                    "data folder %s: a server has it open: stop it, restore a backup elsewhere, or "
                    "give %s",
                    dir, instead);
    }
    return rc;
}

static int add(void *ctx, struct str viewer, struct str title, int64_t at_ms, struct mq_error *err)
{
    struct evaluated_rows *rows = ctx;
    uint32_t v;
    uint32_t t;
    int rc = intern_add(rows->book.viewers, viewer, &v, NULL, err);
    if (rc == 0)
        rc = intern_add(rows->book.titles, title, &t, NULL, err);
    return rc ? rc : triples_add(&rows->t, v, t, 1, at_ms, err);
}

int evaluate_folder_rows(const char *dir, struct evaluated_rows *ret, struct mq_error *err)
{
    struct target t;
    int rc = evaluate_folder_open(dir, "--ratings", &t, err);
    if (rc)
        return rc;
    rc = id_book_init(&ret->book, err);
    if (rc == 0)
        rc = engine_likings(t.engine, add, ret, err);
    target_close(&t);
    return rc;
}

static int add_event(void *ctx, const struct event *e, struct mq_error *err)
{
    return page_events_add(ctx, e, err);
}

int evaluate_folder_events(const char *dir, struct page_events *ret,
                           struct catalogue **ret_catalogue, struct mq_error *err)
{
    struct target t;
    *ret_catalogue = NULL;
    int rc = page_events_init(ret, err);
    if (rc)
        return rc;
    rc = evaluate_folder_open(dir, "another folder", &t, err);
    if (rc)
        return rc;
    rc = engine_events(t.engine, add_event, ret, ret_catalogue, err);
    target_close(&t);
    return rc;
}

static int add_signal(void *ctx, enum said_or_done what, struct str viewer, struct str title,
                      float weight, int64_t at_ms, struct mq_error *err)
{
    struct folder_signals *s = ctx;
    struct triples *to = what == SAID_BEFORE    ? &s->rated
                         : what == DONE_BEFORE  ? &s->met
                         : what == SHARE_BEFORE ? &s->shares
                                                : &s->test;
    uint32_t v;
    uint32_t t;
    int rc = intern_add(s->book.viewers, viewer, &v, NULL, err);
    if (rc == 0)
        rc = intern_add(s->book.titles, title, &t, NULL, err);
    return rc ? rc : triples_add(to, v, t, weight, at_ms, err);
}

int evaluate_folder_signals(const char *dir, double cut, struct folder_signals *ret,
                            struct mq_error *err)
{
    struct target t;
    *ret = (struct folder_signals){0};
    int rc = evaluate_folder_open(dir, "--train and --test", &t, err);
    if (rc)
        return rc;
    rc = id_book_init(&ret->book, err);
    if (rc == 0)
        rc = engine_said_and_done(t.engine, cut, add_signal, ret, &ret->cut_ms, err);
    target_close(&t);
    return rc;
}

void folder_signals_release(struct folder_signals *s)
{
    id_book_release(&s->book);
    triples_release(&s->rated);
    triples_release(&s->met);
    triples_release(&s->shares);
    triples_release(&s->test);
    *s = (struct folder_signals){0};
}
