/* audiences_asked.c - what was asked about audiences: the groups, so that answers can't be subtracted, and the audit trail. */
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "engine/audiences_inside.h"

static const size_t asked_max = (size_t)8 << 30;

/* What was answered: "MQASK" and a version byte pair, then records (audience/floor.h). A record is there before the answer
 * leaves. */
static const char asked_magic[8] = "MQASK\0\2";
/* From so many on the file is written anew: it has twice what is remembered. */
enum { ASKED_RECORDS = 2 * (FLOOR_REMEMBERED + FLOOR_QUESTIONS) };

static int write_asked(struct audiences *a, struct mq_error *err)
{
    struct buf b;
    buf_init(&b, asked_max);
    buf_add(&b, asked_magic, sizeof(asked_magic));
    floor_memory_encode(&a->memory, &b);
    int rc = b.failed ? mq_fail(err, MQ_NO_MEMORY, "audiences: what was asked: no memory")
                      : file_write(a->asked_path, buf_str(&b), 0600, err);
    a->asked_stale = rc != 0;
    a->asked_records = 0;
    buf_release(&b);
    return rc;
}

int audiences_keep_asked(struct audiences *a, struct str records, size_t n, struct mq_error *err)
{
    if (a->asked_stale || a->asked_records + n > ASKED_RECORDS)
        return write_asked(a, err);
    int rc = file_append(a->asked_path, records, err);
    if (rc == MQ_NOT_FOUND)
        return write_asked(a, err);
    a->asked_stale = rc != 0; /* a part may be there */
    a->asked_records += n;
    return rc;
}

void audiences_load_asked(struct audiences *a)
{
    struct mq_error err;
    struct file_map m;
    bool whole = false;
    if (file_map_open(a->asked_path, &m, &err) != 0)
        return;
    const char *p = m.p;
    if (m.n >= sizeof(asked_magic) && memcmp(p, asked_magic, sizeof(asked_magic)) == 0)
        floor_memory_decode((struct str){p + sizeof(asked_magic), m.n - sizeof(asked_magic)},
                            &a->memory, &a->asked_records, &whole);
    a->asked_stale = !whole;
    file_map_close(&m);
}

/* ---------------------------------------------------------------- the audit trail */

#define AUDIT_PREFIX "audit/audience/"
enum { AUDIT_KEPT = 10000, AUDIT_LINE = 16384, AUDIT_KEY = 64 };

static int see_number(void *ctx, struct str key, struct str value)
{
    uint64_t *next = ctx;
    uint64_t n;
    (void)value;
    struct str digits = {key.p + strlen(AUDIT_PREFIX), key.n - strlen(AUDIT_PREFIX)};
    if (str_to_u64(digits, &n) && n >= *next)
        *next = n + 1;
    return 0;
}

static struct str audit_key(char *to, uint64_t n)
{
    int len = snprintf(to, AUDIT_KEY, AUDIT_PREFIX "%012llu", (unsigned long long)n);
    return (struct str){to, (size_t)len};
}

static void write_line(struct buf *b, const char *what, const struct mq_audience_request *q,
                       size_t n_withheld)
{
    char time[40];
    struct buf t;
    buf_over(&t, time, sizeof(time));
    time_format(&t, clock_wall_ms());
    buf_printf(b, "%.*s %s who=%s research=%d floor=%u withheld=%zu", STR_ARG(buf_str(&t)), what,
               q->who ? q->who : "-", q->research, q->floor ? q->floor : FLOOR_DEFAULT, n_withheld);
    for (size_t i = 0; i < q->n_expressions; i++)
        buf_printf(b, " [%s]", q->expressions[i]);
}

int audiences_audit(struct mq_engine *e, const char *what, const struct mq_audience_request *q,
                    size_t n_withheld, struct mq_error *err)
{
    struct audiences *a = e->audiences;
    char key[AUDIT_KEY];
    struct buf line;
    buf_init(&line, AUDIT_LINE);
    write_line(&line, what, q, n_withheld);
    pthread_mutex_lock(&a->lock);
    int rc = 0;
    if (a->audit_next == 0) {
        a->audit_next = 1;
        rc = store_scan_values(e->store, STORE_META, STR(AUDIT_PREFIX), see_number, &a->audit_next,
                               err);
    }
    uint64_t n = a->audit_next++;
    pthread_mutex_unlock(&a->lock);
    if (rc == 0)
        rc = line.failed ? mq_fail(err, MQ_TOO_LARGE, "audit: a line of over %d bytes", AUDIT_LINE)
                         : engine_put_setting(e, audit_key(key, n), buf_str(&line), err);
    buf_release(&line);
    if (rc == 0 && n > AUDIT_KEPT)
        rc = engine_delete_setting(e, audit_key(key, n - AUDIT_KEPT), err);
    return rc == MQ_NOT_FOUND ? 0 : rc;
}
