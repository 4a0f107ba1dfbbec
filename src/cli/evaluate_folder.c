#include "cli/evaluate_folder.h"

#include "cli/target.h"
#include "engine/log_scan.h"

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
    int rc = target_open(dir, false, &t, err);
    if (rc)
        return rc;
    if (target_is_server(&t))
        rc =
            mq_fail(err, MQ_CONFLICT,
                    "data folder %s: a server has it open: stop it, restore a backup elsewhere, or "
                    "give --ratings",
                    dir);
    if (rc == 0)
        rc = id_book_init(&ret->book, err);
    if (rc == 0)
        rc = engine_likings(t.engine, add, ret, err);
    target_close(&t);
    return rc;
}
