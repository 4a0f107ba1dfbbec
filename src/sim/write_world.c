/* write_world.c - a simulation as a folder of files. */
#include <stdlib.h>

#include "base/file.h"
#include "base/json_writer.h"
#include "sim/moods.h"
#include "sim/sim_inside.h"

enum { EVERY = 4096 };

/* The files of events, and truth-sessions.ndjson beside them: which mood each session had. */
struct writing {
    struct sim *sim;
    const char *dir;
    struct event next; /* not written yet, if there is `any` */
    bool any;
    struct world_file sessions;
    int64_t
        *since; /* (viewers) begin of the last session that is written; NULL: there are no moods */
    sim_progress *progress;
    void *ctx;
    struct sim_report *report;
};

static void count(struct sim_report *r, const struct event *e)
{
    r->events++;
    r->sessions += e->kind == EVENT_START;
    r->impressions += e->kind == EVENT_IMPRESSION;
    r->ratings += e->kind == EVENT_RATING;
}

/* How far along the period, in thousandths of a day: the number of events is not known beforehand. */
static bool tell(struct sim *s, int64_t at_ms, sim_progress *progress, void *ctx)
{
    const struct sim_world *w = sim_world_of(s);
    if (!progress)
        return true;
    return progress(ctx, "events.ndjson", (uint64_t)(at_ms - w->start_ms) / 86400,
                    (uint64_t)(w->end_ms - w->start_ms) / 86400);
}

static void note_session(struct writing *w)
{
    uint32_t viewer = w->next.viewer_id.v;
    int64_t since = w->since ? sim_mood_since(w->sim, viewer) : 0;
    if (!w->since || w->since[viewer] == since)
        return;
    w->since[viewer] = since;
    struct json j;
    json_init(&j, &w->sessions.out);
    json_object(&j);
    json_kv_str(&j, "viewer", w->next.viewer);
    json_kv_time(&j, "begins", since);
    json_kv_z(&j, "mood", mood_name(sim_mood(w->sim, viewer)));
    json_object_end(&j);
    buf_add_char(&w->sessions.out, '\n');
}

/* Up to `until_ms`; the event that lies behind it stays. */
static int write_until(struct writing *w, const char *name, int64_t until_ms, struct mq_error *err)
{
    struct world_file f;
    int rc = world_file_open(&f, w->dir, name, err);
    if (rc)
        return rc;
    while (w->any && w->next.at_ms < until_ms) {
        event_line(&f.out, &w->next, sim_timezone(w->sim));
        note_session(w);
        count(w->report, &w->next);
        int64_t at_ms = w->next.at_ms;
        rc = world_file_flush(&f, false, err);
        if (rc == 0 && w->since)
            rc = world_file_flush(&w->sessions, false, err);
        if (rc == 0 && w->report->events % EVERY == 0 && !tell(w->sim, at_ms, w->progress, w->ctx))
            rc = mq_fail(err, MQ_CANCELLED, "simulation: stopped");
        if (rc == 0)
            rc = sim_next(w->sim, &w->next, err);
        if (rc < 0)
            break;
        w->any = rc > 0;
        rc = 0;
    }
    int closed = world_file_close(&f, rc == 0, err);
    w->report->bytes += f.bytes;
    return rc ? rc : closed;
}

static int begin_sessions(struct writing *w, struct mq_error *err)
{
    const struct sim_world *world = sim_world_of(w->sim);
    if (world->mood <= 0)
        return 0;
    w->since = calloc(world->settings.viewers, sizeof(*w->since));
    if (!w->since)
        return mq_fail(err, MQ_NO_MEMORY, "truth-sessions.ndjson: no memory");
    int rc = world_file_open(&w->sessions, w->dir, "truth-sessions.ndjson", err);
    if (rc) {
        free(w->since);
        w->since = NULL;
    }
    return rc;
}

static int end_sessions(struct writing *w, int rc, struct mq_error *err)
{
    if (!w->since)
        return rc;
    int closed = world_file_close(&w->sessions, rc == 0, err);
    free(w->since);
    return rc ? rc : closed;
}

static int write_events(struct writing *w, struct mq_error *err)
{
    int64_t begins;
    bool campaign = sim_campaign_title(w->sim, &begins) != ID_NONE;
    int rc = world_file_forget(w->dir, "truth-sessions.ndjson", err);
    if (rc == 0)
        rc = world_file_forget(w->dir, "events-campaign.ndjson", err);
    if (rc)
        return rc;
    rc = sim_next(w->sim, &w->next, err);
    w->any = rc > 0;
    rc = rc < 0 ? rc : begin_sessions(w, err);
    if (rc)
        return rc;
    rc = write_until(w, "events.ndjson", begins, err);
    if (rc == 0 && campaign)
        rc = write_until(w, "events-campaign.ndjson", INT64_MAX, err);
    return end_sessions(w, rc, err);
}

static int write_readme(const struct sim *s, const char *dir, struct mq_error *err)
{
    struct world_file f;
    uint32_t real = sim_real_titles(s), later = sim_world_of(s)->later;
    uint32_t invented = sim_titles(s) - real - later;
    int64_t begins;
    int rc = world_file_open(&f, dir, "README.txt", err);
    if (rc)
        return rc;
    buf_printf(
        &f.out,
        "A simulated video service, written by marquee simulate.\n\n"
        "REAL: %u titles (t-1 to t-%u) and the people credited on them are real films and series,\n"
        "with their years, countries, languages, running times and principal credits.\n",
        real, real);
    if (invented > 0)
        buf_printf(&f.out, "INVENTED TITLES: %u (t-%u to t-%u), and everybody credited on them.\n",
                   invented, real + 1, real + invented);
    if (later > 0)
        buf_printf(&f.out,
                   "INVENTED, AS IF MADE: %u titles (t-%u to t-%u) that take up what was planted. "
                   "They do not exist,\nalso where the people credited on them are real.\n",
                   later, real + invented + 1, sim_titles(s));
    buf_add_z(
        &f.out,
        "INVENTED: every viewer, and everything a viewer does, likes or says. How often a title "
        "is\n"
        "watched or liked here says nothing about that title or about anyone who made it.\n"
        "The release_date of a real title is the day on which it came to this invented service.\n\n"
        "titles.csv, credits.csv   the catalogue\n"
        "events.ndjson             what happened, in time order, one native event a line\n"
        "truth.json                what the world was made from: settings, formulas, communities, "
        "titles\n"
        "truth-viewers.ndjson      each viewer's taste and habits\n"
        "truth-sessions.ndjson     each session's mood, where there are moods\n\n"
        "  marquee import --format titles titles.csv\n"
        "  marquee import --format credits credits.csv\n"
        "  marquee import --format events events.ndjson\n");
    if (sim_campaign_title(s, &begins) != ID_NONE)
        buf_add_z(&f.out,
                  "\nevents.ndjson ends where the campaign of truth.json begins; "
                  "events-campaign.ndjson goes on from there.\nLaunch it between the two, with its "
                  "name and its hold-out:\n\n"
                  "  marquee campaign plan --title ID --json > plan.json\n"
                  "  marquee campaign launch plan.json --name NAME\n"
                  "  marquee import --format events events-campaign.ndjson\n"
                  "  marquee campaign read NAME\n");
    return world_file_close(&f, true, err);
}

int sim_write(const struct sim_settings *settings, const char *dir, sim_progress *progress,
              void *ctx, struct sim_report *ret, struct mq_error *err)
{
    struct sim *s = NULL;
    struct sim_report report = {0};
    struct sim_outcomes outcomes = {.before = NULL};
    int rc = sim_new(settings, &s, err);
    if (rc == 0)
        rc = outcomes_find(sim_world_of(s), &outcomes, err);
    if (rc == 0)
        rc = file_make_dirs(dir, err);
    if (rc == 0)
        rc = write_titles(s, dir, err);
    if (rc == 0)
        rc = write_credits(s, dir, err);
    if (rc == 0)
        rc = write_truth(s, &outcomes, dir, err);
    if (rc == 0)
        rc = write_viewers(s, &outcomes, dir, progress, ctx, err);
    if (rc == 0)
        rc = write_readme(s, dir, err);
    struct writing w = {.sim = s, .dir = dir, .progress = progress, .ctx = ctx, .report = &report};
    if (rc == 0)
        rc = write_events(&w, err);
    if (rc == 0) {
        report.viewers = settings->viewers;
        report.titles = sim_titles(s);
        report.real_titles = sim_real_titles(s);
        report.people = sim_people(s);
        report.credits = sim_world_of(s)->n_credits;
        *ret = report;
    }
    outcomes_release(&outcomes);
    sim_free(s);
    return rc;
}
