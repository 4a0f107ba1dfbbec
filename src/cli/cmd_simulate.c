#include <stdio.h>

#include "base/clock.h"
#include "base/json_writer.h"
#include "cli/command.h"
#include "cli/print.h"
#include "sim/sim.h"

static const struct option_spec options[] = {
    {"out", "DIR", "the folder to write; made when absent"},
    {"viewers", "N", "how many viewers (2000)"},
    {"titles", "N", "how many titles: real ones first, invented ones above (all real ones: 520)"},
    {"days", "N", "how many days (60)"},
    {"seed", "N", "another seed is another world (1)"},
    {"end", "TIME", "when the world ends (2026-06-30T00:00:00Z), or now"},
    {"start", "TIME", "when it begins, instead of --end"},
    {"sessions", "X", "sessions per viewer and week, on average (1.6)"},
    {"choices", "X", "titles that a session is good for, on average (1.18)"},
    {"sampling", "X", "chance of trying another title where one was given up (0: as after any)"},
    {"heartbeat", "SECONDS", "of play between two progress events (600)"},
    {"taste", "X", "strength of tastes (1); 0: none"},
    {"context", "X", "strength of hour and device on what is chosen (1); 0: none"},
    {"mood", "X", "strength of what a viewer is in for, by session (1); 0: none"},
    {"bursts", "X", "a day: a title that a whole country looks for (0.2); 0: none"},
    {"lure", "X", "how much is chosen for its looks and not liked for them (0.5); 0: nothing"},
    {"leave", "X", "how readily disappointed viewers leave for good (0.2); 0: never"},
    {"affinity", "X", "strength of planted affinities of people and themes (0: none)"},
    {"opportunity", "X", "strength of a planted title that nobody made (0: none)"},
    {"confounded", NULL, "and its theme is popular with everybody"},
    {"later", "N", "titles of the second half that take up the opportunity and the habits (0)"},
    {"campaign", "X", "strength of a campaign over the last 28 days (0: none)"},
    {"campaign-name", "NAME", "says who is held out of it (sim)"},
    {"holdout", "X", "share held out of it (0.5)"},
    {"null", NULL, "none of these: nothing but popularity may be found"},
    {NULL, NULL, NULL},
};

static bool read_count(const struct args *a, const char *name, uint64_t max, uint32_t *ret)
{
    uint64_t v = *ret;
    if (!args_unsigned(a, name, max, &v))
        return false;
    *ret = (uint32_t)v;
    return true;
}

static bool read_period(const struct args *a, struct sim_settings *s)
{
    const char *end = args_get(a, "end");
    if (end && args_has(a, "start")) {
        cli_usage(a, "--start: %s: give it or --end, not both", args_get(a, "start"));
        return false;
    }
    if (end && str_eq(str_of(end), STR("now"))) {
        s->end_ms = clock_wall_ms();
        return true;
    }
    if (!args_time(a, "end", &s->end_ms))
        return false;
    int64_t length = (int64_t)s->days * 86400000, start = s->end_ms - length;
    if (!args_time(a, "start", &start))
        return false;
    s->end_ms = start + length;
    return true;
}

static bool read_settings(const struct args *a, struct sim_settings *s)
{
    s->null_world = args_has(a, "null");
    s->confounded = args_has(a, "confounded");
    if (args_get(a, "campaign-name"))
        s->campaign_name = args_get(a, "campaign-name");
    return read_count(a, "viewers", SIM_VIEWERS_MAX, &s->viewers) &&
           read_count(a, "titles", SIM_TITLES_MAX, &s->titles) &&
           read_count(a, "days", SIM_DAYS_MAX, &s->days) &&
           args_unsigned(a, "seed", UINT64_MAX, &s->seed) &&
           read_count(a, "heartbeat", 3600, &s->heartbeat_s) &&
           args_double(a, "sessions", &s->sessions_per_week) &&
           args_double(a, "choices", &s->choices) && args_double(a, "sampling", &s->sampling) &&
           args_double(a, "taste", &s->taste) && args_double(a, "context", &s->context) &&
           args_double(a, "mood", &s->mood) && args_double(a, "bursts", &s->bursts) &&
           args_double(a, "lure", &s->lure) && args_double(a, "leave", &s->leave) &&
           args_double(a, "affinity", &s->affinity) &&
           args_double(a, "opportunity", &s->opportunity) &&
           read_count(a, "later", SIM_LATER_MAX, &s->later) &&
           args_double(a, "campaign", &s->campaign) && args_double(a, "holdout", &s->holdout) &&
           read_period(a, s);
}

static int print_report(const struct args *a, const char *dir, const struct sim_report *r)
{
    struct buf out;
    struct json j;
    buf_init(&out, 1 << 16);
    json_init(&j, &out);
    json_object(&j);
    json_kv_z(&j, "out", dir);
    json_kv_u64(&j, "viewers", r->viewers);
    json_kv_u64(&j, "titles", r->titles);
    json_kv_u64(&j, "real_titles", r->real_titles);
    json_kv_u64(&j, "people", r->people);
    json_kv_u64(&j, "credits", r->credits);
    json_kv_u64(&j, "events", r->events);
    json_kv_u64(&j, "sessions", r->sessions);
    json_kv_u64(&j, "impressions", r->impressions);
    json_kv_u64(&j, "ratings", r->ratings);
    json_kv_u64(&j, "bytes", r->bytes);
    json_object_end(&j);
    int code = print_fields(buf_str(&out), a->json);
    buf_release(&out);
    return code;
}

static int run(const struct args *a)
{
    struct sim_settings settings = sim_defaults();
    struct sim_report report;
    struct mq_error err;
    const char *dir = args_get(a, "out");
    if (!dir || !dir[0])
        return cli_usage(a, "--out: missing: say where to write the world");
    if (a->n_positions > 0)
        return cli_usage(a, "%s: not expected: the folder goes behind --out", a->position[0]);
    if (!read_settings(a, &settings))
        return EXIT_USAGE;
    if (sim_check(&settings, &err) != 0)
        return cli_usage(a, "%s", err.text);
    struct progress progress;
    progress_begin(&progress);
    int rc = sim_write(&settings, dir, progress_show, &progress, &report, &err);
    progress_end(&progress);
    return rc ? cli_error(&err) : print_report(a, dir, &report);
}

const struct command cmd_simulate = {
    .name = "simulate",
    .summary = "write a known world: titles, invented viewers, and the truth",
    .positions = "",
    .details = "  Titles up to the 520 of the default catalogue are real; viewers and what they do "
               "are invented.\n"
               "  titles.csv, credits.csv and events.ndjson can be imported; truth.json and\n"
               "  truth-viewers.ndjson say what the world was made from, truth-sessions.ndjson\n"
               "  each session's mood. The same options give the same files.",
    .example = "  marquee simulate --viewers 2000 --days 60 --seed 1 --out world",
    .options = options,
    .run = run,
};
