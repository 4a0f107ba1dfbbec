#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "cli/command.h"
#include "cli/print_viewing.h"
#include "wire/netflix_plays.h"

static const struct option_spec options[] = {
    {"netflix", "FILE", "the plays of a Netflix PlaybackRelatedEvents.csv, in file order"},
    {NULL, NULL, NULL},
};

enum { LINE_BYTES = 64 << 20 }; /* of one printed viewing */

struct netflix_printing {
    struct buf out;
    uint64_t bad;
};

/* The file says no runtimes. */
static int print_play(void *ctx, const struct netflix_play *play, struct mq_error *err)
{
    struct netflix_printing *p = ctx;
    struct viewing v;
    struct json j;
    viewing_init(&v, 0, session_start_plays(STR(NETFLIX_SOURCE)), true);
    int rc = viewing_feed_all(&v, play->events, play->n_events, err);
    if (rc == 0) {
        buf_reset(&p->out);
        json_init(&j, &p->out);
        json_object(&j);
        json_kv_u64(&j, "line", play->line);
        print_viewing(&j, &v);
        json_object_end(&j);
        buf_add_char(&p->out, '\n');
        if (p->out.failed)
            rc = mq_fail(err, MQ_TOO_LARGE, "line %llu: its viewing does not fit %d bytes",
                         (unsigned long long)play->line, LINE_BYTES);
        else if (fwrite(p->out.p, 1, p->out.n, stdout) != p->out.n)
            rc = mq_fail(err, MQ_CANCELLED, "viewings: stopped: nobody reads on");
    }
    viewing_release(&v);
    return rc;
}

static int print_bad(void *ctx, const struct bad_row *bad, struct mq_error *err)
{
    struct netflix_printing *p = ctx;
    (void)err;
    p->bad++;
    fprintf(stderr, "marquee: %s:%llu: %s\n", bad->file, (unsigned long long)bad->line,
            bad->why->text);
    return 0;
}

static int run_netflix(const char *path)
{
    struct netflix_printing p = {.bad = 0};
    struct netflix_plays_sink sink = {.ctx = &p, .play = print_play, .bad = print_bad};
    struct mq_error err;
    struct file_map map;
    if (file_map_open(path, &map, &err) != 0)
        return cli_error(&err);
    buf_init(&p.out, LINE_BYTES);
    int rc = netflix_plays_read(path, (struct str){map.p, map.n}, &sink, &err);
    buf_release(&p.out);
    file_map_close(&map);
    if (rc == MQ_CANCELLED)
        return EXIT_DONE;
    if (rc)
        return cli_error(&err);
    return p.bad ? EXIT_FAILED : EXIT_DONE;
}

static int run(const struct args *a)
{
    if (a->n_positions > 0)
        return cli_usage(a, "%s: is not expected", a->position[0]);
    if (!args_has(a, "netflix"))
        return cli_usage(a, "--netflix: missing: say what to read");
    return run_netflix(args_get(a, "netflix"));
}

const struct command cmd_viewings = {
    .name = "viewings",
    .summary = "what was really watched, session by session",
    .positions = "",
    .details = "Prints one compact JSON object a line: the stretches of the title that were "
               "played, their union, and "
               "what was\nwatched again, jumped over and paused; times in ms of the title, pauses "
               "in ms of the clock.\n"
               "  --netflix  each row of the file is a session; \"line\" is where it starts, the "
               "header being line 1",
    .example = "  marquee viewings --netflix export/PlaybackRelatedEvents.csv",
    .options = options,
    .run = run,
};
