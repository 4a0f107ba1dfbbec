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

static int write_events(struct sim *s, const char *dir, sim_progress *progress, void *ctx,
                        struct sim_report *report, struct mq_error *err)
{
    struct world_file f;
    struct event e;
    int rc = world_file_open(&f, dir, "events.ndjson", err);
    if (rc)
        return rc;
    while ((rc = sim_next(s, &e, err)) > 0) {
        event_line(&f.out, &e, sim_timezone(s));
        count(report, &e);
        rc = world_file_flush(&f, false, err);
        if (rc == 0 && report->events % EVERY == 0 && !tell(s, e.at_ms, progress, ctx))
            rc = mq_fail(err, MQ_CANCELLED, "simulation: stopped");
        if (rc)
            break;
    }
    int closed = world_file_close(&f, rc == 0, err);
    report->bytes = f.bytes;
    return rc ? rc : closed;
}

static int write_readme(const struct sim *s, const char *dir, struct mq_error *err)
{
    struct world_file f;
    uint32_t real = sim_real_titles(s), invented = sim_titles(s) - real;
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
                   invented, real + 1, sim_titles(s));
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
    return world_file_close(&f, true, err);
}

int sim_write(const struct sim_settings *settings, const char *dir, sim_progress *progress,
              void *ctx, struct sim_report *ret, struct mq_error *err)
{
    struct sim *s = NULL;
    struct sim_report report = {0};
    int rc = sim_new(settings, &s, err);
    if (rc == 0)
        rc = file_make_dirs(dir, err);
    if (rc == 0)
        rc = write_titles(s, dir, err);
    if (rc == 0)
        rc = write_credits(s, dir, err);
    if (rc == 0)
        rc = write_truth(s, dir, err);
    if (rc == 0)
        rc = write_viewers(s, dir, progress, ctx, err);
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
    sim_free(s);
    return rc;
}
