#include "base/json_writer.h"
#include "cli/command.h"
#include "cli/print.h"
#include "cli/target.h"
#include "http/render.h"

static const struct option_spec options[] = {
    {"budget", "TIME", "most time for the search, as 90s, 10m, 1h (default 4m)"},
    {"seed", "N", "of splits and factors (default 1)"},
    {NULL, NULL, NULL},
};

static int tune_folder(struct target *t, const struct mq_tune_options *asked, struct buf *out,
                       struct mq_error *err)
{
    struct progress progress;
    struct mq_tuning found;
    struct json j;
    struct mq_tune_options o = *asked;
    progress_begin(&progress);
    o.progress = progress_show;
    o.progress_ctx = &progress;
    int rc = mq_tune(t->engine, &o, &found, err);
    progress_end(&progress);
    if (rc)
        return rc;
    json_init(&j, out);
    render_tuning(&j, &found);
    return 0;
}

static int tune_server(struct target *t, const struct mq_tune_options *o, struct buf *out,
                       struct mq_error *err)
{
    struct json j;
    json_init(&j, out);
    json_object(&j);
    json_kv_u64(&j, "seed", o->seed);
    json_kv_double(&j, "seconds", o->seconds, 9);
    json_object_end(&j);
    int rc = target_call(t, API_POST, "/v1/tune", buf_str(out), err);
    buf_reset(out);
    if (rc == 0)
        buf_add_str(out, buf_str(&t->reply));
    return rc;
}

static int run(const struct args *a)
{
    struct target t;
    struct mq_error err;
    struct buf out;
    struct mq_tune_options o = {.seed = 1};
    unsigned seconds = 0;
    if (!args_interval(a, "budget", &seconds) || !args_unsigned(a, "seed", UINT64_MAX, &o.seed))
        return EXIT_USAGE;
    if (seconds > 86400)
        return cli_usage(a, "--budget: %u s: at most a day", seconds);
    o.seconds = seconds;
    if (target_open(a->data, false, &t, &err) != 0)
        return cli_error(&err);
    buf_init(&out, 1 << 20);
    int rc =
        target_is_server(&t) ? tune_server(&t, &o, &out, &err) : tune_folder(&t, &o, &out, &err);
    int code = rc ? cli_error(&err) : print_fields(buf_str(&out), a->json);
    buf_release(&out);
    target_close(&t);
    return code;
}

const struct command cmd_tune = {
    .name = "tune",
    .summary = "search settings on the newest part of the log, for the trainings to come",
    .positions = "",
    .details =
        "Trains on the older events, asks for the newer ones, and keeps the settings that found "
        "them\n"
        "best, with the evidence, in the data folder (the file `tuned`). `train` then uses them.\n"
        "The same log and seed give the same settings unless the time runs out.",
    .example = "  marquee tune --budget 10m",
    .options = options,
    .run = run,
};
