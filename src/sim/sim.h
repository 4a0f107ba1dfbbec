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
    SIM_LATER_MAX = 64,
    SIM_LATER_DAYS = 58, /* fewer leave no 28 days behind titles that come in the second half */
    SIM_CAMPAIGN_DAYS = 28,
};

/* Whom a campaign leads to: those who are not held out, nobody, everybody (both sides of what it does to one viewer). */
enum sim_arms { SIM_ARMS_CUT, SIM_ARMS_NOBODY, SIM_ARMS_EVERYBODY };

struct sim_settings {
    uint32_t viewers;
    uint32_t
        titles; /* up to the number of real ones: the best known of these; above: invented ones too */
    uint32_t days;
    uint64_t seed;
    int64_t end_ms;           /* first instant after the world, ms since 1970 */
    double sessions_per_week; /* mean over viewers, (0, 50] */
    double choices;           /* titles that a session is good for, mean, [1, 8] */
    double sampling;          /* chance of trying another title where one was given up, whatever the
                                 session is good for, [0, 1]; 0: given up counts as any other */
    uint32_t heartbeat_s;     /* seconds of play between two progress events, 5 to 3600 */
    double taste; /* strength of tastes and of following people, [0, 4]; 0: all think alike */
    double
        context;   /* strength of hour and device on what is chosen and finished, [0, 4]; 0: none */
    double mood;   /* strength of what a viewer is in for, by session, [0, 4]; 0: none */
    double bursts; /* a day: a title that a country looks for, for some hours, [0, 50]; 0: none */
    double lure;   /* how much is chosen for its looks and not liked for them, [0, 4]; 0: nothing */
    double leave;  /* how readily disappointed viewers leave for good, [0, 4]; 0: never */
    double
        affinity; /* strength of affinities planted beside taste (affinities.h), [0, 4]; 0: none */
    double opportunity; /* strength of a title that nobody made (opportunity.h), [0, 4]; 0: none */
    bool confounded;    /* and its theme is popular with everybody */
    uint32_t later;     /* titles that come in the second half and take up what was planted
                           (later_titles.h), up to SIM_LATER_MAX; 0: none */
    double
        campaign; /* strength of a campaign over the last 28 days (sim_campaign.h), [0, 4]; 0: none */
    double holdout;            /* share held out of it, (0, 1) */
    const char *campaign_name; /* says who is held out, as that of the campaign that is launched */
    enum sim_arms arms;        /* whom the campaign leads to */
    bool null_world; /* all of these 0: only popularity and habits of time and device remain */
};

/* 2,000 viewers, the real titles, 60 days to 2026-06-30T00:00:00Z, seed 1; 1.6 sessions a week of 1.18 choices; taste, context and mood 1, a burst in five days,
 * lure 0.5, leave 0.2; affinity, opportunity, later titles and campaign 0; a campaign would hold out half and be called "sim". */
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

/* Another home page than the service's own, for every viewer from now on: fills slots row by row, no title twice, and
 * returns how many, at most `max`. The events then show these pages and what came of them: a policy is tried. */
struct sim_slot {
    uint32_t title;
    float propensity; /* NaN: chosen by a rule */
    uint8_t row, column;
};
struct sim_visitor {
    uint32_t viewer;
    int64_t at_ms;
    struct context context;
    unsigned rows, columns; /* what the device shows */
};
typedef uint32_t sim_page(void *ctx, const struct sim_visitor *who, struct sim_slot *slots,
                          uint32_t max);
void sim_set_page(struct sim *s, sim_page *page, void *ctx);

/* Is the title there on that day (a launch comes within the period)? */
bool sim_is_there(const struct sim *s, uint32_t title, int64_t at_ms);
/* Viewers who have joined and have not left for good, as far as the events have come. */
uint32_t sim_staying(const struct sim *s, int64_t at_ms);
/* The number of the mood of the viewer's session under way, or of the last one; 0: none in particular. */
unsigned sim_mood(const struct sim *s, uint32_t viewer);
const char *sim_mood_name(unsigned mood); /* NULL past the last */
int64_t sim_mood_since(const struct sim *s,
                       uint32_t viewer); /* that session began; 0: there was none */

/* The campaign: its title and begin; ID_NONE: there is none. */
uint32_t sim_campaign_title(const struct sim *s, int64_t *ret_begins_ms);

/* The truth: how much the viewer likes the title apart from the moment, on a logit scale (0 = neither);
 * NaN for a viewer or title that is not there. Liking in [0, 1] is 1 / (1 + exp(-preference)). */
double sim_preference(const struct sim *s, uint32_t viewer, uint32_t title);

/* Called now and then; return false to stop with MQ_CANCELLED. `total` 0 = unknown. */
typedef bool sim_progress(void *ctx, const char *what, uint64_t done, uint64_t total);

struct sim_report {
    uint64_t viewers, titles, real_titles, people, credits, events, sessions, impressions, ratings;
    uint64_t bytes; /* of events.ndjson */
};

/* Writes titles.csv, credits.csv, events.ndjson, truth.json, truth-viewers.ndjson, truth-sessions.ndjson (with moods) and README.txt into `dir`,
 * made when absent; files of these names are replaced, each once it is whole. With a campaign events.ndjson ends where it begins, and
 * events-campaign.ndjson goes on from there. `progress` may be NULL. */
int sim_write(const struct sim_settings *s, const char *dir, sim_progress *progress, void *ctx,
              struct sim_report *ret, struct mq_error *err);

#endif
