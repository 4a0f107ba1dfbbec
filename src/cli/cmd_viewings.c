#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "cli/command.h"
#include "cli/target.h"
#include "cli/viewing_cases.h"
#include "playback/viewing_write.h"
#include "wire/netflix_plays.h"

static const struct option_spec options[] = {
    {"case", NULL, "play the cases in the files named, in order"},
    {"viewer", "ID", "what the store makes of this viewer's events"},
    {"as-of", "TIME", "with --viewer: from what was known then; @N: from the first N events"},
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
        viewing_write(&j, &v);
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

static int run_viewer(const struct args *a, const char *viewer)
{
    struct target t;
    struct mq_error err;
    struct buf path;
    buf_init(&path, 8192);
    buf_add_z(&path, "/v1/viewers/");
    url_add(&path, viewer);
    buf_add_z(&path, "/viewings");
    if (args_has(a, "as-of")) {
        buf_add_z(&path, "?as_of=");
        url_add(&path, args_get(a, "as-of"));
    }
    buf_add_char(&path, '\0');
    int code = EXIT_DONE;
    if (path.failed) {
        code = cli_usage(a, "--viewer: too long");
    } else if (target_open(a->data, false, &t, &err) != 0) {
        code = cli_error(&err);
    } else {
        if (target_call(&t, API_GET, path.p, STR_NONE, &err) != 0)
            code = cli_error(&err);
        else
            fwrite(t.reply.p, 1, t.reply.n, stdout);
        target_close(&t);
    }
    buf_release(&path);
    return code;
}

static int run(const struct args *a)
{
    const char *viewer = args_get(a, "viewer");
    const char *netflix = args_get(a, "netflix");
    bool cases = args_has(a, "case");
    if (cases + (viewer != NULL) + (netflix != NULL) != 1)
        return cli_usage(a, "give one of --case FILE..., --netflix FILE, --viewer ID");
    if (cases)
        return viewing_cases_run(a);
    if (a->n_positions > 0)
        return cli_usage(a, "%s: is not expected", a->position[0]);
    if (netflix)
        return run_netflix(netflix);
    return viewer[0] ? run_viewer(a, viewer) : cli_usage(a, "--viewer: missing: say whose");
}

const struct command cmd_viewings = {
    .name = "viewings",
    .summary = "what was really watched, session by session",
    .positions = "[FILE...]",
    .details = "Prints one compact JSON object a line: the stretches of the title that were "
               "played, their union, and "
               "what was\nwatched again, jumped over and paused; times in ms of the title, pauses "
               "in ms of the clock.\n"
               "  --case     a file holds the events of one or more sessions\n"
               "  --viewer   each title with its sessions (docs/engagement.md)\n"
               "  --netflix  each row of the file is a session; \"line\" is where it starts, the "
               "header being line 1",
    .example = "  marquee viewings --viewer v-17\n"
               "  marquee viewings --case evening.json\n"
               "  marquee viewings --netflix export/PlaybackRelatedEvents.csv",
    .options = options,
    .run = run,
};
