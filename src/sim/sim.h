/* sim.h - a known world: a service whose titles may be real and whose viewers are invented, with the truth
 * it was made from. docs/simulator.md has the model and its formulas.
 *
 *     struct sim_settings settings = sim_defaults();
 *     settings.viewers = 500;
 *     sim_write(&settings, "world", NULL, NULL, &report, &err);        files; or, without files,
 *
 *     sim_new(&settings, &sim, &err);
 *     while ((rc = sim_next(sim, &event, &err)) > 0) ...               events in time order
 *     sim_preference(sim, viewer, title)                               what the viewer really thinks
 *     sim_free(sim);
 *
 * Every viewer draws from a stream of its own: the same settings give the same events, in the same order.
 * Memory: about 400 bytes a viewer and 1 KiB a title, and the events of the sessions that are under way. */
#ifndef MQ_SIM_SIM_H
#define MQ_SIM_SIM_H

#include "base/error.h"
#include "catalogue/title.h"
#include "event/event.h"

enum {
    SIM_VIEWERS_MAX = 2000000,
    SIM_TITLES_MIN = 20, /* fewer leave no page to choose from */
    SIM_TITLES_MAX = 200000,
    SIM_DAYS_MAX = 3660,
};

struct sim_settings {
    uint32_t viewers;
    uint32_t
        titles; /* up to the number of real ones: the best known of these; above: invented ones too */
    uint32_t days;
    uint64_t seed;
    int64_t end_ms;           /* first instant after the world, ms since 1970 */
    double sessions_per_week; /* mean over viewers, (0, 50] */
    uint32_t heartbeat_s;     /* seconds of play between two progress events, 5 to 3600 */
    double taste; /* strength of tastes and of following people, [0, 4]; 0: all think alike */
    double
        context; /* strength of hour and device on what is chosen and finished, [0, 4]; 0: none */
    bool
        null_world; /* as taste = context = 0: only popularity and habits of time and device remain */
};

/* 2,000 viewers, the real titles, 60 days to 2026-06-30T00:00:00Z, seed 1, strengths 1. */
struct sim_settings sim_defaults(void);
/* MQ_INVALID names the field, the value and the range. sim_new and sim_write check too. */
int sim_check(const struct sim_settings *s, struct mq_error *err);

struct sim;

/* MQ_INVALID: settings; MQ_NO_MEMORY; MQ_NOT_FOUND: the system has no time zone files (tzdata). */
int sim_new(const struct sim_settings *s, struct sim **ret, struct mq_error *err);
void sim_free(struct sim *s);

/* 1 and the next event; 0 after the last one; negative on failure. Source "native"; its text and items are
 * valid until the next call. event.context.offset_min is that of the session's beginning. */
int sim_next(struct sim *s, struct event *ret, struct mq_error *err);
/* The time zone (tz database name) of the event that sim_next gave last. */
struct str sim_timezone(const struct sim *s);

/* Viewer i is "v-<i + 1>", title i is "t-<i + 1>". */
uint32_t sim_titles(const struct sim *s);
uint32_t sim_real_titles(const struct sim *s);
uint32_t sim_people(const struct sim *s);
/* With credits: person_key "p-<n>", person_id n - 1. release_day is set for launches within the period and
 * for invented titles. Valid until sim_free. */
const struct title *sim_title(const struct sim *s, uint32_t title);
int64_t sim_start_ms(const struct sim *s);

/* The truth: how much the viewer likes the title apart from the moment, on a logit scale (0 = neither);
 * NaN for a viewer or title that is not there. Liking in [0, 1] is 1 / (1 + exp(-preference)). */
double sim_preference(const struct sim *s, uint32_t viewer, uint32_t title);

/* Called now and then; return false to stop with MQ_CANCELLED. `total` 0 = unknown. */
typedef bool sim_progress(void *ctx, const char *what, uint64_t done, uint64_t total);

struct sim_report {
    uint64_t viewers, titles, real_titles, people, credits, events, sessions, impressions, ratings;
    uint64_t bytes; /* of events.ndjson */
};

/* Writes titles.csv, credits.csv, events.ndjson, truth.json, truth-viewers.ndjson and README.txt into `dir`,
 * made when absent; files of these names are replaced, each once it is whole. `progress` may be NULL. */
int sim_write(const struct sim_settings *s, const char *dir, sim_progress *progress, void *ctx,
              struct sim_report *ret, struct mq_error *err);

#endif
