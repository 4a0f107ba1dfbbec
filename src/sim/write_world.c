/* write_world.c - a simulation as a folder of files. */
#include "base/file.h"
#include "sim/sim_inside.h"

enum { EVERY = 4096 };

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

/* Up to `until_ms`; the event that lies behind it stays in *next. */
static int write_until(struct sim *s, const char *dir, const char *name, int64_t until_ms,
                       struct event *next, bool *any, sim_progress *progress, void *ctx,
                       struct sim_report *report, struct mq_error *err)
{
    struct world_file f;
    int rc = world_file_open(&f, dir, name, err);
    if (rc)
        return rc;
    while (*any && next->at_ms < until_ms) {
        event_line(&f.out, next, sim_timezone(s));
        count(report, next);
        int64_t at_ms = next->at_ms;
        rc = world_file_flush(&f, false, err);
        if (rc == 0 && report->events % EVERY == 0 && !tell(s, at_ms, progress, ctx))
            rc = mq_fail(err, MQ_CANCELLED, "simulation: stopped");
        if (rc == 0)
            rc = sim_next(s, next, err);
        if (rc < 0)
            break;
        *any = rc > 0;
        rc = 0;
    }
    int closed = world_file_close(&f, rc == 0, err);
    report->bytes += f.bytes;
    return rc ? rc : closed;
}

static int write_events(struct sim *s, const char *dir, sim_progress *progress, void *ctx,
                        struct sim_report *report, struct mq_error *err)
{
    int64_t begins;
    bool campaign = sim_campaign_title(s, &begins) != ID_NONE;
    struct event next;
    int rc = sim_next(s, &next, err);
    bool any = rc > 0;
    if (rc < 0)
        return rc;
    rc = write_until(s, dir, "events.ndjson", begins, &next, &any, progress, ctx, report, err);
    if (rc == 0 && campaign)
        rc = write_until(s, dir, "events-campaign.ndjson", INT64_MAX, &next, &any, progress, ctx,
                         report, err);
    return rc;
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
        "truth-viewers.ndjson      each viewer's taste and habits\n\n"
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
    if (rc == 0)
        rc = write_events(s, dir, progress, ctx, &report, err);
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
