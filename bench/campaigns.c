/* campaigns.c - are campaigns read as they are? Simulated services whose effect on every viewer is known (sim/sim_campaign.h): what came before is
 * imported, a campaign is planned for three groups of taste and launched to all of them, what came since is imported, and the reading is held
 * against the truth of the viewers who were assigned. For each size and strength: how often an effect is called (all looks; one
 * look), the mean of the truth and of the estimates, how often the truth lies in the interval of one look; the area of the Qini curve
 * likewise, and how often it is above zero.
 *
 *     build/bench/bench_campaigns [WORLDS=10] [SEED=1] [VIEWERS=1000,4000] [STRENGTHS=0,0.5,1,2,4] */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/campaigns.h"
#include "engine/engine.h"
#include "sim/sim_inside.h"
#include "support/check.h"

enum { DAYS = 60, HEARTBEAT_S = 3600, FLOOR = 20, LIST_MAX = 16, PATH = 512 };
#define HOLDOUT 0.5
#define NOTHING 1e-9 /* a campaign that does nothing to anybody */

static const char *const groups[] = {"liked:genre=Animation",
                                     "liked:genre=Romance - liked:genre=Animation",
                                     "watched:all - liked:genre=Romance - liked:genre=Animation"};
enum { GROUPS = sizeof(groups) / sizeof(groups[0]) };

struct cell {
    unsigned worlds, effects, harms, one_look, held, told, area_held, area_above;
    double viewers, truth, estimate, area, area_truth;
};

static void check(int rc, const struct mq_error *err)
{
    if (rc == 0)
        return;
    fprintf(stderr, "campaigns: %s\n", err->text);
    exit(1);
}

static void import(struct mq_engine *e, const char *dir, const char *format, const char *name)
{
    char path[PATH];
    const char *paths[] = {path};
    struct mq_import what = {.format = format, .paths = paths, .n_paths = 1};
    struct mq_import_report report;
    struct mq_error err;
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    check(mq_import(e, &what, &report, &err), &err);
}

/* In the order that a plan for them expects; all of them, also whom it would leave out. */
static size_t plan(struct mq_reader *r, const char *title, struct campaign_segment *ret)
{
    struct campaign_segment asked[GROUPS];
    struct campaign_plan p;
    struct mq_error err;
    for (size_t i = 0; i < GROUPS; i++)
        asked[i] = (struct campaign_segment){.audience = str_of(groups[i])};
    struct campaign_request q = {.title = str_of(title),
                                 .holdout = HOLDOUT,
                                 .days = SIM_CAMPAIGN_DAYS,
                                 .floor = FLOOR,
                                 .segments = asked,
                                 .n = GROUPS};
    check(engine_campaign_plan(r, &q, "bench", &p, &err), &err);
    for (size_t i = 0; i < p.n; i++) {
        ret[i] = (struct campaign_segment){
            .uplift = isnan(p.segment[i].uplift) ? 0 : p.segment[i].uplift,
            .anyway = isnan(p.segment[i].anyway) ? 0 : p.segment[i].anyway};
        for (size_t k = 0; k < GROUPS; k++) {
            if (str_eq(p.segment[i].is.audience, str_of(groups[k])))
                ret[i].audience = str_of(groups[k]);
        }
    }
    return p.n;
}

/* Groups of which too few are left behind those before them are taken back, the last ones first. */
static size_t launch(struct mq_reader *r, const char *title, const char *name,
                     struct campaign_segment *segments, size_t n)
{
    struct mq_error err;
    int rc = MQ_DENIED;
    for (; n > 0 && rc == MQ_DENIED; n--) {
        struct campaign_request q = {.name = str_of(name),
                                     .title = str_of(title),
                                     .holdout = HOLDOUT,
                                     .days = SIM_CAMPAIGN_DAYS,
                                     .floor = FLOOR,
                                     .segments = segments,
                                     .n = n};
        rc = engine_campaign_launch(r, &q, "bench", &err);
        if (rc == 0)
            return n;
    }
    check(rc, &err);
    return 0;
}

/* The effect on those who were assigned, group by group and on all. */
static double truth_of(struct mq_engine *e, const char *name, const struct sim_outcomes *o,
                       uint32_t n_viewers, double ret[CAMPAIGN_SEGMENTS_MAX], double *ret_n)
{
    struct campaign_viewers v;
    struct mq_error err;
    double sum = 0, n = 0;
    check(campaign_viewers_get(e, str_of(name), &v, &err), &err);
    for (size_t s = 0; s < v.n; s++) {
        double gain = 0, of = 0;
        for (uint32_t i = 0; i < n_viewers; i++) {
            char id[16];
            struct viewer_id dense;
            snprintf(id, sizeof(id), "v-%u", i + 1);
            if (engine_find_viewer(e, str_of(id), &dense, &err) != 0 ||
                !roaring_bitmap_contains(v.of[s], dense.v))
                continue;
            gain += o->with[i] - o->without[i];
            of++;
        }
        ret[s] = of > 0 ? gain / of : 0;
        sum += gain;
        n += of;
    }
    campaign_viewers_release(&v);
    *ret_n = n;
    return n > 0 ? sum / n : 0;
}

static double true_area(const struct campaign_reading *r, const double *truth)
{
    struct qini_group g[CAMPAIGN_SEGMENTS_MAX];
    struct qini q;
    struct mq_error err;
    for (size_t i = 0; i < r->campaign.is.n; i++) {
        const struct campaign_comparison *x = &r->segment[i];
        double score = r->order.expected ? r->campaign.is.segments[i].uplift : -(double)i;
        g[i] = (struct qini_group){score, x->arm[0].viewers + x->arm[1].viewers, truth[i], 0};
    }
    check(qini_measure(g, r->campaign.is.n, &q, &err), &err);
    return q.area;
}

static void note(struct cell *c, const struct campaign_reading *r, double truth,
                 const double *of_group, double viewers)
{
    const struct effect *f = &r->all.watched;
    c->worlds++;
    c->viewers += viewers;
    c->effects += strcmp(r->verdict, "effect") == 0;
    c->harms += strcmp(r->verdict, "harm") == 0;
    c->one_look += f->p < 0.05;
    c->truth += truth;
    c->estimate += f->difference;
    c->held += f->low <= truth && truth <= f->high;
    if (!r->order.told)
        return;
    const struct qini *q = &r->order.qini;
    double area = true_area(r, of_group);
    c->told++;
    c->area += q->area;
    c->area_truth += area;
    c->area_held += q->low <= area && area <= q->high;
    c->area_above += q->low > 0;
}

static void one_world(const struct sim_settings *settings, const char *dir, struct cell *c)
{
    struct mq_options options = {.threads = 1, .cache_bytes = 8 << 20};
    struct campaign_segment segments[PLAN_MAX] = {{.audience = STR_NONE}};
    struct sim_report written;
    struct sim_outcomes o;
    struct campaign_reading reading;
    struct mq_engine *e;
    struct mq_reader *r;
    struct sim *sim;
    struct arena arena;
    struct mq_error err;
    char data[PATH], title[16];
    double of_group[CAMPAIGN_SEGMENTS_MAX], n;
    int64_t begins;
    snprintf(data, sizeof(data), "%s/data", dir);
    check(sim_write(settings, dir, NULL, NULL, &written, &err), &err);
    check(sim_new(settings, &sim, &err), &err);
    check(outcomes_find(sim_world_of(sim), &o, &err), &err);
    snprintf(title, sizeof(title), "t-%u", sim_campaign_title(sim, &begins) + 1);
    check(mq_engine_open(data, &options, &e, &err), &err);
    check(mq_reader_open(e, &r, &err), &err);
    import(e, dir, "titles", "titles.csv");
    import(e, dir, "credits", "credits.csv");
    import(e, dir, "events", "events.ndjson");
    size_t planned = plan(r, title, segments);
    launch(r, title, settings->campaign_name, segments, planned);
    import(e, dir, "events", "events-campaign.ndjson");
    check(arena_init(&arena, 1 << 16, 1 << 24), &err);
    check(engine_campaign_read(e, str_of(settings->campaign_name), 0, &arena, &reading, &err),
          &err);
    double truth = truth_of(e, settings->campaign_name, &o, settings->viewers, of_group, &n);
    note(c, &reading, truth, of_group, n);
    arena_release(&arena);
    mq_reader_close(r);
    mq_engine_close(e);
    outcomes_release(&o);
    sim_free(sim);
}

static size_t numbers(const char *text, double *ret)
{
    size_t n = 0;
    for (char *end; *text && n < LIST_MAX; text = *end == ',' ? end + 1 : end) {
        ret[n++] = strtod(text, &end);
        if (end == text)
            break;
    }
    return n;
}

static void print_cell(double viewers, double strength, const struct cell *c)
{
    double n = c->worlds, told = c->told;
    printf("| %.0f | %g | %.0f | %+.2f | %+.2f | %.2f | %.2f | %.2f |", viewers, strength,
           c->viewers / n, 100 * c->truth / n, 100 * c->estimate / n, c->held / n, c->effects / n,
           c->one_look / n);
    if (c->told > 0)
        printf(" %u | %+.3f | %+.3f | %.2f | %.2f |\n", c->told, 100 * c->area_truth / told,
               100 * c->area / told, c->area_held / told, c->area_above / told);
    else
        printf(" 0 | - | - | - | - |\n"); /* a group has an arm of fewer than thirty */
    fflush(stdout);
}

int main(int argc, char **argv)
{
    unsigned worlds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 10;
    unsigned long long seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    double viewers[LIST_MAX], strengths[LIST_MAX];
    size_t n_viewers = numbers(argc > 3 ? argv[3] : "1000,4000", viewers);
    size_t n_strengths = numbers(argc > 4 ? argv[4] : "0,0.5,1,2,4", strengths);
    printf(
        "%u worlds each, from seed %llu; in beginnings per 100 assigned viewers\n"
        "| viewers | strength | assigned | truth | read | truth held | called (all looks) | called "
        "(one look) | areas told | true area | area | held | above 0 |\n|%s\n",
        worlds, seed, "---|---|---|---|---|---|---|---|---|---|---|---|---|");
    for (size_t a = 0; a < n_viewers; a++) {
        for (size_t b = 0; b < n_strengths; b++) {
            struct cell c = {0};
            for (unsigned i = 0; i < worlds; i++) {
                struct sim_settings s = sim_defaults();
                s.viewers = (uint32_t)viewers[a];
                s.days = DAYS;
                s.heartbeat_s = HEARTBEAT_S;
                s.seed = seed + i;
                s.holdout = HOLDOUT;
                s.campaign = strengths[b] > 0 ? strengths[b] : NOTHING;
                const char *dir = test_dir();
                one_world(&s, dir, &c);
                test_dir_remove(dir);
            }
            print_cell(viewers[a], strengths[b], &c);
        }
    }
    return 0;
}
