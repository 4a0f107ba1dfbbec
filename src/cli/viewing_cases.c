#include "cli/viewing_cases.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "playback/viewing_write.h"
#include "wire/playback_case.h"

enum { ARENA_BLOCK = 1 << 16, LINE_MAX_BYTES = 1 << 30 };
static const size_t arena_most = (size_t)1 << 30;

static int no_memory(struct mq_error *err)
{
    return mq_fail(err, MQ_NO_MEMORY, "viewings: no memory: give a smaller file");
}

/* The object's members for one case: of the combination, and of each session. */
static int write_case(const struct playback_case *c, const struct viewing *v, struct json *j,
                      struct mq_error *err)
{
    const struct viewing **parts = calloc(c->n_sessions + 1, sizeof(const struct viewing *));
    struct viewings all = {0};
    if (!parts)
        return no_memory(err);
    for (size_t i = 0; i < c->n_sessions; i++)
        parts[i] = &v[i];
    int rc = viewings_combine(parts, c->n_sessions, c->runtime_ms, &all, err);
    free(parts);
    if (rc)
        return rc;
    viewings_write(j, &all);
    viewings_release(&all);
    json_key(j, STR("sessions"));
    json_array(j);
    for (size_t i = 0; i < c->n_sessions; i++) {
        json_object(j);
        viewing_write(j, &v[i]);
        json_object_end(j);
    }
    json_array_end(j);
    return 0;
}

static int play_case(const struct playback_case *c, struct buf *line, struct mq_error *err)
{
    struct viewing *v = calloc(c->n_sessions + 1, sizeof(*v));
    struct json j;
    if (!v)
        return no_memory(err);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < c->n_sessions; i++) {
        viewing_init(&v[i], c->runtime_ms, c->start_plays, true);
        rc = viewing_feed_all(&v[i], c->sessions[i].events, c->sessions[i].n, err);
    }
    json_init(&j, line);
    json_object(&j);
    json_kv_str(&j, "name", c->name);
    if (rc == 0 && c->several)
        rc = write_case(c, v, &j, err);
    else if (rc == 0)
        viewing_write(&j, &v[0]);
    json_object_end(&j);
    buf_add_char(line, '\n');
    for (size_t i = 0; i < c->n_sessions; i++)
        viewing_release(&v[i]);
    free(v);
    return rc == 0 && line->failed ? no_memory(err) : rc;
}

static int one_case(const char *path, struct buf *line, struct mq_error *err)
{
    struct buf text;
    struct arena arena;
    struct playback_case c;
    if (arena_init(&arena, ARENA_BLOCK, arena_most) != 0)
        return no_memory(err);
    buf_init(&text, PLAYBACK_CASE_BYTES_MAX);
    buf_reset(line);
    int rc = file_read(path, &text, err);
    if (rc == 0) {
        rc = playback_case_read(buf_str(&text), &arena, &c, err);
        if (rc == 0)
            rc = play_case(&c, line, err);
        if (rc)
            mq_error_prefix(err, "%s", path);
    }
    buf_release(&text);
    arena_release(&arena);
    return rc;
}

/* A bad case is told and passed over: the others stand on their own. */
int viewing_cases_run(const struct args *a)
{
    int code = EXIT_DONE;
    struct mq_error err;
    struct buf line;
    if (a->n_positions == 0)
        return cli_usage(a, "--case: name at least one file");
    buf_init(&line, LINE_MAX_BYTES);
    for (size_t i = 0; i < a->n_positions; i++) {
        if (one_case(a->position[i], &line, &err) != 0)
            code = cli_error(&err);
        else
            fwrite(line.p, 1, line.n, stdout);
    }
    buf_release(&line);
    return code;
}
